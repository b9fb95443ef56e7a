//! The forms that texts in requests have, as they stand in the API document.
//!
//! A name means the same wherever a request has it: a `cache` is the name of a cache in a body as well as in a
//! query. So its form is told here once, by its name, and put to all places that have the name. The limits are
//! those that the domain's types check. A member that says more for itself keeps that.

use utoipa::openapi::{
    OpenApi, RefOr, Schema, SchemaFormat,
    path::{Operation, ParameterIn, PathItem},
    schema::{AdditionalProperties, ArrayItems, Object, SchemaType},
};

use crate::domain::{
    ConsumerName, DriftKind, KeyScope, Labels, LocalUserName, Notice, Reason, TenantName, Webhook,
};

/// Lower-case words joined by single hyphens, the first beginning with a letter.
const WORDS: &str = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$";
/// One line.
const LINE: &str = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$";
/// One line that says something.
const WORDED_LINE: &str = "^[^\\u0000-\\u001f\\u007f-\\u009f]*[^\\s\\u0000-\\u001f\\u007f-\\u009f][^\\u0000-\\u001f\\u007f-\\u009f]*$";

/// What a text is like.
#[derive(Default)]
struct Form {
    pattern: Option<&'static str>,
    length_min: Option<usize>,
    length_max: Option<usize>,
    /// Of a name that has to be known: what it is the name of. Its form alone does not make it one.
    format: Option<&'static str>,
    /// All that there are.
    values: Option<Vec<&'static str>>,
}

impl Form {
    fn of(name: &str) -> Option<Self> {
        let line = |pattern, max| Self {
            pattern: Some(pattern),
            length_max: Some(max),
            ..Self::default()
        };
        let named = |format| Self { format: Some(format), ..Self::default() };
        let pattern = |pattern| Self { pattern: Some(pattern), ..Self::default() };
        let values = |values| Self { values: Some(values), ..Self::default() };
        Some(match name {
            "cache" => named("cache-name"),
            "profile" => named("profile-name"),
            "access_string" => named("access-string"),
            "tenant" | "tenants" => line(WORDS, TenantName::LENGTH_MAX),
            "user" => line(WORDS, LocalUserName::LENGTH_MAX),
            "consumer" | "expected_consumers" => {
                Self { length_min: Some(1), ..line(LINE, ConsumerName::LENGTH_MAX) }
            }
            "reason" => Self { length_min: Some(1), ..line(WORDED_LINE, Reason::LENGTH_MAX) },
            "description" => line(LINE, Webhook::DESCRIPTION_MAX),
            "keys" => line("^([A-Za-z0-9:._-]*:)?\\*$", KeyScope::LENGTH_MAX),
            "url" => Self { format: Some("uri"), ..pattern("^[Hh][Tt][Tt][Pp]") },
            "engine_version" => pattern("^[0-9]{1,4}(\\.[0-9]{1,4}){0,2}$"),
            "label" => pattern("="),
            // Space around it is no part of a header.
            "Idempotency-Key" => line("^(?!\"\"$)[!-~]([ -~]*[!-~])?$", 255),
            "page_token" => pattern("^[A-Za-z0-9_-]+$"),
            "kind" | "kinds" => values(DriftKind::ALL.into_iter().map(DriftKind::as_str).collect()),
            "types" => {
                let all = Notice::ALL.into_iter().chain([Notice::Test]);
                values(all.map(Notice::as_str).collect())
            }
            _ => return None,
        })
    }

    fn put_to(self, object: &mut Object) {
        if object.pattern.is_some() {
            return;
        }
        object.pattern = self.pattern.map(str::to_owned);
        object.min_length = object.min_length.or(self.length_min);
        object.max_length = object.max_length.or(self.length_max);
        let format = self.format.map(|format| SchemaFormat::Custom(format.to_owned()));
        object.format = object.format.take().or(format);
        let values = self.values.map(|values| values.into_iter().map(Into::into).collect());
        object.enum_values = object.enum_values.take().or(values);
    }
}

/// Tells the forms in all requests of the document.
pub(super) fn describe(document: &mut OpenApi) {
    for operation in document.paths.paths.values_mut().flat_map(operations) {
        for parameter in operation.parameters.iter_mut().flatten() {
            let RefOr::T(parameter) = parameter else { continue };
            if parameter.parameter_in != ParameterIn::Path {
                parameter.schema.iter_mut().for_each(|schema| put(&parameter.name, schema));
            }
        }
    }
    let schemas = document.components.iter_mut().flat_map(|c| c.schemas.values_mut());
    for schema in schemas {
        // Answers may get members that are not told of here; requests are read to the last one.
        if let RefOr::T(Schema::Object(object)) = schema
            && matches!(
                object.additional_properties.as_deref(),
                Some(AdditionalProperties::FreeForm(false))
            )
        {
            object.properties.iter_mut().for_each(|(name, schema)| put(name, schema));
        }
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let all = [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.patch];
    all.into_iter().flatten()
}

/// The form of a name, to a text of that name or to each text of a list.
fn put(name: &str, schema: &mut RefOr<Schema>) {
    match schema {
        RefOr::T(Schema::Object(object)) if name == "labels" => put_labels(object),
        RefOr::T(Schema::Object(object)) => {
            if let Some(form) = Form::of(name) {
                form.put_to(object);
            }
        }
        RefOr::T(Schema::Array(list)) => {
            if let ArrayItems::RefOrSchema(item) = &mut list.items {
                put(name, item);
            }
        }
        _ => {}
    }
}

/// Labels are a map, whose keys have a form too. A patch, whose values may be `null`, may name any number: how many
/// there are is looked at when it is put together with those that are there.
fn put_labels(labels: &mut Object) {
    if let Some(Schema::Object(keys)) = labels.property_names.as_deref_mut() {
        keys.pattern = Some("^[a-z0-9._/-]+$".to_owned());
        keys.max_length = Some(Labels::KEY_LENGTH_MAX);
    }
    if let Some(AdditionalProperties::RefOr(RefOr::T(Schema::Object(value)))) =
        labels.additional_properties.as_deref_mut()
    {
        value.pattern = Some(LINE.to_owned());
        value.max_length = Some(Labels::VALUE_LENGTH_MAX);
        let is_patch = !matches!(value.schema_type, SchemaType::Type(_));
        labels.max_properties = (!is_patch).then_some(Labels::COUNT_MAX);
    }
}

#[cfg(test)]
mod tests {
    use utoipa::openapi::{KnownFormat, ObjectBuilder};

    use super::*;

    #[test]
    fn a_member_keeps_what_it_says_for_itself() {
        let format = SchemaFormat::KnownFormat(KnownFormat::DateTime);
        let mut named = ObjectBuilder::new().format(Some(format.clone())).build();
        Form::of("cache").unwrap().put_to(&mut named);
        assert!(named.format == Some(format));

        let mut chosen = ObjectBuilder::new().enum_values(Some(["user-missing"])).build();
        Form::of("kind").unwrap().put_to(&mut chosen);
        assert_eq!(chosen.enum_values, Some(vec!["user-missing".into()]));

        let mut silent = Object::new();
        Form::of("cache").unwrap().put_to(&mut silent);
        assert!(silent.format == Some(SchemaFormat::Custom("cache-name".to_owned())));
    }
}
