//! `explain` against the servers: every command, with arguments that mean something.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use redis::{Cmd, Connection};
use ringfence_acl::{AccessString, Cause, Command, Decision, Engine, explain};

use crate::cases::run_cases;
use crate::engine::{RunningEngine, engine_of, engines_at_hand};

/// Users of every kind: by command, category, subcommand, first argument, selector, permission,
/// channel and database. Rules that an engine does not have are left out for it.
const STRINGS: &[&str] = &[
    "on ~* &* +@all",
    "on ~a:* &ch:* +@all",
    "on ~a:* &ch:* +@all -@dangerous",
    "on ~a:* +@read +@write -@dangerous",
    "on ~a:* -@dangerous +@read +@write",
    "on &* %R~* +@all",
    "on &* %W~* +@all",
    "on &* %R~a:* %W~b:* ~ST* +@all",
    "on ~a:* +@read (%W~b:* +@write) (~c +@all)",
    "on %R~a:* +@all (%R~b:* +@all) (%RW~* +@string -get)",
    "on -@all",
    "on ~* +get +set|a:1 +client|id -client +client|setname +select|0",
    "on ~* +@all -client|id -config +config|get -select +select|0 -object|help",
    "on ~* +select|0 -@connection +get|1 +@slow -@read",
    "on ~* +client +memory|usage +@slow -@admin -@slow +@fast +object",
    "on &ch:? &news* +@pubsub +@connection -@slow",
    "on resetchannels &ch:1 +@all (&news* +@pubsub) (+@transaction)",
    "on ~* &* +@all db=0",
    "on ~* &* +@all db=1,2",
    "on ~* &* +@all resetdbs (~a:* db=0 +@read)",
    "on ~* &* +@all db=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15",
    "on ~a:* resetkeys ~b:* &ch:* resetchannels +@all (~c +get) clearselectors",
];

/// Keys that some users have, channels, numbers, and the words that move keys about.
pub(crate) const WORDS: &[&str] = &[
    "a:1",
    "a:2",
    "b:1",
    "c",
    "",
    "ch:1",
    "news*",
    "news:1",
    "0",
    "1",
    "2",
    "3",
    "-1",
    "01",
    "x",
    "STREAMS",
    "STORE",
    "storedist",
    "KEYS",
    "GET",
    "BY",
    "LIMIT",
    "DB",
    "COUNT",
    "AUTH",
    "auth2",
    "SET",
    "OVERFLOW",
    "INCRBY",
    "STRINGS",
    "IFEQ",
    "usage",
    "a:1\0z",
    "news*\0",
];

/// The string without the rules that this engine does not have.
fn fitted(text: &str, engine: Engine) -> AccessString {
    let string = AccessString::parse(text).unwrap();
    let Err(refused) = string.check(&engine) else { return string };
    // From the end, so that the positions before stay right.
    let mut text = text.to_owned();
    for error in refused.iter().rev() {
        text.replace_range(error.position..error.position + error.rule.len(), "");
    }
    AccessString::parse(&text).unwrap()
}

/// What a server says about a call.
#[derive(Debug, PartialEq)]
enum Verdict {
    Allowed,
    Denied(&'static str),
    NotACall,
}

/// Asks by `ACL DRYRUN`.
fn dry_run(admin: &mut Connection, user: &str, argv: &[&str]) -> Verdict {
    let mut dry_run = redis::cmd("ACL");
    dry_run.arg("DRYRUN").arg(user).arg(argv);
    let Ok(answer) = dry_run.query::<String>(admin) else { return Verdict::NotACall };
    let kinds = [
        ("command", "run the '"),
        ("key", "' key"),
        ("channel", "' channel"),
        ("database", "access database"),
    ];
    if let Some((kind, _)) = kinds.iter().find(|(_, words)| answer.contains(words)) {
        return Verdict::Denied(kind);
    }
    assert_eq!(answer, "OK");
    Verdict::Allowed
}

/// Asks by a real attempt in a transaction that is then given up: the server checks rights before
/// it queues. For 6.2, which has no `ACL DRYRUN`.
fn attempt(user: &mut Connection, argv: &[&str]) -> Verdict {
    let mut call = Cmd::new();
    call.arg(argv);
    redis::cmd("MULTI").exec(user).unwrap();
    let answer = call.exec(user);
    // Fails when the call itself was `DISCARD`.
    let _ = redis::cmd("DISCARD").exec(user);
    match answer {
        Ok(()) => Verdict::Allowed,
        Err(error) if error.code() == Some("NOPERM") => {
            let text = error.to_string();
            let kinds =
                [("command", "run the '"), ("key", "keys used"), ("channel", "channels used")];
            let kind = kinds.iter().find(|(_, words)| text.contains(words));
            Verdict::Denied(kind.unwrap_or_else(|| panic!("{text}")).0)
        }
        Err(_) => Verdict::NotACall,
    }
}

/// Whether our answer is the server's, and what it was. Where several sets of rules were tried,
/// the server names what one of them lacks.
fn agrees(
    string: &AccessString,
    engine: Engine,
    argv: &[&str],
    theirs: &Verdict,
) -> (bool, String) {
    let argv: Vec<&[u8]> = argv.iter().map(|word| word.as_bytes()).collect();
    let decision = explain(string, &engine, &argv);
    let told = format!("{decision:?}");
    let agrees = match decision {
        Err(_) => *theirs == Verdict::NotACall,
        Ok(Decision::Allowed { .. }) => *theirs == Verdict::Allowed,
        Ok(Decision::Denied { by }) => by.iter().any(|denial| {
            let kind = match denial.cause {
                Cause::Command { .. } => "command",
                Cause::Database { .. } => "database",
                Cause::Key { .. } => "key",
                Cause::Channel { .. } => "channel",
            };
            *theirs == Verdict::Denied(kind)
        }),
    };
    (agrees, told)
}

/// Calls of a command with as many words as it takes, or some more.
fn calls(command: &'static Command) -> impl Strategy<Value = Vec<&'static str>> {
    let name: Vec<&str> = command.name().split('|').collect();
    let least = usize::from(command.arity().unsigned_abs()).saturating_sub(name.len());
    let most = if command.arity() < 0 { least + 6 } else { least };
    vec(select(WORDS), least..=most).prop_map(move |words| [name.clone(), words].concat())
}

fn set_up_users(admin: &mut Connection, engine: Engine) -> Vec<(String, AccessString)> {
    let users = STRINGS.iter().enumerate().map(|(index, text)| {
        let (name, string) = (format!("u{index}"), fitted(text, engine));
        let mut setuser = redis::cmd("ACL");
        setuser.arg("SETUSER").arg(&name).arg(">p");
        string.rules().iter().for_each(|rule| {
            setuser.arg(rule.as_str());
        });
        setuser.exec(admin).unwrap();
        (name, string)
    });
    users.collect()
}

#[test]
fn every_command_is_decided_as_the_servers_decide() {
    for server in engines_at_hand() {
        let running = RunningEngine::start(&server);
        let mut admin = running.connection();
        let engine = engine_of(&mut admin);
        if engine.command("acl|dryrun").is_none() {
            continue;
        }
        let users = set_up_users(&mut admin, engine);
        for command in engine.commands() {
            run_cases(60, &(select(users.clone()), calls(command)), |((user, string), argv)| {
                let theirs = dry_run(&mut admin, &user, &argv);
                let (agrees, told) = agrees(&string, engine, &argv, &theirs);
                prop_assert!(agrees, "{engine}: `{string}`, {argv:?}: {theirs:?}, not {told}");
                Ok(())
            });
        }
    }
}

/// Commands that a server runs at once even in a transaction.
const NOT_QUEUED: [&str; 6] = ["multi", "exec", "discard", "watch", "quit", "reset"];

#[test]
fn every_command_is_decided_as_servers_without_dry_run_decide() {
    for server in engines_at_hand() {
        let running = RunningEngine::start(&server);
        let mut admin = running.connection();
        let engine = engine_of(&mut admin);
        if engine.command("acl|dryrun").is_some() {
            continue;
        }
        let users = set_up_users(&mut admin, engine);
        for (name, string) in users {
            // Without these, nothing can be attempted and given up.
            let text = format!("{string} +multi +discard");
            let string = AccessString::parse(&text).unwrap();
            redis::cmd("ACL")
                .arg("SETUSER")
                .arg(&name)
                .arg("+multi")
                .arg("+discard")
                .exec(&mut admin)
                .unwrap();
            let mut user = running.connection();
            redis::cmd("AUTH").arg(&name).arg("p").exec(&mut user).unwrap();
            let queued = engine.commands().filter(|command| !NOT_QUEUED.contains(&command.name()));
            for command in queued {
                run_cases(15, &calls(command), |argv| {
                    let theirs = attempt(&mut user, &argv);
                    let (agrees, told) = agrees(&string, engine, &argv, &theirs);
                    prop_assert!(agrees, "`{string}`, {argv:?}: {theirs:?}, not {told}");
                    Ok(())
                });
            }
        }
    }
}
