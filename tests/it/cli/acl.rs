//! `ringfence acl`: what it says, and what its exit code says.

use insta::assert_snapshot;
use serde_json::Value;

use super::running::{Outcome, finish, ringfence, run};

async fn acl(arguments: &[&str]) -> Outcome {
    run(&[&["acl"], arguments].concat()).await
}

#[tokio::test]
async fn both_commands_explain_themselves_with_examples() {
    for command in ["lint", "explain"] {
        let help = acl(&[command, "--help"]).await;
        assert!(help.success && help.stdout.contains("Examples:"), "{help:?}");
        assert!(help.stdout.contains("The exit code is 0"), "{help:?}");
    }
}

#[tokio::test]
async fn lint_marks_each_rule_and_fails_on_an_error() {
    let outcome = acl(&["lint", "on ~acme:* resetchannels -@all +get +dbsize"]).await;
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(1), ""));
    let first: String = outcome.stdout.split_inclusive("\n\n").take(1).collect();
    assert_snapshot!(first, @r"
    error: reveals-counts at byte 36
      …me:* resetchannels -@all +get +dbsize
                                     ^^^^^^^
      `+dbsize` gives DBSIZE: tells sizes and counts of the whole server
      try: on ~acme:* resetchannels -@all +get +dbsize -dbsize
    ");
    let last = outcome.stdout.lines().last().unwrap();
    assert!(last.starts_with("valkey 9.1.0: errors 1, "), "{last}");
}

#[tokio::test]
async fn lint_is_content_with_a_string_that_has_no_error() {
    let string = "on ~acme:* resetchannels &acme:* -@all +@string +ping";
    for arguments in [
        vec!["lint", string],
        vec!["lint", "--engine", "redis", "--engine-version", "6.2", string],
        vec!["lint", string, "--engine", "valkey", "--engine-version", "8.1", "--json"],
    ] {
        let outcome = acl(&arguments).await;
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_marked_and_passwords_are_not_repeated() {
    let outcome = acl(&["lint", "on ~acme:* >hunter2 +get"]).await;
    assert_eq!(outcome.code, Some(1));
    assert!(!outcome.stdout.contains("hunter2"), "{}", outcome.stdout);
    assert_snapshot!(outcome.stdout, @r"
    error: not-readable at byte 11
      on ~acme:* >…
                 ^^
      ElastiCache takes passwords as parameters of the user, not in the access string; leave the rule out and give the password as `Passwords`

    valkey 9.1.0: errors 1, warnings 0, notes 0
    ");
    let outcome = acl(&["explain", "on >hunter2 +get", "--", "GET", "a"]).await;
    assert_eq!(outcome.code, Some(2));
    assert!(!outcome.stderr.contains("hunter2"), "{}", outcome.stderr);
}

#[tokio::test]
async fn a_string_may_begin_with_a_hyphen() {
    let outcome = acl(&["lint", "-@all +get", "--json"]).await;
    let report: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(report["canonical"], "off -@all +get");
    assert_eq!(report["engine"], "valkey");
}

#[tokio::test]
async fn explain_names_the_rules_that_allow_a_call() {
    let string = "on ~acme:* resetchannels -@all +@read";
    let outcome = acl(&["explain", string, "--", "GET", "acme:plan"]).await;
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""));
    assert_snapshot!(outcome.stdout, @r"
    allowed: `+@read` gives the command, `~acme:*` the key at argument 1

    at byte 31
      …n ~acme:* resetchannels -@all +@read
                                     ^^^^^^

    at byte 3
      on ~acme:* resetchannels -@all +@read
         ^^^^^^^
    ");
}

#[tokio::test]
async fn explain_says_what_a_denied_call_lacks() {
    let string = "on ~acme:* resetchannels -@all +@read -mget";
    let outcome = acl(&["explain", string, "--", "MGET", "acme:plan", "globex:plan"]).await;
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(1), ""));
    assert_snapshot!(outcome.stdout, @r"
    denied: `-mget` takes the command away

    at byte 38
      …:* resetchannels -@all +@read -mget
                                     ^^^^^
    ");
}

#[tokio::test]
async fn a_question_that_makes_no_sense_is_refused() {
    for arguments in [
        vec!["explain", "on +@all", "--", "NOSUCH"],
        vec!["explain", "on +@all", "--", "GET"],
        vec!["explain", "on +nosuch", "--", "GET", "a"],
        vec!["explain", "on +@all"],
        vec!["lint"],
        vec!["lint", "on +@all", "--engine", "memcached"],
        vec!["lint", "on +@all", "--engine-version", "nine"],
    ] {
        let outcome = acl(&arguments).await;
        assert_eq!(outcome.code, Some(2), "{arguments:?}: {outcome:?}");
        assert!(outcome.stderr.starts_with("error: "), "{outcome:?}");
    }
}

/// Even a broken configuration does not matter.
#[tokio::test]
async fn no_configuration_is_read() {
    let mut command = ringfence(&["acl", "lint", "on ~acme:* resetchannels -@all +get +ping"]);
    let outcome = finish(command.env("RINGFENCE_LISTEN", "nowhere")).await;
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
}
