//! What an operator may see is explained.

use std::fs;

use ringfence::domain::{DriftKind, Phase, Scope, Status, TenantProblemCode};

fn assert_explained<'a>(page: &str, words: impl IntoIterator<Item = &'a str>) {
    let text = fs::read_to_string(page).unwrap();
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with('|')).collect();
    for word in words {
        let is_there = rows.iter().any(|row| {
            let first = row.split('|').nth(1).unwrap_or_default();
            first.contains(&format!("`{word}`"))
        });
        assert!(is_there, "{page} has no table row for {word}");
    }
}

#[test]
fn every_scope_is_in_the_table() {
    assert_explained("docs/authentication.md", Scope::ALL.iter().map(|scope| scope.as_str()));
}

#[test]
fn every_state_phase_problem_and_kind_of_drift_is_in_the_tables() {
    let page = "docs/operations.md";
    assert_explained(page, Status::ALL.iter().map(|status| status.as_str()));
    assert_explained(page, Phase::ALL.iter().map(|phase| phase.as_str()));
    assert_explained(page, TenantProblemCode::ALL.iter().map(|code| code.as_str()));
    assert_explained("docs/drift.md", DriftKind::ALL.iter().map(|kind| kind.as_str()));
}
