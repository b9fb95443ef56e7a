//! How a user proves who it is.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::parameters::Parameters;
use super::refusal::Refusal;
use crate::hex::sha256;
use crate::knobs::Behaviour;

/// How a user proves who it is. Passwords are kept as their SHA-256 only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub(crate) enum Authentication {
    Password { hashes: Vec<PasswordHash> },
    NoPassword,
    Iam,
}

/// The SHA-256 of a password, in hexadecimal, as the engine takes it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct PasswordHash(String);

impl PasswordHash {
    pub(crate) fn of(password: &str) -> Self {
        Self(sha256(password))
    }

    /// The rule of `ACL SETUSER` that gives this password.
    pub(crate) fn rule(&self) -> String {
        format!("#{}", self.0)
    }

    pub(crate) fn as_hex(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(crate::redact::REDACTED)
    }
}

impl Authentication {
    /// The type, as answers spell it. Requests say `no-password-required` instead.
    pub(crate) const fn word(&self) -> &'static str {
        match self {
            Self::Password { .. } => "password",
            Self::NoPassword => "no-password",
            Self::Iam => "iam",
        }
    }

    pub(crate) fn hashes(&self) -> &[PasswordHash] {
        match self {
            Self::Password { hashes } => hashes,
            Self::NoPassword | Self::Iam => &[],
        }
    }

    /// What a request asks for; nothing if it does not speak of authentication.
    ///
    /// There are three ways to say it, and each combination that contradicts itself is refused.
    pub(crate) fn requested(
        parameters: &Parameters,
        behaviour: &Behaviour,
    ) -> Result<Option<Self>, Refusal> {
        let (top, nested) = (
            parameters.list("Passwords.member"),
            parameters.list("AuthenticationMode.Passwords.member"),
        );
        if !top.is_empty() && !nested.is_empty() {
            return Err(Refusal::combination(
                "Passwords provided via multiple arguments. Use only one argument",
            ));
        }
        let passwords = if top.is_empty() { nested } else { top };
        let no_password = parameters.boolean("NoPasswordRequired")?.unwrap_or(false);
        let asked = match parameters.get("AuthenticationMode.Type") {
            Some(word) => Some(word),
            None if no_password => Some("no-password-required"),
            None if !passwords.is_empty() => Some("password"),
            None => None,
        };
        match asked {
            None => Ok(None),
            Some(word) if no_password && word != "no-password-required" => {
                Err(Refusal::combination(format!(
                    "No password required flag is true but provided authentication type is {word}"
                )))
            }
            Some("password") if passwords.is_empty() => Err(Refusal::combination(
                "A user with Authentication Mode: password, must have at least one password",
            )),
            Some("password") => Self::with_passwords(&passwords, behaviour).map(Some),
            Some(word @ ("no-password-required" | "iam")) if !passwords.is_empty() => {
                Err(Refusal::combination(format!(
                    "Password field is not allowed with authentication type: {word}"
                )))
            }
            Some("no-password-required") => Ok(Some(Self::NoPassword)),
            Some("iam") => Ok(Some(Self::Iam)),
            Some(word) => Err(unknown_type(word)),
        }
    }

    fn with_passwords(passwords: &[&str], behaviour: &Behaviour) -> Result<Self, Refusal> {
        if passwords.len() > 2 {
            return Err(Refusal::value("A user can have at most 2 passwords."));
        }
        for password in passwords {
            if !(16..=128).contains(&password.chars().count()) {
                return Err(Refusal::value("Passwords length must be between 16-128 characters."));
            }
            let banned =
                |c: char| ",\"/@".contains(c) && behaviour.refuse_banned_password_characters;
            if password.chars().any(|c| banned(c) || c.is_control()) {
                return Err(Refusal::value(
                    "Passwords must be printable and cannot contain any of: , \" / @",
                ));
            }
        }
        Ok(Self::Password { hashes: passwords.iter().map(|p| PasswordHash::of(p)).collect() })
    }
}

pub(crate) fn unknown_type(word: &str) -> Refusal {
    Refusal::value(format!(
        "Input Authentication type: {word} is not in the allowed list: \
         [password,no-password-required,iam]"
    ))
}
