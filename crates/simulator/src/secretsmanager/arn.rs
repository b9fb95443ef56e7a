//! What callers call a secret: its friendly name, its ARN, or its ARN without the random suffix.

use super::Call;
use super::error::SecretsError;
use super::fields::Fields;
use super::name::SecretName;
use super::random;

const SUFFIX_LENGTH: usize = 6;
const SUFFIX_LETTERS: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/// A `SecretId` member.
#[derive(Debug)]
pub(super) enum SecretId {
    /// The friendly name, plain or in a partial ARN: whichever secret has that name now.
    Name(SecretName),
    /// A complete ARN: this secret and no later one of the same name.
    Arn { arn: String, name: SecretName },
}

impl SecretId {
    /// The `SecretId` member of a request.
    ///
    /// What looks like a random suffix is taken for one: a secret whose own name ends in a hyphen and
    /// six characters cannot be found by its partial ARN, in AWS no more than
    /// [here](https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html#ARN_secretnamehyphen).
    pub(super) fn from_fields(fields: &Fields<'_>, call: &Call<'_>) -> Result<Self, SecretsError> {
        let id = fields.required_text("SecretId", 1..=2048)?;
        if !id.starts_with("arn:") {
            return SecretName::parse(id).map(Self::Name);
        }
        // Another account's or region's ARN: nothing there is known here.
        let name = id.strip_prefix(&arn_prefix(call)).ok_or_else(SecretsError::no_such_secret)?;
        match name.rsplit_once('-') {
            Some((name, suffix)) if is_suffix(suffix) => {
                Ok(Self::Arn { arn: id.to_owned(), name: SecretName::parse(name)? })
            }
            _ => SecretName::parse(name).map(Self::Name),
        }
    }

    pub(super) fn name(&self) -> &SecretName {
        match self {
            Self::Name(name) | Self::Arn { name, .. } => name,
        }
    }

    /// Whether this can mean a secret of the right name and this ARN.
    pub(super) fn allows(&self, arn: &str) -> bool {
        match self {
            Self::Name(_) => true,
            Self::Arn { arn: wanted, .. } => wanted == arn,
        }
    }
}

/// A new ARN for a secret of this name.
///
/// The random suffix keeps whoever could read a deleted secret from reading the next one of its
/// name.
pub(super) fn generate(name: &SecretName, call: &mut Call<'_>) -> String {
    let letters: Vec<char> = SUFFIX_LETTERS.chars().collect();
    let mut suffix = || random::pick(&letters, call.entropy);
    let suffix: String = (0..SUFFIX_LENGTH).map(|_| suffix()).collect();
    format!("{}{}-{suffix}", arn_prefix(call), name.as_str())
}

fn arn_prefix(call: &Call<'_>) -> String {
    let Call { region, account, .. } = call;
    format!("arn:aws:secretsmanager:{region}:{account}:secret:")
}

fn is_suffix(text: &str) -> bool {
    text.len() == SUFFIX_LENGTH && text.chars().all(|letter| letter.is_ascii_alphanumeric())
}
