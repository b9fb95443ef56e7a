//! The commands whose keys the engines find by functions of their own, because no specification
//! can say it. Each function here walks the arguments as the engine's does.

use super::call::Call;
use super::keys::KeyUse;
use crate::table::{SpecBegin, SpecFind};

/// The keys of such a command, or those of a command with a count that its specification could not
/// read; none for all others, whose call is then going to fail.
pub(super) fn of(call: &Call<'_>) -> Vec<KeyUse> {
    match call.command.name() {
        "set" => vec![set(call)],
        "bitfield" => vec![bitfield(call)],
        "sort" => sort(call),
        "sort_ro" => vec![reads(1)],
        "migrate" => migrate(call),
        "georadius" | "georadiusbymember" => geo_radius(call),
        "memory" if call.argv.len() > 2 && call.is_word(1, "usage") => vec![reads(2)],
        "stralgo" => stralgo(call),
        "xread" | "xreadgroup" => streams(call),
        // Newer than the older functions.
        "msetex" => Vec::new(),
        _ => counted(call).unwrap_or_default(),
    }
}

fn reads(position: usize) -> KeyUse {
    KeyUse { position, reads: true, writes: false }
}

fn writes(position: usize) -> KeyUse {
    KeyUse { position, reads: false, writes: true }
}

/// The engine's older functions do not say what is done to a key.
fn untold(position: usize) -> KeyUse {
    KeyUse { position, reads: false, writes: false }
}

fn reads_and_writes(position: usize) -> KeyUse {
    KeyUse { position, reads: true, writes: true }
}

/// Commands with a count of keys, where the count is not quite a number: `EVAL … 01 key`. The engine
/// finds the keys in its older way, without saying what is done to them, and refuses the call later.
fn counted(call: &Call<'_>) -> Option<Vec<KeyUse>> {
    let argc = call.argv.len();
    let (mut n_counts, mut positions) = (0, Vec::new());
    for spec in call.command.key_specs() {
        let SpecBegin::Index(begin) = spec.begin() else { return None };
        match spec.find() {
            SpecFind::Counted { count, first, step } => {
                let n_keys = leading_number(call.argv.get(begin + count)?);
                let first = begin + first;
                if n_keys == 0 || n_keys > argc.checked_sub(first)? / step {
                    return None;
                }
                n_counts += 1;
                positions.extend((first..argc).step_by(*step).take(n_keys));
            }
            SpecFind::Range { last: 0, .. } if *begin < argc => positions.push(*begin),
            _ => return None,
        }
    }
    (n_counts > 0).then(|| positions.into_iter().map(untold).collect())
}

/// The number that a text begins with, as C's `atoi` reads it; nothing for a negative one.
fn leading_number(text: &[u8]) -> usize {
    let text = text.trim_ascii_start();
    let text = text.strip_prefix(b"+").unwrap_or(text);
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit());
    digits.fold(0, |number: usize, digit| {
        number.saturating_mul(10).saturating_add(usize::from(digit - b'0'))
    })
}

/// `SET … GET` also reads.
fn set(call: &Call<'_>) -> KeyUse {
    let gets = (3..call.argv.len()).any(|position| call.is_word(position, "get"));
    if gets { reads_and_writes(1) } else { writes(1) }
}

/// `BITFIELD` with nothing but `GET` only reads.
fn bitfield(call: &Call<'_>) -> KeyUse {
    let argc = call.argv.len();
    let mut position = 2;
    while position < argc {
        let n_following = argc - position - 1;
        if call.is_word(position, "get") && n_following >= 2 {
            position += 3;
        } else if call.is_word(position, "overflow") && n_following >= 1 {
            position += 2;
        } else {
            return reads_and_writes(1);
        }
    }
    reads(1)
}

/// `SORT` reads its key and writes to that of the last `STORE`.
fn sort(call: &Call<'_>) -> Vec<KeyUse> {
    let mut stored = None;
    let mut position = 2;
    while position < call.argv.len() {
        if call.is_word(position, "limit") {
            position += 2;
        } else if call.is_word(position, "get") || call.is_word(position, "by") {
            position += 1;
        } else if call.is_word(position, "store") && position + 1 < call.argv.len() {
            stored = Some(position + 1);
        }
        position += 1;
    }
    [reads(1)].into_iter().chain(stored.map(writes)).collect()
}

/// `MIGRATE` moves its third argument, or if that is empty all behind `KEYS`.
fn migrate(call: &Call<'_>) -> Vec<KeyUse> {
    // 6.2 takes a password `KEYS` for the option, but not a `KEYS` that must not be there.
    let is_old = !call.engine.has_acl_v2();
    let mut position = 6;
    while position < call.argv.len() {
        if call.is_word(position, "keys") && call.argv[3].is_empty() {
            return (position + 1..call.argv.len()).map(reads_and_writes).collect();
        }
        if call.is_word(position, "keys") && !is_old {
            // Both ways of naming keys at once, which the command refuses.
            return Vec::new();
        }
        position += match () {
            () if !is_old && call.is_word(position, "auth") => 2,
            () if !is_old && call.is_word(position, "auth2") => 3,
            () => 1,
        };
    }
    vec![reads_and_writes(3)]
}

/// `GEORADIUS` reads its key and writes to that of the last `STORE` or `STOREDIST`.
///
/// Only engines without the bug that checked the first one come here; the others go by their
/// specifications, as the bug does.
fn geo_radius(call: &Call<'_>) -> Vec<KeyUse> {
    let mut stored = None;
    let mut position = 5;
    while position + 1 < call.argv.len() {
        if call.is_word(position, "store") || call.is_word(position, "storedist") {
            stored = Some(position + 1);
            position += 1;
        }
        position += 1;
    }
    [reads(1)].into_iter().chain(stored.map(writes)).collect()
}

/// `STRALGO … KEYS a b` of Redis 6.2.
fn stralgo(call: &Call<'_>) -> Vec<KeyUse> {
    for position in 1..call.argv.len().saturating_sub(2) {
        if call.is_word(position, "strings") {
            break;
        }
        if call.is_word(position, "keys") {
            return vec![reads(position + 1), reads(position + 2)];
        }
    }
    Vec::new()
}

/// `XREAD … STREAMS a b 0 0`: the first half of what follows the word. For 6.2, and for calls such as
/// `XREAD STREAMS a STREAMS`, which the specification cannot read and the command refuses.
fn streams(call: &Call<'_>) -> Vec<KeyUse> {
    let mut position = 1;
    while !call.is_word(position, "streams") {
        position += match () {
            () if call.is_word(position, "block") || call.is_word(position, "count") => 2,
            () if call.is_word(position, "group") => 3,
            () if call.is_word(position, "noack") => 1,
            () => return Vec::new(),
        };
    }
    let n_following = call.argv.len() - position - 1;
    if n_following % 2 == 1 {
        return Vec::new();
    }
    (position + 1..=position + n_following / 2).map(untold).collect()
}
