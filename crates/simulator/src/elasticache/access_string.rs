//! Access strings, as ElastiCache takes and keeps them.

use ringfence_acl::{AccessString, Engine};

use super::refusal::Refusal;

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

/// The rules of a stored access string, as arguments of `ACL SETUSER`.
pub(crate) fn rules(stored: &str) -> Vec<String> {
    match AccessString::parse(stored) {
        Ok(parsed) => parsed.rules().iter().map(ToString::to_string).collect(),
        // Only what parses is stored. Should it not, then nobody gets in.
        Err(_) => vec!["off".to_owned()],
    }
}
