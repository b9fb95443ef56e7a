//! The nodes of a cluster: they meet, share the slots out, and each replica finds its primary.
//!
//! Nodes keep what they agreed on in a file of their own, so that after a restart they find each
//! other by themselves and nothing is left to do.

use std::collections::BTreeMap;

use redis::RedisResult;

use super::arrangement::{Assessment, Order};
use super::node::Node;
use crate::elasticache::Layout;

/// What one node says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct View {
    id: String,
    /// Every node it knows, itself among them, by port.
    known: BTreeMap<u16, Known>,
    /// Whether it serves, and if it is a replica has its primary's data.
    is_fit: bool,
}

/// What a node says of another, or of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Known {
    id: String,
    /// The id of its primary; nothing if it is one.
    follows: Option<String>,
    has_slots: bool,
    /// Whether the two have met and can reach each other.
    is_steady: bool,
}

pub(super) async fn look(nodes: &mut [Node], layout: &Layout) -> RedisResult<Assessment> {
    let mut views = Vec::new();
    for node in nodes.iter_mut() {
        let id = node.admin.ask(&["CLUSTER", "MYID"]).await?;
        let known: String = node.admin.ask(&["CLUSTER", "NODES"]).await?;
        let state: String = node.admin.ask(&["CLUSTER", "INFO"]).await?;
        let link: String = node.admin.ask(&["INFO", "replication"]).await?;
        let is_fit =
            state.contains("cluster_state:ok") && !link.contains("master_link_status:down");
        views.push(View { id, known: known.lines().filter_map(read).collect(), is_fit });
    }
    let ports: Vec<u16> = nodes.iter().map(|node| node.process.address.port()).collect();
    Ok(assess(&views, &ports, layout))
}

/// Reads `ID HOST:PORT@BUS FLAGS PRIMARY PING PONG EPOCH LINK SLOT…`.
fn read(entry: &str) -> Option<(u16, Known)> {
    let fields: Vec<&str> = entry.split_whitespace().collect();
    let [id, address, flags, follows, _, _, _, link, ..] = fields[..] else { return None };
    let (_, port) = address.split_once('@')?.0.rsplit_once(':')?;
    let flags: Vec<&str> = flags.split(',').collect();
    let doubtful = |flag: &&str| matches!(*flag, "handshake" | "noaddr" | "fail" | "fail?");
    let known = Known {
        id: id.to_owned(),
        follows: Some(follows.to_owned()).filter(|id| id != "-"),
        has_slots: fields.len() > 8,
        is_steady: !flags.iter().any(doubtful)
            && (link == "connected" || flags.contains(&"myself")),
    };
    Some((port.parse().ok()?, known))
}

fn assess(views: &[View], ports: &[u16], layout: &Layout) -> Assessment {
    let mut orders = introductions(views, ports);
    let mut is_settled = views.iter().all(|view| view.is_fit);
    let mut first = 0;
    for (place, shard) in layout.shards.iter().enumerate() {
        let members: Vec<usize> = (first..first + shard.ports.len()).collect();
        first += shard.ports.len();
        let primary = members[shard.primary];
        match owners(views, ports, &members)[..] {
            [] => orders.push(take_slots(primary, layout.slots(place))),
            [owner] => {
                orders.extend(followers(views, ports, &members, owner));
                if owner != primary && follows(&views[primary], ports[primary], views, owner) {
                    orders.push(Order::new(primary, ["CLUSTER", "FAILOVER"]));
                }
            }
            // Two for a moment, while one takes over from the other.
            _ => {}
        }
        is_settled &= views.iter().all(|view| agrees(view, views, ports, (&members, primary)));
    }
    if is_settled { Assessment::Settled } else { Assessment::Unsettled(orders) }
}

/// Every two nodes are to meet.
fn introductions(views: &[View], ports: &[u16]) -> Vec<Order> {
    let mut orders = Vec::new();
    for (node, view) in views.iter().enumerate() {
        let strangers = ports[node + 1..].iter().filter(|port| !view.known.contains_key(port));
        let meet =
            |port: &u16| Order::new(node, ["CLUSTER", "MEET", "127.0.0.1", &port.to_string()]);
        orders.extend(strangers.map(meet));
    }
    orders
}

/// The members of a shard that say that they have slots.
fn owners(views: &[View], ports: &[u16], members: &[usize]) -> Vec<usize> {
    let owns = |node: &usize| views[*node].known.get(&ports[*node]).is_some_and(|me| me.has_slots);
    members.iter().copied().filter(owns).collect()
}

fn take_slots(node: usize, (first, last): (usize, usize)) -> Order {
    let words = ["CLUSTER".to_owned(), "ADDSLOTS".to_owned()];
    Order::new(node, words.into_iter().chain((first..=last).map(|slot| slot.to_string())))
}

/// The other members are to follow the owner, as soon as they have heard of it.
fn followers(views: &[View], ports: &[u16], members: &[usize], owner: usize) -> Vec<Order> {
    let stray = members.iter().copied().filter(|node| {
        let knows = views[*node].known.get(&ports[owner]).is_some_and(|known| known.is_steady);
        *node != owner && knows && !follows(&views[*node], ports[*node], views, owner)
    });
    stray.map(|node| Order::new(node, ["CLUSTER", "REPLICATE", &views[owner].id])).collect()
}

/// Whether the node on `port` follows `owner`, as `view` has it.
fn follows(view: &View, port: u16, views: &[View], owner: usize) -> bool {
    let known = view.known.get(&port);
    known.is_some_and(|known| known.follows.as_ref() == Some(&views[owner].id))
}

/// Whether a node sees a shard as it should be.
fn agrees(view: &View, views: &[View], ports: &[u16], shard: (&[usize], usize)) -> bool {
    let (members, primary) = shard;
    members.iter().all(|node| {
        let Some(known) = view.known.get(&ports[*node]) else { return false };
        let right = if *node == primary {
            known.has_slots && known.follows.is_none()
        } else {
            !known.has_slots && known.follows.as_ref() == Some(&views[primary].id)
        };
        right && known.is_steady && known.id == views[*node].id
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elasticache::Shard;

    /// Two nodes in one shard.
    const PORTS: [u16; 2] = [7001, 7002];

    fn layout(primary: usize) -> Layout {
        let ports = PORTS.map(Some).to_vec();
        Layout { cluster_mode: true, shards: vec![Shard { primary, ports }] }
    }

    fn view(id: &str, lines: &[&str]) -> View {
        let known = lines.iter().filter_map(|line| read(line)).collect();
        View { id: id.to_owned(), known, is_fit: true }
    }

    fn orders(views: &[View], primary: usize) -> Vec<(usize, String)> {
        match assess(views, &PORTS, &layout(primary)) {
            Assessment::Settled => panic!("settled"),
            Assessment::Unsettled(orders) => {
                orders.into_iter().map(|order| (order.node, order.words.join(" "))).collect()
            }
        }
    }

    #[test]
    fn strangers_meet_and_the_first_takes_the_slots() {
        let views = [
            view("a", &["a :7001@17001 myself,master - 0 0 0 connected"]),
            view("b", &["b :7002@17002 myself,master - 0 0 0 connected"]),
        ];
        let given = orders(&views, 0);
        assert_eq!(given[0], (0, "CLUSTER MEET 127.0.0.1 7002".to_owned()));
        assert!(given[1].1.starts_with("CLUSTER ADDSLOTS 0 1 2 "), "{given:?}");
        assert_eq!(given.len(), 2, "who has not met cannot follow");
    }

    #[test]
    fn a_replica_follows_and_is_promoted() {
        let a = "a 127.0.0.1:7001@17001 master - 0 0 1 connected 0-16383";
        let b = "b 127.0.0.1:7002@17002 master - 0 0 0 connected";
        let stray = [view("a", &[a, b]), view("b", &[a, b])];
        assert_eq!(orders(&stray, 0), [(1, "CLUSTER REPLICATE a".to_owned())]);
        let b = "b 127.0.0.1:7002@17002 myself,slave a 0 0 1 connected";
        let settled = [view("a", &[a, b]), view("b", &[a, b])];
        assert_eq!(assess(&settled, &PORTS, &layout(0)), Assessment::Settled);
        assert_eq!(orders(&settled, 1), [(1, "CLUSTER FAILOVER".to_owned())]);
    }

    #[test]
    fn a_node_in_doubt_is_waited_for() {
        let a = "a 127.0.0.1:7001@17001 master - 0 0 1 connected 0-16383";
        let b = "b 127.0.0.1:7002@17002 slave,fail? a 0 0 1 disconnected";
        assert_eq!(orders(&[view("a", &[a, b]), view("b", &[a, b])], 0), []);
    }
}
