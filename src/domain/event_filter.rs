//! Which events somebody wants to see.

use std::str::FromStr;

use jiff::Timestamp;

use super::{Actor, TenantName};

/// Which events somebody wants to see: those that match all that is given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Only of this tenant, service or session, and of its namesakes before it.
    pub tenant: Option<TenantName>,
    /// Only of these kinds.
    pub kinds: Option<EventKinds>,
    /// Only on the word of this one.
    pub actor: Option<Actor>,
    /// Only what happened then or later.
    pub since: Option<Timestamp>,
    /// Only what happened before.
    pub until: Option<Timestamp>,
}

/// One kind of event, or several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventKinds {
    /// This kind, as `tenant.requested`.
    One(String),
    /// All kinds that begin so, as `rotation.`.
    BeginningWith(String),
}

impl FromStr for EventKinds {
    type Err = NotAKind;

    fn from_str(text: &str) -> Result<Self, NotAKind> {
        let is_word = |word: &str| {
            !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
        };
        let (group, kind) = text.split_once('.').ok_or(NotAKind)?;
        let is_kind = is_word(group) && (kind.is_empty() || is_word(kind));
        if !is_kind {
            return Err(NotAKind);
        }
        let text = text.to_owned();
        Ok(if kind.is_empty() { Self::BeginningWith(text) } else { Self::One(text) })
    }
}

/// A text that names no kind of event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a kind such as tenant.requested, or the beginning of several such as rotation.")]
pub struct NotAKind;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_ends_with_a_word_and_several_end_with_a_point() {
        let one = "fleet-rotation.requested";
        assert_eq!(one.parse(), Ok(EventKinds::One(one.to_owned())));
        let several = "rotation.";
        assert_eq!(several.parse(), Ok(EventKinds::BeginningWith(several.to_owned())));
        for bad in ["", ".", "tenant", "tenant.a.b", "Tenant.requested", "tenant.%", ".requested"] {
            assert_eq!(bad.parse::<EventKinds>(), Err(NotAKind), "{bad}");
        }
    }
}
