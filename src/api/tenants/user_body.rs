//! What a request for a user of a tenant says.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    api::{extract::given, problem::Fault},
    domain::{Auth, KeyScope, LocalUserName, ProfileName, Profiles, UserSpec},
};

/// A user of a tenant, in the request that asks for the tenant.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewUser)]
pub(in crate::api) struct UserBody {
    /// Its name within the tenant. It logs in as `{tenant}--{name}`. `main` is the user that every
    /// tenant has.
    #[schema(
        example = "sessions",
        pattern = "^(?!main$)[a-z][a-z0-9]*(-[a-z0-9]+)*$",
        max_length = 24
    )]
    name: String,
    /// What it may do with its keys and channels.
    #[serde(default, deserialize_with = "given")]
    #[schema(default = "read-write", nullable = false, example = "cache")]
    profile: Option<String>,
    /// Which of the tenant's keys and channels: a pattern behind the tenant's prefix that ends with
    /// `:*`, or `*` for all of them. Default: those under its own name.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, example = "sessions:*")]
    keys: Option<String>,
}

impl UserBody {
    /// What is asked for, in the domain's words; or everything that is wrong with it. `place` is a
    /// JSON pointer to this user.
    pub(super) fn spec(&self, profiles: &Profiles, place: &str) -> Result<UserSpec, Vec<Fault>> {
        let refused = |why: String| vec![Fault::in_body(format!("{place}/name"), why)];
        let name = LocalUserName::parse(&self.name).map_err(|error| refused(error.to_string()))?;
        if name.is_main() {
            let why = "is the user that every tenant has: choose another name";
            return Err(refused(why.to_owned()));
        }
        let rights = RightsText { profile: self.profile.as_deref(), keys: self.keys.as_deref() };
        user_spec(profiles, name, &rights, place)
    }
}

/// What a request says of a user's rights.
#[derive(Clone, Copy, Debug)]
pub(in crate::api) struct RightsText<'a> {
    /// The name of a profile.
    pub(in crate::api) profile: Option<&'a str>,
    /// A pattern behind the tenant's prefix.
    pub(in crate::api) keys: Option<&'a str>,
}

/// What a user of this name is asked for to be; or everything that is wrong with it.
pub(in crate::api) fn user_spec(
    profiles: &Profiles,
    name: LocalUserName,
    rights: &RightsText<'_>,
    place: &str,
) -> Result<UserSpec, Vec<Fault>> {
    let at = |member: &str, why: String| Fault::in_body(format!("{place}/{member}"), why);
    let profile = rights.profile.map_or(Ok(ProfileName::default()), |text| {
        let found = profiles.find(text).map(|profile| profile.name().clone());
        found.map_err(|error| at("profile", error.to_string()))
    });
    let keys = rights.keys.map_or_else(
        || Ok(KeyScope::default_of(&name)),
        |text| KeyScope::parse(text).map_err(|error| at("keys", error.to_string())),
    );
    match (profile, keys) {
        (Ok(profile), Ok(keys)) => Ok(UserSpec { name, profile, keys, auth: Auth::Password }),
        (profile, keys) => Err([profile.err(), keys.err()].into_iter().flatten().collect()),
    }
}
