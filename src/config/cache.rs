//! One configured cache.

use std::{collections::BTreeSet, num::NonZeroU32, str::FromStr};

use ringfence_acl::{EngineKind, EngineVersion};
use serde::Deserialize;

use super::{
    cache_access::CacheAccess, label_map::label_map, policy_map::policy_map, rules,
    word_list::word_list,
};
use crate::domain::{
    Admission, CacheName, CacheTarget, ConsumerName, DriftPolicies, Labels, ProfileName,
    RetireWhen, RetirementGate, TenantName,
};

/// A replication group or serverless cache with the user group that is attached to it.
///
/// What is `None` is read from AWS.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "CacheSettings")]
pub struct CacheConfig {
    /// The name that callers use.
    pub name: CacheName,
    /// The user group that tenants' users are put into, in lower case.
    pub user_group: String,
    /// What the user group is attached to.
    pub target: CacheTarget,
    /// Where clients and attestations connect.
    pub host: Option<String>,
    /// The port that goes with the host.
    pub port: Option<u16>,
    /// Whether clients connect by TLS.
    pub tls: Option<bool>,
    /// Valkey or Redis.
    pub engine: Option<EngineKind>,
    /// Which commands an access string may name.
    pub engine_version: Option<EngineVersion>,
    /// Whether clients have to speak the cluster protocol.
    pub cluster_mode: Option<bool>,
    /// What a failed attestation does to a tenant.
    pub verify: Verify,
    /// How many users the group holds at most.
    pub user_quota: NonZeroU32,
    /// What has to be so beside the time before a rotation retires an old password.
    pub retirement: RetirementGate,
    /// Which tenants it takes.
    pub admission: Admission,
    /// The service that may see who is connected.
    pub connection_observer: Option<TenantName>,
    /// What is done about drift here, where it is not what is done elsewhere.
    pub drift_policy: DriftPolicies,
    /// How AWS is reached for it.
    pub access: CacheAccess,
}

/// What a failed attestation does to a tenant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Verify {
    /// The tenant does not become active.
    #[default]
    Require,
    /// The tenant becomes active, and the failure is recorded and logged.
    Warn,
    /// No login is tried.
    Off,
}

impl FromStr for Verify {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "require" => Ok(Self::Require),
            "warn" => Ok(Self::Warn),
            "off" => Ok(Self::Off),
            _ => Err(format!("{text:?} is no way to verify: use require, warn or off")),
        }
    }
}

/// Where tenants are put: one section for each cache, at least one, each with a name and a user
/// group of its own. A tenant that names no cache is put into one that takes it and has room,
/// as `[placement]` says.
#[derive(Deserialize)]
#[serde(expecting = "a cache with name, user_group and replication_group or serverless_cache")]
struct CacheSettings {
    /// The name that callers use: lower-case words of letters and digits joined by single hyphens,
    /// at most 40 characters.
    ///
    /// Default: none, it must be given. Variable: `RINGFENCE_CACHES__0__NAME`.
    #[serde(deserialize_with = "rules::cache_name")]
    name: CacheName,

    /// The id of the ElastiCache user group that is attached to the cache. Tenants' users are put
    /// into it; users of others in it are left alone.
    ///
    /// Default: none, it must be given. Variable: `RINGFENCE_CACHES__0__USER_GROUP`.
    #[serde(deserialize_with = "rules::user_group")]
    user_group: String,

    /// The id of the replication group, if the cache is a node-based cluster. Exactly one of this
    /// and `serverless_cache` is given.
    ///
    /// Default: none. Variable: `RINGFENCE_CACHES__0__REPLICATION_GROUP`.
    #[serde(default, deserialize_with = "rules::cache_identifier")]
    replication_group: Option<String>,

    /// The name of the serverless cache, if the cache is one.
    ///
    /// Default: none. Variable: `RINGFENCE_CACHES__0__SERVERLESS_CACHE`.
    #[serde(default, deserialize_with = "rules::cache_identifier")]
    serverless_cache: Option<String>,

    /// The host name or address that clients connect to; without it, the endpoint that AWS reports.
    /// One that differs from AWS's is taken for a tunnel or a proxy: without cluster mode, attestations
    /// then try this one address and not each node.
    ///
    /// Default: none. Variable: `RINGFENCE_CACHES__0__HOST`.
    #[serde(default, deserialize_with = "rules::host")]
    host: Option<String>,

    /// The port that clients connect to; without it, the one that AWS reports.
    ///
    /// Default: none. Variable: `RINGFENCE_CACHES__0__PORT`.
    port: Option<u16>,

    /// Whether clients connect by TLS; without it, what AWS reports. Attestations trust the system's
    /// certificate authorities; the variable `SSL_CERT_FILE` names others.
    ///
    /// Default: none. Variable: `RINGFENCE_CACHES__0__TLS`.
    tls: Option<bool>,

    /// `valkey` or `redis`; without it, what AWS reports.
    ///
    /// Default: none. Variable: `RINGFENCE_CACHES__0__ENGINE`.
    #[serde(default, deserialize_with = "rules::from_text_if_given")]
    engine: Option<EngineKind>,

    /// The engine's version, such as `9.1`. An access string names only commands that this version
    /// knows. AWS reports it of serverless caches only; without it and without a report, access
    /// strings keep to what Valkey 7.2 or Redis 6.2 knows.
    ///
    /// Default: none. Variable: `RINGFENCE_CACHES__0__ENGINE_VERSION`.
    #[serde(default, deserialize_with = "rules::from_text_if_given")]
    engine_version: Option<EngineVersion>,

    /// Whether clients have to speak the cluster protocol, and so may ask for the cluster's slots;
    /// without it, what AWS reports. Attestations learn of a cluster's nodes as clients do, and must
    /// reach each of them.
    ///
    /// Default: none. Variable: `RINGFENCE_CACHES__0__CLUSTER_MODE`.
    cluster_mode: Option<bool>,

    /// What a failed attestation does to a tenant: `require` keeps it from becoming active, `warn`
    /// records the failure and goes on, `off` tries no login.
    ///
    /// Default: `require`. Variable: `RINGFENCE_CACHES__0__VERIFY`.
    #[serde(default, deserialize_with = "rules::from_text")]
    verify: Verify,

    /// How many users AWS lets the user group hold; raise it with the quota of the AWS account.
    ///
    /// Default: `100`. Variable: `RINGFENCE_CACHES__0__USER_QUOTA`.
    #[serde(default = "default_user_quota")]
    user_quota: NonZeroU32,

    /// What has to be so, beside the end of the grace, before a rotation retires an old password,
    /// unless the request says otherwise: `time`: nothing. `acks`: each of `expected_consumers` has
    /// acknowledged the new one. `manual`: somebody has asked for it.
    ///
    /// Default: `time`. Variable: `RINGFENCE_CACHES__0__RETIRE_WHEN`.
    #[serde(default, deserialize_with = "rules::from_text")]
    retire_when: RetireWhen,

    /// Who has to acknowledge a new password, with `retire_when = "acks"`; at most 32 names of 1 to
    /// 63 characters. As a variable, with commas between them.
    ///
    /// Default: none. Variable: `RINGFENCE_CACHES__0__EXPECTED_CONSUMERS`.
    #[serde(default, deserialize_with = "word_list")]
    expected_consumers: Vec<ConsumerName>,

    /// Whether the cache takes no new tenants, not even those that name it. What lives in it stays
    /// and can be changed, and break-glass sessions can be opened.
    ///
    /// Default: `false`. Variable: `RINGFENCE_CACHES__0__DRAINING`.
    #[serde(default)]
    draining: bool,

    /// The cache takes only tenants whose users all have one of these profiles when they are placed;
    /// none: any. As a variable, with commas between them.
    ///
    /// Default: none. Variable: `RINGFENCE_CACHES__0__PROFILES`.
    #[serde(default, deserialize_with = "word_list")]
    profiles: BTreeSet<ProfileName>,

    /// The cache takes only tenants that carry all of these labels, with these values, when they are
    /// placed. Tenants with more labels are taken too, and tenants that carry these can also be put
    /// into a cache without labels. As a variable, `key=value` with commas between them.
    ///
    /// Default: none. Variable: `RINGFENCE_CACHES__0__LABELS`.
    #[serde(default, deserialize_with = "label_map")]
    labels: Labels,

    /// A service of this cache that may call `CLIENT LIST`. With it a rotation shows how many
    /// connections were opened before the new password was `AWSCURRENT`, and `GET
    /// /caches/{name}/default-user-activity` who uses the `default` user, for which the service also has
    /// to be allowed `ACL LOG`. The service needs a profile of one's own with `+client|list` (and
    /// `+acl|log`) that accepts the finding `shows-or-harms-clients` (and `administers-server`).
    ///
    /// Default: none. Variable: `RINGFENCE_CACHES__0__CONNECTION_OBSERVER`.
    #[serde(default, deserialize_with = "rules::tenant_name_if_given")]
    connection_observer: Option<TenantName>,

    /// What is done about each kind of drift in this cache; for other kinds what `[drift]` says. As a
    /// variable, `kind=policy` with commas between them.
    ///
    /// Default: none. Variable: `RINGFENCE_CACHES__0__DRIFT_POLICY`.
    #[serde(default, deserialize_with = "policy_map")]
    drift_policy: DriftPolicies,

    /// The region of the cache, its user group and its tenants' secrets; without it, that of `[aws]`.
    /// Caches that are reached in the same way are looked at together.
    ///
    /// Default: none. Variable: `RINGFENCE_CACHES__0__REGION`.
    #[serde(default, deserialize_with = "rules::region")]
    region: Option<String>,

    /// The ARN of a role that Ringfence assumes for the calls of this cache, for one in another
    /// account. It needs the permissions that Ringfence needs in its own; Ringfence's own credentials
    /// need `sts:AssumeRole` for it.
    ///
    /// Default: none. Variable: `RINGFENCE_CACHES__0__ASSUME_ROLE`.
    #[serde(default, deserialize_with = "rules::role_arn")]
    assume_role: Option<String>,

    /// What the role's trust policy wants to hear as `sts:ExternalId`. It is no secret.
    ///
    /// Default: none. Variable: `RINGFENCE_CACHES__0__EXTERNAL_ID`.
    #[serde(default, deserialize_with = "rules::external_id")]
    external_id: Option<String>,

    /// The URL that ElastiCache calls for this cache go to; without it, as in `[aws]`.
    ///
    /// Default: none. Variable: `RINGFENCE_CACHES__0__ELASTICACHE_ENDPOINT`.
    #[serde(default, deserialize_with = "rules::endpoint")]
    elasticache_endpoint: Option<String>,

    /// The URL that Secrets Manager calls for this cache go to; without it, as in `[aws]`.
    ///
    /// Default: none. Variable: `RINGFENCE_CACHES__0__SECRETS_MANAGER_ENDPOINT`.
    #[serde(default, deserialize_with = "rules::endpoint")]
    secrets_manager_endpoint: Option<String>,
}

/// The quota of a new AWS account
/// (<https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/quota-limits.html>).
pub(super) fn default_user_quota() -> NonZeroU32 {
    NonZeroU32::new(100).expect("a hundred is not zero")
}

impl TryFrom<CacheSettings> for CacheConfig {
    type Error = String;

    fn try_from(settings: CacheSettings) -> Result<Self, Self::Error> {
        let retirement =
            RetirementGate::new(Some(settings.retire_when), settings.expected_consumers)
                .map_err(|error| error.to_string())?;
        let access = CacheAccess {
            region: settings.region,
            assume_role: settings.assume_role,
            external_id: settings.external_id,
            elasticache_endpoint: settings.elasticache_endpoint,
            secrets_manager_endpoint: settings.secrets_manager_endpoint,
        };
        let access = access.checked()?;
        let target = match (settings.replication_group, settings.serverless_cache) {
            (Some(id), None) => CacheTarget::ReplicationGroup(id),
            (None, Some(name)) => CacheTarget::ServerlessCache(name),
            (Some(_), Some(_)) => {
                let fault = "has both replication_group and serverless_cache: remove one of them";
                return Err(fault.to_owned());
            }
            (None, None) => {
                let fault = "has neither replication_group nor serverless_cache: name the one that \
                             the user group is attached to";
                return Err(fault.to_owned());
            }
        };
        Ok(Self {
            name: settings.name,
            user_group: settings.user_group,
            target,
            host: settings.host,
            port: settings.port,
            tls: settings.tls,
            engine: settings.engine,
            engine_version: settings.engine_version,
            cluster_mode: settings.cluster_mode,
            verify: settings.verify,
            user_quota: settings.user_quota,
            retirement,
            admission: Admission {
                draining: settings.draining,
                profiles: settings.profiles,
                labels: settings.labels,
            },
            connection_observer: settings.connection_observer,
            drift_policy: settings.drift_policy,
            access,
        })
    }
}
