//! Doing a request once, however often it is sent.
//!
//! The first answer is kept in the transaction that does the work, so there is no instant at which
//! the work is done and its repetition unknown. Between the arrival of a request and that
//! transaction the key is held in memory, which is enough because one process writes the store.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use aws_lc_rs::digest::{SHA256, digest};
use axum::{
    http::{HeaderName, HeaderValue, StatusCode},
    response::{IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::Serialize;

use super::{
    Api,
    problem::{Code, Problem},
};
use crate::store::{IdempotencyKey, IdempotentRequest, StoredAnswer};

const IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// The keys of the requests that are being handled. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct KeysInFlight(Arc<Mutex<HashSet<IdempotencyKey>>>);

impl KeysInFlight {
    /// Takes the key, unless another request has it.
    fn take(&self, key: &IdempotencyKey) -> Option<HeldKey> {
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        keys.insert(key.clone()).then(|| HeldKey { keys: self.clone(), key: key.clone() })
    }
}

/// Gives the key back when the request has been handled, in whatever way.
#[derive(Debug)]
struct HeldKey {
    keys: KeysInFlight,
    key: IdempotencyKey,
}

impl Drop for HeldKey {
    fn drop(&mut self) {
        self.keys.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}

/// A request that carried a key and has not been answered before.
#[derive(Debug)]
pub(super) struct FirstRequest {
    held: HeldKey,
    request_hash: String,
}

/// What is known of a request by its key.
pub(super) enum Known {
    /// It was answered before, with this.
    Answered(KeptAnswer),
    /// It carried no key, or was not answered before.
    New(Option<FirstRequest>),
}

/// What a request with this key was answered before.
pub(super) struct KeptAnswer(StoredAnswer);

/// Looks a request up by its key. `payload` is all that makes the request what it is.
pub(super) async fn look_up(
    api: &Api,
    key: Option<IdempotencyKey>,
    payload: &impl Serialize,
) -> Result<Known, Problem> {
    let Some(key) = key else {
        return Ok(Known::New(None));
    };
    let held = api.keys_in_flight.take(&key).ok_or_else(|| {
        let detail = "a request with this idempotency key is being handled; send this one again \
                      after it";
        Problem::new(Code::IdempotencyKeyInFlight, detail)
    })?;
    let request_hash = hash(payload)?;
    let known = api.store.idempotent_answer(&key, &request_hash, api.clock.now()).await?;
    let Some(answer) = known else {
        return Ok(Known::New(Some(FirstRequest { held, request_hash })));
    };
    Ok(Known::Answered(KeptAnswer(answer)))
}

/// The answer as it is sent, now or again.
pub(super) fn send(answer: StoredAnswer) -> Result<Response, Problem> {
    let status = StatusCode::from_u16(answer.status).map_err(Problem::internal)?;
    let mut response = (status, answer.body).into_response();
    for (name, value) in answer.headers {
        let name = HeaderName::try_from(name).map_err(Problem::internal)?;
        let value = HeaderValue::try_from(value).map_err(Problem::internal)?;
        response.headers_mut().insert(name, value);
    }
    Ok(response)
}

impl KeptAnswer {
    /// What was kept of the body.
    pub(super) fn body(&self) -> &str {
        &self.0.body
    }

    /// Gives the answer again.
    pub(super) fn replay(self) -> Result<Response, Problem> {
        self.replay_by(send)
    }

    /// Gives an answer again of which not all is kept: `complete` knows the rest.
    pub(super) fn replay_by(
        self,
        complete: impl FnOnce(StoredAnswer) -> Result<Response, Problem>,
    ) -> Result<Response, Problem> {
        let mut response = complete(self.0)?;
        response.headers_mut().insert(IDEMPOTENCY_REPLAYED, HeaderValue::from_static("true"));
        Ok(response)
    }
}

impl FirstRequest {
    /// What the store needs to keep the answer that `render` makes, in the transaction of the work.
    pub(super) fn keep<T: 'static>(
        &self,
        api: &Api,
        render: impl FnOnce(&T) -> StoredAnswer + Send + 'static,
    ) -> Result<IdempotentRequest<T>, Problem> {
        let ttl = api.settings.idempotency_ttl;
        Ok(IdempotentRequest {
            key: self.held.key.clone(),
            request_hash: self.request_hash.clone(),
            expires_at: api.clock.now().saturating_add(ttl).map_err(Problem::internal)?,
            render: Box::new(render),
        })
    }

    /// Keeps a later answer instead: the request waited and has an end to tell of.
    pub(super) async fn keep_instead(self, api: &Api, answer: StoredAnswer) -> Result<(), Problem> {
        Ok(api.store.replace_answer(&self.held.key, answer).await?)
    }
}

/// A name for the payload that no other payload has.
fn hash(payload: &impl Serialize) -> Result<String, Problem> {
    let text = serde_json::to_vec(payload).map_err(Problem::internal)?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, &text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_held_by_one_request_at_a_time() {
        let keys = KeysInFlight::default();
        let key = |caller: &str| IdempotencyKey { caller: caller.to_owned(), key: "k".to_owned() };
        let held = keys.take(&key("one")).unwrap();
        assert!(keys.take(&key("one")).is_none());
        assert!(keys.take(&key("two")).is_some());
        drop(held);
        assert!(keys.take(&key("one")).is_some());
    }
}
