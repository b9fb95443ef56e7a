//! Tenants that are in AWS and not in the store, and how they are written down again.
//!
//! What is there is taken as it is: nothing that works is changed by being imported.

mod found;
mod name_template;
mod rebuild;
mod refusal;
mod rights;
#[cfg(test)]
mod tests;

pub use found::{Claim, FoundUser};
pub use name_template::{NameTemplate, NameTemplateError};
pub use rebuild::{ImportRules, ImportedTenant, rebuild};
pub use refusal::{ImportObstacle, ImportRefusal};
