//! Why the files of the listener cannot be used.

use std::{io, path::PathBuf};

use tokio_rustls::rustls::{self, pki_types::pem};

/// Why the files of the listener cannot be used. Each message names the setting, the rule and what to do.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("{setting}: cannot read {}: check the path and its permissions", path.display())]
    Unreadable {
        /// The setting that names the file.
        setting: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file is not what it should be a file of.
    #[error("{setting}: {} is no PEM file with {wanted}", path.display())]
    Unparsable {
        /// The setting that names the file.
        setting: &'static str,
        /// The file.
        path: PathBuf,
        /// What it should hold.
        wanted: &'static str,
        /// What is wrong with it.
        source: pem::Error,
    },
    /// A certificate or a key is in PEM and not in the form that belongs there.
    #[error("{setting}: {} holds something that cannot be used: {why}", path.display())]
    Unusable {
        /// The setting that names the file.
        setting: &'static str,
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The key is another certificate's.
    #[error(
        "tls.key: the key in {} is not that of the first certificate in {}: give the one that this certificate \
         was made for, and put the service's own certificate before its authorities",
        key.display(), certificate.display()
    )]
    ForeignKey {
        /// The file of the key.
        key: PathBuf,
        /// The file of the certificate.
        certificate: PathBuf,
        /// What rustls said.
        source: rustls::Error,
    },
}
