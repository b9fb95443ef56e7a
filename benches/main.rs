//! The benchmarks: `make bench` runs them all, `make bench ARGS="burst read"` some.
//!
//! Each is a file of its own that begins with its configuration; what they share is in `rig`. They run
//! one after another against `ringfence serve` as a process of its own. Machines differ and are noisy,
//! so what counts is the ratio of two things that were measured in the same run.
//!
//! Whatever runs is printed and left as JSON under `target/`. A run of all of them at full size also
//! writes `benches/results/` and the tables in `BENCHMARKS.md`.

mod accept;
mod burst;
mod crowd;
mod fleet;
mod isolation;
mod read;
mod rig;
mod trickle;

use std::{path::PathBuf, process::ExitCode, time::Instant};

use anyhow::Context as _;
use clap::{Parser, ValueEnum};

use rig::{Report, Rig, constant, page};

/// Measure Ringfence.
#[derive(Debug, Parser)]
struct Args {
    /// Only these
    benchmarks: Vec<Benchmark>,

    /// Small sizes and short times, to see that everything runs: the numbers mean nothing
    #[arg(long)]
    quick: bool,

    /// Cargo says this to every benchmark
    #[arg(long, hide = true)]
    bench: bool,

    /// Serve this answer to every request: what `read` compares with, as a process of its own
    #[arg(long, hide = true, value_name = "FILE")]
    serve_constant: Option<PathBuf>,
}

/// The benchmarks, in the order in which they run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Benchmark {
    /// Many sign-ups at once, beside what operators in circulation do
    Burst,
    /// One sign-up per second
    Trickle,
    /// Sign-ups acknowledged durably
    Accept,
    /// Reading, with many tenants stored
    Read,
    /// Start and one look at everything, with many caches
    Fleet,
    /// The isolation proof and the lint
    Isolation,
    /// Mixed reads beside sign-ups, and idle connections
    Crowd,
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let args = Args::parse();
    if let Some(file) = args.serve_constant {
        constant::serve(&file).await?;
        return Ok(ExitCode::SUCCESS);
    }
    let rig = Rig::new(args.quick)?;
    let (mut reports, mut all_ran) = (Vec::new(), true);
    for benchmark in Benchmark::value_variants() {
        if !args.benchmarks.is_empty() && !args.benchmarks.contains(benchmark) {
            continue;
        }
        let begun = Instant::now();
        match run(*benchmark, &rig).await {
            Ok(mut report) => {
                report.took_seconds = begun.elapsed().as_secs_f64();
                page::print(&report);
                reports.push(report);
            }
            Err(error) => {
                all_ran = false;
                page::print_failure(&format!("{benchmark:?}"), &error);
            }
        }
    }
    rig.keep(&reports).context("the results cannot be kept")?;
    if all_ran && args.benchmarks.is_empty() && !args.quick {
        rig.publish(&reports).context("the results cannot be published")?;
    }
    // A missed goal is a result; a benchmark that did not run is a failure.
    Ok(if all_ran { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn run(benchmark: Benchmark, rig: &Rig) -> anyhow::Result<Report> {
    match benchmark {
        Benchmark::Burst => burst::run(rig).await,
        Benchmark::Trickle => trickle::run(rig).await,
        Benchmark::Accept => accept::run(rig).await,
        Benchmark::Read => read::run(rig).await,
        Benchmark::Fleet => fleet::run(rig).await,
        Benchmark::Isolation => isolation::run(rig),
        Benchmark::Crowd => crowd::run(rig).await,
    }
}
