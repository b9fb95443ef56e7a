//! What goes wrong, and by which code a script knows it.

use ringfence_simulator::Fault;

use super::*;

#[tokio::test]
async fn each_end_has_its_exit_code() {
    let world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    // Who comes late is not there before it is looked.
    world.control().add_fault(Fault::before("CreateUser").error("Throttling", 400));
    for (arguments, code, why) in [
        (&["tenant", "get", "acme"][..], 0, ""),
        (&["tenant", "create", "acme", "--profile", "no"], 1, "/profile: "),
        (&["tenant", "get", "Acme"], 2, "invalid value 'Acme'"),
        (&["tenant", "update", "acme"], 2, "required"),
        (&["rotation", "get", "acme"], 2, "is no id"),
        (&["tenant", "get", "nobody"], 4, "what to do: http://127.0.0.1"),
        (&["tenant", "create", "late", "--wait=0"], 5, "late is not done after 0 seconds"),
    ] {
        let outcome = ask(&world, arguments).await;
        assert_eq!(outcome.code, Some(code), "{arguments:?}: {outcome:?}");
        assert!(outcome.stderr.contains(why), "{arguments:?}: {outcome:?}");
        let is_told = outcome.stderr.starts_with("error: ");
        assert_eq!(is_told, code != 0, "{outcome:?}");
    }
}

#[tokio::test]
async fn whoever_waits_for_a_tenant_that_is_blocked_learns_why() {
    let world = World::new(EngineKind::Valkey).await;
    let fault = Fault::before("CreateUser").error("InvalidParameterValue", 400).times(1);
    world.control().add_fault(fault);
    let blocked = ask(&world, &["tenant", "create", "acme", "--wait"]).await;
    assert_eq!(blocked.code, Some(6), "{blocked:?}");
    assert!(blocked.stderr.starts_with("error: acme: is blocked: "), "{blocked:?}");
    let status = ask(&world, &["status"]).await;
    assert!(status.stdout.contains("\nacme "), "{status:?}");
    let again = ask(&world, &["tenant", "create", "acme", "--wait"]).await;
    assert!(again.success, "{again:?}");
}

#[tokio::test]
async fn an_unreachable_service_is_told_at_once() {
    let url = "http://127.0.0.1:1";
    for arguments in [&["tenant", "list"][..], &["rotation", "list"], &["status", "--watch"]] {
        let outcome = run(&[arguments, &["--url", url]].concat()).await;
        assert_eq!(outcome.code, Some(3), "{outcome:?}");
        assert!(outcome.stderr.starts_with("error: cannot reach http://127.0.0.1:"), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_token_is_shown_by_variable_or_file_and_never_told() {
    let world = World::with(EngineKind::Valkey, |config| config.auth.mode = AuthMode::Bearer).await;
    let database = world.config.database.to_str().unwrap().to_owned();
    let make = ["token", "create", "--name", "cli", "--scope", "admin", "--database", &database];
    let token = run(&make).await.stdout.trim().to_owned();
    let url = url_of(&world);
    let list = || ringfence(&["tenant", "list", "--url", &url]);
    let unknown = finish(&mut list()).await;
    assert_eq!(unknown.code, Some(1), "{unknown:?}");
    assert!(finish(list().env("RINGFENCE_TOKEN", &token)).await.success);

    let directory = TempDir::new().unwrap();
    let file = directory.path().join("token");
    std::fs::write(&file, format!("{token}\n")).unwrap();
    let by_file = finish(list().env("RINGFENCE_TOKEN_FILE", &file)).await;
    assert!(by_file.success, "{by_file:?}");

    let help = finish(ringfence(&["tenant", "--help"]).env("RINGFENCE_TOKEN", &token)).await;
    let wrong = finish(list().env("RINGFENCE_TOKEN", format!("{token}\nx"))).await;
    assert_eq!(wrong.code, Some(2), "{wrong:?}");
    for outcome in [help, wrong] {
        assert!(!format!("{outcome:?}").contains(&token), "{outcome:?}");
    }
}

/// Three answers ask for patience, and the last is another conflict.
#[tokio::test]
async fn what_may_pass_is_asked_again_as_the_same_request() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let answers = [
        "HTTP/1.1 503 Service Unavailable\r\nretry-after: 0\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 429 Too Many Requests\r\nretry-after: 0\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 409 Conflict\r\nretry-after: 0\r\ncontent-length: 47\r\n\r\n\
            {\"type\": \"/problems/idempotency-key-in-flight\"}",
        "HTTP/1.1 409 Conflict\r\ncontent-length: 2\r\n\r\n{}",
    ];
    let arguments = ["tenant", "create", "acme", "--url", &url];
    let service = async {
        let mut keys = Vec::new();
        for answer in answers {
            let (mut caller, _) = listener.accept().await.unwrap();
            let heard = super::answer(&mut caller, answer).await;
            let key = heard.lines().find(|line| line.starts_with("idempotency-key: "));
            keys.push(key.unwrap().to_owned());
        }
        keys
    };
    let (keys, outcome) = tokio::join!(service, run(&arguments));
    assert_eq!((outcome.code, keys.len()), (Some(1), 4), "{outcome:?}");
    assert!(keys.iter().all(|key| *key == keys[0]), "{keys:?}");
    assert_eq!(outcome.stderr, "error: the service answers 409 Conflict\n");
}
