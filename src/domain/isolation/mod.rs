//! Whether the users of a cache can reach each other, proved from their access strings.
//!
//! Two users meet where a key, or a channel, is matched by a pattern of each. That is decided
//! exactly, as an intersection of globs, and told with a witness: a key that both reach. What goes
//! round key patterns, such as `SCAN`, is looked for as leaks of each user, and a `default` user
//! that is on is told of because a connection that is nobody's, also after `RESET`, is that user's.
//!
//! # Cost
//!
//! Only patterns of which one's literal prefix begins the other's can meet, so patterns are sorted
//! by literal prefix and compared with those that follow and begin alike: `n log n` for `n`
//! patterns, and one intersection (the product of two lengths) for each pair with compatible
//! prefixes. Of a fleet of tenants with prefixes there are none. A pattern that begins with a
//! wildcard is compared with all others, so a cache full of these costs `n²`; patterns that match
//! everything are not compared but told of with one example each. Leaks are looked for once for
//! each distinct set of commands, not for each user.

mod abilities;
mod meetings;
mod reach;
mod resident;
mod verdict;

#[cfg(test)]
mod tests;

pub use meetings::{Meeting, Place};
pub use resident::{DefaultUserFinding, GroupMember, Leak, Owner, Resident, Standing};
pub use verdict::Verdict;

use self::{abilities::Abilities, meetings::Meetings, reach::Reach};
use super::Ground;

/// What was found of the users of a cache.
#[derive(Clone, Debug)]
pub struct Isolation {
    /// All users, in the order in which they were given.
    pub users: Vec<Assessed>,
    /// Who meets whom, at most once for keys and once for channels.
    pub meetings: Vec<Meeting>,
    /// Whether all meetings are listed; if not, there are more.
    pub is_complete: bool,
}

/// A user, and what can be told of it alone.
#[derive(Clone, Debug)]
pub struct Assessed {
    /// The user, and whose it is.
    pub resident: Resident,
    /// Whether it can log in.
    pub standing: Standing,
    /// Whether it reaches every key.
    pub sees_all_keys: bool,
    /// Whether it reaches every channel.
    pub sees_all_channels: bool,
    /// What it can do to others whatever its patterns are.
    pub leaks: Vec<Leak>,
    /// What is wrong with it as the engine's `default` user.
    pub default_user: Option<DefaultUserFinding>,
}

/// How many meetings are listed: enough to see what is wrong, few enough for an answer.
const MEETINGS_MAX: usize = 1000;

/// Looks at all users of a cache and at every pair of them.
///
/// Users that are off are told of and meet nobody. Users of one tenant do not meet each other.
#[must_use]
pub fn prove(residents: Vec<Resident>, ground: &Ground) -> Isolation {
    let mut abilities = Abilities::new(ground);
    let reaches: Vec<Reach> =
        residents.iter().map(|resident| Reach::of(&resident.user, &mut abilities)).collect();
    let mut meetings = Meetings::new(&residents, MEETINGS_MAX);
    for place in [Place::Key, Place::Channel] {
        meetings.look_at(place, &reaches);
    }
    let (meetings, is_complete) = meetings.end();
    let users = residents.into_iter().zip(reaches).map(|(r, reach)| reach.assess(r)).collect();
    Isolation { users, meetings, is_complete }
}
