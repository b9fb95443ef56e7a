//! Which profile an access string is.

use std::borrow::Cow;

use ringfence_acl::{AccessString, ChannelPattern, KeyPattern as KeyRule};

use super::{FoundUser, ImportRefusal, ImportRules};
use crate::domain::{AccessRevision, Grant, KeyPattern, TenantName};

/// What a user may do, in our words.
pub(super) struct Rights {
    pub(super) grant: Grant,
    pub(super) keys: KeyPattern,
    /// The revision of the grant that it has; nothing if it has other rights than the grant's.
    pub(super) access: Option<AccessRevision>,
}

/// Finds the grant that gives a user what it has, or takes the one that it is to have instead.
pub(super) fn recognise(
    user: &FoundUser,
    tenant: &TenantName,
    rules: &ImportRules<'_>,
) -> Result<Rights, ImportRefusal> {
    let id = || user.user_id.clone();
    let found = AccessString::parse(&user.access_string)
        .map_err(|error| ImportRefusal::Unreadable { id: id(), why: error.to_string() })?;
    if is(&found, &Grant::Everything, &KeyPattern::everything(), rules) {
        let (grant, keys) = (Grant::Everything, KeyPattern::everything());
        let access = grant.revision(rules.profiles, &rules.ground).ok();
        return Ok(Rights { grant, keys, access });
    }
    let keys = keys(&found, tenant, rules)
        .map_err(|keys| ImportRefusal::NotOnePrefix { id: id(), keys })?;
    let grants = rules.profiles.iter().map(|profile| Grant::Profile(profile.name().clone()));
    if let Some(grant) = grants.into_iter().find(|grant| is(&found, grant, &keys, rules)) {
        let access = grant.revision(rules.profiles, &rules.ground).ok();
        return Ok(Rights { grant, keys, access });
    }
    match &rules.instead {
        Some(profile) => Ok(Rights { grant: Grant::Profile(profile.clone()), keys, access: None }),
        None => Err(ImportRefusal::NoProfile { id: id() }),
    }
}

fn is(found: &AccessString, grant: &Grant, keys: &KeyPattern, rules: &ImportRules<'_>) -> bool {
    let wanted = grant.access_string(rules.profiles, keys, &rules.ground).ok();
    let wanted = wanted.and_then(|text| AccessString::parse(&text).ok());
    wanted.is_some_and(|wanted| wanted.is_equivalent(found))
}

/// The one prefix that all keys and channels are under. Rights without either say nothing of it: then
/// it is what a new tenant would get. Otherwise what there is, as text.
fn keys(
    found: &AccessString,
    tenant: &TenantName,
    rules: &ImportRules<'_>,
) -> Result<KeyPattern, String> {
    let keys = found.key_patterns().map(KeyRule::glob);
    let channels = found.channel_patterns().map(ChannelPattern::glob);
    let globs = keys.chain(channels).map(|glob| String::from_utf8_lossy(glob.as_bytes()));
    let mut patterns: Vec<String> = globs.map(Cow::into_owned).collect();
    patterns.sort_unstable();
    patterns.dedup();
    match patterns.as_slice() {
        [] => Ok(rules.key_pattern.pattern(tenant)),
        [one] => match KeyPattern::from_stored(one) {
            Some(pattern) if !pattern.prefix().is_empty() => Ok(pattern),
            _ => Err(format!("{one:?}")),
        },
        several => Err(format!("{several:?}")),
    }
}
