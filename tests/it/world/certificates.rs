//! What a server at `localhost` needs to speak TLS, and its clients to trust it.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use tempfile::TempDir;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::aws_lc_rs,
        pki_types::{PrivateKeyDer, pem::PemObject as _},
    },
};

use super::authority::Authority;

/// What a server needs to speak TLS, and what a client needs to trust it.
pub(super) struct Certificates {
    pub(super) acceptor: TlsAcceptor,
    authority: PathBuf,
    _directory: TempDir,
}

impl Certificates {
    pub(super) fn new() -> Self {
        let authority = Authority::new();
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("authority.pem");
        fs::write(&path, authority.pem()).unwrap();

        let server = authority.sign();
        let key = PrivateKeyDer::from_pem_slice(server.key.as_bytes()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![server.der.into()], key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        Self { acceptor, authority: path, _directory: directory }
    }

    /// A file with the certificate that a client has to trust.
    pub(super) fn authority(&self) -> &Path {
        &self.authority
    }
}
