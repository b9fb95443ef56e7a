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
use crate::gateway::Iam;
use crate::hex::{hex, sha256};

/// Runs the engine for as long as somebody holds the other end of standard input.
///
/// When the simulator ends, however it ends, its end of the pipe closes, `read` returns and the
/// engine is told to stop: it saves what it has and goes. A replica that has just copied its
/// primary's data refuses to go before it has written it down, and will not think of it again: it is
/// told again for ten seconds, and then killed. A background process of a shell has no standard
/// input of its own, hence the detour by descriptor 3.
const WRAPPER: &str = r#"
exec 3<&0
"$@" 3<&- &
engine=$!
{
  read -r _ <&3
  told=0
  while [ "$told" -lt 50 ] && kill "$engine" 2>/dev/null; do
    told=$((told + 1))
    sleep 0.2
  done
  [ "$told" -lt 50 ] || kill -9 "$engine"
} &
watcher=$!
wait "$engine"
status=$?
kill "$watcher" 2>/dev/null
exit "$status"
"#;

/// The engine's configuration, among its data.
const CONFIGURATION: &str = "engine.conf";

/// How long an engine may take to stop.
const STOP_LIMIT: Duration = Duration::from_secs(10);

/// The password of the user through which the simulator rules the engines of a cache, and through
/// which replicas follow their primary: a new one each time the simulator starts them. Of all files
/// only the configuration of engines that have others beside them holds it.
#[derive(Clone)]
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

/// What all engines are started with.
#[derive(Debug)]
pub(crate) struct Launcher {
    pub(crate) program: PathBuf,
    /// What lets IAM users log in, if anything does.
    pub(crate) iam: Option<Iam>,
    /// Is told when an engine has ended.
    pub(crate) ended: Arc<Notify>,
    pub(crate) tasks: TaskTracker,
}

/// What one engine is started with.
#[derive(Debug)]
pub(crate) struct Launch<'a> {
    pub(crate) directory: PathBuf,
    pub(crate) port: u16,
    pub(crate) password: &'a AdminPassword,
    pub(crate) company: Company,
}

/// What an engine has beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Company {
    /// Nothing.
    Alone,
    /// Engines that follow it, or one that it follows.
    Replicas,
    /// The nodes of a cluster.
    Cluster,
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
    pub(crate) fn start(launcher: &Launcher, launch: Launch<'_>) -> std::io::Result<Self> {
        std::fs::create_dir_all(&launch.directory)?;
        let configuration = write_configuration(&launch)?;
        let log = File::create(launch.directory.join("engine.log"))?;
        let mut child = Command::new("sh")
            .args(["-c", WRAPPER, "sh"])
            .arg(&launcher.program)
            .arg(configuration)
            .stdin(Stdio::piped())
            .stdout(log.try_clone()?)
            .stderr(log)
            // Ctrl-C at the terminal is for the simulator, which then ends its engines in turn.
            .process_group(0)
            .spawn()?;
        let lifeline = child.stdin.take();
        let tell = Arc::clone(&launcher.ended);
        let ended = launcher.tasks.spawn(async move {
            let status = child.wait().await;
            tracing::debug!(?status, "engine ended");
            tell.notify_one();
        });
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, launch.port));
        let password = launch.password.clone();
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

/// The port of the engine that was started last in a directory.
pub(crate) fn last_port(directory: &Path) -> Option<u16> {
    let configuration = std::fs::read_to_string(directory.join(CONFIGURATION)).ok()?;
    configuration.lines().find_map(|line| line.strip_prefix("port ")?.parse().ok())
}

/// Until the simulator says who may come in, only the simulator may. The number of databases is
/// ElastiCache's.
fn write_configuration(launch: &Launch<'_>) -> std::io::Result<PathBuf> {
    let path = launch.directory.join(CONFIGURATION);
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
        hash = launch.password.sha256(),
    )?;
    if launch.company != Company::Alone {
        // A replica asks for its primary's data as the ruler: nobody else may.
        write!(
            file,
            "masteruser {ADMIN_USER_NAME}\n\
             masterauth {password}\n\
             repl-diskless-sync-delay 0\n",
            password = launch.password.expose(),
        )?;
    }
    if launch.company == Company::Cluster {
        // Roles change when the simulator says so, and not because this machine is busy. A short
        // time-out makes the nodes tell each other the news often.
        write!(
            file,
            "cluster-enabled yes\n\
             cluster-announce-ip 127.0.0.1\n\
             cluster-node-timeout 2000\n\
             cluster-replica-no-failover yes\n\
             cluster-require-full-coverage no\n",
        )?;
    }
    Ok(path)
}
