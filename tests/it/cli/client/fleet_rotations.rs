//! `ringfence rotation`, of many.

use ringfence_simulator::Fault;

use super::*;

/// Two tenants and a fleet rotation of their passwords, of which one is on its way and cannot come on.
async fn held_up() -> (World, String) {
    let world = World::new(EngineKind::Valkey).await;
    for name in ["acme", "globex"] {
        world.create(name).await;
    }
    world.control().add_fault(Fault::before("ModifyUser").error("Throttling", 400));
    let start = ["rotation", "start-fleet", "--all", "--reason", "drill", "--max-in-flight", "1"];
    let started = ask_json(&world, &start).await;
    let id = started["id"].as_str().unwrap().to_owned();
    world.until(&format!("/rotations/{id}"), |it| it.body["members"]["running"] == 1).await;
    (world, id)
}

#[tokio::test]
async fn many_are_paused_resumed_and_cancelled() {
    let (world, id) = held_up().await;
    for (order, state) in [("pause", "paused"), ("resume", "running"), ("cancel", "cancelled")] {
        let told = ask(&world, &["rotation", order, &id]).await;
        assert!(told.success, "{told:?}");
        assert_told(&told, "state", state);
        assert_eq!(ask_json(&world, &["rotation", "get", &id]).await["state"], state);
    }
    for order in ["pause", "resume"] {
        let late = ask(&world, &["rotation", order, &id]).await;
        assert_eq!(late.code, Some(1), "{late:?}");
        assert!(late.stderr.contains("/problems/fleet-rotation-over"), "{late:?}");
    }
}

#[tokio::test]
async fn members_are_listed_with_what_other_commands_take() {
    let (world, id) = held_up().await;
    let members = ask_json(&world, &["rotation", "members", &id]).await;
    let members = members["items"].as_array().unwrap();
    let text = |member: &str| members[0][member].as_str().unwrap().to_owned();
    assert_eq!((members.len(), text("status").as_str()), (2, "running"), "{members:?}");
    let list = |status| {
        let (world, id) = (&world, &id);
        async move { ask(world, &["rotation", "members", id, "--status", status]).await }
    };
    let running = list("running").await.stdout;
    let rotation = format!("{}/{}", text("tenant"), text("rotation"));
    assert!(running.lines().count() == 2 && running.contains(&rotation), "{running}");
    let got = ask(&world, &["rotation", "get", &rotation]).await;
    assert_told(&got, "rotation", &rotation);
    let waiting = list("waiting").await.stdout;
    assert_eq!(waiting.lines().count(), 2, "{waiting}");
    let wrong = list("lost").await;
    assert_eq!(wrong.code, Some(1), "{wrong:?}");
}

#[tokio::test]
async fn what_is_for_many_takes_no_other_rotation() {
    let world = World::new(EngineKind::Valkey).await;
    let id = "01a2001e-33c4-7e40-8f1a-e2ad052b5067";
    for command in ["pause", "resume", "members"] {
        let unknown = ask(&world, &["rotation", command, id]).await;
        assert_eq!(unknown.code, Some(4), "{unknown:?}");
        assert!(unknown.stderr.contains("/problems/fleet-rotation-not-found"), "{unknown:?}");
        let of_tenant = ask(&world, &["rotation", command, &format!("acme/{id}")]).await;
        assert_eq!(of_tenant.code, Some(2), "{of_tenant:?}");
        assert!(of_tenant.stderr.contains("names a tenant's rotation"), "{of_tenant:?}");
    }
}
