//! The properties that the fuzz targets check, on a few hundred random inputs each.

#[path = "../../fuzz/src/lib.rs"]
#[expect(unreachable_pub, reason = "there it is a crate of its own")]
mod checked;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use ringfence_acl::{Command, Engine};

use self::checked::ENGINES;
use crate::decisions::WORDS;
use crate::globs::{MEANINGFUL, pattern};
use crate::grammar::RULES;

/// Rules in any order, most of them right.
fn strings(most: usize) -> impl Strategy<Value = String> {
    vec(select(RULES), 1..most).prop_map(|rules| rules.join(" "))
}

/// The words of a call: a command of any engine, with anything behind it.
fn calls() -> impl Strategy<Value = Vec<&'static str>> {
    let names: Vec<&str> = ENGINES.iter().flat_map(Engine::commands).map(Command::name).collect();
    (select(names), vec(select(WORDS), 0..8))
        .prop_map(|(name, words)| name.split('|').chain(words).collect())
}

/// Bytes beyond ASCII make ranges mean two things.
const BEYOND_ASCII: &[u8] = b"aab*?[[]]^^---\\\x80\xc3\xff";

proptest! {
    #[test]
    fn any_text_is_read_or_refused_and_what_is_read_is_kept(text in "[ -~é]{0,40}") {
        checked::text_is_kept_or_refused(&text);
    }

    #[test]
    fn a_canonical_form_means_the_same_and_is_its_own(text in strings(8)) {
        checked::text_is_kept_or_refused(&text);
    }

    #[test]
    fn a_glob_matches_as_the_engines_own_function(
        ascii in pattern(MEANINGFUL, 10),
        any in pattern(BEYOND_ASCII, 10),
        text in pattern(b"ab-]^\\[\x01\x80\xa9\xc3\xff", 8),
    ) {
        checked::glob_matches_as_the_engines(&ascii, &text);
        checked::glob_matches_as_the_engines(&any, &text);
    }

    #[test]
    fn globs_are_compared_soundly(
        left in pattern(BEYOND_ASCII, 8),
        right in pattern(MEANINGFUL, 8),
        text in pattern(b"ab-]^\x80", 6),
    ) {
        checked::globs_are_compared_soundly(&left, &right, &text);
    }

    #[test]
    fn every_call_is_decided(text in strings(8), words in calls()) {
        let words: Vec<&[u8]> = words.into_iter().map(str::as_bytes).collect();
        checked::call_is_decided(&text, &words);
    }

    #[test]
    fn a_lint_comes_to_an_end(text in strings(40), engine in select(&ENGINES[..])) {
        checked::lint_comes_to_an_end(&text, engine);
    }
}
