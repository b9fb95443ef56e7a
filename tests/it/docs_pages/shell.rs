//! The commands in a block of shell.

use super::page::Block;

/// The words of each command, with quotes taken away. Of a transcript only what is typed.
pub(super) fn commands(block: &Block) -> Vec<Vec<String>> {
    let is_transcript = block.language == "console";
    let mut commands = Vec::new();
    let mut begun = String::new();
    for line in block.code.lines() {
        let typed = if is_transcript { line.strip_prefix("$ ") } else { Some(line) };
        let Some(typed) = typed else { continue };
        if let Some(typed) = typed.strip_suffix('\\') {
            begun += typed;
            continue;
        }
        begun += typed;
        // A quotation that is open goes on in the next line.
        if let Some(words) = shlex::split(&begun) {
            commands.extend(parts(&words));
            begun.clear();
        } else {
            begun.push('\n');
        }
    }
    assert!(begun.is_empty(), "this is left open: {begun}");
    commands
}

/// The commands of a pipeline or a list.
fn parts(words: &[String]) -> Vec<Vec<String>> {
    let is_operator = |word: &String| ["|", "||", "&&", ";", "&"].contains(&word.as_str());
    let parts = words.split(is_operator).map(<[String]>::to_vec);
    parts.filter(|part| !part.is_empty()).collect()
}

#[test]
fn commands_are_told_apart_by_lines_and_operators_and_keep_what_is_quoted() {
    let code = "# Why.\na 'b | c' \\\n  d | e # why\n\n'f\ng'".to_owned();
    let found = commands(&Block { language: "sh".to_owned(), code });
    assert_eq!(found, [vec!["a", "b | c", "d"], vec!["e"], vec!["f\ng"]]);
    let code = "$ a\nprinted 'x\n$ b".to_owned();
    let found = commands(&Block { language: "console".to_owned(), code });
    assert_eq!(found, [["a"], ["b"]]);
}
