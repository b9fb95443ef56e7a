//! Passwords and tags: what makes a user ours.

use super::{Workplace, patience::patiently, survey::Surveyed};
use crate::{
    cloud::{Cloud, CloudError, CloudErrorKind, NewSecretValue, OwnershipTags, SecretReport},
    domain::{
        Claim, CredentialsError, ImportRefusal, ImportedTenant, NewUser, Password, SecretName,
        SecretVersion, TenantCredentials,
    },
};

/// The version of our secret that holds a password, or why there is none.
type Kept = Result<SecretVersion, ImportRefusal>;

impl Workplace<'_> {
    /// Sees to it that our secret holds the user's password. Those that we made are only looked at; of
    /// those that another tool made it is copied from the secret that is named for it, as it is, so that
    /// no client notices.
    pub(super) async fn require_password(
        &self,
        surveyed: &Surveyed<'_>,
        tenant: &ImportedTenant,
        user: &NewUser,
    ) -> Result<Kept, CloudError> {
        let name = &user.names.secret_name;
        let tags = self.tags(tenant, user);
        let ours = patiently(|| surveyed.cloud.secret(name)).await?;
        if let Some(secret) = &ours {
            return Ok(readable(name, secret, &tags));
        }
        if is_tagged(surveyed, user) {
            let why = "is not there: nobody knows the password any more. Delete the user in \
                       ElastiCache and ask for the tenant again";
            return Ok(Err(ImportRefusal::Secret { name: name.clone(), why }));
        }
        match self.known_password(surveyed.cloud, tenant, user).await? {
            Err(refusal) => Ok(Err(refusal)),
            Ok(_) if !self.request.apply => Ok(Ok(first_version(user))),
            Ok(password) => keep(surveyed, user, &password, &tags).await,
        }
    }

    /// Puts our tags on the users that another tool made.
    pub(super) async fn tag(
        &self,
        surveyed: &Surveyed<'_>,
        tenant: &ImportedTenant,
    ) -> Result<(), CloudError> {
        for user in tenant.tenant.users.iter().filter(|user| !is_tagged(surveyed, user)) {
            let arn = surveyed.group.user_arn(&user.names.user_id);
            let tags = self.tags(tenant, user);
            patiently(|| surveyed.cloud.tag_user(&arn, &tags)).await?;
        }
        Ok(())
    }

    /// The password of a user that another tool made, if a secret is named for it.
    async fn known_password(
        &self,
        cloud: &Cloud,
        tenant: &ImportedTenant,
        user: &NewUser,
    ) -> Result<Result<Password, ImportRefusal>, CloudError> {
        let Some(template) = &self.request.password_secret else {
            let id = user.names.user_id.clone();
            return Ok(Err(ImportRefusal::PasswordUnknown { id }));
        };
        let name = SecretName::new(template.name_for(&tenant.tenant.name));
        let refused = |why| Ok(Err(ImportRefusal::Secret { name: name.clone(), why }));
        let text = match cloud.secret_string(&name).await {
            Ok(text) => text,
            Err(error) if error.kind == CloudErrorKind::NotFound => {
                return refused("is not there: name the one that holds the password");
            }
            Err(error) if error.is("InvalidRequestException") => {
                return refused("is scheduled for deletion: restore it");
            }
            Err(error) => return Err(error),
        };
        match TenantCredentials::password_in(&text) {
            Ok(password) => Ok(Ok(password)),
            Err(CredentialsError::NotOurShape) if text.trim_start().starts_with('{') => {
                refused("holds a JSON object without a text member \"password\": give it one")
            }
            // The password itself.
            Err(CredentialsError::NotOurShape) => Ok(Ok(Password::new(text.trim().to_owned()))),
        }
    }

    fn tags(&self, tenant: &ImportedTenant, user: &NewUser) -> OwnershipTags {
        let (tenant, name) = (&tenant.tenant, &user.names.user_name);
        OwnershipTags::new(&tenant.name, name, self.store.installation())
            .remembering(user.id, tenant.tier.kind())
    }
}

fn is_tagged(surveyed: &Surveyed<'_>, user: &NewUser) -> bool {
    let found = surveyed.user(&user.names.user_id);
    found.is_some_and(|found| matches!(found.claim, Claim::Tags { .. }))
}

/// The version that holds the password, if the secret is ours. One that another tool's user was given by
/// an import that was cut off is, too.
fn readable(name: &SecretName, secret: &SecretReport, tags: &OwnershipTags) -> Kept {
    let why = if !tags.prove(&secret.tags) {
        "exists and does not carry the tags of this user: rename or delete it"
    } else if secret.is_scheduled_for_deletion {
        "is scheduled for deletion: restore it, or delete the user in ElastiCache"
    } else if let Some(version) = &secret.current_version {
        return Ok(version.clone());
    } else {
        "holds no password: delete it and the user, and ask for the tenant again"
    };
    Err(ImportRefusal::Secret { name: name.clone(), why })
}

async fn keep(
    surveyed: &Surveyed<'_>,
    user: &NewUser,
    password: &Password,
    tags: &OwnershipTags,
) -> Result<Kept, CloudError> {
    let credentials = TenantCredentials::new(
        user.names.user_name.clone(),
        password.clone(),
        surveyed.facts.endpoint.clone(),
        &user.key_pattern,
    );
    let text = credentials.to_secret_string(&surveyed.group.user_arn(&user.names.user_id));
    let version = first_version(user);
    let value = NewSecretValue { text: &text, password, version: version.as_str() };
    let name = &user.names.secret_name;
    match surveyed.cloud.create_secret(name, &value, tags).await {
        Ok(()) => Ok(Ok(version)),
        Err(error) if error.is("InvalidRequestException") => {
            let why = "is scheduled for deletion: restore it and give it the tags of this user, or \
                       wait until it is gone";
            Ok(Err(ImportRefusal::Secret { name: name.clone(), why }))
        }
        Err(error) => Err(error),
    }
}

fn first_version(user: &NewUser) -> SecretVersion {
    SecretVersion::new(user.id.first_secret_version())
}
