//! Who is connected, as an observer may see it.

use std::time::Duration;

use redis::cmd;
use tokio::time::timeout;

use super::{
    client_line::ClientLine,
    login::{Attestor, Subject},
    probes::Undecided,
    round::Round,
};
use crate::domain::{Endpoint, UserName};

impl Attestor {
    /// How long each connection of the user `of` has been open, on all nodes. `observer` logs in and
    /// has to be allowed `CLIENT LIST`. Answers in words why that cannot be told.
    pub async fn connections(
        &self,
        observer: &Subject<'_>,
        of: &UserName,
    ) -> Result<Vec<Duration>, String> {
        let limit = self.limits.whole;
        let found = timeout(limit, self.connections_on_all(observer, of)).await;
        found.unwrap_or_else(|_| Err(format!("not all nodes answered within {limit:?}")))
    }

    async fn connections_on_all(
        &self,
        observer: &Subject<'_>,
        of: &UserName,
    ) -> Result<Vec<Duration>, String> {
        let mut ages = Vec::new();
        for node in Round::nodes(self, observer).await? {
            let list = self.client_list(&node, observer).await;
            let list = list.map_err(|error| {
                format!("{}: {}", node.authority(), Undecided::from(error).why())
            })?;
            ages.extend(list.lines().filter_map(|line| age(line, of)));
        }
        Ok(ages)
    }

    async fn client_list(
        &self,
        node: &Endpoint,
        observer: &Subject<'_>,
    ) -> redis::RedisResult<String> {
        let mut connection = self.log_in(node, observer).await?;
        cmd("CLIENT").arg("LIST").query_async(&mut connection).await
    }
}

/// The age of a connection, if it is this user's.
fn age(line: &str, of: &UserName) -> Option<Duration> {
    let line = ClientLine(line);
    (line.user() == Some(of.as_str())).then(|| line.age())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lines_about_the_user_count() {
        let acme = UserName::new("acme".to_owned());
        let line = "id=7 addr=127.0.0.1:50000 name= age=12 idle=0 flags=N db=0 user=acme resp=3";
        assert_eq!(age(line, &acme), Some(Duration::from_secs(12)));
        assert_eq!(age(&line.replace("user=acme", "user=acme--queue"), &acme), None);
        assert_eq!(age("id=8 addr=127.0.0.1:50001 age=3", &acme), None);
    }
}
