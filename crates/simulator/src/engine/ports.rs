//! Ports for engines.

use std::io;
use std::net::{Ipv4Addr, TcpListener};

use crate::elasticache::BUS_OFFSET;

/// Where ports for nodes in cluster mode are looked for. They and their buses stay below the ports
/// that systems give to outgoing connections, so that they are free again after a restart.
const CLUSTER_PORTS: std::ops::Range<u16> = 10_000..22_768;

/// How many ports are looked at for each that is needed.
const LOOKED_AT: usize = 1_000;

/// Free ports, each another.
///
/// They are held until the last one is found, and then let go: somebody else may take one in the
/// moment before an engine does.
pub(super) fn pick(count: usize, in_cluster_mode: bool) -> io::Result<Vec<u16>> {
    let mut held = Vec::new();
    let mut ports = Vec::new();
    while ports.len() < count {
        let (port, listeners) = if in_cluster_mode { with_bus()? } else { any()? };
        ports.push(port);
        held.extend(listeners);
    }
    Ok(ports)
}

/// Whether nobody listens where a node wants to.
pub(super) fn are_free(port: u16, in_cluster_mode: bool) -> bool {
    let bus = port.checked_add(BUS_OFFSET).filter(|_| in_cluster_mode);
    [Some(port), bus].into_iter().flatten().all(|port| listen(port).is_ok())
}

fn any() -> io::Result<(u16, Vec<TcpListener>)> {
    let listener = listen(0)?;
    Ok((listener.local_addr()?.port(), vec![listener]))
}

fn with_bus() -> io::Result<(u16, Vec<TcpListener>)> {
    let both = |port| Ok((port, vec![listen(port)?, listen(port + BUS_OFFSET)?]));
    let mut found = both(fastrand::u16(CLUSTER_PORTS));
    for _ in 0..LOOKED_AT {
        if found.is_ok() {
            break;
        }
        found = both(fastrand::u16(CLUSTER_PORTS));
    }
    found
}

fn listen(port: u16) -> io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_nodes_get_the_same_port_nor_one_the_bus_of_another() {
        let ports = pick(20, true).unwrap();
        let mut taken: Vec<_> = ports.iter().flat_map(|port| [*port, port + BUS_OFFSET]).collect();
        taken.sort_unstable();
        taken.dedup();
        assert_eq!(taken.len(), 40, "{ports:?}");
    }

    #[test]
    fn a_port_whose_bus_is_taken_is_not_free() {
        let (port, mut listeners) = with_bus().unwrap();
        listeners.remove(0);
        assert!(!are_free(port, true));
    }
}
