//! A role that Ringfence assumes, for caches in another account.

use std::{error::Error, iter, time::Duration};

use aws_config::{SdkConfig, sts::AssumeRoleProvider};
use aws_credential_types::provider::{self, future};
use aws_sdk_elasticache::{
    config::{Credentials, ProvideCredentials},
    error::SdkError,
};
use aws_sdk_sts::operation::assume_role::AssumeRoleError;
use tokio::{sync::Mutex, time::Instant};

use super::{CloudError, CloudErrorKind};

/// How a session is called in the other account's `CloudTrail`.
const SESSION_NAME: &str = "ringfence";

/// How long credentials are used. AWS gives them for an hour, and to nobody for less
/// (<https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>).
const USED_FOR: Duration = Duration::from_mins(30);

/// A role, and what its owner wants to hear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// `arn:aws:iam::111122223333:role/ringfence`
    pub arn: String,
    /// What the role's trust policy asks for, if it does.
    pub external_id: Option<String>,
}

impl Role {
    /// The account that it is of: `arn:aws:iam::ACCOUNT:role/…`.
    pub(super) fn account(&self) -> &str {
        self.arn.split(':').nth(4).unwrap_or_default()
    }
}

/// The credentials of a role: one session for all clients of a set and for the tokens they sign.
#[derive(Debug)]
pub(super) struct RoleCredentials {
    role: AssumeRoleProvider,
    held: Mutex<Option<(Instant, Credentials)>>,
}

impl RoleCredentials {
    /// Asks STS in the Region that `shared` says, with the credentials that it holds.
    pub(super) async fn new(role: &Role, shared: &SdkConfig) -> Self {
        let mut provider =
            AssumeRoleProvider::builder(&role.arn).configure(shared).session_name(SESSION_NAME);
        if let Some(id) = &role.external_id {
            provider = provider.external_id(id);
        }
        Self { role: provider.build().await, held: Mutex::new(None) }
    }

    /// Those that are held, or new ones. A refusal is not kept.
    async fn credentials(&self) -> provider::Result {
        let mut held = self.held.lock().await;
        if let Some((since, credentials)) = &*held
            && since.elapsed() < USED_FOR
        {
            return Ok(credentials.clone());
        }
        let (now, credentials) = (Instant::now(), self.role.provide_credentials().await?);
        *held = Some((now, credentials.clone()));
        Ok(credentials)
    }
}

impl ProvideCredentials for RoleCredentials {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.credentials())
    }
}

/// What STS said, if a call could not be sent for want of the role. It is nothing that the tenant
/// could be blamed for, so a refusal is told as a denial.
pub(super) fn refusal(error: &(dyn Error + 'static)) -> Option<CloudError> {
    let mut causes = iter::successors(error.source(), |cause| (*cause).source());
    let refused = causes.find_map(|cause| cause.downcast_ref::<SdkError<AssumeRoleError>>())?;
    let error = CloudError::new("AssumeRole", refused);
    let kind = match error.kind {
        CloudErrorKind::Refused => CloudErrorKind::Denied,
        kind => kind,
    };
    Some(CloudError { kind, ..error })
}
