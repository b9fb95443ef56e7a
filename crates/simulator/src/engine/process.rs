//! One server as a child process.

use std::fmt;
use std::fs::File;
use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use tokio::process::{ChildStdin, Command};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::task::TaskTracker;

use super::admin::Admin;
use crate::elasticache::ADMIN_USER_NAME;
use crate::hex::{hex, sha256};

/// Runs the engine for as long as somebody holds the other end of standard input.
///
/// When the simulator ends, however it ends, its end of the pipe closes, `read` returns and the
/// engine is told to stop: it saves what it has and goes. A background process of a shell has no
/// standard input of its own, hence the detour by descriptor 3.
const WRAPPER: &str = r#"
exec 3<&0
"$@" 3<&- &
engine=$!
{ read -r _ <&3; kill "$engine"; } &
watcher=$!
wait "$engine"
status=$?
kill "$watcher" 2>/dev/null
exit "$status"
"#;

/// How long an engine may take to stop.
const STOP_LIMIT: Duration = Duration::from_secs(10);

/// The password of the user through which the simulator rules an engine: a new one each time the
/// engine is started, kept nowhere.
pub(crate) struct AdminPassword(String);

impl AdminPassword {
    pub(crate) fn random() -> Self {
        let mut bytes = [0_u8; 32];
        aws_lc_rs::rand::fill(&mut bytes).expect("the system gives random bytes");
        Self(hex(&bytes))
    }

    /// It is hexadecimal, and needs no escaping anywhere.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    fn sha256(&self) -> String {
        sha256(&self.0)
    }
}

impl fmt::Debug for AdminPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(crate::redact::REDACTED)
    }
}

/// What is needed to start an engine.
pub(crate) struct Launch<'a> {
    pub(crate) program: &'a Path,
    pub(crate) directory: PathBuf,
    pub(crate) port: u16,
    /// Is told when the engine has ended.
    pub(crate) ended: Arc<Notify>,
    pub(crate) tasks: &'a TaskTracker,
}

/// A running engine. Dropping this tells it to stop, as [`Process::release`] does.
#[derive(Debug)]
pub(crate) struct Process {
    pub(crate) address: SocketAddr,
    directory: PathBuf,
    password: AdminPassword,
    lifeline: Option<ChildStdin>,
    ended: JoinHandle<()>,
}

impl Process {
    pub(crate) fn start(launch: Launch<'_>) -> std::io::Result<Self> {
        std::fs::create_dir_all(&launch.directory)?;
        let password = AdminPassword::random();
        let configuration = write_configuration(&launch, &password)?;
        let log = File::create(launch.directory.join("engine.log"))?;
        let mut child = Command::new("sh")
            .args(["-c", WRAPPER, "sh"])
            .arg(launch.program)
            .arg(configuration)
            .stdin(Stdio::piped())
            .stdout(log.try_clone()?)
            .stderr(log)
            // Ctrl-C at the terminal is for the simulator, which then ends its engines in turn.
            .process_group(0)
            .spawn()?;
        let lifeline = child.stdin.take();
        let tell = launch.ended;
        let ended = launch.tasks.spawn(async move {
            let status = child.wait().await;
            tracing::debug!(?status, "engine ended");
            tell.notify_one();
        });
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, launch.port));
        Ok(Self { address, directory: launch.directory, password, lifeline, ended })
    }

    pub(crate) fn is_running(&self) -> bool {
        !self.ended.is_finished()
    }

    /// Tells the engine to stop.
    pub(crate) fn release(&mut self) {
        self.lifeline = None;
    }

    /// Waits until the engine has saved its data and is gone, but not for ever.
    pub(crate) async fn stop(mut self) {
        self.release();
        if tokio::time::timeout(STOP_LIMIT, self.ended).await.is_err() {
            tracing::warn!(address = %self.address, "an engine takes long to stop, and is left");
        }
    }

    /// Logs in as the engine's ruler. Fails while the engine is not up.
    pub(crate) async fn log_in(&self) -> redis::RedisResult<Admin> {
        Admin::log_in(self.address, &self.password).await
    }

    /// The last lines of what the engine said.
    pub(crate) fn last_words(&self) -> String {
        let text = std::fs::read_to_string(self.directory.join("engine.log")).unwrap_or_default();
        let lines: Vec<_> = text.lines().rev().take(5).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("; ")
    }
}

/// Until the simulator says who may come in, only the simulator may. The number of databases is
/// ElastiCache's.
fn write_configuration(launch: &Launch<'_>, password: &AdminPassword) -> std::io::Result<PathBuf> {
    let path = launch.directory.join("engine.conf");
    let mut file =
        File::options().write(true).create(true).truncate(true).mode(0o600).open(&path)?;
    let directory = std::path::absolute(&launch.directory)?;
    write!(
        file,
        "bind 127.0.0.1\n\
         port {port}\n\
         dir \"{directory}\"\n\
         daemonize no\n\
         databases 16\n\
         save \"\"\n\
         appendonly yes\n\
         user default reset off\n\
         user {ADMIN_USER_NAME} reset on #{hash} ~* &* +@all\n",
        port = launch.port,
        directory = directory.display(),
        hash = password.sha256(),
    )?;
    Ok(path)
}
