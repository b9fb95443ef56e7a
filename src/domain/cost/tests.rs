//! Sums that can be done by hand.

use super::*;

fn price(text: &str) -> Price {
    text.parse().unwrap()
}

fn rates() -> Rates {
    Rates {
        node_hour: price("0.10"),
        nodes_per_cache: 2,
        own_node_hour: price("0.01"),
        own_nodes: 2,
        secret_month: price("0.40"),
        secret_calls: price("0.05"),
        secret_reads: 1_000,
    }
}

fn cache(name: &str) -> CacheName {
    CacheName::parse(name).unwrap()
}

fn need(name: &str, of: &str, secrets: Vec<Option<RotationInterval>>) -> TenantNeed {
    TenantNeed { name: TenantName::parse(name).unwrap(), cache: cache(of), secrets }
}

#[test]
fn nodes_are_shared_by_the_tenants_of_a_cache() {
    let caches = [cache("a"), cache("b")];
    let needs = vec![
        need("acme", "a", vec![None]),
        need("globex", "a", vec![None, None]),
        need("initech", "b", vec![]),
    ];
    let report = cost_report(&rates(), &caches, &needs);
    // 0.10 × 730 × 2 = 146 for a cache, 0.01 × 730 × 2 = 14.60 for a tenant's own.
    let nodes: Vec<String> =
        report.tenants.iter().map(|tenant| tenant.shared.nodes.to_string()).collect();
    assert_eq!(nodes, ["73.0000", "73.0000", "146.0000"]);
    assert_eq!(report.n_nodes, (4, 6));
    assert_eq!(report.shared.nodes.to_string(), "292.0000");
    assert_eq!(report.own.nodes.to_string(), "43.8000");
    assert_eq!(report.saved().to_string(), "-248.2000", "three tenants do not fill two caches");
    // 3 secrets, each read 1 000 times.
    assert_eq!((report.shared.n_secrets, report.shared.n_calls), (3, 3_000));
    assert_eq!(report.shared.secrets.to_string(), "1.2000");
    assert_eq!(report.shared.calls.to_string(), "0.0150");
    assert_eq!(report.shared.total().to_string(), "293.2150");
}

#[test]
fn a_tenant_costs_the_same_secrets_and_calls_either_way() {
    let needs = vec![need("acme", "a", vec![None, None])];
    let report = cost_report(&rates(), &[cache("a")], &needs);
    let acme = &report.tenants[0];
    assert_eq!(acme.shared.secrets, acme.own.secrets);
    assert_eq!(acme.shared.calls, acme.own.calls);
    assert_eq!((acme.shared, acme.own), (report.shared, report.own));
}

#[test]
fn what_is_replaced_more_often_takes_more_calls() {
    let every = |text: &str| Some(text.parse().unwrap());
    let calls = |every| {
        let needs = vec![need("acme", "a", vec![every])];
        cost_report(&rates(), &[cache("a")], &needs).shared.n_calls
    };
    assert_eq!(calls(None), 1_000);
    // A month has 730 hours: 1.0139 rotations each 30 days.
    assert_eq!(calls(every("730h")), 1_000 + u64::from(CALLS_OF_A_ROTATION));
    assert_eq!(calls(every("73h")), 1_000 + 10 * u64::from(CALLS_OF_A_ROTATION));
}

#[test]
fn a_cache_without_tenants_costs_as_much() {
    let report = cost_report(&rates(), &[cache("a")], &[]);
    assert_eq!(report.shared.total().to_string(), "146.0000");
    assert_eq!(report.own.total().to_string(), "0.0000");
}
