//! The commands that log in, [`AUTH`] and [`HELLO`].
//!
//! [`AUTH`]: https://valkey.io/commands/auth/
//! [`HELLO`]: https://valkey.io/commands/hello/

/// No login has more words: `HELLO 3 AUTH user password SETNAME name`.
pub(super) const WORDS_MAX: usize = 7;

/// Where a login has what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Places {
    pub(super) user: usize,
    pub(super) password: usize,
}

/// Whether a command of this name can be a login.
pub(super) fn is_named(name: &[u8]) -> bool {
    name.eq_ignore_ascii_case(b"AUTH") || name.eq_ignore_ascii_case(b"HELLO")
}

/// Where user and password stand in a command, if it logs in as a user by name.
///
/// The words are read as the engines read them: a name for the connection may well be `AUTH`. What
/// the engine is going to refuse is no login.
pub(super) fn places(words: &[Vec<u8>]) -> Option<Places> {
    let is = |place: usize, word: &str| {
        words.get(place).is_some_and(|it| it.eq_ignore_ascii_case(word.as_bytes()))
    };
    if is(0, "AUTH") {
        return (words.len() == 3).then_some(Places { user: 1, password: 2 });
    }
    if !is(0, "HELLO") {
        return None;
    }
    let (mut found, mut place) = (None, 2);
    while place < words.len() {
        if is(place, "AUTH") && place + 2 < words.len() && found.is_none() {
            found = Some(Places { user: place + 1, password: place + 2 });
            place += 3;
        } else if is(place, "SETNAME") && place + 1 < words.len() {
            place += 2;
        } else {
            return None;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(line: &str) -> Option<(usize, usize)> {
        let words: Vec<_> = line.split(' ').map(|word| word.as_bytes().to_vec()).collect();
        assert!(words.len() <= WORDS_MAX || places(&words).is_none());
        places(&words).map(|places| (places.user, places.password))
    }

    #[test]
    fn a_login_is_found_where_the_engine_finds_it() {
        assert_eq!(found("AUTH acme token"), Some((1, 2)));
        assert_eq!(found("auth acme token"), Some((1, 2)));
        assert_eq!(found("HELLO 3 AUTH acme token"), Some((3, 4)));
        assert_eq!(found("hello 3 setname auth auth acme token"), Some((5, 6)));
        assert_eq!(found("HELLO 2 AUTH acme token SETNAME app"), Some((3, 4)));
    }

    #[test]
    fn what_logs_nobody_in_by_name_is_left_alone() {
        for line in [
            "AUTH token",
            "AUTH acme token more",
            "HELLO",
            "HELLO 3",
            "HELLO 3 AUTH acme",
            "HELLO 3 SETNAME AUTH acme token",
            "HELLO 3 AUTH acme token SETNAME",
            "HELLO 3 AUTH acme token AUTH acme token",
            "GET AUTH acme",
        ] {
            assert_eq!(found(line), None, "{line}");
        }
    }
}
