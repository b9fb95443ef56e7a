//! From PEM to what rustls serves.

use std::{path::Path, sync::Arc};

use jiff::Timestamp;
use tokio_rustls::rustls::{
    Error, RootCertStore, ServerConfig,
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{CertificateDer, PrivateKeyDer, pem, pem::PemObject as _},
    server::{NoServerSessionStorage, WebPkiClientVerifier, danger::ClientCertVerifier},
};

use super::{TlsError, contents::Contents, validity::Validity};
use crate::config::TlsFiles;

/// The only protocol that the service speaks (<https://www.rfc-editor.org/rfc/rfc7301>).
const ALPN: &[u8] = b"http/1.1";

/// A certificate with its key, ready to be served, and whom it is served to.
#[derive(Debug)]
pub(crate) struct Certificates {
    pub(super) config: Arc<ServerConfig>,
    validity: Validity,
}

impl Certificates {
    /// Reads and checks the files.
    pub(crate) fn read(files: &TlsFiles) -> Result<Self, TlsError> {
        Self::parse(&Contents::read(files)?, files)
    }

    /// The same, once they are read.
    pub(super) fn parse(contents: &Contents, files: &TlsFiles) -> Result<Self, TlsError> {
        let chain = chain("tls.certificate", &files.certificate, &contents.certificate)?;
        let validity = Validity::of(&chain[0])
            .map_err(|error| unusable("tls.certificate", &files.certificate, &error))?;
        let key = PrivateKeyDer::from_pem_slice(&contents.key).map_err(|source| {
            let (setting, wanted) = ("tls.key", "a private key without a passphrase");
            TlsError::Unparsable { setting, path: files.key.clone(), wanted, source }
        })?;
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .expect("aws-lc has what TLS 1.2 and 1.3 need");
        let clients = files.client_ca.as_deref().zip(contents.client_ca.as_deref());
        let builder = match clients {
            Some((path, pem)) => builder.with_client_cert_verifier(verifier(path, pem, provider)?),
            None => builder.with_no_client_auth(),
        };
        let mut config = builder.with_single_cert(chain, key).map_err(|error| match error {
            Error::InconsistentKeys(_) => TlsError::ForeignKey {
                key: files.key.clone(),
                certificate: files.certificate.clone(),
                source: error,
            },
            Error::InvalidCertificate(_) => unusable("tls.certificate", &files.certificate, &error),
            _ => unusable("tls.key", &files.key, &error),
        })?;
        config.alpn_protocols = vec![ALPN.to_vec()];
        if clients.is_some() {
            // Who resumes a session shows no certificate, so nobody would see that it has expired.
            config.session_storage = Arc::new(NoServerSessionStorage {});
            config.send_tls13_tickets = 0;
        }
        Ok(Self { config: Arc::new(config), validity })
    }

    /// Until when clients accept it, and what is wrong with it now, if something is. That does not keep it from
    /// being served: clocks are wrong more often than certificates, and some clients do not look.
    pub(crate) fn look(&self, now: Timestamp) -> (Timestamp, Option<&'static str>) {
        let fault = if now < self.validity.begins {
            Some("the certificate of tls.certificate is not valid yet")
        } else if now >= self.validity.ends {
            Some("the certificate of tls.certificate has expired")
        } else {
            None
        };
        (self.validity.ends, fault)
    }
}

fn chain(
    setting: &'static str,
    path: &Path,
    text: &[u8],
) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let unparsable = |source| TlsError::Unparsable {
        setting,
        path: path.to_owned(),
        wanted: "certificates",
        source,
    };
    let chain = CertificateDer::pem_slice_iter(text).collect::<Result<Vec<_>, _>>();
    let chain = chain.map_err(unparsable)?;
    if chain.is_empty() { Err(unparsable(pem::Error::NoItemsFound)) } else { Ok(chain) }
}

/// Lets those in who show a certificate of one of these authorities.
fn verifier(
    path: &Path,
    text: &[u8],
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn ClientCertVerifier>, TlsError> {
    const SETTING: &str = "tls.client_ca";
    let mut roots = RootCertStore::empty();
    for authority in chain(SETTING, path, text)? {
        roots.add(authority).map_err(|error| unusable(SETTING, path, &error))?;
    }
    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .map_err(|error| unusable(SETTING, path, &error))
}

fn unusable(setting: &'static str, path: &Path, why: &dyn std::error::Error) -> TlsError {
    TlsError::Unusable { setting, path: path.to_owned(), why: why.to_string() }
}
