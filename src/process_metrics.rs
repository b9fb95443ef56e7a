//! What the operating system tells of the process, under the names that all programs use for it
//! (<https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics>), and which program
//! it is.

use prometheus_client::{metrics::info::Info, registry::Registry};

/// Lets them be read from this registry. What the process uses is told on Linux only.
pub(crate) fn register(registry: &mut Registry) {
    let build = Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]);
    registry.register("ringfence_build", "Which version this is", build);
    #[cfg(target_os = "linux")]
    registry.register_collector(Box::new(linux::Process));
}

#[cfg(target_os = "linux")]
mod linux {
    use std::fmt;

    use procfs::{ProcResult, WithCurrentSystemInfo as _};
    use prometheus_client::{
        collector::Collector,
        encoding::{DescriptorEncoder, EncodeMetric},
        metrics::{counter::ConstCounter, gauge::ConstGauge},
        registry::Unit,
    };

    /// Looks into `/proc/self` when somebody asks.
    #[derive(Debug)]
    pub(super) struct Process;

    /// What the process uses.
    struct Usage {
        cpu_seconds: f64,
        resident_bytes: u64,
        virtual_bytes: u64,
        open_fds: u64,
        max_fds: Option<u64>,
        started_at: f64,
    }

    impl Collector for Process {
        fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
            // Where `/proc` is not to be seen the rest is still told.
            let Ok(usage) = usage() else { return Ok(()) };
            let mut write = |name: &str,
                             help: &str,
                             unit: Option<Unit>,
                             value: &dyn EncodeMetric| {
                let metric =
                    encoder.encode_descriptor(name, help, unit.as_ref(), value.metric_type())?;
                value.encode(metric)
            };
            let cpu = ConstCounter::new(usage.cpu_seconds);
            write("process_cpu", "Processor time that was used.", Some(Unit::Seconds), &cpu)?;
            let resident = gauge(usage.resident_bytes);
            write("process_resident_memory", "Memory that is held.", Some(Unit::Bytes), &resident)?;
            let addressed = gauge(usage.virtual_bytes);
            let help = "Memory that is addressed, held or not.";
            write("process_virtual_memory", help, Some(Unit::Bytes), &addressed)?;
            let open = gauge(usage.open_fds);
            write("process_open_fds", "Files and connections that are open.", None, &open)?;
            if let Some(max) = usage.max_fds {
                write(
                    "process_max_fds",
                    "How many files and connections may be open.",
                    None,
                    &gauge(max),
                )?;
            }
            let started = ConstGauge::new(usage.started_at);
            write("process_start_time", "When the process started.", Some(Unit::Seconds), &started)
        }
    }

    fn gauge(value: u64) -> ConstGauge<i64> {
        ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX))
    }

    #[expect(clippy::cast_precision_loss, reason = "seconds, of which a double holds enough")]
    fn usage() -> ProcResult<Usage> {
        let process = procfs::process::Process::myself()?;
        let stat = process.stat()?;
        let ticks = procfs::ticks_per_second() as f64;
        let limits = process.limits()?;
        let max_fds = match limits.max_open_files.soft_limit {
            procfs::process::LimitValue::Value(value) => Some(value),
            procfs::process::LimitValue::Unlimited => None,
        };
        Ok(Usage {
            cpu_seconds: (stat.utime + stat.stime) as f64 / ticks,
            resident_bytes: stat.rss_bytes().get(),
            virtual_bytes: stat.vsize,
            open_fds: process.fd_count()? as u64,
            max_fds,
            started_at: procfs::boot_time_secs()? as f64 + stat.starttime as f64 / ticks,
        })
    }
}
