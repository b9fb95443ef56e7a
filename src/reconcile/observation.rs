//! One look at AWS, for all tenants of a cache.

use std::collections::{BTreeMap, BTreeSet};

use ringfence_acl::{Engine, EngineKind, EngineVersion};

use super::{CacheView, ObservedCache};
use crate::{
    clock::Clock,
    cloud::{CacheReport, Cloud, CloudError, GroupReport, UserReport},
    config::CacheConfig,
    domain::{Endpoint, UserId, UserSeen},
};

/// What a cache is, apart from its users: rarely changes.
#[derive(Clone, Debug)]
pub(super) struct CacheFacts {
    pub(super) endpoint: Endpoint,
    pub(super) engine: Engine,
}

/// What AWS showed.
#[derive(Clone, Debug)]
pub(super) struct Observation {
    pub(super) facts: CacheFacts,
    pub(super) group: GroupReport,
    pub(super) users: BTreeMap<UserId, UserReport>,
}

impl Observation {
    pub(super) fn user(&self, id: &UserId) -> UserSeen {
        self.users.get(id).map_or(UserSeen::Missing, |user| UserSeen::Present(user.state))
    }

    pub(super) fn view(&self, clock: &dyn Clock, ours: &BTreeSet<UserId>) -> CacheView {
        let foreign = self.group.view.members.iter().filter(|id| !ours.contains(*id));
        CacheView {
            observed: Some(ObservedCache {
                at: clock.now(),
                group_status: self.group.status.clone(),
                member_count: self.group.view.members.len(),
                foreign_user_names: foreign
                    .filter_map(|id| self.users.get(id).map(|user| user.name.clone()))
                    .collect(),
                endpoint: self.facts.endpoint.clone(),
                engine: self.facts.engine,
            }),
            failure: None,
        }
    }
}

/// Reads the group and the users. The group comes first: a user that joins in between is then
/// seen as not yet a member, never as a member without a user.
pub(super) async fn observe(
    cloud: &Cloud,
    config: &CacheConfig,
    known: Option<&CacheFacts>,
) -> Result<Observation, CloudError> {
    let facts = match known {
        Some(facts) => facts.clone(),
        None => facts(cloud, config).await?,
    };
    let group = cloud.user_group(&config.user_group).await?;
    let users = cloud.users().await?.into_iter().map(|user| (user.id.clone(), user)).collect();
    Ok(Observation { facts, group, users })
}

/// What the configuration says, and what AWS says where it is silent.
async fn facts(cloud: &Cloud, config: &CacheConfig) -> Result<CacheFacts, CloudError> {
    let configured = (&config.host, config.port, config.tls, config.engine);
    if let (Some(host), Some(port), Some(tls), Some(kind)) = configured {
        let endpoint = Endpoint { host: host.clone(), port, tls };
        let version = config.engine_version.unwrap_or_else(|| oldest(kind));
        return Ok(CacheFacts { endpoint, engine: Engine { kind, version } });
    }
    let report = cloud.cache(&config.target).await?;
    Ok(merge(config, &report))
}

fn merge(config: &CacheConfig, report: &CacheReport) -> CacheFacts {
    let reported = report.engine.as_deref().and_then(|engine| engine.parse().ok());
    let kind = config.engine.or(reported).unwrap_or(EngineKind::Redis);
    let reported = report.engine_version.as_deref().and_then(|version| version.parse().ok());
    CacheFacts {
        endpoint: Endpoint {
            host: config.host.clone().unwrap_or_else(|| report.endpoint.host.clone()),
            port: config.port.unwrap_or(report.endpoint.port),
            tls: config.tls.unwrap_or(report.endpoint.tls),
        },
        engine: Engine {
            kind,
            version: config.engine_version.or(reported).unwrap_or_else(|| oldest(kind)),
        },
    }
}

/// Where neither the configuration nor AWS tells the version, the oldest that knows access
/// strings with channels. An access string for it is accepted by every later one, and grants less.
fn oldest(kind: EngineKind) -> EngineVersion {
    match kind {
        EngineKind::Redis => EngineVersion { major: 6, minor: 2, patch: 0 },
        EngineKind::Valkey => EngineVersion { major: 7, minor: 2, patch: 0 },
    }
}
