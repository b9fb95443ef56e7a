//! What a request would do, as it is told to people.

use std::{fmt, iter};

use serde::Deserialize;

use crate::cli::client::output::Table;

/// What is read of the answer to a dry run. A service that is newer than this program may tell more.
#[derive(Debug, Deserialize)]
pub(super) struct Plan {
    outcome: String,
    cache: String,
    #[serde(default)]
    considered: Vec<Considered>,
    users: Vec<User>,
    calls: Vec<String>,
}

/// A cache that would not have taken the tenant.
#[derive(Debug, Deserialize)]
struct Considered {
    cache: String,
    detail: String,
}

#[derive(Debug, Deserialize)]
struct User {
    name: String,
    username: String,
    #[serde(rename = "user_id")]
    id: String,
    access_string: Option<String>,
    findings: Vec<Finding>,
    steps: Vec<Step>,
}

#[derive(Debug, Deserialize)]
struct Finding {
    severity: String,
    code: String,
    rule: Option<String>,
    explanation: String,
}

#[derive(Debug, Deserialize)]
struct Step {
    phase: String,
    calls: Vec<String>,
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lists = [
            self.table_of_caches(),
            self.table_of_steps(),
            self.table_of_findings(),
            // Last, because an access string fills a screen.
            self.table_of_users(),
        ];
        let lists = lists.into_iter().filter(|list| !list.is_empty());
        let tables = iter::once(self.summary()).chain(lists).map(|table| table.to_string());
        f.write_str(&tables.collect::<Vec<_>>().join("\n"))
    }
}

impl Plan {
    /// The first line keeps it from being taken for the answer to the request itself.
    fn summary(&self) -> Table {
        Table::of_one([
            ("dry run", "nothing was done".to_owned()),
            ("outcome", self.outcome.clone()),
            ("cache", self.cache.clone()),
            ("calls to AWS", if self.calls.is_empty() { "none".into() } else { told(&self.calls) }),
        ])
    }

    fn table_of_caches(&self) -> Table {
        let mut table = Table::new(["OTHER CACHE", "WHY NOT"]);
        for Considered { cache, detail } in &self.considered {
            table.row([cache.clone(), detail.clone()]);
        }
        table
    }

    fn table_of_steps(&self) -> Table {
        let mut table = Table::new(["USER", "STEP", "CALLS TO AWS"]);
        for user in &self.users {
            for step in &user.steps {
                table.row([user.name.clone(), step.phase.clone(), told(&step.calls)]);
            }
        }
        table
    }

    /// Notes are left out: every profile has some, and they ask for nothing.
    fn table_of_findings(&self) -> Table {
        let mut table = Table::new(["USER", "SEVERITY", "FINDING", "RULE", "EXPLANATION"]);
        for user in &self.users {
            for finding in user.findings.iter().filter(|finding| finding.severity != "note") {
                table.row([
                    user.name.clone(),
                    finding.severity.clone(),
                    finding.code.clone(),
                    finding.rule.clone().unwrap_or_default(),
                    finding.explanation.clone(),
                ]);
            }
        }
        table
    }

    fn table_of_users(&self) -> Table {
        let mut table = Table::new(["USER", "USERNAME", "USER ID", "ACCESS STRING"]);
        for user in &self.users {
            table.row([
                user.name.clone(),
                user.username.clone(),
                user.id.clone(),
                user.access_string.clone().unwrap_or_default(),
            ]);
        }
        table
    }
}

fn told(calls: &[String]) -> String {
    calls.join(", ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told_of(body: serde_json::Value) -> String {
        serde_json::from_value::<Plan>(body).unwrap().to_string()
    }

    #[test]
    fn a_plan_tells_what_asks_for_attention_and_leaves_out_what_there_is_not() {
        let note = json!({ "severity": "note", "code": "blocks", "explanation": "no" });
        let warning = json!({
            "severity": "warning", "code": "shows", "rule": "+scan", "explanation": "it shows",
        });
        let user = json!({
            "name": "main", "username": "acme", "user_id": "rf-acme", "access_string": "on +scan",
            "findings": [note, warning],
            "steps": [{ "phase": "updating", "calls": ["ModifyUser"] }, { "phase": "attesting", "calls": [] }],
        });
        let considered = json!([{ "cache": "old", "reason": "draining", "detail": "it is full" }]);
        let told = told_of(json!({
            "outcome": "changed", "cache": "main", "considered": considered, "users": [user],
            "calls": ["ModifyUser"],
        }));
        assert_eq!(
            told,
            "\
dry run       nothing was done
outcome       changed
cache         main
calls to AWS  ModifyUser

OTHER CACHE  WHY NOT
old          it is full

USER  STEP       CALLS TO AWS
main  updating   ModifyUser
main  attesting  -

USER  SEVERITY  FINDING  RULE   EXPLANATION
main  warning   shows    +scan  it shows

USER  USERNAME  USER ID  ACCESS STRING
main  acme      rf-acme  on +scan
"
        );
    }

    #[test]
    fn a_plan_without_work_says_so() {
        let told = told_of(json!({
            "outcome": "unchanged", "cache": "main", "users": [], "calls": [],
        }));
        assert!(told.ends_with("calls to AWS  none\n"), "{told}");
    }
}
