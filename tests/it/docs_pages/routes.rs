//! The operations of the API document, as calls of curl name them.

use std::{collections::BTreeSet, fs};

use serde_json::Value;

/// Where the documents say that the service listens.
const BASES: &[&str] = &["http://127.0.0.1:8080", "http://localhost:8080", "localhost:8080"];

/// What is served and not in the document: it is for people, and the document itself.
const BESIDE: &[&str] = &["/docs", "/openapi.json", "/problems", "/problems/{code}"];

/// Methods and paths of all operations.
pub(super) struct Routes(BTreeSet<(String, String)>);

impl Routes {
    pub(super) fn of_the_document() -> Self {
        let text = fs::read_to_string("openapi/ringfence.json").unwrap();
        let document: Value = serde_json::from_str(&text).unwrap();
        let paths = document["paths"].as_object().unwrap().iter();
        let operations = paths.flat_map(|(path, item)| {
            let methods = item.as_object().unwrap().keys();
            methods.map(move |method| (method.to_uppercase(), path.clone()))
        });
        let beside = BESIDE.iter().map(|path| ("GET".to_owned(), (*path).to_owned()));
        Self(operations.chain(beside).collect())
    }

    /// Says what is wrong with a call, if it is one of Ringfence.
    pub(super) fn check_curl(&self, words: &[String]) -> Result<(), String> {
        let Some(path) = words.iter().find_map(|word| path_of(word)) else { return Ok(()) };
        let method = words.iter().position(|word| word == "-X").map(|place| &words[place + 1]);
        let has_body = words.iter().any(|word| word == "-d" || word.starts_with("--data"));
        let method = method.map_or(if has_body { "POST" } else { "GET" }, String::as_str);
        let is_there = self.0.iter().any(|(of, route)| of == method && fits(route, path));
        is_there.then_some(()).ok_or_else(|| format!("there is no {method} {path}"))
    }
}

/// The path in a word such as `http://127.0.0.1:8080/tenants?limit=1`.
fn path_of(word: &str) -> Option<&str> {
    let rest = BASES.iter().find_map(|base| word.strip_prefix(base))?;
    Some(rest.split('?').next().unwrap_or(rest))
}

/// Whether a path is one of a route's. A variable stands for one segment.
fn fits(route: &str, path: &str) -> bool {
    let (of_route, of_path) = (route.split('/'), path.split('/'));
    of_route.clone().count() == of_path.clone().count()
        && of_route.zip(of_path).all(|(expected, found)| {
            expected == found || (expected.starts_with('{') && !found.is_empty())
        })
}
