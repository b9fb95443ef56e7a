//! How a command of the client fails, by what its caller can do about it.

use std::{error::Error, io, iter, path::PathBuf};

use thiserror::Error;

use super::{output::printable, problem::Refusal};
use crate::cli::client_certificate::ClientCertificateError;

#[derive(Debug, Error)]
pub(super) enum ClientError {
    #[error("{0}")]
    Refused(Box<Refusal>),

    #[error("cannot reach {url}")]
    Unreachable {
        url: String,
        #[source]
        source: reqwest::Error,
    },

    /// Something answers that is not a service of ours, or is of another age.
    #[error("{url} does not answer as Ringfence does: {}", printable(.why))]
    Strange { url: String, why: String },

    #[error("{what} is not done after {seconds} seconds, and goes on: {}", printable(.state))]
    NotInTime { what: String, state: String, seconds: u64 },

    #[error("{what}: {}", printable(.how))]
    EndedOtherwise { what: String, how: String },

    #[error("cannot read the token from {}", path.display())]
    TokenFile {
        path: PathBuf,
        #[source]
        source: io::Error,
    },

    #[error("cannot read the authorities from {}", path.display())]
    AuthorityFile {
        path: PathBuf,
        #[source]
        source: io::Error,
    },

    #[error("no certificate in PEM in {}", path.display())]
    NoAuthority { path: PathBuf },

    #[error(transparent)]
    Certificate(#[from] ClientCertificateError),

    #[error("the token has characters that no token has")]
    BadToken,

    #[error("cannot make an HTTP client")]
    NoClient(#[source] reqwest::Error),

    #[error("cannot write the result")]
    Output(#[from] io::Error),
}

impl ClientError {
    /// Whether the same may well be answered in a moment.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable { .. } => true,
            Self::Refused(refusal) => [502, 503, 504].contains(&refusal.status()),
            _ => false,
        }
    }

    /// The codes that `--help` lists; 2 is clap's.
    pub(super) fn exit_code(&self) -> u8 {
        match self {
            Self::Refused(refusal) => match refusal.status() {
                404 => 4,
                429 | 503 => 3,
                _ => 1,
            },
            Self::Output(_) => 1,
            Self::TokenFile { .. }
            | Self::BadToken
            | Self::AuthorityFile { .. }
            | Self::NoAuthority { .. }
            | Self::Certificate(_) => 2,
            Self::Unreachable { .. } | Self::Strange { .. } | Self::NoClient(_) => 3,
            Self::NotInTime { .. } => 5,
            Self::EndedOtherwise { .. } => 6,
        }
    }

    /// The error with its causes, in one paragraph.
    pub(super) fn told(&self) -> String {
        let causes = iter::successors(self.source(), |error| (*error).source());
        let causes = causes.map(ToString::to_string);
        iter::once(self.to_string()).chain(causes).collect::<Vec<_>>().join(": ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A state and an end quote the service, which quotes AWS and engines.
    #[test]
    fn what_is_quoted_cannot_steer_the_terminal() {
        let (what, url) = ("acme".to_owned(), "http://127.0.0.1".to_owned());
        let quoted = "a\u{1b}[2Jb\nc".to_owned();
        for error in [
            ClientError::Strange { url, why: quoted.clone() },
            ClientError::NotInTime { what: what.clone(), state: quoted.clone(), seconds: 1 },
            ClientError::EndedOtherwise { what, how: quoted },
        ] {
            let told = error.told();
            assert!(told.ends_with(": a\u{fffd}[2Jb c"), "{told:?}");
        }
    }
}
