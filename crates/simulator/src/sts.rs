//! STS: `AssumeRole`, by which a caller gets into another account.
//!
//! The credentials that it gives name the account, and nothing about them is remembered: whoever
//! signs with them is there. They are said to end after an hour, and go on working.

use std::collections::BTreeMap;

use aws_lc_rs::rand;
use jiff::{SignedDuration, Timestamp};

use crate::elasticache::xml::Element;
use crate::elasticache::{Parameters, Refusal};
use crate::hex::hex;
use crate::knobs::Role;
use crate::place::Place;

/// What the ids of temporary access keys begin with.
const TEMPORARY: &str = "ASIA";

const LIFETIME: SignedDuration = SignedDuration::from_hours(1);

/// One request, with what the answer may depend on.
pub(crate) struct Call<'a> {
    pub(crate) parameters: &'a Parameters,
    pub(crate) caller: &'a Place,
    pub(crate) now: Timestamp,
}

/// Does what a request asks and gives the elements of its result.
pub(crate) fn handle(
    operation: &str,
    call: &Call<'_>,
    roles: &BTreeMap<String, Role>,
) -> Result<Vec<Element>, Refusal> {
    match operation {
        "AssumeRole" => assume_role(call, roles),
        unknown => Err(Refusal::new(
            "InvalidAction",
            format!("The action {unknown} is not valid for this web service."),
        )),
    }
}

/// The account that an access key id names: one of twelve digits is an account number, as with other
/// look-alikes, and a temporary one holds it.
pub(crate) fn account_of(key: &str) -> Option<&str> {
    let account = match key.strip_prefix(TEMPORARY) {
        Some(rest) => rest.get(..12)?,
        None => key,
    };
    let is_account = account.len() == 12 && account.chars().all(|c| c.is_ascii_digit());
    is_account.then_some(account)
}

fn assume_role(call: &Call<'_>, roles: &BTreeMap<String, Role>) -> Result<Vec<Element>, Refusal> {
    let arn = call.parameters.required("RoleArn")?;
    let session = call.parameters.required("RoleSessionName")?;
    let told = call.parameters.get("ExternalId");
    let trusts = |role: &Role| role.external_id.as_deref().is_none_or(|id| told == Some(id));
    // AWS does not say either which of the two it is.
    let (Some((account, name)), true) = (role_in(arn), roles.get(arn).is_some_and(trusts)) else {
        return Err(Refusal {
            code: "AccessDenied",
            status: 403,
            message: format!(
                "User: arn:aws:iam::{}:user/caller is not authorized to perform: sts:AssumeRole on \
                 resource: {arn}",
                call.caller.account
            ),
        });
    };
    let expiration = call.now.saturating_add(LIFETIME).unwrap_or(Timestamp::MAX);
    let id = format!("AROA{account}");
    Ok(vec![
        Element::parent(
            "Credentials",
            vec![
                Element::text("AccessKeyId", format!("{TEMPORARY}{account}{}", chance(2))),
                Element::text("SecretAccessKey", chance(20)),
                Element::text("SessionToken", chance(64)),
                Element::text("Expiration", expiration),
            ],
        ),
        Element::parent(
            "AssumedRoleUser",
            vec![
                Element::text("AssumedRoleId", format!("{id}:{session}")),
                Element::text(
                    "Arn",
                    format!("arn:aws:sts::{account}:assumed-role/{name}/{session}"),
                ),
            ],
        ),
    ])
}

/// The account and the name in a role's ARN.
fn role_in(arn: &str) -> Option<(&str, &str)> {
    let (account, role) = arn.strip_prefix("arn:aws:iam::")?.split_once(":role/")?;
    Some((account_of(account)?, role.rsplit('/').next()?))
}

fn chance(n_bytes: usize) -> String {
    let mut bytes = vec![0; n_bytes];
    rand::fill(&mut bytes).expect("the system gives random bytes");
    hex(&bytes).to_ascii_uppercase()
}
