//! Names that other tools make from a tenant's.

use std::str::FromStr;

use crate::domain::TenantName;

/// A name with a place for the tenant's: `legacy-{tenant}-user`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameTemplate {
    before: String,
    after: String,
}

const PLACE: &str = "{tenant}";

impl NameTemplate {
    /// What stands in the tenant's place, if the name is made so.
    #[must_use]
    pub fn tenant_in<'a>(&self, name: &'a str) -> Option<&'a str> {
        let tenant = name.strip_prefix(&self.before)?.strip_suffix(&self.after)?;
        (!tenant.is_empty()).then_some(tenant)
    }

    /// The name for a tenant.
    #[must_use]
    pub fn name_for(&self, tenant: &TenantName) -> String {
        format!("{}{tenant}{}", self.before, self.after)
    }
}

impl FromStr for NameTemplate {
    type Err = NameTemplateError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(PLACE) {
            Some((before, after)) if !after.contains(PLACE) => {
                Ok(Self { before: before.to_owned(), after: after.to_owned() })
            }
            _ => Err(NameTemplateError),
        }
    }
}

/// The text does not say where the tenant's name stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must have {{tenant}} in it once, such as \"legacy-{{tenant}}-user\"")]
pub struct NameTemplateError;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_takes_the_tenant_out_of_a_name_and_puts_it_in() {
        let template: NameTemplate = "legacy-{tenant}-user".parse().unwrap();
        assert_eq!(template.tenant_in("legacy-acme-eu-user"), Some("acme-eu"));
        for other in ["legacy--user", "legacy-acme", "acme", "legacy-user"] {
            assert_eq!(template.tenant_in(other), None, "{other}");
        }
        let acme = TenantName::parse("acme").unwrap();
        assert_eq!(template.name_for(&acme), "legacy-acme-user");
        for bad in ["legacy", "{tenant}{tenant}", ""] {
            assert_eq!(bad.parse::<NameTemplate>(), Err(NameTemplateError), "{bad}");
        }
    }
}
