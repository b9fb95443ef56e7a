//! Questions about all strings that a pattern matches.
//!
//! A pattern is a small automaton: being before token `i`, a star may be passed at no cost or take
//! a byte and stay, and a set takes a byte and is passed. Two patterns are walked side by side.
//! Whether a byte was taken is part of a state, since the empty string has its own rule.

use std::collections::{HashMap, HashSet, VecDeque};

use super::{ByteSet, Glob, Token};

/// Both patterns before these tokens, with or without a byte taken so far.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Pair {
    left: usize,
    right: usize,
    taken: bool,
}

/// The shortest string that both match.
pub(super) fn witness(left: &Glob, right: &Glob) -> Option<Vec<u8>> {
    if left.matches_empty && right.matches_empty {
        return Some(Vec::new());
    }
    let start = Pair { left: 0, right: 0, taken: false };
    let end = Pair { left: left.tokens.len(), right: right.tokens.len(), taken: true };
    let mut came_from: HashMap<Pair, (Pair, Option<u8>)> = HashMap::new();
    // Free moves go to the front: the queue is ordered by the length of the string.
    let mut queue = VecDeque::from([start]);
    let mut settled = HashSet::new();
    while let Some(pair) = queue.pop_front() {
        if pair == end {
            return Some(spell(pair, start, &came_from));
        }
        if !settled.insert(pair) {
            continue;
        }
        for (next, byte) in moves(pair, left, right) {
            if settled.contains(&next) {
                continue;
            }
            if byte.is_none() {
                came_from.insert(next, (pair, None));
                queue.push_front(next);
            } else {
                came_from.entry(next).or_insert((pair, byte));
                queue.push_back(next);
            }
        }
    }
    None
}

/// Where two patterns can go from here: passing a star, or taking a byte together.
fn moves(pair: Pair, left: &Glob, right: &Glob) -> Vec<(Pair, Option<u8>)> {
    let mut moves = Vec::with_capacity(3);
    let tokens = (left.tokens.get(pair.left), right.tokens.get(pair.right));
    if let Some(Token::Star) = tokens.0 {
        moves.push((Pair { left: pair.left + 1, ..pair }, None));
    }
    if let Some(Token::Star) = tokens.1 {
        moves.push((Pair { right: pair.right + 1, ..pair }, None));
    }
    if let (Some(left), Some(right)) = tokens {
        let (left_set, left_step) = taking(left);
        let (right_set, right_step) = taking(right);
        if let Some(byte) = left_set.intersection(right_set).readable() {
            let next =
                Pair { left: pair.left + left_step, right: pair.right + right_step, taken: true };
            moves.push((next, Some(byte)));
        }
    }
    moves
}

/// The bytes that a token takes, and how many tokens further that leads.
fn taking(token: &Token) -> (ByteSet, usize) {
    match token {
        Token::Star => (ByteSet::FULL, 0),
        Token::One(set) => (*set, 1),
    }
}

/// The string on the way from the start to here.
fn spell(end: Pair, start: Pair, came_from: &HashMap<Pair, (Pair, Option<u8>)>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut pair = end;
    while pair != start {
        let (before, byte) = came_from[&pair];
        bytes.extend(byte);
        pair = before;
    }
    bytes.reverse();
    bytes
}

/// How many states [`includes`] looks at before it gives up.
const STATES_LIMIT: usize = 1 << 14;

/// Whether every string of `inner` is one of `outer`: each place where the inner pattern can be is
/// walked beside the set of all places where the outer one can be after the same bytes, in search
/// of a string that only the inner one takes.
pub(super) fn includes(outer: &Glob, inner: &Glob) -> bool {
    if inner.matches_empty && !outer.matches_empty {
        return false;
    }
    let alphabet = representatives(outer, inner);
    let outer_start = closure(outer, [0].into());
    let starts = closure(inner, [0].into()).into_iter().map(|place| (place, outer_start.clone()));
    let mut waiting: Vec<(usize, Vec<usize>)> = starts.collect();
    let mut seen: HashSet<(usize, Vec<usize>)> = waiting.iter().cloned().collect();
    while let Some((inner_at, outer_at)) = waiting.pop() {
        for byte in &alphabet {
            let inner_next = advance(inner, &[inner_at], *byte);
            if inner_next.is_empty() {
                continue;
            }
            let outer_next = advance(outer, &outer_at, *byte);
            let accepts = |glob: &Glob, at: &[usize]| at.contains(&glob.tokens.len());
            if accepts(inner, &inner_next) && !accepts(outer, &outer_next) {
                return false;
            }
            for place in inner_next {
                let next = (place, outer_next.clone());
                if seen.insert(next.clone()) {
                    if seen.len() > STATES_LIMIT {
                        return false;
                    }
                    waiting.push(next);
                }
            }
        }
    }
    true
}

/// One byte of each class of bytes that no token of either pattern tells apart.
fn representatives(left: &Glob, right: &Glob) -> Vec<u8> {
    let sets: Vec<ByteSet> =
        left.tokens.iter().chain(&right.tokens).map(|token| taking(token).0).collect();
    let mut seen = HashSet::new();
    let differs =
        |byte: &u8| seen.insert(sets.iter().map(|set| set.contains(*byte)).collect::<Vec<_>>());
    (0..=u8::MAX).filter(differs).collect()
}

/// The places after one more byte, in order.
fn advance(glob: &Glob, places: &[usize], byte: u8) -> Vec<usize> {
    let takes = |place: &usize| {
        let (set, step) = taking(glob.tokens.get(*place)?);
        set.contains(byte).then_some(place + step)
    };
    closure(glob, places.iter().filter_map(takes).collect())
}

/// The places together with those behind the stars they stand before.
fn closure(glob: &Glob, mut places: Vec<usize>) -> Vec<usize> {
    let mut index = 0;
    while let Some(place) = places.get(index) {
        if glob.tokens.get(*place) == Some(&Token::Star) {
            places.push(place + 1);
        }
        index += 1;
    }
    places.sort_unstable();
    places.dedup();
    places
}

#[cfg(test)]
mod tests {
    use super::super::Glob;

    fn witness(left: &str, right: &str) -> Option<String> {
        let (left, right) = (Glob::parse(left.as_bytes()), Glob::parse(right.as_bytes()));
        let witness = left.intersection(&right)?;
        assert!(left.matches(&witness) && right.matches(&witness));
        Some(String::from_utf8(witness).unwrap())
    }

    fn includes(outer: &str, inner: &str) -> bool {
        Glob::parse(outer.as_bytes()).includes(&Glob::parse(inner.as_bytes()))
    }

    #[test]
    fn prefixes_that_end_in_a_terminator_are_disjoint() {
        assert_eq!(witness("acme:*", "acme-eu:*"), None);
        assert_eq!(witness("acme-*", "acme-eu-*").as_deref(), Some("acme-eu-"));
        assert_eq!(witness("tenant-5-*", "tenant-50-*"), None);
    }

    #[test]
    fn patterns_meet_in_the_shortest_string() {
        assert_eq!(witness("a*b", "*ab*").as_deref(), Some("ab"));
        assert_eq!(witness("*", "*").as_deref(), Some("a"));
        assert_eq!(witness("[a-f]*", "[^a-e]?").as_deref(), Some("fa"));
        assert_eq!(witness("", "*"), None);
        assert_eq!(witness("[]", "*"), None);
    }

    #[test]
    fn everything_meets_even_the_empty_pattern() {
        let empty = Glob::parse(b"");
        assert_eq!(Glob::everything().intersection(&empty), Some(Vec::new()));
        assert!(Glob::everything().includes(&empty));
        assert!(!Glob::parse(b"*").includes(&empty));
    }

    #[test]
    fn a_pattern_includes_those_with_a_longer_prefix() {
        assert!(includes("acme:*", "acme:jobs:*") && !includes("acme:jobs:*", "acme:*"));
        assert!(includes("a*", "a?*b") && !includes("a?*b", "a*"));
        assert!(includes("[a-z]*", "[c-f]x") && !includes("[a-z]*", "[A-f]x"));
        assert!(includes("x", "[]") && includes("*a*", "*aa"));
        assert!(includes("*", &format!("*a{}", "?".repeat(40))));
    }

    #[test]
    fn a_pattern_made_to_be_hard_is_given_up() {
        let hard = format!("*a{}", "?".repeat(40));
        assert!(!includes(&hard, "*"));
        assert!(!includes(&hard, &format!("[ab]{}", "[ab]".repeat(60))));
    }
}
