//! Asks an issuer for its keys.

use std::time::Duration;

use headers::{CacheControl, HeaderMapExt as _};
use reqwest::{Client, Url, redirect::Policy};
use serde::{Deserialize, de::DeserializeOwned};

use super::{
    fetch_error::FetchError,
    key_set::{JwksDocument, KeySet},
};
use crate::{
    config::OidcConfig,
    domain::{Issuer, SecureUrl, SigningAlgorithm},
};

/// How long a connection may take to come about.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Issuers with twenty keys and all their certificates need a tenth of it.
const ANSWER_SIZE_MAX: usize = 512 * 1024;

/// Where an issuer shows its keys.
#[derive(Debug)]
pub(super) struct KeySource {
    client: Client,
    /// For what is on this machine: a proxy in between could show keys of its own.
    near: Client,
    issuer: Issuer,
    jwks_url: Option<SecureUrl>,
    accepted: Vec<SigningAlgorithm>,
}

/// What an issuer shows.
#[derive(Debug)]
pub(super) struct ShownKeys {
    pub(super) keys: KeySet,
    /// How long it says that they can be kept.
    pub(super) max_age: Option<Duration>,
}

/// What is read of how an issuer describes itself (`OpenID` Connect Discovery 1.0, section 3).
#[derive(Deserialize)]
struct Description {
    issuer: String,
    jwks_uri: String,
}

impl KeySource {
    pub(super) fn new(config: &OidcConfig) -> Result<Self, reqwest::Error> {
        let builder = || {
            Client::builder()
                // Where the keys are is decided by the configuration and the issuer, and by nobody on the way.
                .redirect(Policy::none())
                .connect_timeout(CONNECT_TIMEOUT)
                .timeout(TIMEOUT)
                .user_agent(concat!("ringfence/", env!("CARGO_PKG_VERSION")))
        };
        Ok(Self {
            client: builder().build()?,
            near: builder().tls_certs_only([]).no_proxy().build()?,
            issuer: config.issuer.clone(),
            jwks_url: config.jwks_url.clone(),
            accepted: config.algorithms.clone(),
        })
    }

    /// Asks for the keys.
    pub(super) async fn fetch(&self) -> Result<ShownKeys, FetchError> {
        let url = match &self.jwks_url {
            Some(url) => url.clone(),
            None => self.discover().await?,
        };
        let (document, max_age) = self.get::<JwksDocument>(url.as_url()).await?;
        let keys = KeySet::read(document, &self.accepted);
        if keys.len() == 0 {
            return Err(FetchError::NoKey);
        }
        Ok(ShownKeys { keys, max_age })
    }

    /// Where the issuer says that its keys are. That may be at another host; but it must be the issuer who
    /// says so.
    async fn discover(&self) -> Result<SecureUrl, FetchError> {
        let url: SecureUrl = self.issuer.description().parse()?;
        let (description, _) = self.get::<Description>(url.as_url()).await?;
        if description.issuer != self.issuer.as_str() {
            return Err(FetchError::OtherIssuer(description.issuer));
        }
        Ok(description.jwks_uri.parse()?)
    }

    /// Reads a JSON document, and how long it can be kept.
    async fn get<T: DeserializeOwned>(
        &self,
        url: &Url,
    ) -> Result<(T, Option<Duration>), FetchError> {
        let client = if url.scheme() == "http" { &self.near } else { &self.client };
        let mut answer = client.get(url.clone()).send().await?;
        let url = || url.clone();
        if !answer.status().is_success() {
            return Err(FetchError::Status { url: url(), status: answer.status() });
        }
        let max_age = max_age(answer.headers().typed_get());
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            if body.len() + chunk.len() > ANSWER_SIZE_MAX {
                return Err(FetchError::TooLong { url: url(), max: ANSWER_SIZE_MAX });
            }
            body.extend_from_slice(&chunk);
        }
        let read = serde_json::from_slice(&body);
        let document = read.map_err(|source| FetchError::NotUnderstood { url: url(), source })?;
        Ok((document, max_age))
    }
}

/// How long an answer can be kept, if it says so (RFC 9111, section 5.2).
fn max_age(control: Option<CacheControl>) -> Option<Duration> {
    let control = control?;
    if control.no_store() || control.no_cache() {
        return Some(Duration::ZERO);
    }
    control.max_age()
}
