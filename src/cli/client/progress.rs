//! What a person sees while a command waits: on a terminal, on standard error, and nowhere else.

use std::time::Duration;

use indicatif::ProgressBar;

use super::output::printable;

/// Something that is under way. It is wiped away with this value.
#[derive(Debug)]
pub(super) struct Progress(ProgressBar);

impl Progress {
    /// Work whose end is not known.
    pub(super) fn of(what: &str) -> Self {
        let bar = ProgressBar::new_spinner().with_message(what.to_owned());
        bar.enable_steady_tick(Duration::from_millis(100));
        Self(bar)
    }

    /// How far it is, in words.
    pub(super) fn say(&self, state: &str) {
        self.0.set_message(printable(state));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
