//! `docs/clients.md` against the programs that are run.

use std::{collections::BTreeSet, fs, path::Path};

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

pub(super) fn assert_says(lines: &BTreeSet<String>) {
    let page = read("docs/clients.md");
    let unsaid: Vec<&String> = lines.iter().filter(|line| !page.contains(*line)).collect();
    assert!(unsaid.is_empty(), "docs/clients.md does not say:\n{unsaid:#?}");
}

/// Each block of code comes after a link to the program that it is taken from.
#[test]
fn the_page_shows_what_is_run() {
    let page = read("docs/clients.md");
    let mut program = String::new();
    let mut blocks = 0;
    for (n, text) in page.split("```").enumerate() {
        if n % 2 == 1 {
            let (_language, code) = text.split_once('\n').unwrap();
            assert!(program.contains(code), "the program does not have\n{code}");
            blocks += 1;
        } else if let Some((_, link)) = text.rsplit_once("](../") {
            program = read(link.split_once(')').unwrap().0);
        }
    }
    assert!(blocks > 3, "the page has lost its code");
}
