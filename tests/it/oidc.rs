//! Callers for whom an issuer vouches with JSON Web Tokens.

mod claims;
mod forged;
mod issuer;
mod keys;
mod lobby;
mod signer;
