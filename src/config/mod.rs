//! What an operator can set, and how it is read.
//!
//! The doc comment of a field is the setting's only documentation. `docs/configuration.md` is made
//! from it, and a test holds the two together. No setting is a secret: credentials come from AWS's
//! own chain.
//!
//! A value is checked where it is read, so what leaves this module can be used as it is. A setting
//! that nobody knows is refused: a misspelt name would otherwise leave a default in force.

mod audit;
mod auth;
mod aws;
mod cache;
mod cache_access;
mod cost;
mod drift;
mod error;
mod interval_map;
mod label_map;
mod limits;
mod load;
mod oidc;
mod pacing;
mod pair_map;
mod placement;
mod policy_map;
mod profile;
mod profile_check;
mod purge;
mod reconciler;
mod rotation;
mod rules;
mod settings;
mod simulator;
mod telemetry;
mod tls;
mod variables;
mod webhooks;
mod word_list;

pub use audit::AuditConfig;
pub use auth::{AuthConfig, AuthMode};
pub use aws::AwsConfig;
pub use cache::{CacheConfig, Verify};
pub use cache_access::CacheAccess;
pub use cost::CostConfig;
pub use drift::DriftConfig;
pub use error::{ConfigError, Origin, UnknownSetting};
pub use limits::LimitsConfig;
pub use oidc::OidcConfig;
pub use pacing::PacingConfig;
pub use placement::PlacementConfig;
pub use profile::ProfileConfig;
pub use purge::PurgeConfig;
pub use reconciler::ReconcilerConfig;
pub use rotation::RotationConfig;
pub use rules::{parse_duration, parse_loopback_address};
pub use settings::{Config, LogFormat};
pub use simulator::SimulatorCache;
pub use telemetry::TelemetryConfig;
pub use tls::{TlsConfig, TlsFiles};
pub use webhooks::WebhookConfig;
