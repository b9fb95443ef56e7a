//! `traceparent` (<https://www.w3.org/TR/trace-context/>).

use std::fmt;

use uuid::Uuid;

/// Which trace a request belongs to, and the id of our part in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TraceContext {
    trace_id: String,
    span_id: String,
    flags: String,
}

impl TraceContext {
    /// Reads the caller's header. One that cannot be read is as good as none.
    pub(super) fn parse(header: &str) -> Option<Self> {
        let mut fields = header.trim().split('-');
        let version = hex(fields.next()?, 2)?;
        let trace_id = hex(fields.next()?, 32)?;
        let span_id = hex(fields.next()?, 16)?;
        let flags = hex(fields.next()?, 2)?;
        // Later versions may have more fields; version 0 may not, and 255 is no version.
        let has_its_shape = match version {
            "ff" => false,
            "00" => fields.next().is_none(),
            _ => true,
        };
        let is_known = !is_zero(trace_id) && !is_zero(span_id);
        (has_its_shape && is_known).then(|| Self {
            trace_id: trace_id.to_owned(),
            span_id: span_id.to_owned(),
            flags: flags.to_owned(),
        })
    }

    /// Begins a trace, to be entered. It is not sampled: whoever wants it recorded says so in the
    /// request.
    pub(super) fn begin(trace: Uuid) -> Self {
        let (trace_id, flags) = (trace.simple().to_string(), "00".to_owned());
        Self { trace_id, span_id: String::new(), flags }
    }

    /// Our part of the caller's trace.
    pub(super) fn enter(self, span: Uuid) -> Self {
        // The second half of an id of ours is the random one.
        let (_, low) = span.as_u64_pair();
        Self { span_id: format!("{low:016x}"), ..self }
    }

    /// The id of the whole trace.
    pub(super) fn trace_id(&self) -> &str {
        &self.trace_id
    }
}

impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{}-{}-{}", self.trace_id, self.span_id, self.flags)
    }
}

/// The field, if it has the length and is made of lower-case hexadecimal digits.
fn hex(field: &str, length: usize) -> Option<&str> {
    let is_hex = field.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    (field.len() == length && is_hex).then_some(field)
}

fn is_zero(field: &str) -> bool {
    field.bytes().all(|b| b == b'0')
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIVEN: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn a_trace_goes_on_with_a_span_of_ours() {
        let ours = TraceContext::parse(GIVEN).unwrap().enter(Uuid::from_u128(0xabc));
        assert_eq!(ours.to_string(), "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000abc-01");
    }

    #[test]
    fn a_later_version_is_read_as_far_as_it_is_known() {
        let later = GIVEN.replacen("00-", "01-", 1) + "-more";
        assert_eq!(TraceContext::parse(&later), TraceContext::parse(GIVEN));
    }

    #[test]
    fn what_breaks_the_form_is_no_context() {
        for bad in [
            "",
            "00",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ] {
            assert_eq!(TraceContext::parse(bad), None, "{bad}");
        }
    }
}
