//! A policy of IAM, as far as ours use the language.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>

use std::{collections::BTreeSet, fs, path::Path};

use ringfence_acl::Glob;
use serde_json::Value;

use super::asked::Asked;

/// Where the policies of the module are.
const FOLDER: &str = "deploy/terraform/policies";

pub(super) struct Policy(Vec<Statement>);

struct Statement {
    allows: bool,
    actions: Vec<String>,
    resources: Vec<String>,
    /// A flag of the request that has to be set.
    flag: Option<String>,
}

impl Policy {
    /// Fills in a template as Terraform's `templatefile` does.
    pub(super) fn render(file: &str, values: &[(&str, String)]) -> Self {
        let mut text = fs::read_to_string(Path::new(FOLDER).join(file)).unwrap();
        for (name, value) in values {
            text = text.replace(&format!("${{{name}}}"), value);
        }
        assert!(!text.contains("${"), "{file} has a place that is not filled: {text}");
        let document: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(document["Version"], "2012-10-17", "older versions know no variables");
        Self(document["Statement"].as_array().unwrap().iter().map(Statement::read).collect())
    }

    /// Everything that it allows on something.
    pub(super) fn actions(&self) -> BTreeSet<String> {
        let allowing = self.0.iter().filter(|statement| statement.allows);
        allowing.flat_map(|statement| statement.actions.iter().cloned()).collect()
    }

    /// Whether all of the things that a call is about may be treated so.
    pub(super) fn allows(&self, asked: &Asked) -> bool {
        asked.resources.iter().all(|resource| {
            let fits = |allows: bool| {
                let statements = self.0.iter().filter(move |it| it.allows == allows);
                statements.into_iter().any(|it| it.fits(asked, resource))
            };
            fits(true) && !fits(false)
        })
    }
}

impl Statement {
    fn read(value: &Value) -> Self {
        let flag = value.get("Condition").map(|condition| {
            let flags = condition["Bool"].as_object().unwrap();
            let (name, wanted) = flags.iter().next().unwrap();
            assert_eq!((flags.len(), wanted), (1, &Value::from("true")), "{condition}");
            name.clone()
        });
        Self {
            allows: value["Effect"] == "Allow",
            actions: one_or_more(&value["Action"]),
            resources: one_or_more(&value["Resource"]),
            flag,
        }
    }

    fn fits(&self, asked: &Asked, resource: &str) -> bool {
        let covers =
            |pattern: &String| Glob::parse(pattern.as_bytes()).matches(resource.as_bytes());
        self.actions.contains(&asked.action)
            && self.resources.iter().any(covers)
            && self.flag.as_ref().is_none_or(|flag| asked.flags.contains(flag))
    }
}

fn one_or_more(value: &Value) -> Vec<String> {
    match value {
        Value::Array(texts) => texts.iter().flat_map(one_or_more).collect(),
        text => vec![text.as_str().unwrap().to_owned()],
    }
}
