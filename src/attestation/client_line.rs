//! A client as an engine describes it.

use std::time::Duration;

use crate::domain::ClientSource;

/// A line such as `id=7 addr=127.0.0.1:50000 … age=12 … user=acme …`
/// (<https://valkey.io/commands/client-list/>). Names that clients give themselves cannot hold a
/// space.
#[derive(Clone, Copy, Debug)]
pub(super) struct ClientLine<'a>(pub(super) &'a str);

impl<'a> ClientLine<'a> {
    /// As whom it is logged in. Who has not logged in yet is `default`.
    pub(super) fn user(self) -> Option<&'a str> {
        self.field("user=")
    }

    /// For how long it has been connected.
    pub(super) fn age(self) -> Option<Duration> {
        self.seconds("age=")
    }

    /// For how long it has sent nothing.
    pub(super) fn idle(self) -> Option<Duration> {
        self.seconds("idle=")
    }

    /// What it sent last.
    pub(super) fn last_command(self) -> Option<&'a str> {
        // The engines' word for nothing at all.
        self.field("cmd=").filter(|command| *command != "NULL")
    }

    /// Which client it is.
    pub(super) fn source(self) -> Option<ClientSource> {
        let (address, _port) = self.field("addr=")?.rsplit_once(':')?;
        let library = self.field("lib-name=").map(|name| match self.field("lib-ver=") {
            Some(version) => format!("{name} {version}"),
            None => name.to_owned(),
        });
        let client_name = self.field("name=").map(str::to_owned);
        Some(ClientSource { address: address.to_owned(), client_name, library })
    }

    fn seconds(self, name: &str) -> Option<Duration> {
        self.field(name)?.parse().ok().map(Duration::from_secs)
    }

    /// A field that is there and not empty.
    fn field(self, name: &str) -> Option<&'a str> {
        let field = self.0.split(' ').find_map(|field| field.strip_prefix(name));
        field.filter(|value| !value.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "id=7 addr=[::1]:50000 laddr=[::1]:6379 name=checkout age=12 idle=4 flags=N \
                        db=0 cmd=client|list user=acme resp=3 lib-name=redis-py lib-ver=5.2.1";

    #[test]
    fn a_line_tells_who_from_where_with_what_and_since_when() {
        let line = ClientLine(LINE);
        assert_eq!((line.user(), line.last_command()), (Some("acme"), Some("client|list")));
        let (age, idle) = (Duration::from_secs(12), Duration::from_secs(4));
        assert_eq!((line.age(), line.idle()), (Some(age), Some(idle)));
        let source = line.source().unwrap();
        assert_eq!(source.address, "[::1]");
        assert_eq!(source.client_name.as_deref(), Some("checkout"));
        assert_eq!(source.library.as_deref(), Some("redis-py 5.2.1"));
    }

    #[test]
    fn what_a_client_or_an_older_engine_does_not_tell_is_left_out() {
        let line = ClientLine("id=8 addr=127.0.0.1:50001 name= age=3 cmd=NULL lib-name= lib-ver=");
        let source = line.source().unwrap();
        assert_eq!((source.client_name, source.library), (None, None));
        assert_eq!((line.user(), line.last_command(), line.idle()), (None, None, None));
    }
}
