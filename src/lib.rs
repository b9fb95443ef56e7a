//! Ringfence.

pub mod attestation;
pub mod clock;
pub mod cloud;
pub mod config;
pub mod domain;
pub mod logging;
pub mod reconcile;
pub mod store;
