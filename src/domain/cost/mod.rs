//! What tenants cost in a month on clusters that they share, and what they would cost with a cluster
//! each.
//!
//! Both need a secret for each user with a password, and the same calls to read and to replace it. What
//! differs is the nodes: those that are shared are paid for once. A month has 730 hours, as in AWS's own
//! estimates.

mod price;

use std::collections::BTreeMap;

use rust_decimal::Decimal;

pub use self::price::{Amount, Currency, CurrencyError, Price, PriceError};
use super::{CacheName, RotationInterval, TenantName};

/// The hours of a month.
pub const MONTH_HOURS: u32 = 730;
/// Calls to Secrets Manager that one rotation takes when nothing goes wrong. A test counts them.
pub const CALLS_OF_A_ROTATION: u32 = 14;

/// What things cost, and how many of them there are that Ringfence cannot know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rates {
    /// A node of a shared cluster, for an hour.
    pub node_hour: Price,
    /// How many nodes a shared cluster has.
    pub nodes_per_cache: u32,
    /// A node of a tenant's own cluster, for an hour.
    pub own_node_hour: Price,
    /// How many nodes a tenant's own cluster would have.
    pub own_nodes: u32,
    /// A secret, for a month.
    pub secret_month: Price,
    /// Ten thousand calls to Secrets Manager.
    pub secret_calls: Price,
    /// How often applications read a secret in a month.
    pub secret_reads: u32,
}

/// What a tenant needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantNeed {
    /// Its name.
    pub name: TenantName,
    /// Where it is.
    pub cache: CacheName,
    /// For each of its secrets, how often the password in it is replaced by itself.
    pub secrets: Vec<Option<RotationInterval>>,
}

/// What is paid for in a month, and what it costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bill {
    /// Nodes, and what they cost; of a tenant on a shared cluster, its part of that.
    pub nodes: Amount,
    /// How many secrets there are.
    pub n_secrets: u32,
    /// What these cost.
    pub secrets: Amount,
    /// How many calls there are, in whole ones.
    pub n_calls: u64,
    /// What these cost.
    pub calls: Amount,
}

/// What one tenant costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantCost {
    /// Its name.
    pub name: TenantName,
    /// Where it is.
    pub cache: CacheName,
    /// On the cluster that it shares; the nodes are shared alike by the tenants of a cache.
    pub shared: Bill,
    /// With a cluster of its own.
    pub own: Bill,
}

/// What all tenants cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CostReport {
    /// Each of them, as they were given.
    pub tenants: Vec<TenantCost>,
    /// How many nodes the shared clusters have, and how many there would be.
    pub n_nodes: (u64, u64),
    /// On clusters that they share.
    pub shared: Bill,
    /// With a cluster each.
    pub own: Bill,
}

impl Bill {
    /// Everything together.
    #[must_use]
    pub fn total(&self) -> Amount {
        Amount(self.nodes.0 + self.secrets.0 + self.calls.0)
    }

    fn with_nodes(self, nodes: Decimal) -> Self {
        Self { nodes: Amount(nodes), ..self }
    }
}

impl CostReport {
    /// How much less the shared clusters cost; negative if they cost more.
    #[must_use]
    pub fn saved(&self) -> Amount {
        Amount(self.own.total().0 - self.shared.total().0)
    }
}

/// What these tenants cost on these caches. A cache costs as much without tenants.
#[must_use]
pub fn cost_report(rates: &Rates, caches: &[CacheName], needs: &[TenantNeed]) -> CostReport {
    let hours = Decimal::from(MONTH_HOURS);
    let of_cache = rates.node_hour.0 * hours * Decimal::from(rates.nodes_per_cache);
    let of_own = rates.own_node_hour.0 * hours * Decimal::from(rates.own_nodes);
    let mut n_tenants_of: BTreeMap<&CacheName, usize> = BTreeMap::new();
    for need in needs {
        *n_tenants_of.entry(&need.cache).or_default() += 1;
    }
    let neighbours = |cache| n_tenants_of.get(cache).copied().unwrap_or(0);
    let parts: Vec<(&CacheName, Decimal)> = caches
        .iter()
        .map(|cache| (cache, of_cache / Decimal::from(neighbours(cache).max(1))))
        .collect();
    let mut all = Secrets::default();
    let mut tenants = Vec::with_capacity(needs.len());
    for need in needs {
        let secrets = Secrets::of(need, rates);
        all.add(&secrets);
        // One whose cache is not configured any more uses none that is paid for here.
        let part = parts.iter().find(|(cache, _)| **cache == need.cache);
        let bill = secrets.bill(rates);
        tenants.push(TenantCost {
            name: need.name.clone(),
            cache: need.cache.clone(),
            shared: bill.with_nodes(part.map_or(Decimal::ZERO, |(_, part)| *part)),
            own: bill.with_nodes(of_own),
        });
    }
    let (n_caches, n_tenants) = (caches.len(), tenants.len());
    let bill = all.bill(rates);
    let nodes = |each: u32, of: usize| u64::from(each) * of as u64;
    CostReport {
        tenants,
        n_nodes: (nodes(rates.nodes_per_cache, n_caches), nodes(rates.own_nodes, n_tenants)),
        shared: bill.with_nodes(of_cache * Decimal::from(n_caches)),
        own: bill.with_nodes(of_own * Decimal::from(n_tenants)),
    }
}

/// Secrets, and the calls that they take in a month, which need not be whole.
#[derive(Clone, Copy, Debug, Default)]
struct Secrets {
    count: u32,
    calls: Decimal,
}

impl Secrets {
    fn of(need: &TenantNeed, rates: &Rates) -> Self {
        let mut secrets = Self::default();
        let month = Decimal::from(u64::from(MONTH_HOURS) * 3600);
        for every in &need.secrets {
            let rotations =
                every.map_or(Decimal::ZERO, |every| month / Decimal::from(every.seconds()));
            let of_rotations = rotations * Decimal::from(CALLS_OF_A_ROTATION);
            let calls = of_rotations + Decimal::from(rates.secret_reads);
            secrets.add(&Self { count: 1, calls });
        }
        secrets
    }

    fn add(&mut self, other: &Self) {
        self.count += other.count;
        self.calls += other.calls;
    }

    /// What they cost, without nodes.
    fn bill(&self, rates: &Rates) -> Bill {
        Bill {
            nodes: Amount::default(),
            n_secrets: self.count,
            secrets: Amount(rates.secret_month.0 * Decimal::from(self.count)),
            n_calls: u64::try_from(self.calls.round()).unwrap_or(u64::MAX),
            calls: Amount(rates.secret_calls.0 * self.calls / Decimal::from(10_000)),
        }
    }
}

#[cfg(test)]
mod tests;
