//! Access strings of Redis and Valkey: parse, print, compare, explain, lint.
//!
//! An access string is what ElastiCache calls the ACL rules of a user: `on ~acme:* +@read +set`.
//! This crate reads one as ElastiCache and the engines do ([`AccessString`]), knows which commands
//! and categories each engine version has ([`Engine`], from tables that the servers themselves
//! wrote), and decides questions about key and channel patterns exactly ([`Glob`]). [`explain()`] says
//! which rule allows or denies a call, and [`lint()`] what a string lets through that its author
//! will not expect.
//!
//! ```
//! use ringfence_acl::{AccessString, Engine, EngineKind, EngineVersion, explain};
//!
//! let engine = Engine { kind: EngineKind::Valkey, version: EngineVersion::new(9, 1) };
//! let string = AccessString::parse("on ~acme:* -@all +@read +set")?;
//! assert_eq!(string.check(&engine), Ok(()));
//! let call: [&[u8]; 2] = [b"GET", b"globex:invoice"];
//! assert!(!explain(&string, &engine, &call)?.is_allowed());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Everything here is a pure function of its arguments: no clock, no I/O, no `async`.

mod access_string;
mod canonical;
mod check;
mod engine;
mod error;
mod explain;
mod glob;
mod lint;
mod parse;
mod pattern;
mod rule;
mod table;

pub use access_string::AccessString;
pub use engine::{Engine, EngineKind, EngineVersion, UnknownEngineKind, UnreadableVersion};
pub use error::{ParseError, Reason};
pub use explain::{CallError, Cause, Decision, Denial, Grant, KeyUse, explain};
pub use glob::Glob;
pub use lint::{
    ChannelDefault, DefaultUser, Deployment, Finding, LINT_CODES, LintContext, Severity, lint,
};
pub use pattern::{ChannelPattern, KeyAccess, KeyPattern};
pub use rule::{CommandRule, Effect, Rule, RuleKind, Target};
pub use table::{Command, KeySpec, SpecBegin, SpecFind};
