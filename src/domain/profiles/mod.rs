//! Access profiles: named templates of access strings.
//!
//! Some are built in, others stand in the configuration. A tenant keeps the name of its profile;
//! what the name means is looked up in the catalogue when an access string is made.

mod built_in;
mod catalogue;
mod commands;
mod own;
mod profile;
mod review;
mod rules;

#[cfg(test)]
mod tests;

use built_in::BuiltIn;
pub use built_in::{NotOptIn, OptIn};
pub use catalogue::{NameTaken, Profiles, UnknownProfile};
pub use commands::{CommandRules, CommandRulesError};
pub use own::{AcceptedCode, KeyRights, NotAcceptable, OwnProfile, UnknownKeyRights};
pub use profile::{Profile, ProfileOrigin};
pub use review::{Objection, ProfilePart, review};
