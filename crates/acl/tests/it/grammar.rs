//! The parser against the servers: what they take, we take, and the other way round.

use proptest::prelude::*;
use proptest::sample::select;
use redis::Connection;
use ringfence_acl::{AccessString, Engine};

use crate::cases::run_cases;
use crate::engine::{RunningEngine, engine_of, engines_at_hand};

/// Rules that are right, nearly right, and right for some versions only.
pub(crate) const RULES: &[&str] = &[
    "on",
    "off",
    "OFF",
    "allkeys",
    "resetkeys",
    "~*",
    "~a",
    "~a*",
    "~",
    "%R~a",
    "%w~b",
    "%RW~*",
    "%WR~c",
    "%RR~a",
    "%~a",
    "%",
    "%X~a",
    "allchannels",
    "&*",
    "&a",
    "&",
    "resetchannels",
    "RESETCHANNELS",
    "+@all",
    "-@ALL",
    "allcommands",
    "nocommands",
    "+@read",
    "-@Dangerous",
    "+@nosuch",
    "+@",
    "+",
    "-",
    "+get",
    "-GET",
    "+nosuch",
    "+client|id",
    "-client|id",
    "+client|nosuch",
    "+client|",
    "+select|0",
    "-select|0",
    "+config|get|x",
    "+clusterscan",
    "+expiretime",
    "+client|setinfo",
    "sanitize-payload",
    "skip-sanitize-payload",
    "db=0",
    "db=1,2",
    "db=",
    "db=a",
    "db=1,",
    "alldbs",
    "resetdbs",
    "DB=3",
    "(~a +get)",
    "(+get",
    "~b)",
    "()",
    "( ~a )",
    "(on)",
    "(%R~a -@all +@read)",
    "((~a))",
    "clearselectors",
    "@all",
    "get",
    "x)",
];

fn takes(connection: &mut Connection, text: &str) -> bool {
    let mut setuser = redis::cmd("ACL");
    setuser.arg("SETUSER").arg("u").arg("reset");
    // Parentheses are joined by the server, as ElastiCache's one string is.
    text.split(' ').filter(|word| !word.is_empty()).for_each(|word| {
        setuser.arg(word);
    });
    setuser.exec(connection).is_ok()
}

/// Whether a parenthesis is opened while another is still open.
fn opens_twice(text: &str) -> bool {
    let mut is_open = false;
    text.split(' ').any(|word| {
        let again = is_open && word.starts_with('(');
        is_open = (is_open || word.starts_with('(')) && !word.ends_with(')');
        again
    })
}

#[test]
fn what_the_servers_take_is_what_we_take() {
    for server in engines_at_hand() {
        let engine = RunningEngine::start(&server);
        let mut connection = engine.connection();
        let this: Engine = engine_of(&mut connection);
        let rules = proptest::collection::vec(select(RULES), 1..5);
        run_cases(4_000, &rules, |rules| {
            let text = rules.join(" ");
            // 6.2 takes this one as well, though it can never apply to a command.
            let old = !this.knows_command("expiretime") && text.contains("+config|get|x");
            // Inside a selector 7.0 takes a `(`, forgetting whatever stands before it.
            if old || opens_twice(&text) {
                return Ok(());
            }
            let ours = AccessString::parse(&text)
                .and_then(|string| string.check(&this).map_err(|mut refused| refused.remove(0)));
            let theirs = takes(&mut connection, &text);
            prop_assert_eq!(ours.is_ok(), theirs, "`{}` on {}: {:?}", text, this, ours.err());
            Ok(())
        });
    }
}

/// What the server keeps for a string is what it keeps for the canonical form of the string.
#[test]
fn the_servers_make_the_same_user_of_a_string_and_of_its_canonical_form() {
    for server in engines_at_hand() {
        let engine = RunningEngine::start(&server);
        let mut connection = engine.connection();
        let this: Engine = engine_of(&mut connection);
        let rules = proptest::collection::vec(select(RULES), 1..8);
        run_cases(1_000, &rules, |rules| {
            let text = rules.join(" ");
            let Ok(string) = AccessString::parse(&text) else { return Ok(()) };
            // `%RW~*` is taken for `~*` here; on the server they differ in the empty key.
            if string.check(&this).is_err() || text.contains("%RW~*") {
                return Ok(());
            }
            let canonical = string.canonical();
            prop_assert!(canonical.is_equivalent(&string));
            let given = user_after(&mut connection, &string);
            let rewritten = user_after(&mut connection, &canonical);
            prop_assert_eq!(given, rewritten, "`{}` and `{}`", string, canonical);
            Ok(())
        });
    }
}

/// The user as the server lists it.
fn user_after(connection: &mut Connection, string: &AccessString) -> String {
    let mut setuser = redis::cmd("ACL");
    setuser.arg("SETUSER").arg("u").arg("reset");
    string.rules().iter().for_each(|rule| {
        setuser.arg(rule.as_str());
    });
    setuser.exec(connection).unwrap();
    let users: Vec<String> = redis::cmd("ACL").arg("LIST").query(connection).unwrap();
    users.into_iter().find(|user| user.starts_with("user u ")).unwrap()
}
