//! What is called: templates, and the calls that they become.
//!
//! A template is a line of a file in `calls/`: calls that go over one connection, separated by ` ; `.
//! `{str}` and its like stand for a key of that kind, `{channel}` and `{pattern}` for a channel:
//! once the tenant's own, once the victim's. Everything else in braces is a name of [`Names`].

use std::collections::{BTreeMap, BTreeSet};

use ringfence_acl::{Command, Engine};

use super::key_kind::KeyKind;

const FILES: [&str; 8] = [
    include_str!("calls/strings.txt"),
    include_str!("calls/lists_and_sets.txt"),
    include_str!("calls/sorted_sets.txt"),
    include_str!("calls/hashes_and_streams.txt"),
    include_str!("calls/keys.txt"),
    include_str!("calls/scripts_and_channels.txt"),
    include_str!("calls/connections.txt"),
    include_str!("calls/servers.txt"),
];

/// Calls over one connection, with gaps.
pub(crate) struct Template {
    steps: Vec<Vec<&'static str>>,
    /// The command of each step.
    pub(crate) commands: Vec<&'static Command>,
}

/// What goes into the gaps that are neither keys nor channels.
pub(crate) type Names = BTreeMap<&'static str, Vec<u8>>;

/// A word in braces that stands for something of the tenant's or of the victim's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Slot {
    Key(KeyKind),
    Channel,
    Pattern,
}

/// Whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Own,
    Foreign,
}

/// A template without gaps.
pub(crate) struct Script {
    /// The words of each call.
    pub(crate) steps: Vec<Vec<Vec<u8>>>,
    /// The tenant's keys in it, which have to be made first.
    pub(crate) own_keys: Vec<(KeyKind, String)>,
}

impl Template {
    /// All templates whose commands this engine has.
    pub(crate) fn all(engine: Engine) -> Vec<Self> {
        let containers = containers(engine);
        let lines = FILES.iter().flat_map(|file| file.lines()).filter(|l| !l.starts_with('#'));
        lines.filter_map(|line| Self::read(line, engine, &containers)).collect()
    }

    fn read(line: &'static str, engine: Engine, containers: &BTreeSet<&str>) -> Option<Self> {
        let steps: Vec<Vec<&str>> =
            line.split(" ; ").map(|step| step.split(' ').collect()).collect();
        let command = |words: &Vec<&str>| match words[..] {
            [container, subcommand, ..] if containers.contains(container) => {
                engine.command(&format!("{container}|{subcommand}"))
            }
            _ => engine.command(words[0]),
        };
        let commands = steps.iter().map(command).collect::<Option<_>>()?;
        Some(Self { steps, commands })
    }

    /// The commands that it is about: the first, which the others only help.
    pub(crate) fn subject(&self) -> &'static str {
        self.commands[0].name()
    }

    /// The scripts that this becomes: everything the tenant's, everything the victim's, and each
    /// single thing the victim's among the tenant's own.
    pub(crate) fn scripts(&self, prefix: &str, foreign: &str, names: &Names) -> Vec<Script> {
        let n_slots = self.steps.iter().flatten().filter(|word| Slot::of(word).is_some()).count();
        let own = vec![Side::Own; n_slots];
        let mut sides = vec![own.clone()];
        if n_slots > 1 {
            sides.extend((0..n_slots).map(|one| {
                let mut mixed = own.clone();
                mixed[one] = Side::Foreign;
                mixed
            }));
        }
        if n_slots > 0 {
            sides.push(vec![Side::Foreign; n_slots]);
        }
        let number = |index: usize| format!("{prefix}{index}:");
        sides
            .into_iter()
            .enumerate()
            .map(|(index, sides)| self.fill(&sides, &number(index), foreign, names))
            .collect()
    }

    fn fill(&self, sides: &[Side], own: &str, foreign: &str, names: &Names) -> Script {
        let mut own_keys = Vec::new();
        let mut next_side = sides.iter();
        let mut fill_word = |word: &str| match Slot::of(word) {
            None => fill_names(word, names),
            Some(slot) => match (slot, next_side.next().unwrap()) {
                (Slot::Key(kind), Side::Own) => {
                    let key = format!("{own}{}{}", kind.as_str(), own_keys.len());
                    own_keys.push((kind, key.clone()));
                    key.into_bytes()
                }
                (Slot::Key(kind), Side::Foreign) => {
                    format!("{foreign}{}", kind.as_str()).into_bytes()
                }
                (Slot::Channel, Side::Own) => format!("{own}news").into_bytes(),
                (Slot::Channel, Side::Foreign) => format!("{foreign}news").into_bytes(),
                (Slot::Pattern, Side::Own) => names["pattern"].clone(),
                (Slot::Pattern, Side::Foreign) => format!("{foreign}*").into_bytes(),
            },
        };
        let steps = self
            .steps
            .iter()
            .map(|words| words.iter().map(|word| fill_word(word)).collect())
            .collect();
        Script { steps, own_keys }
    }
}

impl Slot {
    fn of(word: &str) -> Option<Self> {
        let name = word.strip_prefix('{')?.strip_suffix('}')?;
        match name {
            "channel" => Some(Self::Channel),
            "pattern" => Some(Self::Pattern),
            _ => KeyKind::ALL.into_iter().find(|kind| kind.as_str() == name).map(Self::Key),
        }
    }
}

/// A word with the names in it; `""` is the empty word.
fn fill_names(word: &str, names: &Names) -> Vec<u8> {
    if word == "\"\"" {
        return Vec::new();
    }
    let mut filled = Vec::new();
    let mut rest = word;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, behind) = after.split_once('}').unwrap();
        filled.extend_from_slice(before.as_bytes());
        filled
            .extend_from_slice(names.get(name).unwrap_or_else(|| panic!("{{{name}}} is nothing")));
        rest = behind;
    }
    filled.extend_from_slice(rest.as_bytes());
    filled
}

/// The commands that have subcommands on this engine.
pub(crate) fn containers(engine: Engine) -> BTreeSet<&'static str> {
    engine.commands().filter_map(|command| Some(command.name().split_once('|')?.0)).collect()
}
