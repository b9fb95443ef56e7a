//! The kinds of keys that calls are made on.

use redis::{Cmd, cmd};
use ringfence_acl::Engine;

/// What a key holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum KeyKind {
    Text,
    Number,
    List,
    Set,
    SortedSet,
    Hash,
    Stream,
    Places,
    Counter,
    Expiring,
    Vectors,
    /// No key yet.
    Absent,
}

impl KeyKind {
    pub(crate) const ALL: [Self; 12] = [
        Self::Text,
        Self::Number,
        Self::List,
        Self::Set,
        Self::SortedSet,
        Self::Hash,
        Self::Stream,
        Self::Places,
        Self::Counter,
        Self::Expiring,
        Self::Vectors,
        Self::Absent,
    ];

    /// As the calls name it, and as its keys are named.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Text => "str",
            Self::Number => "int",
            Self::List => "list",
            Self::Set => "set",
            Self::SortedSet => "zset",
            Self::Hash => "hash",
            Self::Stream => "stream",
            Self::Places => "geo",
            Self::Counter => "hll",
            Self::Expiring => "ttl",
            Self::Vectors => "vset",
            Self::Absent => "new",
        }
    }

    /// The commands that make the key; all that it holds begins with `mark`.
    pub(crate) fn make(self, key: &str, mark: &str, engine: Engine) -> Vec<Cmd> {
        let value = |text: &str| format!("{mark}{text}");
        let with = |name: &str, words: &[&str]| {
            let mut made = cmd(name);
            made.arg(key).arg(words);
            made
        };
        let [a, b, c] = ["a", "b", "c"].map(value);
        match self {
            Self::Text => vec![with("SET", &[&value("value")])],
            Self::Number => vec![with("SET", &["41"])],
            Self::List => vec![with("RPUSH", &[&a, &b, &c])],
            Self::Set => vec![with("SADD", &[&a, &b, &c])],
            Self::SortedSet => vec![with("ZADD", &["1", &a, "2", &b, "3", &c])],
            Self::Hash => vec![with("HSET", &[&a, &value("value"), "n", "1"])],
            Self::Stream => vec![
                with("XADD", &["1-1", "f", &a]),
                with("XADD", &["2-1", "f", &b]),
                cmd("XGROUP").arg("CREATE").arg(key).arg("g").arg("0").clone(),
            ],
            Self::Places => {
                let (palermo, catania) = (value("palermo"), value("catania"));
                let (there, here) = (["13.361389", "38.115556"], ["15.087269", "37.502669"]);
                vec![with("GEOADD", &[there[0], there[1], &palermo, here[0], here[1], &catania])]
            }
            Self::Counter => vec![with("PFADD", &[&a, &b])],
            // The year 2100.
            Self::Expiring => {
                vec![with("SET", &[&value("value")]), with("EXPIREAT", &["4102444800"])]
            }
            Self::Vectors if engine.knows_command("vadd") => {
                vec![
                    with("VADD", &["VALUES", "2", "1", "0", &a]),
                    with("VADD", &["VALUES", "2", "0", "1", &b]),
                ]
            }
            Self::Vectors | Self::Absent => Vec::new(),
        }
    }
}
