//! The real servers behind the caches.
//!
//! [`Engines::follow`] is level-triggered: it is told what should be (which caches have engines,
//! who is primary and who is replica, and which users each engine knows) and makes it so, however
//! things were before. It can be called again after any failure, and after a restart.

mod admin;
mod arrangement;
mod binary;
mod cluster;
mod engines;
mod fleet;
mod node;
mod ports;
mod process;
mod replication;

pub use self::binary::{EngineBinary, EngineNotFound, UnfitBinary};
pub(crate) use self::engines::{EngineError, Engines};
