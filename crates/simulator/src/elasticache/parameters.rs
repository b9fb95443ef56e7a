//! The parameters of a call, as the Query protocol sends them.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::refusal::Refusal;
use crate::redact::REDACTED;

/// The parameters of a Query request: a flat form in which lists are spelled by index, as in
/// `UserIds.member.1` or `Tags.Tag.2.Key`.
#[derive(Debug, Default)]
pub(crate) struct Parameters {
    fields: BTreeMap<String, String>,
}

impl Parameters {
    pub(crate) fn parse(body: &[u8]) -> Self {
        Self { fields: form_urlencoded::parse(body).into_owned().collect() }
    }

    /// The parameters of a call the simulator makes to itself.
    pub(crate) fn of<const N: usize>(fields: [(&str, &str); N]) -> Self {
        let fields = fields.map(|(key, value)| (key.to_owned(), value.to_owned()));
        Self { fields: fields.into() }
    }

    /// With one more.
    pub(crate) fn and(mut self, name: impl Into<String>, value: &str) -> Self {
        self.fields.insert(name.into(), value.to_owned());
        self
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str)
    }

    pub(crate) fn required(&self, name: &str) -> Result<&str, Refusal> {
        self.get(name).ok_or_else(|| Refusal::missing(name))
    }

    pub(crate) fn boolean(&self, name: &str) -> Result<Option<bool>, Refusal> {
        self.get(name)
            .map(|text| match text.to_ascii_lowercase().as_str() {
                "true" => Ok(true),
                "false" => Ok(false),
                _ => Err(Refusal::value(format!("The parameter {name} must be true or false."))),
            })
            .transpose()
    }

    pub(crate) fn integer(&self, name: &str) -> Result<Option<i64>, Refusal> {
        self.get(name)
            .map(|text| {
                text.parse()
                    .map_err(|_| Refusal::value(format!("The parameter {name} must be a number.")))
            })
            .transpose()
    }

    /// The values of `prefix.1`, `prefix.2` and so on.
    pub(crate) fn list(&self, prefix: &str) -> Vec<&str> {
        (1..).map_while(|index| self.get(&format!("{prefix}.{index}"))).collect()
    }

    /// The values of `list.N.field`, with `None` where an item lacks the field.
    pub(crate) fn records<const N: usize>(
        &self,
        list: &str,
        fields: [&str; N],
    ) -> Vec<[Option<&str>; N]> {
        (1..)
            .map_while(|index| {
                let record = fields.map(|field| self.get(&format!("{list}.{index}.{field}")));
                record.iter().any(Option::is_some).then_some(record)
            })
            .collect()
    }

    /// The same for the log of calls: without passwords.
    pub(crate) fn redacted(&self) -> Value {
        let shown = |(name, value): (&String, &String)| {
            let shown = match name.as_str() {
                "AccessString" | "AppendAccessString" => without_passwords(value),
                "NoPasswordRequired" => value.clone(),
                secret if secret.contains("Password") || secret == "AuthToken" => {
                    REDACTED.to_owned()
                }
                _ => value.clone(),
            };
            (name.clone(), Value::from(shown))
        };
        Value::Object(self.fields.iter().map(shown).collect::<Map<_, _>>())
    }
}

/// ElastiCache refuses passwords in an access string, but somebody may have sent one.
fn without_passwords(access_string: &str) -> String {
    let is_password = |rule: &str| rule.contains(['>', '<', '#', '!']);
    let shown = |rule| if is_password(rule) { REDACTED } else { rule };
    access_string.split_whitespace().map(shown).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_spelled_by_index() {
        let parameters = Parameters::parse(
            b"Ids.member.1=a&Ids.member.2=b%26c&Tags.Tag.1.Key=k&Tags.Tag.2.Key=l&Tags.Tag.2.Value=v",
        );
        assert_eq!(parameters.list("Ids.member"), ["a", "b&c"]);
        assert_eq!(
            parameters.records("Tags.Tag", ["Key", "Value"]),
            [[Some("k"), None], [Some("l"), Some("v")]]
        );
        assert!(parameters.list("Others.member").is_empty());
    }

    #[test]
    fn nothing_that_may_be_a_password_is_shown() {
        let parameters = Parameters::of([
            ("Passwords.member.1", "secret-1"),
            ("AuthenticationMode.Passwords.member.1", "secret-2"),
            ("AccessString", "on >secret-3 ~a:*"),
            ("AuthToken", "secret-4"),
            ("NoPasswordRequired", "false"),
        ]);
        let shown = parameters.redacted();
        assert!(!shown.to_string().contains("secret"), "{shown}");
        assert_eq!(shown["NoPasswordRequired"], "false");
        assert_eq!(shown["AccessString"], "on (redacted) ~a:*");
    }
}
