//! Of many durations, one.

use std::time::Duration;

/// The one that half of them do not exceed.
pub(crate) fn median(times: &[Duration]) -> Duration {
    quantile(times, 50)
}

/// The one that so many in a hundred of them do not exceed (nearest rank).
pub(crate) fn quantile(times: &[Duration], percent: usize) -> Duration {
    let mut times = times.to_vec();
    times.sort_unstable();
    let rank = (times.len() * percent).div_ceil(100).max(1);
    times.get(rank - 1).copied().unwrap_or_default()
}

/// `4.62 s`, or `3.10 ms` if it is short.
pub(crate) fn text(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    if seconds < 0.1 { format!("{:.2} ms", seconds * 1e3) } else { format!("{seconds:.2} s") }
}
