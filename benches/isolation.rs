//! How long the isolation proof and the lint take.
//!
//! The proof compares every user with every other one. What counts is how its time grows: beside it
//! stands what `n log n` would make of it.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use ringfence::domain::{
    Ground, GroupMember, KeyPatternTemplate, Owner, Profile, Resident, TenantName, UserId,
    UserName, lint_context, prove,
};
use ringfence_acl::{AccessString, Engine, EngineKind, EngineVersion, lint};
use serde_json::json;

use crate::rig::{Goal, Report, Rig, Row, page::number, times};

/// A user group holds 100 users by default; no quota allows as many as the last.
const SIZES: [usize; 4] = [100, 500, 1_000, 5_000];
const RUNS: usize = 9;
const QUICK_RUNS: usize = 1;

pub(crate) fn run(rig: &Rig) -> anyhow::Result<Report> {
    let ground =
        Ground::plain(Engine { kind: EngineKind::Valkey, version: EngineVersion::new(9, 1) });
    let runs = rig.size(RUNS, QUICK_RUNS);
    let proofs: Vec<(usize, Duration)> = SIZES
        .iter()
        .map(|&size| {
            let users = residents(size, &ground);
            let prove = || drop(black_box(prove(black_box(users.clone()), &ground)));
            (size, median_of(runs, prove))
        })
        .collect();
    let string = access_string("acme", &ground);
    let parsed = AccessString::parse(&string).context("a profile makes an access string")?;
    let context = lint_context(&ground);
    let linted = median_of(runs, || drop(black_box(lint(black_box(&parsed), &context))));
    Ok(report(&proofs, string.len(), linted))
}

fn report(proofs: &[(usize, Duration)], lint_bytes: usize, linted: Duration) -> Report {
    let (least, most) = (proofs[0], proofs[proofs.len() - 1]);
    let growth = |(_, time): (usize, Duration)| time.as_secs_f64() / least.1.as_secs_f64();
    let proof = Row::new(
        format!("isolation proof of {} users, times that of {}", most.0, least.0),
        growth(most) / n_log_n(most.0),
        Some(Goal::AtMost(1.0)),
    )
    .of(
        format!("{}, {} times", times::text(most.1), number(growth(most))),
        format!("n log n, {} times", number(n_log_n(most.0))),
    );
    let row = |proof: &(usize, Duration)| {
        vec![
            format!("proof of {} users", proof.0),
            times::text(proof.1),
            number(growth(*proof)),
            number(n_log_n(proof.0)),
        ]
    };
    let lint = vec![
        format!("lint of the {lint_bytes} bytes of `read-write`"),
        times::text(linted),
        String::new(),
        String::new(),
    ];
    let headings = vec!["", "median", "times the first", "n log n"];
    let data: Vec<_> = proofs
        .iter()
        .map(|(users, time)| json!({ "users": users, "seconds": time.as_secs_f64() }))
        .collect();
    let data = json!({ "proofs": data, "lint_seconds": linted.as_secs_f64() });
    Report::new("isolation", vec![proof], data)
        .with_table(headings, proofs.iter().map(row).chain([lint]).collect())
}

/// What the size alone would make of the time.
#[expect(clippy::cast_precision_loss, reason = "a few thousand fit exactly")]
fn n_log_n(size: usize) -> f64 {
    let cost = |n: usize| n as f64 * (n as f64).log2();
    cost(size) / cost(SIZES[0])
}

/// A fleet of tenants, and one user that reaches everything, as there often is one.
fn residents(size: usize, ground: &Ground) -> Vec<Resident> {
    let tenant = |index: usize| {
        let name = format!("tenant-{index}");
        let owner = TenantName::parse(&name).expect("this is a name");
        Resident { user: member(&name, access_string(&name, ground)), owner: Owner::Tenant(owner) }
    };
    let admin = member("admin", "on ~* &* +@all".to_owned());
    let admin = Resident { user: admin, owner: Owner::Foreign };
    (1..size).map(tenant).chain([admin]).collect()
}

fn member(name: &str, access_string: String) -> GroupMember {
    GroupMember {
        id: UserId::new(name),
        name: UserName::new(name.to_owned()),
        access_string: access_string.into(),
        takes_anyone: false,
    }
}

fn access_string(name: &str, ground: &Ground) -> String {
    let name = TenantName::parse(name).expect("this is a name");
    Profile::default().access_string(&KeyPatternTemplate::Colon.pattern(&name), ground)
}

fn median_of(runs: usize, mut work: impl FnMut()) -> Duration {
    let timed = (0..runs).map(|_| {
        let begun = Instant::now();
        work();
        begun.elapsed()
    });
    times::median(&timed.collect::<Vec<_>>())
}
