//! The settings of the whole service, and their defaults.

use std::{
    collections::BTreeSet,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    str::FromStr,
    time::Duration,
};

use serde::Deserialize;

use super::{
    AuditConfig, AuthConfig, AuthMode, AwsConfig, CacheConfig, ConfigError, CostConfig,
    DriftConfig, LimitsConfig, Origin, PacingConfig, PlacementConfig, ProfileConfig, PurgeConfig,
    ReconcilerConfig, RotationConfig, TelemetryConfig, TlsConfig, WebhookConfig, rules,
    word_list::word_list,
};
use crate::domain::{InstallationId, KeyPatternTemplate, OptIn};

/// A setting may stand in a TOML file and may be given by a variable, which wins. The variable's
/// name is `RINGFENCE_` and the setting's path in upper case, its parts joined by two underscores
/// and a place in a list written as its number, as in `RINGFENCE_CACHES__0__NAME`. A setting that
/// nobody knows is refused, in the file and as a variable.
///
/// Durations are written with their unit: `500ms`, `30s`, `5m`, `24h`. No setting is a secret.
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub struct Config {
    /// Where the HTTP API listens, as `address:port`; port 0 takes any free one. Another address than one
    /// of loopback is refused unless callers are asked who they are (`auth.mode`).
    ///
    /// Default: `127.0.0.1:8080`. Variable: `RINGFENCE_LISTEN`.
    #[serde(deserialize_with = "rules::address")]
    pub listen: SocketAddr,

    /// The file of the SQLite database, made if it is not there. It holds no password, but losing
    /// it loses track of every tenant.
    ///
    /// Default: `ringfence.db`. Variable: `RINGFENCE_DATABASE`.
    #[serde(deserialize_with = "rules::database_file")]
    pub database: PathBuf,

    /// How a tenant's key and channel pattern is made from its name: `{tenant}:*` or `{tenant}-*`.
    /// Under the second, `acme` and `acme-eu` cannot live in one cache.
    ///
    /// Default: `{tenant}:*`. Variable: `RINGFENCE_KEY_PATTERN`.
    #[serde(deserialize_with = "rules::from_text")]
    pub key_pattern: KeyPatternTemplate,

    /// What stands before the user name in an ElastiCache `UserId`: a lower-case letter, then
    /// lower-case letters, digits and hyphens, at most 20 characters.
    ///
    /// Default: `rf-`. Variable: `RINGFENCE_USER_ID_PREFIX`.
    #[serde(deserialize_with = "rules::user_id_prefix")]
    pub user_id_prefix: String,

    /// What stands before the tenant's name in the name of a secret: letters, digits and `/_+=.@-`,
    /// at most 256 characters. An IAM policy can grant access by it.
    ///
    /// Default: `ringfence/`. Variable: `RINGFENCE_SECRET_PREFIX`.
    #[serde(deserialize_with = "rules::secret_prefix")]
    pub secret_prefix: String,

    /// How long Secrets Manager keeps the secret of a deleted tenant before it is gone for good, in
    /// days, 7 to 30.
    ///
    /// Default: `30`. Variable: `RINGFENCE_SECRET_RECOVERY_DAYS`.
    #[serde(deserialize_with = "rules::recovery_days")]
    pub secret_recovery_days: u8,

    /// The id in the tag `ringfence:installation` of everything this installation makes in AWS.
    /// Lower-case letters, digits and hyphens, at most 64 characters. Without it an id is made with
    /// the database; set it to take over from a database that was lost.
    ///
    /// Default: none. Variable: `RINGFENCE_INSTALLATION`.
    #[serde(deserialize_with = "rules::installation")]
    pub installation: Option<InstallationId>,

    /// How long a request may take, apart from the time that it asks to wait.
    ///
    /// Default: `30s`. Variable: `RINGFENCE_REQUEST_TIMEOUT`.
    #[serde(deserialize_with = "rules::duration")]
    pub request_timeout: Duration,

    /// The longest wait that a request is granted by `Prefer: wait`; a longer one is cut to this.
    ///
    /// Default: `60s`. Variable: `RINGFENCE_WAIT_MAX`.
    #[serde(deserialize_with = "rules::duration_or_zero")]
    pub wait_max: Duration,

    /// How long the answer to a request with an `Idempotency-Key` is kept for its repetition.
    ///
    /// Default: `24h`. Variable: `RINGFENCE_IDEMPOTENCY_TTL`.
    #[serde(deserialize_with = "rules::duration")]
    pub idempotency_ttl: Duration,

    /// How long a stopping service waits for open requests and for the step in flight. Whatever is
    /// cut off by it is finished after the next start.
    ///
    /// Default: `25s`. Variable: `RINGFENCE_SHUTDOWN_GRACE`.
    #[serde(deserialize_with = "rules::duration_or_zero")]
    pub shutdown_grace: Duration,

    /// What is logged: a level, or directives as of `tracing_subscriber::EnvFilter`, such as
    /// `info,ringfence::reconcile=debug`. Other people's code is never logged below `info`, and the
    /// AWS SDK's never below `warn`, because there it prints passwords.
    ///
    /// Default: `info`. Variable: `RINGFENCE_LOG`.
    #[serde(deserialize_with = "rules::log_filter")]
    pub log: String,

    /// How it is logged: `text`, `json`, or `auto`, which is text on a terminal and JSON elsewhere.
    ///
    /// Default: `auto`. Variable: `RINGFENCE_LOG_FORMAT`.
    #[serde(deserialize_with = "rules::from_text")]
    pub log_format: LogFormat,

    /// Built-in access profiles that tenants can have only if they are named here: `scripting`. A
    /// script that does not end holds up every tenant. With `scripting`, profiles of one's own may
    /// grant scripts as well. As a variable, with commas between them.
    ///
    /// Default: none. Variable: `RINGFENCE_OPT_IN_PROFILES`.
    #[serde(deserialize_with = "word_list")]
    pub opt_in_profiles: BTreeSet<OptIn>,

    /// TLS on the listener.
    pub tls: TlsConfig,

    /// How callers are known.
    pub auth: AuthConfig,

    /// What is taken of callers at most.
    pub limits: LimitsConfig,

    /// How AWS is reached.
    pub aws: AwsConfig,

    /// How fast AWS is called.
    pub pacing: PacingConfig,

    /// How the work is paced.
    pub reconciler: ReconcilerConfig,

    /// How passwords are replaced.
    pub rotation: RotationConfig,

    /// What is done where AWS is not as it should be.
    pub drift: DriftConfig,

    /// How the keys of deleted tenants are removed.
    pub purge: PurgeConfig,

    /// The record of what happened.
    pub audit: AuditConfig,

    /// Where webhooks may lead.
    pub webhooks: WebhookConfig,

    /// Where traces are exported to.
    pub telemetry: TelemetryConfig,

    /// Which cache gets a tenant.
    pub placement: PlacementConfig,

    /// What things cost.
    pub cost: CostConfig,

    /// Where tenants are put.
    pub caches: Vec<CacheConfig>,

    /// What tenants may be allowed beside the built-in profiles.
    pub profiles: Vec<ProfileConfig>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            database: PathBuf::from("ringfence.db"),
            key_pattern: KeyPatternTemplate::Colon,
            user_id_prefix: "rf-".to_owned(),
            secret_prefix: "ringfence/".to_owned(),
            secret_recovery_days: 30,
            installation: None,
            request_timeout: Duration::from_secs(30),
            wait_max: Duration::from_mins(1),
            idempotency_ttl: Duration::from_hours(24),
            shutdown_grace: Duration::from_secs(25),
            log: "info".to_owned(),
            log_format: LogFormat::Auto,
            opt_in_profiles: BTreeSet::new(),
            tls: TlsConfig::default(),
            auth: AuthConfig::default(),
            limits: LimitsConfig::default(),
            aws: AwsConfig::default(),
            pacing: PacingConfig::default(),
            reconciler: ReconcilerConfig::default(),
            rotation: RotationConfig::default(),
            drift: DriftConfig::default(),
            purge: PurgeConfig::default(),
            audit: AuditConfig::default(),
            webhooks: WebhookConfig::default(),
            telemetry: TelemetryConfig::default(),
            placement: PlacementConfig::default(),
            cost: CostConfig::default(),
            caches: Vec::new(),
            profiles: Vec::new(),
        }
    }
}

impl Config {
    /// Refuses an address that others can reach when nobody is asked who they are. There is no way round:
    /// whoever reaches the API could read every password.
    pub(crate) fn check_listener(&self) -> Result<(), ConfigError> {
        if self.auth.mode != AuthMode::None || self.listen.ip().is_loopback() {
            return Ok(());
        }
        let fault = format!(
            "{} can be reached from outside, and nobody is asked who they are: set auth.mode to \
             \"bearer\", or use a loopback address such as 127.0.0.1:{}",
            self.listen,
            self.listen.port()
        );
        Err(ConfigError::Invalid { key: "listen".to_owned(), fault, origin: Origin::Unset })
    }

    /// Checks what no single setting can show.
    pub(super) fn check_together(&self) -> Result<(), ConfigError> {
        let invalid = |key: &str, fault: String| {
            Err(ConfigError::Invalid { key: key.to_owned(), fault, origin: Origin::Unset })
        };
        if self.caches.is_empty() {
            return invalid(
                "caches",
                "no cache is configured: add a [[caches]] section with name, user_group and \
                 replication_group or serverless_cache"
                    .to_owned(),
            );
        }
        for (index, cache) in self.caches.iter().enumerate() {
            let earlier = &self.caches[..index];
            if earlier.iter().any(|other| other.name == cache.name) {
                let fault = format!("{:?} is taken by an earlier cache", cache.name.as_str());
                return invalid(&format!("caches[{index}].name"), fault);
            }
            let region = self.aws.region.as_ref();
            if earlier.iter().any(|other| {
                other.user_group == cache.user_group
                    && !other.access.is_elsewhere(&cache.access, region)
            }) {
                let fault = format!(
                    "{:?} belongs to an earlier cache: each cache needs a user group of its own",
                    cache.user_group
                );
                return invalid(&format!("caches[{index}].user_group"), fault);
            }
        }
        self.auth.check_together()?;
        self.check_listener()?;
        self.tls.files()?;
        self.check_profiles()?;
        self.reconciler.check_together()
    }
}

/// How log lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Text on a terminal, JSON elsewhere.
    Auto,
    /// Lines for people.
    Text,
    /// One JSON object a line.
    Json,
}

impl FromStr for LogFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "auto" => Ok(Self::Auto),
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err(format!("{text:?} is no log format: use auto, text or json")),
        }
    }
}
