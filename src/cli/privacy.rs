//! What this process holds is for nobody else. It has passwords in its memory for as long as it sets them, and the
//! names of all tenants in its files.

use anyhow::Context;
use rustix::{
    fs::Mode,
    process::{Resource, Rlimit, setrlimit, umask},
};

/// No core dumps, no looking into the memory for processes of the same user, and files for their owner alone,
/// whatever the process was started with. Children inherit all but the second.
pub(super) fn keep_to_itself() -> anyhow::Result<()> {
    umask(Mode::RWXG | Mode::RWXO);
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })
        .context("core dumps cannot be switched off")?;
    refuse_debuggers()
}

/// The limit alone does not hold for a dump that the kernel pipes to a program
/// (<https://man7.org/linux/man-pages/man5/core.5.html>); this does, and it also keeps debuggers out.
#[cfg(target_os = "linux")]
fn refuse_debuggers() -> anyhow::Result<()> {
    use rustix::process::{DumpableBehavior, set_dumpable_behavior};

    set_dumpable_behavior(DumpableBehavior::NotDumpable)
        .context("the memory of this process cannot be shut")
}

#[cfg(not(target_os = "linux"))]
fn refuse_debuggers() -> anyhow::Result<()> {
    Ok(())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use rustix::process::{DumpableBehavior, dumpable_behavior, getrlimit};

    use super::*;

    /// Only the process itself can ask this of the kernel.
    #[test]
    fn nothing_of_the_process_can_be_dumped() {
        keep_to_itself().unwrap();
        assert_eq!(dumpable_behavior().unwrap(), DumpableBehavior::NotDumpable);
        let limit = getrlimit(Resource::Core);
        assert_eq!((limit.current, limit.maximum), (Some(0), Some(0)));
    }
}
