//! Where and when the numbers come from.

use std::{fmt, fs, thread};

use ringfence::clock::{Clock as _, SystemClock};
use serde::Serialize;

/// Where and when a run was.
#[derive(Debug, Serialize)]
pub(crate) struct Machine {
    date: String,
    command: &'static str,
    processor: String,
    cores: usize,
    memory_mib: u64,
    system: String,
}

pub(crate) fn describe() -> Machine {
    Machine {
        date: SystemClock.now().strftime("%Y-%m-%d").to_string(),
        command: "make bench",
        processor: field("/proc/cpuinfo", "model name").unwrap_or_else(unknown),
        cores: thread::available_parallelism().map_or(1, usize::from),
        memory_mib: field("/proc/meminfo", "MemTotal").map_or(0, |text| kib(&text) / 1024),
        system: fs::read_to_string("/proc/sys/kernel/ostype").map_or_else(
            |_| unknown(),
            |name| format!("{} on {}", name.trim(), std::env::consts::ARCH),
        ),
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Measured {} by `{}` on {} cores of an {}, {} MiB of memory, {}.",
            self.date, self.command, self.cores, self.processor, self.memory_mib, self.system
        )
    }
}

/// The value of a line `name : value`.
pub(super) fn field(file: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    text.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        (key.trim() == name).then(|| value.trim().to_owned())
    })
}

/// The number in `1234 kB`.
pub(super) fn kib(text: &str) -> u64 {
    text.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

fn unknown() -> String {
    "unknown".to_owned()
}
