//! `GetRandomPassword`.

use serde_json::{Value, json};

use crate::secretsmanager::Call;
use crate::secretsmanager::error::SecretsError;
use crate::secretsmanager::fields::Fields;
use crate::secretsmanager::random;

const DEFAULT_LENGTH: usize = 32;

/// Kinds of character: the member that leaves the kind out, and its letters.
const KINDS: [(&str, &str); 4] = [
    ("ExcludeLowercase", "abcdefghijklmnopqrstuvwxyz"),
    ("ExcludeUppercase", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    ("ExcludeNumbers", "0123456789"),
    ("ExcludePunctuation", "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"),
];

/// Makes a password. It is not kept.
pub(super) fn get_random_password(call: &mut Call<'_>) -> Result<Value, SecretsError> {
    let fields = Fields::of(call.body)?;
    let length = fields.count("PasswordLength", 1..=4096)?.unwrap_or(DEFAULT_LENGTH);
    let excluded = fields.text("ExcludeCharacters", 0..=4096)?.unwrap_or_default();
    let must_have_each = fields.optional_flag("RequireEachIncludedType")?.unwrap_or(true);
    let with_space = fields.flag("IncludeSpace")?;
    let kinds = kinds(&fields, excluded)?;

    let mut alphabet = kinds.concat();
    if with_space && !excluded.contains(' ') {
        alphabet.push(' ');
    }
    if alphabet.is_empty() {
        return Err(SecretsError::invalid_parameter(
            "The parameters exclude every character that a password could be made of.",
        ));
    }
    let required: &[Vec<char>] = if must_have_each { &kinds } else { &[] };
    let free = length.checked_sub(required.len()).ok_or_else(|| {
        SecretsError::invalid_parameter("Password length is too short based on the required types.")
    })?;

    let mut password: Vec<char> = Vec::with_capacity(length);
    password.extend(required.iter().map(|kind| random::pick(kind, call.entropy)));
    password.extend((0..free).map(|_| random::pick(&alphabet, call.entropy)));
    random::shuffle(&mut password, call.entropy);
    Ok(json!({"RandomPassword": password.into_iter().collect::<String>()}))
}

/// The letters of each kind that is left, without the excluded ones.
fn kinds(fields: &Fields<'_>, excluded: &str) -> Result<Vec<Vec<char>>, SecretsError> {
    let mut kinds = Vec::new();
    for (exclusion, letters) in KINDS {
        if !fields.flag(exclusion)? {
            kinds.push(letters.chars().filter(|letter| !excluded.contains(*letter)).collect());
        }
    }
    kinds.retain(|kind: &Vec<char>| !kind.is_empty());
    Ok(kinds)
}
