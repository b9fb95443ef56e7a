//! Whether an own profile is safe where it is going to be used.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use ringfence_acl::{AccessString, Engine, Finding, LintContext, Rule, Severity, lint};

use super::{OptIn, OwnProfile, Profile};
use crate::domain::{Ground, KeyPattern, lint_context};

/// Something in a profile that must not stay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Objection {
    /// The part of the profile that causes it.
    pub part: ProfilePart,
    /// The code of the lint's finding.
    pub code: &'static str,
    /// Where in the rules about commands the rule that causes it begins.
    position: Option<usize>,
    /// An engine on which it is so.
    pub engine: Engine,
    explanation: String,
    remedy: String,
}

/// A part of a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProfilePart {
    /// What may be done with keys.
    Keys,
    /// The rules about commands.
    Commands,
}

/// Looks a profile over for the grounds that a cache may be. `keys` is the pattern of some tenant.
///
/// Each ground comes with the engine that the cache may really run: where its version is not told,
/// access strings are made for the oldest, and must be safe on all. What a built-in profile gives
/// only if it is switched on, an own profile gives only then as well, or if it accepts the finding.
///
/// # Panics
///
/// Never: what a profile is made of has been parsed.
#[must_use]
pub fn review(
    profile: &OwnProfile,
    keys: &KeyPattern,
    grounds: &[(Ground, Engine)],
    switched_on: &BTreeSet<OptIn>,
) -> Vec<Objection> {
    let mut objections: BTreeMap<_, (_, Objection)> = BTreeMap::new();
    for (ground, runs) in grounds {
        let text = Profile::own(profile.clone()).access_string(keys, ground);
        let string = AccessString::parse(&text).expect("what a profile is made of has been parsed");
        let context = LintContext { engine: *runs, ..lint_context(ground) };
        let findings = lint(&string, &context);
        for finding in findings.iter().filter(|f| is_refused(profile, switched_on, f)) {
            let objection = object(profile, &string, *runs, finding);
            let key = (objection.part, objection.position, objection.code);
            let weight = (finding.severity, finding.commands.len());
            // Of the same on several engines the worst, and of those the one that says most.
            let is_outweighed = objections.get(&key).is_some_and(|(kept, _)| *kept >= weight);
            if !is_outweighed {
                objections.insert(key, (weight, objection));
            }
        }
    }
    objections.into_values().map(|(_, objection)| objection).collect()
}

fn is_refused(profile: &OwnProfile, switched_on: &BTreeSet<OptIn>, finding: &Finding) -> bool {
    let is_accepted = profile.accepted.iter().any(|code| code.as_str() == finding.code);
    let lacks_opt_in = opt_in(finding).is_some_and(|opt_in| !switched_on.contains(&opt_in));
    (finding.severity == Severity::Error || lacks_opt_in) && !is_accepted
}

/// The profile to be switched on that stands for what was found. An error is none of them: no
/// built-in profile gives that.
fn opt_in(finding: &Finding) -> Option<OptIn> {
    let runs_scripts = finding.code == "runs-scripts" && finding.severity == Severity::Warning;
    runs_scripts.then_some(OptIn::Scripting)
}

fn object(
    profile: &OwnProfile,
    string: &AccessString,
    engine: Engine,
    finding: &Finding,
) -> Objection {
    let at = |position| string.rules().iter().find(|rule| rule.position() == position);
    let rule = finding.position.and_then(at).map(Rule::as_str);
    let refused = string.check(&engine).err().unwrap_or_default();
    let refused = refused.iter().find(|error| Some(error.position) == finding.position);
    let is_about_keys = rule.is_some_and(|rule| rule.starts_with('%'));
    let (explanation, remedy) = match refused {
        Some(error) if is_about_keys => (error.reason.to_string(), NEWER_KEY_RIGHTS.to_owned()),
        Some(error) => (error.reason.to_string(), error.remedy()),
        None => (finding.explanation.clone(), remedy(finding)),
    };
    Objection {
        part: if is_about_keys { ProfilePart::Keys } else { ProfilePart::Commands },
        code: finding.code,
        position: rule.and_then(|rule| profile.commands.position_of(rule)),
        engine,
        explanation,
        remedy,
    }
}

const NEWER_KEY_RIGHTS: &str =
    "use read-write, or tell the cache's engine and engine_version if it is newer";

/// What to do about a finding that is not the engine's refusal.
fn remedy(finding: &Finding) -> String {
    let code = finding.code;
    let mended = match finding.suggestion {
        Some(_) if !finding.commands.is_empty() => {
            format!("end the rules with `-{}`", finding.commands.join(" -"))
        }
        _ => "leave the rule out".to_owned(),
    };
    match opt_in(finding) {
        Some(opt_in) => {
            format!("{mended}, add {code:?} to allow, or {:?} to opt_in_profiles", opt_in.as_str())
        }
        None => format!("{mended}, or add {code:?} to allow"),
    }
}

impl fmt::Display for Objection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        if let Some(position) = self.position {
            write!(f, " at byte {position}")?;
        }
        write!(f, " on {}: {}; {}", self.engine, self.explanation, self.remedy)
    }
}
