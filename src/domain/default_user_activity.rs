//! Who uses the user `default`: what nodes showed, summed up by where it came from.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// A client, as a node tells it from others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClientSource {
    /// Where it comes from, without the port, which is another for each connection.
    pub address: String,
    /// The name that it has given itself.
    pub client_name: Option<String>,
    /// Its library and that one's version, if it told them.
    pub library: Option<String>,
}

/// What a node showed of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sighting {
    /// It is connected.
    Connected {
        /// For how long it has sent nothing.
        idle: Duration,
        /// What it sent last, whether or not that was allowed.
        last_command: Option<String>,
    },
    /// It was refused something.
    Refused(ClientRefusal),
}

/// Something that a client was refused. Names of keys are left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientRefusal {
    /// The engine's word for why: `auth`, `command`, `key`, `channel` …
    pub reason: String,
    /// The command.
    pub command: Option<String>,
    /// How many times.
    pub count: u64,
    /// How long ago the last of them was.
    pub ago: Duration,
}

/// All that was seen of one client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceActivity {
    /// How many connections it has.
    pub n_connections: u64,
    /// For how long the least idle of them has sent nothing.
    pub idle: Option<Duration>,
    /// What they sent last.
    pub last_commands: BTreeSet<String>,
    /// What it was refused.
    pub refused: Vec<ClientRefusal>,
}

/// What all nodes showed, by client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DefaultUserActivity(pub BTreeMap<ClientSource, SourceActivity>);

impl DefaultUserActivity {
    /// Adds what a node showed.
    pub fn add(&mut self, source: ClientSource, sighting: Sighting) {
        let activity = self.0.entry(source).or_default();
        match sighting {
            Sighting::Connected { idle, last_command } => {
                activity.n_connections += 1;
                activity.idle = Some(activity.idle.map_or(idle, |least| least.min(idle)));
                activity.last_commands.extend(last_command);
            }
            Sighting::Refused(refusal) => activity.refused.push(refusal),
        }
    }

    /// How many connections there are.
    #[must_use]
    pub fn n_connections(&self) -> u64 {
        self.0.values().map(|source| source.n_connections).sum()
    }

    /// How many times somebody was refused something.
    #[must_use]
    pub fn n_refusals(&self) -> u64 {
        self.0.values().flat_map(|source| &source.refused).map(|refusal| refusal.count).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(address: &str) -> ClientSource {
        ClientSource { address: address.to_owned(), client_name: None, library: None }
    }

    fn connected(idle: u64, command: &str) -> Sighting {
        let last_command = Some(command.to_owned());
        Sighting::Connected { idle: Duration::from_secs(idle), last_command }
    }

    #[test]
    fn connections_and_refusals_of_a_client_on_all_nodes_are_one_source() {
        let mut activity = DefaultUserActivity::default();
        activity.add(source("10.0.0.1"), connected(9, "get"));
        activity.add(source("10.0.0.1"), connected(3, "hset"));
        let refusal = ClientRefusal {
            reason: "auth".to_owned(),
            command: Some("auth".to_owned()),
            count: 4,
            ago: Duration::from_secs(1),
        };
        activity.add(source("10.0.0.2"), Sighting::Refused(refusal.clone()));
        assert_eq!((activity.n_connections(), activity.n_refusals()), (2, 4));
        let first = &activity.0[&source("10.0.0.1")];
        assert_eq!(first.idle, Some(Duration::from_secs(3)));
        assert_eq!(Vec::from_iter(&first.last_commands), ["get", "hset"]);
        assert_eq!(activity.0[&source("10.0.0.2")].refused, [refusal]);
    }
}
