//! What tenants cost, as callers see it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    config::CostConfig,
    domain::{Bill, CostReport, MONTH_HOURS, TenantCost},
};

/// What tenants cost in a month of 730 hours, on clusters that they share and with a cluster each.
/// Amounts are decimal numbers as text, with four digits after the point.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CostReport)]
pub(crate) struct CostReportView {
    /// The currency of all amounts.
    #[schema(example = "USD")]
    currency: String,
    /// The prices, as they are configured.
    prices: PricesView,
    /// How many tenants and services there are.
    #[schema(example = 11)]
    tenants: u64,
    /// All of them, on the clusters that they share.
    shared: TotalView,
    /// All of them, with a cluster each.
    own_clusters: TotalView,
    /// How much less the shared clusters cost; negative if they cost more.
    #[schema(example = "-237.1040")]
    saved: String,
    /// Each of them, by name: a page.
    items: Vec<TenantCostView>,
    /// What to give as `page_token` for the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    next_page_token: Option<String>,
}

/// What is reckoned with.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CostPrices)]
struct PricesView {
    /// A node of a shared cluster, for an hour.
    #[schema(example = "0.1752")]
    node_hour: String,
    /// A node of a tenant's own cluster, for an hour.
    #[schema(example = "0.0128")]
    own_node_hour: String,
    /// A secret, for a month.
    #[schema(example = "0.40")]
    secret_month: String,
    /// Ten thousand calls to Secrets Manager.
    #[schema(example = "0.05")]
    secret_calls: String,
    /// The hours of a month.
    #[schema(example = 730)]
    month_hours: u32,
}

/// What all tenants cost one way.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CostTotal)]
struct TotalView {
    /// How many nodes there are.
    #[schema(example = 2)]
    nodes: u64,
    #[serde(flatten)]
    bill: BillView,
}

/// What is paid for in a month.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CostBill)]
struct BillView {
    /// What the nodes cost; of one tenant on a shared cluster, its part.
    #[schema(example = "255.7920")]
    nodes_cost: String,
    /// How many secrets there are.
    #[schema(example = 1)]
    secrets: u32,
    /// What they cost.
    #[schema(example = "0.4000")]
    secrets_cost: String,
    /// How many calls to Secrets Manager there are.
    #[schema(example = 744)]
    calls: u64,
    /// What they cost.
    #[schema(example = "0.0037")]
    calls_cost: String,
    /// Everything together.
    #[schema(example = "256.1957")]
    total: String,
}

/// What one tenant costs.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TenantCost)]
struct TenantCostView {
    /// Its name.
    #[schema(example = "acme")]
    name: String,
    /// The cache that it is in.
    #[schema(example = "main")]
    cache: String,
    /// On the cluster that it shares. The nodes are shared alike by the tenants of a cache.
    shared: BillView,
    /// With a cluster of its own.
    own_cluster: BillView,
}

impl CostReportView {
    /// The totals, and a page of the tenants.
    pub(super) fn new(
        config: &CostConfig,
        report: &CostReport,
        (page, next_page_token): (&[TenantCost], Option<String>),
    ) -> Self {
        Self {
            currency: config.currency.to_string(),
            prices: PricesView {
                node_hour: config.node_hour.to_string(),
                own_node_hour: config.own_node_hour.to_string(),
                secret_month: config.secret_month.to_string(),
                secret_calls: config.secret_calls.to_string(),
                month_hours: MONTH_HOURS,
            },
            tenants: report.tenants.len() as u64,
            shared: TotalView { nodes: report.n_nodes.0, bill: BillView::from(&report.shared) },
            own_clusters: TotalView { nodes: report.n_nodes.1, bill: BillView::from(&report.own) },
            saved: report.saved().to_string(),
            items: page.iter().map(TenantCostView::from).collect(),
            next_page_token,
        }
    }
}

impl From<&Bill> for BillView {
    fn from(bill: &Bill) -> Self {
        Self {
            nodes_cost: bill.nodes.to_string(),
            secrets: bill.n_secrets,
            secrets_cost: bill.secrets.to_string(),
            calls: bill.n_calls,
            calls_cost: bill.calls.to_string(),
            total: bill.total().to_string(),
        }
    }
}

impl From<&TenantCost> for TenantCostView {
    fn from(cost: &TenantCost) -> Self {
        Self {
            name: cost.name.to_string(),
            cache: cost.cache.to_string(),
            shared: BillView::from(&cost.shared),
            own_cluster: BillView::from(&cost.own),
        }
    }
}
