//! How a user proves who it is.

use std::{fmt, str::FromStr, time::Duration};

use jiff::Timestamp;

/// What a user sends second in `AUTH`. It is the same for a user's whole life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Auth {
    /// A password that Ringfence makes and keeps in Secrets Manager.
    #[default]
    Password,
    /// A token that is signed with AWS credentials and good for 15 minutes; nothing is kept
    /// (<https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html>).
    Iam,
}

impl Auth {
    /// Both ways.
    pub const ALL: [Self; 2] = [Self::Password, Self::Iam];

    /// As it stands in the store and in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Iam => "iam",
        }
    }
}

impl fmt::Display for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Auth {
    type Err = UnknownAuth;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|auth| auth.as_str() == text).ok_or(UnknownAuth)
    }
}

/// The text names no way to prove who one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be password or iam")]
pub struct UnknownAuth;

/// That a main user is to give way to another one, which proves who it is in the other way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// When the other was asked for.
    pub since: Timestamp,
    /// How long this one goes on once the other can log in.
    pub grace: Duration,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_read_back() {
        for auth in Auth::ALL {
            assert_eq!(auth.as_str().parse(), Ok(auth));
        }
        assert_eq!("nothing".parse::<Auth>(), Err(UnknownAuth));
    }
}
