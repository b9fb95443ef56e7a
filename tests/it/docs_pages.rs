//! The documents say what is so: links lead somewhere, examples are accepted by what they are for.
//!
//! What a document shows as a transcript is played by the tests of the command line.

mod page;
mod routes;
mod shell;

use std::{collections::BTreeSet, fmt::Write as _, fs, io::Write as _, path::Path, process::Stdio};

use clap::Parser as _;
use ringfence::{cli::Cli, config::Config};
use serde_json::Value;
use tempfile::TempDir;

use self::{
    page::{Block, Page},
    routes::Routes,
    shell::commands,
};

/// What a cache must have, by the variables that give it.
const ONE_CACHE: &[(&str, &str, &str)] = &[
    ("name", "RINGFENCE_CACHES__0__NAME", "main"),
    ("user_group", "RINGFENCE_CACHES__0__USER_GROUP", "ringfence"),
    ("replication_group", "RINGFENCE_CACHES__0__REPLICATION_GROUP", "cache-main"),
];

/// All blocks of code in one of these languages, each with the page that it stands in.
fn blocks<'a>(
    pages: &'a [Page],
    languages: &'a [&str],
) -> impl Iterator<Item = (&'a Page, &'a Block)> {
    let of = |page: &'a Page| page.blocks.iter().map(move |block| (page, block));
    pages.iter().flat_map(of).filter(|(_, block)| languages.contains(&block.language.as_str()))
}

/// Fails with all that was found, so that one run is enough to mend it.
fn assert_none(faults: &[String]) {
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_link_leads_to_a_file_and_a_heading_that_are_there() {
    let pages = page::all();
    let faults: Vec<String> = pages.iter().flat_map(|page| page.dead_links(&pages)).collect();
    assert!(pages.len() > 30 && pages.iter().any(|page| page.links.len() > 20), "nothing is read");
    assert_none(&faults);
}

#[test]
fn the_index_leads_to_every_page() {
    let pages = page::all();
    let index = pages.iter().find(|page| page.path == Path::new("docs/index.md")).unwrap();
    let linked: BTreeSet<_> = index.links.iter().filter_map(|link| index.target(link)).collect();
    let beside = pages.iter().map(|page| &page.path).filter(|path| {
        path.parent() == Some(Path::new("docs")) && path.file_stem() != Some("index".as_ref())
    });
    let left: Vec<_> = beside.filter(|path| !linked.contains(*path)).collect();
    assert!(left.is_empty(), "docs/index.md does not lead to {left:?}");
}

/// A block may show a part of a configuration; what its cache lacks is given by variables.
#[test]
fn every_configuration_is_accepted() {
    let pages = page::all();
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("ringfence.toml");
    let (mut n_blocks, mut faults) = (0, Vec::new());
    for (page, block) in blocks(&pages, &["toml"]) {
        n_blocks += 1;
        fs::write(&path, &block.code).unwrap();
        let shown = block.code.split_once("[[caches]]").map_or("", |(_, cache)| cache);
        let shown = shown.split("\n[").next().unwrap_or(shown);
        let is_lacking = |name: &str| !shown.contains(&format!("\n{name} = "));
        let lacking = ONE_CACHE.iter().filter(|(name, _, _)| is_lacking(name));
        let given = lacking.map(|(_, name, value)| ((*name).to_owned(), (*value).to_owned()));
        if let Err(error) = Config::load(Some(&path), given.collect::<Vec<_>>()) {
            faults.push(format!("{}: {error}\n{}", page.path.display(), block.code));
        }
    }
    assert!(n_blocks > 6, "only {n_blocks} blocks are found");
    assert_none(&faults);
}

#[test]
fn every_json_document_can_be_read_but_for_what_is_left_out() {
    let pages = page::all();
    let mut faults = Vec::new();
    for (page, block) in blocks(&pages, &["json"]) {
        if let Err(error) = serde_json::from_str::<Value>(&without_ellipses(&block.code)) {
            faults.push(format!("{}: {error}\n{}", page.path.display(), block.code));
        }
    }
    assert_none(&faults);
}

/// Takes away each `…` that stands for members or items, with the comma that divides it from others.
fn without_ellipses(json: &str) -> String {
    let mut kept = String::new();
    let (mut in_text, mut escaped, mut drop_comma) = (false, false, false);
    for c in json.chars() {
        match c {
            '…' if !in_text => {
                let before = kept.trim_end().strip_suffix(',').map(str::len);
                drop_comma = before.is_none();
                kept.truncate(before.unwrap_or(kept.len()));
                continue;
            }
            ',' if !in_text && drop_comma => {
                drop_comma = false;
                continue;
            }
            '"' if !escaped => in_text = !in_text,
            _ => {}
        }
        drop_comma &= c.is_whitespace();
        escaped = c == '\\' && !escaped;
        kept.push(c);
    }
    kept
}

#[test]
fn an_ellipsis_is_left_out_with_its_comma_unless_it_is_in_a_text() {
    let read = |json: &str| serde_json::from_str::<Value>(&without_ellipses(json)).unwrap();
    assert_eq!(read(r#"{"a": [1, …], …}"#), serde_json::json!({ "a": [1] }));
    assert_eq!(
        read(r#"[…, {"a": "b …, \"c", …, "d": 1}]"#).to_string(),
        r#"[{"a":"b …, \"c","d":1}]"#
    );
}

#[test]
fn every_call_of_ringfence_is_one_that_it_understands() {
    let pages = page::all();
    let (mut n_calls, mut faults) = (0, Vec::new());
    for (page, block) in blocks(&pages, &["sh", "console"]) {
        for words in commands(block) {
            let Some(call) = call_of_ringfence(&words) else { continue };
            n_calls += 1;
            if let Err(error) = Cli::try_parse_from(call) {
                faults.push(format!("{}: {}\n{error}", page.path.display(), words.join(" ")));
            }
        }
    }
    assert!(n_calls > 12, "only {n_calls} calls are found");
    assert_none(&faults);
}

/// Of a token that is lost somewhere one wants to know that it ends. Without one, nobody is told that Prometheus
/// has nothing to tell.
#[test]
fn every_token_of_an_example_ends_unless_it_only_reads_metrics() {
    let pages = page::all();
    let (mut n_tokens, mut faults) = (0, Vec::new());
    for (page, block) in blocks(&pages, &["sh", "console"]) {
        for words in commands(block) {
            let Some([_, token, create, rest @ ..]) = call_of_ringfence(&words) else { continue };
            if [token, create] != ["token", "create"] {
                continue;
            }
            n_tokens += 1;
            let has = |word: &str| rest.iter().any(|it| it == word);
            if !has("--expires") && !has("metrics:read") {
                faults.push(format!("{}: {}", page.path.display(), words.join(" ")));
            }
        }
    }
    assert!(n_tokens > 4, "only {n_tokens} are found");
    assert_none(&faults);
}

/// What is called, without where and by whom it is to be called and with which variables.
fn call_of_ringfence(words: &[String]) -> Option<&[String]> {
    let after = |word: &str| words.iter().position(|it| it == word).map(|place| place + 1);
    let words = match words.first()?.as_str() {
        "sudo" if words.get(1).is_some_and(|it| it == "-u") => &words[3..],
        "kubectl" => &words[after("--")?..],
        // Behind the container's name.
        "docker" => &words[after("exec")? + 1..],
        "in_task" => &words[1..],
        _ => words,
    };
    let place = words.iter().position(|word| !word.contains('='))?;
    let end = words.iter().position(|word| word == ">").unwrap_or(words.len());
    (words[place] == "ringfence").then(|| &words[place..end])
}

#[test]
fn every_call_of_curl_names_an_operation_that_there_is() {
    let pages = page::all();
    let routes = Routes::of_the_document();
    let (mut n_calls, mut faults) = (0, Vec::new());
    for (page, block) in blocks(&pages, &["sh", "console"]) {
        for words in commands(block).iter().filter(|words| words.iter().any(|it| it == "curl")) {
            n_calls += 1;
            if let Err(fault) = routes.check_curl(words) {
                faults.push(format!("{}: {}: {fault}", page.path.display(), words.join(" ")));
            }
        }
    }
    assert!(n_calls > 40, "only {n_calls} calls are found");
    assert_none(&faults);
}

/// Excerpts may be indented, as they are where they come from.
#[test]
fn every_block_of_python_compiles() {
    const COMPILE: &str = "
import json, sys, textwrap
for place, code in json.load(sys.stdin):
    compile(textwrap.dedent(code), place, 'exec')
";
    let pages = page::all();
    let found = blocks(&pages, &["python"]);
    let code: Vec<_> = found.map(|(page, block)| (&page.path, without_excerpts(block))).collect();
    assert!(code.len() > 5, "only {} blocks are found", code.len());
    let mut python = std::process::Command::new("python3");
    python.args(["-c", COMPILE]).stdin(Stdio::piped()).stderr(Stdio::piped());
    let mut python = python.spawn().unwrap();
    python.stdin.take().unwrap().write_all(&serde_json::to_vec(&code).unwrap()).unwrap();
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// An excerpt that ends with an `except` is one whose body is elsewhere.
fn without_excerpts(block: &Block) -> String {
    let mut code = block.code.clone();
    if code.trim_end().ends_with(':') {
        let indent = code.lines().last().map_or(0, |line| line.len() - line.trim_start().len());
        writeln!(code, "{}...", " ".repeat(indent + 4)).unwrap();
    }
    code
}

/// The security model names tests as `file::test`.
#[test]
fn every_test_that_the_security_model_names_is_there() {
    let text = fs::read_to_string("docs/security-model.md").unwrap();
    let named = text.split('`').skip(1).step_by(2).filter_map(|code| code.split_once("::"));
    let named: Vec<_> = named.filter(|(file, _)| *file != "file").collect();
    assert!(named.len() > 20, "only {named:?}");
    let missing = named.iter().filter(|(file, test)| {
        let source = fs::read_to_string(format!("tests/it/{file}.rs")).unwrap_or_default();
        !source.contains(&format!("fn {test}("))
    });
    assert_none(&missing.map(|(file, test)| format!("{file}::{test}")).collect::<Vec<_>>());
}
