//! `ringfence tenant`

use super::*;

#[tokio::test]
async fn a_tenant_lives_its_life_on_the_command_line() {
    let world = World::new(EngineKind::Valkey).await;
    let made = ask(&world, &["tenant", "create", "acme", "--label", "plan=gold", "--wait"]).await;
    assert!(made.success, "{made:?}");
    assert_told(&made, "status", "active");
    assert_told(&made, "labels", "plan=gold");
    assert_eq!(made.stderr, "", "nothing moves where there is no terminal");

    let changed =
        ["tenant", "update", "acme", "--profile", "read-only", "--remove-label", "plan", "--wait"];
    let changed = ask_json(&world, &changed).await;
    assert_eq!((&changed["profile"], &changed["status"]), (&"read-only".into(), &"active".into()));
    assert_eq!(changed["labels"], serde_json::json!({}));

    let out = ask(&world, &["tenant", "suspend", "acme", "--wait"]).await;
    assert_told(&out, "status", "suspended");
    let back = ask(&world, &["tenant", "resume", "acme", "--wait"]).await;
    assert_told(&back, "status", "active");

    let attested = ask(&world, &["tenant", "attest", "acme", "--wait"]).await;
    assert!(attested.success, "{attested:?}");
    assert_told(&attested, "verdict", "isolated");

    let gone = ask(&world, &["tenant", "delete", "acme", "--purge-keys", "--wait"]).await;
    assert_eq!((gone.code, gone.stdout.as_str()), (Some(0), "deleted  acme\n"), "{gone:?}");
    assert_eq!(world.get("/tenants/acme").await.status, 404);
}

#[tokio::test]
async fn json_is_what_the_api_answers_and_only_credentials_hold_a_password() {
    let world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    assert_eq!(
        ask_json(&world, &["tenant", "get", "acme"]).await,
        world.get("/tenants/acme").await.body
    );
    let credentials = ask_json(&world, &["tenant", "credentials", "acme"]).await;
    let password = credentials["password"].as_str().unwrap();
    let told = ask(&world, &["tenant", "credentials", "acme"]).await;
    assert_told(&told, "password", password);
    assert_eq!(told.stderr, "", "a warning is for who looks at a terminal");
    for arguments in [&["tenant", "get", "acme"][..], &["tenant", "list"], &["status"]] {
        let told = ask(&world, arguments).await;
        assert!(told.success && !told.stdout.contains(password), "{told:?}");
    }
}

#[tokio::test]
async fn a_list_has_all_pages_and_says_the_same_to_people_and_to_programs() {
    let world = World::new(EngineKind::Valkey).await;
    for name in ["acme", "globex", "hooli"] {
        world.create(name).await;
    }
    let list = ask_json(&world, &["tenant", "list", "--status", "active"]).await;
    assert_eq!(list["items"].as_array().unwrap().len(), 3);
    let table = ask(&world, &["tenant", "list"]).await.stdout;
    assert_eq!(table.lines().count(), 4, "{table}");
    assert!(table.starts_with("NAME    STATUS") && !table.contains('\x1b'), "{table}");
    let none = ask(&world, &["tenant", "list", "--label", "plan=gold"]).await.stdout;
    assert_eq!(none.lines().count(), 1, "{none}");
}
