//! A call, as the engine takes it apart before it looks at rights.

use crate::engine::Engine;
use crate::table::Command;

/// A call of a command that the engine has, with a possible number of words.
pub(crate) struct Call<'a> {
    pub(super) engine: Engine,
    pub(crate) command: &'static Command,
    pub(super) argv: &'a [&'a [u8]],
    pub(super) has_subcommands: bool,
    /// The command of which this is a subcommand.
    pub(super) container: Option<&'static Command>,
}

/// The engine refuses the call before it looks at rights.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// There is not even a command.
    #[error("a call begins with the name of a command")]
    Empty,
    /// No command, or no subcommand, of this name.
    #[error("{engine} has no command `{name}`")]
    UnknownCommand {
        /// The engine asked.
        engine: Engine,
        /// The name in lower case.
        name: String,
    },
    /// Too few words, or too many.
    #[error("`{name}` takes {arity} words, its name included, not {found}")]
    WrongArity {
        /// The name in lower case.
        name: &'static str,
        /// The number of words; negative when it is the least number.
        arity: i16,
        /// The number of words of the call.
        found: usize,
    },
}

impl<'a> Call<'a> {
    /// Takes a call apart and counts its words.
    pub(super) fn read(engine: Engine, argv: &'a [&'a [u8]]) -> Result<Self, CallError> {
        let call = Self::resolve(engine, argv)?;
        call.check_arity()?;
        Ok(call)
    }

    /// Finds the command of a call, which may lack arguments.
    pub(crate) fn resolve(engine: Engine, argv: &'a [&'a [u8]]) -> Result<Self, CallError> {
        let word = |index: usize| {
            argv.get(index).map(|word| String::from_utf8_lossy(word).to_ascii_lowercase())
        };
        let name = word(0).ok_or(CallError::Empty)?;
        let has_subcommands = engine.has_subcommands(&name);
        let name = match word(1) {
            Some(subcommand) if has_subcommands => format!("{name}|{subcommand}"),
            _ => name,
        };
        let Some(command) = engine.command(&name) else {
            return Err(CallError::UnknownCommand { engine, name });
        };
        let container = command.name().split_once('|').map(|(container, _)| container);
        let container = container.and_then(|name| engine.command(name));
        Ok(Self { engine, command, argv, has_subcommands, container })
    }

    fn check_arity(&self) -> Result<(), CallError> {
        let (arity, found) = (self.command.arity(), self.argv.len());
        let least = usize::from(arity.unsigned_abs());
        if found == least || (arity < 0 && found > least) {
            return Ok(());
        }
        Err(CallError::WrongArity { name: self.command.name(), arity, found })
    }

    /// Whether an argument is this word, in any case. The engines compare words as C strings.
    pub(super) fn is_word(&self, position: usize, word: &str) -> bool {
        let is_same = |arg: &&[u8]| c_string(arg).eq_ignore_ascii_case(word.as_bytes());
        self.argv.get(position).is_some_and(is_same)
    }
}

/// What C makes of a text: it ends at the first NUL.
pub(super) fn c_string(text: &[u8]) -> &[u8] {
    text.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// A number as the engines read one: no sign but `-`, no leading zero, nothing around it.
pub(super) fn number(text: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?;
    let number: i64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}
