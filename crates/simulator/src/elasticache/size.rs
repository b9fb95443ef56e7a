//! How many nodes a call asks for.
//!
//! The limits are those of [CreateReplicationGroup][api] and of the [quota page][quota].
//!
//! [api]: https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html
//! [quota]: https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/quota-limits.html

use super::layout::{CLUSTER_PORT_MAX, Layout, Shard};
use super::parameters::Parameters;
use super::refusal::Refusal;

const REPLICAS_MAX: usize = 5;
const NODES_MAX: usize = 90;

/// Reads the nodes that a `CreateReplicationGroup` asks for, none of them started yet.
pub(super) fn requested(parameters: &Parameters) -> Result<Layout, Refusal> {
    let shards = number(parameters, "NumNodeGroups", 1..=NODES_MAX)?;
    let replicas = number(parameters, "ReplicasPerNodeGroup", 0..=REPLICAS_MAX)?;
    let nodes = number(parameters, "NumCacheClusters", 1..=REPLICAS_MAX + 1)?;
    let cluster_mode = match parameters.get("ClusterMode") {
        Some("enabled") => true,
        Some("disabled") => false,
        Some(_) => {
            return Err(Refusal::value("This simulator's ClusterMode is enabled or disabled."));
        }
        None => shards.is_some_and(|shards| shards > 1),
    };
    if nodes.is_some() && (cluster_mode || shards.is_some() || replicas.is_some()) {
        return Err(Refusal::combination(
            "NumCacheClusters cannot be used together with NumNodeGroups and ReplicasPerNodeGroup.",
        ));
    }
    let shards = shards.unwrap_or(1);
    if !cluster_mode && shards > 1 {
        return Err(Refusal::combination(
            "Cluster mode must be enabled for more than one node group.",
        ));
    }
    let in_each = nodes.unwrap_or_else(|| replicas.unwrap_or(0) + 1);
    if shards * in_each > NODES_MAX {
        return Err(Refusal::new(
            "NodeQuotaForClusterExceeded",
            format!("A cluster can have {NODES_MAX} nodes."),
        ));
    }
    let shard = Shard { primary: 0, ports: vec![None; in_each] };
    Ok(Layout { cluster_mode, shards: vec![shard; shards] })
}

/// Whether replicas take over by themselves. In cluster mode [they must][must].
///
/// [must]: https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html
pub(super) fn automatic_failover(
    parameters: &Parameters,
    layout: &Layout,
) -> Result<bool, Refusal> {
    let enabled = parameters.boolean("AutomaticFailoverEnabled")?.unwrap_or(false);
    if layout.cluster_mode && !enabled {
        return Err(Refusal::combination(
            "Redis with cluster mode enabled cannot be created with auto failover turned off.",
        ));
    }
    if !layout.cluster_mode && enabled && layout.len() < 2 {
        return Err(Refusal::combination(
            "Automatic failover needs a replication group of at least two nodes.",
        ));
    }
    Ok(enabled)
}

/// The port of the first node. The others count on from there, so that all of them must fit below
/// the highest; in cluster mode each needs a second one, 10,000 above.
pub(super) fn first_port(parameters: &Parameters, layout: &Layout) -> Result<Option<u16>, Refusal> {
    let port = parameters.integer("Port")?.map(u16::try_from).transpose();
    let port = port.map_err(|_| Refusal::value("The parameter Port must be a port number."))?;
    let Some(port) = port.filter(|port| *port != 0) else { return Ok(None) };
    let max = if layout.cluster_mode { CLUSTER_PORT_MAX } else { u16::MAX };
    if usize::from(port) + layout.len() - 1 > usize::from(max) {
        return Err(Refusal::value(format!(
            "The parameter Port leaves no room for {} nodes below {max}.",
            layout.len()
        )));
    }
    Ok(Some(port))
}

fn number(
    parameters: &Parameters,
    name: &str,
    range: std::ops::RangeInclusive<usize>,
) -> Result<Option<usize>, Refusal> {
    let Some(number) = parameters.integer(name)? else { return Ok(None) };
    let number = usize::try_from(number).ok().filter(|number| range.contains(number));
    number.map(Some).ok_or_else(|| {
        Refusal::value(format!(
            "The parameter {name} must be between {} and {}.",
            range.start(),
            range.end()
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code<const N: usize>(fields: [(&str, &str); N]) -> &'static str {
        let parameters = Parameters::of(fields);
        let asked = requested(&parameters).and_then(|layout| {
            automatic_failover(&parameters, &layout)?;
            first_port(&parameters, &layout)
        });
        asked.map_or_else(|refusal| refusal.code, |_| "accepted")
    }

    #[test]
    fn what_does_not_fit_together_is_refused() {
        const VALUE: &str = "InvalidParameterValue";
        const COMBINATION: &str = "InvalidParameterCombination";
        let failover = ("AutomaticFailoverEnabled", "true");
        let nodes = |count| ("NumCacheClusters", count);
        let shards = |count| ("NumNodeGroups", count);
        assert_eq!(code([]), "accepted");
        assert_eq!(code([nodes("2"), failover]), "accepted");
        assert_eq!(code([failover]), COMBINATION);
        assert_eq!(code([nodes("7")]), VALUE);
        assert_eq!(code([nodes("2"), shards("2"), failover]), COMBINATION);
        assert_eq!(code([shards("3"), failover]), "accepted");
        assert_eq!(code([shards("3")]), COMBINATION);
        assert_eq!(code([shards("3"), failover, ("ClusterMode", "disabled")]), COMBINATION);
        assert_eq!(code([("ClusterMode", "compatible")]), VALUE);
        assert_eq!(code([("ReplicasPerNodeGroup", "6")]), VALUE);
        let quota = [shards("90"), ("ReplicasPerNodeGroup", "1"), failover];
        assert_eq!(code(quota), "NodeQuotaForClusterExceeded");
        assert_eq!(code([("Port", "65535")]), "accepted");
        assert_eq!(code([("Port", "65535"), nodes("2")]), VALUE);
        assert_eq!(code([("Port", "55535"), shards("2"), failover]), VALUE);
    }
}
