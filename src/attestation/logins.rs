//! Whether a password lets a user in, on every node.

use tokio::time::timeout;

use super::{
    login::{Attestor, Subject},
    round::Round,
};
use crate::domain::{Endpoint, Password};

/// On which nodes a password lets a user in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Logins {
    /// On all of them.
    Everywhere,
    /// On none.
    Nowhere,
    /// On some, so that AWS is still telling the others.
    Somewhere,
    /// Some node did not say.
    Unknown {
        /// What happened instead.
        why: String,
    },
}

impl Attestor {
    /// Tries to log in with `password` on every node. The nodes are found with the password of
    /// `subject`, which may be the same.
    pub async fn logins(&self, subject: &Subject<'_>, password: &Password) -> Logins {
        let limit = self.limits.whole;
        let found = timeout(limit, self.on_all(subject, password)).await;
        found.unwrap_or_else(|_| Logins::Unknown {
            why: format!("not all nodes answered within {limit:?}"),
        })
    }

    async fn on_all(&self, subject: &Subject<'_>, password: &Password) -> Logins {
        match Round::nodes(self, subject).await {
            Ok(nodes) => self.on(&nodes, subject, password).await,
            // Who is let in nowhere is not told where the nodes are either.
            Err(why) if subject.password.expose() == password.expose() => {
                let endpoint = std::slice::from_ref(subject.endpoint);
                self.on(endpoint, subject, password).await.or(why)
            }
            Err(why) => Logins::Unknown { why },
        }
    }

    async fn on(&self, nodes: &[Endpoint], subject: &Subject<'_>, password: &Password) -> Logins {
        let login = Subject { password, ..*subject };
        let (mut accepted, mut refused) = (0, 0);
        for node in nodes {
            match self.knock(node, &login).await {
                Ok(()) => accepted += 1,
                Err(error) if error.code() == Some("WRONGPASS") => refused += 1,
                Err(error) => {
                    let why = super::probes::Undecided::from(error).why();
                    return Logins::Unknown { why: format!("{}: {why}", node.authority()) };
                }
            }
        }
        match (accepted, refused) {
            (_, 0) => Logins::Everywhere,
            (0, _) => Logins::Nowhere,
            _ => Logins::Somewhere,
        }
    }
}

impl Logins {
    /// Keeps to a refusal; that there is an endpoint which accepts says nothing of the nodes.
    fn or(self, why: String) -> Self {
        match self {
            Self::Nowhere => Self::Nowhere,
            _ => Self::Unknown { why },
        }
    }
}
