//! Tokens that are not good.

use axum::http::StatusCode;
use jiff::SignedDuration;
use proptest::{
    prelude::{Strategy as _, any},
    strategy::ValueTree as _,
    test_runner::TestRunner,
};
use ringfence::domain::SigningAlgorithm;
use serde_json::{Value, json};

use super::{
    lobby::{AUDIENCE, Lobby},
    signer::{Signer, encoded, unsigned, with_secret},
};

#[tokio::test]
async fn a_token_counts_in_its_time_only() {
    let lobby = Lobby::new().await;
    let now = ringfence::clock::Clock::now(&lobby.clock).as_second();
    for (times, outcome) in [
        (json!({ "exp": now - 59 }), ""),
        (json!({ "exp": now - 60 }), "the token has expired"),
        (json!({ "exp": 0 }), "the token has expired"),
        (json!({ "exp": -1.5 }), "the token has expired"),
        (json!({ "exp": null }), "the token does not say when it ends"),
        (json!({ "exp": "never" }), "the token cannot be read"),
        (json!({ "nbf": now + 60 }), ""),
        (json!({ "nbf": now + 61 }), "the token is not valid yet"),
        (json!({ "nbf": null }), ""),
        (json!({ "nbf": [] }), "the token cannot be read"),
    ] {
        assert_eq!(lobby.outcome(&lobby.token(&times)).await, outcome, "{times}");
    }
}

#[tokio::test]
async fn a_token_of_another_issuer_or_for_another_audience_is_refused() {
    let lobby = Lobby::new().await;
    let issuer = "the token is from another issuer";
    let audience = "the token is for another audience";
    let slashed = format!("{}/", lobby.issuer.name());
    for (names, outcome) in [
        (json!({ "iss": "https://login.example.com" }), issuer),
        (json!({ "iss": slashed }), issuer),
        (json!({ "iss": [lobby.issuer.name()] }), issuer),
        (json!({ "iss": null }), issuer),
        (json!({ "aud": "https://other.example.com" }), audience),
        (json!({ "aud": [] }), audience),
        (json!({ "aud": null }), audience),
        (json!({ "aud": ["https://other.example.com", AUDIENCE] }), ""),
        (json!({ "sub": null }), "the token does not say whom it is for"),
        (json!({ "sub": "a\nb" }), "the token does not say whom it is for"),
    ] {
        assert_eq!(lobby.outcome(&lobby.token(&names)).await, outcome, "{names}");
    }
}

#[tokio::test]
async fn a_token_that_the_issuer_has_not_signed_is_refused() {
    let lobby = Lobby::signed_by(Signer::rs256("a"), |oidc, _| {
        use SigningAlgorithm::{ES256, PS256, RS256};
        oidc.algorithms = vec![RS256, PS256, ES256];
    })
    .await;
    let claims = lobby.claims(&json!({ "scope": "admin" }));
    let wrong_signature = "the signature of the token is wrong";
    let wrong_key = "the token is signed with a key that its issuer does not show";
    let wrong_way = "the token is signed in a way that is not accepted";
    assert_eq!(lobby.outcome(&Signer::rs256("a").token(&claims)).await, wrong_signature);
    let none = unsigned(&json!({ "alg": "none" }), &claims);
    assert_eq!(lobby.outcome(&format!("{none}.")).await, "the token cannot be read");
    // The public key as the secret, in each form in which somebody might hold it.
    let jwk = lobby.signer.jwk();
    let secrets = [jwk.to_string(), jwk["n"].as_str().unwrap().to_owned()];
    for secret in secrets {
        let header = json!({ "alg": "HS256", "kid": "a" });
        let token = with_secret(secret.as_bytes(), &header, &claims);
        assert_eq!(lobby.outcome(&token).await, wrong_way);
    }
    for (header, outcome) in [
        // The key is of another kind, or says of itself that it is for another way.
        (json!({ "alg": "PS256", "kid": "a" }), wrong_key),
        (json!({ "alg": "ES256", "kid": "a" }), wrong_key),
        // Nobody here has configured it.
        (json!({ "alg": "RS512", "kid": "a" }), wrong_way),
        (json!({ "alg": "RS256", "kid": "a", "crit": ["exp"] }), "the token cannot be read"),
        (json!({ "alg": "RS256", "jwk": Signer::rs256("a").jwk() }), ""),
    ] {
        let token = lobby.signer.token_with(&header, &claims);
        assert_eq!(lobby.outcome(&token).await, outcome, "{header}");
    }
}

/// A key that the token brings along is the forger's.
#[tokio::test]
async fn a_key_in_the_token_is_not_looked_at() {
    let lobby = Lobby::new().await;
    let forger = Signer::es256("a");
    let header =
        json!({ "alg": "ES256", "kid": "a", "jwk": forger.jwk(), "jku": "http://127.0.0.1:1" });
    let token = forger.token_with(&header, &lobby.claims(&json!({})));
    assert_eq!(lobby.outcome(&token).await, "the signature of the token is wrong");
}

#[tokio::test]
async fn a_token_that_was_changed_is_refused() {
    let lobby = Lobby::new().await;
    let good = lobby.token(&json!({}));
    let [header, claims, signature] = good.split('.').collect::<Vec<_>>()[..] else { panic!() };
    let more = encoded(lobby.claims(&json!({ "scope": "admin" })).to_string().as_bytes());
    let flipped = if signature.starts_with('A') { 'B' } else { 'A' };
    for changed in [
        format!("{header}.{more}.{signature}"),
        format!("{header}.{claims}.{flipped}{}", &signature[1..]),
        format!("{header}.{claims}."),
        format!("{header}.{claims}.{}", &signature[..signature.len() - 2]),
    ] {
        let outcome = lobby.outcome(&changed).await;
        assert_eq!(outcome, "the signature of the token is wrong", "{changed}");
    }
    assert_eq!(lobby.outcome(&good).await, "");
}

#[tokio::test]
async fn a_refused_token_stands_in_the_record_without_what_it_said() {
    let lobby = Lobby::new().await;
    let token = lobby.token(&json!({ "exp": 1, "sub": "mallory" }));
    assert_eq!(lobby.ask(&token).await.status, StatusCode::UNAUTHORIZED);
    let failed = lobby.recorded("authentication.").await;
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0]["detail"], "the token has expired");
    let text = Value::from(failed[0].clone()).to_string();
    assert!(!text.contains("mallory") && !text.contains(&token), "{text}");
}

/// The tokens of this test come from nowhere, which is one address that may fail as often as it likes.
#[tokio::test]
async fn however_many_tokens_are_refused_the_record_grows_slowly() {
    let lobby = Lobby::new().await;
    let expired = lobby.token(&json!({ "exp": 1 }));
    let n_recorded = async |n_shown| {
        for _ in 0..n_shown {
            assert_eq!(lobby.outcome(&expired).await, "the token has expired");
        }
        lobby.recorded("authentication.").await.len()
    };
    assert_eq!(n_recorded(120).await, 100);
    lobby.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(n_recorded(20).await, 110);
}

/// Cuts, exchanges and inserts bytes anywhere in a good token.
#[tokio::test]
async fn whatever_is_shown_is_refused_and_nothing_breaks() {
    let lobby = Lobby::new().await;
    let good = lobby.token(&json!({}));
    let change = (0..good.len(), 0_usize..40, "[ -~]{0,20}");
    let parts = proptest::collection::vec(any::<u8>(), 0..40);
    let shown = (change, proptest::collection::vec(parts, 3), any::<bool>());
    let mut runner = TestRunner::deterministic();
    for _ in 0..500 {
        let ((start, length, with), parts, is_change) =
            shown.new_tree(&mut runner).unwrap().current();
        let token = if is_change {
            let end = (start + length).min(good.len());
            format!("{}{with}{}", &good[..start], &good[end..])
        } else {
            parts.iter().map(|part| encoded(part)).collect::<Vec<_>>().join(".")
        };
        if token.trim() != good {
            let answer = lobby.ask(&token).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{token}");
        }
    }
    assert_eq!(lobby.outcome(&good).await, "");
}
