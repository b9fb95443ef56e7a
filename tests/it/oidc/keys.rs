//! The issuer's keys: asked for, kept, renewed, and missed.

use axum::http::{StatusCode, header};
use jiff::SignedDuration;
use serde_json::json;

use super::{lobby::Lobby, signer::Signer};

const UNKNOWN_KEY: &str = "the token is signed with a key that its issuer does not show";
const SILENT: &str = "issuer-unavailable";
/// So many requests that keys for which the first of them has sent are there before the last.
const MANY: usize = 500;

#[tokio::test]
async fn keys_are_asked_for_once_and_kept() {
    let lobby = Lobby::new().await;
    assert_eq!(lobby.issuer.asked(), 0);
    for _ in 0..20 {
        assert_eq!(lobby.outcome(&lobby.token(&json!({}))).await, "");
    }
    assert_eq!(lobby.issuer.asked(), 1);
}

#[tokio::test]
async fn keys_are_found_where_the_configuration_says_as_well() {
    let lobby = Lobby::with(|oidc, issuer| {
        oidc.jwks_url = Some(issuer.jwks_url().parse().unwrap());
        // Nobody asks for the description, so it may be wrong.
        issuer.call_itself("https://somebody.example.com");
    })
    .await;
    assert_eq!(lobby.outcome(&lobby.token(&json!({}))).await, "");
}

#[tokio::test]
async fn a_new_key_is_picked_up_with_its_first_token() {
    let lobby = Lobby::new().await;
    assert_eq!(lobby.outcome(&lobby.token(&json!({}))).await, "");
    lobby.clock.advance(SignedDuration::from_secs(10));
    let next = Signer::rs256("b");
    lobby.issuer.show(&[&lobby.signer, &next]);
    assert_eq!(lobby.outcome(&next.token(&lobby.claims(&json!({})))).await, "");
    assert_eq!(lobby.outcome(&lobby.token(&json!({}))).await, "");
    assert_eq!(lobby.issuer.asked(), 2);
}

/// An hour is the longest that a key which was withdrawn is of any use.
#[tokio::test]
async fn a_key_that_is_withdrawn_is_refused_after_its_time() {
    let lobby = Lobby::new().await;
    lobby.issuer.send(header::CACHE_CONTROL, "max-age=86400");
    assert_eq!(lobby.outcome(&lobby.token(&json!({}))).await, "");
    lobby.issuer.show(&[&Signer::es256("b")]);
    lobby.clock.advance(SignedDuration::from_mins(59));
    for _ in 0..MANY {
        assert_eq!(lobby.outcome(&lobby.token(&json!({}))).await, "");
    }
    assert_eq!(lobby.issuer.asked(), 1);
    lobby.clock.advance(SignedDuration::from_mins(1));
    assert_eq!(lobby.outcome(&lobby.token(&json!({}))).await, UNKNOWN_KEY);
    assert_eq!(lobby.issuer.asked(), 2);
}

#[tokio::test]
async fn after_a_quiet_night_the_issuer_is_asked_before_an_old_key_counts() {
    let lobby = Lobby::new().await;
    assert_eq!(lobby.outcome(&lobby.token(&json!({}))).await, "");
    lobby.issuer.show(&[&Signer::es256("b")]);
    lobby.clock.advance(SignedDuration::from_hours(5));
    assert_eq!(lobby.outcome(&lobby.token(&json!({}))).await, UNKNOWN_KEY);
}

/// One answer that did not come does not give an old key another hour.
#[tokio::test]
async fn an_issuer_that_was_silent_once_is_asked_before_an_old_key_counts_again() {
    let lobby = Lobby::new().await;
    assert_eq!(lobby.outcome(&lobby.token(&json!({}))).await, "");
    lobby.clock.advance(SignedDuration::from_hours(1));
    lobby.issuer.answer_with(StatusCode::BAD_GATEWAY);
    assert_eq!(lobby.outcome(&lobby.token(&json!({}))).await, "");
    assert_eq!(lobby.issuer.asked(), 2);
    lobby.issuer.answer_with(StatusCode::OK);
    lobby.issuer.show(&[&Signer::es256("b")]);
    lobby.clock.advance(SignedDuration::from_mins(59));
    assert_eq!(lobby.outcome(&lobby.token(&json!({}))).await, UNKNOWN_KEY);
}

#[tokio::test]
async fn an_issuer_that_shows_no_key_any_more_has_withdrawn_them_all() {
    let lobby = Lobby::new().await;
    assert_eq!(lobby.outcome(&lobby.token(&json!({}))).await, "");
    lobby.issuer.show(&[]);
    lobby.clock.advance(SignedDuration::from_hours(1));
    assert_eq!(lobby.outcome(&lobby.token(&json!({}))).await, SILENT);
}

/// Whoever comes when they are over goes on with them, and those who come after that get the new ones.
#[tokio::test]
async fn keys_are_kept_for_as_long_as_the_issuer_says_but_for_a_minute_at_least() {
    let lobby = Lobby::new().await;
    lobby.issuer.send(header::CACHE_CONTROL, "no-store");
    assert_eq!(lobby.outcome(&lobby.token(&json!({}))).await, "");
    lobby.issuer.show(&[&Signer::es256("b")]);
    lobby.clock.advance(SignedDuration::from_secs(59));
    let token = lobby.token(&json!({}));
    for _ in 0..MANY {
        assert_eq!(lobby.outcome(&token).await, "");
    }
    assert_eq!(lobby.issuer.asked(), 1);
    lobby.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(lobby.outcome(&token).await, "");
    let mut is_withdrawn = false;
    for _ in 0..MANY {
        is_withdrawn |= lobby.outcome(&token).await == UNKNOWN_KEY;
    }
    assert!(is_withdrawn, "nobody has asked for the keys anew");
    assert_eq!(lobby.issuer.asked(), 2);
}

/// Anybody can make up names of keys, as many as there are.
#[tokio::test]
async fn names_of_keys_that_nobody_has_do_not_reach_the_issuer() {
    let lobby = Lobby::new().await;
    assert_eq!(lobby.outcome(&lobby.token(&json!({}))).await, "");
    for second in 0..30 {
        for number in 0..10 {
            let forged = Signer::es256(&format!("{second}-{number}"));
            assert_eq!(lobby.outcome(&forged.token(&lobby.claims(&json!({})))).await, UNKNOWN_KEY);
        }
        lobby.clock.advance(SignedDuration::from_secs(1));
    }
    // At 0, and then every ten seconds.
    assert_eq!(lobby.issuer.asked(), 3);
}

#[tokio::test]
async fn many_callers_at_once_ask_the_issuer_once() {
    let lobby = Lobby::new().await;
    let token = lobby.token(&json!({}));
    let outcomes = futures_util::future::join_all((0..200).map(|_| lobby.outcome(&token))).await;
    assert!(outcomes.iter().all(String::is_empty), "{outcomes:?}");
    assert_eq!(lobby.issuer.asked(), 1);
}

#[tokio::test]
async fn keys_go_on_for_hours_while_the_issuer_is_silent_and_then_nobody_knows() {
    let lobby = Lobby::new().await;
    assert_eq!(lobby.outcome(&lobby.token(&json!({}))).await, "");
    lobby.issuer.answer_with(StatusCode::BAD_GATEWAY);
    for _ in 0..5 {
        lobby.clock.advance(SignedDuration::from_hours(1));
        assert_eq!(lobby.outcome(&lobby.token(&json!({}))).await, "");
    }
    // It may be a new key, so nobody can say that the token is wrong.
    let unknown = Signer::es256("b").token(&lobby.claims(&json!({})));
    assert_eq!(lobby.outcome(&unknown).await, SILENT);
    lobby.clock.advance(SignedDuration::from_hours(1));
    let silent = lobby.ask(&lobby.token(&json!({}))).await;
    assert_eq!(silent.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!((silent.problem().as_deref(), silent.header("retry-after")), (Some(SILENT), "10"));
    lobby.issuer.answer_with(StatusCode::OK);
    lobby.clock.advance(SignedDuration::from_secs(10));
    assert_eq!(lobby.outcome(&lobby.token(&json!({}))).await, "");
}

#[tokio::test]
async fn tokens_of_ringfence_do_not_depend_on_the_issuer() {
    let lobby = Lobby::new().await;
    lobby.issuer.answer_with(StatusCode::BAD_GATEWAY);
    let own = lobby.own_token().await;
    assert_eq!(lobby.outcome(&lobby.token(&json!({}))).await, SILENT);
    assert_eq!(lobby.outcome(&own).await, "");
    assert_eq!(lobby.issuer.asked(), 1);
}

#[tokio::test]
async fn an_issuer_that_is_not_believed_is_a_silent_one() {
    let lobby = Lobby::new().await;
    let after_a_while = async || {
        lobby.clock.advance(SignedDuration::from_secs(10));
        lobby.outcome(&lobby.token(&json!({}))).await
    };
    lobby.issuer.call_itself("https://somebody.example.com");
    assert_eq!(after_a_while().await, SILENT);
    lobby.issuer.call_itself(&lobby.issuer.name());
    lobby.issuer.show(&[]);
    assert_eq!(after_a_while().await, SILENT);
    lobby.issuer.show(&[&lobby.signer]);
    lobby.issuer.send(header::LOCATION, "/moved-keys");
    lobby.issuer.answer_with(StatusCode::FOUND);
    assert_eq!(after_a_while().await, SILENT);
    lobby.issuer.answer_with(StatusCode::OK);
    assert_eq!(after_a_while().await, "");
}
