//! The simulator, driven from outside: by the AWS SDK for Rust, by boto3, and by engine clients.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod accounts;
mod agreement;
mod bench;
mod boto3;
mod caches;
mod control;
mod enforcement;
mod faults;
mod groups;
mod iam;
mod listing;
mod locks;
mod membership;
mod nodes;
mod readme;
mod restart;
mod secretsmanager;
mod secretsmanager_boto3;
mod secretsmanager_client;
mod secretsmanager_refusals;
mod seeds;
mod tagging;
mod users;
