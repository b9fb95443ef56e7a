//! Every command there is, as a tenant of each profile, on each engine at hand.
//!
//! The calls in `calls/` name every command of every engine's table, most of them several times.
//! Each is made against the tenant's own keys, against the victim's, and against both at once. What
//! `explain` allows is really done. It must come out as `explain` says, no answer may hold anything
//! of the victim's, and the victim must be left as it was. The recipe that is passed around is put
//! through the same, to show that leaks would be seen.

mod calls;
#[path = "../../crates/acl/tests/it/engine.rs"]
mod engine;
mod key_kind;
mod line;
mod page;
mod round;
mod subjects;
mod victim;

use std::path::PathBuf;
use std::sync::{Mutex, atomic::AtomicUsize, atomic::Ordering};
use std::thread;

use ringfence_acl::{AccessString, Engine, explain};

use self::engine::{RunningEngine, engine_of, engines_at_hand};
use self::page::Row;
use self::round::{Outcome, play};
use self::subjects::{Subject, subjects};

#[test]
#[expect(clippy::print_stdout, reason = "the table is what one wants to see")]
fn every_command_is_decided_as_explained_and_the_usual_recipe_leaks() {
    let rounds: Vec<(PathBuf, Engine, Subject)> = engines_at_hand()
        .into_iter()
        .map(|server| (engine_of(&mut RunningEngine::start(&server).connection()), server))
        .flat_map(|(engine, server)| {
            subjects(engine).into_iter().map(move |subject| (server.clone(), engine, subject))
        })
        .collect();
    assert!(!rounds.is_empty(), "no engine at hand; get some by `make engines`");
    let outcomes = in_parallel(&rounds, |(server, engine, subject)| play(server, *engine, subject));

    let rows: Vec<Row> = rounds
        .iter()
        .zip(&outcomes)
        .map(|((_, engine, subject), outcome)| Row::new(*engine, subject, outcome))
        .collect();
    println!("{}", page::table(&rows));
    for ((_, engine, subject), outcome) in rounds.iter().zip(&outcomes) {
        let place = format!("{} on {engine}", subject.name);
        assert!(outcome.surprises.is_empty(), "{place}: {:#?}", outcome.surprises);
        assert_eq!(outcome.never_ran, [""; 0], "{place}: allowed, but only ever failed");
        if subject.is_profile {
            let leaks: Vec<_> = outcome.leaking_commands().collect();
            assert_eq!(leaks, shared_scripts(*engine, subject), "{place}: {:#?}", outcome.leaks);
        } else {
            leaks_as_known(*engine, subject, outcome);
        }
    }
    page::compare(&rows);
}

/// Who may run scripts may run any script whose SHA1 it knows, whoever loaded it: the script cache is
/// the server's. The victim's script gives its own body away; on keys it has the caller's rights.
fn shared_scripts(engine: Engine, subject: &Subject) -> Vec<&'static str> {
    match (subject.name.as_str(), engine.version.major) {
        // On 6.2 the profile grants no scripts.
        ("scripting", 7..) => vec!["evalsha", "evalsha_ro"],
        _ => vec![],
    }
}

/// What experiments with the recipe found, engine by engine.
fn leaks_as_known(engine: Engine, subject: &Subject, outcome: &Outcome) {
    let leaks_if = |is_expected: bool, commands: &[&str]| {
        for command in commands {
            let place = format!("{command} of {} on {engine}", subject.name);
            assert_eq!(outcome.leaks_by(command), is_expected, "{place}: {:?}", outcome.leaks);
        }
    };
    let is_6 = engine.version.major == 6;
    let is_mended = subject.name.contains("mended");
    leaks_if(true, &["scan", "randomkey", "dbsize", "copy", "move"]);
    let functions = ["load", "delete", "flush", "restore"].map(|name| format!("function|{name}"));
    leaks_if(!is_6, &functions.each_ref().map(String::as_str));
    leaks_if(!sees_second_store(engine), &["georadius", "georadiusbymember"]);
    // 6.2 has no subcommands, and can still take RESET away.
    leaks_if(is_mended && is_6, &["client", "script", "pubsub"]);
    leaks_if(is_mended && !is_6, &["client|tracking", "client|list", "client|kill"]);
    leaks_if(is_mended && !is_6, &["script|flush", "pubsub|channels", "function|list", "fcall"]);
    leaks_if(is_mended, &["eval", "evalsha"]);
    leaks_if(is_mended || !is_6, &["reset"]);
}

/// Whether the engine looks at every key that `GEORADIUS` may write to. From 7.0 to 9.0 it did not.
fn sees_second_store(engine: Engine) -> bool {
    let string = AccessString::parse("~own +georadius").unwrap();
    let call = "georadius own 0 0 1 km store own store other";
    let words: Vec<&[u8]> = call.split(' ').map(str::as_bytes).collect();
    !explain(&string, &engine, &words).unwrap().is_allowed()
}

/// Does all the work, on as many threads as the machine has cores.
fn in_parallel<T: Sync, R: Send>(work: &[T], job: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    let n_threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..n_threads {
            scope.spawn(|| {
                while let Some((index, item)) =
                    Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|i| Some((i, work.get(i)?)))
                {
                    let result = job(item);
                    done.lock().unwrap().push((index, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap();
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}
