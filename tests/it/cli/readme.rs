//! The transcripts of the README and of pages in `docs`, played against the program.

use std::{fs, path::Path, process::Stdio};

use tempfile::TempDir;
use tokio::process::Command;

use super::running::Running;

/// A command of a transcript, and what the page says it prints.
struct Exchange {
    command: String,
    expected: String,
}

#[tokio::test]
async fn the_transcript_of_the_readme_is_what_happens() {
    let directory = TempDir::new().unwrap();
    let running = Running::dev(&directory, &["--engine", "valkey"]).await;
    happens("README.md", &running).await;
}

#[tokio::test]
async fn the_transcript_of_the_page_on_rotations_is_what_happens() {
    let directory = TempDir::new().unwrap();
    let running = Running::dev(&directory, &["--engine", "valkey"]).await;
    running.create_tenant("acme").await;
    happens("docs/rotation.md", &running).await;
}

#[tokio::test]
async fn the_transcript_of_the_quick_start_is_what_happens() {
    let directory = TempDir::new().unwrap();
    let running = Running::dev(&directory, &["--engine", "valkey"]).await;
    happens("docs/quick-start.md", &running).await;
}

#[tokio::test]
async fn what_the_api_guide_shows_is_what_happens() {
    let directory = TempDir::new().unwrap();
    let running = Running::dev(&directory, &["--engine", "valkey"]).await;
    happens("docs/api-guide.md", &running).await;
    runs("docs/api-guide.md", &running).await;
}

/// Runs all blocks of Python on the page as one program, whose assertions say what is expected.
async fn runs(page: &str, running: &Running) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
    let text = fs::read_to_string(path).unwrap();
    let blocks = text.split("```python\n").skip(1);
    let program: String = blocks.filter_map(|block| block.split("```").next()).collect();
    assert!(program.matches("assert").count() > 10, "{page} has lost its program");
    let program = program.replace("http://127.0.0.1:8080", running.api());
    let output = Command::new("python3").args(["-c", &program]).output().await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

async fn happens(page: &str, running: &Running) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
    let exchanges = transcript(&fs::read_to_string(path).unwrap());
    assert!(exchanges.len() > 3, "{page} has lost its transcript");
    let printed = play(&exchanges, running.api()).await;
    assert_eq!(printed.len(), exchanges.len(), "{printed:?}");
    for (exchange, printed) in exchanges.iter().zip(&printed) {
        assert!(
            matches(&exchange.expected, printed.trim()),
            "{page}\n$ {}\nexpected: {}\nprinted:  {printed}",
            exchange.command,
            exchange.expected,
        );
    }
}

/// The lines of all `console` blocks: commands start with `$ `, what follows is printed.
fn transcript(readme: &str) -> Vec<Exchange> {
    let mut exchanges: Vec<Exchange> = Vec::new();
    let mut inside = false;
    for line in readme.lines() {
        match (inside, line) {
            (_, "```console") => inside = true,
            (_, "```") => inside = false,
            (true, line) => match (line.strip_prefix("$ "), exchanges.last_mut()) {
                (Some(command), _) => exchanges
                    .push(Exchange { command: command.to_owned(), expected: String::new() }),
                (None, Some(last)) => last.expected.push_str(line),
                (None, None) => panic!("a block starts with {line:?}, which is no command"),
            },
            (false, _) => {}
        }
    }
    exchanges
}

/// Runs all commands in one shell and answers what each printed.
async fn play(exchanges: &[Exchange], api: &str) -> Vec<String> {
    const END: &str = "--end of command--";
    let mut script = String::new();
    for exchange in exchanges {
        script += &exchange.command;
        script += " 2>&1\necho '";
        script += END;
        script += "'\n";
    }
    let output = Command::new("bash")
        .arg("-c")
        .arg(script.replace("http://127.0.0.1:8080", api))
        .stdin(Stdio::null())
        .output()
        .await
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let mut parts: Vec<String> = printed.split(END).map(str::to_owned).collect();
    parts.pop();
    parts
}

/// Whether a text is as expected, where `…` stands for anything.
fn matches(expected: &str, printed: &str) -> bool {
    let pieces: Vec<&str> = expected.split('…').collect();
    let (first, last) = (pieces[0], pieces[pieces.len() - 1]);
    let Some(mut rest) = printed.strip_prefix(first) else { return false };
    if pieces.len() == 1 {
        return rest.is_empty();
    }
    for piece in &pieces[1..pieces.len() - 1] {
        let Some(at) = rest.find(piece) else { return false };
        rest = &rest[at + piece.len()..];
    }
    rest.ends_with(last)
}

#[test]
fn an_ellipsis_stands_for_anything_and_nothing_else_does() {
    assert!(matches("a…c", "abc"));
    assert!(matches("a…", "a"));
    assert!(matches("…WRONG…", "xx WRONGPASS yy"));
    assert!(!matches("a…c", "abd"));
    assert!(!matches("OK", "OKAY"));
}
