//! Whose rights are tried.

use ringfence::domain::{Ground, KeyPatternTemplate, OptIn, Profiles, TenantName};
use ringfence_acl::{AccessString, Engine};

/// The tenant's name, and its user's.
pub(crate) const TENANT: &str = "acme";

/// A tenant by its rights.
pub(crate) struct Subject {
    pub(crate) name: String,
    pub(crate) string: AccessString,
    /// What its keys and channels begin with.
    pub(crate) prefix: String,
    /// Whether it is one of ours. If not, the user `default` is left open, as it mostly is there.
    pub(crate) is_profile: bool,
}

/// What is passed around, and what is added to it when clients then fail to connect.
const RECIPE: &str = "on ~acme-* +@read +@write -@dangerous";
const MENDED: &str = "on ~acme-* +@read +@write -@dangerous \
    +@connection +@transaction +@pubsub +@scripting";

/// Each profile as it is built for this engine, and the usual recipes.
pub(crate) fn subjects(engine: Engine) -> Vec<Subject> {
    let pattern = KeyPatternTemplate::Colon.pattern(&TenantName::parse(TENANT).unwrap());
    let ground = Ground::plain(engine);
    let profiles = Profiles::built_in().with_opt_in([OptIn::Scripting]);
    let profiles = profiles.iter().map(|profile| Subject {
        name: profile.name().to_string(),
        string: AccessString::parse(&profile.access_string(&pattern, &ground)).unwrap(),
        prefix: pattern.prefix().to_owned(),
        is_profile: true,
    });
    let recipes = [("the usual recipe", RECIPE), ("the usual recipe, mended", MENDED)];
    let recipes = recipes.map(|(name, text)| Subject {
        name: name.to_owned(),
        string: AccessString::parse(text).unwrap(),
        prefix: "acme-".to_owned(),
        is_profile: false,
    });
    profiles.chain(recipes).collect()
}
