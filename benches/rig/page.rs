//! The results as text: on the terminal, and between the marks of `BENCHMARKS.md`.

use anyhow::Context as _;

use super::{
    machine::Machine,
    report::{Goal, Report, Row, Table},
};

const ROW_HEADINGS: [&str; 6] = ["", "result", "compared with", "ratio", "goal", ""];

/// Shows what a benchmark has found.
#[expect(clippy::print_stdout, reason = "the results are what one wants to see")]
pub(crate) fn print(report: &Report) {
    println!("\n{} ({:.0} s)\n\n{}", report.benchmark, report.took_seconds, body(report));
}

/// Shows why a benchmark has found nothing.
#[expect(clippy::print_stderr, reason = "whoever waits for the results wants to know")]
pub(crate) fn print_failure(benchmark: &str, error: &anyhow::Error) {
    eprintln!("\n{benchmark} FAILED: {error:#}");
}

/// Puts the results into the page, each between the marks of its name. The prose around them is
/// written by hand; no number is.
pub(crate) fn fill(page: &str, reports: &[Report], machine: &Machine) -> anyhow::Result<String> {
    let mut page = between(page, "run", &machine.to_string())?;
    let rows: Vec<&Row> = reports.iter().flat_map(|report| &report.rows).collect();
    page = between(&page, "summary", &row_table(&rows))?;
    for report in reports {
        page = between(&page, report.benchmark, &body(report))?;
    }
    Ok(page)
}

/// The page with other text between `<!-- name -->` and `<!-- /name -->`.
fn between(page: &str, name: &str, text: &str) -> anyhow::Result<String> {
    let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let missing = || format!("BENCHMARKS.md has no place for {name}");
    let (before, rest) = page.split_once(&begin).with_context(missing)?;
    let (_, after) = rest.split_once(&end).with_context(missing)?;
    Ok(format!("{before}{begin}\n{}\n\n{end}{after}", text.trim_end()))
}

fn body(report: &Report) -> String {
    let rows: Vec<&Row> = report.rows.iter().collect();
    let tables = report.tables.iter().map(table);
    let plots = report
        .plots
        .iter()
        .map(|plot| format!("![{}](benches/results/{})\n", plot.title, plot.file));
    std::iter::once(row_table(&rows)).chain(tables).chain(plots).collect::<Vec<_>>().join("\n")
}

fn row_table(rows: &[&Row]) -> String {
    let cells = |row: &&Row| {
        vec![
            row.what.clone(),
            row.result.clone(),
            row.compared_with.clone(),
            number(row.ratio),
            row.goal.map_or_else(String::new, |goal| match goal {
                Goal::AtMost(most) => format!("at most {most}"),
                Goal::AtLeast(least) => format!("at least {least}"),
            }),
            match row.hit {
                Some(true) => "hit".to_owned(),
                Some(false) => "**miss**".to_owned(),
                None => String::new(),
            },
        ]
    };
    table(&Table { headings: ROW_HEADINGS.to_vec(), rows: rows.iter().map(cells).collect() })
}

/// Aligned, so that it can be read as it is.
fn table(table: &Table) -> String {
    let headings: Vec<String> = table.headings.iter().map(ToString::to_string).collect();
    let widths: Vec<usize> = (0..headings.len())
        .map(|column| {
            let cells = table.rows.iter().chain([&headings]).filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0).max(3)
        })
        .collect();
    let line = |cells: &Vec<String>| {
        let padded: Vec<String> =
            cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        format!("| {} |\n", padded.join(" | "))
    };
    let rule: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
    let rows = table.rows.iter().map(line);
    [line(&headings), line(&rule)].into_iter().chain(rows).collect()
}

/// With as many digits as mean something.
pub(crate) fn number(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}
