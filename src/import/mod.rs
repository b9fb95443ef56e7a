//! `ringfence import`: the store, made again from what is in AWS.
//!
//! Three steps for each cache. A *survey* only reads: the users that carry our tags or a name that
//! tells a tenant, and their secrets. From it tenants are *rebuilt*, which is a pure decision
//! ([`rebuild`]). Then they are *written down*: what is ours by a row alone, what
//! another tool made by a secret and tags first, so that an import that is cut off finds its own traces
//! and goes on.
//!
//! Without being told to apply it, all of that is done on a copy of the store, and nothing in AWS.

mod adopt;
mod orphans;
mod patience;
mod report;
mod survey;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use crate::{
    cloud::{AwsAccess, CallMetrics, CloudError, Clouds, ConnectError},
    config::{CacheConfig, Config, ConfigError},
    domain::{
        Auth, CacheName, GroupLimits, ImportRefusal, ImportRules, ImportedTenant, InstallationId,
        NameTemplate, NamingScheme, ProfileName, Profiles, rebuild,
    },
    service::{Surroundings, cloud_settings},
    store::{ImportEnd, OpenError, Store, StoreError, TrialCopy},
};

pub use report::{ImportReport, OrphanedSecret, Outcome, ReportedTenant};
use survey::{Surveyed, survey};

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct ImportRequest {
    /// Only this cache.
    pub cache: Option<CacheName>,
    /// The names that other tools give to tenants' users.
    pub names: Vec<NameTemplate>,
    /// The secrets in which other tools keep their passwords.
    pub password_secret: Option<NameTemplate>,
    /// The profile for users whose rights are no profile's.
    pub instead: Option<ProfileName>,
    /// Whether users that are in no group are put back, and not suspended or refused.
    pub rejoin: bool,
    /// Whether anything is written.
    pub apply: bool,
}

/// Why nothing can be imported at all.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The configuration contradicts itself.
    #[error("the configuration is refused")]
    Config(#[from] ConfigError),
    /// There is no such cache.
    #[error("no cache named {name} is configured")]
    UnknownCache {
        /// The name.
        name: CacheName,
    },
    /// There is no such profile.
    #[error("no access profile named {name} is configured")]
    UnknownProfile {
        /// The name.
        name: ProfileName,
    },
    /// It cannot be told which installation this is.
    #[error(
        "what is in AWS belongs to several installations ({found}): say which one this is, by the \
         setting `installation`"
    )]
    SeveralInstallations {
        /// Their ids.
        found: String,
    },
    /// The store cannot be opened.
    #[error("the database cannot be opened (a service that runs on it has to be stopped first)")]
    Open(#[from] OpenError),
    /// The store failed.
    #[error("the database cannot be used")]
    Store(#[from] StoreError),
    /// The AWS clients cannot be made.
    #[error("AWS cannot be set up")]
    Connect(#[from] ConnectError),
    /// AWS did not answer.
    #[error("AWS cannot be read; what was imported so far stays, run it again")]
    Cloud(#[from] CloudError),
}

/// Everything that tenants are rebuilt with.
struct Workplace<'a> {
    request: &'a ImportRequest,
    surroundings: &'a Surroundings,
    profiles: Profiles,
    naming: NamingScheme,
    config: &'a Config,
    store: Store,
}

/// Finds the tenants that are in AWS, and writes them down if that is asked for.
pub async fn import(
    config: &Config,
    aws: &AwsAccess,
    surroundings: &Surroundings,
    request: &ImportRequest,
) -> Result<ImportReport, ImportError> {
    let profiles = config.access_profiles()?;
    if let Some(name) = request.instead.as_ref().filter(|name| profiles.get(name).is_none()) {
        return Err(ImportError::UnknownProfile { name: name.clone() });
    }
    let caches = chosen(config, request)?;
    let metrics = CallMetrics::default();
    let clouds = Box::pin(Clouds::connect(aws, &cloud_settings(config), &metrics)).await?;
    let mut surveys = Vec::new();
    for cache in caches {
        let Some(cloud) = clouds.for_cache(&cache.name) else { continue };
        surveys.push(survey(cloud, config, cache, request).await?);
    }
    let opened = Opened::open(config, surroundings, request, &surveys).await?;
    let naming = naming(config);
    let place = Workplace {
        request,
        surroundings,
        profiles,
        naming,
        config,
        store: opened.store().clone(),
    };
    let mut report = ImportReport::begin(request.apply, place.store.installation());
    for surveyed in &surveys {
        place.take(surveyed, &mut report).await?;
    }
    report.orphaned_secrets = place.orphaned_secrets(&surveys).await?;
    place.store.close().await;
    Ok(report)
}

impl Workplace<'_> {
    /// Rebuilds the tenants of a cache and writes them down.
    async fn take(
        &self,
        surveyed: &Surveyed<'_>,
        report: &mut ImportReport,
    ) -> Result<(), ImportError> {
        let rules = self.rules(surveyed);
        for (name, users) in surveyed.by_tenant() {
            let ids = users.iter().map(|user| user.user_id.to_string()).collect();
            let new_id = || self.surroundings.entropy.uuid(rules.now);
            let rebuilt = match self.refuse_others(surveyed, &name) {
                Ok(()) => rebuild(&rules, &users, new_id),
                Err(refusal) => Err(refusal),
            };
            let end = match rebuilt {
                Ok(tenant) => self.write_down(surveyed, tenant).await?,
                Err(refusal) => Outcome::Refused { why: refusal.to_string() },
            };
            report.tenants.push(ReportedTenant {
                cache: surveyed.cache.name.to_string(),
                tenant: name,
                users: ids,
                outcome: end,
            });
        }
        Ok(())
    }

    async fn write_down(
        &self,
        surveyed: &Surveyed<'_>,
        mut tenant: ImportedTenant,
    ) -> Result<Outcome, ImportError> {
        match self.store.may_import(&tenant).await? {
            ImportEnd::Written => {}
            end => return Ok(Outcome::of(end, &tenant)),
        }
        let mut versions = BTreeMap::new();
        for user in tenant.tenant.users.iter().filter(|user| user.auth == Auth::Password) {
            match self.require_password(surveyed, &tenant, user).await? {
                Ok(version) => versions.insert(user.id, version),
                Err(refusal) => return Ok(Outcome::Refused { why: refusal.to_string() }),
            };
        }
        tenant.versions = versions;
        if self.request.apply {
            self.tag(surveyed, &tenant).await?;
        }
        let outcome = Outcome::of(ImportEnd::Written, &tenant);
        let end = self.store.import_tenant(tenant).await?;
        Ok(match end {
            ImportEnd::Written => outcome,
            // Between the two looks nobody else writes.
            ImportEnd::AlreadyThere => Outcome::AlreadyThere,
            ImportEnd::Refused(obstacle) => Outcome::Refused { why: obstacle.to_string() },
        })
    }

    fn refuse_others(&self, surveyed: &Surveyed<'_>, tenant: &str) -> Result<(), ImportRefusal> {
        let ours = self.store.installation();
        match surveyed.installations_of(tenant).find(|theirs| *theirs != ours) {
            None => Ok(()),
            Some(theirs) => Err(ImportRefusal::OtherInstallation {
                theirs: theirs.as_str().to_owned(),
                ours: ours.as_str().to_owned(),
            }),
        }
    }

    fn rules<'r>(&'r self, surveyed: &Surveyed<'r>) -> ImportRules<'r> {
        ImportRules {
            cache: &surveyed.cache.name,
            limits: GroupLimits {
                configured: surveyed.cache.user_quota.get(),
                learned: None,
                foreign: None,
            },
            profiles: &self.profiles,
            ground: surveyed.facts.ground,
            key_pattern: self.config.key_pattern,
            naming: &self.naming,
            instead: self.request.instead.clone(),
            rejoin: self.request.rejoin,
            now: self.surroundings.clock.now(),
        }
    }
}

/// The store itself, or a copy to try things on.
enum Opened {
    Real(Store),
    Copy(TrialCopy),
}

impl Opened {
    async fn open(
        config: &Config,
        surroundings: &Surroundings,
        request: &ImportRequest,
        surveys: &[Surveyed<'_>],
    ) -> Result<Self, ImportError> {
        let path = &config.database;
        let installation = installation(config, path, surveys)?;
        let (clock, entropy) = (surroundings.clock.as_ref(), surroundings.entropy.as_ref());
        if request.apply {
            Ok(Self::Real(Store::open(path, installation, clock, entropy).await?))
        } else {
            Ok(Self::Copy(Store::open_trial_copy(path, installation, clock, entropy).await?))
        }
    }

    fn store(&self) -> &Store {
        match self {
            Self::Real(store) => store,
            Self::Copy(copy) => &copy.store,
        }
    }
}

/// Which installation this is: as configured, or as the file says, or if there is none as the tags say.
fn installation(
    config: &Config,
    path: &Path,
    surveys: &[Surveyed<'_>],
) -> Result<Option<InstallationId>, ImportError> {
    if config.installation.is_some() || path.exists() {
        return Ok(config.installation.clone());
    }
    let found: BTreeSet<&InstallationId> =
        surveys.iter().flat_map(Surveyed::installations).collect();
    let ids: Vec<&str> = found.iter().map(|id| id.as_str()).collect();
    match ids.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(InstallationId::new((*one).to_owned()))),
        several => Err(ImportError::SeveralInstallations { found: several.join(", ") }),
    }
}

fn chosen<'a>(
    config: &'a Config,
    request: &ImportRequest,
) -> Result<Vec<&'a CacheConfig>, ImportError> {
    let Some(name) = &request.cache else { return Ok(config.caches.iter().collect()) };
    match config.caches.iter().find(|cache| cache.name == *name) {
        Some(cache) => Ok(vec![cache]),
        None => Err(ImportError::UnknownCache { name: name.clone() }),
    }
}

fn naming(config: &Config) -> NamingScheme {
    NamingScheme {
        user_id_prefix: config.user_id_prefix.clone(),
        secret_prefix: config.secret_prefix.clone(),
    }
}
