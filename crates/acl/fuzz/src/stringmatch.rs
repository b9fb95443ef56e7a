//! The engines' own matching, step by step as `stringmatchlen` in `util.c` of Redis 7 and Valkey
//! does it: the measure for [`ringfence_acl::Glob`], which goes another way.

/// Whether the processor's `char` has a sign, which ranges depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Char {
    /// As on x86.
    Signed,
    /// As on ARM.
    Unsigned,
}

/// Whether the pattern matches the text.
pub fn stringmatch(pattern: &[u8], text: &[u8], char: Char) -> bool {
    matches(pattern, text, char, &mut false)
}

fn matches(mut pattern: &[u8], mut text: &[u8], char: Char, skip_longer: &mut bool) -> bool {
    while let ([first, ..], [byte, rest @ ..]) = (pattern, text) {
        match first {
            b'*' => return star(pattern, text, char, skip_longer),
            b'?' => {}
            b'[' => {
                let (is_in, last) = class(&pattern[1..], *byte, char);
                if !is_in {
                    return false;
                }
                pattern = last;
            }
            b'\\' if pattern.len() >= 2 => {
                pattern = &pattern[1..];
                if pattern[0] != *byte {
                    return false;
                }
            }
            other if other != byte => return false,
            _ => {}
        }
        // The rest of a class that was never closed is empty already.
        pattern = pattern.get(1..).unwrap_or_default();
        text = rest;
        if text.is_empty() {
            while let [b'*', after @ ..] = pattern {
                pattern = after;
            }
            break;
        }
    }
    pattern.is_empty() && text.is_empty()
}

/// Tries the pattern behind stars at every place of the text.
fn star(mut pattern: &[u8], text: &[u8], char: Char, skip_longer: &mut bool) -> bool {
    while let [b'*', b'*', ..] = pattern {
        pattern = &pattern[1..];
    }
    if pattern.len() == 1 {
        return true;
    }
    for begin in 0..text.len() {
        if matches(&pattern[1..], &text[begin..], char, skip_longer) {
            return true;
        }
        if *skip_longer {
            return false;
        }
    }
    // A later star has tried everything to the end: an earlier one will find nothing more.
    *skip_longer = true;
    false
}

/// Whether the byte is in the class, and the pattern from its `]` on, empty if there is none.
fn class(mut pattern: &[u8], byte: u8, char: Char) -> (bool, &[u8]) {
    let is_inverted = pattern.first() == Some(&b'^');
    if is_inverted {
        pattern = &pattern[1..];
    }
    let mut is_in = false;
    loop {
        pattern = match pattern {
            [b'\\', escaped, rest @ ..] => {
                is_in |= *escaped == byte;
                rest
            }
            [] | [b']', ..] => return (is_in != is_inverted, pattern),
            [start, b'-', end, rest @ ..] => {
                is_in |= is_between(byte, *start, *end, char);
                rest
            }
            [plain, rest @ ..] => {
                is_in |= *plain == byte;
                rest
            }
        };
    }
}

fn is_between(byte: u8, start: u8, end: u8, char: Char) -> bool {
    let value = |byte: u8| match char {
        Char::Signed => i16::from(byte.cast_signed()),
        Char::Unsigned => i16::from(byte),
    };
    let (start, end, byte) = (value(start), value(end), value(byte));
    (start.min(end)..=start.max(end)).contains(&byte)
}
