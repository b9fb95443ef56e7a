//! The running simulation: one world under one lock, and what is due in it.

mod nodes;
mod settling;

pub use self::nodes::NodeError;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use ringfence_acl::Engine;
use serde_json::Value;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::calls::CallLog;
use crate::chain::Chain;
use crate::clock::Clock;
use crate::elasticache::xml::Element;
use crate::elasticache::{self, Parameters, Refusal};
use crate::engine::Engines;
use crate::faults::Faults;
use crate::knobs::{Settings, Span};
use crate::place::Place;
use crate::secretsmanager::{self, SecretsError};
use crate::state::{StateError, StateFile, World};
use crate::sts;
use crate::throttle::Throttle;

/// Everything that the interfaces share.
pub(crate) struct Simulation {
    pub(crate) clock: Clock,
    pub(crate) faults: Faults,
    pub(crate) throttle: Throttle,
    pub(crate) calls: CallLog,
    pub(crate) engine: Engine,
    /// The account of callers that do not name one.
    pub(crate) account: String,
    /// Everything that goes on beside the requests.
    pub(crate) tasks: TaskTracker,
    pub(crate) stop: CancellationToken,
    settings: Mutex<Settings>,
    jitter: Mutex<fastrand::Rng>,
    changed: Notify,
    engine_ended: Arc<Notify>,
    stage: tokio::sync::Mutex<Stage>,
}

/// What only one may look at or change at a time.
pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) file: StateFile,
    pub(crate) engines: Engines,
    /// When something is due next. Every request asks, and only changes move it.
    due: Option<Timestamp>,
}

/// What a simulation begins with.
pub(crate) struct Beginning {
    pub(crate) stage: Stage,
    pub(crate) engine: Engine,
    pub(crate) engine_ended: Arc<Notify>,
    pub(crate) settings: Settings,
    pub(crate) clock: Clock,
    pub(crate) account: String,
    pub(crate) seed: u64,
}

impl Simulation {
    pub(crate) fn new(beginning: Beginning) -> Self {
        Self {
            clock: beginning.clock,
            faults: Faults::default(),
            throttle: Throttle::default(),
            calls: CallLog::default(),
            engine: beginning.engine,
            account: beginning.account,
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
            settings: Mutex::new(beginning.settings),
            jitter: Mutex::new(fastrand::Rng::with_seed(beginning.seed)),
            changed: Notify::new(),
            engine_ended: beginning.engine_ended,
            stage: tokio::sync::Mutex::new(beginning.stage),
        }
    }

    /// Does what an ElastiCache request asks.
    pub(crate) async fn elasticache(
        &self,
        operation: &str,
        parameters: &Parameters,
        place: &Place,
    ) -> Result<Vec<Element>, Refusal> {
        let mut stage = self.settled().await;
        let settings = self.settings();
        let answer = stage.world.elasticache.at(place).handle(
            operation,
            &mut elasticache::Call {
                parameters,
                place,
                now: self.clock.now(),
                settings: &settings,
                engine: self.engine,
                jitter: &mut self.jitter(),
            },
        )?;
        self.keep(&mut stage, operation).map_err(|_| Refusal {
            code: "InternalFailure",
            status: 500,
            message: "The state could not be saved.".to_owned(),
        })?;
        Ok(answer)
    }

    /// Does what a Secrets Manager request asks.
    pub(crate) async fn secretsmanager(
        &self,
        operation: &str,
        body: &Value,
        place: &Place,
    ) -> Result<Value, SecretsError> {
        let mut stage = self.settled().await;
        let settings = self.settings();
        let answer = stage.world.secrets.handle(&mut secretsmanager::Call {
            operation,
            body,
            region: &place.region,
            account: &place.account,
            now: self.clock.now(),
            entropy: &mut |bytes| {
                aws_lc_rs::rand::fill(bytes).expect("the system gives random bytes");
            },
            quotas: &settings.secrets,
        })?;
        self.keep(&mut stage, operation).map_err(|_| SecretsError {
            code: "InternalServiceError",
            status: 500,
            message: "The state could not be saved.".to_owned(),
        })?;
        Ok(answer)
    }

    /// Does what an STS request asks. Nothing is remembered of it.
    pub(crate) fn sts(
        &self,
        operation: &str,
        parameters: &Parameters,
        caller: &Place,
    ) -> Result<Vec<Element>, Refusal> {
        let call = sts::Call { parameters, caller, now: self.clock.now() };
        sts::handle(operation, &call, &self.settings().roles)
    }

    pub(crate) fn settings(&self) -> Settings {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn change_settings<T>(&self, change: impl FnOnce(&mut Settings) -> T) -> T {
        change(&mut self.settings.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn jitter(&self) -> MutexGuard<'_, fastrand::Rng> {
        self.jitter.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn draw(&self, span: Span) -> Duration {
        span.pick(&mut self.jitter())
    }

    fn keep(&self, stage: &mut Stage, operation: &str) -> Result<(), StateError> {
        if ["Describe", "List", "Get"].iter().any(|reads| operation.starts_with(reads)) {
            return Ok(());
        }
        stage.look_for_what_is_due();
        self.changed.notify_one();
        stage.save()
    }
}

impl Stage {
    pub(crate) fn new(world: World, file: StateFile, engines: Engines) -> Self {
        let due = world.elasticache.next_due();
        Self { world, file, engines, due }
    }

    /// To be called when ElastiCache has changed.
    fn look_for_what_is_due(&mut self) {
        self.due = self.world.elasticache.next_due();
    }

    /// Writes everything down. A failure is logged here, and told to whoever waits for it.
    pub(crate) fn save(&self) -> Result<(), StateError> {
        self.file.save(&self.world).inspect_err(|error| {
            tracing::error!(error = %Chain(error), "the state could not be saved");
        })
    }
}
