//! A rule shown in its string, with a mark under it.

/// How much is shown on either side of the rule, in bytes.
const AROUND: usize = 30;

/// Two lines: the rule with what stands around it, and a caret under where it begins.
///
/// `rule` is what stands at `position`, and may say less than the string does: what follows it is
/// then left out, as is all behind a rule that cannot be read, because that may be a password.
pub(super) fn excerpt(access_string: &str, position: usize, rule: &str) -> String {
    let before = &access_string[..access_string.floor_char_boundary(position)];
    let from = before.ceil_char_boundary(before.len().saturating_sub(AROUND));
    let dots = if from > 0 { "…" } else { "" };
    let shown_before = format!("{dots}{}", &before[from..]);
    let after = access_string[before.len()..].strip_prefix(rule).unwrap_or_default();
    let to = after.floor_char_boundary(AROUND);
    let more = if to < after.len() { "…" } else { "" };
    let indent = " ".repeat(shown_before.chars().count());
    let mark = "^".repeat(rule.chars().count().max(1));
    format!("  {shown_before}{rule}{}{more}\n  {indent}{mark}\n", &after[..to])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_is_under_the_rule() {
        assert_eq!(
            excerpt("on ~a:* +@read +set", 8, "+@read"),
            "  on ~a:* +@read +set\n          ^^^^^^\n"
        );
        assert_eq!(excerpt("", 0, ""), "  \n  ^\n");
    }

    #[test]
    fn long_strings_are_shown_in_part() {
        let long = format!("on ~{} +scan {}", "é".repeat(40), "+get ".repeat(20));
        let position = long.find("+scan").unwrap();
        let shown = excerpt(&long, position, "+scan");
        let (text, mark) = shown.trim_end().split_once('\n').unwrap();
        assert!(text.starts_with("  …é") && text.ends_with('…'), "{shown}");
        let column = text.chars().position(|c| c == '+');
        assert_eq!(mark.chars().position(|c| c == '^'), column, "{shown}");
    }

    #[test]
    fn what_is_left_out_of_a_rule_is_not_shown() {
        let shown = excerpt("on >hunter2 +get", 3, ">…");
        assert_eq!(shown, "  on >…\n     ^^\n");
    }
}
