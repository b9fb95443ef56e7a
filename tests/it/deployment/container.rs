//! The image, as the Dockerfile says it is.

use std::{collections::BTreeMap, fs, process::Command};

use serde_json::{Value, json};

/// The instructions of the last stage, in their order.
pub(super) struct Image {
    instructions: Vec<(String, String)>,
}

impl Image {
    pub(super) fn read() -> Self {
        let text = fs::read_to_string("Dockerfile").unwrap();
        let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
        let joined = lines.collect::<Vec<_>>().join("\n").replace("\\\n", " ");
        let last = joined.rfind("FROM ").unwrap();
        let instructions = joined[last..].lines().filter_map(|line| line.split_once(' '));
        let instructions = instructions.map(|(word, rest)| (word.to_owned(), rest.to_owned()));
        Self { instructions: instructions.collect() }
    }

    fn all(&self, word: &str) -> impl Iterator<Item = &str> {
        let of_word = self.instructions.iter().filter(move |(found, _)| found == word);
        of_word.map(|(_, rest)| rest.trim())
    }

    /// What stands behind a word that is there once.
    pub(super) fn only(&self, word: &str) -> &str {
        let mut all = self.all(word);
        let only = all.next().unwrap_or_else(|| panic!("no {word}"));
        assert_eq!(all.next(), None, "{word}");
        only
    }

    /// A command, which is written as a list: there is no shell that would read it.
    pub(super) fn command(&self, word: &str) -> Vec<String> {
        let text = self.only(word);
        serde_json::from_str(&text[text.find('[').unwrap()..]).unwrap()
    }

    pub(super) fn variables(&self) -> BTreeMap<String, String> {
        let pairs = self.all("ENV").flat_map(str::split_whitespace);
        let pair = pairs.map(|pair| pair.split_once('=').unwrap());
        pair.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    pub(super) fn volume(&self) -> String {
        self.only("VOLUME").to_owned()
    }

    /// The number of its user.
    pub(super) fn user(&self) -> u64 {
        self.only("USER").split(':').next().unwrap().parse().unwrap()
    }
}

#[test]
fn the_linter_has_nothing_to_say() {
    let linter = "target/linters/hadolint";
    let output = Command::new(linter).args(["--format", "json", "Dockerfile"]).output();
    let output = output.expect("`make engines` has not been run");
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(said, json!([]));
    assert!(output.status.success());
}

#[test]
fn the_image_runs_as_a_user_that_has_a_number_and_is_not_root() {
    let image = Image::read();
    assert!(image.user() > 0);
    let owner = format!("--chown={}", image.only("USER"));
    let writable = image.all("COPY").find(|copy| copy.ends_with(&image.volume()));
    assert!(writable.unwrap().contains(&owner), "the database's place is not its own");
}

#[test]
fn the_image_holds_the_program_a_place_for_its_database_and_nothing_else() {
    let image = Image::read();
    let copies: Vec<_> = image.all("COPY").collect();
    assert_eq!(copies.len(), 2, "{copies:?}");
    assert!(copies.iter().all(|copy| copy.starts_with("--from=build ")), "{copies:?}");
    for word in ["ADD", "RUN", "ONBUILD", "SHELL"] {
        assert_eq!(image.all(word).count(), 0, "{word}");
    }
    let ours = ["REVISION", "RINGFENCE_DATABASE", "TMPDIR"];
    let arguments = image.all("ARG").map(|argument| argument.split('=').next().unwrap());
    let variables = image.variables();
    let names: Vec<_> = arguments.chain(variables.keys().map(String::as_str)).collect();
    assert_eq!(names, ours, "what is written into an image is read by whoever has it");
    let places = variables.values().filter(|value| value.starts_with(&image.volume()));
    assert_eq!(places.count(), 2, "all else is read-only");
}

#[test]
fn the_image_says_by_itself_whether_it_lives() {
    let image = Image::read();
    // Whoever asks restarts it, which mends no full disk.
    assert_eq!(image.command("HEALTHCHECK"), ["ringfence", "healthcheck", "--live"]);
    assert_eq!(image.command("ENTRYPOINT"), ["ringfence"]);
    assert_eq!(image.command("CMD")[0], "serve");
}

#[test]
fn the_image_is_built_by_the_compiler_and_labelled_with_the_version_of_the_package() {
    let text = fs::read_to_string("Dockerfile").unwrap();
    let builder = format!("FROM rust:{}-slim-bookworm AS build\n", env!("CARGO_PKG_RUST_VERSION"));
    assert!(text.contains(&builder), "{builder}");
    let image = Image::read();
    let version = concat!("org.opencontainers.image.version=\"", env!("CARGO_PKG_VERSION"), "\"");
    assert!(image.only("LABEL").contains(version), "{version}");
    let base = format!("org.opencontainers.image.base.name=\"{}\"", image.only("FROM"));
    assert!(image.only("LABEL").contains(&base), "{base}");
}
