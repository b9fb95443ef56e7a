//! Which services are trusted, and what they are shown.

use std::{fs, path::PathBuf};

use clap::Args;
use reqwest::{Certificate, ClientBuilder, Identity};

use super::error::ClientError;
use crate::cli::client_certificate::ClientCertificateArgs;

#[derive(Debug, Args)]
pub(super) struct TrustArgs {
    /// The authorities that the service's certificate may be of (PEM), instead of the system's
    #[arg(long, global = true, value_name = "FILE", env = "RINGFENCE_CA_FILE")]
    ca_file: Option<PathBuf>,

    #[command(flatten)]
    certificate: ClientCertificateArgs,
}

/// What was given, read.
#[derive(Debug)]
pub(super) struct Trust {
    authorities: Option<Vec<Certificate>>,
    identity: Option<Identity>,
}

impl TrustArgs {
    pub(super) fn read(self) -> Result<Trust, ClientError> {
        let authorities = self.ca_file.map(authorities).transpose()?;
        Ok(Trust { authorities, identity: self.certificate.identity()? })
    }
}

impl Trust {
    /// Has the client do so.
    pub(super) fn put_into(self, mut builder: ClientBuilder) -> ClientBuilder {
        if let Some(authorities) = self.authorities {
            builder = builder.tls_certs_only(authorities);
        }
        if let Some(identity) = self.identity {
            builder = builder.identity(identity);
        }
        builder
    }
}

fn authorities(path: PathBuf) -> Result<Vec<Certificate>, ClientError> {
    let text = match fs::read(&path) {
        Ok(text) => text,
        Err(source) => return Err(ClientError::AuthorityFile { path, source }),
    };
    match Certificate::from_pem_bundle(&text) {
        Ok(authorities) if !authorities.is_empty() => Ok(authorities),
        _ => Err(ClientError::NoAuthority { path }),
    }
}
