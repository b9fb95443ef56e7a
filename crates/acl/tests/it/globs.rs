//! Globs against brute force, and against the servers.

use proptest::collection::vec;
use proptest::prelude::*;
use ringfence_acl::Glob;

use crate::cases::run_cases;
use crate::engine::{RunningEngine, engines_at_hand};

/// Patterns that are full of the characters with a meaning, over few letters.
pub(crate) fn pattern(bytes: &'static [u8], most: usize) -> impl Strategy<Value = Vec<u8>> {
    vec(proptest::sample::select(bytes), 0..=most)
}

pub(crate) const MEANINGFUL: &[u8] = br"aabbc***??[[]]^--\\";

/// All strings over these bytes up to a length.
fn strings(alphabet: &[u8], longest: usize) -> Vec<Vec<u8>> {
    let mut all = vec![Vec::new()];
    let mut last = all.clone();
    for _ in 0..longest {
        let longer = |text: &Vec<u8>, byte: &u8| [text.as_slice(), &[*byte]].concat();
        last = last.iter().flat_map(|text| alphabet.iter().map(|b| longer(text, b))).collect();
        all.extend(last.iter().cloned());
    }
    all
}

proptest! {
    #[test]
    fn a_witness_matches_both_patterns_and_is_found_where_there_is_one(
        left in pattern(MEANINGFUL, 6),
        right in pattern(MEANINGFUL, 6),
    ) {
        let (left, right) = (Glob::parse(&left), Glob::parse(&right));
        let both = |text: &Vec<u8>| left.matches(text) && right.matches(text);
        let witness = left.intersection(&right);
        let found = witness.as_ref().is_some_and(both);
        let common = strings(br"abc-]^\", 4).into_iter().find(both);
        prop_assert!(found || (witness.is_none() && common.is_none()), "{witness:?} {common:?}");
        prop_assert_eq!(left.intersection(&left).is_none(), left.is_empty());
    }

    #[test]
    fn inclusion_is_what_brute_force_finds(
        outer in pattern(b"aab**?[]^", 4),
        inner in pattern(b"aab**?[]^", 4),
    ) {
        let (outer, inner) = (Glob::parse(&outer), Glob::parse(&inner));
        let outside = |text: &Vec<u8>| inner.matches(text) && !outer.matches(text);
        let escaped = strings(b"ab[]^*?c", 4).into_iter().find(outside);
        prop_assert_eq!(outer.includes(&inner), escaped.is_none(), "{:?}", escaped);
    }
}

/// Runs against each server: `GET` as a user with this one key pattern.
fn against_servers(
    patterns: &'static [u8],
    keys: &'static [u8],
    agrees: fn(engine: bool, ours: bool) -> bool,
) {
    for server in engines_at_hand() {
        let engine = RunningEngine::start(&server);
        let mut admin = engine.connection();
        let mut user = engine.connection();
        let acl = |rules: &[&[u8]]| {
            let mut setuser = redis::cmd("ACL");
            setuser.arg("SETUSER").arg("u").arg("reset").arg("on").arg(">p").arg("+get").arg(rules);
            setuser
        };
        acl(&[]).exec(&mut admin).unwrap();
        redis::cmd("AUTH").arg("u").arg("p").exec(&mut user).unwrap();
        let cases = (pattern(patterns, 8), vec(pattern(keys, 6), 12));
        run_cases(2_000, &cases, |(pattern, keys)| {
            acl(&[&[b"~", pattern.as_slice()].concat()]).exec(&mut admin).unwrap();
            let glob = if pattern == b"*" { Glob::everything() } else { Glob::parse(&pattern) };
            for key in keys {
                let reply = redis::cmd("GET").arg(&key).exec(&mut user);
                let (allowed, ours) = (reply.is_ok(), glob.matches(&key));
                prop_assert!(
                    agrees(allowed, ours),
                    "{key:?}: {allowed} by the engine, {ours} here"
                );
            }
            Ok(())
        });
    }
}

#[test]
fn keys_match_as_the_servers_match_them() {
    against_servers(MEANINGFUL, br"aabbc-]^\[", |engine, ours| engine == ours);
}

/// Bytes beyond ASCII: a range across the sign bit is read in both ways, so that only "allowed by
/// the engine, but not here" would be wrong.
#[test]
fn no_server_matches_bytes_beyond_ascii_that_do_not_match_here() {
    against_servers(b"aab*?[[]]^^---\\\x80\xc3\xff", b"ab-\x01\x80\xa9\xc3\xff", |engine, ours| {
        !engine || ours
    });
}
