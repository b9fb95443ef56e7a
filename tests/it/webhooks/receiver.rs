//! A receiver of messages, which answers as it is told.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde_json::Value;
use tokio::{net::TcpListener, sync::mpsc, task::JoinSet};

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
    address: SocketAddr,
    answer: Arc<Mutex<u16>>,
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
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, messages) = mpsc::unbounded_channel();
        let answer = Arc::new(Mutex::new(204));
        let state = Answers { answer: Arc::clone(&answer), messages: sender };
        let router = Router::new().fallback(take).with_state(state);
        let mut server = JoinSet::new();
        server.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, answer, messages, _server: server }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    pub(super) fn port(&self) -> u16 {
        self.address.port()
    }

    /// From now on it answers with this status.
    pub(super) fn answer_with(&self, status: u16) {
        *self.answer.lock().unwrap() = status;
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
