//! Why a configuration is refused.

use std::{fmt, io, path::PathBuf};

/// Why a configuration is refused. Each message names the setting, the rule and what to do.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {}: check the path and its permissions", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is not TOML.
    #[error("{} is not TOML: {detail}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Line, column and reason.
        detail: String,
    },
    /// A setting is missing or its value is not allowed.
    #[error("{key}: {fault}{origin}")]
    Invalid {
        /// The setting, as in `caches[0].port`.
        key: String,
        /// The rule and the remedy.
        fault: String,
        /// Where the value stands.
        origin: Origin,
    },
    /// Nobody knows these settings.
    #[error("{}: remove it or correct its spelling (see docs/configuration.md)", list(settings))]
    Unknown {
        /// All of them, in the order of their keys.
        settings: Vec<UnknownSetting>,
    },
}

/// A setting that nobody knows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnknownSetting {
    /// The setting, as in `caches[0].prot`.
    pub key: String,
    /// Where it stands.
    pub origin: Origin,
}

/// Where a value stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// In the file.
    File(PathBuf),
    /// In the variable of this name.
    Variable(String),
    /// Nowhere, or in several places at once.
    Unset,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, " (in {})", path.display()),
            Self::Variable(name) => write!(f, " (in the variable {name})"),
            Self::Unset => Ok(()),
        }
    }
}

fn list(settings: &[UnknownSetting]) -> String {
    let names: Vec<_> = settings.iter().map(|one| format!("{}{}", one.key, one.origin)).collect();
    match names.as_slice() {
        [one] => format!("unknown setting {one}"),
        several => format!("unknown settings {}", several.join(", ")),
    }
}
