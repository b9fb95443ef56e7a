//! What client libraries send without being asked, and the string forbids.

use super::commands::given;
use super::{Finding, LintContext, Severity};
use crate::access_string::AccessString;
use crate::engine::Engine;

/// A command that libraries count on.
struct Need {
    call: &'static [&'static str],
    severity: Severity,
    without_it: &'static str,
}

const NEEDS: [Need; 9] = [
    Need {
        call: &["multi"],
        severity: Severity::Warning,
        without_it: "transactions turn into partial writes: redis-py, ioredis, node-redis, go-redis \
                     and redis-rb send the commands along with `MULTI`, and they run one by one",
    },
    Need {
        call: &["ping"],
        severity: Severity::Warning,
        without_it: "health checks fail: redis-py, valkey-py, Valkey GLIDE, go-redis, Jedis \
                     (`testOnBorrow`), Lettuce (keep-alive), node-redis (`pingInterval`)",
    },
    Need {
        call: &["client", "setname"],
        severity: Severity::Warning,
        without_it: "with a client name set, every command of go-redis fails, and redis-py, \
                     valkey-py, node-redis (RESP2), Valkey GLIDE, redis-rb and Lettuce do not \
                     connect; ioredis goes on without the name",
    },
    Need {
        call: &["client", "setinfo"],
        severity: Severity::Note,
        without_it: "redis-py, valkey-py, ioredis, node-redis, Valkey GLIDE, go-redis, Jedis, Lettuce \
                     and redis-rs send it at connect; they ignore the refusal, but it fills the ACL \
                     log",
    },
    Need {
        call: &["select", "0"],
        severity: Severity::Note,
        without_it: "Predis with `database` set does not connect, even if it is 0, which `+select|0` \
                     is enough for; no other client connects if it is given another number",
    },
    Need {
        call: &["command"],
        severity: Severity::Note,
        without_it: "redis-cli has no hints, and some cluster clients cannot find the keys of a call",
    },
    Need {
        call: &["info"],
        severity: Severity::Note,
        without_it: "ioredis warns that it skips its ready check, Valkey GLIDE connects in cluster \
                     mode or for reading only, and BullMQ does not start; it also shows the whole \
                     server, so that it is better forbidden",
    },
    Need {
        call: &["subscribe"],
        severity: Severity::Note,
        without_it: "there is no Pub/Sub, which caches with client-side invalidation use as well",
    },
    Need {
        call: &["unwatch"],
        severity: Severity::Note,
        without_it: "optimistic locking fails, and pools that clean connections with it complain",
    },
];

const CLUSTER_NEEDS: [Need; 3] = [
    Need {
        call: &["cluster", "slots"],
        severity: Severity::Warning,
        without_it: "redis-py, ioredis, node-redis, Jedis and Lettuce cannot start in cluster mode",
    },
    Need {
        call: &["cluster", "shards"],
        severity: Severity::Note,
        without_it: "newer go-redis and Lettuce fall back to `CLUSTER SLOTS` or `CLUSTER NODES`",
    },
    Need {
        call: &["readonly"],
        severity: Severity::Note,
        without_it: "clients that read from replicas cannot",
    },
];

pub(super) fn findings(string: &AccessString, context: &LintContext<'_>) -> Vec<Finding> {
    let cluster: &[Need] = if context.cluster_mode { &CLUSTER_NEEDS } else { &[] };
    let lacking = NEEDS.iter().chain(cluster).filter(|need| lacks(string, context.engine, need));
    let finding = |need: &Need| {
        let name = need.call.join("|");
        let text =
            format!("{} is forbidden: {}", need.call.join(" ").to_uppercase(), need.without_it);
        let suggested = AccessString::parse(&format!("{string} +{name}")).ok();
        let suggested = suggested.filter(|string| string.check(&context.engine).is_ok());
        let wanted = suggested.filter(|_| need.severity == Severity::Warning);
        Finding::new("client-needs", need.severity, text)
            .about(vec![name])
            .suggesting(wanted.map(|string| string.to_string()))
    };
    lacking.map(finding).collect()
}

/// Whether the engine has the command and the string does not give it.
fn lacks(string: &AccessString, engine: Engine, need: &Need) -> bool {
    let name = need.call.join("|");
    engine.knows_command(&name) && given(string, engine, &name).is_none()
}
