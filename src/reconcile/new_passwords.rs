//! Passwords that were just made, until ElastiCache has been told.
//!
//! Secrets Manager has each of them already; keeping them so long saves reading them back. A
//! password that is not here is read from there.

use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use crate::domain::{CacheUserId, Password};

/// It takes longer only if something is wrong, and then what is in Secrets Manager counts.
const LIFETIME: Duration = Duration::from_mins(15);
/// More than sign up in that time.
const MOST: usize = 1_000;

/// The passwords of users that are about to be made.
#[derive(Default)]
pub(super) struct NewPasswords(Mutex<HashMap<CacheUserId, (Password, Instant)>>);

impl NewPasswords {
    /// Keeps a password that Secrets Manager has taken as the current one.
    pub(super) fn keep(&self, user: CacheUserId, password: Password) {
        self.with(|passwords| {
            passwords.retain(|_, (_, since)| since.elapsed() < LIFETIME);
            if passwords.len() < MOST {
                passwords.insert(user, (password, Instant::now()));
            }
        });
    }

    /// The password of a user, if it is new.
    pub(super) fn get(&self, user: CacheUserId) -> Option<Password> {
        let is_new = |(_, since): &&(Password, Instant)| since.elapsed() < LIFETIME;
        self.with(|passwords| {
            passwords.get(&user).filter(is_new).map(|(password, _)| password.clone())
        })
    }

    /// Forgets the password of a user that was made, or that something is wrong with.
    pub(super) fn forget(&self, user: CacheUserId) {
        self.with(|passwords| passwords.remove(&user));
    }

    fn with<T>(&self, work: impl FnOnce(&mut HashMap<CacheUserId, (Password, Instant)>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for NewPasswords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewPasswords").finish_non_exhaustive()
    }
}
