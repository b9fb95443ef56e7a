//! Certificates for a server at `localhost`, and the authority that signed them.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use tempfile::TempDir;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::aws_lc_rs,
        pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    },
};

/// What a server needs to speak TLS, and what a client needs to trust it.
pub(super) struct Certificates {
    pub(super) acceptor: TlsAcceptor,
    authority: PathBuf,
    _directory: TempDir,
}

impl Certificates {
    pub(super) fn new() -> Self {
        let (authority, key) = (authority(), KeyPair::generate().unwrap());
        let signed = authority.self_signed(&key).unwrap();
        let issuer = Issuer::new(authority, key);

        let key = KeyPair::generate().unwrap();
        let mut server = CertificateParams::new(["localhost".to_owned()]).unwrap();
        server.use_authority_key_identifier_extension = true;
        let server = server.signed_by(&key, &issuer).unwrap();

        let directory = TempDir::new().unwrap();
        let path = directory.path().join("authority.pem");
        fs::write(&path, signed.pem()).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![server.der().clone()], key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        Self { acceptor, authority: path, _directory: directory }
    }

    /// A file with the certificate that a client has to trust.
    pub(super) fn authority(&self) -> &Path {
        &self.authority
    }
}

fn authority() -> CertificateParams {
    let mut params = CertificateParams::new([]).unwrap();
    // Of the same name as the server's certificate, it would make that one look self-signed.
    params.distinguished_name.push(DnType::CommonName, "authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params
}
