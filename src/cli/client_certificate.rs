//! The certificate that a command shows to a service that wants one of its clients.

use std::{fs, io, path::PathBuf};

use clap::Args;
use reqwest::Identity;

#[derive(Debug, Args)]
pub(super) struct ClientCertificateArgs {
    /// The certificate to show to a service that wants one (PEM)
    #[arg(long, global = true, value_name = "FILE", env = "RINGFENCE_CLIENT_CERTIFICATE")]
    client_certificate: Option<PathBuf>,

    /// The private key of that certificate (PEM, without a passphrase)
    #[arg(long, global = true, value_name = "FILE", env = "RINGFENCE_CLIENT_KEY")]
    client_key: Option<PathBuf>,
}

/// Why there is nothing to show.
#[derive(Debug, thiserror::Error)]
pub(super) enum ClientCertificateError {
    #[error("a certificate and its key go together: give --client-certificate and --client-key")]
    Half,
    #[error("cannot read {}", path.display())]
    Unreadable {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error(
        "no certificate and key in PEM in {} and {}",
        certificate.display(), key.display()
    )]
    Unusable {
        certificate: PathBuf,
        key: PathBuf,
        #[source]
        source: reqwest::Error,
    },
}

impl ClientCertificateArgs {
    /// What to show, if something was given.
    pub(super) fn identity(self) -> Result<Option<Identity>, ClientCertificateError> {
        let (certificate, key) = match (self.client_certificate, self.client_key) {
            (None, None) => return Ok(None),
            (Some(certificate), Some(key)) => (certificate, key),
            _ => return Err(ClientCertificateError::Half),
        };
        let read = |path: &PathBuf| {
            let unreadable =
                |source| ClientCertificateError::Unreadable { path: path.clone(), source };
            fs::read(path).map_err(unreadable)
        };
        let pem = [read(&key)?, read(&certificate)?].join(&b'\n');
        match Identity::from_pem(&pem) {
            Ok(identity) => Ok(Some(identity)),
            Err(source) => Err(ClientCertificateError::Unusable { certificate, key, source }),
        }
    }
}
