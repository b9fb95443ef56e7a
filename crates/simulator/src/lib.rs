//! A look-alike of ElastiCache and Secrets Manager in front of a real Valkey or Redis.
//!
//! The simulator speaks the services' own wire protocols, so that the unmodified AWS SDKs work
//! against it, and it enforces what ElastiCache would enforce in engines that are real servers.
//! It is not a mock: nothing is recorded and played back. It keeps users, groups, caches and
//! secrets, and it is honest about what hurts: changes that take time, locks that cross, calls
//! that are refused whole, answers that get lost.
//!
//! # How it works
//!
//! * There is one world under one lock (`simulation`), saved to one file after each change.
//! * A request changes the world and is answered at once. What AWS would do in the background is
//!   due at some moment of the simulator's clock, and is done before the next request is looked
//!   at or when its time has come, whichever is first.
//! * What is due is applied to a copy of the world; then the engines are brought there; then the
//!   copy becomes the world. So nobody is told `active` before the engine agrees, and the engine
//!   shows nothing before somebody could be told.
//! * A cache has as many engines as it has nodes. Who is primary is part of the world, and the
//!   engines are brought there with everything else.
//! * Time, randomness and every latency are knobs ([`Settings`]); so is what goes wrong
//!   ([`Fault`]). Where AWS's behaviour is not known, the harsher one is the default
//!   ([`Behaviour`]).
//!
//! # What it does not do
//!
//! The signatures of calls are not checked. The engines speak plain text, whatever a replication
//! group says about encryption in transit. IAM users can log in only if the configuration says so
//! ([`SimulatorConfig::iam_gateway`]), and not in cluster mode. ElastiCache's removal of commands (`CONFIG`, `ACL SETUSER`, …) is not imitated: what a tenant must not run, its
//! access string must not allow. Accounts and Regions are kept apart as the signature of a call names
//! them; of STS there is `AssumeRole`, by which a caller gets into another account.

mod calls;
mod chain;
mod clock;
mod config;
mod control;
mod elasticache;
mod engine;
mod faults;
mod gateway;
mod hex;
mod knobs;
mod place;
mod redact;
mod secretsmanager;
mod server;
mod simulation;
mod simulator;
mod state;
mod sts;
mod throttle;

pub use calls::{CallRecord, Outcome, Service};
pub use config::{SeedCache, SeedGroup, SeedUser, SimulatorConfig};
pub use control::Control;
pub use elasticache::Node;
pub use engine::{EngineBinary, EngineNotFound, UnfitBinary};
pub use faults::{Answer, Fault, When};
pub use gateway::AccessKey;
pub use knobs::{Behaviour, Latencies, PubsubDefault, Quotas, Role, Settings, Span};
pub use secretsmanager::SecretsQuotas;
pub use simulation::NodeError;
pub use simulator::{Simulator, StartError};
pub use state::StateError;
