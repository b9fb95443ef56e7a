//! Lists in pages.

use std::cmp::Ordering;
use std::ops::RangeInclusive;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use serde::{Deserialize, Serialize};

use super::error::SecretsError;
use super::fields::Fields;

const SIZES: RangeInclusive<u16> = 1..=100;
const DEFAULT_SIZE: usize = 100;

/// Where an item stands in a list: what it is sorted by, and what tells it from its equals.
///
/// A token names a position and not a count, so that a page neither repeats nor skips an item
/// when others come and go between two calls.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Position {
    pub(super) key: String,
    pub(super) id: String,
}

/// Which way a list is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Ascending,
    Descending,
}

impl Order {
    fn compare(self, left: &Position, right: &Position) -> Ordering {
        match self {
            Self::Ascending => left.cmp(right),
            Self::Descending => right.cmp(left),
        }
    }
}

/// The part of a list that a request asks for.
#[derive(Debug)]
pub(super) struct Page {
    listing: String,
    size: usize,
    after: Option<Position>,
}

/// What a `NextToken` holds, before its Base64.
#[derive(Serialize, Deserialize)]
struct Token {
    listing: String,
    after: Position,
}

impl Page {
    /// The `MaxResults` and `NextToken` of a request.
    ///
    /// `listing` names what is listed: a token of another listing is refused.
    pub(super) fn from_fields(listing: String, fields: &Fields<'_>) -> Result<Self, SecretsError> {
        let size = fields.count("MaxResults", SIZES)?.unwrap_or(DEFAULT_SIZE);
        let token = fields.text("NextToken", 1..=4096)?;
        let after = token.map(|token| read_token(token, &listing)).transpose()?;
        Ok(Self { listing, size, after })
    }

    /// The items of this page, and the token of the next one if there is one.
    pub(super) fn cut<T>(
        &self,
        mut items: Vec<(Position, T)>,
        order: Order,
    ) -> (Vec<T>, Option<String>) {
        items.sort_by(|(left, _), (right, _)| order.compare(left, right));
        let is_done = |position: &Position| {
            let after = self.after.as_ref();
            after.is_some_and(|after| order.compare(position, after) != Ordering::Greater)
        };
        let start = items.partition_point(|(position, _)| is_done(position));
        let rest = items.len() - start;
        let page: Vec<_> = items.into_iter().skip(start).take(self.size).collect();
        let last = page.last().filter(|_| rest > self.size);
        let token = last.map(|(position, _)| self.token_after(position));
        (page.into_iter().map(|(_, item)| item).collect(), token)
    }

    fn token_after(&self, position: &Position) -> String {
        let token = Token { listing: self.listing.clone(), after: position.clone() };
        let json = serde_json::to_vec(&token).expect("a structure of strings is always JSON");
        BASE64_URL_SAFE_NO_PAD.encode(json)
    }
}

fn read_token(token: &str, listing: &str) -> Result<Position, SecretsError> {
    let json = BASE64_URL_SAFE_NO_PAD.decode(token).ok();
    let token = json.and_then(|json| serde_json::from_slice::<Token>(&json).ok());
    match token {
        Some(token) if token.listing == listing => Ok(token.after),
        _ => Err(SecretsError::invalid_next_token()),
    }
}
