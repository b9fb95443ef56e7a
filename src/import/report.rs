//! What was found, and what became of it.

use serde::Serialize;

use crate::{
    domain::{Grant, ImportedTenant, InstallationId, SecretName},
    store::ImportEnd,
};

/// What was found, and what became of it, or would.
#[derive(Clone, Debug, Serialize)]
pub struct ImportReport {
    /// Whether anything was written.
    pub applied: bool,
    /// Which installation this is.
    pub installation: String,
    /// The tenants, services and sessions that were found.
    pub tenants: Vec<ReportedTenant>,
    /// Secrets that say they are ours and that are no user's. Looked for if all caches are.
    pub orphaned_secrets: Vec<OrphanedSecret>,
}

/// A tenant that was found.
#[derive(Clone, Debug, Serialize)]
pub struct ReportedTenant {
    /// Where it is.
    pub cache: String,
    /// Its name, which need not be one that we accept.
    pub tenant: String,
    /// The ids of its users.
    pub users: Vec<String>,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// A secret of a user that was not found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OrphanedSecret {
    /// Its name.
    pub secret: String,
    /// The tenant that its tags name.
    pub tenant: String,
    /// The user that its tags name.
    pub user: String,
    /// What can be done with it.
    pub advice: &'static str,
}

/// A password without a user tells nothing of the user's rights, so there is nothing to import.
const ADVICE: &str = "ask for it again under the same name, which takes the secret over and puts a \
                      new password into it; or delete the secret";

impl OrphanedSecret {
    pub(super) fn new(secret: &SecretName, tenant: &str, user: &str) -> Self {
        let (tenant, user) = (tenant.to_owned(), user.to_owned());
        Self { secret: secret.to_string(), tenant, user, advice: ADVICE }
    }
}

/// What became of a tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum Outcome {
    /// It is in the store now, or would be.
    Imported {
        /// Of which kind it is.
        tier: String,
        /// Its keys.
        key_pattern: String,
        /// What its main user may do; nothing if that is everything.
        profile: Option<String>,
        /// What whoever imports it should know.
        notes: Vec<String>,
    },
    /// It was there already.
    AlreadyThere,
    /// It cannot be imported.
    Refused {
        /// The rule and the way out.
        why: String,
    },
}

impl ImportReport {
    pub(super) fn begin(applied: bool, installation: &InstallationId) -> Self {
        Self {
            applied,
            installation: installation.as_str().to_owned(),
            tenants: Vec::new(),
            orphaned_secrets: Vec::new(),
        }
    }

    /// How many were refused.
    #[must_use]
    pub fn n_refused(&self) -> usize {
        let refused = |it: &&ReportedTenant| matches!(it.outcome, Outcome::Refused { .. });
        self.tenants.iter().filter(refused).count()
    }

    /// How many are in the store now and were not, or would be.
    #[must_use]
    pub fn n_imported(&self) -> usize {
        let imported = |it: &&ReportedTenant| matches!(it.outcome, Outcome::Imported { .. });
        self.tenants.iter().filter(imported).count()
    }
}

impl Outcome {
    pub(super) fn of(end: ImportEnd, imported: &ImportedTenant) -> Self {
        let tenant = &imported.tenant;
        match end {
            ImportEnd::AlreadyThere => Self::AlreadyThere,
            ImportEnd::Refused(obstacle) => Self::Refused { why: obstacle.to_string() },
            ImportEnd::Written => Self::Imported {
                tier: tenant.tier.kind().to_string(),
                key_pattern: tenant.key_pattern.to_string(),
                profile: tenant.users.first().and_then(|user| match &user.grant {
                    Grant::Profile(profile) => Some(profile.to_string()),
                    Grant::Everything | Grant::Purge => None,
                }),
                notes: imported.notes.clone(),
            },
        }
    }
}
