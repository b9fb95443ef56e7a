//! Checks tokens.

use std::{fmt, sync::Arc, time::Duration};

use serde_json::Value;
use tokio_util::task::TaskTracker;

use super::{
    issuer_keys::IssuerKeys, key_source::KeySource, refused::Refused, signed_token::SignedToken,
};
use crate::{
    clock::Clock,
    config::OidcConfig,
    domain::{ClaimRules, SigningAlgorithm, Vouched},
};

/// Checks the tokens of one issuer.
pub struct Verifier {
    keys: IssuerKeys,
    clock: Arc<dyn Clock>,
    accepted: Vec<SigningAlgorithm>,
    audience: String,
    leeway: Duration,
    rules: ClaimRules,
}

impl Verifier {
    /// Makes one. Nobody is asked yet, so that the service starts without the issuer. Asking for keys later
    /// is a task among these.
    pub fn new(
        config: &OidcConfig,
        clock: Arc<dyn Clock>,
        tasks: TaskTracker,
    ) -> Result<Self, reqwest::Error> {
        Ok(Self {
            keys: IssuerKeys::new(KeySource::new(config)?, Arc::clone(&clock), tasks),
            clock,
            accepted: config.algorithms.clone(),
            audience: config.audience.clone(),
            leeway: config.leeway,
            rules: config.claim_rules(),
        })
    }

    /// Whether a text has the form of such a token: three parts (RFC 7515, section 3.1).
    #[must_use]
    pub fn is_token(text: &str) -> bool {
        text.split('.').count() == 3
    }

    /// For whom the issuer vouches with this token.
    pub async fn identify(&self, token: &str) -> Result<Vouched, Refused> {
        let token = SignedToken::read(token)?;
        if !self.accepted.contains(&token.key().algorithm) {
            return Err(Refused::Algorithm);
        }
        let key = self.keys.find(token.key()).await?;
        let claims = token.claims(&key)?;
        check_kind(&claims)?;
        self.check_names(&claims)?;
        self.check_times(&claims)?;
        Ok(self.rules.read(&claims)?)
    }

    /// That the issuer has made it, and for us: an audience is one text, or a list of them (RFC 7519, section
    /// 4.1.3).
    fn check_names(&self, claims: &Value) -> Result<(), Refused> {
        let is_ours = |audience: &Value| audience.as_str() == Some(&self.audience);
        if claims.get("iss").and_then(Value::as_str) != Some(self.rules.issuer.as_str()) {
            return Err(Refused::Issuer);
        }
        match claims.get("aud") {
            Some(Value::Array(several)) if several.iter().any(is_ours) => Ok(()),
            Some(audience) if is_ours(audience) => Ok(()),
            _ => Err(Refused::Audience),
        }
    }

    /// By the service's own clock.
    fn check_times(&self, claims: &Value) -> Result<(), Refused> {
        let now = self.clock.now().as_duration().as_secs_f64();
        let leeway = self.leeway.as_secs_f64();
        let ends_at = seconds(claims, "exp")?.ok_or(Refused::Endless)?;
        if ends_at + leeway <= now {
            return Err(Refused::Expired);
        }
        if seconds(claims, "nbf")?.is_some_and(|begins_at| begins_at > now + leeway) {
            return Err(Refused::NotYetValid);
        }
        Ok(())
    }
}

/// That it gives access. One that says that somebody has logged out, or in, is signed by the same issuer for
/// the same audience: `events` is in logout tokens (`OpenID` Connect Back-Channel Logout 1.0, section 2.4), and
/// `nonce` in ID tokens (`OpenID` Connect Core 1.0, section 2).
fn check_kind(claims: &Value) -> Result<(), Refused> {
    let is_other = ["events", "nonce"].iter().any(|claim| claims.get(claim).is_some());
    if is_other { Err(Refused::Kind) } else { Ok(()) }
}

/// A time, as tokens have it: seconds since 1970, perhaps with a fraction (RFC 7519, section 2).
fn seconds(claims: &Value, claim: &str) -> Result<Option<f64>, Refused> {
    let value = claims.get(claim);
    value.map(|value| value.as_f64().ok_or(Refused::Malformed)).transpose()
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier").field("issuer", &self.rules.issuer).finish_non_exhaustive()
    }
}
