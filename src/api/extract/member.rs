//! Members of a body that JSON Schema and serde do not read alike.

use serde::{
    Deserialize, Deserializer,
    de::{Error, Unexpected, Visitor},
};

use crate::domain::Patch;

/// Reads a member that may be left out: `null` is no value of it. With `#[serde(default)]` one that is not
/// there is `None`. Whoever sends `null` may mean "take it away", and would not get what they asked for.
pub(crate) fn given<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}

/// Reads a whole number.
pub(crate) fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    Whole::deserialize(deserializer).map(|Whole(number)| number)
}

/// Reads a whole number that may be left out.
pub(crate) fn given_whole<'de, D>(deserializer: D) -> Result<Option<u32>, D::Error>
where
    D: Deserializer<'de>,
{
    whole(deserializer).map(Some)
}

/// Reads a whole number of a merge patch, which `null` takes away (RFC 7396). With `#[serde(default)]` one
/// that is not there is kept.
pub(crate) fn merged_whole<'de, D>(deserializer: D) -> Result<Patch<u32>, D::Error>
where
    D: Deserializer<'de>,
{
    let value = Option::deserialize(deserializer)?;
    Ok(value.map_or(Patch::Remove, |Whole(number)| Patch::Set(number)))
}

/// An integer as JSON Schema has it: `3600.0` is one, and some languages know no other
/// (<https://json-schema.org/draft/2020-12/json-schema-validation#section-6.1.1>).
struct Whole(u32);

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Number;

        impl Visitor<'_> for Number {
            type Value = Whole;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a whole number")
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Whole, E> {
                let refused = |_| E::invalid_value(Unexpected::Unsigned(number), &self);
                u32::try_from(number).map(Whole).map_err(refused)
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Whole, E> {
                let refused = |_| E::invalid_value(Unexpected::Signed(number), &self);
                u32::try_from(number).map(Whole).map_err(refused)
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<Whole, E> {
                let is_whole = number.fract() == 0.0;
                if !is_whole || !(0.0..=f64::from(u32::MAX)).contains(&number) {
                    return Err(E::invalid_value(Unexpected::Float(number), &self));
                }
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "it is whole and within the bounds, as was just seen"
                )]
                Ok(Whole(number as u32))
            }
        }

        deserializer.deserialize_u32(Number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Body {
        #[serde(default, deserialize_with = "given")]
        text: Option<String>,
        #[serde(default, deserialize_with = "given_whole")]
        seconds: Option<u32>,
        #[serde(default, deserialize_with = "merged_whole")]
        patched: Patch<u32>,
    }

    fn read(json: &str) -> Option<(Option<String>, Option<u32>, Patch<u32>)> {
        let body: Body = serde_json::from_str(json).ok()?;
        Some((body.text, body.seconds, body.patched))
    }

    #[test]
    fn what_is_left_out_is_left_as_it_is_and_null_is_no_value() {
        assert_eq!(read("{}"), Some((None, None, Patch::Keep)));
        assert_eq!(read(r#"{"text": "a"}"#), Some((Some("a".to_owned()), None, Patch::Keep)));
        assert_eq!(read(r#"{"patched": null}"#), Some((None, None, Patch::Remove)));
        assert_eq!(read(r#"{"text": null}"#), None);
        assert_eq!(read(r#"{"seconds": null}"#), None);
    }

    #[test]
    fn a_whole_number_is_one_however_it_is_written() {
        for whole in ["3600", "3600.0", "3.6e3"] {
            let json = format!(r#"{{"seconds": {whole}, "patched": {whole}}}"#);
            assert_eq!(read(&json), Some((None, Some(3600), Patch::Set(3600))), "{whole}");
        }
        for other in ["3600.5", "-1", "-1.0", "4294967296", "1e300", "\"3600\"", "true"] {
            assert_eq!(read(&format!(r#"{{"seconds": {other}}}"#)), None, "{other}");
        }
    }
}
