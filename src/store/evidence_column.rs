//! Evidence as it stands in the column `probes`: a list of the nodes, then of the commands, then what
//! was not tried, if anything. A command that does not name one of the nodes, by its place, was the
//! same on all of them.

use ringfence_acl::Engine;
use serde::{Deserialize, Serialize};

use crate::domain::{AttestedNode, Evidence, Probe};

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Entry {
    Node {
        host: String,
        port: u16,
        role: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        engine: Option<String>,
    },
    Probe {
        command: String,
        may: bool,
        could: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        node: Option<usize>,
    },
    NotTried {
        not_tried: Vec<String>,
    },
}

/// The evidence as SQLite keeps it.
pub(super) fn write(evidence: &Evidence) -> String {
    let nodes = evidence.nodes.iter().map(|node| Entry::Node {
        host: node.host.clone(),
        port: node.port,
        role: node.role.as_str().to_owned(),
        engine: node.engine.map(|engine| engine.to_string()),
    });
    let place = |node: &AttestedNode| evidence.nodes.iter().position(|known| known == node);
    let probes = evidence.probes.iter().map(|probe| Entry::Probe {
        command: probe.command.clone(),
        may: probe.may,
        could: probe.could,
        node: probe.node.as_ref().and_then(place),
    });
    let not_tried = Some(evidence.not_tried.clone())
        .filter(|commands| !commands.is_empty())
        .map(|not_tried| Entry::NotTried { not_tried });
    let entries: Vec<Entry> = nodes.chain(probes).chain(not_tried).collect();
    serde_json::to_string(&entries).expect("text, numbers and truth values have a JSON form")
}

/// Reads it back. Where nodes, or what was not tried, were not recorded, there are none.
pub(super) fn read(text: &str) -> Result<Evidence, String> {
    let entries: Vec<Entry> =
        serde_json::from_str(text).map_err(|error| format!("probes: {error}"))?;
    let mut evidence = Evidence::default();
    for entry in entries {
        match entry {
            Entry::Node { host, port, role, engine } => {
                let role = role.parse().map_err(|error| format!("role: {error}"))?;
                let engine = engine.as_deref().map(read_engine).transpose()?;
                evidence.nodes.push(AttestedNode { host, port, role, engine });
            }
            Entry::Probe { command, may, could, node } => {
                let known = |place: usize| {
                    evidence.nodes.get(place).cloned().ok_or(format!("no node {place}"))
                };
                let node = node.map(known).transpose()?;
                evidence.probes.push(Probe { command, may, could, node });
            }
            Entry::NotTried { not_tried } => evidence.not_tried = not_tried,
        }
    }
    Ok(evidence)
}

fn read_engine(text: &str) -> Result<Engine, String> {
    let engine = text.split_once(' ').and_then(|(kind, version)| {
        Some(Engine { kind: kind.parse().ok()?, version: version.parse().ok()? })
    });
    engine.ok_or_else(|| format!("{text:?} is no engine"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::NodeRole;

    #[test]
    fn evidence_reads_back() {
        let node = |port, role| {
            let engine = read_engine("valkey 9.1.2").ok();
            AttestedNode { host: "10.0.0.1".to_owned(), port, role, engine }
        };
        let scan = |could, node| Probe { node: Some(node), ..Probe::new("SCAN 0", false, could) };
        let nodes = vec![node(1, NodeRole::Primary), node(2, NodeRole::Replica)];
        let probes = vec![
            Probe::new("GET {own}", true, true),
            scan(false, nodes[0].clone()),
            scan(true, nodes[1].clone()),
        ];
        let evidence = Evidence { nodes, probes, not_tried: vec!["SAVE".to_owned()] };
        assert_eq!(read(&write(&evidence)), Ok(evidence));
    }

    #[test]
    fn a_node_without_an_engine_is_read() {
        let evidence = read(r#"[{"host":"10.0.0.1","port":1,"role":"replica"}]"#).unwrap();
        assert_eq!(evidence.nodes[0].engine, None);
        let odd = r#"[{"host":"10.0.0.1","port":1,"role":"replica","engine":"9.1"}]"#;
        assert!(read(odd).is_err());
    }

    #[test]
    fn a_record_without_nodes_is_read_and_one_that_names_an_unknown_node_is_not() {
        let old = r#"[{"command":"PING","may":true,"could":true}]"#;
        let probes = vec![Probe::new("PING", true, true)];
        assert_eq!(read(old), Ok(Evidence { probes, ..Evidence::default() }));
        assert!(read(r#"[{"command":"PING","may":true,"could":true,"node":0}]"#).is_err());
    }
}
