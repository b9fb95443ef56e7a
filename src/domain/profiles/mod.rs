//! Access profiles: named templates of access strings.
//!
//! A tenant keeps the name of its profile; what the name means is looked up in the catalogue when an
//! access string is made.

mod built_in;
mod profile;
mod rules;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use super::ProfileName;
use built_in::BuiltIn;
pub use profile::Profile;

/// All profiles that tenants can have. Clones share them.
#[derive(Clone, Debug)]
pub struct Profiles(Arc<Vec<Profile>>);

impl Profiles {
    /// Those that every installation has.
    #[must_use]
    pub fn built_in() -> Self {
        Self(Arc::new(BuiltIn::ALWAYS.map(Profile::of).into()))
    }

    /// A profile by its name.
    #[must_use]
    pub fn get(&self, name: &ProfileName) -> Option<&Profile> {
        self.iter().find(|profile| profile.name() == name)
    }

    /// A profile by a text that may be its name.
    pub fn find(&self, text: &str) -> Result<&Profile, UnknownProfile> {
        let named = self.iter().find(|profile| profile.name().as_str() == text);
        named.ok_or_else(|| UnknownProfile { found: text.to_owned(), known: self.list() })
    }

    /// All of them, the built-in ones first.
    pub fn iter(&self) -> impl Iterator<Item = &Profile> {
        self.0.iter()
    }

    /// `read-write, queue or cache`
    fn list(&self) -> String {
        let names: Vec<&str> = self.iter().map(|profile| profile.name().as_str()).collect();
        match names.split_last() {
            Some((last, before)) if !before.is_empty() => {
                format!("{} or {last}", before.join(", "))
            }
            _ => names.concat(),
        }
    }
}

/// The text names no profile.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is no access profile: use {known}")]
pub struct UnknownProfile {
    found: String,
    known: String,
}
