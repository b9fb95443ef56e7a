//! All profiles of an installation.

use std::sync::Arc;

use super::{BuiltIn, OptIn, OwnProfile, Profile, ProfileOrigin};
use crate::domain::ProfileName;

/// All profiles that tenants can have. Clones share them.
#[derive(Clone, Debug)]
pub struct Profiles(Arc<Vec<Profile>>);

impl Profiles {
    /// Those that every installation has.
    #[must_use]
    pub fn built_in() -> Self {
        Self(Arc::new(BuiltIn::ALWAYS.map(Profile::built_in).into()))
    }

    /// The same with those that are switched on.
    #[must_use]
    pub fn with_opt_in(mut self, profiles: impl IntoIterator<Item = OptIn>) -> Self {
        let switched_on = profiles.into_iter().map(|opt_in| Profile::built_in(opt_in.into()));
        Arc::make_mut(&mut self.0).extend(switched_on);
        self
    }

    /// The same with one that stands in the configuration.
    pub fn with_own(mut self, profile: OwnProfile) -> Result<Self, NameTaken> {
        // Also that of one that is switched off.
        if BuiltIn::named(profile.name.as_str()).is_some() {
            return Err(NameTaken { name: profile.name, by: ProfileOrigin::BuiltIn });
        }
        if self.get(&profile.name).is_some() {
            return Err(NameTaken { name: profile.name, by: ProfileOrigin::Own });
        }
        Arc::make_mut(&mut self.0).push(Profile::own(profile));
        Ok(self)
    }

    /// A profile by its name.
    #[must_use]
    pub fn get(&self, name: &ProfileName) -> Option<&Profile> {
        self.iter().find(|profile| profile.name() == name)
    }

    /// A profile by a text that may be its name.
    pub fn find(&self, text: &str) -> Result<&Profile, UnknownProfile> {
        let found = text.to_owned();
        let named = self.iter().find(|profile| profile.name().as_str() == text);
        named.ok_or_else(|| match BuiltIn::named(text) {
            Some(_) => UnknownProfile::SwitchedOff { found },
            None => UnknownProfile::Absent { found, known: self.list() },
        })
    }

    /// All of them: the built-in ones, then those of the configuration in its order.
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

/// Why a text names no profile of this installation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnknownProfile {
    /// There is none.
    #[error("{found:?} is no access profile: use {known}")]
    Absent {
        /// The text.
        found: String,
        /// Those that there are.
        known: String,
    },
    /// It is built in, and not for everybody.
    #[error(
        "the access profile {found:?} is switched off: add it to the setting `opt_in_profiles`"
    )]
    SwitchedOff {
        /// The text.
        found: String,
    },
}

/// Two profiles would have one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameTaken {
    /// The name.
    pub name: ProfileName,
    /// Whose it is.
    pub by: ProfileOrigin,
}
