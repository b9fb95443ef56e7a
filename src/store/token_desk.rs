//! Making and ending tokens from the command line, also beside a service that runs on the file.
//!
//! The service is the one that writes because it keeps views of tenants in memory. Of tokens it keeps
//! nothing, so here, and only here, a second process may write: what it commits counts for the next
//! request.

use std::{fs::File, path::Path};

use jiff::Timestamp;
use sqlx::{Connection as _, SqliteConnection};

use super::{
    OpenError,
    open::{self, MIGRATOR},
    tokens::{self, NewSecret, NewToken, TokenError, TokenKey},
};
use crate::domain::Token;

/// Where tokens are made and ended.
#[derive(Debug)]
pub struct TokenDesk {
    connection: SqliteConnection,
    /// Held if nobody else held it: no service starts meanwhile.
    _lock: Option<File>,
}

impl TokenDesk {
    /// Opens the file beside a service, or makes it and brings its schema up to date if none runs on it.
    pub async fn open(path: &Path) -> Result<Self, OpenError> {
        match open::lock(path) {
            Ok(lock) => {
                let connection = open::first_connection(path).await?;
                Ok(Self { connection, _lock: Some(lock) })
            }
            Err(OpenError::InUse { .. }) => {
                let connection = beside_a_service(path).await?;
                Ok(Self { connection, _lock: None })
            }
            Err(error) => Err(error),
        }
    }

    /// All tokens, in the order in which they were made.
    pub async fn list(&mut self) -> Result<Vec<Token>, TokenError> {
        tokens::list(&mut self.connection).await
    }

    /// Makes a token.
    pub async fn create(&mut self, new: NewToken) -> Result<(), TokenError> {
        let mut transaction = self.connection.begin_with("BEGIN IMMEDIATE").await?;
        tokens::create(&mut transaction, new).await?;
        Ok(transaction.commit().await?)
    }

    /// Ends a token: no request that comes after this is answered for it.
    pub async fn revoke(&mut self, key: &TokenKey, now: Timestamp) -> Result<Token, TokenError> {
        let mut transaction = self.connection.begin_with("BEGIN IMMEDIATE").await?;
        let token = tokens::revoke(&mut transaction, key, now).await?;
        transaction.commit().await?;
        Ok(token)
    }

    /// Gives a token a new secret.
    pub async fn rotate(&mut self, key: &TokenKey, new: NewSecret) -> Result<Token, TokenError> {
        let mut transaction = self.connection.begin_with("BEGIN IMMEDIATE").await?;
        let token = tokens::rotate(&mut transaction, key, new).await?;
        transaction.commit().await?;
        Ok(token)
    }
}

/// The service has made the schema, which must be the one that this program knows.
async fn beside_a_service(path: &Path) -> Result<SqliteConnection, OpenError> {
    let database = |source| OpenError::Database { path: path.to_owned(), source };
    let options = open::options(path).create_if_missing(false);
    let mut connection = SqliteConnection::connect_with(&options).await.map_err(database)?;
    let found: i64 = sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations")
        .fetch_one(&mut connection)
        .await
        .map_err(database)?;
    let known = MIGRATOR.iter().map(|migration| migration.version).max().unwrap_or(0);
    let path = path.to_owned();
    match found.cmp(&known) {
        std::cmp::Ordering::Equal => Ok(connection),
        std::cmp::Ordering::Greater => Err(OpenError::Newer { path, found, known }),
        std::cmp::Ordering::Less => Err(OpenError::Older { path, found, known }),
    }
}
