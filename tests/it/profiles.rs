//! Access profiles that an operator adds or switches on, with a real engine behind them.

use ringfence::{
    config::{Config, ProfileConfig},
    domain::{KeyRights, OptIn, ProfileName},
};
use ringfence_acl::EngineKind;
use serde_json::{Value, json};

use crate::world::{Answer, ServiceProcess, TenantLogin, World, code, on_both_engines};

/// A profile for sessions: no list, no channel.
fn sessions() -> ProfileConfig {
    ProfileConfig {
        name: ProfileName::parse("sessions").unwrap(),
        description: "Sessions that expire.".to_owned(),
        commands: "+@string +@hash -@dangerous -incr +del +expire +clusterscan -clusterscan"
            .parse()
            .unwrap(),
        keys: KeyRights::ReadWrite,
        channels: false,
        allow: [].into(),
    }
}

fn with_sessions(config: &mut Config) {
    config.profiles.push(sessions());
}

async fn create(world: &World, name: &str, profile: &str) -> Answer {
    world.create_as(json!({ "name": name, "profile": profile })).await
}

async fn refused(login: &mut TenantLogin, words: &[&str]) {
    let error = login.run(words).await.expect_err(&words.join(" "));
    assert_eq!(code(&error), "NOPERM", "{words:?}");
}

fn shown<'a>(profiles: &'a Value, name: &str) -> &'a Value {
    profiles["items"].as_array().unwrap().iter().find(|item| item["name"] == name).unwrap()
}

on_both_engines! {
    async fn an_own_profile_grants_what_it_says_and_not_more(kind) {
        let world = World::with(kind, with_sessions).await;
        let created = create(&world, "acme", "sessions").await;
        assert_eq!(created.status, 201, "{created:?}");
        assert_eq!(created.body["profile"], "sessions");
        assert_eq!(created.body["attested"]["verdict"], "isolated", "{created:?}");

        let mut acme = world.login("acme").await;
        acme.set("acme:session", "1").await.unwrap();
        for own in [
            &["HSET", "acme:h", "f", "1"][..],
            &["EXPIRE", "acme:h", "60"],
            &["MULTI"],
            &["DISCARD"],
            &["PING"],
            &["CLIENT", "SETNAME", "application"],
            &["DEL", "acme:session"],
        ] {
            acme.run(own).await.unwrap();
        }
        for not_granted in [
            &["INCR", "acme:n"][..],
            &["LPUSH", "acme:l", "1"],
            &["PERSIST", "acme:h"],
            &["PUBLISH", "acme:news", "1"],
            &["SUBSCRIBE", "acme:news"],
            &["EVAL", "return 1", "0"],
            &["GET", "globex:x"],
            &["SCAN", "0"],
        ] {
            refused(&mut acme, not_granted).await;
        }
    }

    async fn a_profile_for_readers_reads_with_commands_that_could_write(kind) {
        let world = World::with(kind, |config| {
            let commands = "+@string +@hash -@dangerous +del".parse().unwrap();
            let name = ProfileName::parse("reader").unwrap();
            config.profiles.push(ProfileConfig {
                name,
                commands,
                keys: KeyRights::Read,
                ..sessions()
            });
        }).await;
        let created = create(&world, "acme", "reader").await;
        assert_eq!(created.body["attested"]["verdict"], "isolated", "{created:?}");
        let mut acme = world.login("acme").await;
        assert_eq!(acme.get("acme:x").await.unwrap(), None);
        for writing in [&["SET", "acme:x", "1"][..], &["GETEX", "acme:x", "EX", "9"], &["DEL", "acme:x"]] {
            refused(&mut acme, writing).await;
        }
    }

    async fn scripts_that_are_switched_on_keep_to_the_tenants_keys(kind) {
        let world = World::with(kind, |config| {
            config.opt_in_profiles.insert(OptIn::Scripting);
        }).await;
        let created = create(&world, "acme", "scripting").await;
        assert_eq!(created.body["attested"]["verdict"], "isolated", "{created:?}");
        let attested = world.get("/tenants/acme/attestations").await.body;
        let probes = attested["items"][0]["finding"]["probes"].as_array().unwrap();
        let tried = |command: &str| probes.iter().find(|probe| probe["command"] == command).unwrap();
        assert_eq!(tried("EVAL return(1) 1 {own}")["could"], true);
        assert_eq!(tried("EVAL return(1) 1 {foreign}")["could"], false);
        assert_eq!(tried("EVAL, with GET {foreign} in the script")["could"], false);
        assert_eq!(tried("SCRIPT FLUSH")["could"], false);

        create(&world, "globex", "read-write").await;
        world.login("globex").await.set("globex:x", "theirs").await.unwrap();
        let mut acme = world.login("acme").await;
        let set = "return redis.call('SET', KEYS[1], ARGV[1])";
        acme.run(&["EVAL", set, "1", "acme:x", "mine"]).await.unwrap();
        let get = "return redis.call('GET', KEYS[1])";
        let sha = acme.run(&["SCRIPT", "LOAD", get]).await.unwrap();
        let sha: String = redis::from_redis_value(sha).unwrap();
        acme.run(&["EVALSHA", &sha, "1", "acme:x"]).await.unwrap();
        acme.run(&["EVAL_RO", get, "1", "acme:x"]).await.unwrap();
        refused(&mut acme, &["EVAL", set, "1", "globex:x", "mine"]).await;
        refused(&mut acme, &["EVALSHA", &sha, "1", "globex:x"]).await;
        for others in [&["SCRIPT", "FLUSH"][..], &["SCRIPT", "KILL"], &["FUNCTION", "LIST"], &["FCALL", "f", "0"]] {
            refused(&mut acme, others).await;
        }
        // The engine refuses what is inside a script with another code than a call of its own.
        for inside in [
            "return redis.call('GET', 'globex:x')",
            "return redis.call('SET', 'globex:x', '1')",
            "return redis.call('SCAN', '0')",
            "return redis.call('PUBLISH', 'globex:news', '1')",
        ] {
            acme.run(&["EVAL", inside, "0"]).await.expect_err(inside);
        }
        let kept = world.login("globex").await.get("globex:x").await.unwrap();
        assert_eq!(kept.as_deref(), Some("theirs"));
    }
}

#[tokio::test]
async fn scripting_is_refused_until_the_setting_names_it() {
    let world = World::new(EngineKind::Valkey).await;
    let refused = create(&world, "acme", "scripting").await;
    assert_eq!((refused.status, refused.problem()), (400, "invalid-body"));
    let fault = &refused.body["errors"][0];
    assert_eq!(fault["pointer"], "/profile");
    assert!(fault["detail"].as_str().unwrap().contains("`opt_in_profiles`"), "{fault}");
    let absent = world.get("/profiles/scripting").await;
    assert_eq!((absent.status, absent.problem()), (404, "profile-not-found"));
    assert!(absent.body["detail"].as_str().unwrap().contains("`opt_in_profiles`"), "{absent:?}");
}

#[tokio::test]
async fn profiles_are_shown_with_what_they_give_on_each_cache() {
    let world = World::with(EngineKind::Valkey, |config| {
        config.profiles.push(sessions());
        config.opt_in_profiles.insert(OptIn::Scripting);
    })
    .await;
    let list = world.get("/profiles").await.body;
    let names: Vec<&str> =
        list["items"].as_array().unwrap().iter().map(|p| p["name"].as_str().unwrap()).collect();
    let built_in = ["read-write", "read-only", "queue", "cache", "pubsub", "scripting"];
    assert_eq!(names, [&built_in[..], &["sessions"]].concat());

    let own = shown(&list, "sessions");
    assert_eq!(
        (&own["origin"], &own["description"]),
        (&json!("own"), &json!("Sessions that expire."))
    );
    let alone = world.get("/profiles/sessions").await.body;
    assert_eq!(alone["caches"][0]["access_string"], own["caches"][0]["access_string"]);
    assert_eq!(alone["caches"][0]["users"], json!({ "total": 0, "current": 0, "blocked": 0 }));
    let on_main = &own["caches"][0];
    assert_eq!((&on_main["cache"], &on_main["engine"]), (&json!("main"), &json!("valkey")));
    let string = on_main["access_string"].as_str().unwrap();
    assert!(string.starts_with("on ~acme:* resetchannels -@all +@string +@hash -@dangerous -incr"));

    // What a tenant of that name is given is what was shown.
    create(&world, "acme", "sessions").await;
    let attested = world.get("/tenants/acme/attestations").await.body;
    assert_eq!(attested["items"][0]["finding"]["access_string"], string);

    let scripting = &shown(&list, "scripting")["caches"][0]["findings"];
    let finding = |code: &str| scripting.as_array().unwrap().iter().find(|f| f["code"] == code);
    assert_eq!(finding("runs-scripts").unwrap()["severity"], "warning");
    for item in list["items"].as_array().unwrap() {
        let findings = item["caches"][0]["findings"].as_array().unwrap();
        assert!(findings.iter().all(|finding| finding["severity"] != "error"), "{item}");
    }
}

/// The configuration loses a profile that tenants have, one of them half made.
#[tokio::test]
async fn a_tenant_whose_profile_is_gone_waits_for_it_and_can_be_deleted() {
    let mut world = World::with(EngineKind::Valkey, with_sessions).await;
    assert_eq!(create(&world, "active", "sessions").await.body["status"], "active");
    assert_eq!(create(&world, "leaving", "sessions").await.body["status"], "active");
    world.stop_service().await;
    let group = std::mem::replace(&mut world.config.caches[0].user_group, "missing".to_owned());
    world.start_service().await;
    let body = json!({ "name": "waiting", "profile": "sessions" });
    let asked = world.request(reqwest::Method::POST, "/tenants").json(&body);
    assert_eq!(Answer::of(asked).await.status, 202);

    world.stop_service().await;
    world.config.caches[0].user_group = group;
    let profiles = std::mem::take(&mut world.config.profiles);
    world.start_service().await;
    let hindered = "/problems/profile-not-configured";
    let is_hindered = |tenant: &Answer| tenant.body["problem"]["type"] == hindered;
    let waiting = world.until("/tenants/waiting", is_hindered).await.body;
    assert_eq!(waiting["status"], "provisioning", "{waiting}");
    assert_eq!(waiting["problem"]["retryable"], true, "{waiting}");
    assert!(waiting["problem"]["detail"].as_str().unwrap().contains("sessions"), "{waiting}");
    // Who is active goes on as it is; what would need the profile says so.
    world.login("active").await.set("active:x", "1").await.unwrap();
    let asked = world.request(reqwest::Method::POST, "/tenants/active/attestations");
    let attested = Answer::of(asked.header("prefer", "wait=30")).await.body;
    assert_eq!(attested["finding"]["verdict"], "inconclusive", "{attested}");
    assert_eq!(world.delete("leaving").await.status, 204);
    let refused = create(&world, "other", "sessions").await;
    assert_eq!((refused.status, refused.problem()), (400, "invalid-body"));

    world.stop_service().await;
    world.config.profiles = profiles;
    world.start_service().await;
    let made = create(&world, "waiting", "sessions").await;
    assert_eq!(made.body["attested"]["verdict"], "isolated", "{made:?}");
}

/// One line for each profile, however many tenants have it.
#[tokio::test]
async fn a_start_without_a_profile_that_tenants_have_warns_once() {
    let mut world = World::with(EngineKind::Valkey, with_sessions).await;
    for name in ["acme", "globex"] {
        assert_eq!(create(&world, name, "sessions").await.body["status"], "active");
    }
    world.stop_service().await;
    let said = |log: &str| {
        let warning = "tenants have a profile that is not configured";
        log.lines().filter(|line| line.contains(warning)).count()
    };
    let without = ServiceProcess::start(&world);
    assert_eq!(said(&without.log()), 1);
    without.kill();
    let variables = [
        ("RINGFENCE_PROFILES__0__NAME", "sessions".to_owned()),
        ("RINGFENCE_PROFILES__0__COMMANDS", "+@string".to_owned()),
    ];
    let with = ServiceProcess::start_with(&world, variables);
    assert_eq!(said(&with.log()), 0);
    with.kill();
}
