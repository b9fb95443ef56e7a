//! Requests that are not let through (RFC 6750, section 3).

use std::{iter, time::Duration};

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};

use super::rates::Allowance;
use crate::{
    api::problem::{Code, Problem},
    domain::Scope,
    oidc,
};

/// Why a request is not let through.
#[derive(Debug)]
pub(in crate::api) enum Refusal {
    /// It shows no token. The scope is what it would need, if anything.
    NoToken(Option<Scope>),
    /// It shows something that is no valid token, for this reason.
    InvalidToken(&'static str),
    /// It shows a token of an issuer that does not tell its keys, so that nobody knows.
    IssuerSilent,
    /// The token is valid, and does not allow this.
    Insufficient(Scope),
    /// The token is for some tenants only, and the operation looks at all of them.
    TooNarrow(Scope),
    /// A web page that is not ours may have sent it, for this reason.
    Foreign(&'static str),
    /// Too many tokens from the same address were not valid.
    TooManyFailures {
        /// When another one is looked at.
        retry_after: Duration,
    },
    /// The caller, or all together, ask too often.
    RateLimited {
        /// Who does, and what to do.
        detail: &'static str,
        /// When another request is taken.
        retry_after: Duration,
        /// What the caller has left.
        allowance: Allowance,
    },
    /// It could not be found out.
    Failed(Problem),
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::NoToken(scope) => {
                let detail = "show a token: Authorization: Bearer rf_…; `ringfence token create` \
                              makes one";
                challenged(Code::Unauthenticated, detail, &[("scope", scope.map(Scope::as_str))])
            }
            Self::InvalidToken(why) => {
                let error = [("error", Some("invalid_token")), ("error_description", Some(why))];
                challenged(Code::Unauthenticated, why, &error)
            }
            Self::IssuerSilent => {
                let detail = "the keys of the token's issuer are not to be had; try again";
                let problem = Problem::new(Code::IssuerUnavailable, detail);
                ([(header::RETRY_AFTER, oidc::PAUSE.as_secs().to_string())], problem)
                    .into_response()
            }
            Self::Insufficient(needed) => {
                let detail =
                    format!("the operation needs the scope {needed}, which this token has not");
                challenged(Code::Forbidden, detail, &insufficient(needed))
            }
            Self::TooNarrow(needed) => {
                let detail = "the operation looks at all tenants, and this token is for some only";
                challenged(Code::Forbidden, detail, &insufficient(needed))
            }
            Self::Foreign(why) => Problem::new(Code::ForeignOrigin, why).into_response(),
            Self::TooManyFailures { retry_after } => {
                let seconds = retry_after.as_secs().saturating_add(1);
                let detail = "too many tokens from this address were not valid; check the token, and \
                              wait as long as Retry-After says";
                let problem = Problem::new(Code::TooManyFailures, detail);
                ([(header::RETRY_AFTER, seconds.to_string())], problem).into_response()
            }
            Self::RateLimited { detail, retry_after, allowance } => {
                let seconds = retry_after.as_secs().saturating_add(1);
                let problem = Problem::new(Code::RateLimited, detail);
                let retry_after = [(header::RETRY_AFTER, seconds.to_string())];
                let mut response = (retry_after, problem).into_response();
                allowance.write(response.headers_mut());
                response
            }
            Self::Failed(problem) => problem.into_response(),
        }
    }
}

fn insufficient(needed: Scope) -> [(&'static str, Option<&'static str>); 2] {
    [("error", Some("insufficient_scope")), ("scope", Some(needed.as_str()))]
}

/// A problem with a challenge of these parameters, all of them fixed text without quotes.
fn challenged(
    code: Code,
    detail: impl Into<String>,
    parameters: &[(&str, Option<&'static str>)],
) -> Response {
    let realm = "Bearer realm=\"ringfence\"".to_owned();
    let said = parameters.iter().filter_map(|(name, value)| Some((name, (*value)?)));
    let parts = iter::once(realm).chain(said.map(|(name, value)| format!("{name}=\"{value}\"")));
    let challenge = parts.collect::<Vec<_>>().join(", ");
    let challenge = HeaderValue::try_from(challenge).expect("the parameters are plain ASCII");
    ([(header::WWW_AUTHENTICATE, challenge)], Problem::new(code, detail)).into_response()
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::Failed(problem)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_says_what_was_wrong_and_what_is_needed() {
        let challenge = |refusal: Refusal| {
            let response = refusal.into_response();
            let header = response.headers().get(header::WWW_AUTHENTICATE);
            header.map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
        };
        assert_eq!(challenge(Refusal::NoToken(None)), r#"Bearer realm="ringfence""#);
        assert_eq!(
            challenge(Refusal::NoToken(Some(Scope::AuditRead))),
            r#"Bearer realm="ringfence", scope="audit:read""#
        );
        assert_eq!(
            challenge(Refusal::InvalidToken("the token has expired")),
            r#"Bearer realm="ringfence", error="invalid_token", error_description="the token has expired""#
        );
        assert_eq!(
            challenge(Refusal::Insufficient(Scope::Admin)),
            r#"Bearer realm="ringfence", error="insufficient_scope", scope="admin""#
        );
        assert_eq!(challenge(Refusal::Foreign("no")), "");
    }
}
