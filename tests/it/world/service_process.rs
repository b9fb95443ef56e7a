//! The service as a process of its own, so that it can be killed.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, ChildStderr, Command, Stdio},
    sync::{Arc, Mutex, mpsc},
    thread,
};

use ringfence::config::SimulatorCache;
use serde_json::Value;

use super::World;

/// `ringfence serve` against the simulator of a world, on the world's database.
pub(crate) struct ServiceProcess {
    child: Child,
    log: Arc<Mutex<String>>,
    pub(crate) url: String,
}

impl ServiceProcess {
    /// Starts it and waits until it serves.
    pub(crate) fn start(world: &World) -> Self {
        Self::start_with(world, [])
    }

    /// The same, with further variables, which win.
    pub(crate) fn start_with<const N: usize>(world: &World, more: [(&str, String); N]) -> Self {
        let program = Command::new(env!("CARGO_BIN_EXE_ringfence"));
        Self::start_as(program, variables(world).into_iter().chain(more.map(owned)))
    }

    /// The same, as a program that becomes `ringfence` once it has changed what it runs in.
    pub(crate) fn start_as(
        mut program: Command,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        let mut child = program
            .arg("serve")
            .env_clear()
            .envs(variables)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let address = collect(child.stderr.take().unwrap(), Arc::clone(&log));
        let address = address.recv().unwrap_or_else(|_| panic!("{}", log.lock().unwrap()));
        Self { child, log, url: format!("http://{address}") }
    }

    /// Ends it as `kill -9` does.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Ends it in order, and answers with all that it has logged.
    pub(crate) fn stop(mut self) -> String {
        let kill = Command::new("sh").args(["-c", &format!("kill -TERM {}", self.id())]).status();
        assert!(kill.unwrap().success());
        assert!(self.child.wait().unwrap().success());
        // The reader ends with the log, and with it the last that holds the other half.
        while Arc::strong_count(&self.log) > 1 {
            thread::yield_now();
        }
        self.log()
    }

    /// The id of the process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Everything it has logged so far.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }
}

impl Drop for ServiceProcess {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn owned((name, value): (&str, String)) -> (String, String) {
    (name.to_owned(), value)
}

/// What makes it serve the cache of a world.
pub(crate) fn variables(world: &World) -> Vec<(String, String)> {
    let key = super::iam_login::key();
    let cache = world.simulator.cache_address(SimulatorCache::REPLICATION_GROUP).unwrap();
    let engine = &world.config.caches[0];
    let settings = [
        ("RINGFENCE_LISTEN", "127.0.0.1:0".to_owned()),
        ("RINGFENCE_DATABASE", world.config.database.display().to_string()),
        ("RINGFENCE_LOG", "trace".to_owned()),
        ("RINGFENCE_LOG_FORMAT", "json".to_owned()),
        ("RINGFENCE_RECONCILER__POLL_MIN", "5ms".to_owned()),
        ("RINGFENCE_RECONCILER__POLL_MAX", "20ms".to_owned()),
        ("RINGFENCE_RECONCILER__RETRY_BASE", "5ms".to_owned()),
        ("RINGFENCE_RECONCILER__CONSISTENCY_WINDOW", "0s".to_owned()),
        ("RINGFENCE_CACHES__0__NAME", "main".to_owned()),
        ("RINGFENCE_CACHES__0__USER_GROUP", SimulatorCache::USER_GROUP.to_owned()),
        ("RINGFENCE_CACHES__0__REPLICATION_GROUP", SimulatorCache::REPLICATION_GROUP.to_owned()),
        ("RINGFENCE_CACHES__0__HOST", cache.ip().to_string()),
        ("RINGFENCE_CACHES__0__PORT", cache.port().to_string()),
        ("RINGFENCE_CACHES__0__TLS", "false".to_owned()),
        ("RINGFENCE_CACHES__0__ENGINE", engine.engine.unwrap().to_string()),
        ("RINGFENCE_CACHES__0__ENGINE_VERSION", engine.engine_version.unwrap().to_string()),
        ("AWS_ENDPOINT_URL_ELASTICACHE", world.simulator.url()),
        ("AWS_ENDPOINT_URL_SECRETS_MANAGER", world.simulator.url()),
        ("AWS_REGION", "us-east-1".to_owned()),
        ("AWS_ACCESS_KEY_ID", key.id),
        ("AWS_SECRET_ACCESS_KEY", key.secret),
        ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
    ];
    settings.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Reads the log to its end and sends the address once it is told.
fn collect(stderr: ChildStderr, log: Arc<Mutex<String>>) -> mpsc::Receiver<String> {
    let (sender, address) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            if let Ok(Value::Object(entry)) = serde_json::from_str(&line)
                && entry.get("message").is_some_and(|message| message == "serving")
                && let Some(Value::String(address)) = entry.get("address")
            {
                // Nobody waits for a second address.
                let _ = sender.send(address.clone());
            }
            let mut log = log.lock().unwrap();
            log.push_str(&line);
            log.push('\n');
        }
    });
    address
}
