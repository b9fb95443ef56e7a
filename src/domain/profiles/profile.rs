//! One profile, and the access string that it gives a tenant.

use super::{
    BuiltIn, KeyRights, OwnProfile,
    rules::{CLUSTER, CONNECTION, TRANSACTIONS},
};
use crate::domain::{Ground, KeyPattern, ProfileName};

/// What a tenant may do with its keys and channels.
#[derive(Clone, Debug)]
pub struct Profile {
    name: ProfileName,
    source: Source,
}

#[derive(Clone, Debug)]
enum Source {
    BuiltIn(BuiltIn),
    Own(OwnProfile),
}

/// Whose a profile is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProfileOrigin {
    /// It comes with Ringfence.
    BuiltIn,
    /// It stands in the configuration.
    Own,
}

impl Profile {
    pub(super) fn built_in(profile: BuiltIn) -> Self {
        Self { name: profile.name(), source: Source::BuiltIn(profile) }
    }

    pub(super) fn own(profile: OwnProfile) -> Self {
        Self { name: profile.name.clone(), source: Source::Own(profile) }
    }

    /// What tenants ask for it by.
    #[must_use]
    pub fn name(&self) -> &ProfileName {
        &self.name
    }

    /// What it is for; empty if nobody said.
    #[must_use]
    pub fn description(&self) -> &str {
        match &self.source {
            Source::BuiltIn(profile) => profile.description(),
            Source::Own(profile) => &profile.description,
        }
    }

    /// Whose it is.
    #[must_use]
    pub fn origin(&self) -> ProfileOrigin {
        match &self.source {
            Source::BuiltIn(_) => ProfileOrigin::BuiltIn,
            Source::Own(_) => ProfileOrigin::Own,
        }
    }

    /// The access string for one tenant.
    ///
    /// An allow list. Commands that the ground does not have are left out, because one unknown
    /// command refuses the whole string.
    #[must_use]
    pub fn access_string(&self, keys: &KeyPattern, ground: &Ground) -> String {
        let mut rules = vec!["on".to_owned()];
        rules.extend(self.key_rights().rule(keys));
        rules.push("resetchannels".to_owned());
        if self.has_channels() {
            rules.push(format!("&{keys}"));
        }
        rules.push("-@all".to_owned());
        let cluster = if ground.is_cluster { CLUSTER } else { &[] };
        let of_all = [CONNECTION, TRANSACTIONS, cluster].into_iter().flatten();
        let mut commands = self.commands(ground);
        commands.extend(of_all.map(|rule| (*rule).to_owned()));
        rules.extend(commands.into_iter().filter(|rule| ground.knows(rule)));
        rules.join(" ")
    }

    fn key_rights(&self) -> KeyRights {
        match &self.source {
            Source::BuiltIn(profile) => profile.key_rights(),
            Source::Own(profile) => profile.keys,
        }
    }

    fn has_channels(&self) -> bool {
        match &self.source {
            Source::BuiltIn(profile) => profile.has_channels(),
            Source::Own(profile) => profile.has_channels,
        }
    }

    /// What it grants beside what every profile does.
    fn commands(&self, ground: &Ground) -> Vec<String> {
        match &self.source {
            Source::BuiltIn(profile) => profile.commands(ground.engine),
            Source::Own(profile) => profile.commands.texts().collect(),
        }
    }
}

impl Default for Profile {
    /// That of a tenant that asks for none.
    fn default() -> Self {
        Self::built_in(BuiltIn::ReadWrite)
    }
}
