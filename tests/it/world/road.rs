//! A road to the engine, with TLS or without, on which every request is heard.
//!
//! The engine's own `MONITOR` would not do: it is silent about what the engine refuses, and about
//! logins.

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    path::Path,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader, copy, split},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_rustls::TlsAcceptor;

use super::{
    certificates::Certificates,
    request::{Request, read_request},
};

/// What a client sends with `ECHO` to lose its connection. It does so once for each text, so that
/// a client that sends it again on the next connection gets its answer.
const HANG_UP: &str = "hang up ";

/// Leads to an engine that speaks plain text. It ends with the value.
pub(crate) struct Road {
    address: SocketAddr,
    certificates: Option<Certificates>,
    heard: Arc<Mutex<Heard>>,
    _tasks: JoinSet<()>,
}

#[derive(Default)]
struct Heard {
    /// The requests of each connection.
    connections: Vec<Vec<Request>>,
    hung_up: BTreeSet<String>,
}

impl Road {
    pub(crate) async fn plain(engine: SocketAddr) -> Self {
        Self::new(engine, None).await
    }

    pub(crate) async fn with_tls(engine: SocketAddr) -> Self {
        Self::new(engine, Some(Certificates::new())).await
    }

    async fn new(engine: SocketAddr, certificates: Option<Certificates>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let heard = Arc::default();
        let acceptor = certificates.as_ref().map(|certificates| certificates.acceptor.clone());
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, acceptor, engine, Arc::clone(&heard)));
        Self { address, certificates, heard, _tasks: tasks }
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// A file with the certificate that a client has to trust, where the road has TLS.
    pub(crate) fn authority(&self) -> Option<&Path> {
        self.certificates.as_ref().map(Certificates::authority)
    }

    /// The requests of each connection so far.
    pub(crate) fn connections(&self) -> Vec<Vec<Request>> {
        self.heard.lock().unwrap().connections.clone()
    }

    /// How many connections it has hung up on.
    pub(crate) fn n_hung_up(&self) -> usize {
        self.heard.lock().unwrap().hung_up.len()
    }
}

async fn accept(
    listener: TcpListener,
    acceptor: Option<TlsAcceptor>,
    engine: SocketAddr,
    heard: Arc<Mutex<Heard>>,
) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        // Requests are short and wait for their answers.
        client.set_nodelay(true).unwrap();
        let (acceptor, heard) = (acceptor.clone(), Arc::clone(&heard));
        connections.spawn(async move {
            let Some(acceptor) = acceptor else { return carry(client, engine, &heard).await };
            // A client that does not trust the certificate goes away.
            let Ok(client) = acceptor.accept(client).await else { return };
            carry(client, engine, &heard).await;
        });
    }
}

/// Carries requests one way and answers the other. Whoever hangs up first ends both.
async fn carry(client: impl AsyncRead + AsyncWrite, engine: SocketAddr, heard: &Mutex<Heard>) {
    let mut engine = TcpStream::connect(engine).await.unwrap();
    engine.set_nodelay(true).unwrap();
    let (mut answers, mut requests) = engine.split();
    let (from_client, mut to_client) = split(client);
    tokio::select! {
        () = listen(from_client, &mut requests, heard) => {}
        _ = copy(&mut answers, &mut to_client) => {}
    }
}

async fn listen(
    client: impl AsyncRead + Unpin,
    engine: &mut (impl AsyncWrite + Unpin),
    heard: &Mutex<Heard>,
) {
    let connection = {
        let mut heard = heard.lock().unwrap();
        heard.connections.push(Vec::new());
        heard.connections.len() - 1
    };
    let mut client = BufReader::new(client);
    while let Ok(Some((request, bytes))) = read_request(&mut client).await {
        let hangs_up = hangs_up(&request, &mut heard.lock().unwrap().hung_up);
        heard.lock().unwrap().connections[connection].push(request);
        if hangs_up || engine.write_all(&bytes).await.is_err() {
            return;
        }
    }
}

/// Whether it is asked to hang up, for the first time in these words.
fn hangs_up(request: &Request, hung_up: &mut BTreeSet<String>) -> bool {
    request.name() == "ECHO"
        && request.words()[1].starts_with(HANG_UP)
        && hung_up.insert(request.words()[1].clone())
}
