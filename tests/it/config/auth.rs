//! How callers are known, as it is written in a configuration.

use ringfence::config::AuthMode;

use super::{ONE_CACHE, load, refusal};

const ISSUER: &str = "
[auth]
mode = 'bearer'
[auth.oidc]
issuer = 'https://login.example.com'
audience = 'ringfence'
";

#[test]
fn who_is_not_on_this_machine_must_say_who_they_are() {
    for listen in ["0.0.0.0:8080", "[::]:8080", "10.0.0.1:8080"] {
        let text = format!("listen = '{listen}'");
        let refused = refusal(&format!("{text}\nauth.mode = 'none'"));
        assert!(refused.starts_with(&format!("listen: {listen} can be reached")), "{refused}");
        let config = load(&format!("{text}\nauth.mode = 'bearer'\n{ONE_CACHE}"), &[]).unwrap();
        assert_eq!(
            (config.listen.to_string().as_str(), config.auth.mode),
            (listen, AuthMode::Bearer)
        );
    }
    assert_eq!(load(ONE_CACHE, &[]).unwrap().auth.mode, AuthMode::None);
}

#[test]
fn a_proxy_is_named_by_its_network() {
    let variables = [("RINGFENCE_AUTH__TRUSTED_PROXIES", "10.0.0.0/8, 2001:db8::/64")];
    assert_eq!(load(ONE_CACHE, &variables).unwrap().auth.trusted_proxies.len(), 2);
    assert_eq!(
        refusal("auth.trusted_proxies = ['10.0.0.1']"),
        "auth.trusted_proxies: \"10.0.0.1\" is no network, such as 10.0.0.0/8 or 192.0.2.7/32"
    );
    assert_eq!(
        refusal("auth.mode = 'basic'"),
        "auth.mode: \"basic\" is no way to know callers: use none or bearer"
    );
}

#[test]
fn an_issuer_and_an_audience_are_all_that_must_be_said_of_tokens() {
    let config = load(&format!("{ISSUER}{ONE_CACHE}"), &[]).unwrap();
    let oidc = config.auth.oidc.unwrap();
    assert_eq!(oidc.issuer.as_str(), "https://login.example.com");
    assert_eq!((oidc.scopes.len(), oidc.leeway.as_secs()), (0, 60));
    let audience = [("RINGFENCE_AUTH__OIDC__AUDIENCE", "other")];
    let config = load(&format!("{ISSUER}{ONE_CACHE}"), &audience).unwrap();
    assert_eq!(config.auth.oidc.unwrap().audience, "other");
    assert!(load(ONE_CACHE, &[]).unwrap().auth.oidc.is_none());
}

/// A word keeps its letters, dots and colons among them.
#[test]
fn what_words_stand_for_is_a_table_or_a_text() {
    let words = "scopes = { 'Ringfence.Admin' = 'admin', 'system:sa:shop' = 'tenants:read' }";
    let file = load(&format!("{ISSUER}{words}{ONE_CACHE}"), &[]).unwrap().auth.oidc.unwrap();
    let given = "Ringfence.Admin=admin, system:sa:shop=tenants:read";
    let variable = [("RINGFENCE_AUTH__OIDC__SCOPES", given)];
    let variable = load(&format!("{ISSUER}{ONE_CACHE}"), &variable).unwrap().auth.oidc.unwrap();
    for oidc in [file, variable] {
        let words: Vec<_> =
            oidc.scopes.iter().map(|(word, scopes)| format!("{word}={scopes}")).collect();
        assert_eq!(words, ["Ringfence.Admin=admin", "system:sa:shop=tenants:read"]);
    }
}

#[test]
fn what_would_let_in_too_many_is_refused() {
    for (setting, message) in [
        (
            "issuer = 'http://login.example.com'",
            "auth.oidc.issuer: must begin with https://, or be on this machine",
        ),
        (
            "audience = ''",
            "auth.oidc.audience: \"\" is no audience, such as https://ringfence.example.com",
        ),
        ("algorithms = []", "auth.oidc.algorithms: is empty: give at least one, such as RS256"),
        ("leeway = '1h'", "auth.oidc.leeway: is more than five minutes: give less, such as 60s"),
        (
            "scopes = { a = 'everything' }",
            "auth.oidc.scopes: \"a\": \"everything\" is no scope: use ",
        ),
        ("scopes = {}", "auth.oidc.scopes: is empty: give at least one pair, or leave it out"),
        ("scopes = 'a=admin,a=admin'", "auth.oidc.scopes: has \"a\" twice: give each name once"),
        ("scopes = '=admin'", "auth.oidc.scopes: has an empty name: give name=meaning"),
        ("label_claims = ''", "auth.oidc.label_claims: is empty: give at least one pair"),
        (
            "tenant_claim = 'a'\nlabel_claims = { team = 'b' }",
            "auth.oidc: has tenant_claim and label_claims: remove one of them",
        ),
        ("issuers = []", "unknown setting auth.oidc.issuers"),
    ] {
        let name = setting.split(' ').next().unwrap();
        let others = ISSUER.lines().filter(|line| !line.starts_with(name));
        let text = format!("{}\n{setting}", others.collect::<Vec<_>>().join("\n"));
        let refused = refusal(&text);
        assert!(refused.starts_with(message), "{refused}");
    }
    for algorithm in ["HS256", "none"] {
        let refused = refusal(&format!("{ISSUER}algorithms = ['{algorithm}']"));
        let expected =
            format!("auth.oidc.algorithms: \"{algorithm}\" is no way to sign with a private key");
        assert!(refused.starts_with(&expected), "{refused}");
    }
}

#[test]
fn an_issuer_beside_a_mode_in_which_nobody_is_asked_is_a_mistake() {
    let refused = refusal(&ISSUER.replace("'bearer'", "'none'"));
    assert!(refused.starts_with("auth.mode: is \"none\", so no token is looked at"), "{refused}");
}
