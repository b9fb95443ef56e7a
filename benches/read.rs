//! Reading with many tenants stored.
//!
//! Each tenant is read once, which no memory of the service can help with, and then they are read again
//! and again, one after another. Beside it is a server that answers the same bytes under the same headers
//! to whatever it is asked: both are axum, both are processes of their own, and both are asked by the
//! same clients, in turn. Pages are compared with each other, the first with the last.

use std::{
    net::{Ipv4Addr, TcpListener},
    path::Path,
    time::Duration,
};

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};

use crate::rig::{
    Goal, Plot, Report, Rig, Row, Series, Service,
    constant::ConstantServer,
    load::{Load, alternate, get, sample},
    page::number,
    stored::{Stored, name},
    times,
};

const SIZES: [usize; 3] = [1_000, 10_000, 100_000];
const QUICK_SIZES: [usize; 3] = [100, 300, 1_000];
const CLIENTS: usize = 64;
/// Each server is asked for so long, and that twice.
const LASTS: Duration = Duration::from_secs(4);
const QUICK: Duration = Duration::from_millis(500);
/// Tenants on a page.
const PAGE: usize = 50;
/// How often each of the two pages is asked for.
const ROUNDS: usize = 200;
/// The reconciler is not measured here: AWS takes its connection and never answers.
const SETTINGS: &str = r#"
[reconciler]
call_timeout = "10m"
"#;

const AT_LEAST_OF_CONSTANT: f64 = 0.6;
/// Equally fast, give or take what the machine does meanwhile.
const AT_MOST_OF_FIRST_PAGE: f64 = 1.2;

/// What was seen with so many tenants stored.
struct Reading {
    stored: usize,
    once_per_second: f64,
    per_second: f64,
    constant_per_second: f64,
    first_page: Duration,
    last_page: Duration,
}

pub(crate) async fn run(rig: &Rig) -> anyhow::Result<Report> {
    let mut readings = Vec::new();
    for stored in rig.size(SIZES, QUICK_SIZES) {
        readings.push(reading(rig, stored).await?);
    }
    report(&readings)
}

async fn reading(rig: &Rig, stored: usize) -> anyhow::Result<Reading> {
    let directory = rig.directory()?;
    let tenants = Stored { tenants: stored, caches: 1 };
    let pattern = tenants.write(directory.path()).await?;
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let sections = format!("{SETTINGS}{}", tenants.cache_sections(&pattern));
    let url = format!("http://{}", silent.local_addr()?);
    let service = Service::start(directory.path(), &url, &sections).await?;
    let load = Load { clients: CLIENTS, lasts: Duration::ZERO, status: 200 };
    let address = service.address;
    let read = move |n| get(address, &format!("/tenants/{}", name(n)));
    let once_per_second = load.per_second_once(service.address, stored, read).await?;
    let (per_second, constant_per_second) =
        beside_constant(&service, directory.path(), stored, rig.size(LASTS, QUICK)).await?;
    let last = get(address, &last_page(&service, stored).await?);
    let first = get(address, &format!("/tenants?limit={PAGE}"));
    let [first, last] = alternate(service.address, [&first, &last], ROUNDS).await?;
    let (first_page, last_page) = (times::median(&first), times::median(&last));
    Ok(Reading { stored, once_per_second, per_second, constant_per_second, first_page, last_page })
}

/// Answers per second of the service and of the constant, half of the time each, in turn.
async fn beside_constant(
    service: &Service,
    directory: &Path,
    stored: usize,
    lasts: Duration,
) -> anyhow::Result<(f64, f64)> {
    let address = service.address;
    let one = sample(address, &get(address, &format!("/tenants/{}", name(stored / 2)))).await?;
    let constant = ConstantServer::start(directory, &one).await?;
    let load = Load { clients: CLIENTS, lasts, status: 200 };
    let (mut ours, mut theirs) = (0.0, 0.0);
    for _ in 0..2 {
        let read = move |client, n| {
            get(address, &format!("/tenants/{}", name(scattered(client, n, stored))))
        };
        ours += load.per_second(service.address, read).await? / 2.0;
        theirs += load.per_second(constant.address, read).await? / 2.0;
    }
    Ok((ours, theirs))
}

/// Another tenant each time, all over the table, and the same ones in each run.
fn scattered(client: usize, n: u64, stored: usize) -> usize {
    let n = usize::try_from(n).unwrap_or(0);
    // Odd and not divisible by 5: all sizes are powers of ten or nearly so, and no two turns collide.
    (client * 7_919 + n * 61_803) % stored
}

/// Walks to the last full page.
async fn last_page(service: &Service, stored: usize) -> anyhow::Result<String> {
    let mut path = format!("/tenants?limit={PAGE}");
    let mut seen = 0;
    loop {
        let page: Value = service.get(&path).await?;
        let items = page["items"].as_array().context("a page has no items")?.len();
        seen += items;
        let Some(token) = page["next_page_token"].as_str() else { break };
        path = format!("/tenants?limit={PAGE}&page_token={token}");
    }
    ensure!(seen == stored, "{seen} of {stored} tenants were listed");
    Ok(path)
}

fn report(readings: &[Reading]) -> anyhow::Result<Report> {
    let most = readings.last().context("there are sizes")?;
    let of_constant = Row::new(
        format!("tenants read, {} stored, {CLIENTS} clients", most.stored),
        most.per_second / most.constant_per_second,
        Some(Goal::AtLeast(AT_LEAST_OF_CONSTANT)),
    )
    .of(
        format!("{} per second", number(most.per_second)),
        format!("a constant, {} per second", number(most.constant_per_second)),
    );
    let once = Row::new(
        format!("tenants read for the first time, {} stored", most.stored),
        most.once_per_second / most.constant_per_second,
        None,
    )
    .of(
        format!("{} per second", number(most.once_per_second)),
        format!("a constant, {} per second", number(most.constant_per_second)),
    );
    let of_first = Row::new(
        format!("the last page of {} tenants", most.stored),
        most.last_page.as_secs_f64() / most.first_page.as_secs_f64(),
        Some(Goal::AtMost(AT_MOST_OF_FIRST_PAGE)),
    )
    .of(times::text(most.last_page), format!("the first page, {}", times::text(most.first_page)));
    let row = |reading: &Reading| {
        vec![
            reading.stored.to_string(),
            number(reading.once_per_second),
            number(reading.per_second),
            number(reading.constant_per_second),
            times::text(reading.first_page),
            times::text(reading.last_page),
        ]
    };
    let headings = vec![
        "stored",
        "read once per second",
        "reads per second",
        "constant per second",
        "first page",
        "last page",
    ];
    let data = |reading: &Reading| {
        json!({
            "stored": reading.stored,
            "read_once_per_second": reading.once_per_second,
            "reads_per_second": reading.per_second,
            "constant_per_second": reading.constant_per_second,
            "first_page_seconds": reading.first_page.as_secs_f64(),
            "last_page_seconds": reading.last_page.as_secs_f64(),
        })
    };
    let data = readings.iter().map(data).collect();
    Ok(Report::new("read", vec![of_constant, once, of_first], data)
        .with_table(headings, readings.iter().map(row).collect())
        .with_plot(reads_plot(readings))
        .with_plot(pages_plot(readings)))
}

fn line(name: &'static str, readings: &[Reading], of: impl Fn(&Reading) -> f64) -> Series {
    #[expect(clippy::cast_precision_loss, reason = "a hundred thousand fit exactly")]
    let points = readings.iter().map(|reading| (reading.stored as f64, of(reading))).collect();
    Series { name, points }
}

fn reads_plot(readings: &[Reading]) -> Plot {
    Plot {
        file: "reads.svg",
        title: "Tenants read, by how many are stored",
        across: "tenants stored",
        up: "answers per second",
        series: vec![
            line("GET /tenants/{name}", readings, |reading| reading.per_second),
            line("each for the first time", readings, |reading| reading.once_per_second),
            line("a constant", readings, |reading| reading.constant_per_second),
        ],
    }
}

fn pages_plot(readings: &[Reading]) -> Plot {
    Plot {
        file: "pages.svg",
        title: "A page of 50 tenants, by how many are stored",
        across: "tenants stored",
        up: "milliseconds",
        series: vec![
            line("the first page", readings, |reading| reading.first_page.as_secs_f64() * 1e3),
            line("the last page", readings, |reading| reading.last_page.as_secs_f64() * 1e3),
        ],
    }
}
