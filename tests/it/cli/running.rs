//! The program, started as a process of its own.

use std::{
    fs,
    fs::File,
    path::Path,
    process::{ExitStatus, Stdio},
};

use reqwest::StatusCode;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader, Lines},
    process::{Child, Command},
};

/// What a process has said and how it ended.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) success: bool,
    /// None if a signal ended it.
    pub(super) code: Option<i32>,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

/// The program with these arguments, and with nobody's settings but for where engines are.
pub(super) fn ringfence(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ringfence"));
    command.args(arguments).stdin(Stdio::null()).kill_on_drop(true);
    for (name, _) in std::env::vars() {
        let setting = name.starts_with("RINGFENCE_") || name.starts_with("AWS_");
        if setting && !["RINGFENCE_VALKEY", "RINGFENCE_REDIS"].contains(&name.as_str()) {
            command.env_remove(name);
        }
    }
    command
}

pub(super) async fn run(arguments: &[&str]) -> Outcome {
    finish(&mut ringfence(arguments)).await
}

pub(super) async fn finish(command: &mut Command) -> Outcome {
    let output = command.output().await.unwrap();
    Outcome {
        success: output.status.success(),
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A process that serves. It is killed with this value, unless it was stopped before.
pub(super) struct Running {
    process: Child,
    /// What it has written to its ready file.
    pub(super) addresses: Value,
    /// What it has said until it served.
    pub(super) said: String,
    /// Kept, because a pipe that nobody holds would end the process.
    _voice: Box<dyn AsyncRead + Unpin>,
}

impl Running {
    /// `ringfence dev` in this directory, on ports that are free.
    pub(super) async fn dev(directory: &TempDir, arguments: &[&str]) -> Self {
        Self::dev_with(directory, arguments, []).await
    }

    /// The same, with these settings.
    pub(super) async fn dev_with<const N: usize>(
        directory: &TempDir,
        arguments: &[&str],
        variables: [(&str, String); N],
    ) -> Self {
        let ports = ["dev", "--listen", "127.0.0.1:0", "--simulator-listen", "127.0.0.1:0"];
        let mut command = ringfence(&[&ports, arguments].concat());
        command.envs(variables);
        Self::local(directory, command, "DELETE").await
    }

    /// `ringfence simulate` in this directory, on ports that are free.
    pub(super) async fn simulate(directory: &TempDir, arguments: &[&str]) -> Self {
        let ports = ["simulate", "--listen", "127.0.0.1:0"];
        let command = ringfence(&[&ports, arguments].concat());
        Self::local(directory, command, "ENGINE_VERSION").await
    }

    async fn local(directory: &TempDir, mut command: Command, last: &str) -> Self {
        command.args(["--cache-port", "0", "--ready-file", "ready.json"]);
        let log = directory.path().join("log");
        command.current_dir(directory.path()).stderr(File::create(&log).unwrap());
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let said = said_until(&mut lines, last, &log).await;
        let ready = fs::read_to_string(directory.path().join("ready.json")).unwrap();
        let addresses = serde_json::from_str(&ready).unwrap();
        Self { process, addresses, said, _voice: Box::new(lines.into_inner()) }
    }

    /// `ringfence serve`, which says where it listens in its log.
    pub(super) async fn serve(command: &mut Command) -> Self {
        let mut process = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let said = said_until(&mut lines, "\"serving\"", Path::new("")).await;
        let line: Value = serde_json::from_str(said.lines().last().unwrap()).unwrap();
        let api = format!("http://{}", line["address"].as_str().unwrap());
        let addresses = json!({ "api": api });
        Self { process, addresses, said, _voice: Box::new(lines.into_inner()) }
    }

    /// The service's URL.
    pub(super) fn api(&self) -> &str {
        self.addresses["api"].as_str().unwrap()
    }

    /// The variables that it says to export.
    pub(super) fn exports(&self) -> Vec<(String, String)> {
        let words = self.said.lines().filter_map(|line| line.trim().strip_prefix("export "));
        let pairs = words.flat_map(str::split_whitespace).map(|pair| pair.split_once('=').unwrap());
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    pub(super) async fn create_tenant(&self, name: &str) {
        let request = reqwest::Client::new().post(format!("{}/tenants", self.api()));
        let request = request.header("prefer", "wait=60").json(&json!({ "name": name }));
        let answer = request.send().await.unwrap();
        let status = answer.status();
        assert_eq!(status, StatusCode::CREATED, "{}", answer.text().await.unwrap());
    }

    pub(super) async fn get(&self, path: &str) -> Value {
        get(&format!("{}{path}", self.api())).await
    }

    /// Sends SIGTERM and expects an orderly end.
    pub(super) async fn stop(self) {
        self.stop_by("TERM").await;
    }

    /// Sends this signal and expects an orderly end.
    pub(super) async fn stop_by(self, signal: &str) {
        self.send(signal).await;
        let status = self.ended().await;
        assert!(status.success(), "{status}");
    }

    pub(super) async fn send(&self, signal: &str) {
        let kill = format!("kill -{signal} {}", self.process.id().unwrap());
        assert!(Command::new("sh").args(["-c", &kill]).status().await.unwrap().success());
    }

    /// Waits for its end.
    pub(super) async fn ended(mut self) -> ExitStatus {
        self.process.wait().await.unwrap()
    }

    /// Ends it without asking, as a crash would.
    pub(super) async fn kill(mut self) {
        self.process.kill().await.unwrap();
    }
}

/// A JSON document.
pub(super) async fn get(url: &str) -> Value {
    reqwest::get(url).await.unwrap().json().await.unwrap()
}

/// What is said up to the line that holds the last word.
async fn said_until<R>(lines: &mut Lines<BufReader<R>>, last: &str, log: &Path) -> String
where
    R: AsyncRead + Unpin,
{
    let mut said = String::new();
    while let Some(line) = lines.next_line().await.unwrap() {
        said.push_str(&line);
        said.push('\n');
        if line.contains(last) {
            return said;
        }
    }
    panic!("it has ended, saying {said}{}", fs::read_to_string(log).unwrap_or_default());
}
