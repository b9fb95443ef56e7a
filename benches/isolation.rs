//! How long the isolation proof and the lint take.
//!
//! `make bench` prints a table. Machines differ, so what counts is how the time grows: the ratio
//! stands beside what `n log n` would give.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use ringfence::domain::{
    Ground, GroupMember, KeyPatternTemplate, Owner, Profile, Resident, TenantName, UserId,
    UserName, lint_context, prove,
};
use ringfence_acl::{AccessString, Engine, EngineKind, EngineVersion, lint};

/// A user group holds 100 users by default; no quota allows as many as the last.
const SIZES: [usize; 4] = [100, 500, 1_000, 5_000];
const RUNS: usize = 9;

#[expect(clippy::print_stdout, reason = "the table is what one wants to see")]
fn main() {
    let ground =
        Ground::plain(Engine { kind: EngineKind::Valkey, version: EngineVersion::new(9, 1) });
    println!("| isolation proof of | median | times that of {} | n log n |", SIZES[0]);
    println!("|---|--:|--:|--:|");
    let mut first = None;
    for size in SIZES {
        let users = residents(size, &ground);
        let median = median(|| drop(black_box(prove(black_box(users.clone()), &ground))));
        let first = *first.get_or_insert(median);
        let ratio = median.as_secs_f64() / first.as_secs_f64();
        println!("| {size} users | {median:.2?} | {ratio:.1} | {:.1} |", n_log_n(size));
    }
    let string = access_string("acme", &ground);
    let parsed = AccessString::parse(&string).expect("a profile makes an access string");
    let context = lint_context(&ground);
    let median = median(|| drop(black_box(lint(black_box(&parsed), &context))));
    println!("\nlint of the {} bytes of the profile read-write: {median:.2?}", string.len());
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

fn median(mut work: impl FnMut()) -> Duration {
    let mut times = [Duration::ZERO; RUNS];
    for time in &mut times {
        let start = Instant::now();
        work();
        *time = start.elapsed();
    }
    times.sort_unstable();
    times[RUNS / 2]
}
