//! A primary with replicas, without cluster mode.

use redis::{ErrorKind, RedisResult, Value, from_redis_value_ref};

use super::arrangement::{Assessment, Order};
use super::node::Node;
use crate::elasticache::Shard;

/// What an engine says it is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Role {
    Primary,
    Replica {
        /// The port of its primary.
        of: u16,
        /// Whether it has its primary's data and gets what is new.
        in_step: bool,
    },
}

pub(super) async fn look(nodes: &mut [Node], shard: &Shard) -> RedisResult<Assessment> {
    let mut roles = Vec::new();
    for node in nodes.iter_mut() {
        roles.push(read(&node.admin.ask(&["ROLE"]).await?)?);
    }
    let ports: Vec<u16> = nodes.iter().map(|node| node.process.address.port()).collect();
    Ok(assess(&roles, &ports, shard.primary))
}

/// Reads `master …` or `slave HOST PORT STATE …`.
fn read(answer: &Value) -> RedisResult<Role> {
    let unreadable = || (ErrorKind::UnexpectedReturnType, "ROLE is not answered with a role");
    let Value::Array(parts) = answer else { return Err(unreadable().into()) };
    let text = |place: usize| -> RedisResult<String> {
        Ok(from_redis_value_ref(parts.get(place).ok_or_else(unreadable)?)?)
    };
    if text(0)? == "master" {
        return Ok(Role::Primary);
    }
    let of = text(2)?.parse().map_err(|_| unreadable())?;
    Ok(Role::Replica { of, in_step: text(3)? == "connected" })
}

fn assess(roles: &[Role], ports: &[u16], primary: usize) -> Assessment {
    match &roles[primary] {
        Role::Primary => gather(roles, ports, primary),
        Role::Replica { of, in_step } => {
            let Some(old) = ports.iter().position(|port| port == of) else {
                return Assessment::Unsettled(vec![Order::new(
                    primary,
                    ["REPLICAOF", "NO", "ONE"],
                )]);
            };
            // The old primary stops taking writes until the new one has all of them.
            let port = ports[primary].to_string();
            let hand_over = Order::new(old, ["FAILOVER", "TO", "127.0.0.1", &port]);
            let ready = *in_step && roles[old] == Role::Primary;
            Assessment::Unsettled(ready.then_some(hand_over).into_iter().collect())
        }
    }
}

/// Everybody else is to follow the primary.
fn gather(roles: &[Role], ports: &[u16], primary: usize) -> Assessment {
    let port = ports[primary];
    let others = || roles.iter().enumerate().filter(|(node, _)| *node != primary);
    let follows = |role: &Role| matches!(role, Role::Replica { of, .. } if *of == port);
    if others().all(|(_, role)| *role == Role::Replica { of: port, in_step: true }) {
        return Assessment::Settled;
    }
    let stray = others().filter(|(_, role)| !follows(role));
    let order = |(node, _)| Order::new(node, ["REPLICAOF", "127.0.0.1", &port.to_string()]);
    Assessment::Unsettled(stray.map(order).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PORTS: [u16; 3] = [1, 2, 3];

    fn replica(of: u16) -> Role {
        Role::Replica { of, in_step: true }
    }

    fn orders(roles: &[Role; 3], primary: usize) -> Vec<(usize, String)> {
        match assess(roles, &PORTS, primary) {
            Assessment::Settled => panic!("settled"),
            Assessment::Unsettled(orders) => {
                orders.into_iter().map(|order| (order.node, order.words.join(" "))).collect()
            }
        }
    }

    #[test]
    fn engines_that_were_just_started_follow_the_primary() {
        let follow = |node| (node, "REPLICAOF 127.0.0.1 2".to_owned());
        let all = [Role::Primary, Role::Primary, Role::Primary];
        assert_eq!(orders(&all, 1), [follow(0), follow(2)]);
        let copying = Role::Replica { of: 2, in_step: false };
        assert_eq!(orders(&[replica(2), Role::Primary, copying], 1), []);
        let settled = [replica(2), Role::Primary, replica(2)];
        assert_eq!(assess(&settled, &PORTS, 1), Assessment::Settled);
    }

    #[test]
    fn the_old_primary_hands_over_to_the_new() {
        let hand_over = (0, "FAILOVER TO 127.0.0.1 2".to_owned());
        assert_eq!(orders(&[Role::Primary, replica(1), replica(1)], 1), [hand_over]);
        let strange = orders(&[replica(9), replica(9), replica(9)], 1);
        assert_eq!(strange, [(1, "REPLICAOF NO ONE".to_owned())]);
    }
}
