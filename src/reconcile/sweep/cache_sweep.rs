//! The sweep of one cache.

use std::collections::{BTreeMap, BTreeSet};

use ringfence_acl::AccessString;
use tokio::time::Instant;
use tracing::{Instrument as _, debug, info_span, warn};

use super::{SweepError, SweepTools, mending::Mending, sight::Sight, strangers, surroundings};
use crate::{
    cloud::{Cloud, CloudErrorKind, GroupReport, OwnershipTags},
    config::CacheConfig,
    domain::{
        CacheName, CacheUserId, Difference, DriftFilter, DriftKind, DriftOwner, DriftPolicies,
        DriftPolicy, ExpectedUser, FoundDrift, SecretSeen, SeenUser, UserShown, UserState,
        differences,
    },
    reconcile::{Cache, SweepTicket},
    store::{DriftQuery, SweepEnd, SweptUser},
};

/// How many users are compared at a time.
const PAGE: u32 = 200;

/// What is different only if the secrets were looked at.
const OF_SECRETS: [DriftKind; 5] = [
    DriftKind::SecretMissing,
    DriftKind::SecretScheduled,
    DriftKind::SecretChanged,
    DriftKind::SecretTagsLost,
    DriftKind::SecretOrphaned,
];

/// Sweeps one cache again and again. What it remembers only paces it.
pub(super) struct CacheSweep {
    tools: SweepTools,
    name: CacheName,
    /// Whether it asks about the users of the place that are in no cache's group.
    is_first: bool,
    /// When it is looked at again because of a repair.
    pub(super) recheck: Option<Instant>,
    /// Up to which user tags were read.
    tags_read_to: Option<CacheUserId>,
}

/// A sweep under way.
pub(super) struct Sweep<'a> {
    pub(super) tools: &'a SweepTools,
    pub(super) cloud: &'a Cloud,
    pub(super) config: &'a CacheConfig,
    pub(super) policies: DriftPolicies,
    pub(super) seen: &'a Sight,
    pub(super) group: Option<&'a GroupReport>,
    /// Kinds that could not be looked at.
    pub(super) not_looked_at: BTreeSet<DriftKind>,
    /// Users whose tags are read whatever the turn.
    tags_doubtful: BTreeSet<String>,
    tags_left: u32,
    tags_read_from: Option<CacheUserId>,
}

impl CacheSweep {
    pub(super) fn new(tools: SweepTools, name: CacheName, is_first: bool) -> Self {
        Self { tools, name, is_first, recheck: None, tags_read_to: None }
    }

    /// Who waits for a sweep, if somebody does.
    pub(super) fn tickets(&self) -> Option<SweepTicket> {
        self.tools.caches.get(&self.name)?.sweep_asked_for()
    }

    /// Tells those who waited when the sweep began that it is over.
    pub(super) fn answer(&self, ticket: Option<SweepTicket>) {
        if let (Some(cache), Some(ticket)) = (self.tools.caches.get(&self.name), ticket) {
            cache.sweep_is_over(ticket);
        }
    }

    /// Sweeps, and answers when to look again at what was repaired. A failure is told of, and the next
    /// sweep comes soon.
    pub(super) async fn sweep_or_tell(&mut self, cloud: &Cloud, seen: &Sight) -> Option<Instant> {
        let span = info_span!("sweep", cache = %self.name);
        match self.sweep(cloud, seen).instrument(span.clone()).await {
            Ok(recheck) => recheck,
            Err(error) => {
                warn!(parent: &span, error = &error as &dyn std::error::Error, "the sweep failed");
                Some(Instant::now() + self.tools.settings.recheck)
            }
        }
    }

    /// Compares, notes what differs, and begins repairs.
    async fn sweep(&mut self, cloud: &Cloud, seen: &Sight) -> Result<Option<Instant>, SweepError> {
        let (tools, began) = (self.tools.clone(), Instant::now());
        let Some(cache) = tools.caches.get(&self.name) else { return Ok(None) };
        let config = cache.config();
        let mut sweep = Sweep {
            tools: &tools,
            cloud,
            config,
            policies: tools.settings.policy.under(&config.drift_policy),
            seen,
            group: seen.groups.groups.get(&config.user_group),
            not_looked_at: BTreeSet::new(),
            tags_doubtful: self.doubtful_tags().await?,
            tags_left: tools.settings.tags_at_once.get(),
            tags_read_from: self.tags_read_to,
        };
        sweep.note_what_is_not_looked_at();
        let mut mending = Mending::new(&tools, &self.name).await?;
        let known = surroundings::compare(&mut sweep, &mut mending).await?;
        let mut after = None;
        loop {
            let page = tools.store.users_at_rest(&self.name, (after, PAGE), seen.at).await?;
            after = page.last().map(|row| row.user.id);
            for row in &page {
                let found = sweep.compare(row).await?;
                tools.store.note_drift(found.clone(), tools.clock.now()).await?;
                mending.mend_user(&sweep, row, found).await?;
            }
            if page.len() < PAGE as usize {
                break;
            }
        }
        strangers::note(&mut sweep, self.is_first).await?;
        // At the end of the users the turn begins anew.
        self.tags_read_to = sweep.tags_read_from.filter(|_| sweep.tags_left == 0);
        let end = SweepEnd {
            cache: self.name.clone(),
            began_at: seen.at,
            not_looked_at: sweep.not_looked_at.into_iter().collect(),
            known,
        };
        tools.store.end_sweep(end, tools.clock.now()).await?;
        tools.metrics.swept(began);
        let mended = mending.end();
        debug!(repairs = mended.items.len(), "swept");
        mended.recheck(&tools, cache).await
    }

    /// The users whose tags were lost when they were last read.
    async fn doubtful_tags(&self) -> Result<BTreeSet<String>, SweepError> {
        let filter = DriftFilter {
            cache: Some(self.name.clone()),
            kinds: vec![DriftKind::UserTagsLost],
            ..DriftFilter::default()
        };
        let query = DriftQuery { filter, after: None, limit: PAGE };
        let items = self.tools.store.drift_items(&query, self.tools.clock.now()).await?;
        Ok(items.into_iter().map(|item| item.found.subject).collect())
    }
}

impl<'a> Sweep<'a> {
    fn note_what_is_not_looked_at(&mut self) {
        if self.seen.secrets.is_none() {
            self.not_looked_at.extend(OF_SECRETS);
        }
        if !self.group.is_some_and(|group| group.view.is_active) {
            self.not_looked_at.insert(DriftKind::NotInGroup);
        }
    }

    /// What is to be told of a thing of this cache; what is ignored is not.
    pub(super) fn found(
        &self,
        owner: Option<DriftOwner>,
        subject: &str,
        difference: Difference,
    ) -> Option<FoundDrift> {
        let policy = self.policies.of(difference.kind);
        let (cache, subject) = (self.config.name.clone(), subject.to_owned());
        let found = FoundDrift { cache, owner, subject, difference, policy };
        (policy != DriftPolicy::Ignore).then_some(found)
    }

    /// What differs about a user at rest. One that came to rest a moment ago may not be shown as it is.
    async fn compare(&mut self, row: &SweptUser) -> Result<Vec<FoundDrift>, SweepError> {
        let user = &row.user;
        let rests = self.seen.at.duration_since(user.phase_since);
        let window = self.tools.consistency_window;
        if user.updated_at > self.seen.at || rests.unsigned_abs() < window {
            return Ok(Vec::new());
        }
        let ground = self.tools.caches.get(&user.cache).and_then(Cache::ground);
        let profiles = &self.tools.profiles;
        // One that has another revision of its profile is given the current one in its turn.
        let given = ground.as_ref().filter(|ground| {
            user.grant.revision(profiles, ground).ok().is_some_and(|now| user.access == Some(now))
        });
        let given = given.and_then(|ground| {
            let text = user.grant.access_string(profiles, &user.key_pattern, ground).ok()?;
            AccessString::parse(&text).ok()
        });
        let expected = ExpectedUser {
            name: &user.user_name,
            auth: user.auth,
            access: given.as_ref(),
            shown: row.shown,
            version: row.version.clone(),
            rotation: row.rotation,
        };
        let seen = self.see(row).await?;
        let differing = differences(&expected, &seen);
        let found = differing.into_iter().filter_map(|difference| {
            let subject = match difference.kind {
                kind if OF_SECRETS.contains(&kind) => user.secret_name.as_str(),
                _ => user.user_id.as_str(),
            };
            self.found(Some(DriftOwner::from(user)), subject, difference)
        });
        Ok(found.collect())
    }

    async fn see(&mut self, row: &SweptUser) -> Result<SeenUser<'a>, SweepError> {
        let (user, seen) = (&row.user, self.seen);
        let secret = self.see_secret(row).await?;
        let tags_prove = self.see_tags(row).await;
        let group = self.group.filter(|group| group.view.is_active);
        let shown = match seen.users.get(&user.user_id) {
            None => UserShown::Missing,
            Some(report) if report.state == UserState::Active => UserShown::AtRest {
                name: &report.name,
                access_string: &report.access_string,
                auth: report.auth,
                passwords: report.passwords,
            },
            Some(_) => UserShown::Changing,
        };
        let membership = group.map(|group| group.view.membership(&user.user_id));
        Ok(SeenUser { user: shown, membership, tags_prove, secret })
    }

    /// A secret that was listed as it should be is. Of another the description counts.
    async fn see_secret(&mut self, row: &SweptUser) -> Result<Option<SecretSeen>, SweepError> {
        let (Some(secrets), Some(name)) = (&self.seen.secrets, row.user.secret()) else {
            return Ok(None);
        };
        let tags = self.tags(row);
        if secrets.prints.show(name, &row.version, &tags) {
            return Ok(Some(SecretSeen::Present {
                is_scheduled_for_deletion: false,
                current: Some(row.version.clone()),
                tags_prove: true,
            }));
        }
        let Some(shown) = self.cloud.secret(name).await? else {
            return Ok(Some(SecretSeen::Missing));
        };
        // A rotation may have begun since the row was read.
        let is_rotating = self.tools.store.rotation_under_way(row.user.id).await?.is_some();
        Ok(Some(SecretSeen::Present {
            is_scheduled_for_deletion: shown.is_scheduled_for_deletion,
            current: if is_rotating { Some(row.version.clone()) } else { shown.current_version },
            tags_prove: tags.prove(&shown.tags),
        }))
    }

    /// Whether the tags of a user prove it ours; `None` if it is not its turn, or AWS does not tell.
    async fn see_tags(&mut self, row: &SweptUser) -> Option<bool> {
        let user = &row.user;
        let is_its_turn =
            self.tags_left > 0 && self.tags_read_from.is_none_or(|last| user.id > last);
        if !is_its_turn && !self.tags_doubtful.contains(user.user_id.as_str()) {
            return None;
        }
        let report = self.seen.users.get(&user.user_id)?;
        if is_its_turn {
            self.tags_left -= 1;
            self.tags_read_from = Some(user.id);
        }
        match self.cloud.user_tags(&report.arn).await {
            Ok(shown) => Some(self.tags(row).prove(&shown)),
            Err(error) => {
                // While AWS is at work on a user it says that there is none to be tagged.
                if error.kind != CloudErrorKind::NotFound {
                    debug!(%error, user.id = %user.user_id, "the tags cannot be read");
                }
                self.not_looked_at.insert(DriftKind::UserTagsLost);
                None
            }
        }
    }

    pub(super) fn tags(&self, row: &SweptUser) -> OwnershipTags {
        let installation = self.tools.store.installation();
        let user = &row.user;
        OwnershipTags::new(&user.tenant_name, &user.user_name, installation)
            .remembering(user.id, user.tier)
    }
}

/// Differences by what they are about.
pub(super) type ByKind = BTreeMap<DriftKind, FoundDrift>;
