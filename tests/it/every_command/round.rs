//! One round: all calls, by one tenant on one engine.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use redis::{Connection, Pipeline, Value, cmd};
use ringfence_acl::{Engine, EngineVersion, explain};

use super::calls::{Names, Script, Template, containers};
use super::engine::RunningEngine;
use super::line::{Line, counts, holds, is_unasked};
use super::subjects::{Subject, TENANT};
use super::victim::{self, N_MORE_KEYS, SECRET, Victim, differing};

const PASSWORD: &str = "acme-password";

/// What came of a round.
#[derive(Default)]
pub(crate) struct Outcome {
    /// How many commands were called.
    pub(crate) n_commands: usize,
    /// Commands whose right cannot be seen.
    pub(crate) unobservable: Vec<&'static str>,
    pub(crate) n_refused: usize,
    pub(crate) n_allowed: usize,
    /// How many of the allowed calls were answered without an error.
    pub(crate) n_ran: usize,
    /// Commands that were allowed, and never ran without an error.
    pub(crate) never_ran: Vec<&'static str>,
    /// What was shown or harmed that is the victim's, and the commands that did it.
    pub(crate) leaks: BTreeMap<&'static str, BTreeSet<String>>,
    /// What did not come out as explained.
    pub(crate) surprises: Vec<String>,
}

impl Outcome {
    fn add_leak(&mut self, what: &'static str, command: &str) {
        self.leaks.entry(what).or_default().insert(command.to_owned());
    }

    /// Whether the command leaked in any way.
    pub(crate) fn leaks_by(&self, command: &str) -> bool {
        self.leaks.values().any(|commands| commands.contains(command))
    }

    /// All commands that leak, each once for each way.
    pub(crate) fn leaking_commands(&self) -> impl Iterator<Item = &str> {
        self.leaks.values().flatten().map(String::as_str)
    }
}

/// Commands that a tenant may be allowed and that come to nothing on such a server.
const IN_VAIN: &[&str] = &[
    // A server that is no node of a cluster.
    "asking",
    "clusterscan",
    "readonly",
    "readwrite",
    // Not in `import-mode`.
    "client|import-source",
    // Only under another `maxmemory-policy`.
    "object|freq",
    // Nothing runs at the moment that could be ended.
    "function|kill",
    "script|kill",
];

/// Plays a round on a server of its own.
pub(crate) fn play(server: &Path, engine: Engine, subject: &Subject) -> Outcome {
    let templates = Template::all(engine);
    let mut round = Round::new(server, engine, subject);
    let before = round.victim.whole_state(subject);
    for (number, template) in templates.iter().enumerate() {
        round.try_template(number, template);
    }
    let after = round.victim.whole_state(subject);
    for name in differing(&before, &after) {
        round.outcome.add_leak("alters what no call named", &name);
    }
    round.look_into_own_keys(&templates);
    round.finish(&templates)
}

struct Round<'a> {
    engine: Engine,
    subject: &'a Subject,
    server: RunningEngine,
    admin: Connection,
    victim: Victim,
    names: Names,
    /// For each command that was allowed, whether it ever ran without an error.
    ran: BTreeMap<&'static str, bool>,
    outcome: Outcome,
}

impl<'a> Round<'a> {
    fn new(path: &Path, engine: Engine, subject: &'a Subject) -> Self {
        // Otherwise these commands are refused to everyone, before rights are looked at.
        let switched_on: &[&str] = if engine.version >= EngineVersion::new(7, 0) {
            &["--enable-debug-command", "local", "--enable-module-command", "local"]
        } else {
            &[]
        };
        let server = RunningEngine::start_with(path, switched_on);
        let mut admin = server.connection();
        let mut victim = Victim::new(&server, engine);
        let mut setuser = cmd("ACL");
        setuser.arg("SETUSER").arg(TENANT).arg("reset").arg(format!(">{PASSWORD}"));
        subject.string.rules().iter().for_each(|rule| {
            setuser.arg(rule.as_str());
        });
        setuser.exec(&mut admin).unwrap();
        if subject.is_profile {
            cmd("ACL").arg("SETUSER").arg("default").arg("off").exec(&mut admin).unwrap();
        }
        let pattern = subject.string.channel_patterns().next();
        let pattern = pattern.map_or_else(
            || format!("{}*", subject.prefix).into_bytes(),
            |pattern| pattern.glob().as_bytes().to_vec(),
        );
        let mut names = victim.names();
        names.extend([
            ("user", TENANT.into()),
            ("password", PASSWORD.into()),
            ("pattern", pattern),
            ("code", b"#!lua name=acme\nredis.register_function('f', function() end)".to_vec()),
        ]);
        let (ran, outcome) = (BTreeMap::new(), Outcome::default());
        Self { engine, subject, server, admin, victim, names, ran, outcome }
    }

    /// Plays every script of a template, and looks after the victim where that may be needed.
    fn try_template(&mut self, number: usize, template: &Template) {
        let prefix = format!("{}{number}:", self.subject.prefix);
        let scripts = template.scripts(&prefix, victim::PREFIX, &self.names);
        let mut keys = Pipeline::new();
        for (kind, key) in scripts.iter().flat_map(|script| &script.own_keys) {
            for command in kind.make(key, "", self.engine) {
                keys.add_command(command);
            }
        }
        if !keys.is_empty() {
            keys.exec(&mut self.admin).unwrap();
        }
        let n_allowed = self.outcome.n_allowed;
        for script in &scripts {
            let answers = self.converse(script);
            self.search(template, &answers);
            self.judge(template, script, answers);
        }
        if self.outcome.n_allowed > n_allowed {
            for disturbance in self.victim.disturbances() {
                self.outcome.add_leak(disturbance, template.subject());
            }
            self.names.extend(self.victim.client_id());
        }
    }

    /// Says all, lets the victim live for a while, and hears what there is to hear.
    fn converse(&mut self, script: &Script) -> Vec<Value> {
        let mut line = Line::open(&self.server.socket(), TENANT, PASSWORD);
        line.send(&script.steps);
        let mut answers = Vec::new();
        let n_awaited = script.steps.iter().filter(|words| !is_silencing(words)).count();
        while answers.iter().filter(|answer| !is_unasked(answer)).count() < n_awaited {
            let Some(answer) = line.receive() else { return answers };
            answers.push(answer);
        }
        if !answers.iter().all(is_refusal) {
            self.victim.act();
        }
        answers.extend(line.hang_up());
        answers
    }

    /// Looks for what is the victim's.
    fn search(&mut self, template: &Template, answers: &[Value]) {
        if answers.iter().any(|answer| holds(answer, SECRET.as_bytes())) {
            self.outcome.add_leak("shows what is others'", template.subject());
        }
        // Only a number that large can be that of all keys.
        if answers.iter().any(|answer| counts(answer, &|number| number > N_MORE_KEYS)) {
            let n_keys: i64 = cmd("DBSIZE").query(&mut self.admin).unwrap();
            if answers.iter().any(|answer| counts(answer, &|number| number == n_keys)) {
                self.outcome.add_leak("counts all keys", template.subject());
            }
        }
    }

    /// Compares the answer to each call with what `explain` says of it.
    fn judge(&mut self, template: &Template, script: &Script, answers: Vec<Value>) {
        let mut answers = answers.into_iter().filter(|answer| !is_unasked(answer));
        for (words, command) in script.steps.iter().zip(&template.commands) {
            let answer = answers.next();
            self.compare(words, answer.as_ref());
            if answer.as_ref().is_some_and(is_refusal) {
                self.outcome.n_refused += 1;
            } else {
                let ran = !matches!(answer, Some(Value::ServerError(_)));
                self.outcome.n_allowed += 1;
                self.outcome.n_ran += usize::from(ran);
                *self.ran.entry(command.name()).or_default() |= ran;
            }
            if command.name() == "reset" {
                // What follows is not the tenant's any more.
                return;
            }
        }
    }

    fn compare(&mut self, words: &[Vec<u8>], answer: Option<&Value>) {
        let argv: Vec<&[u8]> = words.iter().map(Vec::as_slice).collect();
        let decision = explain(&self.subject.string, &self.engine, &argv);
        let is_as_explained = match (&decision, answer) {
            (Ok(decision), Some(answer)) => decision.is_allowed() != is_refusal(answer),
            (Ok(decision), None) => decision.is_allowed() && is_silencing(words),
            (Err(_), _) => false,
        };
        if !is_as_explained {
            let words = argv.iter().map(|word| String::from_utf8_lossy(word)).collect::<Vec<_>>();
            let surprise = format!("`{}`: {answer:?}, explained as {decision:?}", words.join(" "));
            self.outcome.surprises.push(surprise);
        }
    }

    /// Whether something of the victim's got into the tenant's own keys.
    fn look_into_own_keys(&mut self, templates: &[Template]) {
        let prefix = &self.subject.prefix;
        let keys: Vec<String> =
            cmd("KEYS").arg(format!("{prefix}*")).query(&mut self.admin).unwrap();
        let mut dumps = Pipeline::new();
        for key in &keys {
            dumps.cmd("DUMP").arg(key);
        }
        let dumps: Vec<Value> = dumps.query(&mut self.admin).unwrap();
        for (key, dump) in keys.iter().zip(&dumps) {
            if holds(dump, SECRET.as_bytes()) {
                let number: Option<usize> =
                    key[prefix.len()..].split(':').next().and_then(|number| number.parse().ok());
                let subject = number.map_or("something", |number| templates[number].subject());
                self.outcome.add_leak("copies what is others'", subject);
            }
        }
    }

    fn finish(mut self, templates: &[Template]) -> Outcome {
        let called: BTreeSet<&str> =
            templates.iter().flat_map(|t| &t.commands).map(|command| command.name()).collect();
        let containers = containers(self.engine);
        for command in self.engine.commands().filter(|command| !called.contains(command.name())) {
            let name = command.name();
            assert!(containers.contains(name), "{}: no call of {name} in calls/", self.engine);
            self.outcome.unobservable.push(name);
        }
        self.outcome.n_commands = called.len();
        let never_ran = self.ran.iter().filter(|(_, ran)| !**ran).map(|(name, _)| *name);
        self.outcome.never_ran = never_ran.filter(|name| !IN_VAIN.contains(name)).collect();
        self.outcome
    }
}

/// Whether the server does not answer the call if it allows it.
fn is_silencing(words: &[Vec<u8>]) -> bool {
    let call = words.join(&b' ');
    call == b"client reply off" || call == b"client reply skip"
}

fn is_refusal(answer: &Value) -> bool {
    let Value::ServerError(error) = answer else { return false };
    // How a refused `EXEC` is put; after a refusal inside the transaction, it is put otherwise.
    let is_exec = error.code() == "EXECABORT"
        && error.details().is_some_and(|text| text.contains("because of: NOPERM"));
    error.code() == "NOPERM" || is_exec
}
