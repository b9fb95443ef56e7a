//! What clients send by themselves when they connect.

use std::collections::{BTreeMap, BTreeSet};

use ringfence_acl::{
    AccessString, ChannelDefault, DefaultUser, Deployment, Engine, Finding, LintContext, lint,
};

use super::{Tenants, page};
use crate::world::Request;

/// What a program sends with `ECHO` as the first of its own, and then what it runs with.
const OWN_WORDS: &str = "connected: ";

/// What was sent before the first word of a program, by client and version of the protocol.
pub(super) struct Handshakes<'a> {
    tenants: &'a Tenants,
    by_client: BTreeMap<String, BTreeSet<Handshake>>,
}

/// The commands of a handshake, and those of them that the engine refuses.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Handshake {
    sent: Vec<String>,
    refused: Vec<String>,
}

impl<'a> Handshakes<'a> {
    pub(super) fn heard_by(tenants: &'a Tenants) -> Self {
        let mut by_client: BTreeMap<_, BTreeSet<Handshake>> = BTreeMap::new();
        for connection in tenants.connections() {
            let mut own = connection.iter().enumerate().filter_map(|(at, request)| {
                let client = request.words().get(1)?.strip_prefix(OWN_WORDS)?;
                Some((at, client.to_owned()))
            });
            if let Some((at, client)) = own.next() {
                let handshake = Handshake::new(&connection[..at], tenants);
                by_client.entry(client).or_default().insert(handshake);
            }
        }
        Self { tenants, by_client }
    }

    /// Compares what a client has sent with what `docs/clients.md` and the lint say of it.
    pub(super) fn check(&self, client: &str) {
        assert!(self.tenants.have_lost_connections());
        assert!(self.by_client.len() >= 2, "RESP2 and RESP3");
        let mut rows = BTreeSet::new();
        for (name, handshakes) in &self.by_client {
            assert!(name.starts_with(client), "{name} is no {client}");
            rows.extend(handshakes.iter().map(|handshake| handshake.row(name)));
        }
        assert_eq!(rows.len(), self.by_client.len(), "tenants do not fare alike: {rows:#?}");
        page::assert_says(&rows);
        self.check_lint(client);
    }

    /// The lint names a client where a string forbids what the client sends when it connects, and
    /// names no client for what that client never sends.
    fn check_lint(&self, client: &str) {
        let engine = self.tenants.engine();
        let findings = findings_of_a_string_that_forbids_all(engine);
        let is_named = |command: &str| {
            let about = [command.to_lowercase().replace(' ', "|")];
            findings.iter().any(|f| f.commands == about && f.explanation.contains(client))
        };
        let at_connect = self.by_client.values().flatten().flat_map(|handshake| &handshake.sent);
        for command in at_connect.filter(|command| !["AUTH", "HELLO"].contains(&command.as_str())) {
            let is_known = engine.knows_command(&command.to_lowercase().replace(' ', "|"));
            assert_eq!(is_named(command), is_known, "{client} sends {command}: {findings:#?}");
        }
        let sent: BTreeSet<_> = self.tenants.connections().flatten().map(|r| r.name()).collect();
        for command in ["CLIENT SETINFO", "CLIENT SETNAME", "INFO"] {
            let is_true = !is_named(command) || sent.contains(command);
            assert!(is_true, "{client} does not send {command}: {findings:#?}");
        }
    }
}

impl Handshake {
    fn new(requests: &[Request], tenants: &Tenants) -> Self {
        let names = |requests: Vec<&Request>| {
            let mut names: Vec<String> = requests.into_iter().map(Request::name).collect();
            names.dedup();
            names
        };
        let refused = requests.iter().filter(|request| tenants.refuse(request)).collect();
        Self { sent: names(requests.iter().collect()), refused: names(refused) }
    }

    /// The row of the table in `docs/clients.md`.
    fn row(&self, client: &str) -> String {
        let list = |names: &[String]| match names {
            [] => "nothing".to_owned(),
            names => names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "),
        };
        format!("| {client} | {} | {} |", list(&self.sent), list(&self.refused))
    }
}

fn findings_of_a_string_that_forbids_all(engine: Engine) -> Vec<Finding> {
    let string = AccessString::parse("on ~acme:* resetchannels -@all").unwrap();
    let context = LintContext {
        engine,
        deployment: Deployment::NodeBased,
        cluster_mode: false,
        channel_default: ChannelDefault::ResetChannels,
        default_user: DefaultUser::Closed,
        neighbours: &[],
    };
    lint(&string, &context).into_iter().filter(|f| f.code == "client-needs").collect()
}
