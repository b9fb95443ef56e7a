//! Reading a request's body member by member.
//!
//! Refusals are worded as the service words them: a member of the wrong JSON type is a
//! `SerializationException`, a missing one or one outside the model's bounds a
//! `ValidationException` that names the member in lower camel case. Members that the operation
//! does not know are ignored, as AWS ignores them. No refusal repeats a value that could be a
//! secret.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use super::error::SecretsError;

/// The members of a JSON object, and where in the request it stands.
pub(super) struct Fields<'a> {
    members: &'a Map<String, Value>,
    path: String,
}

impl<'a> Fields<'a> {
    /// The request's body.
    pub(super) fn of(body: &'a Value) -> Result<Self, SecretsError> {
        Self::at(body, String::new())
    }

    /// The objects of a list of structures. `None` if the request does not have the list.
    pub(super) fn structures(
        &self,
        member: &str,
        count: RangeInclusive<usize>,
    ) -> Result<Option<Vec<Self>>, SecretsError> {
        let path = self.path_of(member);
        let Some(list) = self.list(member, count)? else {
            return Ok(None);
        };
        let item = |(index, value)| Self::at(value, format!("{path}.{}.member.", index + 1));
        list.iter().enumerate().map(item).collect::<Result<_, _>>().map(Some)
    }

    /// A structure. `None` if the request does not have it.
    pub(super) fn structure(&self, member: &str) -> Result<Option<Self>, SecretsError> {
        let path = format!("{}.", self.path_of(member));
        self.present(member).map(|value| Self::at(value, path)).transpose()
    }

    /// A list of strings. `None` if the request does not have it.
    pub(super) fn texts(
        &self,
        member: &str,
        count: RangeInclusive<usize>,
        length: RangeInclusive<usize>,
    ) -> Result<Option<Vec<&'a str>>, SecretsError> {
        let path = self.path_of(member);
        let Some(list) = self.list(member, count)? else {
            return Ok(None);
        };
        let item = |(index, value): (usize, &'a Value)| {
            let text = value.as_str().ok_or_else(|| wrong_type(value, "String"))?;
            check_length(text, &format!("{path}.{}.member", index + 1), length.clone())
        };
        list.iter().enumerate().map(item).collect::<Result<_, _>>().map(Some)
    }

    /// A string within a length. `None` if the request does not have it.
    pub(super) fn text(
        &self,
        member: &str,
        length: RangeInclusive<usize>,
    ) -> Result<Option<&'a str>, SecretsError> {
        let text = self.raw_text(member)?;
        text.map(|text| check_length(text, &self.path_of(member), length)).transpose()
    }

    /// A string that the request must have.
    pub(super) fn required_text(
        &self,
        member: &str,
        length: RangeInclusive<usize>,
    ) -> Result<&'a str, SecretsError> {
        self.text(member, length)?.ok_or_else(|| self.missing(member))
    }

    /// A string whose length is the caller's to check.
    pub(super) fn raw_text(&self, member: &str) -> Result<Option<&'a str>, SecretsError> {
        let read = |value: &'a Value| value.as_str().ok_or_else(|| wrong_type(value, "String"));
        self.present(member).map(read).transpose()
    }

    /// A whole number. `None` if the request does not have it.
    pub(super) fn whole(&self, member: &str) -> Result<Option<i64>, SecretsError> {
        let read = |value: &Value| value.as_i64().ok_or_else(|| wrong_type(value, "Long"));
        self.present(member).map(read).transpose()
    }

    /// A whole number within the model's bounds, small enough to count with.
    pub(super) fn count(
        &self,
        member: &str,
        bounds: RangeInclusive<u16>,
    ) -> Result<Option<usize>, SecretsError> {
        let Some(number) = self.whole(member)? else {
            return Ok(None);
        };
        match u16::try_from(number) {
            Ok(number) if bounds.contains(&number) => Ok(Some(usize::from(number))),
            _ => {
                let rule = if number > i64::from(*bounds.end()) {
                    format!("have value less than or equal to {}", bounds.end())
                } else {
                    format!("have value greater than or equal to {}", bounds.start())
                };
                Err(SecretsError::constraint(Some(&number), &self.path_of(member), &rule))
            }
        }
    }

    /// A boolean; absent means `false`.
    pub(super) fn flag(&self, member: &str) -> Result<bool, SecretsError> {
        Ok(self.optional_flag(member)?.unwrap_or(false))
    }

    /// A boolean whose absence has a meaning of its own.
    pub(super) fn optional_flag(&self, member: &str) -> Result<Option<bool>, SecretsError> {
        let read = |value: &Value| value.as_bool().ok_or_else(|| wrong_type(value, "Boolean"));
        self.present(member).map(read).transpose()
    }

    /// One of a closed set of words. `None` if the request does not have it.
    pub(super) fn word(
        &self,
        member: &str,
        words: &[&str],
    ) -> Result<Option<&'a str>, SecretsError> {
        match self.raw_text(member)? {
            Some(word) if !words.contains(&word) => {
                let rule = format!("satisfy enum value set: [{}]", words.join(", "));
                Err(SecretsError::constraint(Some(&word), &self.path_of(member), &rule))
            }
            word => Ok(word),
        }
    }

    /// Refuses members that ask for what the simulator cannot do.
    pub(super) fn refuse(&self, members: &[&str]) -> Result<(), SecretsError> {
        match members.iter().find(|member| self.present(member).is_some()) {
            Some(member) => Err(SecretsError::invalid_parameter(format!(
                "The simulator does not support the parameter {member}."
            ))),
            None => Ok(()),
        }
    }

    /// The error for a required member that is not there.
    pub(super) fn missing(&self, member: &str) -> SecretsError {
        SecretsError::validation(format!(
            "1 validation error detected: Value null at '{}' failed to satisfy constraint: Member must not be null",
            self.path_of(member)
        ))
    }

    /// The member's name as validation errors spell it.
    pub(super) fn path_of(&self, member: &str) -> String {
        let mut letters = member.chars();
        let first = letters.next().map(|letter| letter.to_ascii_lowercase());
        self.path.chars().chain(first).chain(letters).collect()
    }

    fn at(value: &'a Value, path: String) -> Result<Self, SecretsError> {
        match value.as_object() {
            Some(members) => Ok(Self { members, path }),
            None => Err(wrong_type(value, "structure")),
        }
    }

    /// `null` counts as absent.
    fn present(&self, member: &str) -> Option<&'a Value> {
        self.members.get(member).filter(|value| !value.is_null())
    }

    fn list(
        &self,
        member: &str,
        count: RangeInclusive<usize>,
    ) -> Result<Option<&'a [Value]>, SecretsError> {
        let Some(value) = self.present(member) else {
            return Ok(None);
        };
        let list = value.as_array().ok_or_else(|| wrong_type(value, "List"))?;
        match length_rule(list.len(), &count) {
            Some(rule) => Err(SecretsError::constraint(None, &self.path_of(member), &rule)),
            None => Ok(Some(list)),
        }
    }
}

fn check_length<'a>(
    text: &'a str,
    path: &str,
    length: RangeInclusive<usize>,
) -> Result<&'a str, SecretsError> {
    match length_rule(text.chars().count(), &length) {
        Some(rule) => Err(SecretsError::constraint(Some(&text), path, &rule)),
        None => Ok(text),
    }
}

/// The rule that a length breaks, if any.
pub(super) fn length_rule(actual: usize, bounds: &RangeInclusive<usize>) -> Option<String> {
    if actual < *bounds.start() {
        Some(format!("have length greater than or equal to {}", bounds.start()))
    } else if actual > *bounds.end() {
        Some(format!("have length less than or equal to {}", bounds.end()))
    } else {
        None
    }
}

fn wrong_type(value: &Value, wanted: &str) -> SecretsError {
    let found = match value {
        Value::Null => "NULL_VALUE",
        Value::Bool(true) => "TRUE_VALUE",
        Value::Bool(false) => "FALSE_VALUE",
        Value::Number(_) => "NUMBER_VALUE",
        Value::String(_) => "STRING_VALUE",
        Value::Array(_) => "Start of list",
        Value::Object(_) => "Start of structure or map",
    };
    SecretsError::serialization(format!("{found} can not be converted to a {wanted}"))
}
