//! The unit for a machine without containers.

use std::{collections::BTreeMap, fs, path::Path, process::Command, time::Duration};

use clap::Parser as _;
use ringfence::{cli::Cli, config::Config};
use tempfile::TempDir;

use super::container::Image;

const UNIT: &str = "deploy/systemd/ringfence.service";

/// All that is said of a setting, in its order.
fn settings() -> BTreeMap<String, Vec<String>> {
    let text = fs::read_to_string(UNIT).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let mut settings = BTreeMap::<_, Vec<_>>::new();
    for (name, value) in lines.filter_map(|line| line.split_once('=')) {
        settings.entry(name.to_owned()).or_default().push(value.to_owned());
    }
    settings
}

#[test]
fn the_unit_starts_what_the_image_starts_and_keeps_its_files_where_the_image_does() {
    let (settings, image) = (settings(), Image::read());
    let words: Vec<_> = settings["ExecStart"][0].split(' ').collect();
    Cli::try_parse_from(&words).unwrap();
    assert_eq!(words[1..], image.command("CMD"));
    let state = format!("/var/lib/{}", settings["StateDirectory"][0]);
    assert_eq!(state, image.volume());
    let variables = image.variables().into_iter().map(|(name, value)| format!("{name}={value}"));
    assert_eq!(settings["Environment"], variables.collect::<Vec<_>>());
}

#[test]
fn the_unit_leaves_the_service_the_time_that_it_takes_to_stop() {
    let given = Duration::from_secs(settings()["TimeoutStopSec"][0].parse().unwrap());
    assert!(given > Config::default().shutdown_grace, "{given:?}");
}

#[test]
fn the_unit_may_do_no_more_than_it_has_to() {
    let settings = settings();
    for (name, expected) in [
        ("User", "ringfence"),
        ("NoNewPrivileges", "yes"),
        ("CapabilityBoundingSet", ""),
        ("ProtectSystem", "strict"),
        ("ProtectHome", "yes"),
        ("StateDirectoryMode", "0700"),
        ("UMask", "0077"),
        ("LimitCORE", "0"),
    ] {
        assert_eq!(settings[name], [expected], "{name}");
    }
    // Nothing else is made writable again.
    assert!(!settings.contains_key("ReadWritePaths"));
}

/// Where there is a systemd to ask. It wants the program to be there.
#[test]
fn systemd_has_nothing_to_say() {
    let program = Path::new(env!("CARGO_BIN_EXE_ringfence"));
    let text = fs::read_to_string(UNIT).unwrap();
    let text = text.replace("/usr/local/bin/ringfence", program.to_str().unwrap());
    let directory = TempDir::new().unwrap();
    let unit = directory.path().join("ringfence.service");
    fs::write(&unit, text).unwrap();
    let Ok(output) = Command::new("systemd-analyze").arg("verify").arg(&unit).output() else {
        return;
    };
    let said = String::from_utf8_lossy(&output.stderr);
    // What it finds wrong with units of the machine is not ours.
    let of_ours: Vec<_> = said.lines().filter(|line| line.contains("ringfence")).collect();
    assert!(of_ours.is_empty(), "{said}");
}
