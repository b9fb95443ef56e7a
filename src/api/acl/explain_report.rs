//! Whether an access string allows a call, and why.

use ringfence_acl::{
    AccessString, CallError, Cause, Decision, Denial, Engine, Grant, ParseError, Rule, RuleKind,
    explain,
};
use serde::Serialize;
use utoipa::ToSchema;

/// Whether a call is allowed, and why.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExplainReport {
    /// The engine that was asked about: `valkey` or `redis`.
    #[schema(example = "valkey")]
    engine: String,
    /// The engine's version.
    #[schema(example = "9.1.0")]
    engine_version: String,
    /// The string as ElastiCache keeps it.
    #[schema(example = "on ~acme:* resetchannels -@all +@read")]
    canonical: String,
    /// Whether the engine makes the call; otherwise it answers `NOPERM`.
    pub(crate) allowed: bool,
    /// Why, in words.
    #[schema(example = "denied: no rule gives the key at argument 1 for reading")]
    pub(crate) explanation: String,
    /// What decided. If the call is allowed: what gives the command, then each key and channel. If
    /// not: what the rules of the user itself lack, then what each selector lacks.
    pub(crate) reasons: Vec<ReasonView>,
}

/// A part of a decision.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Reason)]
pub(crate) struct ReasonView {
    subject: SubjectView,
    /// The number of the argument that is meant; that of the command's name is 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 1)]
    argument: Option<usize>,
    /// The rule that gives or takes the right; absent if no rule says anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "+@read")]
    pub(crate) rule: Option<String>,
    /// The byte of the access string at which the rule begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 31)]
    pub(crate) position: Option<usize>,
    /// The selector whose rules were tried; absent for the rules of the user itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    selector: Option<String>,
}

/// What a reason is about.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ReasonSubject)]
enum SubjectView {
    /// The command itself.
    Command,
    /// A key of the call.
    Key,
    /// A channel of the call.
    Channel,
    /// The database that the call is made in or goes to.
    Database,
}

/// Why there is no decision.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotExplained {
    /// The string is none that the engine takes.
    #[error("the engine does not take this access string: {}", list(.0))]
    Rules(Vec<ParseError>),
    /// The call is none that the engine would look at.
    #[error(transparent)]
    Call(#[from] CallError),
}

impl ExplainReport {
    /// Asks whether a call is allowed.
    pub(crate) fn of(
        access_string: &str,
        engine: Engine,
        call: &[&[u8]],
    ) -> Result<Self, NotExplained> {
        let read = |text: &str| {
            AccessString::parse(text).map_err(|error| NotExplained::Rules(vec![error]))
        };
        let string = read(access_string)?;
        string.check(&engine).map_err(NotExplained::Rules)?;
        let default = if says_of_channels(&string) { "" } else { CHANNEL_DEFAULT };
        let with_default = read(&format!("{default}{access_string}"))?;
        let decision = explain(&with_default, &engine, call)?;
        let mut reasons = match &decision {
            Decision::Allowed { by } => granted(by),
            Decision::Denied { by } => by.iter().map(denied).collect(),
        };
        for reason in &mut reasons {
            reason.leave_out(default);
        }
        Ok(Self {
            engine: engine.kind.to_string(),
            engine_version: engine.version.to_string(),
            canonical: string.canonical().to_string(),
            allowed: decision.is_allowed(),
            explanation: explanation(&decision, &reasons),
            reasons,
        })
    }

    /// A report for the API document.
    pub(super) fn example() -> Self {
        let engine = super::choose_engine(None, None, None);
        let string = "on ~acme:* resetchannels -@all +@read";
        Self::of(string, engine, &[b"GET", b"globex:plan"])
            .expect("the string and the call are ones that the engine takes")
    }
}

/// What `acl-pubsub-default` puts in front of a string without a rule about channels, on
/// ElastiCache unless it was changed.
const CHANNEL_DEFAULT: &str = "allchannels ";

fn says_of_channels(string: &AccessString) -> bool {
    let about = |kind: &RuleKind| matches!(kind, RuleKind::Channels(_) | RuleKind::ResetChannels);
    string.rules().iter().any(|rule| about(rule.kind()))
}

fn explanation(decision: &Decision<'_>, reasons: &[ReasonView]) -> String {
    let by_default = |reason: &ReasonView| {
        matches!(reason.subject, SubjectView::Channel) && reason.position.is_none()
    };
    if decision.is_allowed() && reasons.iter().any(by_default) {
        return format!(
            "{decision}; there is no rule about channels, and the parameter `acl-pubsub-default` \
             is `allchannels` unless it was changed"
        );
    }
    decision.to_string()
}

/// What gives the right to a call.
fn granted(by: &Grant<'_>) -> Vec<ReasonView> {
    let Grant::Rules { selector, command, keys, channels } = by else {
        return vec![ReasonView::new(SubjectView::Command, None)];
    };
    let command = ReasonView::new(SubjectView::Command, Some(*command));
    let keys = keys
        .iter()
        .map(|(key, rule)| ReasonView::new(SubjectView::Key, Some(*rule)).about(key.position));
    let channels = channels.iter().map(|(argument, rule)| {
        ReasonView::new(SubjectView::Channel, Some(*rule)).about(*argument)
    });
    std::iter::once(command)
        .chain(keys)
        .chain(channels)
        .map(|reason| reason.within(*selector))
        .collect()
}

/// What one set of rules lacks.
fn denied(denial: &Denial<'_>) -> ReasonView {
    let reason = match &denial.cause {
        Cause::Command { rule } => ReasonView::new(SubjectView::Command, *rule),
        Cause::Database { rule, .. } => ReasonView::new(SubjectView::Database, Some(*rule)),
        Cause::Key { key } => ReasonView::new(SubjectView::Key, None).about(key.position),
        Cause::Channel { position, .. } => {
            ReasonView::new(SubjectView::Channel, None).about(*position)
        }
    };
    reason.within(denial.selector)
}

impl ReasonView {
    fn new(subject: SubjectView, rule: Option<&Rule>) -> Self {
        Self {
            subject,
            argument: None,
            rule: rule.map(Rule::to_string),
            position: rule.map(Rule::position),
            selector: None,
        }
    }

    fn about(self, argument: usize) -> Self {
        Self { argument: Some(argument), ..self }
    }

    fn within(self, selector: Option<&Rule>) -> Self {
        Self { selector: selector.map(Rule::to_string), ..self }
    }

    /// Counts as if what was put in front of the string were not there.
    fn leave_out(&mut self, in_front: &str) {
        self.position = self.position.and_then(|position| position.checked_sub(in_front.len()));
        if self.position.is_none() {
            self.rule = None;
        }
    }
}

fn list(errors: &[ParseError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
