//! The calls to AWS that are before a user.

use crate::{
    config::Verify,
    domain::{Auth, CacheUser, Call, ForeseenAction, Grant, Phase, forecast},
};

/// A phase that is before a user, and the calls in it, in their order and as AWS names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeseenPhase {
    /// The phase.
    pub phase: Phase,
    /// The calls; none if the step is a login.
    pub calls: Vec<&'static str>,
}

/// The phases that are before a user, with their calls. Not among those are the looks at all users, at
/// the group and at the cache, which are shared with everybody who waits.
#[must_use]
pub fn foresee(user: &CacheUser, verify: Verify) -> Vec<ForeseenPhase> {
    let mut phases: Vec<ForeseenPhase> = Vec::new();
    for step in forecast(user) {
        let calls = calls(user, verify, step.action);
        match phases.last_mut() {
            Some(last) if last.phase == step.phase => last.calls.extend(calls),
            _ => phases.push(ForeseenPhase { phase: step.phase, calls: calls.to_vec() }),
        }
    }
    phases
}

/// The calls of one step, when everything is as Ringfence left it.
fn calls(user: &CacheUser, verify: Verify, action: ForeseenAction) -> &'static [&'static str] {
    match action {
        ForeseenAction::Join | ForeseenAction::Leave => &["ModifyUserGroup"],
        ForeseenAction::Call(Call::StoreSecret) => &["CreateSecret"],
        ForeseenAction::Call(Call::CreateUser) => &["CreateUser"],
        // Before anything of a user is changed, its tags are read.
        ForeseenAction::Call(Call::AdoptUser | Call::SetAccess) => {
            &["ListTagsForResource", "ModifyUser"]
        }
        ForeseenAction::Call(Call::RemoveUser) => &["ListTagsForResource", "DeleteUser"],
        ForeseenAction::Call(Call::RemoveSecret) => &["DescribeSecret", "DeleteSecret"],
        ForeseenAction::Call(Call::Attest) if needs_no_login(user, verify) => &[],
        ForeseenAction::Call(Call::Attest) => match user.auth {
            Auth::Password => &["GetSecretValue"],
            // A token is signed without asking.
            Auth::Iam => &[],
        },
    }
}

fn needs_no_login(user: &CacheUser, verify: Verify) -> bool {
    match user.grant {
        Grant::Profile(_) => verify == Verify::Off,
        Grant::Everything => true,
        Grant::Purge => false,
    }
}
