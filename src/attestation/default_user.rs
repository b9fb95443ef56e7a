//! Who uses the user `default`, as an observer may see it.

use redis::{FromRedisValue as _, Value, cmd};
use tokio::time::timeout;

use super::{
    client_line::ClientLine,
    login::{Attestor, Subject},
    nodes::{fields, list, text},
    probes::Undecided,
    round::Round,
};
use crate::domain::{ClientRefusal, ClientSource, DefaultUserActivity, Endpoint, Sighting};

const DEFAULT_USER: &str = "default";

/// Why nobody can say who uses a user.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unobserved {
    /// The observer may not ask.
    #[error("the observer is refused CLIENT LIST or ACL LOG")]
    Refused,
    /// A node did not answer, or answered something else.
    #[error("{0}")]
    Unanswered(String),
}

impl Attestor {
    /// What all nodes show of the user `default`, and which nodes they are. `observer` logs in and has
    /// to be allowed `CLIENT LIST` and `ACL LOG`. If one node is silent nothing is told: whoever is
    /// only there would be taken for gone.
    pub async fn default_user_activity(
        &self,
        observer: &Subject<'_>,
    ) -> Result<(Vec<Endpoint>, DefaultUserActivity), Unobserved> {
        let limit = self.limits.whole;
        timeout(limit, self.on_all_nodes(observer)).await.unwrap_or_else(|_| {
            Err(Unobserved::Unanswered(format!("not all nodes answered within {limit:?}")))
        })
    }

    async fn on_all_nodes(
        &self,
        observer: &Subject<'_>,
    ) -> Result<(Vec<Endpoint>, DefaultUserActivity), Unobserved> {
        let nodes = Round::nodes(self, observer).await.map_err(Unobserved::Unanswered)?;
        let mut activity = DefaultUserActivity::default();
        for node in &nodes {
            let told = self.ask(node, observer).await.map_err(|error| {
                if error.code() == Some("NOPERM") {
                    return Unobserved::Refused;
                }
                let why = Undecided::from(error).why();
                Unobserved::Unanswered(format!("{}: {why}", node.authority()))
            });
            let (clients, log) = told?;
            let seen = clients.lines().filter_map(connection).chain(refusals(log));
            seen.for_each(|(source, sighting)| activity.add(source, sighting));
        }
        Ok((nodes, activity))
    }

    async fn ask(
        &self,
        node: &Endpoint,
        observer: &Subject<'_>,
    ) -> redis::RedisResult<(String, Value)> {
        let mut connection = self.log_in(node, observer).await?;
        let clients = cmd("CLIENT").arg("LIST").query_async(&mut connection).await?;
        Ok((clients, cmd("ACL").arg("LOG").query_async(&mut connection).await?))
    }
}

fn connection(line: &str) -> Option<(ClientSource, Sighting)> {
    let line = ClientLine(line);
    if line.user() != Some(DEFAULT_USER) {
        return None;
    }
    let last_command = line.last_command().map(str::to_owned);
    Some((line.source()?, Sighting::Connected { idle: line.idle()?, last_command }))
}

/// Reads the answer to `ACL LOG` (<https://valkey.io/commands/acl-log/>). `object` is left out: it
/// may be the name of a key.
fn refusals(log: Value) -> Vec<(ClientSource, Sighting)> {
    let entries = list(log).unwrap_or_default();
    entries.into_iter().filter_map(refusal).collect()
}

fn refusal(entry: Value) -> Option<(ClientSource, Sighting)> {
    let mut entry = fields(entry)?;
    if text(entry.remove("username")?)? != DEFAULT_USER {
        return None;
    }
    let info = text(entry.remove("client-info")?)?;
    let line = ClientLine(&info);
    let refusal = ClientRefusal {
        reason: text(entry.remove("reason")?)?,
        command: line.last_command().map(str::to_owned),
        count: u64::from_redis_value(entry.remove("count")?).ok()?,
        ago: std::time::Duration::try_from_secs_f64(
            f64::from_redis_value(entry.remove("age-seconds")?).ok()?,
        )
        .ok()?,
    };
    Some((line.source()?, Sighting::Refused(refusal)))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn bulk(text: &str) -> Value {
        Value::BulkString(text.as_bytes().to_vec())
    }

    /// An entry as RESP2 sends it, with a key that nobody else is to hear of.
    fn entry(username: &str) -> Value {
        let info = "id=4 addr=10.0.0.9:56882 name= age=0 idle=0 cmd=get user=default";
        let said = [
            ("count", Value::Int(2)),
            ("reason", bulk("key")),
            ("object", bulk("payroll:4711")),
            ("username", bulk(username)),
            ("age-seconds", bulk("0.5")),
            ("client-info", bulk(info)),
        ];
        Value::Array(said.into_iter().flat_map(|(name, value)| [bulk(name), value]).collect())
    }

    #[test]
    fn refusals_of_the_default_user_are_read_without_the_names_of_keys() {
        let log = Value::Array(vec![entry("acme"), entry("default")]);
        let [(source, Sighting::Refused(refusal))] = &refusals(log)[..] else { panic!() };
        assert_eq!(source.address, "10.0.0.9");
        assert_eq!((refusal.reason.as_str(), refusal.command.as_deref()), ("key", Some("get")));
        assert_eq!((refusal.count, refusal.ago), (2, Duration::from_millis(500)));
        assert!(!format!("{refusal:?}").contains("payroll"));
    }

    #[test]
    fn connections_of_others_are_not_told() {
        assert_eq!(connection("addr=10.0.0.9:1 idle=4 cmd=get user=acme"), None);
        let (source, seen) = connection("addr=10.0.0.9:1 idle=4 cmd=get user=default").unwrap();
        assert_eq!(source.address, "10.0.0.9");
        let last_command = Some("get".to_owned());
        assert_eq!(seen, Sighting::Connected { idle: Duration::from_secs(4), last_command });
    }
}
