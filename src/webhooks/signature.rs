//! The signature of a message, by
//! [Standard Webhooks](https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md).

use aws_lc_rs::hmac::{Context, HMAC_SHA256, Key};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use jiff::Timestamp;

use crate::domain::{MessageId, WebhookSecret};

/// The value of `webhook-signature`: one signature for each secret, with a space between them.
pub(super) fn signatures(
    secrets: &[WebhookSecret],
    message: &MessageId,
    at: Timestamp,
    body: &str,
) -> String {
    let sign = |secret: &WebhookSecret| {
        let mut context = Context::with_key(&Key::new(HMAC_SHA256, &secret.key()));
        context.update(format!("{message}.{}.", at.as_second()).as_bytes());
        context.update(body.as_bytes());
        format!("v1,{}", BASE64_STANDARD.encode(context.sign()))
    };
    secrets.iter().map(sign).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Compared with `hmac` and `hashlib` of Python.
    #[test]
    fn a_message_is_signed_with_each_secret() {
        let secrets = [1, 2].map(|byte| WebhookSecret::generate(&[byte; 32]));
        let at = Timestamp::from_second(1_700_000_000).unwrap();
        let signed = signatures(&secrets, &"evt_1_a".parse().unwrap(), at, "{}");
        assert_eq!(
            signed,
            "v1,LArgAoMTK2oGvvw9aNRnONIdj8aL9H+S7YeqDIYIdZ0= v1,tsYJuWAhUka2YXvRImQ87+UUU+mpdiML7PgbcxrHVTE="
        );
    }
}
