//! What a request for a tenant says.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{auth_text::AuthText, engine_text::EngineText, user_body::UserBody};
use crate::{
    api::{
        extract::{given, given_whole, json_pointer},
        problem::{Code, Fault, Problem},
    },
    domain::{
        CacheName, Labels, LabelsError, NameError, Profile, Profiles, RotationInterval, Tenant,
        TenantName, TenantSpec, UserSpec,
    },
};

/// What is asked for.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct CreateTenant {
    /// Lower-case words of letters and digits joined by single hyphens, the first starting with a
    /// letter. It becomes the tenant's user name and a part of its key prefix.
    #[schema(
        example = "acme",
        pattern = "^(?!default$|break-glass(-|$))[a-z][a-z0-9]*(-[a-z0-9]+)*$",
        max_length = 40
    )]
    pub(in crate::api) name: String,
    /// What the tenant may do with its keys and channels: one of those that `GET /profiles` lists.
    #[serde(default, deserialize_with = "given")]
    #[schema(default = "read-write", nullable = false)]
    pub(in crate::api) profile: Option<String>,
    /// The cache to put the tenant into. Default: one that takes it and has room for all its users,
    /// chosen as the setting `placement.strategy` says.
    #[serde(default, deserialize_with = "given")]
    #[schema(example = "main", nullable = false)]
    pub(in crate::api) cache: Option<String>,
    /// The engine that the cache is to run. Default: any.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(in crate::api) engine: Option<EngineText>,
    /// How the main user proves who it is. Further users have passwords.
    #[serde(default)]
    #[schema(default = "password")]
    pub(in crate::api) auth: AuthText,
    /// Further users, each with a login, rights and keys of its own: at most 16. The main user, which
    /// logs in with the tenant's name, is always there.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, max_items = 16, example = json!([{"name": "sessions", "profile": "cache"}]))]
    pub(in crate::api) users: Option<Vec<UserBody>>,
    /// The caller's own words, to find the tenant by: at most 32 pairs.
    #[serde(default)]
    #[schema(example = json!({"team": "checkout"}))]
    pub(in crate::api) labels: BTreeMap<String, String>,
    /// How old the passwords of its users become before they are replaced by themselves, in seconds:
    /// an hour to ten years. Default: what the settings `rotation.profiles` and `rotation.every` say.
    #[serde(default, deserialize_with = "given_whole")]
    #[schema(nullable = false, minimum = 3600, maximum = 315_360_000, example = 2_592_000)]
    pub(in crate::api) rotate_every_seconds: Option<u32>,
    /// Whether the tenant may find keys that a deleted tenant of this name left behind.
    #[serde(default)]
    #[schema(default = false)]
    pub(in crate::api) inherit_keys: bool,
    /// `true`: nothing is written; the answer says what would have been done, with the calls to AWS.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[schema(default = false)]
    pub(in crate::api) dry_run: bool,
}

impl CreateTenant {
    /// What is asked for, in the domain's words; or everything that is wrong with it at once.
    pub(super) fn spec(&self, profiles: &Profiles) -> Result<TenantSpec, Problem> {
        let name = tenant_name(&self.name).map_err(at("/name"));
        let cache = self.cache.as_deref().map(CacheName::parse).transpose().map_err(at("/cache"));
        let profile = self.profile.as_deref().map(|text| profiles.find(text).map(Profile::name));
        let profile = profile.transpose().map_err(at("/profile"));
        let labels = Labels::try_from(self.labels.clone())
            .map_err(|error| Fault::in_body(place(&error), error.to_string()));
        let rotate_every = self.rotate_every_seconds.map(RotationInterval::from_seconds);
        let rotate_every = rotate_every.transpose().map_err(at("/rotate_every_seconds"));
        let users = self.users.as_deref().map(|bodies| users(bodies, profiles)).transpose();
        match (name, cache, profile, labels, rotate_every, users) {
            (Ok(name), Ok(cache), Ok(profile), Ok(labels), Ok(rotate_every), Ok(users)) => {
                let profile = profile.cloned().unwrap_or_default();
                let (auth, engine) = (self.auth.into(), self.engine.map(Into::into));
                Ok(TenantSpec { name, cache, engine, profile, auth, labels, rotate_every, users })
            }
            (name, cache, profile, labels, rotate_every, users) => {
                let faults =
                    [name.err(), cache.err(), profile.err(), labels.err(), rotate_every.err()];
                let faults = faults.into_iter().flatten().chain(users.err().unwrap_or_default());
                let detail = "the body has values that this operation cannot take";
                Err(Problem::new(Code::InvalidBody, detail).with_faults(faults))
            }
        }
    }
}

/// The first words of the names that sessions have.
const SESSIONS: &str = "break-glass";

fn tenant_name(text: &str) -> Result<TenantName, NameError> {
    let name = TenantName::parse(text)?;
    let is_session =
        text.strip_prefix(SESSIONS).is_some_and(|r| r.is_empty() || r.starts_with('-'));
    if is_session { Err(NameError::Reserved { name: text.to_owned() }) } else { Ok(name) }
}

/// The further users, or all that is wrong with them.
fn users(bodies: &[UserBody], profiles: &Profiles) -> Result<Vec<UserSpec>, Vec<Fault>> {
    if bodies.len() > Tenant::FURTHER_USERS_MAX {
        let why = format!("has {} users, the limit is {}", bodies.len(), Tenant::FURTHER_USERS_MAX);
        return Err(vec![Fault::in_body("/users", why)]);
    }
    let mut specs: Vec<UserSpec> = Vec::new();
    let mut faults = Vec::new();
    for (index, body) in bodies.iter().enumerate() {
        match body.spec(profiles, &format!("/users/{index}")) {
            Ok(spec) if specs.iter().any(|other| other.name == spec.name) => {
                let place = format!("/users/{index}/name");
                faults.push(Fault::in_body(place, "is the name of another user in this list"));
            }
            Ok(spec) => specs.push(spec),
            Err(found) => faults.extend(found),
        }
    }
    if faults.is_empty() { Ok(specs) } else { Err(faults) }
}

/// Says where in the body an error is.
fn at<E: std::error::Error>(pointer: &'static str) -> impl FnOnce(E) -> Fault {
    move |error| Fault::in_body(pointer, error.to_string())
}

/// Where in the body the labels are at fault.
fn place(error: &LabelsError) -> String {
    match error {
        LabelsError::TooMany { .. } => "/labels".to_owned(),
        LabelsError::BadKey { key } | LabelsError::BadValue { key } => json_pointer("/labels", key),
    }
}
