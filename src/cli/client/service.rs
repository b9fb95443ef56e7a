//! The service, as one who knows its address: the only place of the client that speaks HTTP.

use std::{
    error::Error,
    io::{self, Write as _},
    iter,
    net::IpAddr,
    time::Duration,
};

use reqwest::{
    Client, Method, StatusCode, Url,
    header::{AUTHORIZATION, HeaderMap, HeaderValue},
    redirect::Policy,
};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use tokio::time::sleep;

use super::{error::ClientError, problem::Refusal, retries::Tries, trust::Trust};
use crate::clock::{Clock as _, Entropy as _, SystemClock, SystemEntropy};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const ANSWER_TIMEOUT: Duration = Duration::from_mins(1);
/// What every list allows on a page.
const LIST_LIMIT: u32 = 50;

/// A request, before it is known where to.
#[derive(Debug)]
pub(super) struct Call {
    method: Method,
    path: String,
    query: Vec<(&'static str, String)>,
    body: Option<Value>,
}

impl Call {
    pub(super) fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path)
    }

    pub(super) fn new(method: Method, path: impl Into<String>) -> Self {
        Self { method, path: path.into(), query: Vec::new(), body: None }
    }

    pub(super) fn body(self, body: Value) -> Self {
        Self { body: Some(body), ..self }
    }

    /// Adds a parameter, if there is a value for it.
    pub(super) fn query(mut self, name: &'static str, value: Option<impl ToString>) -> Self {
        self.query.extend(value.map(|value| (name, value.to_string())));
        self
    }
}

/// A service that runs elsewhere.
#[derive(Debug)]
pub(super) struct Service {
    http: Client,
    url: Url,
}

impl Service {
    /// A redirection is not followed: the token is for this service alone.
    pub(super) fn new(
        url: Url,
        token: Option<SecretString>,
        trust: Trust,
    ) -> Result<Self, ClientError> {
        let mut builder = Client::builder()
            .user_agent(concat!("ringfence/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(ANSWER_TIMEOUT);
        if let Some(token) = token {
            let mut value = HeaderValue::try_from(format!("Bearer {}", token.expose_secret()))
                .map_err(|_| ClientError::BadToken)?;
            value.set_sensitive(true);
            builder = builder.default_headers(HeaderMap::from_iter([(AUTHORIZATION, value)]));
            warn_of_eavesdroppers(&url);
        }
        if is_loopback(&url) {
            builder = builder.no_proxy();
        }
        builder = if url.scheme() == "http" {
            // Without TLS nobody needs the system's roots, which an image may not have; and a proxy would
            // read the token.
            builder.tls_certs_only([]).no_proxy()
        } else {
            trust.put_into(builder)
        };
        Ok(Self { http: builder.build().map_err(ClientError::NoClient)?, url })
    }

    /// Asks, again if need be, and reads the JSON of the answer; `Null` if it has no body.
    pub(super) async fn ask(&self, call: Call) -> Result<Value, ClientError> {
        let url = self.at(&call)?;
        let key = SystemEntropy::default().uuid(SystemClock.now()).to_string();
        let mut tries = Tries::default();
        loop {
            let mut request = self.http.request(call.method.clone(), url.clone());
            if call.method == Method::POST {
                request = request.header("idempotency-key", &key);
            }
            if let Some(body) = &call.body {
                request = request.json(body);
            }
            let pause = match self.send(request, &url).await {
                Ok((status, _, text)) if status.is_success() => return self.read(&text),
                Ok((status, headers, text)) => {
                    let refusal = Refusal::read(status, &text, &self.url);
                    let pause = tries.after(&refusal, &headers);
                    pause.ok_or_else(|| ClientError::Refused(Box::new(refusal)))?
                }
                // Nobody is there, or nobody who takes us: a person wants to know that at once.
                Err(source) if source.is_connect() || is_tls(&source) => {
                    return Err(self.unreachable(source));
                }
                Err(source) => match tries.after_silence() {
                    Some(pause) => pause,
                    None => return Err(self.unreachable(source)),
                },
            };
            sleep(pause).await;
        }
    }

    /// All items of a list, page by page.
    pub(super) async fn list(&self, call: impl Fn() -> Call) -> Result<Value, ClientError> {
        let mut items = Vec::new();
        let mut next: Option<String> = None;
        loop {
            let call = call().query("limit", Some(LIST_LIMIT)).query("page_token", next.take());
            let mut page = self.ask(call).await?;
            match page["items"].take() {
                Value::Array(more) => items.extend(more),
                _ => return Err(self.strange("a list has no items".to_owned())),
            }
            next = page["next_page_token"].as_str().map(str::to_owned);
            if next.is_none() {
                return Ok(serde_json::json!({ "items": items }));
            }
        }
    }

    /// What is read of an answer, as a type of ours.
    pub(super) fn parse<T: serde::de::DeserializeOwned>(
        &self,
        body: &Value,
    ) -> Result<T, ClientError> {
        T::deserialize(body).map_err(|error| self.strange(error.to_string()))
    }

    async fn send(
        &self,
        request: reqwest::RequestBuilder,
        url: &Url,
    ) -> reqwest::Result<(StatusCode, HeaderMap, String)> {
        tracing::debug!(%url, "asks the service");
        let mut answer = request.send().await.map_err(reqwest::Error::without_url)?;
        let headers = std::mem::take(answer.headers_mut());
        Ok((answer.status(), headers, answer.text().await.map_err(reqwest::Error::without_url)?))
    }

    fn read(&self, text: &str) -> Result<Value, ClientError> {
        if text.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_str(text).map_err(|error| self.strange(error.to_string()))
    }

    /// The service may be behind a path of a proxy.
    fn at(&self, call: &Call) -> Result<Url, ClientError> {
        let base = self.url.as_str().trim_end_matches('/');
        let mut url = Url::parse(&format!("{base}{}", call.path))
            .map_err(|error| self.strange(format!("{}: {error}", call.path)))?;
        if !call.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&call.query);
        }
        Ok(url)
    }

    fn strange(&self, why: String) -> ClientError {
        ClientError::Strange { url: self.url.to_string(), why }
    }

    fn unreachable(&self, source: reqwest::Error) -> ClientError {
        ClientError::Unreachable { url: self.url.to_string(), source }
    }
}

/// Whether the service does not like our certificate, or that there is none. With TLS 1.3 it says so after the
/// handshake, when we have begun to ask.
fn is_tls(error: &reqwest::Error) -> bool {
    // An `io::Error` passes over what it is made of when it is asked for its source.
    let cause = |error: &(dyn Error + 'static)| {
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        error.is::<rustls::Error>() || matches!(inner, Some(inner) if inner.is::<rustls::Error>())
    };
    iter::successors(error.source(), |error| (*error).source()).any(cause)
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

fn warn_of_eavesdroppers(url: &Url) {
    if url.scheme() == "http" && !is_loopback(url) {
        let host = url.host_str().unwrap_or_default();
        // There is nowhere left to report a failure of standard error.
        let _ = writeln!(io::stderr(), "warning: the token goes to {host} without TLS");
    }
}
