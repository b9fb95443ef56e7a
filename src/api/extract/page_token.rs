//! Page tokens: where a list goes on.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::api::problem::{Code, Fault, Problem};

/// The form of the token below. A token of another form is refused, not guessed at.
const VERSION: u8 = 1;

/// Where a list with the filters `F` goes on. Callers see it as opaque text; it is bound to the
/// filters, because going on with others would skip and repeat items without a sign.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PageToken<F> {
    version: u8,
    filters: F,
    after: String,
}

impl<F: Serialize + DeserializeOwned + PartialEq> PageToken<F> {
    /// The token of a list that goes on after the item named `after`.
    pub(crate) fn new(filters: F, after: String) -> Self {
        Self { version: VERSION, filters, after }
    }

    /// The token as callers see it.
    pub(crate) fn encode(&self) -> String {
        let json = serde_json::to_vec(self).expect("a token holds nothing but plain text");
        BASE64_URL_SAFE_NO_PAD.encode(json)
    }

    /// Reads the token of a request with the given filters: the item to go on after.
    pub(crate) fn decode(text: &str, filters: &F) -> Result<String, Problem> {
        let token: Option<Self> = BASE64_URL_SAFE_NO_PAD
            .decode(text)
            .ok()
            .and_then(|json| serde_json::from_slice(&json).ok());
        match token {
            Some(token) if token.version != VERSION => Err(refuse("is of a form not known here")),
            Some(token) if token.filters != *filters => {
                Err(refuse("belongs to a list with other filters"))
            }
            Some(token) => Ok(token.after),
            None => Err(refuse("is not one that this service gave")),
        }
    }
}

fn refuse(why: &str) -> Problem {
    let detail = "take page_token from next_page_token of the page before, with the same filters; \
                  or leave it out to start over";
    Problem::new(Code::InvalidPageToken, detail).with_faults([Fault::in_query("page_token", why)])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Token = PageToken<String>;

    fn refused(text: &str, filters: &str) -> Code {
        Token::decode(text, &filters.to_owned()).unwrap_err().code()
    }

    #[test]
    fn a_token_is_bound_to_its_filters() {
        let filters = "active".to_owned();
        let text = Token::new(filters.clone(), "acme".to_owned()).encode();
        assert_eq!(Token::decode(&text, &filters).unwrap(), "acme");
        assert_eq!(refused(&text, ""), Code::InvalidPageToken);
    }

    #[test]
    fn a_token_of_another_version_is_refused() {
        let text =
            PageToken { version: 2, ..Token::new(String::new(), "acme".to_owned()) }.encode();
        assert_eq!(refused(&text, ""), Code::InvalidPageToken);
    }

    proptest! {
        #[test]
        fn no_text_makes_the_decoder_panic(text in ".{0,80}") {
            let _ = Token::decode(&text, &String::new());
        }
    }
}
