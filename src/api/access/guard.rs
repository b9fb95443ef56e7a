//! The one place through which every request passes.

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::{ConnectInfo, MatchedPath},
    http::request::Parts,
};

use super::{
    Authentication, BearerRules,
    bearer::{self, Shown},
    caller::Caller,
    failures::Failures,
    last_uses::LastUses,
    own_pages::{self, Here},
    rates::{Allowance, Who},
    record,
    refusal::Refusal,
    required::{Access, AccessTable},
};
use crate::{
    api::{Api, problem::Problem},
    bearer::{BearerSecret, is_same},
    domain::{Actor, TokenStanding, Vouched},
    oidc::{Refused, Verifier},
};

/// The paths beside the operations that are open to all: the documentation, which holds nothing of any
/// installation. Everything under them is open too.
const OPEN_PAGES: [&str; 3] = ["/docs", "/problems", "/openapi.json"];

const NOT_OURS: &str = "the token is none of this service";

/// Lets requests through, or not.
#[derive(Debug)]
pub(in crate::api) struct Guard {
    pub(in crate::api) api: Api,
    table: AccessTable,
    failures: Failures,
    last_uses: LastUses,
}

impl Guard {
    pub(in crate::api) fn new(api: Api, table: AccessTable) -> Self {
        let failures = Failures::new(&api.authentication, &api.clock);
        Self { api, table, failures, last_uses: LastUses::default() }
    }

    /// Lets the request through, with its [`Caller`] and the actor among its extensions.
    pub(in crate::api) async fn admit(&self, request: &mut Parts) -> Result<(), Refusal> {
        let is_known = request.extensions.get::<MatchedPath>().map(MatchedPath::as_str);
        let is_page = is_known.is_some_and(is_open_page);
        let needed = is_known.and_then(|path| self.table.find(&request.method, path));
        let is_open = is_page || needed == Some(Access::Open);
        let caller = match &self.api.authentication {
            Authentication::None { port } => {
                let here = Here { scheme: self.api.scheme, port: *port };
                own_pages::check_host(request, here).map_err(Refusal::Foreign)?;
                if !is_open {
                    own_pages::check_sender(&request.headers, here).map_err(Refusal::Foreign)?;
                }
                Caller::unasked()
            }
            Authentication::Bearer(_) if is_open => return Ok(()),
            Authentication::Bearer(_) => self.ask(request, needed).await?,
        };
        request.extensions.insert(caller.actor.clone());
        request.extensions.insert(caller);
        Ok(())
    }

    /// Counts a request that was admitted against what its caller may ask for.
    pub(in crate::api) fn count(&self, request: &Parts) -> Result<Allowance, Refusal> {
        let who = match request.extensions.get::<Actor>() {
            Some(Actor::Token { id, .. }) => Who::Token(*id),
            Some(Actor::Subject { issuer, subject }) => Who::subject(issuer, subject),
            Some(_) => Who::at(self.address(request)),
            // Nobody was asked, because the page is open to all.
            None => return self.api.rates.count_stranger(self.address(request)),
        };
        self.api.rates.count(who)
    }

    /// Finds out who calls, and whether that one may do this.
    async fn ask(&self, request: &Parts, needed: Option<Access>) -> Result<Caller, Refusal> {
        let scope = needed.and_then(Access::scope);
        let shown = match bearer::read(&request.headers) {
            Shown::Nothing => return Err(Refusal::NoToken(scope)),
            Shown::Unreadable => Err("the Authorization header holds no token"),
            Shown::Text(text) => self.identify(text).await?,
        };
        let caller = match shown {
            Ok(caller) => caller,
            Err(why) => return Err(self.fail(request, why).await),
        };
        match needed {
            Some(Access::Narrowable(scope) | Access::Whole(scope))
                if !caller.scopes.allow(scope) =>
            {
                Err(Refusal::Insufficient(scope))
            }
            Some(Access::Whole(scope)) if caller.bounds.are_narrow() => {
                Err(Refusal::TooNarrow(scope))
            }
            // No operation: the router says so, now that it is known who asks.
            _ => Ok(caller),
        }
    }
}

impl Guard {
    /// Whose token this is; or else why it is of no use.
    async fn identify(&self, text: &str) -> Result<Result<Caller, &'static str>, Refusal> {
        if let Some(secret) = BearerSecret::parse(text) {
            return Ok(self.holder_of(&secret).await?);
        }
        match &self.api.authentication {
            Authentication::Bearer(BearerRules { issuer: Some(issuer), .. })
                if Verifier::is_token(text) =>
            {
                vouched_for(issuer, text).await
            }
            _ => Ok(Err(NOT_OURS)),
        }
    }

    /// Who holds this token of Ringfence; or else why it is of no use.
    async fn holder_of(
        &self,
        secret: &BearerSecret,
    ) -> Result<Result<Caller, &'static str>, Problem> {
        let (hash, now) = (secret.hash(), self.api.clock.now());
        let alike = self.api.store.secrets_like(&hash).await?;
        let Some(known) = alike.into_iter().find(|known| is_same(&known.hash, &hash)) else {
            return Ok(Err(NOT_OURS));
        };
        match known.standing(now) {
            TokenStanding::Expired => return Ok(Err("the token has expired")),
            TokenStanding::Revoked => return Ok(Err("the token was revoked")),
            TokenStanding::Valid => {}
        }
        let token = known.token;
        if self.last_uses.is_news(token.id, now) {
            self.api.store.note_token_use(token.id, now);
        }
        let actor = token.actor();
        Ok(Ok(Caller { actor, scopes: token.scopes, bounds: token.bounds }))
    }

    /// Counts a token that is not valid against the address that it comes from. One that is valid is
    /// never counted, nor refused for what others at its address do: nobody guesses 256 bits.
    async fn fail(&self, request: &Parts, why: &'static str) -> Refusal {
        let address = self.address(request);
        match self.failures.count(address) {
            Ok(()) => {
                record::log_failure(address, why);
                if self.failures.may_record() {
                    record::record_failure(&self.api, request, (address, why)).await;
                }
                Refusal::InvalidToken(why)
            }
            Err(retry_after) => Refusal::TooManyFailures { retry_after },
        }
    }

    /// Where a request comes from, as far as it is known.
    fn address(&self, request: &Parts) -> Option<IpAddr> {
        let ConnectInfo(peer) = request.extensions.get::<ConnectInfo<SocketAddr>>()?;
        Some(match &self.api.authentication {
            Authentication::None { .. } => peer.ip(),
            Authentication::Bearer(rules) => rules.trusted_proxies.client(*peer, &request.headers),
        })
    }
}

/// For whom the issuer vouches with this token; or else why it is of no use.
async fn vouched_for(
    issuer: &Verifier,
    text: &str,
) -> Result<Result<Caller, &'static str>, Refusal> {
    match issuer.identify(text).await {
        Ok(Vouched { actor, scopes, bounds }) => Ok(Ok(Caller { actor, scopes, bounds })),
        // Nothing is wrong with the token, as far as anybody knows.
        Err(Refused::IssuerSilent) => Err(Refusal::IssuerSilent),
        Err(refused) => Ok(Err(refused.why())),
    }
}

fn is_open_page(path: &str) -> bool {
    let mut pages = OPEN_PAGES.iter().filter_map(|page| path.strip_prefix(page));
    pages.any(|rest| rest.is_empty() || rest.starts_with('/'))
}
