//! Who may name whom: the layers of `ARCHITECTURE.md`, read from the sources.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// A folder or file of `src/`, and the words that must not stand in its code.
const RULES: &[(&str, &[&str])] = &[
    (
        "domain",
        &[
            "axum",
            "sqlx",
            "tokio",
            "aws_",
            "redis::",
            "crate::api",
            "crate::store",
            "crate::cloud",
            "crate::reconcile",
            "crate::config",
            "crate::attestation",
            "crate::clock",
            "async fn",
            ".await",
        ],
    ),
    (
        "store",
        &[
            "axum",
            "aws_sdk",
            "aws_config",
            "redis::",
            "crate::api",
            "crate::cloud",
            "crate::reconcile",
        ],
    ),
    ("cloud", &["axum", "sqlx", "redis::", "crate::api", "crate::store", "crate::reconcile"]),
    (
        "attestation",
        &["axum", "sqlx", "aws_", "crate::api", "crate::store", "crate::cloud", "crate::reconcile"],
    ),
    ("reconcile", &["axum", "sqlx", "aws_sdk", "redis::", "crate::api"]),
    ("api", &["sqlx", "aws_sdk", "aws_config", "redis::"]),
    ("import", &["axum", "sqlx", "aws_sdk", "redis::", "crate::api"]),
    (
        "cli/client",
        &["axum", "sqlx", "aws_", "crate::api", "crate::store", "crate::cloud", "crate::reconcile"],
    ),
    (
        "server",
        &[
            "axum",
            "sqlx",
            "aws_sdk",
            "aws_config",
            "redis::",
            "crate::store",
            "crate::cloud",
            "crate::reconcile",
        ],
    ),
    (
        "webhooks",
        &[
            "axum",
            "sqlx",
            "aws_sdk",
            "aws_config",
            "redis::",
            "crate::api",
            "crate::cloud",
            "crate::reconcile",
        ],
    ),
    (
        "oidc",
        &[
            "axum",
            "sqlx",
            "aws_sdk",
            "aws_config",
            "redis::",
            "crate::api",
            "crate::store",
            "crate::cloud",
            "crate::reconcile",
        ],
    ),
    (
        "telemetry",
        &[
            "axum",
            "sqlx",
            "aws_",
            "redis::",
            "crate::api",
            "crate::store",
            "crate::cloud",
            "crate::reconcile",
        ],
    ),
    ("config", &["axum", "sqlx", "aws_", "crate::api", "crate::store", "crate::reconcile"]),
];

#[test]
fn every_layer_names_only_what_lies_below_it() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut broken, mut n_files) = (Vec::new(), 0);
    for (layer, forbidden) in RULES {
        for file in rust_files(&sources.join(layer)) {
            let text = fs::read_to_string(&file).unwrap();
            n_files += 1;
            for (number, line) in text.lines().enumerate() {
                let code = line.split("//").next().unwrap_or_default();
                for word in forbidden.iter().filter(|word| code.contains(**word)) {
                    broken.push(format!("{}:{} names {word}", file.display(), number + 1));
                }
            }
        }
    }
    assert!(n_files > RULES.len(), "the sources were not found");
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn no_file_is_longer_than_a_reader_keeps_in_mind() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let long: Vec<String> = ["src", "crates", "tests", "examples"]
        .iter()
        .flat_map(|folder| rust_files(&root.join(folder)))
        .filter_map(|file| {
            let n_lines = fs::read_to_string(&file).unwrap().lines().count();
            (n_lines > 400).then(|| format!("{} has {n_lines} lines", file.display()))
        })
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}
