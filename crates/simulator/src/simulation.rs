//! The running simulation: one world under one lock, and what is due in it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use ringfence_acl::Engine;
use serde_json::Value;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::calls::CallLog;
use crate::clock::Clock;
use crate::elasticache::xml::Element;
use crate::elasticache::{self, Parameters, Refusal};
use crate::engine::{EngineError, Engines};
use crate::faults::Faults;
use crate::knobs::{Settings, Span};
use crate::place::Place;
use crate::secretsmanager::{self, SecretsError};
use crate::state::{StateError, StateFile, World};
use crate::throttle::Throttle;

/// After an engine has failed, it is left alone for so long.
const ENGINE_RETRY: Duration = Duration::from_secs(1);

/// Longer than anybody waits: a change wakes the sleeper anyway.
const NOTHING_DUE: Duration = Duration::from_hours(1);

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
        let answer = stage.world.elasticache.handle(
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

    /// The world with everything done that is due.
    pub(crate) async fn settled(&self) -> tokio::sync::MutexGuard<'_, Stage> {
        let mut stage = self.stage.lock().await;
        if let Err(error) = self.settle(&mut stage).await {
            tracing::warn!(error = %Chain(&error), "changes wait for an engine");
        }
        stage
    }

    /// Does what is due whenever it is due, so that the engines follow when nobody asks.
    pub(crate) async fn keep_settling(&self) {
        loop {
            let pause = {
                let mut stage = self.stage.lock().await;
                match self.settle(&mut stage).await {
                    Ok(()) => self.pause(&stage),
                    Err(error) => {
                        tracing::warn!(error = %Chain(&error), "changes wait for an engine");
                        ENGINE_RETRY
                    }
                }
            };
            tokio::select! {
                () = self.stop.cancelled() => return,
                () = self.changed.notified() => {}
                () = self.engine_ended.notified() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    pub(crate) async fn advance_clock(&self, by: Duration) -> Result<Timestamp, StateError> {
        self.clock.advance(by);
        let mut stage = self.settled().await;
        let ahead_ms = self.clock.ahead().as_millis();
        stage.world.clock_ahead_ms = u64::try_from(ahead_ms).unwrap_or(u64::MAX);
        stage.file.save(&stage.world)?;
        self.changed.notify_one();
        Ok(self.clock.now())
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

    /// Applies what is due to a copy, brings the engines there, and only then lets the copy be
    /// seen. The lock is held all the while: an answer never says `active` before the engine has
    /// changed, and the engine never changes before an answer could say `active`.
    ///
    /// When an engine fails, nothing has happened: the next attempt begins again.
    async fn settle(&self, stage: &mut Stage) -> Result<(), EngineError> {
        let now = self.clock.now();
        let due = stage.world.elasticache.next_due().is_some_and(|due| due <= now);
        if !due && !stage.engines.lost_one() {
            return Ok(());
        }
        let mut next = stage.world.elasticache.clone();
        next.settle(now);
        let pubsub = self.settings().behaviour.acl_pubsub_default;
        stage.engines.follow(&mut next, pubsub).await?;
        stage.world.elasticache = next;
        if let Err(error) = stage.file.save(&stage.world) {
            tracing::error!(error = %Chain(&error), "the state could not be saved");
        }
        Ok(())
    }

    fn pause(&self, stage: &Stage) -> Duration {
        let Some(due) = stage.world.elasticache.next_due() else { return NOTHING_DUE };
        // Whatever is due in the past is done already: at least one tick of the clock is left.
        let left = due.duration_since(self.clock.now());
        Duration::try_from(left).unwrap_or_default().max(Duration::from_millis(1))
    }

    fn keep(&self, stage: &mut Stage, operation: &str) -> Result<(), StateError> {
        if ["Describe", "List", "Get"].iter().any(|reads| operation.starts_with(reads)) {
            return Ok(());
        }
        self.changed.notify_one();
        stage.file.save(&stage.world).inspect_err(|error| {
            tracing::error!(error = %Chain(error), "the state could not be saved");
        })
    }
}

/// An error with all its causes, for the log.
pub(crate) struct Chain<'a>(pub(crate) &'a dyn std::error::Error);

impl std::fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}
