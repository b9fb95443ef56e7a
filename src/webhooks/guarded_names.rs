//! Names are looked up here, so that no connection is made to an address that is not allowed.

use std::net::SocketAddr;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::net::lookup_host;

use crate::domain::AddressRules;

/// Looks names up as the system does, and drops what is not allowed. The connection is made to what is
/// left and to nothing else, so a name that stands for something else a moment later gains nothing.
#[derive(Clone, Debug)]
pub(super) struct GuardedNames(pub(super) AddressRules);

/// A name stands for nothing that is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the name stands for no address that is allowed")]
pub(super) struct NothingAllowed;

impl Resolve for GuardedNames {
    fn resolve(&self, name: Name) -> Resolving {
        let Self(rules) = self.clone();
        Box::pin(async move {
            // The port is put in by the one who asks.
            let found = lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> =
                found.filter(|address| rules.permit(address.ip())).collect();
            if allowed.is_empty() {
                return Err(NothingAllowed.into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}
