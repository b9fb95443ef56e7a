//! One profile, and the access string that it gives a tenant.

use super::{
    built_in::BuiltIn,
    rules::{CLUSTER, CONNECTION, TRANSACTIONS},
};
use crate::domain::{Ground, KeyPattern, ProfileName};

/// What a tenant may do with its keys and channels.
#[derive(Clone, Debug)]
pub struct Profile {
    name: ProfileName,
    built_in: BuiltIn,
}

impl Profile {
    pub(super) fn of(built_in: BuiltIn) -> Self {
        let name = ProfileName::parse(built_in.name()).expect("the names are checked by a test");
        Self { name, built_in }
    }

    /// What tenants ask for it by.
    #[must_use]
    pub fn name(&self) -> &ProfileName {
        &self.name
    }

    /// What it is for.
    #[must_use]
    pub fn description(&self) -> &'static str {
        self.built_in.description()
    }

    /// The access string for one tenant.
    ///
    /// An allow list. Commands that the ground does not know are left out, because one unknown
    /// command refuses the whole string.
    #[must_use]
    pub fn access_string(&self, keys: &KeyPattern, ground: &Ground) -> String {
        let mut rules = vec!["on".to_owned()];
        if self.built_in.has_keys() {
            rules.push(format!("~{keys}"));
        }
        rules.push("resetchannels".to_owned());
        if self.built_in.has_channels() {
            rules.push(format!("&{keys}"));
        }
        rules.push("-@all".to_owned());
        let cluster = if ground.is_cluster { CLUSTER } else { &[] };
        let of_all = [CONNECTION, TRANSACTIONS, cluster].into_iter().flatten();
        let mut commands = self.built_in.commands(ground.engine);
        commands.extend(of_all.map(|rule| (*rule).to_owned()));
        rules.extend(commands.into_iter().filter(|rule| ground.knows(rule)));
        rules.join(" ")
    }
}

impl Default for Profile {
    /// That of a tenant that asks for none.
    fn default() -> Self {
        Self::of(BuiltIn::ReadWrite)
    }
}
