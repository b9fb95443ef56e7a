//! How callers of the API are known.

use std::{num::NonZeroU32, str::FromStr};

use ipnet::IpNet;
use serde::Deserialize;

use super::{ConfigError, OidcConfig, Origin, oidc::section_if_given, rules, word_list::word_list};

/// How callers of the API are known. See [`docs/authentication.md`](authentication.md).
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub struct AuthConfig {
    /// `bearer`: each request shows a token. `none`: nobody is asked, which only a loopback address in
    /// `listen` goes with; requests that a web page may have sent are refused then.
    ///
    /// Default: `none`. Variable: `RINGFENCE_AUTH__MODE`.
    #[serde(deserialize_with = "rules::from_text")]
    pub mode: AuthMode,

    /// How many tokens that are not valid one address may show in a minute. Valid ones are answered all
    /// the same.
    ///
    /// Default: `20`. Variable: `RINGFENCE_AUTH__FAILURES_PER_MINUTE`.
    pub failures_per_minute: NonZeroU32,

    /// The networks of proxies whose `X-Forwarded-For` is believed, as `10.0.0.0/8`. As a variable, with
    /// commas between them.
    ///
    /// Default: none. Variable: `RINGFENCE_AUTH__TRUSTED_PROXIES`.
    #[serde(deserialize_with = "networks")]
    pub trusted_proxies: Vec<IpNet>,

    /// Whose tokens are taken beside those of Ringfence.
    #[serde(deserialize_with = "section_if_given")]
    pub oidc: Option<OidcConfig>,
}

impl AuthConfig {
    /// Refuses what makes no sense together.
    pub(super) fn check_together(&self) -> Result<(), ConfigError> {
        let Some(oidc) = &self.oidc else { return Ok(()) };
        let invalid = |key: &str, fault: &str| ConfigError::Invalid {
            key: key.to_owned(),
            fault: fault.to_owned(),
            origin: Origin::Unset,
        };
        if self.mode == AuthMode::None {
            let fault =
                "is \"none\", so no token is looked at: set it to \"bearer\", or remove auth.oidc";
            return Err(invalid("auth.mode", fault));
        }
        oidc.check_together().map_err(|fault| invalid("auth.oidc", fault))
    }
}

impl Default for AuthConfig {
    fn default() -> Self {
        Self {
            mode: AuthMode::None,
            failures_per_minute: NonZeroU32::new(20).expect("twenty is not zero"),
            trusted_proxies: Vec::new(),
            oidc: None,
        }
    }
}

/// Whether callers are asked who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthMode {
    /// Nobody is asked.
    None,
    /// Each request shows a token.
    Bearer,
}

impl FromStr for AuthMode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "none" => Ok(Self::None),
            "bearer" => Ok(Self::Bearer),
            _ => Err(format!("{text:?} is no way to know callers: use none or bearer")),
        }
    }
}

/// A network, with a message that says how one is written.
struct Network(IpNet);

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fault = |_| format!("{text:?} is no network, such as 10.0.0.0/8 or 192.0.2.7/32");
        text.parse().map(Self).map_err(fault)
    }
}

pub(super) fn networks<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<IpNet>, D::Error> {
    let networks: Vec<Network> = word_list(deserializer)?;
    Ok(networks.into_iter().map(|Network(network)| network).collect())
}
