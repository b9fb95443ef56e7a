//! When tokens were last seen, so that each is written down once in a minute and not with each request.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use jiff::Timestamp;

use crate::domain::TokenId;

/// How exact the time of the last use is.
const PERIOD: Duration = Duration::from_mins(1);
/// More than anybody has. Those beyond it are written down once more than needed.
const KEPT_MAX: usize = 10_000;

#[derive(Debug, Default)]
pub(super) struct LastUses(Mutex<HashMap<TokenId, Timestamp>>);

impl LastUses {
    /// Whether the use of a token now is to be written down.
    pub(super) fn is_news(&self, token: TokenId, now: Timestamp) -> bool {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let last = noted.get(&token);
        if last.is_some_and(|last| now.duration_since(*last).unsigned_abs() < PERIOD) {
            return false;
        }
        if noted.len() >= KEPT_MAX {
            noted.clear();
        }
        noted.insert(token, now);
        true
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_use_is_news_once_in_a_minute() {
        let uses = LastUses::default();
        let at = |second| Timestamp::from_second(second).unwrap();
        let (one, other) = (TokenId(Uuid::from_u128(1)), TokenId(Uuid::from_u128(2)));
        assert!(uses.is_news(one, at(1_000)));
        assert!(!uses.is_news(one, at(1_059)));
        assert!(uses.is_news(other, at(1_059)));
        assert!(uses.is_news(one, at(1_060)));
    }
}
