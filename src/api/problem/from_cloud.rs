//! What failures on the way to a password mean to a caller.

use super::{Code, Problem};
use crate::{
    cloud::{CloudError, CloudErrorKind},
    domain::CredentialsError,
};

impl From<CloudError> for Problem {
    fn from(error: CloudError) -> Self {
        // `InvalidRequestException`: the secret is scheduled for deletion.
        if error.kind == CloudErrorKind::NotFound || error.is("InvalidRequestException") {
            return Self::new(Code::SecretUnreadable, "the tenant's secret is not there any more");
        }
        let detail = "Secrets Manager did not hand out the tenant's password; try again";
        Self::failure(Code::CloudUnavailable, detail, error)
    }
}

impl From<CredentialsError> for Problem {
    fn from(_: CredentialsError) -> Self {
        let detail = "the tenant's secret holds no password; it was changed by somebody else";
        Self::new(Code::SecretUnreadable, detail)
    }
}
