//! Logins of IAM users: a gateway in front of each engine.
//!
//! On ElastiCache an IAM user sends a [token] in place of a password, and AWS checks it. An engine
//! of our own cannot. So the simulator gives each IAM user a random password in the engines that
//! nobody is told, lets clients connect to a gateway instead of the engine, and has the gateway put
//! that password in the place of a good token. Everything else passes as it came: what a user may
//! do is the engine's business, here as without a gateway.
//!
//! * [`requests`] finds the commands in what a client sends, and holds none back but a login;
//! * [`login`] knows where user and password stand in `AUTH` and `HELLO`;
//! * [`door`] says what to send on in the place of a token;
//! * [`token`] tells a good token from a bad one;
//! * [`entrance`] is what clients connect to.
//!
//! [token]: https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html

mod access_key;
mod door;
mod entrance;
mod login;
mod requests;
mod token;

pub use self::access_key::AccessKey;
pub(crate) use self::door::{Door, Iam};
pub(crate) use self::entrance::{Entrance, listen};
