//! An API that takes the tokens of an issuer, and a clock that can be put forward.

use std::{
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use axum::{body::Body, http::Request};
use jiff::{SignedDuration, Timestamp};
use ringfence::{
    bearer::BearerSecret,
    clock::{Clock, Entropy as _, SystemEntropy},
    config::{AuthMode, OidcConfig},
    domain::{Bounds, Scope, Scopes, TokenId, TokenName},
    store::{NewToken, TokenDesk},
};
use serde_json::{Map, Value, json};

use super::{issuer::Issuer, signer::Signer};
use crate::api_router::{Answer, Edge};

/// What stands for the API in tokens.
pub(super) const AUDIENCE: &str = "https://ringfence.example.com";

pub(super) struct Lobby {
    pub(super) edge: Edge,
    pub(super) issuer: Issuer,
    pub(super) signer: Signer,
    pub(super) clock: Hand,
}

/// The time of [`Edge`], and what a test has added to it.
#[derive(Clone, Default)]
pub(super) struct Hand(Arc<AtomicI64>);

impl Hand {
    pub(super) fn advance(&self, by: SignedDuration) {
        self.0.fetch_add(by.as_secs(), Ordering::SeqCst);
    }
}

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Edge::now() + SignedDuration::from_secs(self.0.load(Ordering::SeqCst))
    }
}

impl Lobby {
    /// An API that takes tokens of an issuer with one key, called `a`.
    pub(super) async fn new() -> Self {
        Self::with(|_, _| {}).await
    }

    /// The same with some settings changed.
    pub(super) async fn with(change: impl FnOnce(&mut OidcConfig, &Issuer)) -> Self {
        Self::signed_by(Signer::es256("a"), change).await
    }

    /// The same with this key.
    pub(super) async fn signed_by(
        signer: Signer,
        change: impl FnOnce(&mut OidcConfig, &Issuer),
    ) -> Self {
        let issuer = Issuer::with(&signer).await;
        let mut oidc: OidcConfig =
            serde_json::from_value(json!({ "issuer": issuer.name(), "audience": AUDIENCE }))
                .unwrap();
        change(&mut oidc, &issuer);
        let clock = Hand::default();
        let edge = Edge::at(Arc::new(clock.clone()), |config| {
            config.auth.mode = AuthMode::Bearer;
            config.auth.failures_per_minute = NonZeroU32::MAX;
            config.auth.oidc = Some(oidc);
        });
        // On the heap: the configuration makes it large, and every test holds it.
        let edge = Box::pin(edge).await;
        Self { edge, issuer, signer, clock }
    }

    /// The claims of a good token that may read tenants, with these in the place of its own; `null` takes one
    /// away.
    pub(super) fn claims(&self, others: &Value) -> Value {
        let now = self.clock.now().as_second();
        let claims = json!({
            "iss": self.issuer.name(),
            "aud": AUDIENCE,
            "sub": "alice",
            "scope": "openid tenants:read",
            "nbf": now,
            "exp": now + 300,
        });
        let (Value::Object(mut claims), Value::Object(others)) = (claims, others) else { panic!() };
        claims.extend(others.clone());
        claims.retain(|_, value| !value.is_null());
        Value::Object(claims)
    }

    /// A token with such claims.
    pub(super) fn token(&self, others: &Value) -> String {
        self.signer.token(&self.claims(others))
    }

    /// A token for this scope.
    pub(super) fn token_for(&self, scope: &str) -> String {
        self.token(&json!({ "scope": scope }))
    }

    /// A token of Ringfence itself, that may read tenants.
    pub(super) async fn own_token(&self) -> String {
        let entropy = SystemEntropy::default();
        let secret = BearerSecret::generate(&entropy);
        let now = self.clock.now();
        let new = NewToken {
            id: TokenId(entropy.uuid(now)),
            name: TokenName::parse("own").unwrap(),
            scopes: Scopes::from_iter([Scope::TenantsRead]),
            bounds: Bounds::Everything,
            hash: secret.hash(),
            created_at: now,
            expires_at: None,
        };
        let mut desk = TokenDesk::open(&self.edge.database()).await.unwrap();
        desk.create(new).await.unwrap();
        secret.expose().to_owned()
    }

    /// Sends a request with a token.
    pub(super) async fn send(
        &self,
        (method, path): (&str, &str),
        token: &str,
        body: &str,
    ) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", "application/json")
            .header("authorization", format!("Bearer {token}"));
        self.edge.send(request.body(Body::from(body.to_owned())).unwrap()).await
    }

    /// Asks for the tenants.
    pub(super) async fn ask(&self, token: &str) -> Answer {
        self.send(("GET", "/tenants"), token, "").await
    }

    /// How the question for the tenants is answered: with nothing, or with what is wrong.
    pub(super) async fn outcome(&self, token: &str) -> String {
        let answer = self.ask(token).await;
        match answer.problem() {
            None => String::new(),
            Some(problem) if problem == "unauthenticated" => {
                let challenge = answer.header("www-authenticate");
                assert!(challenge.contains("error=\"invalid_token\""), "{challenge}");
                answer.json()["detail"].as_str().unwrap().to_owned()
            }
            Some(problem) => problem,
        }
    }

    /// What the record of events says of this kind.
    pub(super) async fn recorded(&self, kind: &str) -> Vec<Map<String, Value>> {
        let token = self.token_for("audit:read");
        let answer =
            self.send(("GET", &format!("/events?kind={kind}&limit=1000")), &token, "").await;
        let items = answer.json()["items"].as_array().unwrap().clone();
        items.into_iter().map(|item| item.as_object().unwrap().clone()).collect()
    }
}
