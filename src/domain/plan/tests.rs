//! Every user, in every state, under every observation.

use super::*;

fn all_observations() -> Vec<Observed> {
    let users = [
        UserSeen::Missing,
        UserSeen::Present(UserState::Active),
        UserSeen::Present(UserState::Changing),
        UserSeen::Present(UserState::Deleting),
    ];
    let memberships =
        [Membership::Outside, Membership::Joining, Membership::Member, Membership::Leaving];
    let mut all = Vec::new();
    for user in users {
        for membership in memberships {
            for absence_is_certain in [false, true] {
                for access in [AccessSeen::Outdated, AccessSeen::NotShownYet, AccessSeen::Wanted] {
                    all.push(Observed { user, membership, absence_is_certain, access });
                }
            }
        }
    }
    all
}

/// The events that a step may end with, whether AWS or the plan says so.
fn outcomes(step: Step) -> Vec<Event> {
    match step {
        Step::Done | Step::Wait | Step::Join | Step::Leave => vec![],
        Step::Note(event) => vec![event],
        Step::Call(Call::StoreSecret) => vec![Event::SecretStored, Event::SecretKept],
        Step::Call(Call::CreateUser | Call::AdoptUser) => {
            vec![Event::UserCreated, Event::SecretLost]
        }
        Step::Call(Call::SetAccess) => vec![Event::AccessSet],
        Step::Call(Call::Attest) => vec![Event::Attested, Event::SecretLost],
        Step::Call(Call::RemoveUser) => vec![Event::RemovalAccepted, Event::UserGone],
        Step::Call(Call::RemoveSecret) => vec![Event::SecretScheduled],
    }
}

/// Every user that can be, whatever it authenticates by, is wanted to be, and has come to.
fn all_users() -> impl Iterator<Item = (Auth, Wanted, Phase)> {
    let wishes = [Wanted::Present, Wanted::Suspended, Wanted::Absent];
    Auth::ALL.into_iter().flat_map(move |auth| {
        wishes.into_iter().flat_map(move |wanted| Phase::ALL.map(|phase| (auth, wanted, phase)))
    })
}

#[test]
fn every_planned_outcome_is_a_legal_transition() {
    for (auth, wanted, phase) in all_users() {
        for observed in all_observations() {
            let step = plan(auth, wanted, phase, observed);
            for event in outcomes(step) {
                assert!(
                    phase.on(event).is_ok(),
                    "{auth} {wanted:?} {phase:?} {observed:?}: {step:?} ends with {event:?}"
                );
            }
        }
    }
}

#[test]
fn a_user_without_a_secret_never_touches_one() {
    for (_, wanted, phase) in all_users() {
        for observed in all_observations() {
            let step = plan(Auth::Iam, wanted, phase, observed);
            let secret = [Step::Call(Call::StoreSecret), Step::Call(Call::RemoveSecret)];
            assert!(!secret.contains(&step), "{wanted:?} {phase:?} {observed:?}: {step:?}");
        }
    }
}

#[test]
fn not_seen_is_not_gone_before_it_is_certain() {
    let unsure = Observed {
        user: UserSeen::Missing,
        membership: Membership::Outside,
        absence_is_certain: false,
        access: AccessSeen::Wanted,
    };
    let plan = |wanted, phase, observed| plan(Auth::Password, wanted, phase, observed);
    assert_eq!(plan(Wanted::Absent, Phase::RemovingUser, unsure), Step::Wait);
    assert_eq!(plan(Wanted::Present, Phase::JoiningGroup, unsure), Step::Wait);
    let sure = Observed { absence_is_certain: true, ..unsure };
    let gone = Step::Note(Event::UserGone);
    assert_eq!(plan(Wanted::Absent, Phase::RemovingUser, sure), gone);
}

#[test]
fn a_user_is_attested_when_elasticache_shows_its_new_rights() {
    let told = Observed {
        user: UserSeen::Present(UserState::Active),
        membership: Membership::Member,
        absence_is_certain: false,
        access: AccessSeen::Wanted,
    };
    let attest = |seen| plan(Auth::Password, Wanted::Present, Phase::Attesting, seen);
    assert_eq!(attest(told), Step::Call(Call::Attest));
    let silent = Observed { access: AccessSeen::NotShownYet, ..told };
    assert_eq!(attest(silent), Step::Wait);
    assert_eq!(
        attest(Observed { user: UserSeen::Present(UserState::Changing), ..told }),
        Step::Wait
    );
    // Some text that AWS shows may never be what was sent; that is not waited for for ever.
    assert_eq!(attest(Observed { absence_is_certain: true, ..silent }), Step::Call(Call::Attest));
}

/// A world that does at once what it is told reaches the wanted end from every phase.
#[test]
fn every_phase_leads_to_the_wanted_end() {
    for (auth, wanted, start) in all_users() {
        let mut phase = start;
        let mut world = Observed {
            user: UserSeen::Missing,
            membership: Membership::Outside,
            absence_is_certain: true,
            access: AccessSeen::Outdated,
        };
        for _ in 0..20 {
            let step = plan(auth, wanted, phase, world);
            match step {
                Step::Join if wanted == Wanted::Suspended => {
                    panic!("{auth} from {start:?}: a suspended user is let in")
                }
                Step::Call(Call::CreateUser) => {
                    world.user = UserSeen::Present(UserState::Active);
                    world.access = AccessSeen::Wanted;
                }
                Step::Call(Call::SetAccess) => world.access = AccessSeen::Wanted,
                Step::Join => world.membership = Membership::Member,
                Step::Leave => world.membership = Membership::Outside,
                Step::Call(Call::RemoveUser) => world.user = UserSeen::Missing,
                _ => {}
            }
            if let Some(event) = outcomes(step).first() {
                phase = phase.on(*event).unwrap();
            }
        }
        let removing = start > Phase::Suspended;
        let end = match wanted {
            Wanted::Present if !removing => Phase::Active,
            Wanted::Suspended if !removing => Phase::Suspended,
            _ => Phase::Deleted,
        };
        assert_eq!(phase, end, "{auth} {wanted:?} from {start:?}");
        let is_out = world.membership == Membership::Outside;
        assert!(is_out || end == Phase::Active, "{auth} {wanted:?} from {start:?}");
    }
}
