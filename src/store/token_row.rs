//! Rows of tokens and of their secrets become domain values here, or are refused.

use std::collections::BTreeMap;

use sqlx::FromRow;
use uuid::Uuid;

use super::{
    StoreError,
    columns::{parsed, time},
};
use crate::domain::{Bounds, KnownSecret, Labels, SecretHash, Token, TokenId};

/// A row of `tokens` as SQLite gives it.
#[derive(FromRow)]
pub(super) struct TokenRow {
    id: String,
    name: String,
    scopes: String,
    tenant: Option<String>,
    labels: String,
    created_at: i64,
    expires_at: Option<i64>,
    revoked_at: Option<i64>,
    last_used_at: Option<i64>,
}

/// A row of `token_secrets`, with its token.
#[derive(FromRow)]
pub(super) struct SecretRow {
    hash: Vec<u8>,
    valid_until: Option<i64>,
    #[sqlx(flatten)]
    token: TokenRow,
}

impl TryFrom<TokenRow> for Token {
    type Error = StoreError;

    fn try_from(row: TokenRow) -> Result<Self, StoreError> {
        let id = row.id.clone();
        read(row).map_err(|why| StoreError::Inconsistent { table: "tokens", id, why })
    }
}

impl TryFrom<SecretRow> for KnownSecret {
    type Error = StoreError;

    fn try_from(row: SecretRow) -> Result<Self, StoreError> {
        let id = row.token.id.clone();
        let inconsistent = |why| StoreError::Inconsistent { table: "token_secrets", id, why };
        let (hash, valid_until) = read_secret(&row).map_err(inconsistent)?;
        Ok(Self { hash, valid_until, token: Token::try_from(row.token)? })
    }
}

fn read(row: TokenRow) -> Result<Token, String> {
    let labels: BTreeMap<String, String> =
        serde_json::from_str(&row.labels).map_err(|error| format!("labels: {error}"))?;
    let bounds = match row.tenant {
        Some(tenant) => Bounds::Tenant(parsed("tenant", &tenant)?),
        None if labels.is_empty() => Bounds::Everything,
        None => {
            Bounds::Labels(Labels::try_from(labels).map_err(|error| format!("labels: {error}"))?)
        }
    };
    let if_given = |column, at: Option<i64>| at.map(|at| time(column, at)).transpose();
    Ok(Token {
        id: TokenId(Uuid::parse_str(&row.id).map_err(|error| format!("id: {error}"))?),
        name: parsed("name", &row.name)?,
        scopes: parsed("scopes", &row.scopes)?,
        bounds,
        created_at: time("created_at", row.created_at)?,
        expires_at: if_given("expires_at", row.expires_at)?,
        revoked_at: if_given("revoked_at", row.revoked_at)?,
        last_used_at: if_given("last_used_at", row.last_used_at)?,
    })
}

fn read_secret(row: &SecretRow) -> Result<(SecretHash, Option<jiff::Timestamp>), String> {
    let hash = row.hash.as_slice().try_into().map_err(|_| "hash: has not 32 bytes".to_owned())?;
    let valid_until = row.valid_until.map(|at| time("valid_until", at)).transpose()?;
    Ok((SecretHash::new(hash), valid_until))
}
