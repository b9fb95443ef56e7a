//! Somebody who undoes what is repaired.

use std::time::Duration;

use super::DriftKind;

/// So many repairs of the same thing in [`FIGHT_SPAN`] are no accident.
pub const LOSSES_OF_A_FIGHT: u32 = 3;

/// The time in which repairs of the same thing are counted together.
pub const FIGHT_SPAN: Duration = Duration::from_hours(1);

/// Whether somebody undoes what is repaired, of which there were so many repairs lately.
#[must_use]
pub fn is_fight(repairs: u32) -> bool {
    repairs >= LOSSES_OF_A_FIGHT
}

/// Who is likely to, and how to stop it.
#[must_use]
pub fn who_fights(kind: DriftKind, repairs: u32) -> Option<String> {
    if !is_fight(repairs) {
        return None;
    }
    let who = match kind {
        DriftKind::NotInGroup => {
            "Somebody sets the members of the user group again and again: most likely Terraform, whose \
             resource for the user group lists user_ids. Give that resource lifecycle { \
             ignore_changes = [user_ids] }, and let no user group association name Ringfence's users."
        }
        DriftKind::AccessChanged | DriftKind::UserDisabled | DriftKind::UserMissing => {
            "Somebody changes Ringfence's users again and again: most likely Terraform or a script \
             that manages them as well. Take the users that carry the tag ringfence:managed out of it \
             (terraform state rm)."
        }
        _ => {
            "Somebody undoes the repair again and again. CloudTrail tells who makes the calls; take \
             what carries the tag ringfence:managed out of what that program manages."
        }
    };
    Some(format!("Repaired {repairs} times within an hour. {who}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losing_a_membership_three_times_in_an_hour_is_no_accident() {
        assert_eq!(who_fights(DriftKind::NotInGroup, 2), None);
        let who = who_fights(DriftKind::NotInGroup, 3).unwrap();
        assert!(who.contains("ignore_changes = [user_ids]"), "{who}");
    }
}
