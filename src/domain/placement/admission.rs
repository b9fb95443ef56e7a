//! Which tenants a cache takes, apart from its room.

use std::{collections::BTreeSet, fmt};

use ringfence_acl::{EngineKind, EngineVersion};

use crate::domain::{Auth, Labels, ProfileName};

/// The oldest engine that lets users in by IAM
/// (<https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html>).
const OLDEST_WITH_IAM: EngineVersion = EngineVersion::new(7, 0);

/// Which tenants a cache takes. Asked when a tenant is placed, and not again when it changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Admission {
    /// It takes no new tenants; those that it has stay.
    pub draining: bool,
    /// It takes only tenants whose users all have one of these profiles; empty: any.
    pub profiles: BTreeSet<ProfileName>,
    /// It takes only tenants that carry all of these labels.
    pub labels: Labels,
}

/// What a cache runs, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CacheRuns {
    /// Valkey or Redis.
    pub engine: Option<EngineKind>,
    /// The version, if the configuration tells it; AWS does not.
    pub version: Option<EngineVersion>,
}

/// What a new tenant needs of a cache.
#[derive(Clone, Debug)]
pub struct Needs<'a> {
    /// The engine that the caller asked for, if it did.
    pub engine: Option<EngineKind>,
    /// How the main user proves who it is.
    pub auth: Auth,
    /// The profiles of all its users.
    pub profiles: BTreeSet<&'a ProfileName>,
    /// Its labels.
    pub labels: &'a Labels,
}

/// Why a cache does not take a tenant, whatever room it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// Another engine was asked for.
    OtherEngine {
        /// The engine that it runs.
        runs: EngineKind,
    },
    /// An engine was asked for, and which one it runs is not known yet.
    UnknownEngine,
    /// Its engine does not let users in by IAM.
    TooOldForIam {
        /// The version that it runs.
        runs: EngineVersion,
    },
    /// It takes no new tenants.
    Draining,
    /// One of the users has a profile that it does not take.
    Profile {
        /// The profile.
        asked: ProfileName,
        /// Those that it takes.
        takes: BTreeSet<ProfileName>,
    },
    /// The tenant lacks a label that it asks for, or has another value of it.
    Labels {
        /// The label and its value.
        lacks: (String, String),
    },
}

impl CacheRuns {
    /// The version, if users cannot prove in this way there who they are.
    #[must_use]
    pub fn too_old_for(self, auth: Auth) -> Option<EngineVersion> {
        self.version.filter(|version| auth == Auth::Iam && *version < OLDEST_WITH_IAM)
    }
}

impl Admission {
    /// What stands in the way of a tenant, if something does.
    #[must_use]
    pub fn obstacle(&self, needs: &Needs<'_>, runs: CacheRuns) -> Option<Obstacle> {
        // The engine first: by it a repeated request is known to be the same one.
        match (needs.engine, runs.engine) {
            (Some(_), None) => return Some(Obstacle::UnknownEngine),
            (Some(asked), Some(runs)) if asked != runs => {
                return Some(Obstacle::OtherEngine { runs });
            }
            (_, _) => {}
        }
        if self.draining {
            return Some(Obstacle::Draining);
        }
        if let Some(runs) = runs.too_old_for(needs.auth) {
            return Some(Obstacle::TooOldForIam { runs });
        }
        self.wrong_profile(needs).or_else(|| self.missing_label(needs))
    }

    fn wrong_profile(&self, needs: &Needs<'_>) -> Option<Obstacle> {
        let is_taken =
            |profile: &ProfileName| self.profiles.is_empty() || self.profiles.contains(profile);
        let asked = needs.profiles.iter().find(|profile| !is_taken(profile))?;
        Some(Obstacle::Profile { asked: (*asked).clone(), takes: self.profiles.clone() })
    }

    fn missing_label(&self, needs: &Needs<'_>) -> Option<Obstacle> {
        let has = |key: &str, value: &str| {
            needs.labels.as_map().get(key).is_some_and(|found| found == value)
        };
        let (key, value) = self.labels.as_map().iter().find(|(key, value)| !has(key, value))?;
        Some(Obstacle::Labels { lacks: (key.clone(), value.clone()) })
    }
}

/// Said of a cache: `draining: it takes no new tenants`.
impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherEngine { runs } => write!(f, "it runs {runs}"),
            Self::UnknownEngine => f.write_str("which engine it runs is not known yet"),
            Self::TooOldForIam { runs } => write!(
                f,
                "iam needs an engine of version {OLDEST_WITH_IAM} or newer, and it runs {runs}"
            ),
            Self::Draining => f.write_str("it is draining and takes no new tenants"),
            Self::Profile { asked, takes } => {
                let takes: Vec<&str> = takes.iter().map(ProfileName::as_str).collect();
                write!(f, "it takes users with {} only, not with {asked}", takes.join(", "))
            }
            Self::Labels { lacks: (key, value) } => {
                write!(f, "it takes only tenants with the label {key} = {value:?}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const VALKEY_9: CacheRuns =
        CacheRuns { engine: Some(EngineKind::Valkey), version: Some(EngineVersion::new(9, 1)) };

    fn labels(pairs: &[(&str, &str)]) -> Labels {
        let pairs = pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        Labels::try_from(pairs.collect::<BTreeMap<_, _>>()).unwrap()
    }

    fn needs<'a>(labels: &'a Labels, profiles: &'a [ProfileName]) -> Needs<'a> {
        Needs { engine: None, auth: Auth::Password, profiles: profiles.iter().collect(), labels }
    }

    fn profiles(names: &[&str]) -> Vec<ProfileName> {
        names.iter().map(|name| ProfileName::parse(name).unwrap()).collect()
    }

    #[test]
    fn a_cache_without_rules_takes_everybody() {
        let (none, any) = (labels(&[]), profiles(&["queue"]));
        assert_eq!(Admission::default().obstacle(&needs(&none, &any), VALKEY_9), None);
    }

    #[test]
    fn a_draining_cache_takes_nobody() {
        let (none, any) = (labels(&[]), profiles(&["queue"]));
        let draining = Admission { draining: true, ..Admission::default() };
        assert_eq!(draining.obstacle(&needs(&none, &any), VALKEY_9), Some(Obstacle::Draining));
    }

    #[test]
    fn a_tenant_has_to_carry_all_the_labels_and_may_carry_more() {
        let gold = Admission {
            labels: labels(&[("region", "eu"), ("tier", "gold")]),
            ..Admission::default()
        };
        let any = profiles(&["queue"]);
        let of = |pairs: &[(&str, &str)]| gold.obstacle(&needs(&labels(pairs), &any), VALKEY_9);
        assert_eq!(of(&[("region", "eu"), ("tier", "gold"), ("team", "x")]), None);
        let lacks = Some(Obstacle::Labels { lacks: ("tier".into(), "gold".into()) });
        assert_eq!(of(&[("region", "eu")]), lacks);
        assert_eq!(of(&[("region", "eu"), ("tier", "silver")]), lacks);
    }

    #[test]
    fn all_users_have_to_have_one_of_the_profiles() {
        let takes: BTreeSet<_> = profiles(&["cache", "read-only"]).into_iter().collect();
        let admission = Admission { profiles: takes.clone(), ..Admission::default() };
        let none = labels(&[]);
        let of = |names: &[&str]| admission.obstacle(&needs(&none, &profiles(names)), VALKEY_9);
        assert_eq!(of(&["cache", "read-only"]), None);
        let asked = ProfileName::parse("queue").unwrap();
        assert_eq!(of(&["cache", "queue"]), Some(Obstacle::Profile { asked, takes }));
    }

    #[test]
    fn an_engine_that_was_asked_for_has_to_be_known() {
        let (none, any) = (labels(&[]), profiles(&["queue"]));
        let asked = Needs { engine: Some(EngineKind::Redis), ..needs(&none, &any) };
        let admission = Admission { draining: true, ..Admission::default() };
        let runs = |engine| CacheRuns { engine, version: None };
        let of = |engine| admission.obstacle(&asked, runs(engine));
        assert_eq!(of(None), Some(Obstacle::UnknownEngine));
        let runs = EngineKind::Valkey;
        assert_eq!(of(Some(runs)), Some(Obstacle::OtherEngine { runs }));
        assert_eq!(of(Some(EngineKind::Redis)), Some(Obstacle::Draining));
    }

    #[test]
    fn an_engine_that_is_told_to_be_too_old_is_none_for_iam() {
        let (none, any) = (labels(&[]), profiles(&["queue"]));
        let iam = Needs { auth: Auth::Iam, ..needs(&none, &any) };
        let of = |version| {
            let runs = CacheRuns { engine: Some(EngineKind::Redis), version };
            Admission::default().obstacle(&iam, runs)
        };
        assert_eq!(of(None), None);
        assert_eq!(of(Some(EngineVersion::new(7, 0))), None);
        let runs = EngineVersion::new(6, 2);
        assert_eq!(of(Some(runs)), Some(Obstacle::TooOldForIam { runs }));
    }
}
