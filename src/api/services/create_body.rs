//! What a request for a service says.

use std::collections::BTreeMap;

use serde::Deserialize;
use utoipa::ToSchema;

use crate::api::{
    extract::{given, given_whole},
    tenants::{AuthText, CreateTenant, EngineText},
};

/// What is asked for: as with a tenant, but for further users.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateService {
    /// Lower-case words of letters and digits joined by single hyphens, the first starting with a
    /// letter. It becomes the service's user name and a part of its key prefix.
    #[schema(
        example = "billing",
        pattern = "^(?!default$|break-glass(-|$))[a-z][a-z0-9]*(-[a-z0-9]+)*$",
        max_length = 40
    )]
    name: String,
    /// What the service may do with its keys and channels: one of those that `GET /profiles` lists.
    #[serde(default, deserialize_with = "given")]
    #[schema(default = "read-write", nullable = false)]
    profile: Option<String>,
    /// The cache to put the service into. Default: one that takes it and has room for it, chosen as the
    /// setting `placement.strategy` says.
    #[serde(default, deserialize_with = "given")]
    #[schema(example = "main", nullable = false)]
    cache: Option<String>,
    /// The engine that the cache is to run. Default: any.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    engine: Option<EngineText>,
    /// How its user proves who it is.
    #[serde(default)]
    #[schema(default = "password")]
    auth: AuthText,
    /// The caller's own words, to find the service by: at most 32 pairs.
    #[serde(default)]
    #[schema(example = json!({"team": "checkout"}))]
    labels: BTreeMap<String, String>,
    /// How old its password becomes before it is replaced by itself, in seconds: an hour to ten years.
    /// Default: what the settings `rotation.profiles` and `rotation.every` say.
    #[serde(default, deserialize_with = "given_whole")]
    #[schema(nullable = false, minimum = 3600, maximum = 315_360_000, example = 2_592_000)]
    rotate_every_seconds: Option<u32>,
    /// Whether the service may find keys that a deleted one of this name left behind.
    #[serde(default)]
    #[schema(default = false)]
    inherit_keys: bool,
    /// `true`: nothing is written; the answer says what would have been done, with the calls to AWS.
    #[serde(default)]
    #[schema(default = false)]
    dry_run: bool,
}

impl From<CreateService> for CreateTenant {
    fn from(service: CreateService) -> Self {
        Self {
            name: service.name,
            profile: service.profile,
            cache: service.cache,
            engine: service.engine,
            auth: service.auth,
            users: None,
            labels: service.labels,
            rotate_every_seconds: service.rotate_every_seconds,
            inherit_keys: service.inherit_keys,
            dry_run: service.dry_run,
        }
    }
}
