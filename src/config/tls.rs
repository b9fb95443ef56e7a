//! TLS on the listener.

use std::{path::PathBuf, time::Duration};

use serde::Deserialize;

use super::{ConfigError, Origin, rules};

/// What the listener shows of itself and asks of its clients. Without a certificate it speaks plain HTTP. The files
/// are read again when they change. See [`docs/deployment.md`](deployment.md#tls-and-a-proxy-in-front).
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub struct TlsConfig {
    /// A PEM file with the certificate to serve, and behind it those that lead to an authority that clients
    /// trust. TLS 1.2 or later is spoken then, and nothing else.
    ///
    /// Default: none. Variable: `RINGFENCE_TLS__CERTIFICATE`.
    #[serde(deserialize_with = "rules::pem_file")]
    pub certificate: Option<PathBuf>,

    /// A PEM file with the certificate's private key, without a passphrase.
    ///
    /// Default: none. Variable: `RINGFENCE_TLS__KEY`.
    #[serde(deserialize_with = "rules::pem_file")]
    pub key: Option<PathBuf>,

    /// A PEM file with authorities. With it, only clients are let in that show a certificate of one of them;
    /// they need a token all the same.
    ///
    /// Default: none. Variable: `RINGFENCE_TLS__CLIENT_CA`.
    #[serde(deserialize_with = "rules::pem_file")]
    pub client_ca: Option<PathBuf>,

    /// How often it is looked whether the files have changed.
    ///
    /// Default: `10s`. Variable: `RINGFENCE_TLS__RELOAD_PERIOD`.
    #[serde(deserialize_with = "rules::duration")]
    pub reload_period: Duration,
}

impl Default for TlsConfig {
    fn default() -> Self {
        Self {
            certificate: None,
            key: None,
            client_ca: None,
            reload_period: Duration::from_secs(10),
        }
    }
}

/// The files of a listener that speaks TLS.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// The certificate that is served, and those that lead to its authority.
    pub certificate: PathBuf,
    /// Its key.
    pub key: PathBuf,
    /// Whose certificates clients have to show, if they have to show any.
    pub client_ca: Option<PathBuf>,
}

impl TlsConfig {
    /// The files, if TLS is spoken. A certificate without its key is refused, and so is what goes with neither:
    /// to speak plain HTTP because of a line that is missing would be the worse answer.
    pub fn files(&self) -> Result<Option<TlsFiles>, ConfigError> {
        let missing = |key: &str, needed_by: &str| {
            let fault = format!("is missing: {needed_by} needs it; give the path of a PEM file");
            Err(ConfigError::Invalid { key: key.to_owned(), fault, origin: Origin::Unset })
        };
        match (&self.certificate, &self.key, &self.client_ca) {
            (None, None, None) => Ok(None),
            (Some(certificate), Some(key), client_ca) => Ok(Some(TlsFiles {
                certificate: certificate.clone(),
                key: key.clone(),
                client_ca: client_ca.clone(),
            })),
            (Some(_), None, _) => missing("tls.key", "tls.certificate"),
            (None, Some(_), _) => missing("tls.certificate", "tls.key"),
            (None, None, Some(_)) => missing("tls.certificate", "tls.client_ca"),
        }
    }
}
