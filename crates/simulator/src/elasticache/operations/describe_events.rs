//! `DescribeEvents`

use jiff::{SignedDuration, Timestamp};

use crate::elasticache::events::Happened;
use crate::elasticache::page::Page;
use crate::elasticache::parameters::Parameters;
use crate::elasticache::refusal::Refusal;
use crate::elasticache::xml::Element;
use crate::elasticache::{Call, ElastiCache};

/// The source types that AWS knows. Only the last three have events here.
const SOURCE_TYPES: [&str; 9] = [
    "cache-cluster",
    "cache-parameter-group",
    "cache-security-group",
    "cache-subnet-group",
    "serverless-cache",
    "serverless-cache-snapshot",
    "replication-group",
    "user",
    "user-group",
];

pub(super) fn handle(state: &ElastiCache, call: &Call<'_>) -> Result<Vec<Element>, Refusal> {
    let parameters = call.parameters;
    let page = Page::requested(parameters)?;
    let source_type = parameters.get("SourceType");
    if let Some(unknown) = source_type.filter(|word| !SOURCE_TYPES.contains(word)) {
        return Err(Refusal::value(format!("Unknown source type {unknown}.")));
    }
    let source = parameters.get("SourceIdentifier").map(str::to_ascii_lowercase);
    if source.is_some() && source_type.is_none() {
        return Err(Refusal::combination(
            "SourceType must be provided when SourceIdentifier is provided.",
        ));
    }
    let (from, to) = span(parameters, call.now)?;
    let asked = |event: &&Happened| {
        (from..=to).contains(&event.at)
            && source_type.is_none_or(|word| event.source.word() == word)
            && source.as_ref().is_none_or(|id| event.id == *id)
    };
    // A marker is compared as text, so that the numbers have one length.
    let key = |event: &Happened| format!("{:020}", event.seq);
    let events: Vec<_> = state
        .events
        .iter()
        .filter(asked)
        .filter(|event| !page.has_passed(&key(event)))
        .map(|event| (key(event), event.element()))
        .collect();
    Ok(page.of("Events", events.into_iter()))
}

/// The last hour, if nothing else is asked for.
fn span(parameters: &Parameters, now: Timestamp) -> Result<(Timestamp, Timestamp), Refusal> {
    let time = |name: &str| {
        parameters
            .get(name)
            .map(|text| {
                text.parse::<Timestamp>()
                    .map_err(|_| Refusal::value(format!("The parameter {name} must be a time.")))
            })
            .transpose()
    };
    let minutes = parameters.integer("Duration")?;
    let (start, end) = (time("StartTime")?, time("EndTime")?);
    if minutes.is_some() && (start.is_some() || end.is_some()) {
        return Err(Refusal::combination("Duration cannot be used with StartTime or EndTime."));
    }
    let minutes = minutes.unwrap_or(60).clamp(0, 14 * 24 * 60);
    let to = end.unwrap_or(now);
    let from = start.unwrap_or_else(|| {
        to.saturating_sub(SignedDuration::from_mins(minutes)).unwrap_or(Timestamp::MIN)
    });
    Ok((from, to))
}
