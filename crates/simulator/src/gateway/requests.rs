//! What a client sends, command by command.
//!
//! Only a command that may be a login is held until it is whole; of all others at most their first
//! bytes are, until that is plain. The commands are found [as the engines find them][resp], but
//! strictly: what is not of the protocol is passed on as it is, with all that follows, and left to
//! the engine to refuse.
//!
//! [resp]: https://valkey.io/topics/protocol/

use super::login;

/// No header of a command or of an argument is longer.
const LINE_MAX: usize = 32;

/// Longer arguments and lines log nobody in: engines take no more from whoever has not logged in.
const WORD_MAX: usize = 16 * 1024;

/// The commands of one connection, as far as they have come.
#[derive(Debug)]
pub(super) struct Requests {
    state: State,
    /// The line that is being read.
    line: Vec<u8>,
    /// The words so far, while the command may be a login.
    suspect: Option<Vec<Vec<u8>>>,
    /// What such a command has sent.
    held: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// A command has ended, or none has begun.
    Between,
    /// In `*N`, the number of arguments.
    Count,
    /// In `$N`, the size of an argument. `left` counts it and those after it.
    Size { left: usize },
    /// In an argument or the end of line after it.
    Bytes { left: usize, size: usize },
    /// In a command on one line.
    Inline,
    /// This is not of the protocol.
    Opaque,
}

/// A line that is over.
enum Line {
    Unfinished,
    Number(i64),
    Unreadable,
}

impl Requests {
    pub(super) const fn new() -> Self {
        Self { state: State::Between, line: Vec::new(), suspect: None, held: Vec::new() }
    }

    /// Takes what has come and adds to `output` what is to be sent on. `exchange` may change the
    /// words of a login and says whether it did.
    pub(super) fn pass(
        &mut self,
        mut input: &[u8],
        output: &mut Vec<u8>,
        mut exchange: impl FnMut(&mut [Vec<u8>]) -> bool,
    ) {
        while let Some(&first) = input.first() {
            match self.state {
                State::Between => {
                    self.suspect = Some(Vec::new());
                    self.state = if first == b'*' { State::Count } else { State::Inline };
                }
                State::Count => match self.read_line(&mut input, output, b'*') {
                    Line::Unfinished => {}
                    Line::Number(count) => self.begin(count, output),
                    Line::Unreadable => self.give_up(output),
                },
                State::Size { left } => match self.read_line(&mut input, output, b'$') {
                    Line::Unfinished => {}
                    Line::Number(size) => self.begin_word(left, size, output),
                    Line::Unreadable => self.give_up(output),
                },
                State::Bytes { left, size } => {
                    let chunk = input.split_off(..size.min(input.len())).unwrap_or_default();
                    self.take_bytes(chunk, (left, size), output);
                    if self.state == State::Between {
                        self.end(output, &mut exchange);
                    }
                }
                State::Inline => self.read_inline(&mut input, output, &mut exchange),
                State::Opaque => {
                    output.extend_from_slice(input);
                    return;
                }
            }
        }
    }

    /// Reads a header up to its end.
    fn read_line(&mut self, input: &mut &[u8], output: &mut Vec<u8>, kind: u8) -> Line {
        let end = input.iter().position(|byte| *byte == b'\n').map(|place| place + 1);
        let chunk = input.split_off(..end.unwrap_or(input.len())).unwrap_or_default();
        self.line.extend_from_slice(chunk);
        self.emit(chunk, output);
        if self.line.len() > LINE_MAX {
            return Line::Unreadable;
        }
        if end.is_none() {
            return Line::Unfinished;
        }
        let line = std::mem::take(&mut self.line);
        let number = line.strip_prefix(&[kind]).and_then(|rest| rest.strip_suffix(b"\r\n"));
        let number = number.and_then(|number| str::from_utf8(number).ok()?.parse().ok());
        number.map_or(Line::Unreadable, Line::Number)
    }

    fn begin(&mut self, count: i64, output: &mut Vec<u8>) {
        self.state = match usize::try_from(count) {
            Ok(left @ 1..) => State::Size { left },
            // Nothing is asked for: engines pass over it.
            _ => State::Between,
        };
        if !usize::try_from(count).is_ok_and(|count| (2..=login::WORDS_MAX).contains(&count)) {
            self.release(output);
        }
    }

    fn begin_word(&mut self, left: usize, size: i64, output: &mut Vec<u8>) {
        let Some(with_end) = usize::try_from(size).ok().and_then(|size| size.checked_add(2)) else {
            return self.give_up(output);
        };
        self.state = State::Bytes { left, size: with_end };
        if with_end > WORD_MAX {
            self.release(output);
        }
        if let Some(words) = &mut self.suspect {
            words.push(Vec::new());
        }
    }

    fn take_bytes(&mut self, chunk: &[u8], expected: (usize, usize), output: &mut Vec<u8>) {
        let (left, size) = (expected.0, expected.1 - chunk.len());
        self.emit(chunk, output);
        if let Some(word) = self.suspect.as_mut().and_then(|words| words.last_mut()) {
            word.extend_from_slice(chunk);
            if size == 0 && word.split_off(word.len() - 2) != b"\r\n" {
                return self.give_up(output);
            }
        }
        self.state = match (left, size) {
            (1, 0) => State::Between,
            (left, 0) => State::Size { left: left - 1 },
            (left, size) => State::Bytes { left, size },
        };
        let is_over = size == 0;
        let is_other = |words: &Vec<Vec<u8>>| is_over && !login::is_named(&words[0]);
        if self.suspect.as_ref().is_some_and(is_other) {
            self.release(output);
        }
    }

    /// Reads a command that is a line of words. One with quotes is not looked into.
    fn read_inline(
        &mut self,
        input: &mut &[u8],
        output: &mut Vec<u8>,
        exchange: &mut impl FnMut(&mut [Vec<u8>]) -> bool,
    ) {
        let end = input.iter().position(|byte| *byte == b'\n').map(|place| place + 1);
        let chunk = input.split_off(..end.unwrap_or(input.len())).unwrap_or_default();
        self.emit(chunk, output);
        let is_plain = |byte: &u8| {
            byte.is_ascii_whitespace() || byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\'')
        };
        if self.held.len() > WORD_MAX || !self.held.iter().all(is_plain) {
            self.release(output);
        }
        if end.is_none() {
            return;
        }
        self.state = State::Between;
        if let Some(words) = &mut self.suspect {
            let split = self.held.split(u8::is_ascii_whitespace);
            words.extend(split.filter(|word| !word.is_empty()).map(<[u8]>::to_vec));
        }
        self.end(output, exchange);
    }

    /// A command is whole.
    fn end(&mut self, output: &mut Vec<u8>, exchange: &mut impl FnMut(&mut [Vec<u8>]) -> bool) {
        if let Some(mut words) = self.suspect.take()
            && exchange(&mut words)
        {
            self.held.clear();
            write(&words, output);
        }
        self.release(output);
    }

    /// Sends on, or holds while the command may be a login.
    fn emit(&mut self, bytes: &[u8], output: &mut Vec<u8>) {
        let sink = if self.suspect.is_some() { &mut self.held } else { output };
        sink.extend_from_slice(bytes);
    }

    /// The command is no login, or over.
    fn release(&mut self, output: &mut Vec<u8>) {
        self.suspect = None;
        output.append(&mut self.held);
    }

    fn give_up(&mut self, output: &mut Vec<u8>) {
        self.release(output);
        self.state = State::Opaque;
    }
}

/// Writes a command in the protocol's own form.
fn write(words: &[Vec<u8>], output: &mut Vec<u8>) {
    output.extend_from_slice(format!("*{}\r\n", words.len()).as_bytes());
    for word in words {
        output.extend_from_slice(format!("${}\r\n", word.len()).as_bytes());
        output.extend_from_slice(word);
        output.extend_from_slice(b"\r\n");
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::{Just, Strategy, any, prop_assert_eq, prop_oneof, proptest};
    use proptest::sample::Index;

    use super::*;

    /// Stands for a door at which everybody's token is good.
    fn exchange(words: &mut [Vec<u8>]) -> bool {
        let Some(places) = login::places(words) else { return false };
        words[places.password] = b"password".to_vec();
        true
    }

    /// What is sent on if the input comes in these pieces.
    fn passed<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
        let (mut requests, mut output) = (Requests::new(), Vec::new());
        for piece in pieces {
            requests.pass(piece, &mut output, exchange);
        }
        output
    }

    fn passed_whole(input: &[u8]) -> String {
        String::from_utf8_lossy(&passed([input])).into_owned()
    }

    fn command(words: &[&[u8]]) -> Vec<u8> {
        let mut output = Vec::new();
        write(&words.iter().map(|word| word.to_vec()).collect::<Vec<_>>(), &mut output);
        output
    }

    #[test]
    fn a_token_is_exchanged_and_what_stands_around_it_stays() {
        let before = command(&[b"SET", b"a", b"AUTH acme token\r\n"]);
        let after = command(&[b"PING"]);
        let exchanged = command(&[b"AUTH", b"acme", b"password"]);
        for login in [&command(&[b"AUTH", b"acme", b"token"])[..], b" AUTH  acme token\r\n"] {
            let input = [&before, login, &after[..]].concat();
            assert_eq!(passed([&input[..]]), [&before[..], &exchanged, &after].concat());
        }
    }

    /// What is wanted to know of a command is known after its first word.
    #[test]
    fn what_is_no_login_is_not_held() {
        assert_eq!(passed_whole(b"*3\r\n$3\r\nSET\r\n$1"), "*3\r\n$3\r\nSET\r\n$1");
        assert_eq!(passed_whole(b"*1\r\n$4\r\nPI"), "*1\r\n$4\r\nPI");
        assert_eq!(passed_whole(b"*8\r\n$4\r\nAU"), "*8\r\n$4\r\nAU");
        assert_eq!(passed_whole(b"*2\r\n$99999\r\nAU"), "*2\r\n$99999\r\nAU");
        assert_eq!(passed_whole(b"*3\r\n$4\r\nAUTH\r\n$1"), "", "this may be one");
        assert_eq!(passed_whole(&vec![b' '; WORD_MAX + 1]).len(), WORD_MAX + 1);
    }

    #[test]
    fn what_is_not_of_the_protocol_passes_with_all_that_follows() {
        let login = "*3\r\n$4\r\nAUTH\r\n$4\r\nacme\r\n$5\r\ntoken\r\n";
        for broken in [
            "*x\r\n",
            "*3\n",
            "*1\r\n+PING\r\n",
            "*1\r\n$-1\r\n",
            "*2\r\n$4\r\nAUTHxx",
            "*0000000000000000000000000000000000001\r\n",
        ] {
            let input = format!("{broken}{login}");
            assert_eq!(passed_whole(input.as_bytes()), input);
        }
        let input = format!("AUTH acme \"token\"\r\n*0\r\n*-1\r\n\r\n{login}");
        assert_eq!(passed_whole(input.as_bytes()), input.replace("$5\r\ntoken", "$8\r\npassword"));
    }

    fn commands() -> impl Strategy<Value = Vec<Vec<u8>>> {
        let word = prop_oneof![
            Just(b"AUTH".to_vec()),
            Just(b"hello".to_vec()),
            Just(b"3".to_vec()),
            vec(any::<u8>(), 0..40),
        ];
        let array = vec(word, 1..9)
            .prop_map(|words| command(&words.iter().map(Vec::as_slice).collect::<Vec<_>>()));
        let line = "(AUTH|PING|hello) [a-z \"]{0,20}\r?\n".prop_map(String::into_bytes);
        vec(prop_oneof![array, line], 0..6)
    }

    proptest! {
        /// How the bytes are cut makes no difference, and who logs nobody in changes nothing.
        #[test]
        fn pieces_make_no_difference(commands in commands(), cuts in vec(any::<Index>(), 0..9)) {
            let input = commands.concat();
            let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(input.len() + 1)).collect();
            cuts.extend([0, input.len()]);
            cuts.sort_unstable();
            let pieces = cuts.windows(2).map(|pair| &input[pair[0]..pair[1]]);
            prop_assert_eq!(passed(pieces), passed([&input[..]]));

            let (mut requests, mut output) = (Requests::new(), Vec::new());
            requests.pass(&input, &mut output, |_| false);
            prop_assert_eq!(output, input);
        }
    }
}
