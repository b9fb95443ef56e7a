//! Where a command's keys are among its arguments, and what is done to them.

/// One key specification: where to begin, how to go on, and what is done with the keys found.
///
/// The vocabulary is the servers' own: <https://valkey.io/topics/key-specs/>.
#[derive(Debug, PartialEq, Eq)]
pub struct KeySpec {
    flags: Vec<&'static str>,
    begin: SpecBegin,
    find: SpecFind,
}

/// How the first key of a specification is found.
#[derive(Debug, PartialEq, Eq)]
pub enum SpecBegin {
    /// At this argument; the name of the command is argument 0.
    Index(usize),
    /// After this word, which is looked for from an argument on; from the end when negative.
    Keyword {
        /// The word, in upper case.
        word: &'static str,
        /// Where to begin to look.
        start_from: i32,
    },
    /// The server says only that there may be keys.
    Unknown,
}

/// How the other keys of a specification are found.
#[derive(Debug, PartialEq, Eq)]
pub enum SpecFind {
    /// Up to a last argument.
    Range {
        /// Relative to the first key; from the end of the arguments when negative.
        last: i32,
        /// The distance from key to key.
        step: usize,
        /// With `last` at -1: only the first 1/`limit` of what remains are keys.
        limit: usize,
    },
    /// As many as an argument says.
    Counted {
        /// Where the count stands, relative to the beginning.
        count: usize,
        /// Where the first key stands, relative to the beginning.
        first: usize,
        /// The distance from key to key.
        step: usize,
    },
    /// The server says only that there may be keys.
    Unknown,
}

impl KeySpec {
    /// Whether the server gives the specification this flag, for example `RO` or `not_key`.
    #[must_use]
    pub fn has_flag(&self, flag: &str) -> bool {
        self.flags.contains(&flag)
    }

    /// Where the first key is.
    #[must_use]
    pub fn begin(&self) -> &SpecBegin {
        &self.begin
    }

    /// Where the other keys are.
    #[must_use]
    pub fn find(&self) -> &SpecFind {
        &self.find
    }

    /// Reads `flags:begin:find`, for example `RO,access:i1:r0/1/0`.
    pub(super) fn read(text: &'static str) -> Self {
        let mut parts = text.split(':');
        let mut next = || parts.next().expect("the tables are checked by a test that reads each");
        Self { flags: super::list(next()), begin: read_begin(next()), find: read_find(next()) }
    }
}

fn read_begin(text: &'static str) -> SpecBegin {
    if let Some(index) = text.strip_prefix('i') {
        return SpecBegin::Index(number(index));
    }
    match text.strip_prefix('k').and_then(|keyword| keyword.split_once('/')) {
        Some((word, start_from)) => SpecBegin::Keyword { word, start_from: number(start_from) },
        None => SpecBegin::Unknown,
    }
}

fn read_find(text: &'static str) -> SpecFind {
    let mut numbers = text.get(1..).unwrap_or_default().split('/');
    let mut next = || numbers.next().expect("the tables are checked by a test that reads each");
    match text.as_bytes().first() {
        Some(b'r') => {
            SpecFind::Range { last: number(next()), step: number(next()), limit: number(next()) }
        }
        Some(b'n') => {
            SpecFind::Counted { count: number(next()), first: number(next()), step: number(next()) }
        }
        _ => SpecFind::Unknown,
    }
}

fn number<N: std::str::FromStr>(text: &str) -> N {
    let Ok(number) = text.parse() else {
        unreachable!("the tables are checked by a test that reads each");
    };
    number
}
