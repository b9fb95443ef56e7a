//! Who may do what.
//!
//! The list of [operations](super::operations) says of each which [`Scope`](crate::domain::Scope) it
//! needs. The same list makes the router, the API document and the table that the [`Guard`] looks
//! requests up in, so none of them can forget one. What is in none of them, an unknown path or method,
//! is told only to those who have shown who they are.
//!
//! A token is one of Ringfence's own, which the store knows, or one of the issuer that the configuration names
//! ([`oidc`](crate::oidc)). From there on both are alike.
//!
//! The guard lets a request through with a [`Caller`] among its extensions, and refuses all others
//! before anything of theirs is read. A caller may be bound to some tenants. Operations that keep to
//! these [say so](Access::Narrowable); all others are refused to such a caller. For the tenants beyond
//! the bounds the answer is the one for tenants that do not exist.

mod address;
mod bearer;
mod caller;
mod failures;
mod guard;
mod last_uses;
mod our_clock;
mod own_pages;
mod rates;
mod record;
mod refusal;
mod required;

pub use self::{address::TrustedProxies, rates::Rates};
pub(super) use self::{
    caller::Caller,
    guard::Guard,
    refusal::Refusal,
    required::{Access, AccessTable, SCHEME},
};

use std::{num::NonZeroU32, sync::Arc};

use crate::oidc::Verifier;

/// How callers are known.
#[derive(Clone, Debug)]
pub enum Authentication {
    /// Nobody is asked. Only for a listener that nobody else can reach: on loopback, at this port.
    None {
        /// The port, which requests must name.
        port: u16,
    },
    /// Each request shows a token.
    Bearer(BearerRules),
}

/// What is asked of requests that show tokens.
#[derive(Clone, Debug)]
pub struct BearerRules {
    /// Whose word is taken for where a request comes from.
    pub trusted_proxies: TrustedProxies,
    /// How many tokens that are not valid one address may show in a minute.
    pub failures_per_minute: NonZeroU32,
    /// Who checks the tokens of an issuer. Without it there are only those of Ringfence.
    pub issuer: Option<Arc<Verifier>>,
}
