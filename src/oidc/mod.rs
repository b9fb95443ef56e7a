//! Callers for whom somebody else vouches: JSON Web Tokens (RFC 7519) of one issuer.
//!
//! A token counts if its signature is that of a key which the issuer has shown when it was asked last, made
//! in a way that the configuration allows and the key is for, and if it says itself that it is from this
//! issuer, for this audience and not over. Only then is anything else in it read
//! ([`ClaimRules`](crate::domain::ClaimRules)). What a token says about keys, other than a key's name, is
//! never believed. RFC 8725 says what went wrong elsewhere.
//!
//! Keys are asked for when a token needs one, and kept. A token can be made by anybody, so it must not make
//! Ringfence do much: whatever names come in, the issuer is asked once in ten seconds at most, by one
//! request of which all others share the outcome. When its keys are older than it says they keep, they are
//! asked for anew, and count until the answer is there, an hour at most. When the issuer does not answer, the
//! keys that are there go on for a while; an issuer's outage is not ours.
//!
//! The time is the service's own [`Clock`](crate::clock::Clock), for tokens and for keys.

mod fetch_error;
mod issuer_keys;
mod key_set;
mod key_source;
mod refused;
mod signed_token;
mod verifier;

pub use self::{issuer_keys::PAUSE, refused::Refused, verifier::Verifier};
