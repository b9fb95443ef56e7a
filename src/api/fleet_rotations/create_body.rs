//! What a request for a fleet rotation says.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::selector_body::{SelectorBody, at_unknown};
use crate::{
    api::{
        Api,
        extract::{given, given_whole},
        problem::{Fault, Problem},
        rotations::{GateText, ModeText, Terms, refused},
    },
    domain::{AskedMode, FleetSelector, MaxInFlight, Reason},
};

/// Whose passwords are to be replaced, and how.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateFleetRotation {
    selector: SelectorBody,
    /// Why. 1 to 500 characters on one line.
    #[schema(example = "INC-4712: backup with secrets was public")]
    reason: String,
    /// `overlap`: the old passwords go on working for their grace. `emergency`: for passwords that
    /// have leaked.
    #[serde(default)]
    mode: ModeText,
    /// How long an old password goes on working once the new one is `AWSCURRENT`, in seconds.
    /// Default: the setting `rotation.grace`. Not with `emergency`.
    #[serde(default, deserialize_with = "given_whole")]
    #[schema(nullable = false, minimum = 0, maximum = 604_800, example = 3600)]
    grace_seconds: Option<u32>,
    /// What has to be so beside the time before an old password is retired: `time`: nothing.
    /// `acks`: all of `expected_consumers` have acknowledged. `manual`: somebody has asked for it.
    /// Default: `acks` if consumers are named, otherwise what the settings of each cache say. Not with
    /// `emergency`.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    retire_when: Option<GateText>,
    /// Who has to acknowledge each new password; at most 32.
    #[serde(default)]
    #[schema(max_items = 32, example = json!(["checkout"]))]
    expected_consumers: Vec<String>,
    /// How many rotations may be on their way at once, over all caches. Those that are in their grace
    /// do not count.
    #[serde(default, deserialize_with = "given_whole")]
    #[schema(nullable = false, minimum = 1, maximum = 50, default = 5)]
    max_in_flight: Option<u32>,
    /// Only say how many users are selected.
    #[serde(default)]
    #[schema(default = false)]
    pub(super) dry_run: bool,
}

/// What is asked for, in the domain's words.
pub(super) struct Order {
    pub(super) selector: FleetSelector,
    pub(super) mode: AskedMode,
    pub(super) reason: Reason,
    pub(super) max_in_flight: MaxInFlight,
}

impl CreateFleetRotation {
    /// What is asked for, or what is wrong with it.
    pub(super) async fn read(&self, api: &Api) -> Result<Order, Problem> {
        let reason = Reason::parse(&self.reason)
            .map_err(|error| Fault::in_body("/reason", error.to_string()));
        let max = self.max_in_flight.map(MaxInFlight::try_from).transpose();
        let max = max.map_err(|error| Fault::in_body("/max_in_flight", error.to_string()));
        let (selector, reason, max_in_flight) = match (self.selector.read(api), reason, max) {
            (Ok(selector), Ok(reason), Ok(max)) => (selector, reason, max.unwrap_or_default()),
            (selector, reason, max) => {
                let others = [reason.err(), max.err()].into_iter().flatten();
                return Err(refused(selector.err().unwrap_or_default().into_iter().chain(others)));
            }
        };
        let terms = Terms {
            mode: self.mode,
            grace_seconds: self.grace_seconds,
            retire_when: self.retire_when,
            expected_consumers: &self.expected_consumers,
            reason: Some(&reason),
        };
        let mode = terms.read(api.settings.rotation_grace)?;
        if let Some(names) = &selector.tenants {
            let unknown = api.store.unknown_among(names).await?;
            if !unknown.is_empty() {
                return Err(refused(at_unknown(names, &unknown)));
            }
        }
        Ok(Order { selector, mode, reason, max_in_flight })
    }
}
