//! An access profile as callers see it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{Api, FindingView, LintReport, problem::Problem},
    domain::{
        CacheName, Grant, Ground, KeyPattern, KeyPatternTemplate, Profile, ProfileOrigin,
        TenantName, lint_context,
    },
};

/// A named template of access strings.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Profile)]
pub(crate) struct ProfileView {
    /// What tenants ask for it by.
    #[schema(example = "read-write")]
    name: String,
    /// What it is for; empty if the configuration does not say.
    #[schema(example = "Every type of data, transactions and Pub/Sub.")]
    description: String,
    origin: OriginView,
    /// What it gives on each cache of which is known what it runs.
    caches: Vec<ProfileOnCacheView>,
}

/// Whose a profile is.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ProfileOrigin)]
enum OriginView {
    /// It comes with Ringfence.
    BuiltIn,
    /// It stands in the configuration.
    Own,
}

/// What a profile gives on a cache.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProfileOnCache)]
struct ProfileOnCacheView {
    /// The cache.
    #[schema(example = "main")]
    cache: String,
    /// The engine that the string is made for: `valkey` or `redis`.
    #[schema(example = "valkey")]
    engine: String,
    /// The engine's version.
    #[schema(example = "9.1.0")]
    engine_version: String,
    /// The access string that a tenant named `acme` is given.
    #[schema(example = "on ~acme:* resetchannels &acme:* -@all +@string")]
    access_string: String,
    /// What the lint says of it, the worst first; errors only where the configuration allows them.
    findings: Vec<FindingView>,
    /// How far the definition has come to the users that have the profile; in `GET
    /// /profiles/{name}` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    users: Option<SpreadView>,
}

/// How far the definition of a profile has come to its users in a cache.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProfileSpread)]
struct SpreadView {
    /// How many users have the profile.
    #[schema(example = 40)]
    total: u64,
    /// How many of them have been given this access string.
    #[schema(example = 35)]
    current: u64,
    /// How many could not be given it and need a person; they hold up the others.
    #[schema(example = 0)]
    blocked: u64,
}

impl ProfileView {
    /// A profile for the API document.
    pub(super) fn example() -> Self {
        let engine = crate::api::choose_engine(None, None, None);
        let name = CacheName::parse("main").expect("this is a name");
        let keys = KeyPatternTemplate::Colon.pattern(&acme());
        let profile = Profile::default();
        let mut shown = Self::on_no_cache(&profile);
        let mut on_main = ProfileOnCacheView::of(&profile, &keys, (&name, Ground::plain(engine)));
        on_main.findings.truncate(1);
        shown.caches.push(on_main);
        shown
    }

    /// The profile as the caches are known now.
    pub(super) fn of(api: &Api, profile: &Profile) -> Self {
        let keys = api.placement.key_pattern.pattern(&acme());
        let caches = known_caches(api).map(|on| ProfileOnCacheView::of(profile, &keys, on));
        Self { caches: caches.collect(), ..Self::on_no_cache(profile) }
    }

    /// The same, with how far it has come to its users.
    pub(super) async fn with_spread(api: &Api, profile: &Profile) -> Result<Self, Problem> {
        let keys = api.placement.key_pattern.pattern(&acme());
        let grant = Grant::Profile(profile.name().clone());
        let mut shown = Self::on_no_cache(profile);
        for (cache, ground) in known_caches(api) {
            let current = grant.revision(&api.profiles, &ground).map_err(Problem::internal)?;
            let spread = api.store.spread(cache, profile.name(), current).await?;
            let users = SpreadView {
                total: spread.users,
                current: spread.current,
                blocked: spread.blocked,
            };
            let on_cache = ProfileOnCacheView::of(profile, &keys, (cache, ground));
            shown.caches.push(ProfileOnCacheView { users: Some(users), ..on_cache });
        }
        Ok(shown)
    }

    fn on_no_cache(profile: &Profile) -> Self {
        Self {
            name: profile.name().to_string(),
            description: profile.description().to_owned(),
            origin: profile.origin().into(),
            caches: Vec::new(),
        }
    }
}

impl ProfileOnCacheView {
    fn of(profile: &Profile, keys: &KeyPattern, (cache, ground): (&CacheName, Ground)) -> Self {
        let access_string = profile.access_string(keys, &ground);
        let findings = LintReport::of(&access_string, &lint_context(&ground)).findings;
        Self {
            cache: cache.to_string(),
            engine: ground.engine.kind.to_string(),
            engine_version: ground.engine.version.to_string(),
            access_string,
            findings,
            users: None,
        }
    }
}

impl From<ProfileOrigin> for OriginView {
    fn from(origin: ProfileOrigin) -> Self {
        match origin {
            ProfileOrigin::BuiltIn => Self::BuiltIn,
            ProfileOrigin::Own => Self::Own,
        }
    }
}

/// The caches of which is known what they run, each with that. A cache may become known at any time,
/// so whoever needs both takes them together.
fn known_caches(api: &Api) -> impl Iterator<Item = (&CacheName, Ground)> {
    api.caches.iter().filter_map(|cache| Some((&cache.config().name, cache.ground()?)))
}

/// The tenant that stands for all.
fn acme() -> TenantName {
    TenantName::parse("acme").expect("this is a name")
}
