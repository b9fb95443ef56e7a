//! What responses say about a secret, short of its values.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use super::rotation::Rotation;
use super::secret::Secret;
use super::value::SecretValue;
use super::versions::Version;

/// A point in time as the protocol writes it: seconds since 1970 as a number, here to the
/// millisecond.
pub(super) fn epoch_seconds(time: Timestamp) -> Value {
    let milliseconds = time.as_millisecond();
    let text = format!("{}.{:03}", milliseconds.div_euclid(1000), milliseconds.rem_euclid(1000));
    // Parsing decimal text rounds once; dividing floats would print the likes of 0.7130001.
    text.parse::<f64>().map_or(Value::Null, Value::from)
}

/// A day as the protocol writes it: its midnight in UTC.
pub(super) fn epoch_day(day: Date) -> Value {
    let midnight = TimeZone::UTC.to_timestamp(day.into());
    midnight.map_or(Value::Null, epoch_seconds)
}

/// The members that `DescribeSecret` and `ListSecrets` share. What has no value is left out.
pub(super) fn members(secret: &Secret) -> Map<String, Value> {
    let mut members = Map::new();
    let mut put = |member: &str, value: Option<Value>| {
        if let Some(value) = value {
            members.insert(member.to_owned(), value);
        }
    };
    put("ARN", Some(json!(secret.arn)));
    put("Name", Some(json!(secret.name)));
    put("Description", secret.description.as_ref().map(|text| json!(text)));
    put("KmsKeyId", secret.kms_key_id.as_ref().map(|id| json!(id)));
    put("LastChangedDate", Some(epoch_seconds(secret.changed_at)));
    put("LastAccessedDate", secret.accessed_on.map(epoch_day));
    put("DeletedDate", secret.deletion.map(|deletion| epoch_seconds(deletion.date())));
    put("Tags", (!secret.tags.is_empty()).then(|| secret.tags.to_json()));
    put("CreatedDate", Some(epoch_seconds(secret.created_at)));
    members.extend(secret.rotation.iter().flat_map(Rotation::members));
    members
}

/// Version identifiers and their labels; versions without a label are left out. `None` if none
/// is left.
pub(super) fn versions_to_stages(secret: &Secret) -> Option<Value> {
    let mut stages = Map::new();
    for version in secret.versions.iter() {
        let labels = secret.versions.labels_of(&version.id);
        if !labels.is_empty() {
            stages.insert(version.id.as_str().to_owned(), json!(labels));
        }
    }
    (!stages.is_empty()).then_some(Value::Object(stages))
}

/// Everything about a secret, with the digest of each value in the value's place.
pub(super) fn dump(secret: &Secret) -> Value {
    let version = |version: &Version| {
        json!({
            "VersionId": version.id,
            "VersionStages": secret.versions.labels_of(&version.id),
            "CreatedDate": epoch_seconds(version.created_at),
            "ValueSha256": version.value.as_ref().map(SecretValue::sha256),
        })
    };
    let mut members = members(secret);
    members.insert("Versions".to_owned(), secret.versions.iter().map(version).collect());
    Value::Object(members)
}
