//! The keys that an issuer shows (RFC 7517), as far as they can be used here.

use jsonwebtoken::{
    Algorithm, AlgorithmFamily, DecodingKey,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, KeyOperations, PublicKeyUse},
};
use serde::Deserialize;
use serde_json::Value;

use crate::domain::SigningAlgorithm;

/// What a token says about the key that it is signed with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WantedKey {
    /// Its name, `kid`. An issuer with one key need not name it.
    pub(super) name: Option<String>,
    /// How it signs.
    pub(super) algorithm: SigningAlgorithm,
}

/// Keys, each with what it is for.
#[derive(Clone, Debug, Default)]
pub(super) struct KeySet(Vec<Key>);

#[derive(Clone, Debug)]
struct Key {
    name: Option<String>,
    algorithms: Vec<SigningAlgorithm>,
    public: DecodingKey,
}

/// The document itself. Its keys are read one by one, because one that nobody here understands must not
/// take the others with it (RFC 7517, section 5).
#[derive(Deserialize)]
pub(super) struct JwksDocument {
    keys: Vec<Value>,
}

impl KeySet {
    /// The keys of the document that can be used with one of these algorithms.
    pub(super) fn read(document: JwksDocument, accepted: &[SigningAlgorithm]) -> Self {
        let readable = document.keys.into_iter().filter_map(|key| serde_json::from_value(key).ok());
        Self(readable.filter_map(|key| Key::read(key, accepted)).collect())
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The key that a token is signed with, if it can be told. A token without a name can only be of the one
    /// key that fits.
    pub(super) fn find(&self, wanted: &WantedKey) -> Option<&DecodingKey> {
        let mut fitting = self.0.iter().filter(|key| {
            let is_named = wanted.name.is_none() || key.name == wanted.name;
            is_named && key.algorithms.contains(&wanted.algorithm)
        });
        let first = fitting.next()?;
        let is_certain = wanted.name.is_some() || fitting.next().is_none();
        is_certain.then_some(&first.public)
    }
}

impl Key {
    fn read(jwk: Jwk, accepted: &[SigningAlgorithm]) -> Option<Self> {
        let about = &jwk.common;
        let is_to_verify = about
            .public_key_use
            .as_ref()
            .is_none_or(|purpose| *purpose == PublicKeyUse::Signature)
            && about.key_operations.as_ref().is_none_or(|all| all.contains(&KeyOperations::Verify));
        if !is_to_verify {
            return None;
        }
        let is_named =
            |way: Algorithm| about.key_algorithm.is_none_or(|only| only == KeyAlgorithm::from(way));
        let mut algorithms = accepted.to_vec();
        algorithms.retain(|one| is_for(&jwk.algorithm, (*one).into()) && is_named((*one).into()));
        let public = DecodingKey::from_jwk(&jwk).ok()?;
        (!algorithms.is_empty()).then_some(Self { name: jwk.common.key_id, algorithms, public })
    }
}

/// Whether a key of this kind is for this way to sign. That it is not enough for a token to say so is what
/// RFC 8725, section 3.1, is about. A shared secret (`oct`) has no place among keys that are shown.
fn is_for(key: &AlgorithmParameters, way: Algorithm) -> bool {
    match key {
        AlgorithmParameters::RSA(_) => way.family() == AlgorithmFamily::Rsa,
        AlgorithmParameters::EllipticCurve(key) => match key.curve {
            EllipticCurve::P256 => way == Algorithm::ES256,
            EllipticCurve::P384 => way == Algorithm::ES384,
            _ => false,
        },
        AlgorithmParameters::OctetKeyPair(key) => {
            key.curve == EllipticCurve::Ed25519 && way == Algorithm::EdDSA
        }
        _ => false,
    }
}

impl From<SigningAlgorithm> for Algorithm {
    fn from(way: SigningAlgorithm) -> Self {
        match way {
            SigningAlgorithm::RS256 => Self::RS256,
            SigningAlgorithm::RS384 => Self::RS384,
            SigningAlgorithm::RS512 => Self::RS512,
            SigningAlgorithm::PS256 => Self::PS256,
            SigningAlgorithm::PS384 => Self::PS384,
            SigningAlgorithm::PS512 => Self::PS512,
            SigningAlgorithm::ES256 => Self::ES256,
            SigningAlgorithm::ES384 => Self::ES384,
            SigningAlgorithm::EdDSA => Self::EdDSA,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{SigningAlgorithm as Algorithm, *};

    const ACCEPTED: [Algorithm; 3] = [Algorithm::RS256, Algorithm::PS256, Algorithm::ES256];

    fn read(keys: &Value) -> KeySet {
        KeySet::read(serde_json::from_value(json!({ "keys": keys })).unwrap(), &ACCEPTED)
    }

    fn ec(name: &str) -> Value {
        json!({ "kty": "EC", "crv": "P-256", "kid": name, "x": "AQ", "y": "AQ" })
    }

    fn rsa(name: &str, more: &Value) -> Value {
        let mut key = json!({ "kty": "RSA", "kid": name, "n": "AQ", "e": "AQAB" });
        key.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        key
    }

    fn wanted(name: &str, algorithm: Algorithm) -> WantedKey {
        WantedKey { name: (!name.is_empty()).then(|| name.to_owned()), algorithm }
    }

    #[test]
    fn ways_to_sign_have_their_own_names() {
        for way in Algorithm::ALL {
            assert_eq!(format!("{:?}", jsonwebtoken::Algorithm::from(way)), way.as_str());
        }
    }

    #[test]
    fn a_key_is_used_for_what_it_is_for_and_nothing_else() {
        let keys =
            read(&json!([ec("a"), rsa("b", &json!({ "alg": "RS256" })), rsa("c", &json!({}))]));
        for (name, algorithm, is_found) in [
            ("a", Algorithm::ES256, true),
            ("a", Algorithm::RS256, false),
            ("b", Algorithm::RS256, true),
            ("b", Algorithm::PS256, false),
            ("c", Algorithm::PS256, true),
            ("c", Algorithm::RS512, false),
            ("d", Algorithm::ES256, false),
        ] {
            let found = keys.find(&wanted(name, algorithm));
            assert_eq!(found.is_some(), is_found, "{name} {algorithm}");
        }
    }

    #[test]
    fn a_token_without_a_name_is_of_the_only_key_that_fits() {
        let keys = read(&json!([ec("a"), rsa("b", &json!({})), rsa("c", &json!({}))]));
        assert!(keys.find(&wanted("", Algorithm::ES256)).is_some());
        assert!(keys.find(&wanted("", Algorithm::RS256)).is_none());
    }

    #[test]
    fn what_cannot_be_used_is_passed_over_and_the_rest_is_kept() {
        let keys = read(&json!([
            rsa("for-encryption", &json!({ "use": "enc" })),
            rsa("to-sign-only", &json!({ "key_ops": ["sign"] })),
            rsa("of-another-way", &json!({ "alg": "RSA-OAEP" })),
            { "kty": "oct", "kid": "secret", "k": "AQ", "alg": "HS256" },
            { "kty": "EC", "kid": "other-curve", "crv": "secp256k1", "x": "AQ", "y": "AQ" },
            { "kty": "EC", "kid": "not-accepted", "crv": "P-384", "x": "AQ", "y": "AQ" },
            { "kty": "RSA", "kid": "no-base64", "n": "*", "e": "AQAB" },
            { "kty": "quantum", "kid": "new" },
            "no object",
            rsa("good", &json!({ "use": "sig", "key_ops": ["verify"], "x5c": ["…"] })),
        ]));
        assert_eq!(keys.len(), 1);
        assert!(keys.find(&wanted("good", Algorithm::RS256)).is_some());
    }
}
