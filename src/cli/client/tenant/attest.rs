//! `ringfence tenant attest`

use clap::Args;
use reqwest::Method;
use serde::Deserialize;
use serde_json::Value;

use super::{Client, seen::Tenant};
use crate::{
    cli::client::{
        error::ClientError,
        output::Table,
        service::Call,
        waiting::{Sight, WaitArgs},
    },
    domain::{LocalUserName, TenantName},
};

/// Prove anew, by logins to every node, that a tenant is kept to its keys
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ringfence tenant attest acme --wait")]
pub(super) struct AttestArgs {
    name: TenantName,

    /// Attest this further user
    #[arg(long, value_name = "NAME", value_parser = LocalUserName::parse)]
    user: Option<LocalUserName>,

    #[command(flatten)]
    wait: WaitArgs,
}

#[derive(Debug, Deserialize)]
struct Attestation {
    id: String,
    username: String,
    finding: Option<Finding>,
}

#[derive(Debug, Deserialize)]
struct Finding {
    verdict: String,
    detail: Option<String>,
    nodes: Vec<Value>,
    at: String,
}

impl AttestArgs {
    /// With `--wait`, what is found decides how the command ends; the finding is told in any case.
    pub(super) async fn run(self, client: &Client) -> Result<(), ClientError> {
        let path = format!("{}/attestations", Tenant::path(&self.name));
        let call = Call::new(Method::POST, &path).query("user", self.user.as_ref());
        let mut body = client.service.ask(call).await?;
        if self.wait.is_wanted() {
            let id = client.service.parse::<Attestation>(&body)?.id;
            let path = format!("{path}/{id}");
            let what = format!("the attestation of {}", self.name);
            body = self.wait.until(&what, async || look(client, &path).await).await?;
        }
        let attestation: Attestation = client.service.parse(&body)?;
        client.output.write(&body, &attestation.table())?;
        match attestation.finding {
            Some(finding) if finding.verdict != "isolated" => Err(ClientError::EndedOtherwise {
                what: self.name.to_string(),
                how: format!("is {}", finding.verdict),
            }),
            _ => Ok(()),
        }
    }
}

async fn look(client: &Client, path: &str) -> Result<Sight, ClientError> {
    let body = client.service.ask(Call::get(path)).await?;
    let attestation: Attestation = client.service.parse(&body)?;
    Ok(match attestation.finding {
        Some(_) => Sight::Done(body),
        None => Sight::Under("not yet made".to_owned()),
    })
}

impl Attestation {
    fn table(&self) -> Table {
        let finding = self.finding.as_ref();
        Table::of_one([
            ("attestation", self.id.clone()),
            ("username", self.username.clone()),
            ("verdict", finding.map_or("not yet made", |it| &it.verdict).to_owned()),
            ("detail", finding.and_then(|it| it.detail.clone()).unwrap_or_default()),
            ("nodes", finding.map(|it| it.nodes.len().to_string()).unwrap_or_default()),
            ("at", finding.map(|it| it.at.clone()).unwrap_or_default()),
        ])
    }
}
