//! The patterns of keys and channels, exactly as the engines match them.
//!
//! A pattern is a sequence of tokens: `*` for any bytes, and sets of bytes for everything else
//! (`?`, `[a-z]`, `[^x]`, `\*`, plain bytes). What the engines' `stringmatchlen` does at the edges
//! is kept, because a key that slips through an edge is a leak all the same:
//!
//! * bytes are matched, never characters;
//! * an unclosed `[` ends with the pattern, so `[` matches nothing and `[^` any byte;
//! * `[z-a]` is `[a-z]`, and in `[a-]` the range ends at `]`, which leaves the class unclosed;
//! * `\` at the end stands for itself;
//! * the empty string is matched by the empty pattern alone, not by `*`.
//!
//! A range with one end below 0x80 and the other above, such as `[a-é]`, means one thing where the
//! processor's `char` is signed (x86) and another where it is not (ARM). It is read as both
//! together, so that no answer depends on the instance type. Patterns with more than a thousand
//! stars are read as they are written, although newer engines give up on them.

mod byte_set;
mod language;
mod read;

use std::fmt;

use byte_set::ByteSet;

/// A pattern, read once and then matched, intersected or compared.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Glob {
    pattern: Box<[u8]>,
    tokens: Box<[Token]>,
    matches_empty: bool,
}

/// One step of a pattern.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Token {
    /// Any bytes, also none.
    Star,
    /// Exactly one byte of a set.
    One(ByteSet),
}

impl Glob {
    /// Reads a pattern. Every sequence of bytes is one.
    #[must_use]
    pub fn parse(pattern: &[u8]) -> Self {
        Self {
            pattern: pattern.into(),
            tokens: read::tokens(pattern),
            matches_empty: pattern.is_empty(),
        }
    }

    /// What `~*`, `allkeys`, `&*` and `allchannels` mean: every string, the empty one included.
    #[must_use]
    pub fn everything() -> Self {
        Self { pattern: (*b"*").into(), tokens: [Token::Star].into(), matches_empty: true }
    }

    /// A pattern that matches this string and nothing else.
    #[must_use]
    pub fn literal(text: &[u8]) -> Self {
        let mut pattern = Vec::with_capacity(text.len());
        for byte in text {
            if matches!(byte, b'*' | b'?' | b'[' | b'\\') {
                pattern.push(b'\\');
            }
            pattern.push(*byte);
        }
        Self::parse(&pattern)
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.pattern
    }

    /// Whether the engine matches this string.
    #[must_use]
    pub fn matches(&self, text: &[u8]) -> bool {
        if text.is_empty() {
            return self.matches_empty;
        }
        let (mut token, mut at) = (0, 0);
        // The last star, and how far the text was when it was met: where to try again.
        let mut star = None;
        while at < text.len() {
            match self.tokens.get(token) {
                Some(Token::Star) => {
                    token += 1;
                    star = Some((token, at));
                }
                Some(Token::One(set)) if set.contains(text[at]) => {
                    token += 1;
                    at += 1;
                }
                _ => {
                    let Some((after_star, begun)) = star else { return false };
                    token = after_star;
                    at = begun + 1;
                    star = Some((after_star, at));
                }
            }
        }
        self.tokens[token..].iter().all(|token| *token == Token::Star)
    }

    /// Whether no string at all is matched, as with `[]x`.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tokens.iter().any(|token| matches!(token, Token::One(set) if set.is_empty()))
    }

    /// A string that both patterns match, if there is one: as short as possible, and readable
    /// where the patterns leave a choice.
    ///
    /// Takes time and memory in proportion to the product of the two lengths.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Option<Vec<u8>> {
        language::witness(self, other)
    }

    /// Whether this pattern matches everything that the other one does.
    ///
    /// `true` is a proof. `false` is one too for the patterns that people write; for a pattern made
    /// to be hard (a star followed by a dozen `?`) it may only say that the search was given up.
    #[must_use]
    pub fn includes(&self, other: &Self) -> bool {
        language::includes(self, other)
    }

    /// The bytes that every match begins with.
    #[must_use]
    pub fn literal_prefix(&self) -> Vec<u8> {
        let only = |token: &Token| match token {
            Token::One(set) => set.only(),
            Token::Star => None,
        };
        self.tokens.iter().map_while(only).collect()
    }
}

impl fmt::Debug for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Glob({self})")
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        String::from_utf8_lossy(&self.pattern).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::Glob;

    fn matches(pattern: &str, text: &str) -> bool {
        Glob::parse(pattern.as_bytes()).matches(text.as_bytes())
    }

    #[test]
    fn ordinary_patterns_match_as_everyone_expects() {
        assert!(matches("acme:*", "acme:x") && matches("acme:*", "acme:"));
        assert!(!matches("acme:*", "acme-eu:x") && !matches("acme:*", "acme"));
        assert!(matches("a*b*c", "a1b2b3c") && !matches("a*b*c", "a1b2b3"));
        assert!(matches("h?llo", "hello") && !matches("h?llo", "hllo"));
        assert!(matches("[a-c]x", "bx") && !matches("[^a-c]x", "bx"));
        assert!(matches(r"a\*", "a*") && !matches(r"a\*", "ab"));
    }

    #[test]
    fn edges_are_those_of_the_engine() {
        assert!(!matches("*", "") && matches("", "") && Glob::everything().matches(b""));
        assert!(!matches("[", "[") && Glob::parse(b"[").is_empty());
        assert!(matches("[^", "a") && matches("[^]", "a"));
        assert!(matches("[z-a]", "m"));
        assert!(matches("[a-]", "^") && !matches("[a-]", "-"));
        assert!(matches("[ab", "b") && matches(r"a\", r"a\"));
        assert!(matches("??", "é") && !matches("?", "é"));
    }

    #[test]
    fn a_range_across_the_sign_bit_is_taken_in_its_widest_meaning() {
        let glob = Glob::parse(b"[a-\xc3]");
        assert!(glob.matches(b"b") && glob.matches(b"A") && glob.matches(b"\xff"));
    }

    #[test]
    fn a_literal_matches_itself_alone() {
        let glob = Glob::literal(br"a*[x]?\");
        assert!(glob.matches(br"a*[x]?\") && !glob.matches(br"abx?\"));
        assert_eq!(glob.literal_prefix(), br"a*[x]?\");
    }
}
