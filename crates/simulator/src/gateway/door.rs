//! What is sent on in the place of a token.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{PoisonError, RwLock};

use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
use aws_lc_rs::rand::SystemRandom;

use super::access_key::AccessKey;
use super::login;
use super::token::{self, Purpose};
use crate::clock::Clock;
use crate::elasticache::Accounts;
use crate::hex::hex;

/// No password of ours: those are hexadecimal.
const WRONG_PASSWORD: &str = "not a password";

/// What tokens are judged by.
#[derive(Debug, Clone)]
pub(crate) struct Iam {
    pub(crate) key: AccessKey,
    pub(crate) clock: Clock,
}

/// The door of one cache: it knows the IAM users, and their passwords in the engines.
pub(crate) struct Door {
    iam: Iam,
    cache: String,
    region: String,
    /// What the users' passwords follow from. It is nowhere but here, and another at each start.
    seed: Key,
    users: RwLock<BTreeSet<String>>,
}

impl Door {
    pub(crate) fn new(iam: Iam, cache: &str, region: &str) -> Self {
        let seed = Key::generate(HMAC_SHA256, &SystemRandom::new());
        Self {
            iam,
            cache: cache.to_owned(),
            region: region.to_owned(),
            seed: seed.expect("the system gives random bytes"),
            users: RwLock::default(),
        }
    }

    /// Gives the IAM users among these accounts their passwords, and says who they are.
    pub(crate) fn equip(&self, accounts: &mut Accounts) -> BTreeSet<String> {
        let mut users = BTreeSet::new();
        for (name, account) in accounts {
            if account.give_password(|| self.password(name)) {
                users.insert(name.clone());
            }
        }
        users
    }

    /// From now on these are the IAM users: the engines have them.
    pub(crate) fn expect(&self, users: BTreeSet<String>) {
        *self.users.write().unwrap_or_else(PoisonError::into_inner) = users;
    }

    /// Puts a password in the place of a token, and says whether it did. Whatever an IAM user
    /// sends that is no good token becomes a wrong password, so that the engine refuses it in its
    /// own words.
    pub(super) fn exchange(&self, words: &mut [Vec<u8>]) -> bool {
        let Some(places) = login::places(words) else { return false };
        let Ok(user) = str::from_utf8(&words[places.user]) else { return false };
        if !self.users.read().unwrap_or_else(PoisonError::into_inner).contains(user) {
            return false;
        }
        words[places.password] = self.password_for(user, &words[places.password]).into_bytes();
        true
    }

    fn password_for(&self, user: &str, token: &[u8]) -> String {
        let now = self.iam.clock.now();
        let purpose = Purpose { cache: &self.cache, region: &self.region, user, now };
        let token = str::from_utf8(token).unwrap_or_default();
        match token::check(token, purpose, &self.iam.key) {
            Ok(()) => self.password(user),
            Err(why) => {
                tracing::debug!(cache = self.cache, user, %why, "a token is refused");
                WRONG_PASSWORD.to_owned()
            }
        }
    }

    fn password(&self, user: &str) -> String {
        hex(sign(&self.seed, user.as_bytes()).as_ref())
    }
}

impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Door").field("cache", &self.cache).finish_non_exhaustive()
    }
}
