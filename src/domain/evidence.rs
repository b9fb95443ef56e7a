//! What was tried on which nodes.

use std::collections::BTreeMap;

use super::AttestedNode;

/// Every command that was tried, and the nodes that it was tried on.
///
/// Nodes that are right are right alike. So a probe that came out the same on all of them stands
/// here once, and only where they differ is it told apart: a record of ninety nodes is not ninety
/// times as long.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// The nodes, in the order in which they were tried.
    pub nodes: Vec<AttestedNode>,
    /// The commands, in the order in which they were tried.
    pub probes: Vec<Probe>,
    /// What the tenant must not do and some node did not let anybody try: commands that are never
    /// taken in a transaction, or that ElastiCache does not have.
    pub not_tried: Vec<String>,
}

/// One command that was tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// The command with its arguments; the tenant's own key is shown as `{own}`, a key of another
    /// as `{foreign}`.
    pub command: String,
    /// Whether the tenant may do this.
    pub may: bool,
    /// Whether the engine let it.
    pub could: bool,
    /// The node that it was tried on. Absent where it came out the same on every node.
    pub node: Option<AttestedNode>,
}

impl Probe {
    /// A command that was tried on the node at hand.
    #[must_use]
    pub fn new(command: impl Into<String>, may: bool, could: bool) -> Self {
        Self { command: command.into(), may, could, node: None }
    }

    /// The command, and the node if not all are meant.
    #[must_use]
    pub fn described(&self) -> String {
        match &self.node {
            None => self.command.clone(),
            Some(node) => format!("{} on {node}", self.command),
        }
    }
}

impl Evidence {
    /// Puts together what was tried on each node.
    #[must_use]
    pub fn of(tried: &[(AttestedNode, Vec<Probe>)]) -> Self {
        let mut rows: Vec<Vec<(usize, Probe)>> = Vec::new();
        let mut places = BTreeMap::new();
        for (place, (_, probes)) in tried.iter().enumerate() {
            let mut times_seen = BTreeMap::new();
            for probe in probes {
                // The same words may stand for several keys, and a command may be due repeatedly.
                let nth = times_seen.entry(&probe.command).or_insert(0_usize);
                *nth += 1;
                let row = *places.entry((&probe.command, *nth)).or_insert_with(|| {
                    rows.push(Vec::new());
                    rows.len() - 1
                });
                rows[row].push((place, probe.clone()));
            }
        }
        let nodes: Vec<AttestedNode> = tried.iter().map(|(node, _)| node.clone()).collect();
        let probes = rows.into_iter().flat_map(|row| told_apart(row, &nodes)).collect();
        Self { nodes, probes, not_tried: Vec::new() }
    }
}

/// One probe if all nodes agree, else one for each.
fn told_apart(row: Vec<(usize, Probe)>, nodes: &[AttestedNode]) -> Vec<Probe> {
    let agree = row.len() == nodes.len() && row.iter().all(|(_, probe)| *probe == row[0].1);
    if agree {
        return row.into_iter().map(|(_, probe)| probe).take(1).collect();
    }
    let named =
        |(place, probe): (usize, Probe)| Probe { node: Some(nodes[place].clone()), ..probe };
    row.into_iter().map(named).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::NodeRole;

    fn node(port: u16) -> AttestedNode {
        AttestedNode { host: "10.0.0.1".to_owned(), port, role: NodeRole::Primary, engine: None }
    }

    fn described(tried: &[(AttestedNode, Vec<Probe>)]) -> Vec<String> {
        Evidence::of(tried).probes.iter().map(Probe::described).collect()
    }

    #[test]
    fn what_all_nodes_agree_on_stands_once() {
        let probes =
            || vec![Probe::new("DEL {own}", true, true), Probe::new("SCAN 0", false, false)];
        let twice = || [probes(), probes()].concat();
        let evidence = Evidence::of(&[(node(1), twice()), (node(2), twice())]);
        assert_eq!(evidence.nodes, [node(1), node(2)]);
        assert_eq!(evidence.probes, twice());
        let one = Evidence::of(&[(node(1), probes())]);
        assert_eq!(one.probes, probes());
    }

    #[test]
    fn what_differs_is_told_of_each_node() {
        let scan = |could| Probe::new("SCAN 0", false, could);
        let leaky = [
            (node(1), vec![scan(false), Probe::new("DBSIZE", false, false)]),
            (node(2), vec![scan(true)]),
        ];
        assert_eq!(
            described(&leaky),
            ["SCAN 0 on 10.0.0.1:1", "SCAN 0 on 10.0.0.1:2", "DBSIZE on 10.0.0.1:1"]
        );
    }
}
