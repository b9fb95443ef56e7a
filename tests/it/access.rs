//! Who may do what: tokens, their scopes and their bounds.

mod bounds;
mod desk;
mod every_operation;
mod own_pages;
mod tokens;
