//! Which tenants a caller may have to do with.

use std::collections::BTreeMap;

use super::{Labels, Tenant, TenantName};

/// Which tenants a caller may have to do with. Those beyond the bounds do not exist for the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bounds {
    /// All, and what is no tenant too.
    Everything,
    /// The tenant of this name.
    Tenant(TenantName),
    /// Tenants that carry all of these labels. There is at least one.
    Labels(Labels),
}

impl Bounds {
    /// Whether a tenant of this name with these labels lies within them.
    #[must_use]
    pub fn hold(&self, name: &TenantName, labels: &Labels) -> bool {
        match self {
            Self::Everything => true,
            Self::Tenant(only) => only == name,
            Self::Labels(wanted) => {
                wanted.as_map().iter().all(|(key, value)| labels.as_map().get(key) == Some(value))
            }
        }
    }

    /// Whether the tenant lies within them.
    #[must_use]
    pub fn hold_tenant(&self, tenant: &Tenant) -> bool {
        self.hold(&tenant.name, &tenant.labels)
    }

    /// Whether a tenant within them stays there when its labels are changed so (RFC 7396), whatever
    /// they are.
    #[must_use]
    pub fn outlast(&self, patch: &BTreeMap<String, Option<String>>) -> bool {
        let Self::Labels(wanted) = self else { return true };
        wanted
            .as_map()
            .iter()
            .all(|(key, value)| patch.get(key).is_none_or(|new| new.as_ref() == Some(value)))
    }

    /// Whether there is anything beyond them.
    #[must_use]
    pub fn are_narrow(&self) -> bool {
        *self != Self::Everything
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels<const N: usize>(pairs: [(&str, &str); N]) -> Labels {
        let pairs = pairs.map(|(key, value)| (key.to_owned(), value.to_owned()));
        Labels::try_from(BTreeMap::from(pairs)).unwrap()
    }

    fn name(text: &str) -> TenantName {
        TenantName::parse(text).unwrap()
    }

    #[test]
    fn a_tenant_lies_within_bounds_by_its_name_or_by_all_the_labels() {
        let gold_checkout = labels([("plan", "gold"), ("team", "checkout")]);
        assert!(Bounds::Everything.hold(&name("acme"), &Labels::default()));
        assert!(Bounds::Tenant(name("acme")).hold(&name("acme"), &gold_checkout));
        assert!(!Bounds::Tenant(name("acme")).hold(&name("globex"), &gold_checkout));
        for (wanted, holds) in [
            (labels([("plan", "gold")]), true),
            (gold_checkout.clone(), true),
            (labels([("plan", "silver")]), false),
            (labels([("plan", "gold"), ("region", "eu")]), false),
        ] {
            let bounds = Bounds::Labels(wanted);
            assert_eq!(bounds.hold(&name("acme"), &gold_checkout), holds, "{bounds:?}");
        }
    }

    #[test]
    fn a_patch_may_touch_every_label_but_those_of_the_bounds() {
        let patch = |key: &str, value: Option<&str>| {
            BTreeMap::from([(key.to_owned(), value.map(str::to_owned))])
        };
        let bounds = Bounds::Labels(labels([("plan", "gold")]));
        assert!(bounds.outlast(&BTreeMap::new()));
        assert!(bounds.outlast(&patch("team", None)));
        assert!(bounds.outlast(&patch("plan", Some("gold"))));
        assert!(!bounds.outlast(&patch("plan", Some("silver"))));
        assert!(!bounds.outlast(&patch("plan", None)));
        assert!(Bounds::Tenant(name("acme")).outlast(&patch("plan", None)));
    }
}
