//! The files of the listener, as they are at one moment.

use std::{fs, path::Path};

use aws_lc_rs::digest::{Context, SHA256};
use zeroize::Zeroizing;

use super::TlsError;
use crate::config::TlsFiles;

/// What stands in the files. There is a key in it.
pub(super) struct Contents {
    pub(super) certificate: Vec<u8>,
    pub(super) key: Zeroizing<Vec<u8>>,
    pub(super) client_ca: Option<Vec<u8>>,
}

/// Tells contents apart, and nothing of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fingerprint([u8; 32]);

impl Contents {
    /// Reads the files. Whatever links lead to them are followed anew.
    pub(super) fn read(files: &TlsFiles) -> Result<Self, TlsError> {
        let read = |setting: &'static str, path: &Path| {
            let path = path.to_owned();
            fs::read(&path).map_err(|source| TlsError::Unreadable { setting, path, source })
        };
        let client_ca = files.client_ca.as_deref().map(|path| read("tls.client_ca", path));
        Ok(Self {
            certificate: read("tls.certificate", &files.certificate)?,
            key: Zeroizing::new(read("tls.key", &files.key)?),
            client_ca: client_ca.transpose()?,
        })
    }

    /// Another one for other contents. What a file's time says is not looked at: it has been the same for two
    /// files before.
    pub(super) fn fingerprint(&self) -> Fingerprint {
        let mut context = Context::new(&SHA256);
        let client_ca = self.client_ca.as_deref().unwrap_or_default();
        for file in [&self.certificate, self.key.as_slice(), client_ca] {
            context.update(&file.len().to_le_bytes());
            context.update(file);
        }
        Fingerprint(context.finish().as_ref().try_into().expect("SHA-256 has 32 bytes"))
    }
}
