//! A receiver of messages, which answers as it is told.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde_json::Value;
use tokio::{net::TcpListener, sync::mpsc, task::JoinSet};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::aws_lc_rs,
        pki_types::{PrivateKeyDer, pem::PemObject as _},
    },
};

use super::door::Door;
use crate::world::Pair;

/// A message as it came.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) headers: HeaderMap,
    pub(super) text: String,
}

impl Message {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    pub(super) fn body(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    pub(super) fn kind(&self) -> String {
        self.body()["type"].as_str().unwrap().to_owned()
    }
}

/// Listens on loopback until it is dropped.
pub(super) struct Receiver {
    scheme: &'static str,
    address: SocketAddr,
    answer: Arc<Mutex<u16>>,
    hangs_up: Arc<AtomicBool>,
    messages: mpsc::UnboundedReceiver<Message>,
    /// Ends with the receiver.
    _server: JoinSet<()>,
}

#[derive(Clone)]
struct Answers {
    answer: Arc<Mutex<u16>>,
    messages: mpsc::UnboundedSender<Message>,
}

impl Receiver {
    /// One that takes every message.
    pub(super) async fn start() -> Self {
        Self::behind(None).await
    }

    /// The same with this certificate.
    pub(super) async fn over_tls(pair: &Pair) -> Self {
        let key = PrivateKeyDer::from_pem_slice(pair.key.as_bytes()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![pair.der.clone().into()], key)
            .unwrap();
        Self::behind(Some(TlsAcceptor::from(Arc::new(config)))).await
    }

    async fn behind(tls: Option<TlsAcceptor>) -> Self {
        let scheme = if tls.is_some() { "https" } else { "http" };
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, messages) = mpsc::unbounded_channel();
        let answer = Arc::new(Mutex::new(204));
        let state = Answers { answer: Arc::clone(&answer), messages: sender };
        let router = Router::new().fallback(take).with_state(state);
        let mut server = JoinSet::new();
        let hangs_up = Arc::new(AtomicBool::new(false));
        let door = Door { listener, tls, hangs_up: Arc::clone(&hangs_up) };
        server.spawn(async move { axum::serve(door, router).await.unwrap() });
        Self { scheme, address, answer, hangs_up, messages, _server: server }
    }

    pub(super) fn url(&self) -> String {
        format!("{}://{}/hook", self.scheme, self.address)
    }

    pub(super) fn port(&self) -> u16 {
        self.address.port()
    }

    /// From now on it answers with this status.
    pub(super) fn answer_with(&self, status: u16) {
        *self.answer.lock().unwrap() = status;
    }

    /// From now on it ends connections without an answer, or does so no more.
    pub(super) fn hang_up(&self, does: bool) {
        self.hangs_up.store(does, Ordering::SeqCst);
    }

    /// The next message.
    pub(super) async fn next(&mut self) -> Message {
        self.messages.recv().await.unwrap()
    }

    /// How many messages have come that nobody has looked at.
    pub(super) fn waiting(&self) -> usize {
        self.messages.len()
    }
}

async fn take(State(answers): State<Answers>, headers: HeaderMap, text: String) -> Response {
    let status = StatusCode::from_u16(*answers.answer.lock().unwrap()).unwrap();
    // The test may have ended.
    let _ = answers.messages.send(Message { headers, text });
    (status, [("location", "/elsewhere")]).into_response()
}
