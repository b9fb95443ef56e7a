//! Tokens that are for some tenants only.

use axum::http::StatusCode;
use ringfence::domain::Scope;

use super::desk::{Guarded, labelled, only};
use crate::api_router::Answer;

const ALL: [Scope; 3] = [Scope::TenantsWrite, Scope::CredentialsRead, Scope::RotationsWrite];

/// In the order of the alphabet: the clock stands still, so they were all made at once.
fn names(answer: &Answer) -> Vec<String> {
    let items = answer.json()["items"].as_array().unwrap().clone();
    let mut names: Vec<_> =
        items.iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

/// Three tenants, of which two are of the team `checkout`.
async fn with_tenants() -> Guarded {
    let mut guarded = Guarded::new().await;
    let admin = guarded.token("admin", &[Scope::Admin]).await;
    for body in [
        r#"{"name": "acme", "labels": {"team": "checkout"}}"#,
        r#"{"name": "globex", "labels": {"team": "search"}}"#,
        r#"{"name": "initech", "labels": {"team": "checkout", "plan": "gold"}}"#,
    ] {
        assert_eq!(guarded.post(body, &admin).await.status, StatusCode::ACCEPTED);
    }
    guarded
}

/// The answer must not differ from the one for a tenant that never was, but for the name.
#[tokio::test]
async fn a_tenant_beyond_the_bounds_does_not_exist() {
    let mut guarded = with_tenants().await;
    for (name, bounds) in [("one", only("acme")), ("team", labelled("team", "checkout"))] {
        let token = guarded.narrow_token(name, &ALL, bounds).await;
        assert_eq!(guarded.get("/tenants/acme", &token).await.status, StatusCode::OK);
        for (method, rest) in [
            ("GET", ""),
            ("DELETE", ""),
            ("PATCH", ""),
            ("GET", "/credentials"),
            ("GET", "/users"),
            ("PUT", "/users/queue"),
            ("GET", "/users/main/credentials"),
            ("GET", "/rotations"),
            ("POST", "/rotations"),
            ("POST", "/attestations"),
        ] {
            let ask = async |tenant: &str| {
                let path = format!("/tenants/{tenant}{rest}");
                let answer = guarded.send((method, &path), Some(&token), "{}").await;
                (answer.status, answer.body.replace(tenant, "…"))
            };
            let beyond = ask("globex").await;
            assert_eq!(beyond.0, StatusCode::NOT_FOUND, "{method} {rest}");
            assert_eq!(beyond, ask("nobody").await, "{method} {rest}");
        }
    }
}

#[tokio::test]
async fn a_list_holds_what_lies_within_the_bounds_whatever_is_asked_for() {
    let mut guarded = with_tenants().await;
    let one = guarded.narrow_token("one", &ALL, only("acme")).await;
    let team = guarded.narrow_token("team", &ALL, labelled("team", "checkout")).await;
    for (path, of_one, of_team) in [
        ("/tenants", vec!["acme"], vec!["acme", "initech"]),
        ("/tenants?label=team=search", vec![], vec![]),
        ("/tenants?label=plan=gold", vec![], vec!["initech"]),
        ("/tenants?status=provisioning&cache=main", vec!["acme"], vec!["acme", "initech"]),
    ] {
        assert_eq!(names(&guarded.get(path, &one).await), of_one, "{path}");
        assert_eq!(names(&guarded.get(path, &team).await), of_team, "{path}");
    }
    let first = guarded.get("/tenants?limit=1", &team).await;
    let next = first.json()["next_page_token"].as_str().unwrap().to_owned();
    let second = guarded.get(&format!("/tenants?limit=1&page_token={next}"), &team).await;
    let mut both = [names(&first), names(&second)].concat();
    both.sort();
    assert_eq!(both, ["acme", "initech"]);
    assert!(second.json()["next_page_token"].is_null());
}

#[tokio::test]
async fn nobody_makes_a_tenant_beyond_their_bounds() {
    let mut guarded = with_tenants().await;
    let one = guarded.narrow_token("one", &ALL, only("hooli")).await;
    let team = guarded.narrow_token("team", &ALL, labelled("team", "checkout")).await;
    for (token, body, status) in [
        (&one, r#"{"name": "pied-piper"}"#, StatusCode::FORBIDDEN),
        (&one, r#"{"name": "globex"}"#, StatusCode::FORBIDDEN),
        (&one, r#"{"name": "hooli"}"#, StatusCode::ACCEPTED),
        (&team, r#"{"name": "umbrella"}"#, StatusCode::FORBIDDEN),
        (&team, r#"{"name": "umbrella", "labels": {"team": "search"}}"#, StatusCode::FORBIDDEN),
        (&team, r#"{"name": "umbrella", "labels": {"team": "checkout"}}"#, StatusCode::ACCEPTED),
    ] {
        let answer = guarded.post(body, token).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.body);
    }
}

#[tokio::test]
async fn nobody_moves_a_tenant_out_of_their_bounds() {
    let mut guarded = with_tenants().await;
    let token = guarded.narrow_token("team", &ALL, labelled("team", "checkout")).await;
    for (labels, status) in [
        (r#"{"team": "search"}"#, StatusCode::FORBIDDEN),
        (r#"{"team": null}"#, StatusCode::FORBIDDEN),
        (r#"{"team": "checkout", "plan": "gold"}"#, StatusCode::ACCEPTED),
    ] {
        let body = format!("{{\"labels\": {labels}}}");
        let answer = guarded.send(("PATCH", "/tenants/acme"), Some(&token), &body).await;
        assert_eq!(answer.status, status, "{labels}: {}", answer.body);
    }
}

/// Somebody else moves it: it is gone at once.
#[tokio::test]
async fn a_tenant_that_leaves_the_bounds_is_not_shown_any_more() {
    let mut guarded = with_tenants().await;
    let admin = guarded.token("other-admin", &[Scope::Admin]).await;
    let token = guarded.narrow_token("team", &ALL, labelled("team", "checkout")).await;
    assert_eq!(guarded.get("/tenants/acme", &token).await.status, StatusCode::OK);
    let move_it = r#"{"labels": {"team": "search"}}"#;
    guarded.send(("PATCH", "/tenants/acme"), Some(&admin), move_it).await;
    assert_eq!(guarded.get("/tenants/acme", &token).await.status, StatusCode::NOT_FOUND);
    assert_eq!(names(&guarded.get("/tenants", &token).await), ["initech"]);
}
