//! What a good token is good for.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{lobby::Lobby, signer::Signer};

fn map<T: std::str::FromStr<Err: std::fmt::Debug>>(pairs: &[(&str, &str)]) -> BTreeMap<String, T> {
    pairs.iter().map(|(name, text)| ((*name).to_owned(), text.parse().unwrap())).collect()
}

#[tokio::test]
async fn a_caller_with_a_good_token_is_let_in_and_stands_in_the_record_by_name() {
    for signer in [Signer::es256("a"), Signer::rs256("a")] {
        let lobby = Lobby::signed_by(signer, |_, _| {}).await;
        let token = lobby.token_for("tenants:write");
        let made = lobby.send(("POST", "/tenants"), &token, r#"{"name": "acme"}"#).await;
        assert_eq!(made.status, StatusCode::ACCEPTED, "{}", made.body);
        let recorded = lobby.recorded("tenant.").await;
        let actor = format!("subject:{}#alice", lobby.issuer.name());
        assert_eq!(recorded[0]["actor"], actor, "{recorded:?}");
    }
}

#[tokio::test]
async fn a_caller_may_do_what_the_token_says_and_no_more() {
    let lobby = Lobby::new().await;
    let refused =
        lobby.send(("POST", "/tenants"), &lobby.token(&json!({})), r#"{"name": "x"}"#).await;
    assert_eq!(refused.problem().as_deref(), Some("forbidden"));
    let expected =
        "Bearer realm=\"ringfence\", error=\"insufficient_scope\", scope=\"tenants:write\"";
    assert_eq!(refused.header("www-authenticate"), expected);
    assert_eq!(lobby.outcome(&lobby.token(&json!({ "scope": null }))).await, "forbidden");
    assert_eq!(lobby.outcome(&lobby.token(&json!({ "scope": ["tenants:read"] }))).await, "");
}

#[tokio::test]
async fn the_words_of_an_issuer_are_translated() {
    let lobby = Lobby::with(|oidc, _| {
        oidc.scopes_claim = "/realm_access/roles".parse().unwrap();
        oidc.scopes = map(&[("platform", "tenants:write credentials:read")]);
    })
    .await;
    let token = |roles: Value| lobby.token(&json!({ "realm_access": { "roles": roles } }));
    assert_eq!(lobby.outcome(&token(json!(["offline_access", "platform"]))).await, "");
    assert_eq!(lobby.outcome(&token(json!(["tenants:read", "admin"]))).await, "forbidden");
    // The usual claim is not looked at any more.
    assert_eq!(lobby.outcome(&lobby.token_for("admin")).await, "forbidden");
}

#[tokio::test]
async fn a_caller_of_a_team_finds_the_tenants_of_the_team_only() {
    let lobby = Lobby::with(|oidc, _| {
        oidc.label_claims = map(&[("namespace", "/kubernetes.io/namespace")]);
    })
    .await;
    let token = |namespace: &str| {
        let kubernetes = json!({ "namespace": namespace });
        lobby.token(&json!({ "scope": "tenants:write", "kubernetes.io": kubernetes }))
    };
    let body = r#"{"name": "acme", "labels": {"namespace": "shop"}}"#;
    let foreign = lobby.send(("POST", "/tenants"), &token("search"), body).await;
    assert_eq!(foreign.problem().as_deref(), Some("forbidden"));
    let made = lobby.send(("POST", "/tenants"), &token("shop"), body).await;
    assert_eq!(made.status, StatusCode::ACCEPTED, "{}", made.body);
    let found =
        async |namespace| lobby.send(("GET", "/tenants/acme"), &token(namespace), "").await.status;
    assert_eq!(found("shop").await, StatusCode::OK);
    assert_eq!(found("search").await, StatusCode::NOT_FOUND);
    let without = lobby.outcome(&lobby.token(&json!({}))).await;
    assert_eq!(without, "the token does not say for which labels it is");
}

#[tokio::test]
async fn a_caller_for_one_tenant_finds_no_other() {
    let lobby = Lobby::with(|oidc, _| oidc.tenant_claim = Some("tenant".parse().unwrap())).await;
    let token = |tenant: &str| lobby.token(&json!({ "scope": "tenants:write", "tenant": tenant }));
    let made = lobby.send(("POST", "/tenants"), &token("acme"), r#"{"name": "acme"}"#).await;
    assert_eq!(made.status, StatusCode::ACCEPTED, "{}", made.body);
    let beyond = lobby.send(("GET", "/tenants/acme"), &token("globex"), "").await;
    assert_eq!(beyond.status, StatusCode::NOT_FOUND);
    let whole = lobby.send(("GET", "/isolation"), &token("acme"), "").await;
    assert_eq!(whole.problem().as_deref(), Some("forbidden"));
    for wrong in [json!({}), json!({ "tenant": "*" })] {
        let refused = lobby.outcome(&lobby.token(&wrong)).await;
        assert_eq!(refused, "the token does not say for which tenant it is");
    }
}

/// They are counted by who asks, not by token: a caller gets as many tokens as it likes.
#[tokio::test]
async fn each_subject_has_a_rate_of_its_own_whatever_tokens_it_shows() {
    let lobby = Lobby::new().await;
    let left = async |subject: &str, number: i64| {
        let answer = lobby.ask(&lobby.token(&json!({ "sub": subject, "jti": number }))).await;
        let state = answer.header("ratelimit").to_owned();
        state.split(';').find_map(|part| part.strip_prefix("r=")?.parse::<u32>().ok()).unwrap()
    };
    let first = left("alice", 1).await;
    assert_eq!(left("alice", 2).await, first - 1);
    assert_eq!(left("bob", 3).await, first);
}
