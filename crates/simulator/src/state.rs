//! What outlives a restart.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::elasticache::Regions;
use crate::secretsmanager::Secrets;

/// The layout of the file. One that differs is refused rather than guessed at.
const FORMAT: u32 = 2;

/// Everything there is, but for the data in the engines.
#[derive(Serialize, Deserialize)]
pub(crate) struct World {
    format: u32,
    /// How far the simulator's clock was advanced, so that it never goes back.
    pub(crate) clock_ahead_ms: u64,
    pub(crate) elasticache: Regions,
    pub(crate) secrets: Secrets,
}

impl World {
    pub(crate) fn new() -> Self {
        Self {
            format: FORMAT,
            clock_ahead_ms: 0,
            elasticache: Regions::default(),
            secrets: Secrets::default(),
        }
    }
}

/// `simulator.json` in the data directory. It holds secrets in clear, and is for the owner only.
#[derive(Debug)]
pub(crate) struct StateFile {
    path: PathBuf,
}

/// The state cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The file system says no.
    #[error("cannot read or write {}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The file is not one of ours, or of another version.
    #[error("{} is not the state of this version of the simulator", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
}

impl StateFile {
    pub(crate) fn in_dir(data_dir: &Path) -> Self {
        Self { path: data_dir.join("simulator.json") }
    }

    /// What was saved last, if anything was.
    pub(crate) fn load(&self) -> Result<Option<World>, StateError> {
        let text = match std::fs::read(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(StateError::Io { path: self.path.clone(), source }),
        };
        let unreadable = |source| StateError::Unreadable { path: self.path.clone(), source };
        let world: World = serde_json::from_slice(&text).map_err(unreadable)?;
        if world.format != FORMAT {
            let why = format!("format {} instead of {FORMAT}", world.format);
            return Err(unreadable(serde::de::Error::custom(why)));
        }
        Ok(Some(world))
    }

    /// Replaces what was saved. Whoever looks sees the old state or the new one, whole.
    ///
    /// The file is not forced to the disk: the state must survive the end of the process, by
    /// whatever signal, and not that of the machine.
    pub(crate) fn save(&self, world: &World) -> Result<(), StateError> {
        self.write(world).map_err(|source| StateError::Io { path: self.path.clone(), source })
    }

    fn write(&self, world: &World) -> io::Result<()> {
        let text = serde_json::to_vec(world)?;
        let draft = self.path.with_extension("json.new");
        let mut file =
            File::options().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
        file.write_all(&text)?;
        std::fs::rename(draft, &self.path)
    }
}
