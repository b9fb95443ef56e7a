//! Commands and a service that speaks TLS.

use std::{fmt::Write as _, fs, path::Path};

use tempfile::TempDir;

use super::running::{Outcome, finish, ringfence, run};
use crate::{
    https::House,
    world::{Authority, MountedSecret, Pair},
};

/// Files that a caller has.
struct Files(TempDir);

impl Files {
    fn of(authority: &Authority, shown: &Pair) -> Self {
        let files = Self(TempDir::new().unwrap());
        fs::write(files.path("ca.pem"), authority.pem()).unwrap();
        fs::write(files.path("client.pem"), &shown.certificate).unwrap();
        fs::write(files.path("client.key"), &shown.key).unwrap();
        files
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }
}

async fn list(house: &House, more: &[&str]) -> Outcome {
    run(&[&["tenant", "list", "--url", &house.url("")], more].concat()).await
}

#[tokio::test]
async fn a_client_trusts_the_authority_that_it_is_given_and_no_other() {
    let house = House::with(|_, _| {}).await;
    let own = Files::of(&house.authority, &house.authority.sign());
    let others = Files::of(&Authority::new(), &house.authority.sign());
    let trusting = list(&house, &["--ca-file", &own.path("ca.pem")]).await;
    assert!(trusting.success, "{trusting:?}");
    for wary in [&["--ca-file", &others.path("ca.pem")][..], &[]] {
        let outcome = list(&house, wary).await;
        assert_eq!(outcome.code, Some(3), "{outcome:?}");
        assert!(outcome.stderr.contains("certificate"), "{outcome:?}");
    }
    for unusable in [own.path("client.key"), own.path("nothing")] {
        let outcome = list(&house, &["--ca-file", &unusable]).await;
        assert_eq!(outcome.code, Some(2), "{outcome:?}");
        assert!(outcome.stderr.contains(&unusable), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_client_shows_the_certificate_that_the_service_wants() {
    let clients = Authority::new();
    let house = House::for_clients_of(&clients).await;
    let files = Files::of(&house.authority, &clients.sign());
    let (ca, certificate, key) =
        (files.path("ca.pem"), files.path("client.pem"), files.path("client.key"));
    let mut command = ringfence(&["tenant", "list", "--url", &house.url("")]);
    let variables = [
        ("RINGFENCE_CA_FILE", &ca),
        ("RINGFENCE_CLIENT_CERTIFICATE", &certificate),
        ("RINGFENCE_CLIENT_KEY", &key),
    ];
    let shown = finish(command.envs(variables)).await;
    assert!(shown.success, "{shown:?}");
    let nothing = list(&house, &["--ca-file", &ca]).await;
    assert_eq!(nothing.code, Some(3), "{nothing:?}");
    assert!(nothing.stderr.starts_with("error: cannot reach https://"), "{nothing:?}");
    let half = list(&house, &["--ca-file", &ca, "--client-certificate", &certificate]).await;
    assert_eq!(half.code, Some(2), "{half:?}");
    assert!(half.stderr.contains("--client-key"), "{half:?}");
}

#[tokio::test]
async fn a_health_check_asks_over_tls_whoevers_certificate_it_is() {
    let clients = Authority::new();
    let (open, gated) = (House::with(|_, _| {}).await, House::for_clients_of(&clients).await);
    let files = Files::of(&gated.authority, &clients.sign());
    let (certificate, key) = (files.path("client.pem"), files.path("client.key"));
    let shown = ["--tls", "--client-certificate", &certificate, "--client-key", &key];
    for (house, options, is_well) in [
        (&open, &["--tls"][..], true),
        (&open, &[], false),
        (&gated, &["--tls"], false),
        (&gated, &shown, true),
        (&open, &["--tls", "--live"], true),
    ] {
        let address = house.world.service_address().to_string();
        let outcome = run(&[&["healthcheck", "--address", &address], options].concat()).await;
        assert_eq!(outcome.success, is_well, "{options:?}: {outcome:?}");
    }
    let mut by_variables = ringfence(&["healthcheck"]);
    by_variables.env("RINGFENCE_LISTEN", open.world.service_address().to_string());
    by_variables.env("RINGFENCE_TLS__CERTIFICATE", open.secret.path("tls.crt"));
    assert!(finish(&mut by_variables).await.success);
}

/// A configuration with one cache and these files.
async fn checked(secret: &MountedSecret, settings: [&str; 3]) -> Outcome {
    let path = |name: &str| secret.path(name).display().to_string();
    let mut text =
        "[[caches]]\nname = 'main'\nuser_group = 'x'\nserverless_cache = 'x'\n[tls]\n".to_owned();
    for (setting, name) in ["certificate", "key", "client_ca"].into_iter().zip(settings) {
        if !name.is_empty() {
            writeln!(text, "{setting} = '{}'", path(name)).unwrap();
        }
    }
    fs::write(secret.path("ringfence.toml"), text).unwrap();
    run(&["check-config", "--config", &path("ringfence.toml")]).await
}

fn without_directory(text: &str, secret: &MountedSecret) -> String {
    let directory = secret.path("");
    text.replace(Path::new(&directory).to_str().unwrap(), "/")
}

#[tokio::test]
async fn files_that_cannot_be_served_are_refused_with_the_setting_the_rule_and_the_remedy() {
    let authority = Authority::new();
    let (pair, other) = (authority.sign(), authority.sign());
    let secret = MountedSecret::new(&pair);
    fs::write(secret.path("other.key"), &other.key).unwrap();
    fs::write(secret.path("clients.pem"), authority.pem()).unwrap();
    fs::write(secret.path("empty"), "").unwrap();
    let broken = pair.certificate.replacen("MII", "MIJ", 1);
    fs::write(secret.path("broken.crt"), broken).unwrap();
    let faults = [
        ["tls.crt", "", ""],
        ["", "tls.key", ""],
        ["", "", "clients.pem"],
        ["no.crt", "tls.key", ""],
        ["empty", "tls.key", ""],
        ["tls.key", "tls.crt", ""],
        ["broken.crt", "tls.key", ""],
        ["tls.crt", "empty", ""],
        ["tls.crt", "other.key", ""],
        ["tls.crt", "tls.key", "empty"],
        ["tls.crt", "tls.key", "broken.crt"],
    ];
    let mut told = String::new();
    for files in faults {
        let outcome = checked(&secret, files).await;
        assert!(!outcome.success, "{files:?}: {outcome:?}");
        told.push_str(&without_directory(&outcome.stderr, &secret));
    }
    insta::assert_snapshot!(told);
}

#[tokio::test]
async fn a_checked_configuration_tells_until_when_its_certificate_is_good() {
    let authority = Authority::new();
    let secret = MountedSecret::new(&authority.sign());
    fs::write(secret.path("clients.pem"), authority.pem()).unwrap();
    let good = checked(&secret, ["tls.crt", "tls.key", "clients.pem"]).await;
    assert!(good.success, "{good:?}");
    assert!(good.stdout.contains(" with a certificate until 4096-01-01T00:00:00Z, "), "{good:?}");
    secret.put(&authority.sign_expired());
    let expired = checked(&secret, ["tls.crt", "tls.key", ""]).await;
    assert!(expired.stdout.contains("until 2020-01-01T00:00:00Z; warning: "), "{expired:?}");
}
