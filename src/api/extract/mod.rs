//! What handlers take from a request. Each of these parses as it extracts and refuses with a
//! [`Problem`](super::problem::Problem), so that a handler never sees what it cannot use.

mod body;
mod etag;
mod header_list;
mod idempotency_key;
mod page_token;
mod prefer;
mod query;

pub(super) use self::{
    body::{BODY_SIZE_MAX, Json, json_pointer},
    etag::{EntityTag, Preconditions},
    header_list::header_list,
    idempotency_key::GivenKey,
    page_token::PageToken,
    prefer::Prefer,
    query::Query,
};
