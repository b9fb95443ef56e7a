//! Real servers, found on this machine and run for the length of a test.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use redis::Connection;
use tempfile::TempDir;

/// A server that listens on a Unix socket in its own directory and ends with this value.
pub(crate) struct RunningEngine {
    process: Child,
    directory: TempDir,
}

impl RunningEngine {
    /// Starts the server and waits until it answers.
    pub(crate) fn start(binary: &Path) -> Self {
        let directory = TempDir::new().unwrap();
        let process = Command::new(binary)
            .args(["--port", "0", "--unixsocket", "engine.sock", "--save", "", "--dir"])
            .arg(directory.path())
            .current_dir(directory.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let engine = Self { process, directory };
        engine.connection();
        engine
    }

    /// A new connection as the default user.
    pub(crate) fn connection(&self) -> Connection {
        let socket = self.directory.path().join("engine.sock");
        let url = format!("redis+unix://{}", socket.display());
        let client = redis::Client::open(url).unwrap();
        // The socket appears when the server is ready; nothing tells us sooner.
        for _ in 0..100_000 {
            if let Ok(connection) = client.get_connection() {
                return connection;
            }
            std::thread::yield_now();
        }
        panic!("the server at {} does not answer", socket.display());
    }
}

impl Drop for RunningEngine {
    fn drop(&mut self) {
        // Both fail only when the server is already gone.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
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
    collect_servers(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/engines"),
        &mut found,
    );
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
