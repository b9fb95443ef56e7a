//! How old a password becomes before it is replaced by itself.

use std::{str::FromStr, time::Duration};

use jiff::{Span, SpanRelativeTo};

/// The longest that a password is used where there is a schedule: an hour to ten years.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RotationInterval {
    seconds: u32,
}

impl RotationInterval {
    /// An hour, which after the spread is taken off is 54 minutes.
    ///
    /// Secrets Manager asks for no more than one new version in ten minutes, because it keeps the
    /// versions of a day
    /// (<https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html>).
    /// An hour keeps well away from that, and is a quarter of the shortest schedule of AWS's own
    /// rotation.
    pub const MIN: Self = Self { seconds: 3600 };

    /// Ten years.
    pub const MAX: Self = Self { seconds: 3650 * 24 * 3600 };

    /// An interval of so many seconds.
    pub fn from_seconds(seconds: u32) -> Result<Self, IntervalError> {
        let interval = Self { seconds };
        let is_usable = (Self::MIN..=Self::MAX).contains(&interval);
        if is_usable { Ok(interval) } else { Err(IntervalError::OutOfRange) }
    }

    /// How many seconds it has.
    #[must_use]
    pub fn seconds(self) -> u32 {
        self.seconds
    }
}

impl FromStr for RotationInterval {
    type Err = IntervalError;

    /// Reads what is written as `30d`, `12h` or `1d 12h`; a day has 24 hours.
    fn from_str(text: &str) -> Result<Self, IntervalError> {
        let span: Span = text.parse().map_err(|_| IntervalError::Unreadable)?;
        let duration = span.to_duration(SpanRelativeTo::days_are_24_hours());
        let duration = duration.map_err(|_| IntervalError::Unreadable)?;
        let duration = Duration::try_from(duration).map_err(|_| IntervalError::OutOfRange)?;
        if duration.subsec_nanos() != 0 {
            return Err(IntervalError::Unreadable);
        }
        let seconds = u32::try_from(duration.as_secs()).map_err(|_| IntervalError::OutOfRange)?;
        Self::from_seconds(seconds)
    }
}

/// No password is replaced at such an interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IntervalError {
    /// The text is no interval.
    #[error("is no interval in days, hours and whole seconds, such as 30d or 12h")]
    Unreadable,
    /// It is too short or too long.
    #[error(
        "must be {min} to {max} seconds, which is an hour to ten years",
        min = RotationInterval::MIN.seconds, max = RotationInterval::MAX.seconds
    )]
    OutOfRange,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_is_an_hour_to_ten_years() {
        for (text, seconds) in
            [("1h", 3600), ("90m", 5400), ("30d", 2_592_000), ("1d 12h", 129_600)]
        {
            assert_eq!(
                text.parse::<RotationInterval>().map(RotationInterval::seconds),
                Ok(seconds)
            );
        }
        for text in ["0s", "-1h", "59m", "3651d", "999999d"] {
            assert_eq!(text.parse::<RotationInterval>(), Err(IntervalError::OutOfRange), "{text}");
        }
        for text in ["", "soon", "1mo", "1y", "3600.5s", "3600"] {
            assert_eq!(text.parse::<RotationInterval>(), Err(IntervalError::Unreadable), "{text}");
        }
    }
}
