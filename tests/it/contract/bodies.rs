//! Every body that the document knows, with whatever can be sent in its place.

use std::sync::LazyLock;

use axum::{body::Body, http::Request};
use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestCaseError, TestCaseResult, TestRng, TestRunner},
};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::{
    ground::Ground,
    schemas::{near, resolved},
};
use crate::api_router::{Answer, DOCUMENT};

/// An operation that takes a body.
struct Operation {
    method: String,
    /// As in the document, with its parameters.
    path: String,
    media_type: &'static str,
    schema: &'static Value,
    example: &'static Value,
}

static OPERATIONS: LazyLock<Vec<Operation>> = LazyLock::new(|| {
    let mut operations = Vec::new();
    for (path, item) in DOCUMENT["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let contents = operation["requestBody"]["content"].as_object();
            for (media_type, content) in contents.into_iter().flatten() {
                operations.push(Operation {
                    method: method.to_uppercase(),
                    path: path.clone(),
                    media_type,
                    schema: &content["schema"],
                    example: &content["example"],
                });
            }
        }
    }
    operations
});

impl Operation {
    fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    async fn send(&self, ground: &Ground, body: Vec<u8>) -> Answer {
        let path = ground.filled(&self.path);
        let request = Request::builder().method(self.method.as_str()).uri(path);
        let request = request.header("content-type", self.media_type);
        ground.edge.send(request.body(Body::from(body)).unwrap()).await
    }
}

/// What holds of every answer, whatever was sent.
fn check(answer: &Answer, sent: Option<&Value>) -> TestCaseResult {
    let status = answer.status.as_u16();
    // What the path names is there; whom the body names need not be.
    let is_of_the_body = answer.problem().as_deref() == Some("user-not-found")
        && sent.is_some_and(|sent| sent["user"].is_string());
    prop_assert!(status != 404 || is_of_the_body, "{}", answer.shown());
    // 507: there is no room for what was asked for, which is no fault of the service.
    prop_assert!(status < 500 || status == 507, "{}", answer.shown());
    if status < 400 {
        return Ok(());
    }
    prop_assert!(answer.problem().is_some(), "{}", answer.shown());
    let problem = answer.json();
    for error in problem["errors"].as_array().into_iter().flatten() {
        prop_assert!(error["detail"].as_str().is_some_and(|detail| !detail.is_empty()));
        let (Some(pointer), Some(sent)) = (error["pointer"].as_str(), sent) else { continue };
        let parent = pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
        // What is missing is named by its place, too.
        prop_assert!(sent.pointer(parent).is_some(), "{pointer} leads nowhere in {sent}");
    }
    Ok(())
}

/// Tries a claim on each operation, with bodies that follow from the document alone.
fn for_every_body(
    cases: u32,
    claim: impl Fn(&Runtime, &Ground, &Operation, &mut TestRunner) -> Result<(), String>,
) {
    let runtime = Runtime::new().unwrap();
    let ground = runtime.block_on(Ground::new());
    assert!(OPERATIONS.len() > 10, "the document has lost its bodies");
    for operation in OPERATIONS.iter() {
        let config = Config { cases, failure_persistence: None, ..Config::default() };
        let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
        let mut runner = TestRunner::new_with_rng(config, rng);
        if let Err(error) = claim(&runtime, &ground, operation, &mut runner) {
            panic!("{}: {error}", operation.name());
        }
    }
}

#[test]
fn a_body_that_is_nearly_right_is_taken_or_refused_by_its_faults() {
    for_every_body(96, |runtime, ground, operation, runner| {
        let tried = runner.run(&near(operation.schema), |body| {
            let answer = runtime.block_on(operation.send(ground, body.to_string().into_bytes()));
            check(&answer, Some(&body))
        });
        tried.map_err(|error| error.to_string())
    });
}

#[test]
fn bytes_that_are_no_body_at_all_are_refused() {
    let bytes = proptest::collection::vec(any::<u8>(), 0..200);
    let cut = |example: &Value| {
        let whole = example.to_string();
        (0..whole.len()).prop_map(move |end| whole.as_bytes()[..end].to_vec())
    };
    for_every_body(48, |runtime, ground, operation, runner| {
        let sent = prop_oneof![bytes.clone(), cut(operation.example)];
        let tried = runner.run(&sent, |body| {
            let is_json = serde_json::from_slice::<Value>(&body).is_ok();
            let answer = runtime.block_on(operation.send(ground, body));
            check(&answer, None)?;
            if is_json {
                return Ok(());
            }
            let problem = answer.problem();
            prop_assert_eq!(problem.as_deref(), Some("invalid-body"));
            Ok::<_, TestCaseError>(())
        });
        tried.map_err(|error| error.to_string())
    });
}

/// Deep and long ones cost no more than the limits say.
#[test]
fn a_body_without_end_is_refused_at_the_limits() {
    for_every_body(1, |runtime, ground, operation, _| {
        for (body, problem) in [
            ("[".repeat(60_000), "invalid-body"),
            (format!("{}1{}", r#"{"a":"#.repeat(9_000), "}".repeat(9_000)), "invalid-body"),
            (format!("\"{}\"", "a".repeat(70_000)), "body-too-large"),
        ] {
            let answer = runtime.block_on(operation.send(ground, body.into_bytes()));
            if answer.problem().as_deref() != Some(problem) {
                return Err(answer.shown());
            }
        }
        Ok(())
    });
}

/// A member that is misspelt would otherwise be a wish that nobody hears.
#[test]
fn a_member_that_nobody_knows_is_refused_wherever_it_stands() {
    let names = "[a-z]{1,8}-[a-z~/]{1,8}";
    for_every_body(8, |runtime, ground, operation, runner| {
        let mut places = Vec::new();
        closed_objects(operation.schema, operation.example, "", &mut places);
        if places.is_empty() {
            return Err("its schema lets unknown members in".to_owned());
        }
        for place in places {
            let tried = runner.run(&names, |name| {
                let mut body = operation.example.clone();
                body.pointer_mut(&place).unwrap()[&name] = json!(1);
                let answer =
                    runtime.block_on(operation.send(ground, body.to_string().into_bytes()));
                let (kind, problem) = (answer.problem(), answer.json());
                prop_assert_eq!(kind.as_deref(), Some("invalid-body"));
                let member = name.replace('~', "~0").replace('/', "~1");
                let expected = format!("{place}/{member}");
                prop_assert_eq!(problem["errors"][0]["pointer"].as_str(), Some(&*expected));
                Ok(())
            });
            tried.map_err(|error| error.to_string())?;
        }
        Ok(())
    });
}

/// The places in the example whose schema knows all members.
fn closed_objects(schema: &'static Value, example: &Value, place: &str, found: &mut Vec<String>) {
    let schema = resolved(schema);
    if schema["additionalProperties"] == json!(false) {
        found.push(place.to_owned());
    }
    for (name, member) in example.as_object().into_iter().flatten() {
        if let Some(of_member) = schema["properties"].get(name) {
            closed_objects(of_member, member, &format!("{place}/{name}"), found);
        }
    }
}
