//! What requests say of a webhook, member by member.

use crate::{
    api::{
        Api,
        problem::{Code, Fault, Problem},
    },
    domain::{Notices, UnknownNotice, Webhook, WebhookUrl},
};

/// Where it leads, if it may.
pub(super) fn read_url(api: &Api, text: &str) -> Result<WebhookUrl, Fault> {
    let refused = |error: crate::domain::TargetError| Fault::in_body("/url", error.to_string());
    let url: WebhookUrl = text.parse().map_err(refused)?;
    api.webhook_targets.check(&url).map_err(refused)?;
    Ok(url)
}

/// Of what it is told.
pub(super) fn read_types(names: &[String]) -> Result<Notices, Fault> {
    let read = |(index, name): (usize, &String)| {
        let refused =
            |error: UnknownNotice| Fault::in_body(format!("/types/{index}"), error.to_string());
        name.parse().map_err(refused)
    };
    names.iter().enumerate().map(read).collect()
}

/// What it is for.
pub(super) fn read_description(text: &str) -> Result<String, Fault> {
    let max = Webhook::DESCRIPTION_MAX;
    if text.chars().count() > max || text.chars().any(char::is_control) {
        let why = format!("must be one line of at most {max} characters");
        return Err(Fault::in_body("/description", why));
    }
    Ok(text.to_owned())
}

/// The webhook cannot be as the body says.
pub(super) fn refused(faults: impl IntoIterator<Item = Fault>) -> Problem {
    Problem::new(Code::InvalidBody, "the webhook cannot be made so").with_faults(faults)
}
