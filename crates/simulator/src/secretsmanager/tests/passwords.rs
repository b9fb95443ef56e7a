//! `GetRandomPassword`.

use serde_json::{Value, json};

use super::Service;

const PUNCTUATION: &str = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

fn password(service: &mut Service, body: Value) -> String {
    let answer = service.ok("GetRandomPassword", body);
    answer["RandomPassword"].as_str().unwrap().to_owned()
}

#[test]
fn a_password_has_32_characters_of_every_kind() {
    let mut service = Service::new();
    for _ in 0..200 {
        let password = password(&mut service, json!({}));
        assert_eq!(password.len(), 32);
        assert!(password.contains(|c: char| c.is_ascii_lowercase()), "{password}");
        assert!(password.contains(|c: char| c.is_ascii_uppercase()), "{password}");
        assert!(password.contains(|c: char| c.is_ascii_digit()), "{password}");
        assert!(password.contains(|c: char| PUNCTUATION.contains(c)), "{password}");
        assert!(!password.contains(' '), "{password}");
    }
}

#[test]
fn two_passwords_differ() {
    let mut service = Service::new();
    assert_ne!(password(&mut service, json!({})), password(&mut service, json!({})));
}

#[test]
fn excluded_characters_do_not_appear() {
    let mut service = Service::new();
    let body = json!({"PasswordLength": 4096, "ExcludeCharacters": "/@\"'\\,0123456789"});
    let long = password(&mut service, body);
    assert_eq!(long.len(), 4096);
    assert!(!long.contains(|c: char| "/@\"'\\,0123456789".contains(c)));

    let body = json!({
        "PasswordLength": 4096,
        "ExcludeLowercase": true,
        "ExcludeUppercase": true,
        "ExcludePunctuation": true,
        "IncludeSpace": true,
    });
    let digits = password(&mut service, body);
    assert!(digits.chars().all(|c| c.is_ascii_digit() || c == ' '));
    assert!(digits.contains(' '));
    for digit in '0'..='9' {
        assert!(digits.contains(digit), "every letter of a kind is used");
    }
}

#[test]
fn a_password_must_have_room_for_every_kind() {
    let mut service = Service::new();
    assert_eq!(
        service.refused("GetRandomPassword", json!({"PasswordLength": 3})),
        "InvalidParameterException: Password length is too short based on the required types."
    );
    let body = json!({"PasswordLength": 3, "RequireEachIncludedType": false});
    assert_eq!(password(&mut service, body).len(), 3);
}

#[test]
fn impossible_passwords_are_refused() {
    let mut service = Service::new();
    assert_eq!(
        service.refused("GetRandomPassword", json!({"PasswordLength": 4097})),
        "ValidationException: 1 validation error detected: Value '4097' at 'passwordLength' failed to satisfy constraint: Member must have value less than or equal to 4096"
    );
    let nothing_left = json!({
        "ExcludeLowercase": true,
        "ExcludeUppercase": true,
        "ExcludePunctuation": true,
        "ExcludeCharacters": "0123456789",
    });
    let refusal = service.refused("GetRandomPassword", nothing_left);
    assert!(refusal.starts_with("InvalidParameterException"), "{refusal}");
}
