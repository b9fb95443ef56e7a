//! Which arguments of a call are keys, what is done to them, and whether that is covered.

use super::call::{Call, number};
use super::native_keys;
use crate::access_string::after_last;
use crate::pattern::KeyAccess;
use crate::rule::{Rule, RuleKind};
use crate::table::{KeySpec, SpecBegin, SpecFind};

/// A key of a call, and what the command does to it.
///
/// A command that neither reads what the key holds nor writes to it, such as `EXISTS`, is covered
/// by every pattern that matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyUse {
    /// The number of the argument; the name of the command is 0.
    pub position: usize,
    /// Whether what the key holds is read.
    pub reads: bool,
    /// Whether the key is written, made or removed.
    pub writes: bool,
}

/// For each key of the call the rule that covers it, or the first key that none covers.
pub(super) fn check<'a>(
    rules: &'a [Rule],
    call: &Call<'_>,
) -> Result<Vec<(KeyUse, &'a Rule)>, KeyUse> {
    let covering = |key: KeyUse| covering_rule(rules, call, key).map(|rule| (key, rule)).ok_or(key);
    keys_of(call).into_iter().map(covering).collect()
}

fn covering_rule<'a>(rules: &'a [Rule], call: &Call<'_>, key: KeyUse) -> Option<&'a Rule> {
    let patterns = after_last(rules, |kind| matches!(kind, RuleKind::ResetKeys));
    patterns.iter().find(|rule| {
        let RuleKind::Keys(pattern) = rule.kind() else { return false };
        let access = pattern.access();
        let may = access == KeyAccess::ReadWrite
            || (!key.reads || access.reads()) && (!key.writes || access.writes());
        may && pattern.glob().matches(call.argv[key.position])
    })
}

/// The keys of a call, found as the engines find them: by the specifications of the command, or by
/// a function of the engine's own where these do not say enough.
fn keys_of(call: &Call<'_>) -> Vec<KeyUse> {
    let specs = call.command.key_specs();
    let is_variable = specs.iter().any(|spec| spec.has_flag("variable_flags"));
    let by_specs = if is_variable { Err(Misfit) } else { by_specs(call, specs) };
    // No function either: the engine takes the call for one that will fail, and lets it pass.
    by_specs.unwrap_or_else(|Misfit| native_keys::of(call))
}

/// A specification does not fit the call, or does not claim to find every key.
struct Misfit;

/// The keys by the specifications.
fn by_specs(call: &Call<'_>, specs: &[KeySpec]) -> Result<Vec<KeyUse>, Misfit> {
    let mut keys = Vec::new();
    for spec in specs.iter().filter(|spec| !spec.has_flag("not_key")) {
        let has = |flags: &[&str]| flags.iter().any(|flag| spec.has_flag(flag));
        let (reads, writes) = (has(&["access"]), has(&["insert", "update", "delete"]));
        let Some(first) = begin(call, spec)? else { continue };
        let (first, last, step) = range(call, spec, first).ok_or(Misfit)?;
        let positions = (first..=last).step_by(step);
        keys.extend(positions.map(|position| KeyUse { position, reads, writes }));
        if has(&["incomplete"]) {
            return Err(Misfit);
        }
    }
    Ok(keys)
}

/// Where the keys of a specification begin, unless its keyword is not there.
fn begin(call: &Call<'_>, spec: &KeySpec) -> Result<Option<usize>, Misfit> {
    match spec.begin() {
        SpecBegin::Index(index) => Ok(Some(*index)),
        SpecBegin::Keyword { word, start_from } => {
            let argc = call.argv.len();
            let is_keyword = |place: &usize| call.is_word(*place, word);
            // The last word cannot be a keyword: nothing would follow it.
            let found = if let Ok(start) = usize::try_from(*start_from) {
                (start..argc.saturating_sub(1)).find(is_keyword)
            } else {
                let back = usize::try_from(start_from.unsigned_abs()).map_err(|_| Misfit)?;
                (2..=argc.saturating_sub(back)).rev().find(is_keyword)
            };
            Ok(found.map(|place| place + 1))
        }
        SpecBegin::Unknown => Err(Misfit),
    }
}

/// The first and last key and the distance between keys.
fn range(call: &Call<'_>, spec: &KeySpec, begin: usize) -> Option<(usize, usize, usize)> {
    let argc = call.argv.len();
    let (first, last, step) = match spec.find() {
        SpecFind::Range { last, step, limit } => {
            let relative = usize::try_from(*last).ok();
            let back = usize::try_from(last.unsigned_abs()).ok()?;
            let last = match (relative, limit) {
                (Some(last), _) => begin + last,
                (None, 0) => argc.checked_sub(back)?,
                (None, limit) => (begin + argc.checked_sub(begin)? / limit).checked_sub(back)?,
            };
            (begin, last, *step)
        }
        SpecFind::Counted { count, first, step } => {
            let n_keys = usize::try_from(number(call.argv.get(begin + count)?)?).ok()?;
            let first = begin + first;
            (first, first.checked_add(n_keys.checked_sub(1)?.checked_mul(*step)?)?, *step)
        }
        SpecFind::Unknown => return None,
    };
    (first <= last && last < argc).then_some((first, last, step))
}
