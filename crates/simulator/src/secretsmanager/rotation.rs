//! Rotation by a Lambda function, as far as it goes without Lambda.
//!
//! Secrets Manager keeps which function is to rotate a secret and when, and a rotation begins with
//! an empty version that is `AWSPENDING`. The function does the rest by the calls that everybody
//! else has too, and ends by making that version `AWSCURRENT`. No function runs here: what has begun
//! stays as a [function that fails][failed] leaves it, until somebody plays the function. For the
//! same reason nothing begins when the next rotation is due.
//!
//! [failed]: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::error::SecretsError;
use super::fields::Fields;
use super::metadata::epoch_seconds;

/// The members that only secrets of Secrets Manager's partners have.
pub(super) const OF_PARTNERS: [&str; 2] =
    ["ExternalSecretRotationMetadata", "ExternalSecretRotationRoleArn"];

/// How a secret is, or was, rotated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Rotation {
    pub(super) lambda_arn: String,
    pub(super) rules: Option<RotationRules>,
    /// Not any more, once it was cancelled. The rest is still shown then.
    pub(super) is_enabled: bool,
    /// When a rotation last came to its end.
    pub(super) rotated_at: Option<Timestamp>,
    /// What the next rotation is counted from: also a new value that nobody rotated counts.
    pub(super) counted_from: Timestamp,
}

/// When a secret is to be rotated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct RotationRules {
    schedule: Schedule,
    /// The length of the window, in which AWS picks the moment.
    duration: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Schedule {
    /// `AutomaticallyAfterDays`
    AfterDays(u16),
    /// `ScheduleExpression`, such as `rate(10 days)`.
    Rate { expression: String, every: Every },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Every {
    Days(u16),
    Hours(u16),
}

impl Rotation {
    /// The members of `DescribeSecret` and `ListSecrets`.
    pub(super) fn members(&self) -> Map<String, Value> {
        let mut members = Map::new();
        members.insert("RotationEnabled".to_owned(), json!(self.is_enabled));
        members.insert("RotationLambdaARN".to_owned(), json!(self.lambda_arn));
        if let Some(rules) = &self.rules {
            members.insert("RotationRules".to_owned(), rules.to_json());
        }
        if self.is_enabled {
            let last = self.rotated_at.map(|time| ("LastRotatedDate", epoch_seconds(time)));
            let next = self.next().map(|time| ("NextRotationDate", epoch_seconds(time)));
            let dates = last.into_iter().chain(next);
            members.extend(dates.map(|(member, date)| (member.to_owned(), date)));
        }
        members
    }

    /// The last moment at which the next rotation is to happen.
    fn next(&self) -> Option<Timestamp> {
        match self.rules.as_ref()?.every() {
            Every::Hours(hours) => {
                self.counted_from.checked_add(SignedDuration::from_hours(hours.into())).ok()
            }
            Every::Days(days) => {
                let day = TimeZone::UTC.to_datetime(self.counted_from).date();
                let day = day.checked_add(i32::from(days).days()).ok()?;
                let last_second = Time::constant(23, 59, 59, 0);
                TimeZone::UTC.to_timestamp(day.to_datetime(last_second)).ok()
            }
        }
    }
}

impl RotationRules {
    /// The `RotationRules` member of a request. `None` if it has none.
    pub(super) fn from_fields(fields: &Fields<'_>) -> Result<Option<Self>, SecretsError> {
        let Some(rules) = fields.structure("RotationRules")? else { return Ok(None) };
        let days = rules.count("AutomaticallyAfterDays", 1..=1000)?;
        let expression = rules.text("ScheduleExpression", 1..=256)?;
        let duration = rules.text("Duration", 2..=3)?;
        let is_span = |text: &str| text.strip_suffix('h').is_some_and(|n| n.parse::<u8>().is_ok());
        if duration.is_some_and(|duration| !is_span(duration)) {
            let path = rules.path_of("Duration");
            let rule = "satisfy regular expression pattern: [0-9]+h";
            return Err(SecretsError::constraint(duration.as_ref().map(|d| d as _), &path, rule));
        }
        let schedule = match (days, expression) {
            (Some(days), None) => Schedule::AfterDays(u16::try_from(days).unwrap_or(u16::MAX)),
            (None, Some(expression)) => {
                Schedule::Rate { expression: expression.to_owned(), every: read_rate(expression)? }
            }
            _ => {
                return Err(SecretsError::invalid_parameter(
                    "You must specify either AutomaticallyAfterDays or ScheduleExpression, and not both.",
                ));
            }
        };
        Ok(Some(Self { schedule, duration: duration.map(str::to_owned) }))
    }

    fn every(&self) -> Every {
        match self.schedule {
            Schedule::AfterDays(days) => Every::Days(days),
            Schedule::Rate { every, .. } => every,
        }
    }

    fn to_json(&self) -> Value {
        let mut rules = match &self.schedule {
            Schedule::AfterDays(days) => json!({ "AutomaticallyAfterDays": days }),
            Schedule::Rate { expression, .. } => json!({ "ScheduleExpression": expression }),
        };
        if let Some(duration) = &self.duration {
            rules["Duration"] = json!(duration);
        }
        rules
    }
}

/// The `RotationLambdaARN` member of a request. `None` if it has none.
pub(super) fn lambda_arn(fields: &Fields<'_>) -> Result<Option<String>, SecretsError> {
    match fields.text("RotationLambdaARN", 0..=2048)? {
        None | Some("") => Ok(None),
        Some(arn) if arn.starts_with("arn:") && arn.split(':').nth(2) == Some("lambda") => {
            Ok(Some(arn.to_owned()))
        }
        Some(_) => Err(SecretsError::invalid_parameter("Invalid RotationLambdaARN.")),
    }
}

/// Reads `rate(10 days)`. A `cron()` is refused: to be right about the next date it would have to
/// be read as AWS reads it.
fn read_rate(expression: &str) -> Result<Every, SecretsError> {
    let inner = expression.strip_prefix("rate(").and_then(|rest| rest.strip_suffix(')'));
    let Some((number, unit)) = inner.and_then(|inner| inner.trim().split_once(' ')) else {
        return Err(SecretsError::invalid_parameter(
            "The simulator supports only rate() as a ScheduleExpression.",
        ));
    };
    match (number.parse(), unit.trim()) {
        (Ok(days @ 1..=999), "day" | "days") => Ok(Every::Days(days)),
        // As often as every four hours.
        (Ok(hours @ 4..=999), "hours") => Ok(Every::Hours(hours)),
        _ => Err(SecretsError::invalid_parameter("Invalid ScheduleExpression.")),
    }
}
