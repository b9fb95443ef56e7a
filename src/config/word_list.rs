//! A setting that holds several words: a list in a file, words with commas between in a variable.

use std::{
    fmt::{self, Display},
    marker::PhantomData,
    str::FromStr,
};

use serde::{
    Deserializer,
    de::{Error, SeqAccess, Visitor},
};

/// Reads a set of what reads itself from text.
pub(super) fn word_list<'de, D, C, T>(deserializer: D) -> Result<C, D::Error>
where
    D: Deserializer<'de>,
    C: FromIterator<T> + IntoIterator<Item = T>,
    T: FromStr<Err: Display>,
{
    deserializer.deserialize_any(Words(PhantomData))
}

struct Words<C>(PhantomData<C>);

impl<'de, C, T> Visitor<'de> for Words<C>
where
    C: FromIterator<T> + IntoIterator<Item = T>,
    T: FromStr<Err: Display>,
{
    type Value = C;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of words")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<C, E> {
        let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
        words.map(read).collect()
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<C, A::Error> {
        let mut words = Vec::new();
        while let Some(word) = items.next_element::<String>()? {
            words.push(read(&word)?);
        }
        Ok(words.into_iter().collect())
    }
}

fn read<T: FromStr<Err: Display>, E: Error>(word: &str) -> Result<T, E> {
    word.parse().map_err(E::custom)
}
