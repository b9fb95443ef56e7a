//! An issuer on this machine.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinSet};

use super::signer::Signer;

/// Shows keys until it is dropped.
pub(super) struct Issuer {
    address: SocketAddr,
    shows: Shared,
    /// Ends with the issuer.
    _server: JoinSet<()>,
}

#[derive(Clone)]
struct Shared(Arc<Mutex<Shows>>);

/// What it answers with, and how often it was asked for keys.
struct Shows {
    issuer: String,
    keys: Vec<Value>,
    headers: HeaderMap,
    status: StatusCode,
    asked: usize,
}

impl Issuer {
    /// One that shows the public half of this.
    pub(super) async fn with(signer: &Signer) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let shows = Shared(Arc::new(Mutex::new(Shows {
            issuer: format!("http://{address}/realm"),
            keys: vec![signer.jwk()],
            headers: HeaderMap::new(),
            status: StatusCode::OK,
            asked: 0,
        })));
        let router = Router::new()
            .route("/realm/.well-known/openid-configuration", get(describe))
            .route("/keys", get(show))
            .route("/moved-keys", get(show_moved))
            .with_state(shows.clone());
        let mut server = JoinSet::new();
        server.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, shows, _server: server }
    }

    /// As tokens name it.
    pub(super) fn name(&self) -> String {
        format!("http://{}/realm", self.address)
    }

    /// Where the keys are.
    pub(super) fn jwks_url(&self) -> String {
        format!("http://{}/keys", self.address)
    }

    /// From now on it shows these keys.
    pub(super) fn show(&self, signers: &[&Signer]) {
        self.change(|shows| shows.keys = signers.iter().map(|signer| signer.jwk()).collect());
    }

    /// From now on it answers with this status.
    pub(super) fn answer_with(&self, status: StatusCode) {
        self.change(|shows| shows.status = status);
    }

    /// From now on it sends this header.
    pub(super) fn send(&self, name: header::HeaderName, value: &'static str) {
        self.change(|shows| drop(shows.headers.insert(name, HeaderValue::from_static(value))));
    }

    /// From now on it calls itself so.
    pub(super) fn call_itself(&self, name: &str) {
        self.change(|shows| name.clone_into(&mut shows.issuer));
    }

    /// How often it was asked for its keys.
    pub(super) fn asked(&self) -> usize {
        self.shows.0.lock().unwrap().asked
    }

    fn change(&self, change: impl FnOnce(&mut Shows)) {
        change(&mut self.shows.0.lock().unwrap());
    }
}

async fn describe(State(Shared(shows)): State<Shared>, headers: HeaderMap) -> Response {
    let shows = shows.lock().unwrap();
    let host = headers[header::HOST].to_str().unwrap();
    let description = json!({ "issuer": shows.issuer, "jwks_uri": format!("http://{host}/keys") });
    Json(description).into_response()
}

async fn show(State(Shared(shows)): State<Shared>) -> Response {
    let mut shows = shows.lock().unwrap();
    shows.asked += 1;
    let keys = Json(json!({ "keys": shows.keys }));
    (shows.status, shows.headers.clone(), keys).into_response()
}

/// The keys, whatever else is to be answered: for who believes somebody that they are here.
async fn show_moved(State(Shared(shows)): State<Shared>) -> Response {
    let shows = shows.lock().unwrap();
    Json(json!({ "keys": shows.keys })).into_response()
}
