//! From the bytes of a pattern to its tokens.

use super::{ByteSet, Token};

/// Reads a pattern as `stringmatchlen` walks through it.
pub(super) fn tokens(pattern: &[u8]) -> Box<[Token]> {
    let mut tokens = Vec::with_capacity(pattern.len());
    let mut rest = pattern;
    while let [first, after @ ..] = rest {
        rest = after;
        match (*first, after) {
            (b'*', _) => {
                if tokens.last() != Some(&Token::Star) {
                    tokens.push(Token::Star);
                }
            }
            (b'?', _) => tokens.push(Token::One(ByteSet::FULL)),
            (b'[', _) => {
                let (set, after_class) = class(after);
                tokens.push(Token::One(set));
                rest = after_class;
            }
            (b'\\', [escaped, after_escape @ ..]) => {
                tokens.push(Token::One(ByteSet::of(*escaped)));
                rest = after_escape;
            }
            (byte, _) => tokens.push(Token::One(ByteSet::of(byte))),
        }
    }
    tokens.into()
}

/// Reads a class from behind its `[`; gives back what follows the `]`, or nothing if there is none.
fn class(pattern: &[u8]) -> (ByteSet, &[u8]) {
    let (negated, mut rest) = match pattern {
        [b'^', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    // Where `char` is signed, and where it is not.
    let (mut signed, mut unsigned) = (ByteSet::EMPTY, ByteSet::EMPTY);
    loop {
        match rest {
            [] => break,
            [b'\\', byte, after @ ..] => {
                signed.insert(*byte);
                unsigned.insert(*byte);
                rest = after;
            }
            [b']', after @ ..] => {
                rest = after;
                break;
            }
            [start, b'-', end, after @ ..] => {
                let (low, high) = (*start.min(end), *start.max(end));
                (low..=high).for_each(|byte| unsigned.insert(byte));
                let (start, end) = (start.cast_signed(), end.cast_signed());
                let range = start.min(end)..=start.max(end);
                range.for_each(|byte| signed.insert(byte.cast_unsigned()));
                rest = after;
            }
            [byte, after @ ..] => {
                signed.insert(*byte);
                unsigned.insert(*byte);
                rest = after;
            }
        }
    }
    let set = if negated {
        signed.complement().union(unsigned.complement())
    } else {
        signed.union(unsigned)
    };
    (set, rest)
}
