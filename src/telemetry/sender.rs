//! How traces are sent: by the HTTP client and the TLS that the rest of the service has.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use opentelemetry_http::{HttpClient, HttpError, Request, Response};
use reqwest::redirect::Policy;
use tokio::{runtime::Handle, time::Instant};
use tracing::warn;

/// How long a collector may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// What is read of its answer: there is at most a message in it.
const ANSWER_SIZE_MAX: usize = 64 * 1024;
/// How often it is said that it does not work.
const WARNING_PERIOD: Duration = Duration::from_mins(5);

/// Sends from the thread of the exporter, which has no timers and no sockets of its own.
#[derive(Debug)]
pub(super) struct Sender {
    client: reqwest::Client,
    runtime: Handle,
    warned: Mutex<Option<Instant>>,
}

impl Sender {
    pub(super) fn new(endpoint: &str) -> Result<Self, reqwest::Error> {
        // To be led elsewhere is a mistake in the configuration, and headers may hold a secret.
        let mut builder = reqwest::Client::builder().timeout(TIMEOUT).redirect(Policy::none());
        if endpoint.starts_with("http://") {
            // Without TLS nobody needs the system's roots, which an image may not have; and a proxy would
            // read the headers.
            builder = builder.tls_certs_only([]).no_proxy();
        }
        Ok(Self { client: builder.build()?, runtime: Handle::current(), warned: Mutex::new(None) })
    }

    /// Tells that traces are lost, once in a while.
    fn warn(&self, error: &HttpError) {
        let mut warned = self.warned.lock().unwrap_or_else(PoisonError::into_inner);
        if warned.is_none_or(|at| at.elapsed() >= WARNING_PERIOD) {
            *warned = Some(Instant::now());
            warn!(error = &**error as &dyn std::error::Error, "traces cannot be exported");
        }
    }
}

#[async_trait]
impl HttpClient for Sender {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let sent = self.runtime.spawn(send(self.client.clone(), request));
        let answer = sent.await.map_err(HttpError::from).and_then(|answer| answer);
        match &answer {
            Ok(answer) if answer.status().is_success() => {}
            Ok(answer) => self.warn(&format!("the collector answers {}", answer.status()).into()),
            Err(error) => self.warn(error),
        }
        answer
    }
}

async fn send(
    client: reqwest::Client,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, HttpError> {
    let mut answer = client.execute(request.try_into()?).await?;
    let mut body = BytesMut::new();
    while body.len() < ANSWER_SIZE_MAX
        && let Some(chunk) = answer.chunk().await?
    {
        body.extend_from_slice(&chunk);
    }
    let mut told = Response::new(body.freeze());
    *told.status_mut() = answer.status();
    *told.headers_mut() = std::mem::take(answer.headers_mut());
    Ok(told)
}
