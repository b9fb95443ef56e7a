//! One connection, on which every answer is seen, asked for or not.

use std::io::{BufReader, Write as _};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use redis::{Cmd, Parser, PushKind, Value};

/// A call that is never answered must not hold the test up.
const PATIENCE: Duration = Duration::from_secs(10);

/// A connection that speaks RESP3.
pub(crate) struct Line {
    stream: UnixStream,
    reader: BufReader<UnixStream>,
    parser: Parser,
    /// Messages that were passed over.
    n_unasked: usize,
}

impl Line {
    /// Connects and logs in.
    pub(crate) fn open(socket: &Path, user: &str, password: &str) -> Self {
        let stream = UnixStream::connect(socket).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let reader = BufReader::new(stream.try_clone().unwrap());
        let mut line = Self { stream, reader, parser: Parser::new(), n_unasked: 0 };
        line.send(&[words(&["HELLO", "3", "AUTH", user, password])]);
        let greeting = line.receive();
        assert!(matches!(greeting, Some(Value::Map(_))), "{greeting:?}");
        line
    }

    /// Sends calls, all at once. A server that has hung up is noticed when one receives.
    pub(crate) fn send(&mut self, calls: &[Vec<Vec<u8>>]) {
        let packed = calls.iter().flat_map(|words| Cmd::new().arg(words).get_packed_command());
        let _ = self.stream.write_all(&packed.collect::<Vec<u8>>());
    }

    /// The next answer or message; nothing if the server has hung up.
    pub(crate) fn receive(&mut self) -> Option<Value> {
        match self.parser.parse_value(&mut self.reader) {
            Ok(value) => Some(value),
            // Otherwise a call without an answer would pass for one that ended the connection.
            Err(error) if error.is_timeout() => panic!("no answer in {PATIENCE:?}"),
            Err(error) if error.is_connection_dropped() => None,
            Err(error) => panic!("an answer that cannot be read: {error}"),
        }
    }

    /// The next answer; messages before it are counted.
    pub(crate) fn receive_asked(&mut self) -> Option<Value> {
        loop {
            let value = self.receive()?;
            if !is_unasked(&value) {
                return Some(value);
            }
            self.n_unasked += 1;
        }
    }

    /// How many messages came between answers, counted anew from now on.
    pub(crate) fn take_unasked(&mut self) -> usize {
        std::mem::take(&mut self.n_unasked)
    }

    /// Says that nothing more will be sent, and takes what still comes until the server has seen that.
    pub(crate) fn hang_up(mut self) -> Vec<Value> {
        // Fails when the server was first.
        let _ = self.stream.shutdown(Shutdown::Write);
        std::iter::from_fn(|| self.receive()).collect()
    }
}

/// A call in the form in which it is sent.
pub(crate) fn words(words: &[&str]) -> Vec<Vec<u8>> {
    words.iter().map(|word| word.as_bytes().to_vec()).collect()
}

/// Whether it is a message that no call asked for.
pub(crate) fn is_unasked(value: &Value) -> bool {
    use PushKind::{PSubscribe, PUnsubscribe, SSubscribe, SUnsubscribe, Subscribe, Unsubscribe};
    let Value::Push { kind, .. } = value else { return false };
    let answers =
        [Subscribe, PSubscribe, SSubscribe, Unsubscribe, PUnsubscribe, SUnsubscribe].contains(kind);
    !answers
}

/// Whether a text stands anywhere in an answer.
pub(crate) fn holds(value: &Value, text: &[u8]) -> bool {
    let is_in = |bytes: &[u8]| bytes.windows(text.len()).any(|part| part == text);
    match value {
        Value::BulkString(bytes) => is_in(bytes),
        Value::SimpleString(line) => is_in(line.as_bytes()),
        Value::VerbatimString { text, .. } => is_in(text.as_bytes()),
        Value::ServerError(error) => is_in(format!("{error:?}").as_bytes()),
        other => parts(other).into_iter().any(|part| holds(part, text)),
    }
}

/// Whether such a number stands anywhere in an answer.
pub(crate) fn counts(value: &Value, is_such: &dyn Fn(i64) -> bool) -> bool {
    match value {
        Value::Int(number) => is_such(*number),
        other => parts(other).into_iter().any(|part| counts(part, is_such)),
    }
}

fn parts(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(parts) | Value::Set(parts) | Value::Push { data: parts, .. } => {
            parts.iter().collect()
        }
        Value::Map(pairs) => pairs.iter().flat_map(|(key, value)| [key, value]).collect(),
        Value::Attribute { data, attributes } => {
            let pairs = attributes.iter().flat_map(|(key, value)| [key, value]);
            pairs.chain([&**data]).collect()
        }
        _ => Vec::new(),
    }
}
