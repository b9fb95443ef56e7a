//! From claims to a caller: who it is, what it may do, with which tenants.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{ClaimPath, Issuer};
use crate::domain::{Actor, Bounds, Labels, Scope, Scopes, TenantName};

/// What is read out of the claims of a token.
#[derive(Clone, Debug)]
pub struct ClaimRules {
    /// Who says it.
    pub issuer: Issuer,
    /// Where it says who the caller is.
    pub subject: ClaimPath,
    /// Where it says what the caller may do: words in a text, or a list of texts.
    pub words: ClaimPath,
    /// What each word stands for. If none is given, a word that is the name of a scope stands for it.
    pub scopes: BTreeMap<String, Scopes>,
    /// With which tenants.
    pub narrowing: Narrowing,
}

/// With which tenants callers may have to do.
#[derive(Clone, Debug)]
pub enum Narrowing {
    /// All.
    None,
    /// The one that is named there.
    Tenant(ClaimPath),
    /// Those that carry these labels with the values that stand there.
    Labels(BTreeMap<String, ClaimPath>),
}

/// Whom an issuer vouches for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vouched {
    /// Who it is.
    pub actor: Actor,
    /// What that one may do.
    pub scopes: Scopes,
    /// With which tenants.
    pub bounds: Bounds,
}

impl ClaimRules {
    /// The longest subject (`OpenID` Connect Core 1.0, section 2).
    const SUBJECT_LENGTH_MAX: usize = 255;

    /// Reads the claims of a token whose signature was found good. Words that stand for nothing here are
    /// passed over, since issuers write down much; but a caller is never left unbounded because a claim
    /// is missing.
    pub fn read(&self, claims: &Value) -> Result<Vouched, Unusable> {
        let actor =
            Actor::Subject { issuer: self.issuer.to_string(), subject: self.subject(claims)? };
        Ok(Vouched { actor, scopes: self.scopes(claims), bounds: self.narrowing.bounds(claims)? })
    }

    fn subject(&self, claims: &Value) -> Result<String, Unusable> {
        let subject = self.subject.find(claims).and_then(Value::as_str);
        // It stands in the log and in the record of events.
        let is_fit = |subject: &&str| {
            !subject.is_empty()
                && subject.len() <= Self::SUBJECT_LENGTH_MAX
                && !subject.contains(char::is_control)
        };
        subject.filter(is_fit).map(str::to_owned).ok_or(Unusable::Subject)
    }

    fn scopes(&self, claims: &Value) -> Scopes {
        let words: Vec<&str> = match self.words.find(claims) {
            Some(Value::String(text)) if self.words.is_of_words() => {
                text.split_whitespace().collect()
            }
            // One word, whatever is in it: it may be a name, which somebody has chosen.
            Some(Value::String(text)) => vec![text],
            Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        if self.scopes.is_empty() {
            return words.into_iter().filter_map(|word| word.parse::<Scope>().ok()).collect();
        }
        let known = words.into_iter().filter_map(|word| self.scopes.get(word));
        known.flat_map(Scopes::iter).collect()
    }
}

impl Narrowing {
    fn bounds(&self, claims: &Value) -> Result<Bounds, Unusable> {
        // Whoever has none often has an empty one, which all of them would share.
        let text = |path: &ClaimPath| {
            path.find(claims).and_then(Value::as_str).filter(|text| !text.is_empty())
        };
        match self {
            Self::None => Ok(Bounds::Everything),
            Self::Tenant(path) => {
                let name = text(path).and_then(|name| TenantName::parse(name).ok());
                name.map(Bounds::Tenant).ok_or(Unusable::Tenant)
            }
            Self::Labels(paths) => {
                let pair = |(key, path): (&String, &ClaimPath)| {
                    text(path).map(|value| (key.clone(), value.to_owned()))
                };
                let pairs: Option<BTreeMap<_, _>> = paths.iter().map(pair).collect();
                let labels = pairs.and_then(|pairs| Labels::try_from(pairs).ok());
                labels.map(Bounds::Labels).ok_or(Unusable::Labels)
            }
        }
    }
}

/// What a token does not say, or not so that it can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// Whom it is for.
    Subject,
    /// For which tenant.
    Tenant,
    /// For tenants with which labels.
    Labels,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn path(text: &str) -> ClaimPath {
        text.parse().unwrap()
    }

    fn rules() -> ClaimRules {
        ClaimRules {
            issuer: "https://login.example.com".parse().unwrap(),
            subject: path("sub"),
            words: path("scope"),
            scopes: BTreeMap::new(),
            narrowing: Narrowing::None,
        }
    }

    fn scopes(rules: &ClaimRules, claims: &Value) -> String {
        rules.scopes(claims).to_string()
    }

    #[test]
    fn scopes_are_words_or_a_list_and_others_are_passed_over() {
        let rules = rules();
        for (claim, read) in [
            (json!("openid tenants:read  audit:read"), "tenants:read audit:read"),
            (json!(["tenants:write", 7, "profile"]), "tenants:write"),
            (json!({ "tenants:read": true }), ""),
            (json!(null), ""),
        ] {
            assert_eq!(scopes(&rules, &json!({ "scope": claim })), read);
        }
        assert_eq!(scopes(&rules, &json!({})), "");
    }

    #[test]
    fn words_stand_for_scopes_and_then_no_word_stands_for_itself() {
        let all = [("ops", "admin"), ("shop", "tenants:write credentials:read")];
        let all = all.map(|(word, scopes)| (word.to_owned(), scopes.parse().unwrap()));
        let rules = ClaimRules { words: path("/realm/roles"), scopes: all.into(), ..rules() };
        let claims = |roles: Value| json!({ "realm": { "roles": roles } });
        assert_eq!(scopes(&rules, &claims(json!(["shop"]))), "tenants:write credentials:read");
        assert_eq!(scopes(&rules, &claims(json!(["ops", "shop"]))).split(' ').count(), 3);
        assert_eq!(scopes(&rules, &claims(json!(["admin", "audit:read"]))), "");
        assert_eq!(scopes(&rules, &claims(json!("shop"))), "tenants:write credentials:read");
        assert_eq!(scopes(&rules, &claims(json!("x ops"))), "");
    }

    #[test]
    fn a_caller_without_a_claim_that_narrows_is_refused_and_not_left_unbounded() {
        let narrow = |narrowing| ClaimRules { narrowing, ..rules() };
        let tenant = narrow(Narrowing::Tenant(path("tenant")));
        let read = |rules: &ClaimRules, extra: Value| {
            let mut claims = json!({ "sub": "x" });
            claims.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
            rules.read(&claims).map(|vouched| vouched.bounds)
        };
        let acme = Bounds::Tenant(TenantName::parse("acme").unwrap());
        assert_eq!(read(&tenant, json!({ "tenant": "acme" })), Ok(acme));
        for wrong in [json!({}), json!({ "tenant": "*" }), json!({ "tenant": ["acme"] })] {
            assert_eq!(read(&tenant, wrong), Err(Unusable::Tenant));
        }
        let pairs = [("team".to_owned(), path("team")), ("plan".to_owned(), path("plan"))];
        let labels = narrow(Narrowing::Labels(pairs.into()));
        let both = json!({ "team": "checkout", "plan": "gold" });
        let Ok(Bounds::Labels(found)) = read(&labels, both) else { panic!() };
        assert_eq!(found.as_map().len(), 2);
        assert_eq!(read(&labels, json!({ "team": "checkout" })), Err(Unusable::Labels));
        for plan in [json!(1), json!("")] {
            let claims = json!({ "team": "checkout", "plan": plan });
            assert_eq!(read(&labels, claims), Err(Unusable::Labels));
        }
    }

    #[test]
    fn a_subject_is_a_text_that_can_be_written_into_a_log() {
        let rules = rules();
        for wrong in [json!(""), json!(7), json!("a\nb"), json!("x".repeat(256)), json!(null)] {
            assert_eq!(rules.read(&json!({ "sub": wrong })), Err(Unusable::Subject));
        }
        let vouched = rules.read(&json!({ "sub": "user#1:x" })).unwrap();
        assert_eq!(vouched.actor.to_string(), "subject:https://login.example.com#user#1:x");
    }
}
