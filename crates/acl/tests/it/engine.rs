//! Real servers, found on this machine and run for the length of a test.

use std::fs;
use std::io::{self, BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use redis::{Connection, InfoDict};
use ringfence_acl::{Engine, EngineKind};
use tempfile::TempDir;

/// A server that listens on a Unix socket in its own directory and ends with this value.
pub(crate) struct RunningEngine {
    process: Child,
    directory: TempDir,
}

impl RunningEngine {
    /// Starts the server and waits until it says that it is ready.
    pub(crate) fn start(binary: &Path) -> Self {
        Self::start_with(binary, &[])
    }

    /// The same, with more options.
    pub(crate) fn start_with(binary: &Path, options: &[&str]) -> Self {
        let directory = TempDir::new().unwrap();
        let mut process = Command::new(binary)
            .args(["--port", "0", "--unixsocket", "engine.sock", "--save", ""])
            // The default since 7.0; 6.2 and ElastiCache begin with every channel.
            .args(["--acl-pubsub-default", "resetchannels", "--dir"])
            .arg(directory.path())
            .args(options)
            .current_dir(directory.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let log = BufReader::new(process.stdout.take().unwrap());
        let is_ready = |line: io::Result<String>| line.unwrap().contains("eady to accept");
        assert!(log.lines().any(is_ready), "{} ended at once", binary.display());
        Self { process, directory }
    }

    /// A new connection as the default user.
    pub(crate) fn connection(&self) -> Connection {
        let url = format!("redis+unix://{}", self.socket().display());
        redis::Client::open(url).unwrap().get_connection().unwrap()
    }

    /// Where the server listens.
    pub(crate) fn socket(&self) -> PathBuf {
        self.directory.path().join("engine.sock")
    }
}

impl Drop for RunningEngine {
    fn drop(&mut self) {
        // Both fail only when the server is already gone.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Which server answers. Valkey gives a Redis version too, for old clients.
pub(crate) fn engine_of(connection: &mut Connection) -> Engine {
    let info: InfoDict = redis::cmd("INFO").arg("server").query(connection).unwrap();
    let valkey: Option<String> = info.get("valkey_version");
    let (kind, version) = match valkey {
        Some(version) => (EngineKind::Valkey, version),
        None => (EngineKind::Redis, info.get("redis_version").unwrap()),
    };
    Engine { kind, version: version.parse().unwrap() }
}

/// Every server binary at hand: the paths in `RINGFENCE_VALKEY` and `RINGFENCE_REDIS` (several are
/// separated as in `PATH`), `valkey-server` and `redis-server` in `PATH`, and whatever lies under
/// `target/engines/`.
pub(crate) fn engines_at_hand() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for variable in ["RINGFENCE_VALKEY", "RINGFENCE_REDIS"] {
        if let Some(paths) = std::env::var_os(variable) {
            found.extend(std::env::split_paths(&paths).filter(|path| path.is_file()));
        }
    }
    if let Some(path) = std::env::var_os("PATH") {
        let folders = std::env::split_paths(&path);
        found.extend(folders.flat_map(|folder| NAMES.map(|name| folder.join(name))));
    }
    // Tests of more than one package come here: the folder is that of the workspace.
    for folder in Path::new(env!("CARGO_MANIFEST_DIR")).ancestors() {
        collect_servers(&folder.join("target/engines"), &mut found);
    }
    found.retain(|path| path.is_file());
    // By what the paths lead to, but started by the name they have: on Debian `redis-server` is a
    // link to a program that looks at its own name.
    found.sort_by_key(|path| path.canonicalize().unwrap());
    found.dedup_by_key(|path| path.canonicalize().unwrap());
    found
}

const NAMES: [&str; 2] = ["valkey-server", "redis-server"];

fn collect_servers(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect_servers(&path, found);
        } else if NAMES.iter().any(|name| path.file_name().is_some_and(|file| file == *name)) {
            found.push(path);
        }
    }
}
