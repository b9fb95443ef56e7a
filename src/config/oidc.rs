//! Which issuer's tokens are taken, and what they say.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Deserializer, de::Error};

use super::{pair_map::pair_map, rules, word_list::word_list};
use crate::domain::{
    ClaimPath, ClaimRules, Issuer, Labels, Narrowing, Scopes, SecureUrl, SigningAlgorithm,
};

/// The longest leeway: what is more is no difference between clocks.
const LEEWAY_MAX: Duration = Duration::from_mins(5);

/// JSON Web Tokens of an issuer (`OpenID` Connect, Kubernetes), taken beside the tokens of Ringfence. Without
/// this section there are none; with it, `auth.mode` is `bearer`. Where a claim is asked for, give its
/// name, or the way to something inside of one: `/realm_access/roles`. See
/// [`docs/authentication.md`](authentication.md#tokens-of-an-issuer).
#[derive(Clone, Debug, Deserialize)]
pub struct OidcConfig {
    /// Who issues the tokens, in the letters of their claim `iss`: a URL with `https://`, or one of this
    /// machine.
    ///
    /// Default: none. Variable: `RINGFENCE_AUTH__OIDC__ISSUER`.
    #[serde(deserialize_with = "rules::from_text")]
    pub issuer: Issuer,

    /// What stands for this Ringfence in their claim `aud`. Tokens for others are refused.
    ///
    /// Default: none. Variable: `RINGFENCE_AUTH__OIDC__AUDIENCE`.
    #[serde(deserialize_with = "audience")]
    pub audience: String,

    /// Where the issuer shows its keys; without it, where the issuer says itself in
    /// `/.well-known/openid-configuration`.
    ///
    /// Default: none. Variable: `RINGFENCE_AUTH__OIDC__JWKS_URL`.
    #[serde(default, deserialize_with = "rules::from_text_if_given")]
    pub jwks_url: Option<SecureUrl>,

    /// How tokens may be signed: `RS256`, `RS384`, `RS512`, `PS256`, `PS384`, `PS512`, `ES256`, `ES384`,
    /// `EdDSA`. As a variable, with commas between them.
    ///
    /// Default: `RS256,ES256`. Variable: `RINGFENCE_AUTH__OIDC__ALGORITHMS`.
    #[serde(default = "usual_algorithms", deserialize_with = "algorithms")]
    pub algorithms: Vec<SigningAlgorithm>,

    /// The claim that says who the caller is, for the record of events and for rate limits.
    ///
    /// Default: `sub`. Variable: `RINGFENCE_AUTH__OIDC__SUBJECT_CLAIM`.
    #[serde(default = "sub", deserialize_with = "rules::from_text")]
    pub subject_claim: ClaimPath,

    /// The claim that says what the caller may do: words in a text, or a list of texts.
    ///
    /// Default: `scope`. Variable: `RINGFENCE_AUTH__OIDC__SCOPES_CLAIM`.
    #[serde(default = "scope", deserialize_with = "rules::from_text")]
    pub scopes_claim: ClaimPath,

    /// What the words in that claim stand for, as `{ admins = "admin", shop = "tenants:write
    /// credentials:read" }`; as a variable, `admins=admin,shop=tenants:write credentials:read`. Words that
    /// are not named here stand for nothing. Without the setting, a word that is the name of a scope stands
    /// for it.
    ///
    /// Default: none. Variable: `RINGFENCE_AUTH__OIDC__SCOPES`.
    #[serde(default, deserialize_with = "pair_map")]
    pub scopes: BTreeMap<String, Scopes>,

    /// The claim that names the one tenant that the caller may have to do with. Then tokens without it are
    /// refused.
    ///
    /// Default: none. Variable: `RINGFENCE_AUTH__OIDC__TENANT_CLAIM`.
    #[serde(default, deserialize_with = "rules::from_text_if_given")]
    pub tenant_claim: Option<ClaimPath>,

    /// Labels, and the claims that say which value of them the tenants carry that the caller may have to do
    /// with, as `{ team = "department" }`; as a variable, `team=department`. Then tokens without one of the
    /// claims are refused.
    ///
    /// Default: none. Variable: `RINGFENCE_AUTH__OIDC__LABEL_CLAIMS`.
    #[serde(default, deserialize_with = "label_claims")]
    pub label_claims: BTreeMap<String, ClaimPath>,

    /// How far the issuer's clock may be from this one, at most `5m`.
    ///
    /// Default: `60s`. Variable: `RINGFENCE_AUTH__OIDC__LEEWAY`.
    #[serde(default = "usual_leeway", deserialize_with = "leeway")]
    pub leeway: Duration,
}

impl OidcConfig {
    /// How claims are read.
    #[must_use]
    pub fn claim_rules(&self) -> ClaimRules {
        let narrowing = match &self.tenant_claim {
            Some(claim) => Narrowing::Tenant(claim.clone()),
            None if self.label_claims.is_empty() => Narrowing::None,
            None => Narrowing::Labels(self.label_claims.clone()),
        };
        ClaimRules {
            issuer: self.issuer.clone(),
            subject: self.subject_claim.clone(),
            words: self.scopes_claim.clone(),
            scopes: self.scopes.clone(),
            narrowing,
        }
    }

    /// Refuses what makes no sense together.
    pub(super) fn check_together(&self) -> Result<(), &'static str> {
        if self.tenant_claim.is_some() && !self.label_claims.is_empty() {
            return Err("has tenant_claim and label_claims: remove one of them");
        }
        Ok(())
    }
}

fn usual_algorithms() -> Vec<SigningAlgorithm> {
    vec![SigningAlgorithm::RS256, SigningAlgorithm::ES256]
}

fn sub() -> ClaimPath {
    "sub".parse().expect("it is a name")
}

fn scope() -> ClaimPath {
    "scope".parse().expect("it is a name")
}

fn usual_leeway() -> Duration {
    Duration::from_mins(1)
}

/// Reads a section that may be left out, in such a way that a fault in it is told by its path.
pub(super) fn section_if_given<'de, D>(deserializer: D) -> Result<Option<OidcConfig>, D::Error>
where
    D: Deserializer<'de>,
{
    OidcConfig::deserialize(deserializer).map(Some)
}

fn audience<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.is_empty() || text.contains(char::is_control) {
        let fault = format!("{text:?} is no audience, such as https://ringfence.example.com");
        return Err(D::Error::custom(fault));
    }
    Ok(text)
}

fn algorithms<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<SigningAlgorithm>, D::Error> {
    let algorithms: Vec<SigningAlgorithm> = word_list(d)?;
    if algorithms.is_empty() {
        return Err(D::Error::custom("is empty: give at least one, such as RS256"));
    }
    Ok(algorithms)
}

fn label_claims<'de, D>(deserializer: D) -> Result<BTreeMap<String, ClaimPath>, D::Error>
where
    D: Deserializer<'de>,
{
    let claims: BTreeMap<String, ClaimPath> = pair_map(deserializer)?;
    let names = claims.keys().map(|label| (label.clone(), String::new()));
    Labels::try_from(names.collect::<BTreeMap<_, _>>()).map(|_| claims).map_err(D::Error::custom)
}

fn leeway<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let leeway = rules::duration_or_zero(deserializer)?;
    if leeway > LEEWAY_MAX {
        return Err(D::Error::custom("is more than five minutes: give less, such as 60s"));
    }
    Ok(leeway)
}
