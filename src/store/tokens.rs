//! Bearer tokens. They are read with each request, so what another process writes counts at once.

use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::{
    Store, StoreError,
    events::{Entry, TokenEvent, record},
    token_row::{SecretRow, TokenRow},
    unit::unit,
};
use crate::domain::{Bounds, Cause, KnownSecret, Scopes, SecretHash, Token, TokenId, TokenName};

/// The secrets that begin with some bytes.
pub(super) const SECRETS: &str = "SELECT hash, valid_until, tokens.*
     FROM token_secrets JOIN tokens ON tokens.id = token_id WHERE hash_prefix = $1";

/// A token that is to be.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// Its id.
    pub id: TokenId,
    /// Its name, which no other token that is not revoked has.
    pub name: TokenName,
    /// What its holder may do.
    pub scopes: Scopes,
    /// With which tenants.
    pub bounds: Bounds,
    /// What its secret is known by.
    pub hash: SecretHash,
    /// Now.
    pub created_at: Timestamp,
    /// When it ends by itself, if it does.
    pub expires_at: Option<Timestamp>,
}

/// A secret that takes the place of others.
#[derive(Clone, Copy, Debug)]
pub struct NewSecret {
    /// What it is known by.
    pub hash: SecretHash,
    /// Now.
    pub made_at: Timestamp,
    /// Until when those before it work beside it.
    pub others_until: Timestamp,
}

/// What a token is called by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenKey {
    /// Its id.
    Id(TokenId),
    /// Its name; a token that is revoked has none.
    Name(TokenName),
}

/// Why nothing was done with a token.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// A token that is not revoked has the name.
    #[error("a token named {name} exists: revoke or rotate that one, or choose another name")]
    NameTaken {
        /// The name.
        name: TokenName,
    },
    /// There is no such token, or it was revoked.
    #[error("there is no such token, or it was revoked")]
    NotFound,
    /// The token's time is over, and a new secret does not change that.
    #[error("the token {name} has expired: revoke it and create another")]
    Expired {
        /// The token.
        name: TokenName,
    },
    /// The store failed.
    #[error("the token's row cannot be read or written")]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for TokenError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Store {
    /// The secrets whose hashes begin as this one does: nearly always the one, or none. Which of them
    /// is the same the caller finds out, in constant time.
    pub async fn secrets_like(&self, hash: &SecretHash) -> Result<Vec<KnownSecret>, StoreError> {
        let rows: Vec<SecretRow> =
            sqlx::query_as(SECRETS).bind(hash.prefix()).fetch_all(&self.reader).await?;
        rows.into_iter().map(KnownSecret::try_from).collect()
    }

    /// Has it written down that a token was used, when there is time for it. Nobody waits for that, and
    /// under load it may not be done.
    pub fn note_token_use(&self, token: TokenId, now: Timestamp) {
        let (unit, _nobody_waits) = unit(move |connection| {
            Box::pin(async move {
                sqlx::query("UPDATE tokens SET last_used_at = $1 WHERE id = $2")
                    .bind(now.as_millisecond())
                    .bind(token.to_string())
                    .execute(connection)
                    .await?;
                Ok(())
            })
        });
        self.writer.hand_over_if_there_is_room(unit);
    }
}

/// All tokens in the order in which they were made.
pub(super) async fn list(connection: &mut SqliteConnection) -> Result<Vec<Token>, TokenError> {
    let rows: Vec<TokenRow> =
        sqlx::query_as("SELECT * FROM tokens ORDER BY id").fetch_all(connection).await?;
    Ok(rows.into_iter().map(Token::try_from).collect::<Result<_, _>>()?)
}

pub(super) async fn create(
    connection: &mut SqliteConnection,
    new: NewToken,
) -> Result<(), TokenError> {
    let (tenant, labels) = match &new.bounds {
        Bounds::Everything => (None, "{}".to_owned()),
        Bounds::Tenant(name) => (Some(name.as_str()), "{}".to_owned()),
        Bounds::Labels(labels) => {
            (None, serde_json::Value::from_iter(labels.as_map().clone()).to_string())
        }
    };
    let inserted = sqlx::query(
        "INSERT INTO tokens (id, name, scopes, tenant, labels, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(new.id.to_string())
    .bind(new.name.as_str())
    .bind(new.scopes.to_string())
    .bind(tenant)
    .bind(labels)
    .bind(new.created_at.as_millisecond())
    .bind(new.expires_at.map(Timestamp::as_millisecond))
    .execute(&mut *connection)
    .await;
    match inserted {
        Err(sqlx::Error::Database(error)) if error.is_unique_violation() => {
            Err(TokenError::NameTaken { name: new.name })
        }
        inserted => {
            inserted?;
            add_secret(connection, new.id, &new.hash, new.created_at).await?;
            tell(connection, (new.id, &new.name), TokenEvent::Created, new.created_at).await
        }
    }
}

/// Ends a token, with all its secrets.
pub(super) async fn revoke(
    connection: &mut SqliteConnection,
    key: &TokenKey,
    now: Timestamp,
) -> Result<Token, TokenError> {
    let token = find(connection, key).await?;
    sqlx::query("UPDATE tokens SET revoked_at = $1 WHERE id = $2")
        .bind(now.as_millisecond())
        .bind(token.id.to_string())
        .execute(&mut *connection)
        .await?;
    tell(connection, (token.id, &token.name), TokenEvent::Revoked, now).await?;
    Ok(Token { revoked_at: Some(now), ..token })
}

/// Gives a token a new secret, beside which the others go on for a while.
pub(super) async fn rotate(
    connection: &mut SqliteConnection,
    key: &TokenKey,
    new: NewSecret,
) -> Result<Token, TokenError> {
    let token = find(connection, key).await?;
    if token.expires_at.is_some_and(|end| end <= new.made_at) {
        return Err(TokenError::Expired { name: token.name });
    }
    sqlx::query("DELETE FROM token_secrets WHERE token_id = $1 AND valid_until <= $2")
        .bind(token.id.to_string())
        .bind(new.made_at.as_millisecond())
        .execute(&mut *connection)
        .await?;
    sqlx::query(
        "UPDATE token_secrets SET valid_until = min(ifnull(valid_until, $1), $1)
         WHERE token_id = $2",
    )
    .bind(new.others_until.as_millisecond())
    .bind(token.id.to_string())
    .execute(&mut *connection)
    .await?;
    add_secret(connection, token.id, &new.hash, new.made_at).await?;
    tell(connection, (token.id, &token.name), TokenEvent::Rotated, new.made_at).await?;
    Ok(token)
}

/// Records what happened to a token: at the word of whoever runs a command here.
async fn tell(
    connection: &mut SqliteConnection,
    (id, name): (TokenId, &TokenName),
    event: TokenEvent,
    now: Timestamp,
) -> Result<(), TokenError> {
    let entry = Entry::of_token(id, name, event).by(&Cause::COMMAND);
    Ok(record(connection, entry, now).await?)
}

async fn find(connection: &mut SqliteConnection, key: &TokenKey) -> Result<Token, TokenError> {
    let (id, name) = match key {
        TokenKey::Id(id) => (Some(id.to_string()), None),
        TokenKey::Name(name) => (None, Some(name.as_str())),
    };
    let row: Option<TokenRow> =
        sqlx::query_as("SELECT * FROM tokens WHERE (id = $1 OR name = $2) AND revoked_at IS NULL")
            .bind(id)
            .bind(name)
            .fetch_optional(connection)
            .await?;
    Ok(row.ok_or(TokenError::NotFound)?.try_into()?)
}

async fn add_secret(
    connection: &mut SqliteConnection,
    token: TokenId,
    hash: &SecretHash,
    now: Timestamp,
) -> Result<(), TokenError> {
    sqlx::query(
        "INSERT INTO token_secrets (hash_prefix, hash, token_id, made_at) VALUES ($1, $2, $3, $4)",
    )
    .bind(hash.prefix())
    .bind(hash.as_bytes().as_slice())
    .bind(token.to_string())
    .bind(now.as_millisecond())
    .execute(connection)
    .await?;
    Ok(())
}
