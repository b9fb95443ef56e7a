//! What handlers take from a request. Each of these parses as it extracts and refuses with a
//! [`Problem`](super::problem::Problem), so that a handler never sees what it cannot use.

mod accept;
mod asked;
mod body;
mod cause;
mod etag;
mod header_list;
mod idempotency_key;
mod json_depth;
mod member;
mod page_token;
mod prefer;
mod query;

pub(super) use self::{
    accept::weight_of,
    asked::Asked,
    body::{BODY_SIZE_MAX, Json, json_pointer},
    etag::{EntityTag, Preconditions},
    header_list::header_list,
    member::{given, given_whole, merged_whole, whole},
    page_token::PageToken,
    prefer::Prefer,
    query::Query,
};
