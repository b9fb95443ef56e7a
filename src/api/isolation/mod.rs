//! `GET /isolation`: whether the users of a cache can reach each other.

pub(super) mod get;

mod default_user;
mod users;
mod view;

pub(super) use default_user::DefaultUserView;
