//! A setting that says what each of several names stands for: a table in a file, `name=meaning` with
//! commas between in a variable.

use std::{
    collections::BTreeMap,
    fmt::{self, Display},
    marker::PhantomData,
    str::FromStr,
};

use serde::{
    Deserializer,
    de::{Error, MapAccess, Visitor},
};

/// Reads names, each with what reads itself from text.
pub(super) fn pair_map<'de, D, T>(deserializer: D) -> Result<BTreeMap<String, T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Display>,
{
    deserializer.deserialize_any(Pairs(PhantomData))
}

struct Pairs<T>(PhantomData<T>);

impl<'de, T: FromStr<Err: Display>> Visitor<'de> for Pairs<T> {
    type Value = BTreeMap<String, T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("names, each with what it stands for")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        let pairs = text.split(',').map(str::trim).filter(|pair| !pair.is_empty());
        let pair = |pair: &str| match pair.rsplit_once('=') {
            Some((name, meaning)) => read(name.trim().to_owned(), meaning.trim()),
            None => Err(E::custom(format!("{pair:?} is refused: give name=meaning"))),
        };
        together(pairs.map(pair))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut pairs = Vec::new();
        while let Some((name, meaning)) = entries.next_entry::<String, String>()? {
            pairs.push(read(name, &meaning));
        }
        together(pairs.into_iter())
    }
}

/// None at all is no way to say nothing: whoever meant some would let in more than they think.
fn together<T, E: Error>(
    read: impl Iterator<Item = Result<(String, T), E>>,
) -> Result<BTreeMap<String, T>, E> {
    let mut pairs = BTreeMap::new();
    for pair in read {
        let (name, meaning) = pair?;
        if name.is_empty() {
            return Err(E::custom("has an empty name: give name=meaning"));
        }
        if pairs.contains_key(&name) {
            return Err(E::custom(format!("has {name:?} twice: give each name once")));
        }
        pairs.insert(name, meaning);
    }
    if pairs.is_empty() {
        return Err(E::custom("is empty: give at least one pair, or leave it out"));
    }
    Ok(pairs)
}

fn read<T: FromStr<Err: Display>, E: Error>(name: String, meaning: &str) -> Result<(String, T), E> {
    let meaning = meaning.parse().map_err(|fault| E::custom(format!("{name:?}: {fault}")))?;
    Ok((name, meaning))
}
