//! Which traces are exported.

use opentelemetry::{
    Context, KeyValue,
    trace::{Link, SpanKind, TraceId},
};
use opentelemetry_sdk::trace::{ParentBasedSampler, Sampler, SamplingResult, ShouldSample};

/// A span is exported if the one is within which it is. Where none is, work is if a request is that it is done
/// for; of what nobody has asked for, a share.
pub(super) fn sampler(share: f64) -> ParentBasedSampler {
    Sampler::parent_based(LinkBased { others: Sampler::TraceIdRatioBased(share) })
}

/// Without it, of a request and the work that follows from it one could be exported and the other not.
#[derive(Clone, Debug)]
struct LinkBased {
    others: Sampler,
}

impl ShouldSample for LinkBased {
    fn should_sample(
        &self,
        parent: Option<&Context>,
        trace: TraceId,
        name: &str,
        kind: &SpanKind,
        attributes: &[KeyValue],
        links: &[Link],
    ) -> SamplingResult {
        let is_for_one_that_is = links.iter().any(|link| link.span_context.is_sampled());
        let sampler = match links {
            [] => &self.others,
            _ if is_for_one_that_is => &Sampler::AlwaysOn,
            _ => &Sampler::AlwaysOff,
        };
        sampler.should_sample(parent, trace, name, kind, attributes, links)
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::{SpanContext, SpanId, TraceFlags, TraceState};
    use opentelemetry_sdk::trace::SamplingDecision;

    use super::*;

    fn decided(share: f64, linked: &[TraceFlags]) -> SamplingDecision {
        let link = |flags: &TraceFlags| {
            let (trace, span) = (TraceId::from(1), SpanId::from(1));
            Link::new(SpanContext::new(trace, span, *flags, true, TraceState::default()), vec![], 0)
        };
        let links: Vec<Link> = linked.iter().map(link).collect();
        let sampler = sampler(share);
        let of = (TraceId::from(u128::MAX), SpanKind::Internal);
        sampler.should_sample(None, of.0, "work", &of.1, &[], &links).decision
    }

    #[test]
    fn work_is_exported_if_one_of_the_requests_is_that_it_is_done_for() {
        let (yes, no) = (TraceFlags::SAMPLED, TraceFlags::default());
        assert_eq!(decided(0.0, &[no, yes]), SamplingDecision::RecordAndSample);
        assert_eq!(decided(0.0, &[no]), SamplingDecision::Drop);
        assert_eq!(decided(1.0, &[no]), SamplingDecision::Drop);
        assert_eq!(decided(0.0, &[]), SamplingDecision::Drop);
        assert_eq!(decided(1.0, &[]), SamplingDecision::RecordAndSample);
    }
}
