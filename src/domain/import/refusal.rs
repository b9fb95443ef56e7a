//! Why something is not imported, and what to do about it.

use crate::domain::{KeyPattern, NameError, SecretName, TenantName, UserId};

/// Why a tenant is not imported. Says which rule stands in the way, and the way out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportRefusal {
    /// Its name is none that a tenant can have.
    #[error(
        "{name:?} cannot be a tenant's name: it {error}. Leave the user where it is, or make the tenant under another name"
    )]
    Name {
        /// What stands in the place of the name.
        name: String,
        /// What is wrong with it.
        error: NameError,
    },
    /// Its name belongs to the attestations.
    #[error("the keys of {name} would hold {key:?}, which attestations use as nobody's")]
    Canary {
        /// The tenant.
        name: TenantName,
        /// The key.
        key: String,
    },
    /// Several users have the tenant's name.
    #[error("{ids} both are its main user: keep one, and delete the other in ElastiCache")]
    TwoMainUsers {
        /// Their ids.
        ids: String,
    },
    /// Further users without a main one.
    #[error(
        "its main user is not there: delete its further users in ElastiCache ({ids}), or make the main one again by asking for the tenant after they are gone"
    )]
    NoMainUser {
        /// The ids of the others.
        ids: String,
    },
    /// Anybody can log in as the user.
    #[error("{id} takes anyone without a password: give it one in ElastiCache first")]
    TakesAnyone {
        /// The user.
        id: UserId,
    },
    /// AWS is at work on the user, or is deleting it.
    #[error("{id} is being changed or deleted: import it when that is over")]
    NotActive {
        /// The user.
        id: UserId,
    },
    /// The user is in no group, and is none that could be suspended.
    #[error(
        "{id} is not in the user group, and others of its tenant are: it was taken out of it, as who is deleted is. `--rejoin` puts it back; or delete it in ElastiCache"
    )]
    Outside {
        /// The user.
        id: UserId,
    },
    /// The access string cannot be read.
    #[error("the access string of {id} cannot be read: {why}")]
    Unreadable {
        /// The user.
        id: UserId,
        /// What is wrong.
        why: String,
    },
    /// The keys are not those under one prefix.
    #[error(
        "{id} may use {keys}: a tenant's keys are all those under one prefix, such as \"acme:*\". Narrow its access string first"
    )]
    NotOnePrefix {
        /// The user.
        id: UserId,
        /// Its keys, as the access string has them.
        keys: String,
    },
    /// The rights are those of no profile.
    #[error(
        "the rights of {id} are those of no access profile: `--profile NAME` gives it those of that one instead, or describe its rights as a profile in the configuration"
    )]
    NoProfile {
        /// The user.
        id: UserId,
    },
    /// A user's keys are not its tenant's.
    #[error("{id} may use {keys}, which are not under its tenant's {tenants}")]
    KeysOfOthers {
        /// The user.
        id: UserId,
        /// Its keys.
        keys: KeyPattern,
        /// The tenant's.
        tenants: KeyPattern,
    },
    /// The password is nowhere to be read.
    #[error(
        "the password of {id} is not known, and replacing it would lock its clients out: keep it in a secret, and name that with `--password-secret`"
    )]
    PasswordUnknown {
        /// The user.
        id: UserId,
    },
    /// The secret does not hold what is needed.
    #[error("the secret {name} {why}")]
    Secret {
        /// Its name.
        name: SecretName,
        /// What is wrong with it, and what to do.
        why: &'static str,
    },
    /// The tags are another installation's.
    #[error(
        "it belongs to the installation {theirs:?} and this is {ours:?}: name the right database, or set `installation` and begin with a new one"
    )]
    OtherInstallation {
        /// Whose it is.
        theirs: String,
        /// Who this is.
        ours: String,
    },
    /// The store does not take it.
    #[error(transparent)]
    Obstacle(#[from] ImportObstacle),
}

/// What is in the store already and stands in the way of a tenant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportObstacle {
    /// Another tenant, service or session has the name.
    #[error("{name} is in the store with other users: delete one of the two")]
    NameTaken {
        /// The name.
        name: TenantName,
    },
    /// The store has the tenant with fewer users, as a restored backup does.
    #[error(
        "{name} is in the store without {missing}, and stays as it is there: delete these users in ElastiCache, and ask for those that are needed again (PUT /tenants/{name}/users/…), which gives them new passwords"
    )]
    UsersMissing {
        /// The tenant.
        name: TenantName,
        /// The ids of the users that the store does not know.
        missing: String,
    },
    /// Another has the user.
    #[error("{id} is in the store as a user of {owner}")]
    UserTaken {
        /// The user.
        id: UserId,
        /// Whose it is there.
        owner: TenantName,
    },
    /// The store says that the user is gone.
    #[error("the store says that {id} was deleted: delete it in ElastiCache")]
    LifeOver {
        /// The user.
        id: UserId,
    },
    /// Two tenants would share keys.
    #[error(
        "its keys and those of {other} overlap, both match {witness:?}: give one of them another prefix, or import only the other"
    )]
    KeysOverlap {
        /// The other tenant.
        other: TenantName,
        /// A key of both.
        witness: String,
    },
    /// The user group is full.
    #[error(
        "the user group has no place for it: raise `user_quota` if AWS lets the group hold more"
    )]
    NoRoom,
}
