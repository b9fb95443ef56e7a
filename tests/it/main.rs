//! Ringfence through its front door: HTTP on one side, AWS's protocols and a real engine on the
//! other.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod acl;
mod api_document;
mod api_headers;
mod api_refusals;
mod api_router;
mod api_tenants;
mod attestations;
mod break_glass;
mod burst;
mod cli;
mod clients;
mod cluster;
mod config;
mod every_command;
mod failures;
mod idempotency;
mod isolation;
mod layers;
mod migrations;
mod profiles;
mod rollout;
mod rotations;
mod rough_weather;
mod schedule_pace;
mod schedules;
mod secrecy;
mod services;
mod shutdown;
mod store;
mod tenants;
mod tls;
mod users;
mod world;
