//! What is read of a tenant. A service that is newer than this program may tell more.

use serde::Deserialize;
use serde_json::Value;

use super::Client;
use crate::{
    cli::client::{
        error::ClientError,
        output::Table,
        service::Call,
        waiting::{Sight, WaitArgs},
    },
    domain::TenantName,
};

#[derive(Debug, Deserialize)]
pub(in crate::cli::client) struct Tenant {
    pub(in crate::cli::client) name: String,
    pub(in crate::cli::client) status: String,
    phase: String,
    suspended: bool,
    pub(in crate::cli::client) cache: String,
    profile: String,
    auth: String,
    username: String,
    key_prefix: String,
    secret_name: Option<String>,
    labels: std::collections::BTreeMap<String, String>,
    users: Vec<User>,
    attested: Option<Attested>,
    pub(in crate::cli::client) problem: Option<Problem>,
    created_at: String,
}

#[derive(Debug, Deserialize)]
struct User {
    name: String,
    status: String,
}

#[derive(Debug, Deserialize)]
struct Attested {
    at: String,
    verdict: String,
}

/// What stands in the way of the work on a tenant.
#[derive(Debug, Deserialize)]
pub(in crate::cli::client) struct Problem {
    pub(in crate::cli::client) user: String,
    pub(in crate::cli::client) title: String,
    pub(in crate::cli::client) detail: String,
}

impl Problem {
    pub(in crate::cli::client) fn told(&self) -> String {
        format!("{}: {}", self.title, self.detail)
    }
}

impl Tenant {
    /// Where the tenant is, at the service.
    pub(super) fn path(name: &TenantName) -> String {
        format!("/tenants/{name}")
    }

    /// How far it is. With no work left it is active, or out of the cache, as it is wanted to be.
    pub(super) fn sight(&self, body: &Value) -> Sight {
        let problem = self.problem.as_ref().map(Problem::told);
        match (self.status.as_str(), self.suspended) {
            ("active", false) | ("suspended", true) => Sight::Done(body.clone()),
            ("blocked", _) => {
                let why = problem.unwrap_or_default();
                Sight::Ended(format!("is blocked: {why}"))
            }
            (status, _) => Sight::Under(match problem {
                Some(problem) => format!("{status} ({}): {problem}", self.phase),
                None => format!("{status} ({})", self.phase),
            }),
        }
    }

    /// How far its removal is. When that is done there is no tenant to be seen.
    pub(super) fn sight_of_removal(&self) -> Sight {
        match (self.status.as_str(), &self.problem) {
            ("blocked", problem) => {
                let why = problem.as_ref().map(Problem::told).unwrap_or_default();
                Sight::Ended(format!("is blocked: {why}"))
            }
            (status, _) => Sight::Under(format!("{status} ({})", self.phase)),
        }
    }

    /// The tenant as it is told for itself.
    pub(super) fn table(&self) -> Table {
        let labels = self.labels.iter().map(|(key, value)| format!("{key}={value}"));
        let users = self.users.iter().map(|user| format!("{} ({})", user.name, user.status));
        let attested = self.attested.as_ref();
        Table::of_one([
            ("name", self.name.clone()),
            ("status", self.status.clone()),
            ("phase", self.phase.clone()),
            ("problem", self.problem.as_ref().map(Problem::told).unwrap_or_default()),
            ("cache", self.cache.clone()),
            ("profile", self.profile.clone()),
            ("auth", self.auth.clone()),
            ("username", self.username.clone()),
            ("key prefix", self.key_prefix.clone()),
            ("secret", self.secret_name.clone().unwrap_or_default()),
            ("users", users.collect::<Vec<_>>().join(", ")),
            ("labels", labels.collect::<Vec<_>>().join(" ")),
            (
                "attested",
                attested.map(|it| format!("{}, {}", it.verdict, it.at)).unwrap_or_default(),
            ),
            ("created", self.created_at.clone()),
        ])
    }

    /// The headings of a list of tenants.
    pub(super) fn headings() -> Table {
        Table::new(["NAME", "STATUS", "CACHE", "PROFILE", "USERS", "ATTESTED", "PROBLEM"])
    }

    /// The tenant as one of several.
    pub(super) fn add_to(&self, table: &mut Table) {
        table.row([
            self.name.clone(),
            self.status.clone(),
            self.cache.clone(),
            self.profile.clone(),
            self.users.len().to_string(),
            self.attested.as_ref().map(|attested| attested.verdict.clone()).unwrap_or_default(),
            self.problem.as_ref().map(|problem| problem.title.clone()).unwrap_or_default(),
        ]);
    }
}

impl Client {
    /// Tells what became of a tenant: as the answer has it, or when there is no work left on it.
    pub(super) async fn tell(
        &self,
        name: &TenantName,
        answer: Value,
        wait: WaitArgs,
    ) -> Result<(), ClientError> {
        let body = if wait.is_wanted() { self.settled(name, wait).await? } else { answer };
        let tenant: Tenant = self.service.parse(&body)?;
        self.output.write(&body, &tenant.table())
    }

    async fn settled(&self, name: &TenantName, wait: WaitArgs) -> Result<Value, ClientError> {
        let look = async || {
            let body = self.service.ask(Call::get(Tenant::path(name))).await?;
            Ok(self.service.parse::<Tenant>(&body)?.sight(&body))
        };
        wait.until(name.as_str(), look).await
    }
}
