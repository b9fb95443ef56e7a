//! What requests about access strings have in common: the string, and what it is meant for.

use std::str::FromStr;

use ringfence_acl::{EngineKind, EngineVersion};

use super::choose_engine;
use crate::{
    api::{
        Api,
        problem::{Code, Fault, Problem},
    },
    domain::{CacheName, Ground},
    reconcile::Cache,
};

/// The longest access string that is looked at, in bytes: several times what a user needs, and
/// little enough that no string keeps the service busy.
pub(super) const ACCESS_STRING_LENGTH_MAX: usize = 4096;

/// What a request says, as it was sent.
pub(super) struct Sent<'a> {
    pub(super) access_string: &'a str,
    pub(super) engine: Option<&'a str>,
    pub(super) engine_version: Option<&'a str>,
    pub(super) cache: Option<&'a str>,
}

/// What the string is looked at for.
pub(super) struct Target<'a> {
    pub(super) ground: Ground,
    /// The cache that was named.
    pub(super) cache: Option<&'a Cache>,
}

impl Sent<'_> {
    /// What the string is meant for; or everything that is wrong with the request at once.
    pub(super) fn target<'a>(&self, api: &'a Api) -> Result<Target<'a>, Problem> {
        let length = check_length(self.access_string);
        let kind = read::<EngineKind>(self.engine, "/engine");
        let version = read::<EngineVersion>(self.engine_version, "/engine_version");
        let cache = self.cache.map(|name| find(api, name)).transpose();
        match (length, kind, version, cache) {
            (Ok(()), Ok(kind), Ok(version), Ok(cache)) => {
                let seen = cache.and_then(|cache| cache.view().observed);
                let runs = seen.as_ref().map(|seen| seen.ground.engine);
                let engine = choose_engine(kind, version, runs);
                let is_cluster = seen.is_some_and(|seen| seen.ground.is_cluster);
                let ground = cache.map_or(Ground::plain(engine), |cache| {
                    Ground::of(&cache.config().target, engine, is_cluster)
                });
                Ok(Target { ground, cache })
            }
            (length, kind, version, cache) => {
                let faults = [length.err(), kind.err(), version.err(), cache.err()];
                Err(refused(faults.into_iter().flatten()))
            }
        }
    }
}

/// A problem for values in the body that cannot be used.
pub(super) fn refused(faults: impl IntoIterator<Item = Fault>) -> Problem {
    let detail = "the body has values that this operation cannot take";
    Problem::new(Code::InvalidBody, detail).with_faults(faults)
}

fn check_length(access_string: &str) -> Result<(), Fault> {
    if access_string.len() <= ACCESS_STRING_LENGTH_MAX {
        return Ok(());
    }
    let detail = format!("an access string may have at most {ACCESS_STRING_LENGTH_MAX} bytes");
    Err(Fault::in_body("/access_string", detail))
}

fn read<T: FromStr<Err: std::error::Error>>(
    text: Option<&str>,
    pointer: &'static str,
) -> Result<Option<T>, Fault> {
    let parsed = text.map(str::parse).transpose();
    parsed.map_err(|error: T::Err| Fault::in_body(pointer, error.to_string()))
}

fn find<'a>(api: &'a Api, name: &str) -> Result<&'a Cache, Fault> {
    let name = CacheName::parse(name).map_err(|e| Fault::in_body("/cache", e.to_string()))?;
    api.caches.get(&name).ok_or_else(|| {
        let detail = format!("no cache named {name} is configured; GET /caches lists them");
        Fault::in_body("/cache", detail)
    })
}
