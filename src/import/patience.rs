//! Calls that may be sent again.

use std::time::Duration;

use crate::{
    cloud::{CloudError, CloudErrorKind},
    domain::Backoff,
};

const TRIES: u32 = 6;
const BACKOFF: Backoff = Backoff { base: Duration::from_millis(500), max: Duration::from_secs(10) };

/// Sends a call again that failed for a while. Only for calls that do no harm when they are done twice.
///
/// Users that are being changed are "not available for tagging" for some seconds, which AWS tells as
/// "not found" (<https://github.com/hashicorp/terraform-provider-aws/issues/34002>).
pub(super) async fn patiently<T, F>(call: impl Fn() -> F) -> Result<T, CloudError>
where
    F: Future<Output = Result<T, CloudError>>,
{
    let mut failures = 0;
    loop {
        let error = match call().await {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        failures += 1;
        let passes = match error.kind {
            CloudErrorKind::Unknown
            | CloudErrorKind::Throttled
            | CloudErrorKind::Busy
            | CloudErrorKind::NotFound => true,
            CloudErrorKind::AlreadyExists | CloudErrorKind::Denied | CloudErrorKind::Refused => {
                false
            }
        };
        if !passes || failures == TRIES {
            return Err(error);
        }
        tokio::time::sleep(BACKOFF.delay(failures, u8::MAX)).await;
    }
}
