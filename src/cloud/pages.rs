//! Lists that come in pages. Each page is a call of its own, with its own turn.

use super::CloudError;

/// Where the page after this one begins, if there is one. AWS that gives the page again that was just
/// read would be asked for ever.
pub(super) fn next_page(
    operation: &'static str,
    read: Option<&str>,
    next: Option<String>,
) -> Result<Option<String>, CloudError> {
    let next = next.filter(|marker| !marker.is_empty());
    if next.is_some() && next.as_deref() == read {
        return Err(CloudError::incomplete(operation, "new page"));
    }
    Ok(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_an_end() {
        let next = |read: Option<&str>, next: Option<&str>| {
            next_page("DescribeUsers", read, next.map(str::to_owned))
        };
        assert_eq!(next(None, Some("b")), Ok(Some("b".to_owned())));
        assert_eq!(next(Some("b"), None), Ok(None));
        assert_eq!(next(Some("b"), Some("")), Ok(None));
        assert!(next(Some("b"), Some("b")).is_err());
    }
}
