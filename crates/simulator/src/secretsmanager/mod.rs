//! Secrets Manager: names, versions, staging labels and deletion windows.
//!
//! This is a pure state machine. It reads a request's JSON body and answers with a response's
//! JSON body; time and randomness come in with the [`Call`], so a test can hold both still.
//! What is due by the clock (the end of a recovery window, the pruning of old versions) happens
//! on the next call that looks.
//!
//! Sources, named where a rule is not plain from the first of them:
//!
//! * the [API reference](https://docs.aws.amazon.com/secretsmanager/latest/apireference/) and its model;
//! * the [quotas](https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html);
//! * answers of the live service, recorded as test data in
//!   [`localstack/localstack`](https://github.com/localstack/localstack/blob/master/tests/aws/services/secretsmanager/test_secretsmanager.snapshot.json)
//!   (called *the recordings* below): the source of most error texts.
//!
//! What it leaves out it refuses: replication and resource policies are answered as an operation or
//! a parameter that is not known, never with a success that did nothing. Rotation can be switched
//! on and begun; that no Lambda function runs, [`rotation`] says more about.

mod arn;
mod error;
mod fields;
mod filters;
mod labels;
mod metadata;
mod name;
mod operations;
mod page;
mod quotas;
mod random;
mod rotation;
mod secret;
mod tags;
mod value;
mod vault;
mod version_id;
mod versions;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) use self::error::SecretsError;
pub use self::quotas::SecretsQuotas;
use self::vault::Vault;

/// Every secret of every account and region.
///
/// Serialised whole, values included: the simulator's state file is what KMS and AWS's disks
/// are to the real service. `Debug` and [`Secrets::dump`] never show a value.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Secrets {
    /// By account, then by region.
    vaults: BTreeMap<String, BTreeMap<String, Vault>>,
}

/// One request, and what the state machine may not find out for itself.
pub(crate) struct Call<'a> {
    /// The part of `X-Amz-Target` after the dot.
    pub(crate) operation: &'a str,
    /// The request's body.
    pub(crate) body: &'a Value,
    /// The region of the request's credential scope.
    pub(crate) region: &'a str,
    /// The account that the request's credentials belong to.
    pub(crate) account: &'a str,
    /// The instant at which the request is answered.
    pub(crate) now: Timestamp,
    /// Fills a buffer with random bytes.
    pub(crate) entropy: &'a mut dyn FnMut(&mut [u8]),
    /// The limits in force.
    pub(crate) quotas: &'a SecretsQuotas,
}

impl Secrets {
    /// Answers one request. A refused request changes nothing.
    pub(crate) fn handle(&mut self, call: &mut Call<'_>) -> Result<Value, SecretsError> {
        let regions = self.vaults.entry(call.account.to_owned()).or_default();
        let vault = regions.entry(call.region.to_owned()).or_default();
        vault.purge(call.now);
        operations::run(vault, call)
    }

    /// The whole state for a test or a person to look at, each value replaced by its SHA-256.
    pub(crate) fn dump(&self) -> Value {
        self.vaults
            .values()
            .flat_map(BTreeMap::values)
            .flat_map(Vault::iter)
            .map(metadata::dump)
            .collect()
    }
}
