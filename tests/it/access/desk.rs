//! An API that asks its callers who they are, and the desk where they get their tokens.

use std::collections::BTreeMap;

use axum::{body::Body, http::Request};
use jiff::{SignedDuration, Timestamp};
use ringfence::{
    bearer::BearerSecret,
    clock::{Entropy as _, SystemEntropy},
    config::{AuthMode, Config},
    domain::{Bounds, Labels, Scope, TenantName, TokenId, TokenName},
    store::{NewToken, TokenDesk, TokenKey},
};

use crate::api_router::{Answer, Edge};

pub(super) struct Guarded {
    pub(super) edge: Edge,
    pub(super) desk: TokenDesk,
}

impl Guarded {
    pub(super) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub(super) async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let edge = Edge::configured(|config| {
            config.auth.mode = AuthMode::Bearer;
            change(config);
        })
        .await;
        let desk = TokenDesk::open(&edge.database()).await.unwrap();
        Self { edge, desk }
    }

    /// A token with these scopes for all tenants.
    pub(super) async fn token(&mut self, name: &str, scopes: &[Scope]) -> BearerSecret {
        self.narrow_token(name, scopes, Bounds::Everything).await
    }

    pub(super) async fn narrow_token(
        &mut self,
        name: &str,
        scopes: &[Scope],
        bounds: Bounds,
    ) -> BearerSecret {
        let secret = BearerSecret::generate(&SystemEntropy::default());
        let new = NewToken { bounds, ..new_token(name, scopes, &secret) };
        self.desk.create(new).await.unwrap();
        secret
    }

    /// A token whose time is over.
    pub(super) async fn expired_token(&mut self) -> BearerSecret {
        let secret = BearerSecret::generate(&SystemEntropy::default());
        let new = new_token("expired", &[Scope::Admin], &secret);
        let new = NewToken { expires_at: Some(new.created_at), ..new };
        self.desk.create(new).await.unwrap();
        secret
    }

    /// A token that somebody has ended.
    pub(super) async fn revoked_token(&mut self) -> BearerSecret {
        let secret = self.token("revoked", &[Scope::Admin]).await;
        self.desk.revoke(&key("revoked"), Edge::now()).await.unwrap();
        secret
    }

    /// Sends a request with this token.
    pub(super) async fn send(
        &self,
        (method, path): (&str, &str),
        token: Option<&BearerSecret>,
        body: &str,
    ) -> Answer {
        self.send_with((method, path), token, &[], body).await
    }

    pub(super) async fn send_with(
        &self,
        (method, path): (&str, &str),
        token: Option<&BearerSecret>,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let mut request =
            Request::builder().method(method).uri(path).header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {}", token.expose()));
        }
        self.edge.send(request.body(Body::from(body.to_owned())).unwrap()).await
    }

    pub(super) async fn get(&self, path: &str, token: &BearerSecret) -> Answer {
        self.send(("GET", path), Some(token), "").await
    }

    pub(super) async fn post(&self, body: &str, token: &BearerSecret) -> Answer {
        self.send(("POST", "/tenants"), Some(token), body).await
    }
}

fn new_token(name: &str, scopes: &[Scope], secret: &BearerSecret) -> NewToken {
    let now = Edge::now();
    NewToken {
        id: TokenId(SystemEntropy::default().uuid(now)),
        name: TokenName::parse(name).unwrap(),
        scopes: scopes.iter().copied().collect(),
        bounds: Bounds::Everything,
        hash: secret.hash(),
        created_at: now,
        expires_at: None,
    }
}

pub(super) fn key(name: &str) -> TokenKey {
    TokenKey::Name(TokenName::parse(name).unwrap())
}

/// Some time after now.
pub(super) fn later(seconds: i64) -> Timestamp {
    Edge::now() + SignedDuration::from_secs(seconds)
}

pub(super) fn only(tenant: &str) -> Bounds {
    Bounds::Tenant(TenantName::parse(tenant).unwrap())
}

pub(super) fn labelled(label: &str, value: &str) -> Bounds {
    let pairs = BTreeMap::from([(label.to_owned(), value.to_owned())]);
    Bounds::Labels(Labels::try_from(pairs).unwrap())
}
