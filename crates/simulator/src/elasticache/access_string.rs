//! Access strings, as ElastiCache takes and keeps them.

use ringfence_acl::{AccessString, Engine, Rule, RuleKind};

use super::refusal::Refusal;
use crate::knobs::PubsubDefault;

/// What is stored for what was sent: the same rights in ElastiCache's own order.
pub(crate) fn canonical(text: &str, engine: Engine) -> Result<String, Refusal> {
    let refused = |why: String| Refusal::value(format!("The access string is invalid: {why}"));
    if text.trim().is_empty() {
        return Err(Refusal::value("The parameter AccessString must not be empty."));
    }
    let parsed = AccessString::parse(text).map_err(|error| refused(error.to_string()))?;
    parsed.check(&engine).map_err(|errors| {
        refused(errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
    })?;
    Ok(parsed.canonical().to_string())
}

/// The rules of a stored access string, as arguments of `ACL SETUSER`. What it says nothing about
/// channels for is filled in by the engine's parameter.
pub(crate) fn rules(stored: &str, pubsub: PubsubDefault) -> Vec<String> {
    let Ok(parsed) = AccessString::parse(stored) else {
        // Only what parses is stored. Should it not, then nobody gets in.
        return vec!["off".to_owned()];
    };
    let of_channels =
        |rule: &Rule| matches!(rule.kind(), RuleKind::Channels(_) | RuleKind::ResetChannels);
    let filled_in = (!parsed.rules().iter().any(of_channels)).then(|| pubsub.rule().to_owned());
    filled_in.into_iter().chain(parsed.rules().iter().map(ToString::to_string)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_are_filled_in_only_where_nothing_is_said_of_them() {
        let rules = |stored| rules(stored, PubsubDefault::AllChannels);
        assert_eq!(rules("on ~my:channels"), ["allchannels", "on", "~my:channels"]);
        assert_eq!(rules("on ~a resetchannels"), ["on", "~a", "resetchannels"]);
        assert_eq!(rules("on ~a &a"), ["on", "~a", "&a"]);
    }

    #[test]
    fn what_does_not_parse_lets_nobody_in() {
        assert_eq!(rules("on >password", PubsubDefault::AllChannels), ["off"]);
    }
}
