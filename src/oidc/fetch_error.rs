//! Why the keys of an issuer are not to be had.

use std::{error::Error, iter};

use reqwest::{StatusCode, Url};

use crate::domain::IssuerError;

/// Why the keys of an issuer are not to be had.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    /// Nobody answers.
    #[error("the issuer does not answer")]
    NoAnswer(#[from] reqwest::Error),
    /// It answers with something else. A redirect is that, too.
    #[error("{url} answers {status}")]
    Status {
        /// Where.
        url: Url,
        /// With what.
        status: StatusCode,
    },
    /// The answer is longer than any such answer is.
    #[error("{url} answers with more than {max} bytes")]
    TooLong {
        /// Where.
        url: Url,
        /// The limit.
        max: usize,
    },
    /// The answer is not what it should be.
    #[error("{url} answers with something else")]
    NotUnderstood {
        /// Where.
        url: Url,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// Somebody else describes itself there.
    #[error("the issuer calls itself {0:?}, which auth.oidc.issuer does not")]
    OtherIssuer(String),
    /// The keys are where nobody should be believed.
    #[error("the issuer's jwks_uri cannot be trusted")]
    Untrusted(#[from] IssuerError),
    /// None of the keys fits what tokens may be signed with.
    #[error("the issuer shows no key of a kind that auth.oidc.algorithms allows")]
    NoKey,
}

impl FetchError {
    /// The error with everything that caused it, outermost first.
    pub(super) fn with_causes(&self) -> String {
        let outermost: &(dyn Error + 'static) = self;
        let errors = iter::successors(Some(outermost), |error| Error::source(*error));
        errors.map(ToString::to_string).collect::<Vec<_>>().join(": ")
    }
}
