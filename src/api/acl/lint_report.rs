//! What the lint says of an access string.

use ringfence_acl::{
    AccessString, Finding, LintContext, ParseError, Rule, RuleKind, Severity, lint,
};
use serde::Serialize;
use utoipa::ToSchema;

/// What was found in an access string.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LintReport {
    /// The engine that the string was looked at for: `valkey` or `redis`.
    #[schema(example = "valkey")]
    engine: String,
    /// The engine's version.
    #[schema(example = "9.1.0")]
    engine_version: String,
    /// The string as ElastiCache keeps it; absent if it cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "on ~acme:* resetchannels -@all +get")]
    canonical: Option<String>,
    /// What was found, the worst first; empty if there is nothing to say.
    pub(crate) findings: Vec<FindingView>,
}

/// One thing found in an access string.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LintFinding)]
pub(crate) struct FindingView {
    /// A name that never changes its meaning. `not-readable` is that of a string that cannot be
    /// read, which has no other findings.
    #[schema(example = "reveals-key-names")]
    pub(crate) code: &'static str,
    pub(crate) severity: SeverityView,
    /// The byte of the access string at which the rule begins; absent if it is the lack of a rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 11)]
    pub(crate) position: Option<usize>,
    /// The rule at that place; what looks like a password in it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "+@read")]
    pub(crate) rule: Option<String>,
    /// The commands that it is about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false, example = json!(["scan", "randomkey"]))]
    commands: Vec<String>,
    /// What is the matter, and what to do about a string that cannot be read.
    pub(crate) explanation: String,
    /// The whole string without this finding, where that can be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) suggestion: Option<String>,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Severity)]
pub(crate) enum SeverityView {
    /// Others are not safe, or the string will be refused.
    Error,
    /// Likely a mistake, or a nuisance.
    Warning,
    /// Worth knowing.
    Note,
}

impl LintReport {
    /// Looks a string over.
    pub(crate) fn of(access_string: &str, context: &LintContext<'_>) -> Self {
        let (canonical, findings) = match AccessString::parse(access_string) {
            Ok(string) => {
                let findings = lint(&string, context).into_iter();
                let findings = findings.map(|finding| FindingView::of(finding, &string)).collect();
                (Some(string.canonical().to_string()), findings)
            }
            Err(error) => (None, vec![FindingView::not_readable(error)]),
        };
        Self {
            engine: context.engine.kind.to_string(),
            engine_version: context.engine.version.to_string(),
            canonical,
            findings,
        }
    }

    /// Whether there is a finding that must not be left as it is.
    pub(crate) fn has_errors(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == SeverityView::Error)
    }

    /// A report for the API document.
    pub(super) fn example() -> Self {
        let context = crate::domain::lint_context(&crate::domain::Ground::plain(
            super::choose_engine(None, None, None),
        ));
        let string = "on ~acme:* resetchannels -@all +get +set +scan +ping";
        let mut report = Self::of(string, &context);
        report.findings.retain(|finding| finding.severity == SeverityView::Error);
        report
    }
}

impl FindingView {
    fn of(finding: Finding, string: &AccessString) -> Self {
        let rule = finding.position.and_then(|position| rule_at(string.rules(), position));
        Self {
            code: finding.code,
            severity: finding.severity.into(),
            position: finding.position,
            rule: rule.map(Rule::to_string),
            commands: finding.commands,
            explanation: finding.explanation,
            suggestion: finding.suggestion,
        }
    }

    fn not_readable(error: ParseError) -> Self {
        Self {
            code: "not-readable",
            severity: SeverityView::Error,
            position: Some(error.position),
            explanation: format!("{}; {}", error.reason, error.remedy()),
            rule: Some(error.rule),
            commands: Vec::new(),
            suggestion: None,
        }
    }
}

impl From<Severity> for SeverityView {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Error => Self::Error,
            Severity::Warning => Self::Warning,
            Severity::Note => Self::Note,
        }
    }
}

/// The rule that begins at this byte; one inside a selector too.
fn rule_at(rules: &[Rule], position: usize) -> Option<&Rule> {
    rules.iter().find_map(|rule| match rule.kind() {
        _ if rule.position() == position => Some(rule),
        RuleKind::Selector(inner) => rule_at(inner, position),
        _ => None,
    })
}
