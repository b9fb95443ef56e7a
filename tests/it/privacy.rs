//! What the process keeps from others on its machine, however it was started.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use reqwest::Method;
use ringfence_acl::EngineKind;
use serde_json::json;

use crate::world::{Answer, ServiceProcess, World, variables};

/// The service with its database where this shell command has been before, on a cache of its own.
async fn start_after(world: &mut World, first: &str) -> ServiceProcess {
    world.stop_service().await;
    let mut program = Command::new("sh");
    let script = format!(r#"{first}; exec "$0" "$@""#);
    program.args(["-c", &script, env!("CARGO_BIN_EXE_ringfence")]);
    let path = std::env::var("PATH").unwrap();
    // A log at `trace` is long, and nobody asks it here.
    let more = [("PATH", path), ("RINGFENCE_LOG", "info".to_owned())];
    let more = more.map(|(name, value)| (name.to_owned(), value));
    ServiceProcess::start_as(program, variables(world).into_iter().chain(more))
}

async fn create(service: &ServiceProcess, name: &str) {
    let request = reqwest::Client::new().request(Method::POST, format!("{}/tenants", service.url));
    let answer = Answer::of(request.header("prefer", "wait=60").json(&json!({ "name": name })));
    assert_eq!(answer.await.body["status"], "active");
}

/// The mode of each file in the folder of the database, by its name.
fn modes(database: &Path) -> BTreeMap<String, u32> {
    let entries = fs::read_dir(database.parent().unwrap()).unwrap().map(Result::unwrap);
    let files = entries.filter(|entry| entry.file_type().unwrap().is_file());
    let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    files.map(|entry| (entry.file_name().into_string().unwrap(), mode(entry.path()))).collect()
}

fn all_private(modes: &BTreeMap<String, u32>) -> bool {
    modes.values().all(|mode| *mode == 0o600)
}

#[tokio::test]
async fn core_dumps_are_off_even_where_they_were_allowed() {
    let mut world = World::new(EngineKind::Valkey).await;
    let service = start_after(&mut world, "ulimit -S -c \"$(ulimit -H -c)\"").await;
    let limits = fs::read_to_string(format!("/proc/{}/limits", service.id())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    let limits: Vec<_> = core.split_whitespace().skip(4).take(2).collect();
    assert_eq!(limits, ["0", "0"], "{core}");
}

#[tokio::test]
async fn files_are_private_whatever_the_umask_was() {
    let mut world = World::new(EngineKind::Valkey).await;
    let database = world.config.database.clone();
    world.stop_service().await;
    for suffix in ["", "-wal", "-shm", ".lock"] {
        let mut file = database.clone().into_os_string();
        file.push(suffix);
        // The journal goes with the last connection by itself.
        let _ = fs::remove_file(file);
    }
    let service = start_after(&mut world, "umask 000").await;
    create(&service, "acme").await;
    let copy = database.with_file_name("copy.db");
    let command = format!("umask 000; exec {} backup --database \"$0\" \"$1\"", program());
    let backup = Command::new("sh").arg("-c").arg(command).arg(&database).arg(&copy).output();
    let backup = backup.unwrap();
    assert!(backup.status.success(), "{}", String::from_utf8_lossy(&backup.stderr));
    let modes = modes(&database);
    let names: Vec<_> = modes.keys().map(String::as_str).collect();
    let database = database.file_name().unwrap().to_str().unwrap();
    let own = ["", "-shm", "-wal", ".lock"].map(|suffix| format!("{database}{suffix}"));
    assert!(own.iter().all(|name| names.contains(&name.as_str())), "{names:?}");
    assert!(names.contains(&"copy.db") && all_private(&modes), "{modes:?}");
}

fn program() -> &'static str {
    env!("CARGO_BIN_EXE_ringfence")
}

/// As one that was copied by hand may be.
#[tokio::test]
async fn a_database_that_others_can_read_is_shut_and_told_of() {
    let mut world = World::new(EngineKind::Valkey).await;
    let database = world.config.database.clone();
    let service = start_after(&mut world, "umask 000").await;
    create(&service, "acme").await;
    // Not in order, so that the journal stays.
    service.kill();
    let names: Vec<String> = modes(&database).into_keys().collect();
    assert!(names.iter().any(|name| name.ends_with("-wal")), "{names:?}");
    for name in &names {
        let readable = fs::Permissions::from_mode(0o644);
        fs::set_permissions(database.with_file_name(name), readable).unwrap();
    }
    let service = start_after(&mut world, "umask 000").await;
    let modes = modes(&database);
    assert!(all_private(&modes), "{modes:?}");
    let log = service.log();
    let told = log.matches("others could read this file, and cannot any more").count();
    assert_eq!(told, names.len(), "{log}");
    create(&service, "globex").await;
}

/// What a container with a read-only root file system has to give it: one folder. Here it is in one in which
/// nobody can write, and there is no other for temporary files.
#[tokio::test]
async fn the_service_writes_where_its_database_is_and_nowhere_else() {
    let mut world = World::new(EngineKind::Valkey).await;
    let elsewhere = "cd /proc; export TMPDIR=/proc/none HOME=/proc/none";
    let service = start_after(&mut world, elsewhere).await;
    create(&service, "acme").await;
    let database = world.config.database.clone();
    let copy = database.with_file_name("copy.db");
    let mut backup = Command::new(program());
    backup.args(["backup", "--database"]).arg(&database).arg(&copy).current_dir("/proc");
    let backup = backup.env("TMPDIR", "/proc/none").output().unwrap();
    assert!(backup.status.success(), "{}", String::from_utf8_lossy(&backup.stderr));
}
