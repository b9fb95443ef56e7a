//! Files that change while the service runs.
//!
//! Whoever renews a certificate writes files and tells nobody: a timer, cert-manager, or the kubelet, which puts
//! another directory behind a link. So the files are read now and then, and compared with what was read before.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::watch,
    task::spawn_blocking,
    time::{MissedTickBehavior, interval},
};
use tokio_rustls::rustls::ServerConfig;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use super::{
    Certificates, Tls, TlsError, TlsMetrics,
    contents::{Contents, Fingerprint},
    metrics::Reload,
};
use crate::{
    clock::Clock,
    config::{TlsConfig, TlsFiles},
};

/// Looks after the files of a listener.
pub(crate) struct Renewal {
    files: TlsFiles,
    period: Duration,
    clock: Arc<dyn Clock>,
    served: watch::Sender<Arc<ServerConfig>>,
    metrics: TlsMetrics,
    /// What was read last; `None` if it could not be.
    seen: Option<Fingerprint>,
    standing: Standing,
}

/// What is known of what was read last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// It is served, or was refused and told.
    Settled,
    /// It cannot be served, perhaps because somebody is about to write the other file, too.
    Doubtful,
}

impl Renewal {
    /// Reads the files for the first time. Nothing is served that cannot be.
    pub(crate) fn begin(
        files: TlsFiles,
        config: &TlsConfig,
        clock: Arc<dyn Clock>,
        metrics: TlsMetrics,
    ) -> Result<(Tls, Self), TlsError> {
        let contents = Contents::read(&files)?;
        let certificates = Certificates::parse(&contents, &files)?;
        let (served, receiver) = watch::channel(Arc::clone(&certificates.config));
        let renewal = Self {
            files,
            period: config.reload_period,
            clock,
            served,
            metrics: metrics.clone(),
            seen: Some(contents.fingerprint()),
            standing: Standing::Settled,
        };
        renewal.tell(&certificates);
        Ok((Tls { served: receiver, metrics }, renewal))
    }

    /// Goes on until it is stopped.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        let mut looks = interval(self.period);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = looks.tick() => self.look().await,
                () = stop.cancelled() => return,
            }
        }
    }

    async fn look(&mut self) {
        let files = self.files.clone();
        // It does not panic, and then the next look is the remedy.
        let Ok(read) = spawn_blocking(move || Contents::read(&files)).await else { return };
        let found = read.as_ref().ok().map(Contents::fingerprint);
        let is_new = found != self.seen;
        if !is_new && self.standing == Standing::Settled {
            return;
        }
        self.seen = found;
        match read.and_then(|contents| Certificates::parse(&contents, &self.files)) {
            Ok(certificates) => self.serve(&certificates),
            Err(_) if is_new => self.standing = Standing::Doubtful,
            Err(refused) => self.refuse(&refused),
        }
    }

    fn serve(&mut self, certificates: &Certificates) {
        self.standing = Standing::Settled;
        self.served.send_replace(Arc::clone(&certificates.config));
        self.metrics.reloaded(Reload::Served);
        self.tell(certificates);
    }

    fn refuse(&mut self, refused: &TlsError) {
        self.standing = Standing::Settled;
        self.metrics.reloaded(Reload::Refused);
        error!(
            error = refused as &dyn std::error::Error,
            "the files of [tls] have changed and cannot be served; what was served before still is"
        );
    }

    fn tell(&self, certificates: &Certificates) {
        let (ends, fault) = certificates.look(self.clock.now());
        self.metrics.ends(ends);
        if let Some(fault) = fault {
            warn!(%ends, "{fault}");
        } else {
            info!(%ends, "a certificate is served");
        }
    }
}
