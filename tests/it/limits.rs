//! What the service takes of its callers, and for how long: tried through real sockets.

mod connections;
mod overload;
mod rates;
mod slow_callers;

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::world::World;

/// A connection on which a test says what it likes.
struct Line(TcpStream);

impl Line {
    async fn to(address: SocketAddr) -> Self {
        Self(TcpStream::connect(address).await.unwrap())
    }

    async fn of(world: &World) -> Self {
        Self::to(world.service_address()).await
    }

    async fn say(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).await.unwrap();
    }

    /// Asks for something without a body, and reads the answer, which has to have a length.
    async fn get(&mut self, path: &str) -> String {
        let request = format!("GET {path} HTTP/1.1\r\nhost: {}\r\n\r\n", self.host());
        self.say(&request).await;
        self.answer().await
    }

    /// The name of the service, as a request has to have it.
    fn host(&self) -> SocketAddr {
        self.0.peer_addr().unwrap()
    }

    /// One answer: the head and the body.
    async fn answer(&mut self) -> String {
        let mut answer = Vec::new();
        loop {
            let byte = self.0.read_u8().await.expect("the connection was closed");
            answer.push(byte);
            if answer.ends_with(b"\r\n\r\n") {
                break;
            }
        }
        let mut answer = String::from_utf8(answer).unwrap();
        let length = answer.lines().find_map(|line| line.strip_prefix("content-length: "));
        let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
        self.0.read_exact(&mut body).await.unwrap();
        answer.push_str(&String::from_utf8(body).unwrap());
        answer
    }

    /// Everything until the service closes the connection.
    async fn until_closed(&mut self) -> String {
        let mut rest = Vec::new();
        match self.0.read_to_end(&mut rest).await {
            Ok(_) => {}
            // What was sent and never read makes a closed connection a reset one.
            Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset),
        }
        String::from_utf8(rest).unwrap()
    }
}
