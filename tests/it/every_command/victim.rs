//! The other tenant: what it has, and whether it still has it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use redis::{Connection, InfoDict, Pipeline, Value, cmd};
use ringfence_acl::Engine;

use super::calls::Names;
use super::engine::RunningEngine;
use super::key_kind::KeyKind;
use super::line::{Line, words};
use super::subjects::{Subject, TENANT};

/// What its keys and channels begin with.
pub(crate) const PREFIX: &str = "globex:";
/// Stands in all its values, and in the names that nobody but itself ever sends.
pub(crate) const SECRET: &str = "s3cret-7f3a91-";
/// So many more keys that no other number is taken for theirs.
pub(crate) const N_MORE_KEYS: i64 = 2_000;

const USER: &str = "globex";
const PASSWORD: &str = "globex-password";
const SCRIPT: &str = "return 's3cret-7f3a91-script'";
const LIBRARY: &str = "#!lua name=billing\n\
    redis.register_function{function_name='charge', flags={'no-writes'}, \
    callback=function() return 's3cret-7f3a91-function' end}";

/// What there is to see of something, by its name.
pub(crate) type State = BTreeMap<String, String>;

/// A tenant that does nothing but be there.
pub(crate) struct Victim {
    engine: Engine,
    socket: PathBuf,
    admin: Connection,
    line: Line,
    sha: String,
    state: State,
}

impl Victim {
    /// Moves in.
    pub(crate) fn new(server: &RunningEngine, engine: Engine) -> Self {
        let mut admin = server.connection();
        let setuser = format!("SETUSER {USER} reset on >{PASSWORD} ~{PREFIX}* &{PREFIX}* +@all");
        cmd("ACL").arg(setuser.split(' ').collect::<Vec<_>>()).exec(&mut admin).unwrap();
        // So that what is dumped can be searched.
        cmd("CONFIG").arg("SET").arg("rdbcompression").arg("no").exec(&mut admin).unwrap();
        let socket = server.socket();
        let line = connect(&socket);
        let sha = cmd("SCRIPT").arg("LOAD").arg(SCRIPT).query(&mut admin).unwrap();
        let mut victim = Self { engine, socket, admin, line, sha, state: State::new() };
        victim.furnish(|_| true);
        victim.act();
        victim.state = victim.observe();
        victim
    }

    /// Makes what it has where something is missing: at first everything.
    fn furnish(&mut self, is_missing: impl Fn(&str) -> bool) {
        let mut all = Pipeline::new();
        for (kind, key) in keys().filter(|(_, key)| is_missing(key)) {
            all.cmd("DEL").arg(&key);
            for command in kind.make(&key, SECRET, self.engine) {
                all.add_command(command);
            }
        }
        let more = (0..N_MORE_KEYS).map(|n| (format!("{PREFIX}{SECRET}{n}"), SECRET));
        all.cmd("MSET").arg(more.collect::<Vec<_>>());
        all.cmd("SELECT").arg(1).cmd("FLUSHDB").cmd("SELECT").arg(0);
        all.cmd("SCRIPT").arg("LOAD").arg(SCRIPT);
        if self.has_functions() {
            all.cmd("FUNCTION").arg("FLUSH").cmd("FUNCTION").arg("LOAD").arg(LIBRARY);
        }
        all.exec(&mut self.admin).unwrap();
    }

    /// What others may call it and its things by.
    pub(crate) fn names(&mut self) -> Names {
        let mut names = Names::from([
            ("foreign", PREFIX.into()),
            ("victim", USER.into()),
            ("sha", self.sha.clone().into()),
            ("library", "billing".into()),
            ("function", "charge".into()),
        ]);
        names.extend(self.client_id());
        if self.has_functions() {
            // Dumped where there are none: to restore that takes everybody's away.
            let mut dump = Pipeline::new();
            dump.cmd("FUNCTION").arg("FLUSH").ignore().cmd("FUNCTION").arg("DUMP");
            dump.cmd("FUNCTION").arg("LOAD").arg(LIBRARY).ignore();
            let (functions,): (Vec<u8>,) = dump.query(&mut self.admin).unwrap();
            names.insert("functions", functions);
        }
        names
    }

    /// The number of its connection, which is another one after it was cut.
    pub(crate) fn client_id(&mut self) -> Names {
        self.line.send(&[words(&["CLIENT", "ID"])]);
        let Some(Value::Int(id)) = self.line.receive_asked() else { panic!("there is no id") };
        Names::from([("client", id.to_string().into())])
    }

    /// Does what tenants do all day.
    pub(crate) fn act(&mut self) {
        let key = format!("{PREFIX}{SECRET}act");
        let channel = format!("{PREFIX}{SECRET}channel");
        self.line.send(&[words(&["SET", &key, SECRET]), words(&["PUBLISH", &channel, SECRET])]);
        self.line.receive_asked();
        self.line.receive_asked();
    }

    /// What happened to it since the last time, after which everything is as before.
    pub(crate) fn disturbances(&mut self) -> BTreeSet<&'static str> {
        let mut found = BTreeSet::new();
        self.line.send(&[words(&["PING"])]);
        if self.line.receive_asked().is_none() {
            found.insert("cuts connections");
            self.line = connect(&self.socket);
        }
        if self.line.take_unasked() > 0 {
            found.insert("sends messages");
        }
        let state = self.observe();
        let different = differing(&self.state, &state);
        if !different.is_empty() {
            found.extend(different.iter().map(|name| match &**name {
                "functions" => "alters functions",
                "scripts" => "drops scripts",
                "databases" => "leaves the database",
                _ => "alters keys",
            }));
            self.furnish(|key| different.iter().any(|name| name == key));
        }
        found
    }

    /// What is most likely to be touched.
    fn observe(&mut self) -> State {
        let names: Vec<String> = keys().map(|(_, key)| key).collect();
        let mut state = state_of_keys(&mut self.admin, &names);
        let mut more = Pipeline::new();
        more.cmd("SCRIPT").arg("EXISTS").arg(&self.sha).cmd("INFO").arg("keyspace");
        let (scripts, databases): (Value, InfoDict) = more.query(&mut self.admin).unwrap();
        state.insert("scripts".to_owned(), format!("{scripts:?}"));
        let has_second: Option<String> = databases.get("db1");
        state.insert("databases".to_owned(), format!("{}", has_second.is_some()));
        if self.has_functions() {
            let functions = cmd("FUNCTION").arg("LIST").arg("WITHCODE").to_owned();
            let functions: Value = functions.query(&mut self.admin).unwrap();
            state.insert("functions".to_owned(), format!("{functions:?}"));
        }
        state
    }

    /// Everything that is not the tenant's: all other keys, users, settings.
    pub(crate) fn whole_state(&mut self, tenant: &Subject) -> State {
        let keys: Vec<String> = cmd("KEYS").arg("*").query(&mut self.admin).unwrap();
        let others: Vec<String> =
            keys.into_iter().filter(|key| !key.starts_with(&tenant.prefix)).collect();
        let mut state = self.observe();
        state.extend(state_of_keys(&mut self.admin, &others));
        let users: Vec<String> = cmd("ACL").arg("LIST").query(&mut self.admin).unwrap();
        let users = users.iter().filter(|user| !user.starts_with(&format!("user {TENANT} ")));
        state.insert("users".to_owned(), users.map(String::as_str).collect());
        let settings: Value = cmd("CONFIG").arg("GET").arg("*").query(&mut self.admin).unwrap();
        state.insert("settings".to_owned(), format!("{settings:?}"));
        state
    }

    fn has_functions(&self) -> bool {
        self.engine.knows_command("function|load")
    }
}

/// The keys that the tenant reaches for.
fn keys() -> impl Iterator<Item = (KeyKind, String)> {
    KeyKind::ALL.into_iter().map(|kind| (kind, format!("{PREFIX}{}", kind.as_str())))
}

/// Logs in, and listens.
fn connect(socket: &Path) -> Line {
    let mut line = Line::open(socket, USER, PASSWORD);
    let name = format!("{SECRET}client");
    line.send(&[words(&["CLIENT", "SETNAME", &name])]);
    line.receive().unwrap();
    for channel in ["news".to_owned(), format!("{SECRET}inbox")] {
        line.send(&[words(&["SUBSCRIBE", &format!("{PREFIX}{channel}")])]);
        line.receive().unwrap();
    }
    line
}

/// What keys hold, and whether they expire.
fn state_of_keys(admin: &mut Connection, names: &[String]) -> State {
    let mut pipeline = Pipeline::new();
    for name in names {
        pipeline.cmd("DUMP").arg(name).cmd("PTTL").arg(name);
    }
    let answers: Vec<Value> = pipeline.query(admin).unwrap();
    let states = answers.chunks(2).map(|pair| {
        let [held, Value::Int(expiry)] = pair else { panic!("{pair:?}") };
        // Nothing here expires before the year 2100 or within a century after it.
        let expiry =
            if *expiry > 1_000_000_000_000 { "late".to_owned() } else { expiry.to_string() };
        format!("{held:?} {expiry}")
    });
    names.iter().cloned().zip(states).collect()
}

/// The names under which two states differ.
pub(crate) fn differing(before: &State, after: &State) -> Vec<String> {
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    names.into_iter().filter(|name| before.get(*name) != after.get(*name)).cloned().collect()
}
