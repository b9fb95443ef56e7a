//! The commands that ask a running service.

mod completions;
mod dry_runs;
mod fleet_rotations;
mod refusals;
mod rotations;
mod status;
mod tenants;

use reqwest::Method;
use ringfence::config::AuthMode;
use ringfence_acl::EngineKind;
use serde_json::Value;
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use super::running::{Outcome, finish, ringfence, run};
use crate::world::World;

/// Asks the world's service on the command line.
async fn ask(world: &World, arguments: &[&str]) -> Outcome {
    run(&[arguments, &["--url", &url_of(world)]].concat()).await
}

/// Where the world's service is.
fn url_of(world: &World) -> String {
    world.request(Method::GET, "").build().unwrap().url().to_string()
}

/// The same, in JSON, where it has to succeed.
async fn ask_json(world: &World, arguments: &[&str]) -> Value {
    let outcome = ask(world, &[arguments, &["--output", "json"]].concat()).await;
    assert!(outcome.success, "{outcome:?}");
    serde_json::from_str(&outcome.stdout).unwrap()
}

/// Asserts that the table of one thing has this value under this name.
fn assert_told(outcome: &Outcome, name: &str, value: &str) {
    let is_told = |line: &str| {
        line.strip_prefix(name).is_some_and(|rest| rest.starts_with(' ') && rest.trim() == value)
    };
    assert!(outcome.stdout.lines().any(is_told), "{name} {value}: {outcome:?}");
}

/// Reads a request, answers it and hangs up.
async fn answer(caller: &mut TcpStream, answer: &str) -> String {
    let mut heard = vec![0; 4096];
    let n_heard = caller.read(&mut heard).await.unwrap();
    let answer = answer.replacen("\r\n", "\r\nconnection: close\r\n", 1);
    caller.write_all(answer.as_bytes()).await.unwrap();
    String::from_utf8_lossy(&heard[..n_heard]).into_owned()
}
