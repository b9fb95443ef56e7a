//! What holds for every input: checked by the fuzz targets, and briefly by the tests of the crate.
//!
//! Each function takes any input and panics if the property does not hold for it.

mod stringmatch;

use ringfence_acl::{
    AccessString, ChannelDefault, DefaultUser, Deployment, Engine, EngineKind, EngineVersion, Glob,
    LintContext, explain, lint,
};

use stringmatch::{Char, stringmatch};

/// One of each command table.
pub const ENGINES: [Engine; 6] = [
    engine(EngineKind::Redis, 6, 2),
    engine(EngineKind::Redis, 7, 0),
    engine(EngineKind::Redis, 8, 2),
    engine(EngineKind::Valkey, 8, 1),
    engine(EngineKind::Valkey, 9, 0),
    engine(EngineKind::Valkey, 9, 1),
];

const fn engine(kind: EngineKind, major: u16, minor: u16) -> Engine {
    Engine { kind, version: EngineVersion::new(major, minor) }
}

/// A text is refused with a place in it, or read; what is read is printed as it was, and has a
/// canonical form that means the same and is its own.
pub fn text_is_kept_or_refused(text: &str) {
    let string = match AccessString::parse(text) {
        Ok(string) => string,
        Err(error) => {
            assert!(text.is_char_boundary(error.position), "{error:?}");
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    for rule in string.rules() {
        assert!(text[rule.position()..].starts_with(rule.as_str()), "{rule:?}");
    }
    let printed = string.to_string();
    let again = AccessString::parse(&printed).expect("what was printed can be read");
    assert_eq!(again.to_string(), printed);
    assert!(again.is_equivalent(&string));

    let canonical = string.canonical();
    assert!(canonical.is_equivalent(&string), "`{canonical}`");
    let again =
        AccessString::parse(&canonical.to_string()).expect("the canonical form can be read");
    assert_eq!(again.canonical().to_string(), canonical.to_string());
    assert_eq!(again.is_on(), string.is_on());
    for engine in ENGINES {
        for error in string.check(&engine).err().unwrap_or_default() {
            // What may be a password is not repeated.
            let shown = error.rule.trim_end_matches('…');
            assert!(text[error.position..].starts_with(shown), "{error:?}");
        }
    }
}

/// A glob matches what the engines' own function matches. A range with one end beyond ASCII means
/// two things there, and at least both here.
pub fn glob_matches_as_the_engines(pattern: &[u8], text: &[u8]) {
    let ours = Glob::parse(pattern).matches(text);
    let theirs = [Char::Signed, Char::Unsigned].map(|char| stringmatch(pattern, text, char));
    if pattern.is_ascii() {
        assert!(theirs.iter().all(|theirs| *theirs == ours), "{theirs:?}");
    } else {
        assert!(ours || theirs == [false, false], "{theirs:?}");
    }
    let literal = Glob::literal(text);
    assert!(literal.matches(text), "{literal:?}");
    assert_eq!(literal.matches(pattern), pattern == text);
}

/// What two globs have in common, and whether one holds the other, is not at odds with this text.
pub fn globs_are_compared_soundly(left: &[u8], right: &[u8], text: &[u8]) {
    let [left, right] = [left, right].map(Glob::parse);
    let witness = left.intersection(&right);
    match &witness {
        Some(witness) => assert!(left.matches(witness) && right.matches(witness), "{witness:?}"),
        None => assert!(!left.matches(text) || !right.matches(text)),
    }
    assert_eq!(witness.map(|text| text.len()), right.intersection(&left).map(|text| text.len()));
    for (outer, inner) in [(&left, &right), (&right, &left)] {
        let may_hold = outer.matches(text) || !inner.matches(text);
        assert!(may_hold || !outer.includes(inner));
        assert!(!inner.matches(text) || text.starts_with(&inner.literal_prefix()));
        let shortest = inner.intersection(inner);
        assert_eq!(shortest.is_none(), inner.is_empty());
        assert!(shortest.is_none_or(|text| text.starts_with(&inner.literal_prefix())));
        assert!(Glob::everything().includes(inner));
    }
}

/// Every call is decided on every engine, and alike for a string and its canonical form.
pub fn call_is_decided(text: &str, words: &[&[u8]]) {
    let Ok(string) = AccessString::parse(text) else { return };
    let canonical = string.canonical();
    for engine in ENGINES {
        let Ok(decision) = explain(&string, &engine, words) else {
            assert!(explain(&canonical, &engine, words).is_err());
            continue;
        };
        assert!(!decision.to_string().is_empty());
        let again = explain(&canonical, &engine, words).expect("the call is the same");
        assert_eq!(decision.is_allowed(), again.is_allowed(), "{engine}: {decision}, but {again}");
    }
}

/// A string is linted; the findings are no more than rules and commands can cause, have places in
/// the string, and suggest what can be read.
pub fn lint_comes_to_an_end(text: &str, engine: Engine) {
    let Ok(string) = AccessString::parse(text) else { return };
    let neighbours = [("neighbour".to_owned(), string.clone())];
    let is_valkey = engine.kind == EngineKind::Valkey;
    let context = LintContext {
        engine,
        deployment: if is_valkey { Deployment::Serverless } else { Deployment::NodeBased },
        cluster_mode: is_valkey,
        channel_default: ChannelDefault::AllChannels,
        default_user: DefaultUser::Open,
        neighbours: &neighbours,
    };
    let findings = lint(&string, &context);
    let most = 8 * text.split(' ').count() + engine.commands().count();
    assert!(findings.len() <= most, "{} findings, at most {most}", findings.len());
    for finding in &findings {
        assert!(finding.position.is_none_or(|at| text.is_char_boundary(at)), "{finding:?}");
        if let Some(suggestion) = &finding.suggestion {
            AccessString::parse(suggestion).expect("a suggestion can be read");
        }
    }
}
