//! How a rotation is named on the command line.

use std::str::FromStr;

use uuid::Uuid;

use crate::domain::TenantName;

/// A rotation of one password, or of many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    OfTenant(TenantName, Uuid),
    OfFleet(Uuid),
}

impl Place {
    /// Where it is, at the service.
    pub(super) fn path(&self) -> String {
        match self {
            Self::OfTenant(tenant, id) => format!("/tenants/{tenant}/rotations/{id}"),
            Self::OfFleet(id) => format!("/rotations/{id}"),
        }
    }

    /// Reads the name of a rotation of one password.
    pub(super) fn of_tenant(text: &str) -> Result<Self, String> {
        match text.parse::<Self>()? {
            place @ Self::OfTenant(..) => Ok(place),
            Self::OfFleet(_) => Err("names a fleet rotation: give TENANT/ID".to_owned()),
        }
    }

    /// Reads the name of a rotation of many.
    pub(super) fn of_fleet(text: &str) -> Result<Self, String> {
        match text.parse::<Self>()? {
            place @ Self::OfFleet(_) => Ok(place),
            Self::OfTenant(..) => {
                Err("names a tenant's rotation: give the ID of a fleet".to_owned())
            }
        }
    }
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let id = |text: &str| {
            text.parse()
                .map_err(|_| format!("{text:?} is no id: give TENANT/ID or the ID of a fleet"))
        };
        match text.split_once('/') {
            Some((tenant, text)) => {
                let tenant = TenantName::parse(tenant).map_err(|error| error.to_string())?;
                Ok(Self::OfTenant(tenant, id(text)?))
            }
            None => Ok(Self::OfFleet(id(text)?)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rotation_is_named_as_lists_print_it() {
        let id = "01a2001e-33c4-7e40-8f1a-e2ad052b5067";
        for (text, path) in [
            (format!("acme/{id}"), format!("/tenants/acme/rotations/{id}")),
            (id.to_owned(), format!("/rotations/{id}")),
        ] {
            assert_eq!(text.parse::<Place>().unwrap().path(), path);
        }
        for text in
            ["acme", "acme/", "acme/7", "../caches", "A/01a2001e-33c4-7e40-8f1a-e2ad052b5067"]
        {
            assert!(text.parse::<Place>().is_err(), "{text}");
        }
    }
}
