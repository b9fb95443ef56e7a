#![doc = include_str!("../ARCHITECTURE.md")]

pub mod api;
pub mod attestation;
pub mod bearer;
pub mod cli;
pub mod clock;
pub mod cloud;
pub mod config;
pub mod domain;
pub mod import;
pub mod logging;
pub mod oidc;
mod process_metrics;
pub mod reconcile;
mod server;
pub mod service;
pub mod store;
pub mod telemetry;
pub mod webhooks;
