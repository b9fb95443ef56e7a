//! Requests as clients send them: arrays of bulk strings.

use std::io;

use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncReadExt as _};

/// The words of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request(Vec<String>);

impl Request {
    pub(crate) fn words(&self) -> &[String] {
        &self.0
    }

    /// The command in capitals, with its subcommand: `GET`, `CLIENT SETINFO`.
    pub(crate) fn name(&self) -> String {
        let has_subcommands = self.0[0].eq_ignore_ascii_case("client");
        self.0[..=usize::from(has_subcommands)].join(" ").to_uppercase()
    }
}

/// Reads a request, and the bytes that it came in. `None` where the client has hung up.
pub(super) async fn read_request(
    client: &mut (impl AsyncBufRead + Unpin),
) -> io::Result<Option<(Request, Vec<u8>)>> {
    let mut bytes = Vec::new();
    let Some(n_words) = read_number(client, b'*', &mut bytes).await? else { return Ok(None) };
    let mut words = Vec::new();
    for _ in 0..n_words {
        let Some(length) = read_number(client, b'$', &mut bytes).await? else { return Ok(None) };
        let start = bytes.len();
        bytes.resize(start + length + "\r\n".len(), 0);
        client.read_exact(&mut bytes[start..]).await?;
        words.push(String::from_utf8_lossy(&bytes[start..start + length]).into_owned());
    }
    Ok(Some((Request(words), bytes)))
}

async fn read_number(
    client: &mut (impl AsyncBufRead + Unpin),
    mark: u8,
    bytes: &mut Vec<u8>,
) -> io::Result<Option<usize>> {
    let start = bytes.len();
    if client.read_until(b'\n', bytes).await? == 0 {
        return Ok(None);
    }
    let line = str::from_utf8(&bytes[start..]).unwrap();
    let number = line.strip_prefix(char::from(mark)).and_then(|line| line.trim_end().parse().ok());
    Ok(Some(number.unwrap_or_else(|| panic!("{line:?} begins no request"))))
}
