//! A server that answers every request with the same bytes: the least that axum can do.

use std::{
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue},
    response::{IntoResponse, Response},
    routing::get,
};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

use super::{http, load::Sample, service::free_address};

/// The server's own process. It has as many threads as the service has.
#[derive(Debug)]
pub(crate) struct ConstantServer {
    child: Child,
    pub(crate) address: SocketAddr,
}

#[derive(Serialize, Deserialize)]
struct Constant {
    address: SocketAddr,
    headers: Vec<(String, String)>,
    body: String,
}

/// Headers that the server makes by itself.
const ITS_OWN: [&str; 3] = ["content-length", "date", "connection"];

impl ConstantServer {
    /// Serves what somebody else has answered: the same body under the same headers.
    pub(crate) async fn start(directory: &Path, sample: &Sample) -> anyhow::Result<Self> {
        let address = free_address()?;
        let file = directory.join("constant.json");
        let constant = Constant {
            address,
            headers: headers(&sample.head),
            body: String::from_utf8(sample.body.clone())?,
        };
        std::fs::write(&file, serde_json::to_vec(&constant)?)?;
        let child = Command::new(std::env::current_exe()?)
            .arg("--serve-constant")
            .arg(file)
            .stdin(Stdio::null())
            .spawn()?;
        let server = Self { child, address };
        while !http::answers(address, "/").await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok(server)
    }
}

impl Drop for ConstantServer {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Serves until it is killed.
pub(crate) async fn serve(file: &Path) -> anyhow::Result<()> {
    let constant: Constant = serde_json::from_slice(&std::fs::read(file)?)?;
    let mut headers = HeaderMap::new();
    for (name, value) in &constant.headers {
        headers.insert(HeaderName::try_from(name)?, HeaderValue::try_from(value)?);
    }
    let router = Router::new()
        .route("/", get(answer))
        .route("/{*path}", get(answer))
        .with_state((headers, Bytes::from(constant.body)));
    Ok(axum::serve(TcpListener::bind(constant.address).await?, router).await?)
}

async fn answer(State(constant): State<(HeaderMap, Bytes)>) -> Response {
    constant.into_response()
}

fn headers(head: &str) -> Vec<(String, String)> {
    let pairs = head.lines().skip(1).filter_map(|line| line.split_once(':'));
    pairs
        .filter(|(name, _)| !ITS_OWN.iter().any(|own| name.eq_ignore_ascii_case(own)))
        .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
        .collect()
}
