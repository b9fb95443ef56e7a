//! What a value must look like. Each rule says what to write instead.

use std::{
    fmt::Display, net::SocketAddr, num::NonZeroU8, path::PathBuf, str::FromStr, time::Duration,
};

use serde::{Deserialize, Deserializer, de::Error};
use tracing_subscriber::EnvFilter;

use crate::domain::{CacheName, InstallationId, ProfileName, RotationMode, TenantName};

/// Anything that reads itself from text and says what is wrong with it.
pub(super) fn from_text<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Display>,
{
    String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
}

/// The same for what may be left out.
pub(super) fn from_text_if_given<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Display>,
{
    from_text(deserializer).map(Some)
}

pub(super) fn address<'de, D: Deserializer<'de>>(d: D) -> Result<SocketAddr, D::Error> {
    parse_address(&String::deserialize(d)?).map_err(D::Error::custom)
}

fn parse_address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| format!("{text:?} is no address with a port, such as 127.0.0.1:8080"))
}

/// Reads an address that only this machine can reach.
pub fn parse_loopback_address(text: &str) -> Result<SocketAddr, String> {
    let address = parse_address(text)?;
    if !address.ip().is_loopback() {
        return Err(format!(
            "{address} can be reached from outside: use a loopback address such as 127.0.0.1:{}",
            address.port()
        ));
    }
    Ok(address)
}

pub(super) fn database_file<'de, D: Deserializer<'de>>(d: D) -> Result<PathBuf, D::Error> {
    let text = String::deserialize(d)?;
    if text.is_empty() || text.contains("://") {
        return Err(D::Error::custom(format!(
            "{text:?} is no path of a file: give one, such as /var/lib/ringfence/ringfence.db"
        )));
    }
    Ok(PathBuf::from(text))
}

pub(super) fn pem_file<'de, D: Deserializer<'de>>(d: D) -> Result<Option<PathBuf>, D::Error> {
    let text = String::deserialize(d)?;
    if text.is_empty() || text.contains("://") {
        return Err(D::Error::custom(format!(
            "{text:?} is no path of a file: give one, such as /etc/ringfence/tls.pem"
        )));
    }
    Ok(Some(PathBuf::from(text)))
}

/// Reads a duration, such as `90d`, from the command line.
pub fn parse_duration(text: &str) -> Result<jiff::SignedDuration, String> {
    let fault = || format!("{text:?} is no duration, such as 90d, 24h or 30m");
    let span: jiff::Span = text.parse().map_err(|_| fault())?;
    let duration = span.to_duration(jiff::SpanRelativeTo::days_are_24_hours());
    duration.ok().filter(|duration| !duration.is_negative()).ok_or_else(fault)
}

pub(super) fn duration_or_zero<'de, D: Deserializer<'de>>(d: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(d)?;
    let fault = || D::Error::custom(format!("{text:?} is no duration, such as 500ms, 30s or 5m"));
    let duration: jiff::SignedDuration = text.parse().map_err(|_| fault())?;
    Duration::try_from(duration).map_err(|_| fault())
}

pub(super) fn duration<'de, D: Deserializer<'de>>(d: D) -> Result<Duration, D::Error> {
    let duration = duration_or_zero(d)?;
    if duration.is_zero() {
        return Err(D::Error::custom("is zero: give a duration, such as 500ms, 30s or 5m"));
    }
    Ok(duration)
}

pub(super) fn age<'de, D: Deserializer<'de>>(d: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(d)?;
    let fault = || D::Error::custom(format!("{text:?} is no age, such as 400d or 36h"));
    let age = if let Some(Ok(days)) = text.strip_suffix('d').map(str::parse::<u32>) {
        Duration::from_hours(u64::from(days) * 24)
    } else {
        let duration: jiff::SignedDuration = text.parse().map_err(|_| fault())?;
        Duration::try_from(duration).map_err(|_| fault())?
    };
    if age.is_zero() { Err(fault()) } else { Ok(age) }
}

pub(super) fn grace<'de, D: Deserializer<'de>>(d: D) -> Result<Duration, D::Error> {
    let grace = duration_or_zero(d)?;
    if grace > RotationMode::GRACE_MAX {
        return Err(D::Error::custom("is more than seven days: give less, such as 2h or 24h"));
    }
    Ok(grace)
}

pub(super) fn recovery_days<'de, D: Deserializer<'de>>(d: D) -> Result<u8, D::Error> {
    match u8::deserialize(d)? {
        days @ 7..=30 => Ok(days),
        days => Err(D::Error::custom(format!(
            "{days} days are outside the 7 to 30 that Secrets Manager accepts"
        ))),
    }
}

pub(super) fn percent<'de, D: Deserializer<'de>>(d: D) -> Result<NonZeroU8, D::Error> {
    match NonZeroU8::deserialize(d)? {
        percent if percent.get() <= 100 => Ok(percent),
        percent => Err(D::Error::custom(format!("{percent} is more than 100 percent"))),
    }
}

pub(super) fn log_filter<'de, D: Deserializer<'de>>(d: D) -> Result<String, D::Error> {
    let text = String::deserialize(d)?;
    match EnvFilter::builder().parse(&text) {
        Ok(_) => Ok(text),
        Err(fault) => Err(D::Error::custom(format!(
            "{text:?} is no log filter ({fault}): use error, warn, info, debug or trace, or \
             directives such as info,ringfence::reconcile=debug"
        ))),
    }
}

pub(super) fn tenant_name_if_given<'de, D: Deserializer<'de>>(
    d: D,
) -> Result<Option<TenantName>, D::Error> {
    TenantName::parse(&String::deserialize(d)?).map(Some).map_err(D::Error::custom)
}

pub(super) fn cache_name<'de, D: Deserializer<'de>>(d: D) -> Result<CacheName, D::Error> {
    let text = String::deserialize(d)?;
    CacheName::parse(&text).map_err(|fault| D::Error::custom(format!("{text:?} {fault}")))
}

pub(super) fn profile_name<'de, D: Deserializer<'de>>(d: D) -> Result<ProfileName, D::Error> {
    let text = String::deserialize(d)?;
    ProfileName::parse(&text).map_err(|fault| D::Error::custom(format!("{text:?} {fault}")))
}

pub(super) fn description<'de, D: Deserializer<'de>>(d: D) -> Result<String, D::Error> {
    const RULE: TextRule = TextRule {
        first: |c| !c.is_control() && !c.is_whitespace(),
        rest: |c| !c.is_control(),
        length_max: 200,
        wanted: "a line of text",
    };
    RULE.read(d)
}

pub(super) fn installation<'de, D>(deserializer: D) -> Result<Option<InstallationId>, D::Error>
where
    D: Deserializer<'de>,
{
    const RULE: TextRule = TextRule {
        first: |c| c.is_ascii_lowercase() || c.is_ascii_digit(),
        rest: |c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-',
        length_max: 64,
        wanted: "lower-case letters, digits and hyphens, not a hyphen first",
    };
    RULE.read(deserializer).map(InstallationId::new).map(Some)
}

pub(super) fn user_id_prefix<'de, D: Deserializer<'de>>(d: D) -> Result<String, D::Error> {
    const RULE: TextRule = TextRule {
        first: |c| c.is_ascii_lowercase(),
        rest: |c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-',
        length_max: 20,
        wanted: "a lower-case letter, then lower-case letters, digits and hyphens",
    };
    RULE.read(d)
}

/// The characters of a secret's name:
/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html>.
pub(super) fn secret_prefix<'de, D: Deserializer<'de>>(d: D) -> Result<String, D::Error> {
    const RULE: TextRule = TextRule {
        first: |c| c.is_ascii_alphanumeric() || "/_+=.@-".contains(c),
        rest: |c| c.is_ascii_alphanumeric() || "/_+=.@-".contains(c),
        length_max: 256,
        wanted: "letters, digits and /_+=.@-",
    };
    RULE.read(d)
}

/// The pattern is AWS's, the length ours: AWS publishes none
/// (<https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateUserGroup.html>).
pub(super) fn user_group<'de, D: Deserializer<'de>>(d: D) -> Result<String, D::Error> {
    const RULE: TextRule = TextRule { length_max: 100, ..AWS_IDENTIFIER };
    RULE.read(d).map(|id| id.to_ascii_lowercase())
}

/// A replication group's id or a serverless cache's name, in lower case, as AWS stores both:
/// <https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html>.
pub(super) fn cache_identifier<'de, D>(deserializer: D) -> Result<Option<String>, D::Error>
where
    D: Deserializer<'de>,
{
    AWS_IDENTIFIER.read(deserializer).map(|id| Some(id.to_ascii_lowercase()))
}

pub(super) fn region<'de, D: Deserializer<'de>>(d: D) -> Result<Option<String>, D::Error> {
    const RULE: TextRule = TextRule {
        first: |c| c.is_ascii_lowercase(),
        rest: |c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-',
        length_max: 40,
        wanted: "the name of an AWS region, such as eu-central-1",
    };
    RULE.read(d).map(Some)
}

/// The shape of a role's ARN:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns>.
pub(super) fn role_arn<'de, D: Deserializer<'de>>(d: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(d)?;
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let is_role = match parts[..] {
        ["arn", partition, "iam", "", account, role] => {
            partition.starts_with("aws")
                && account.len() == 12
                && account.chars().all(|c| c.is_ascii_digit())
                && role.strip_prefix("role/").is_some_and(|name| {
                    !name.is_empty() && name.chars().all(|c| c.is_ascii_graphic() && c != ':')
                })
        }
        _ => false,
    };
    if is_role {
        return Ok(Some(text));
    }
    Err(D::Error::custom(format!(
        "{text:?} is no ARN of a role, such as arn:aws:iam::111122223333:role/ringfence"
    )))
}

/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>, where it has at least
/// two characters.
pub(super) fn external_id<'de, D: Deserializer<'de>>(d: D) -> Result<Option<String>, D::Error> {
    const RULE: TextRule = TextRule {
        first: |c| c.is_ascii_alphanumeric() || "_+=,.@:/-".contains(c),
        rest: |c| c.is_ascii_alphanumeric() || "_+=,.@:/-".contains(c),
        length_max: 1224,
        wanted: "letters, digits and _+=,.@:/-",
    };
    RULE.read(d).map(Some)
}

pub(super) fn host<'de, D: Deserializer<'de>>(d: D) -> Result<Option<String>, D::Error> {
    const RULE: TextRule = TextRule {
        first: |c| c.is_ascii_alphanumeric() || c == ':',
        rest: |c| c.is_ascii_alphanumeric() || "-._:".contains(c),
        length_max: 253,
        wanted: "a host name or an address, without a port",
    };
    RULE.read(d).map(Some)
}

pub(super) fn endpoint<'de, D: Deserializer<'de>>(d: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(d)?;
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    match rest {
        Some(rest) if !rest.is_empty() && !rest.contains(['@', ' ']) => Ok(Some(text)),
        _ => Err(D::Error::custom(format!(
            "{text:?} is no URL of an endpoint, such as http://127.0.0.1:4566"
        ))),
    }
}

const SERVICE_NAME: TextRule = TextRule {
    first: |c| !c.is_control(),
    rest: |c| !c.is_control(),
    length_max: 255,
    wanted: "one line of text",
};

/// The name of a service in traces.
pub(super) fn service_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    SERVICE_NAME.read(deserializer)
}

/// A part of a whole, from none of it to all.
pub(super) fn share<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let share = f64::deserialize(deserializer)?;
    if (0.0..=1.0).contains(&share) {
        return Ok(share);
    }
    Err(D::Error::custom(format!("{share} is no share: give a number from 0 to 1")))
}

const AWS_IDENTIFIER: TextRule = TextRule {
    first: |c| c.is_ascii_alphabetic(),
    rest: |c| c.is_ascii_alphanumeric() || c == '-',
    length_max: 40,
    wanted: "a letter, then letters, digits and hyphens",
};

/// Which characters may stand in a text, and how many.
struct TextRule {
    first: fn(char) -> bool,
    rest: fn(char) -> bool,
    length_max: usize,
    wanted: &'static str,
}

impl TextRule {
    fn read<'de, D: Deserializer<'de>>(&self, deserializer: D) -> Result<String, D::Error> {
        let text = String::deserialize(deserializer)?;
        let fits = text.starts_with(self.first)
            && text.chars().all(self.rest)
            && text.chars().count() <= self.length_max;
        if fits {
            return Ok(text);
        }
        let Self { wanted, length_max, .. } = self;
        Err(D::Error::custom(format!(
            "{text:?} is refused: give {wanted}, 1 to {length_max} characters"
        )))
    }
}
