//! Which engine a string is looked at for, when the caller leaves it open.

use ringfence_acl::{Engine, EngineKind, EngineVersion};

/// What the caller says wins, then what the cache runs, then the newest that ElastiCache has.
pub(crate) fn choose_engine(
    kind: Option<EngineKind>,
    version: Option<EngineVersion>,
    cache: Option<Engine>,
) -> Engine {
    let kind = kind.or(cache.map(|engine| engine.kind)).unwrap_or(EngineKind::Valkey);
    let of_cache = cache.filter(|engine| engine.kind == kind).map(|engine| engine.version);
    let version = version.or(of_cache).unwrap_or_else(|| newest(kind));
    Engine { kind, version }
}

/// The newest version that `ElastiCache` runs of a kind.
///
/// <https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/engine-versions.html>
fn newest(kind: EngineKind) -> EngineVersion {
    match kind {
        EngineKind::Redis => EngineVersion::new(7, 1),
        EngineKind::Valkey => EngineVersion::new(9, 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_wins_over_what_the_cache_runs() {
        let redis = Engine { kind: EngineKind::Redis, version: EngineVersion::new(7, 0) };
        let chosen = |kind, version, cache| choose_engine(kind, version, cache).to_string();
        assert_eq!(chosen(None, None, None), "valkey 9.1.0");
        assert_eq!(chosen(Some(EngineKind::Redis), None, None), "redis 7.1.0");
        assert_eq!(chosen(None, None, Some(redis)), "redis 7.0.0");
        assert_eq!(chosen(Some(EngineKind::Valkey), None, Some(redis)), "valkey 9.1.0");
        assert_eq!(chosen(None, Some(EngineVersion::new(6, 2)), Some(redis)), "redis 6.2.0");
    }
}
