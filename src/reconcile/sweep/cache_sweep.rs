//! The sweep of one cache.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use jiff::Timestamp;
use ringfence_acl::AccessString;
use tokio::time::Instant;
use tracing::{Instrument as _, debug, info_span, warn};

use super::{
    SweepError, SweepTools, mending::Mending, pacing::Pacing, sight::Sight, strangers, surroundings,
};
use crate::{
    cloud::{Cloud, CloudError, CloudErrorKind, GroupReport, OwnershipTags},
    config::CacheConfig,
    domain::{
        CacheName, CacheUserId, Difference, DriftFilter, DriftKind, DriftOwner, DriftPolicies,
        ExpectedUser, FoundDrift, Phase, Proof, SecretSeen, SeenUser, UserShown, UserState,
        differences,
    },
    reconcile::{Cache, SweepTicket},
    store::{DriftQuery, SweepEnd, SweptUser},
};

/// How many users are compared at a time.
const PAGE: u32 = 200;

/// What differed about the secrets of users when these were last looked at.
type SecretsThen = BTreeMap<CacheUserId, Vec<DriftKind>>;

/// Sweeps one cache again and again. What it remembers paces it, and keeps it from repairs that cannot
/// come to their end.
pub(super) struct CacheSweep {
    tools: SweepTools,
    name: CacheName,
    /// Whether it asks about the users of the place that are in no cache's group.
    is_first: bool,
    /// When it is looked at again because of a repair.
    pub(super) pacing: Pacing,
    /// Up to which user tags were read.
    tags_read_to: Option<CacheUserId>,
    secrets_then: SecretsThen,
}

/// A user, compared.
pub(super) struct Compared {
    /// What differs, also what is ignored.
    pub(super) found: Vec<FoundDrift>,
    /// What differed about its secret when that was last looked at, if it was not now.
    pub(super) hindrances: Vec<DriftKind>,
    /// What proves it ours beside its tags.
    pub(super) proof: Proof,
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
        let (pacing, secrets_then) = (Pacing::default(), SecretsThen::new());
        Self { tools, name, is_first, pacing, tags_read_to: None, secrets_then }
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

    /// Sweeps. A failure is told of, and the next sweep comes soon.
    pub(super) async fn sweep_or_tell(&mut self, cloud: &Cloud, seen: &Sight) {
        let span = info_span!("sweep", cache = %self.name);
        if let Err(error) = self.sweep(cloud, seen).instrument(span.clone()).await {
            warn!(parent: &span, error = &error as &dyn std::error::Error, "the sweep failed");
            self.pacing.has_failed(Instant::now(), &self.tools.settings);
        }
    }

    /// Compares, notes what differs, and begins repairs.
    async fn sweep(&mut self, cloud: &Cloud, seen: &Sight) -> Result<(), SweepError> {
        let (tools, began) = (self.tools.clone(), Instant::now());
        let Some(cache) = tools.caches.get(&self.name) else { return Ok(()) };
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
                let Some(compared) = sweep.compare(row, &mut self.secrets_then).await? else {
                    continue;
                };
                sweep.note(&compared.found).await?;
                mending.mend_user(&sweep, row, &compared).await?;
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
            at_rest_since: before(seen.at, tools.consistency_window),
            known,
        };
        tools.store.end_sweep(end, tools.clock.now()).await?;
        tools.metrics.swept(began);
        let mended = mending.end();
        debug!(repairs = mended.items.len(), "swept");
        let after = mended.aftermath(&tools, cache).await?;
        self.pacing.has_swept(Instant::now(), after, &tools.settings);
        Ok(())
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
            self.not_looked_at.extend(DriftKind::OF_SECRETS);
        }
        if !self.group.is_some_and(|group| group.view.is_active) {
            self.not_looked_at.extend([DriftKind::NotInGroup, DriftKind::InGroup]);
        }
    }

    /// What differs about a thing of this cache, with its policy.
    pub(super) fn found(
        &self,
        owner: Option<DriftOwner>,
        subject: &str,
        difference: Difference,
    ) -> FoundDrift {
        let policy = self.policies.of(difference.kind);
        let (cache, subject) = (self.config.name.clone(), subject.to_owned());
        FoundDrift { cache, owner, subject, difference, policy }
    }

    /// Notes what differs, apart from what is ignored.
    pub(super) async fn note(&self, found: &[FoundDrift]) -> Result<(), SweepError> {
        let told = found.iter().filter(|found| found.is_told()).cloned().collect();
        Ok(self.tools.store.note_drift(told, self.tools.clock.now()).await?)
    }

    /// These kinds could not be looked at everywhere. The others are.
    pub(super) fn cannot_look_at(&mut self, kinds: &[DriftKind], error: &CloudError) {
        if !kinds.iter().all(|kind| self.not_looked_at.contains(kind)) {
            warn!(%error, ?kinds, "not everything can be looked at");
        }
        self.not_looked_at.extend(kinds);
    }

    /// What differs about a user at rest. One that came to rest a moment ago may not be shown as it is,
    /// and is not compared.
    async fn compare(
        &mut self,
        row: &SweptUser,
        secrets_then: &mut SecretsThen,
    ) -> Result<Option<Compared>, SweepError> {
        let user = &row.user;
        let rests = self.seen.at.duration_since(user.phase_since);
        let window = self.tools.consistency_window;
        if user.updated_at > self.seen.at || rests.unsigned_abs() < window {
            return Ok(None);
        }
        let given = self.given(row);
        let expected = ExpectedUser {
            name: &user.user_name,
            auth: user.auth,
            is_member: user.phase != Phase::Suspended,
            access: given.as_ref(),
            shown: row.shown,
            version: row.version.clone(),
            rotation: row.rotation,
        };
        let seen = self.see(row).await?;
        let proof = Proof::of(&expected, &seen);
        let differing = differences(&expected, &seen);
        let hindrances = if seen.secret.is_some() {
            let kinds = differing.iter().map(|difference| difference.kind);
            let kinds: Vec<_> = kinds.filter(|kind| kind.is_of_secret()).collect();
            if kinds.is_empty() {
                secrets_then.remove(&user.id);
            } else {
                secrets_then.insert(user.id, kinds);
            }
            Vec::new()
        } else {
            secrets_then.get(&user.id).cloned().unwrap_or_default()
        };
        let found = differing.into_iter().map(|difference| {
            let subject = match difference.kind {
                kind if kind.is_of_secret() => user.secret_name.as_str(),
                _ => user.user_id.as_str(),
            };
            self.found(Some(DriftOwner::from(user)), subject, difference)
        });
        Ok(Some(Compared { found: found.collect(), hindrances, proof }))
    }

    /// What the user was given, as far as its profile still says the same.
    fn given(&self, row: &SweptUser) -> Option<AccessString> {
        let user = &row.user;
        let ground = self.tools.caches.get(&user.cache).and_then(Cache::ground);
        let profiles = &self.tools.profiles;
        // One that has another revision of its profile is given the current one in its turn.
        let given = ground.as_ref().filter(|ground| {
            user.grant.revision(profiles, ground).ok().is_some_and(|now| user.access == Some(now))
        });
        let text = user.grant.access_string(profiles, &user.key_pattern, given?).ok()?;
        AccessString::parse(&text).ok()
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
        let shown = match self.cloud.secret(name).await {
            Ok(Some(shown)) => shown,
            Ok(None) => return Ok(Some(SecretSeen::Missing)),
            // The others are not to go without a look for it.
            Err(error) if error.is_permanent() => {
                self.cannot_look_at(&DriftKind::OF_SECRETS, &error);
                return Ok(None);
            }
            Err(error) => return Err(error.into()),
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

fn before(at: Timestamp, time: Duration) -> Timestamp {
    at.saturating_sub(time).unwrap_or(Timestamp::MIN)
}
