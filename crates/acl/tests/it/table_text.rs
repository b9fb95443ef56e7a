//! A server's commands as the text of a file in `tables/`.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use redis::{Connection, FromRedisValue as _, Value, cmd};
use ringfence_acl::Engine;

use crate::engine::engine_of;

/// The table of one server: its file name and its text.
pub(crate) struct TableText {
    pub(crate) file_name: String,
    pub(crate) text: String,
}

impl TableText {
    /// Asks the server for its commands and categories.
    pub(crate) fn read(connection: &mut Connection) -> Self {
        let Engine { kind, version } = engine_of(connection);
        let categories: BTreeSet<String> = cmd("ACL").arg("CAT").query(connection).unwrap();
        let commands: Vec<Value> = cmd("COMMAND").query(connection).unwrap();
        let mut lines = BTreeSet::new();
        for command in &commands {
            add_lines(command, &mut lines);
        }
        let mut text = format!(
            "# Commands of {kind} {version}, written by the example `command_tables`: do not edit.\n\
             # name arity flags categories key-specs...\n\
             @ {}\n",
            joined(&categories, " "),
        );
        for line in lines {
            text.push_str(&line);
            text.push('\n');
        }
        Self { file_name: format!("{kind}-{version}.txt"), text }
    }
}

/// One line for a command and one for each of its subcommands.
fn add_lines(command: &Value, lines: &mut BTreeSet<String>) {
    let fields = items(command);
    // Vector sets, which are a built-in module, are listed in upper case.
    let name = string(&fields[0]).to_ascii_lowercase();
    // Names that no client can send: the trap for misdirected HTTP requests.
    if matches!(name.as_str(), "host:" | "post") {
        return;
    }
    let arity = i64::from_redis_value(fields[1].clone()).unwrap();
    let flags = strings(&fields[2]);
    let categories: BTreeSet<String> =
        strings(&fields[6]).iter().map(|name| name.trim_start_matches('@').to_owned()).collect();
    let mut line = format!("{name} {arity} {} {}", joined(&flags, ","), joined(&categories, ","));
    match fields.get(8) {
        Some(specs) => {
            for spec in items(specs) {
                write!(line, " {}", key_spec(spec)).unwrap();
            }
        }
        None => line.push_str(&legacy_key_specs(&name, &fields[3..6])),
    }
    lines.insert(line);
    for subcommand in fields.get(9).map(items).unwrap_or_default() {
        add_lines(subcommand, lines);
    }
}

/// `flags:begin:find`, for example `RO,access:i1:r0/1/0`.
fn key_spec(spec: &Value) -> String {
    let flags = joined(&strings(member(spec, "flags").unwrap()), ",");
    let begin = member(spec, "begin_search").unwrap();
    let find = member(spec, "find_keys").unwrap();
    format!("{flags}:{}:{}", search(begin), search(find))
}

fn search(step: &Value) -> String {
    let number = |name| {
        let spec = member(step, "spec").unwrap();
        i64::from_redis_value(member(spec, name).unwrap().clone()).unwrap()
    };
    match string(member(step, "type").unwrap()).as_str() {
        "index" => format!("i{}", number("index")),
        "keyword" => {
            let word = string(member(member(step, "spec").unwrap(), "keyword").unwrap());
            format!("k{word}/{}", number("startfrom"))
        }
        "range" => format!("r{}/{}/{}", number("lastkey"), number("keystep"), number("limit")),
        "keynum" => {
            format!("n{}/{}/{}", number("keynumidx"), number("firstkey"), number("keystep"))
        }
        _ => "?".to_owned(),
    }
}

/// Servers before 7.0 print no key specs: first, last and step serve where the keys do not move,
/// and the few commands whose keys do are written here as later servers print them.
fn legacy_key_specs(name: &str, positions: &[Value]) -> String {
    let specs = match name {
        "eval" | "evalsha" => "-:i2:n0/1/1",
        "zunion" | "zinter" | "zdiff" => "-:i1:n0/1/1",
        "zunionstore" | "zinterstore" | "zdiffstore" => "-:i1:r0/1/0 -:i2:n0/1/1",
        "sort" | "migrate" | "memory" | "stralgo" | "georadius" | "georadiusbymember" | "xread"
        | "xreadgroup" => "incomplete:?:?",
        _ => {
            let [first, last, step] =
                [0, 1, 2].map(|i| i64::from_redis_value(positions[i].clone()).unwrap());
            if first == 0 {
                return String::new();
            }
            let last = if last < 0 { last } else { last - first };
            return format!(" -:i{first}:r{last}/{step}/0");
        }
    };
    format!(" {specs}")
}

fn member<'a>(map: &'a Value, name: &str) -> Option<&'a Value> {
    match map {
        Value::Map(pairs) => pairs.iter().find(|(key, _)| string(key) == name).map(|(_, v)| v),
        flat => items(flat).chunks(2).find(|pair| string(&pair[0]) == name).map(|pair| &pair[1]),
    }
}

fn items(value: &Value) -> &[Value] {
    match value {
        Value::Array(items) | Value::Set(items) => items,
        other => panic!("expected a list, got {other:?}"),
    }
}

fn string(value: &Value) -> String {
    String::from_redis_value(value.clone()).unwrap()
}

fn strings(value: &Value) -> BTreeSet<String> {
    items(value).iter().map(string).collect()
}

fn joined(words: &BTreeSet<String>, separator: &str) -> String {
    if words.is_empty() {
        return "-".to_owned();
    }
    words.iter().map(String::as_str).collect::<Vec<_>>().join(separator)
}
