//! The documentation that the service serves: complete, and readable without a network.

use axum::http::StatusCode;
use serde_json::Value;

use crate::api_router::{DOCUMENT, Edge};

/// The operations of the document, with a name for messages.
fn operations() -> Vec<(String, &'static Value)> {
    let paths = DOCUMENT["paths"].as_object().unwrap();
    let of_path = |(path, operations): (&String, &'static Value)| {
        let operations = operations.as_object().unwrap().iter();
        operations.map(|(method, operation)| (format!("{method} {path}"), operation)).collect()
    };
    paths.iter().flat_map(|entry| -> Vec<_> { of_path(entry) }).collect()
}

#[tokio::test]
async fn the_served_document_is_the_generated_one() {
    let answer = Edge::new().await.get("/openapi.json").await;
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.json(), *DOCUMENT);
    assert_eq!(answer.json()["openapi"], "3.1.0");
}

#[test]
fn every_operation_is_described_with_an_example_of_each_answer() {
    for (name, operation) in operations() {
        for member in ["summary", "description", "operationId"] {
            assert!(operation[member].is_string(), "{name} has no {member}");
        }
        for (status, response) in operation["responses"].as_object().unwrap() {
            for (media_type, content) in response["content"].as_object().into_iter().flatten() {
                let has_example = !content["example"].is_null() || content["examples"].is_object();
                assert!(has_example, "{name} {status} {media_type} has no example");
                assert!(content["schema"]["$ref"].is_string(), "{name} {status} {media_type}");
            }
        }
    }
}

#[test]
fn every_operation_id_is_a_verb_and_a_resource_and_unique() {
    let mut ids: Vec<_> =
        operations().iter().map(|(_, o)| o["operationId"].as_str().unwrap().to_owned()).collect();
    ids.sort();
    let n_ids = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), n_ids);
    for id in ids {
        let verb = id.split('_').next().unwrap();
        assert!(
            [
                "get",
                "list",
                "create",
                "put",
                "patch",
                "delete",
                "retire",
                "cancel",
                "pause",
                "resume",
                "acknowledge",
                "lint",
                "explain"
            ]
            .contains(&verb),
            "{id}"
        );
    }
}

#[tokio::test]
async fn the_page_of_every_problem_in_the_document_is_served() {
    let edge = Edge::new().await;
    for (_, operation) in operations() {
        for response in operation["responses"].as_object().unwrap().values() {
            let examples = &response["content"]["application/problem+json"]["examples"];
            for example in examples.as_object().into_iter().flatten().map(|(_, example)| example) {
                let page = example["value"]["type"].as_str().unwrap();
                let answer = edge.get(page).await;
                assert_eq!(answer.status, StatusCode::OK, "{page}");
                assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
                let title = example["value"]["title"].as_str().unwrap().replace('\'', "&#39;");
                assert!(answer.body.replace('\'', "&#39;").contains(&title), "{page}: {title}");
            }
        }
    }
}

#[tokio::test]
async fn the_list_of_problems_leads_to_pages_that_exist() {
    let edge = Edge::new().await;
    let list = edge.get("/problems").await;
    let links: Vec<_> =
        list.body.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(links.len() > 30, "{links:?}");
    for link in links {
        let page = edge.get(link).await;
        assert_eq!(page.status, StatusCode::OK, "{link}");
        for inner in page.body.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap())
        {
            assert_eq!(edge.get(inner).await.status, StatusCode::OK, "{link} leads to {inner}");
        }
    }
    assert_eq!(edge.get("/problems/no-such").await.problem().as_deref(), Some("not-found"));
}

#[tokio::test]
async fn the_page_loads_nothing_from_anywhere_else() {
    let edge = Edge::new().await;
    let page = edge.get("/docs/").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.header("content-security-policy").starts_with("default-src 'self';"));
    let links =
        page.body.split(['"', '\'']).filter(|text| text.starts_with("./") || text.contains("//"));
    let mut n_files = 0;
    for link in links {
        let file = link.strip_prefix("./").unwrap_or_else(|| panic!("{link} is not local"));
        let answer = edge.get(&format!("/docs/{file}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{file}");
        n_files += 1;
    }
    assert!(n_files >= 4, "{}", page.body);
    let setup = edge.get("/docs/swagger-initializer.js").await.body;
    assert!(setup.contains("\"/openapi.json\""), "{setup}");
    assert!(setup.contains(r#""validatorUrl": "none""#), "{setup}");
    assert_eq!(edge.get("/docs/no-such.js").await.problem().as_deref(), Some("not-found"));
}
