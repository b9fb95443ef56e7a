//! How deep JSON is nested, seen before it is read: reading takes stack for each level.

/// How many arrays and objects may lie within each other. Nothing that is taken needs more than five.
pub(super) const DEPTH_MAX: usize = 32;

/// Whether text that may be JSON is nested no deeper than that.
pub(super) fn is_bearable(text: &[u8]) -> bool {
    let (mut depth, mut is_in_string, mut is_escaped) = (0_usize, false, false);
    for byte in text {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_in_string => is_escaped = true,
            b'"' => is_in_string = !is_in_string,
            b'[' | b'{' if !is_in_string => depth += 1,
            b']' | b'}' if !is_in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEPTH_MAX {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_is_counted_outside_of_strings_only() {
        let nested = |depth: usize| format!("{}{}", "[{\"a\":".repeat(depth), "}]".repeat(depth));
        assert!(is_bearable(nested(DEPTH_MAX / 2).as_bytes()));
        assert!(!is_bearable(nested(DEPTH_MAX / 2 + 1).as_bytes()));
        let side_by_side = format!("[{}]", "[],".repeat(1_000));
        assert!(is_bearable(side_by_side.as_bytes()));
        let in_a_string = format!("[\"\\\"{}\"]", "[".repeat(1_000));
        assert!(is_bearable(in_a_string.as_bytes()));
        let after_a_string = format!("[\"\\\\\"{}", "[".repeat(DEPTH_MAX));
        assert!(!is_bearable(after_a_string.as_bytes()));
    }
}
