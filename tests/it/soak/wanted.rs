//! What the service has promised.

use std::collections::{BTreeMap, BTreeSet};

/// The tenants that there are to be in the end.
#[derive(Default)]
pub(super) struct Wanted(BTreeMap<String, Tenant>);

/// What a tenant is to be.
pub(super) struct Tenant {
    pub(super) profile: &'static str,
    /// Whether it is kept out of the cache.
    pub(super) suspended: bool,
    /// The further users, which are named after their profiles.
    pub(super) users: BTreeSet<&'static str>,
}

/// One user, as AWS is to show it.
pub(super) struct User {
    pub(super) id: String,
    /// What it logs in with.
    pub(super) name: String,
    pub(super) secret: String,
    pub(super) tenant: String,
    pub(super) suspended: bool,
    pub(super) profile: &'static str,
}

impl Wanted {
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Those that are not kept out.
    pub(super) fn let_in(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter(|(_, tenant)| !tenant.suspended).map(|(name, _)| name.as_str())
    }

    pub(super) fn tenant(&mut self, name: &str) -> Option<&mut Tenant> {
        self.0.get_mut(name)
    }

    /// One that is there already stays as it is.
    pub(super) fn add(&mut self, name: &str, profile: &'static str) {
        let tenant = || Tenant { profile, suspended: false, users: BTreeSet::new() };
        self.0.entry(name.to_owned()).or_insert_with(tenant);
    }

    /// Takes note that nobody is kept out, and answers who was.
    pub(super) fn resume_all(&mut self) -> Vec<String> {
        let suspended = self.0.iter_mut().filter(|(_, tenant)| tenant.suspended);
        let resumed = suspended.map(|(name, tenant)| {
            tenant.suspended = false;
            name.clone()
        });
        resumed.collect()
    }

    pub(super) fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// All users of all tenants.
    pub(super) fn users(&self) -> Vec<User> {
        let mut users = Vec::new();
        for (tenant, Tenant { profile, suspended, users: further }) in &self.0 {
            let suspended = *suspended;
            users.push(User {
                id: format!("rf-{tenant}"),
                name: tenant.clone(),
                secret: format!("ringfence/{tenant}"),
                tenant: tenant.clone(),
                suspended,
                profile,
            });
            users.extend(further.iter().map(|user| User {
                id: format!("rf-{tenant}--{user}"),
                name: format!("{tenant}--{user}"),
                secret: format!("ringfence/{tenant}/{user}"),
                tenant: tenant.clone(),
                suspended,
                profile: user,
            }));
        }
        users
    }
}
