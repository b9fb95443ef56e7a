//! What a script does with keys that its call does not name.

use redis::{Value, aio::MultiplexedConnection, cmd};
use ringfence_acl::explain;

use super::{plan::Fence, probes::Undecided};
use crate::domain::Probe;

/// Answers with the engine's refusal, or with nothing if the key could be read.
const SCRIPT: &str = "local r = redis.pcall('GET', ARGV[1]) return r and r.err or ''";

/// Tries from inside a script to read somebody else's key, if the user may run scripts at all.
///
/// The keys that `EVAL` is called with are checked like any; those that only the script knows are
/// checked when it comes to them, which no transaction that is thrown away would show. It is done
/// for real, because it changes nothing.
pub(super) async fn keep_to_own_keys(
    connection: &mut MultiplexedConnection,
    fence: &Fence<'_>,
) -> Result<Option<Probe>, Undecided> {
    let key = fence.keys.canary();
    let call: [&[u8]; 4] = [b"EVAL", SCRIPT.as_bytes(), b"0", key.as_bytes()];
    if !explain(fence.string, &fence.engine, &call).is_ok_and(|decision| decision.is_allowed()) {
        return Ok(None);
    }
    let reply = connection.send_packed_command(cmd("EVAL").arg(SCRIPT).arg(0).arg(key)).await?;
    let could = could(&reply)
        .ok_or_else(|| Undecided::Answer("EVAL is answered with something else".to_owned()))?;
    let command = "EVAL, with GET {foreign} in the script".to_owned();
    Ok(Some(Probe::new(command, false, could)))
}

/// Whether the script could read the key; `None` if the answer does not say.
fn could(reply: &Value) -> Option<bool> {
    let Value::BulkString(text) = reply else { return None };
    let text = String::from_utf8_lossy(text);
    let has = |words: &str| text.contains(words);
    // Redis up to 7.0, and what came later.
    if has("The user executing the script can't access") || has("ACL failure in script") {
        return Some(false);
    }
    // Rights are looked at before slots: it would have been allowed on another node.
    (text.is_empty() || has("non local key")).then_some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_answer_about_permissions_decides_anything() {
        let decided = |text: &str| could(&Value::BulkString(text.into()));
        assert_eq!(decided(""), Some(true));
        assert_eq!(decided("ERR ACL failure in script: No permissions"), Some(false));
        assert_eq!(decided("ERR The user executing the script can't access a key"), Some(false));
        assert_eq!(decided("ERR Script attempted to access a non local key"), Some(true));
        assert_eq!(decided("LOADING"), None);
        assert_eq!(could(&Value::Nil), None);
    }
}
