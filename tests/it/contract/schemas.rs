//! Bodies that are made up from a schema of the document: most of what they hold is as it should be, and some
//! of it is not.

use proptest::{
    collection::{btree_map, vec},
    prelude::*,
};
use serde_json::{Map, Value, json};

use crate::api_router::DOCUMENT;

/// The schema itself, if this one only names it.
pub(super) fn resolved(schema: &'static Value) -> &'static Value {
    match schema["$ref"].as_str() {
        Some(reference) => DOCUMENT.pointer(reference.strip_prefix('#').unwrap()).unwrap(),
        None => schema,
    }
}

/// Something that is near the schema: of its shape, with a member or two that is anything.
pub(super) fn near(schema: &'static Value) -> BoxedStrategy<Value> {
    let schema = resolved(schema);
    let as_it_should_be = match kind(schema) {
        "object" => object(schema),
        "array" => vec(near(&schema["items"]), 0..4).prop_map(Value::Array).boxed(),
        "string" => text(schema),
        "integer" => integer(schema),
        "boolean" => any::<bool>().prop_map(Value::Bool).boxed(),
        _ => anything(),
    };
    prop_oneof![8 => as_it_should_be, 1 => anything()].boxed()
}

fn kind(schema: &Value) -> &str {
    // Of several, the first one; `null` is among what is anything.
    schema["type"].as_str().or(schema["type"][0].as_str()).unwrap_or_default()
}

/// Some of the members, required ones among them or not, and now and then one that is not known.
fn object(schema: &'static Value) -> BoxedStrategy<Value> {
    let mut members: Vec<BoxedStrategy<Option<(String, Value)>>> = Vec::new();
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let named = near(property).prop_map(move |value| (name.clone(), value));
        let is_required = schema["required"].as_array().is_some_and(|r| r.contains(&json!(name)));
        let weight = if is_required { 0.9 } else { 0.4 };
        members.push(proptest::option::weighted(weight, named).boxed());
    }
    let further = match &schema["additionalProperties"] {
        Value::Object(_) => near(&schema["additionalProperties"]),
        _ => anything(),
    };
    let is_map = schema["additionalProperties"].is_object();
    let chance = if is_map { 0.8 } else { 0.1 };
    let further = proptest::option::weighted(chance, (odd_text(), further));
    members.push(further.boxed());
    let collected =
        members.prop_map(|members| members.into_iter().flatten().collect::<Map<_, _>>());
    collected.prop_map(Value::Object).boxed()
}

fn text(schema: &'static Value) -> BoxedStrategy<Value> {
    let mut known: Vec<String> = ["example", "default"]
        .iter()
        .filter_map(|member| schema[member].as_str())
        .chain(schema["enum"].as_array().into_iter().flatten().filter_map(Value::as_str))
        .map(str::to_owned)
        .collect();
    known.push("acme".to_owned());
    let known = proptest::sample::select(known);
    prop_oneof![3 => known, 1 => odd_text()].prop_map(Value::String).boxed()
}

/// At the bounds, next to them, and far away.
fn integer(schema: &'static Value) -> BoxedStrategy<Value> {
    let bounds = ["minimum", "maximum", "default"].map(|bound| schema[bound].as_i64());
    let near: Vec<i64> =
        bounds.into_iter().flatten().flat_map(|n| [n - 1, n, n + 1]).chain([0, -1]).collect();
    let far = prop_oneof![
        any::<i64>().prop_map(|number| json!(number)),
        any::<u64>().prop_map(|number| json!(number)),
        any::<f64>().prop_map(|number| json!(number)),
    ];
    let near = proptest::sample::select(near);
    let written = (near, any::<bool>()).prop_map(|(number, as_float)| {
        // As languages write it that have one kind of number.
        if as_float { serde_json::from_str(&format!("{number}.0")).unwrap() } else { json!(number) }
    });
    prop_oneof![4 => written, 1 => far].boxed()
}

/// Any JSON, up to some levels.
pub(super) fn anything() -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<f64>().prop_map(|number| json!(number)),
        any::<u64>().prop_map(|number| json!(number)),
        odd_text().prop_map(Value::String),
    ];
    let nested = leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::Array),
            btree_map(odd_text(), inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    });
    nested.boxed()
}

/// Text that somebody may not have thought of.
fn odd_text() -> BoxedStrategy<String> {
    prop_oneof![
        any::<String>(),
        "[a-z~/%{}.\\-]{0,12}",
        "[\u{0}-\u{1f}\u{7f}-\u{9f}\u{200b}-\u{202e}\u{d7ff}\u{fffd}\u{10ffff}]{1,4}",
        "a{200,5000}",
    ]
    .boxed()
}
