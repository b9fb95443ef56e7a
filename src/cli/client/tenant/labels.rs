//! Labels, as they are given on the command line.

/// Reads `KEY=VALUE`. What keys and values may be is the service's to say.
pub(in crate::cli::client) fn parse_label(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) => Ok((key.to_owned(), value.to_owned())),
        None => Err("must be KEY=VALUE".to_owned()),
    }
}
