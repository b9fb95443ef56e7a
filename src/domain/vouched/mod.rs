//! What an issuer of JSON Web Tokens says of a caller, and what follows from it here.

mod algorithm;
mod claim_path;
mod issuer;
mod rules;

pub use algorithm::{SigningAlgorithm, UnknownAlgorithm};
pub use claim_path::{ClaimPath, ClaimPathError};
pub use issuer::{Issuer, IssuerError, SecureUrl};
pub use rules::{ClaimRules, Narrowing, Unusable, Vouched};
