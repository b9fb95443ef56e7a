#![doc = include_str!("../ARCHITECTURE.md")]

pub mod api;
pub mod attestation;
pub mod cli;
pub mod clock;
pub mod cloud;
pub mod config;
pub mod domain;
pub mod import;
pub mod logging;
pub mod reconcile;
pub mod service;
pub mod store;
