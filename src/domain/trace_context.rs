//! Which trace something belongs to, as `traceparent` says it (<https://www.w3.org/TR/trace-context/>).

use std::fmt;

/// A trace, and a span in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceContext {
    trace_id: u128,
    span_id: u64,
    flags: u8,
}

/// The only flag that means something to us: whoever began the trace keeps what is recorded of it.
const SAMPLED: u8 = 1;

impl TraceContext {
    /// This span of this trace.
    #[must_use]
    pub fn new(trace_id: u128, span_id: u64, is_sampled: bool) -> Self {
        Self { trace_id, span_id, flags: if is_sampled { SAMPLED } else { 0 } }
    }

    /// Reads a `traceparent`. One that cannot be read is as good as none.
    #[must_use]
    pub fn parse(header: &str) -> Option<Self> {
        let mut fields = header.trim().split('-');
        let version = hex(fields.next()?, 2)?;
        let trace_id = u128::from_str_radix(hex(fields.next()?, 32)?, 16).ok()?;
        let span_id = u64::from_str_radix(hex(fields.next()?, 16)?, 16).ok()?;
        let flags = u8::from_str_radix(hex(fields.next()?, 2)?, 16).ok()?;
        // Later versions may have more fields; version 0 may not, and 255 is no version.
        let has_its_shape = match version {
            "ff" => false,
            "00" => fields.next().is_none(),
            _ => true,
        };
        let is_known = trace_id != 0 && span_id != 0;
        (has_its_shape && is_known).then_some(Self { trace_id, span_id, flags })
    }

    /// Another span of the same trace.
    #[must_use]
    pub fn enter(self, span_id: u64) -> Self {
        Self { span_id, ..self }
    }

    /// The id of the whole trace.
    #[must_use]
    pub fn trace_id(self) -> u128 {
        self.trace_id
    }

    /// The id of the span.
    #[must_use]
    pub fn span_id(self) -> u64 {
        self.span_id
    }

    /// Whether what is recorded of it is kept.
    #[must_use]
    pub fn is_sampled(self) -> bool {
        self.flags & SAMPLED != 0
    }

    /// The id of the whole trace, as it is written in logs.
    #[must_use]
    pub fn trace_id_text(self) -> String {
        format!("{:032x}", self.trace_id)
    }
}

impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{:032x}-{:016x}-{:02x}", self.trace_id, self.span_id, self.flags)
    }
}

/// The field, if it has the length and is made of lower-case hexadecimal digits.
fn hex(field: &str, length: usize) -> Option<&str> {
    let is_hex = field.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    (field.len() == length && is_hex).then_some(field)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIVEN: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn a_trace_goes_on_with_a_span_of_ours() {
        let ours = TraceContext::parse(GIVEN).unwrap().enter(0xabc);
        assert_eq!(ours.to_string(), "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000abc-01");
        assert!(ours.is_sampled());
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
