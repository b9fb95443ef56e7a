//! The form of a token: JSON Web Signature in its compact serialization (RFC 7515, section 7.1).

use jsonwebtoken::{
    Algorithm, DecodingKey, Header, Validation, decode, decode_header,
    errors::{Error, ErrorKind},
};
use serde_json::{Map, Value};

use super::{key_set::WantedKey, refused::Refused};
use crate::domain::SigningAlgorithm;

/// What tokens that give access call themselves, if they do (RFC 9068, section 2.1). Others, such as
/// `logout+jwt`, are for somebody else (RFC 8725, section 3.11).
const KINDS: [&str; 4] = ["JWT", "application/jwt", "at+jwt", "application/at+jwt"];

/// A token of which the header was read. Nothing in it counts yet. Keys that it brings along (`jwk`, `jku`,
/// `x5c`, `x5u`) are not looked at: anybody can bring one.
#[derive(Debug)]
pub(super) struct SignedToken<'t> {
    text: &'t str,
    key: WantedKey,
}

impl<'t> SignedToken<'t> {
    /// Reads the header of a token.
    pub(super) fn read(text: &'t str) -> Result<Self, Refused> {
        let Header { alg, kid: name, typ, crit, .. } = decode_header(text)?;
        // Extensions without which it is not to be understood (RFC 7515, section 4.1.11). None is known here.
        if crit.is_some() {
            return Err(Refused::Malformed);
        }
        if !typ.is_none_or(|kind| KINDS.iter().any(|ours| kind.eq_ignore_ascii_case(ours))) {
            return Err(Refused::Kind);
        }
        let known = SigningAlgorithm::ALL.into_iter().find(|known| Algorithm::from(*known) == alg);
        let algorithm = known.ok_or(Refused::Algorithm)?;
        Ok(Self { text, key: WantedKey { name, algorithm } })
    }

    /// What it says about its key: good for choosing among the keys that the issuer shows, and for nothing
    /// else.
    pub(super) fn key(&self) -> &WantedKey {
        &self.key
    }

    /// What it says, if it is signed with this key. Whether it says what it should is not looked at, because
    /// that goes by the service's own clock.
    pub(super) fn claims(&self, key: &DecodingKey) -> Result<Value, Refused> {
        let mut only_the_signature = Validation::new(self.key.algorithm.into());
        only_the_signature.required_spec_claims.clear();
        only_the_signature.validate_exp = false;
        only_the_signature.validate_aud = false;
        let token = decode::<Map<String, Value>>(self.text, key, &only_the_signature)?;
        Ok(Value::Object(token.claims))
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        match error.kind() {
            ErrorKind::InvalidSignature => Self::Signature,
            ErrorKind::InvalidAlgorithm | ErrorKind::InvalidKeyFormat => Self::Algorithm,
            _ => Self::Malformed,
        }
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::{
        rand::SystemRandom,
        rsa::KeySize,
        signature::{
            ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
            EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
            RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512,
            RsaEncoding, RsaKeyPair,
        },
    };
    use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn with_header(header: &str) -> Result<WantedKey, Refused> {
        let token = format!("{}.e30.AA", BASE64_URL_SAFE_NO_PAD.encode(header));
        SignedToken::read(&token).map(|token| token.key().clone())
    }

    #[test]
    fn a_header_names_a_key_and_a_way_to_sign() {
        let key = with_header(r#"{"alg":"ES256","kid":"a","typ":"JWT","jku":"https://evil"}"#);
        let name = Some("a".to_owned());
        assert_eq!(key, Ok(WantedKey { name, algorithm: SigningAlgorithm::ES256 }));
        for (header, refused) in [
            (r#"{"alg":"none"}"#, Refused::Malformed),
            (r#"{"alg":"HS256"}"#, Refused::Algorithm),
            (r#"{"alg":"es256"}"#, Refused::Malformed),
            (r#"{"alg":"ES256","crit":["b64"],"b64":false}"#, Refused::Malformed),
            (r#"{"alg":"ES256","kid":7}"#, Refused::Malformed),
            (r#"{"alg":"ES256","typ":"logout+jwt"}"#, Refused::Kind),
            (r#"{"alg":["ES256"]}"#, Refused::Malformed),
            (r#"{"alg":"ES256","alg":"ES256"}"#, Refused::Malformed),
            ("{}", Refused::Malformed),
            ("[]", Refused::Malformed),
        ] {
            assert_eq!(with_header(header), Err(refused), "{header}");
        }
    }

    fn encoded(bytes: &[u8]) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    /// A token that says that it is signed in this way, and is signed by this.
    fn signed(way: SigningAlgorithm, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
        let parts = [json!({ "alg": way.as_str() }), json!({ "exp": 1 })];
        let message = parts.map(|part| encoded(part.to_string().as_bytes())).join(".");
        let signature = sign(message.as_bytes());
        format!("{message}.{}", encoded(&signature))
    }

    /// A key as its issuer shows it.
    fn shown(jwk: &Value) -> DecodingKey {
        DecodingKey::from_jwk(&serde_json::from_value(jwk.clone()).unwrap()).unwrap()
    }

    fn claims(token: &str, key: &DecodingKey) -> Result<Value, Refused> {
        SignedToken::read(token)?.claims(key)
    }

    /// A token of a key on a curve, and the key.
    fn on_a_curve(
        way: SigningAlgorithm,
        with: &'static EcdsaSigningAlgorithm,
    ) -> (String, DecodingKey) {
        let pair = EcdsaKeyPair::generate(with).unwrap();
        let point = &pair.public_key().as_ref()[1..];
        let (x, y) = point.split_at(point.len() / 2);
        let curve = if way == SigningAlgorithm::ES256 { "P-256" } else { "P-384" };
        let jwk = json!({ "kty": "EC", "crv": curve, "x": encoded(x), "y": encoded(y) });
        let sign =
            |message: &[u8]| pair.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec();
        (signed(way, sign), shown(&jwk))
    }

    fn by_ed25519() -> (String, DecodingKey) {
        let pair = Ed25519KeyPair::generate().unwrap();
        let x = encoded(pair.public_key().as_ref());
        let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": x });
        let sign = |message: &[u8]| pair.sign(message).as_ref().to_vec();
        (signed(SigningAlgorithm::EdDSA, sign), shown(&jwk))
    }

    #[test]
    fn claims_are_those_that_the_key_has_signed() {
        let all = [
            by_ed25519(),
            on_a_curve(SigningAlgorithm::ES256, &ECDSA_P256_SHA256_FIXED_SIGNING),
            on_a_curve(SigningAlgorithm::ES384, &ECDSA_P384_SHA384_FIXED_SIGNING),
        ];
        for (n, (token, _)) in all.iter().enumerate() {
            for (m, (_, key)) in all.iter().enumerate() {
                let claims = claims(token, key);
                assert_eq!(claims.is_ok(), n == m, "{token:?} by the key of {m}: {claims:?}");
            }
        }
    }

    #[test]
    fn an_rsa_key_has_signed_in_the_one_way_that_the_token_names() {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        // RSAPublicKey (RFC 8017, appendix A.1.1): a sequence of two integers, the first with a zero before it.
        let der = pair.public_key().as_ref();
        let (n, e) = (encoded(&der[9..265]), encoded(&der[267..]));
        let key = shown(&json!({ "kty": "RSA", "n": n, "e": e }));
        let ways: [(SigningAlgorithm, &'static dyn RsaEncoding); 6] = [
            (SigningAlgorithm::RS256, &RSA_PKCS1_SHA256),
            (SigningAlgorithm::RS384, &RSA_PKCS1_SHA384),
            (SigningAlgorithm::RS512, &RSA_PKCS1_SHA512),
            (SigningAlgorithm::PS256, &RSA_PSS_SHA256),
            (SigningAlgorithm::PS384, &RSA_PSS_SHA384),
            (SigningAlgorithm::PS512, &RSA_PSS_SHA512),
        ];
        for (way, with) in ways {
            for (named, _) in ways {
                let token = signed(named, |message| {
                    let mut signature = vec![0; pair.public_modulus_len()];
                    pair.sign(with, &SystemRandom::new(), message, &mut signature).unwrap();
                    signature
                });
                let expected =
                    if named == way { Ok(json!({ "exp": 1 })) } else { Err(Refused::Signature) };
                assert_eq!(claims(&token, &key), expected, "{way}, and the token says {named}");
            }
        }
    }

    #[test]
    fn a_key_that_is_none_has_signed_nothing() {
        let ec = |curve: &str, part: &[u8]| json!({ "kty": "EC", "crv": curve, "x": encoded(part), "y": encoded(part) });
        let rsa = |n: &[u8], e: &[u8]| json!({ "kty": "RSA", "n": encoded(n), "e": encoded(e) });
        for jwk in [
            rsa(b"", b"\x01"),
            rsa(&[0xff; 64], b"\x01\x00\x01"),
            rsa(&[0xff; 256], b""),
            ec("P-256", b"\x01"),
            ec("P-256", &[0xff; 32]),
            ec("P-384", &[4; 48]),
            json!({ "kty": "OKP", "crv": "Ed25519", "x": "" }),
            json!({ "kty": "OKP", "crv": "Ed25519", "x": encoded(&[0xff; 32]) }),
        ] {
            let key = shown(&jwk);
            for way in SigningAlgorithm::ALL {
                for signature in [&[][..], &[0; 64], &[0; 96], &[1; 256]] {
                    let token = signed(way, |_| signature.to_vec());
                    assert!(claims(&token, &key).is_err(), "{jwk} {way}");
                }
            }
        }
    }

    #[test]
    fn what_has_not_three_parts_is_no_token() {
        let (_, key) = on_a_curve(SigningAlgorithm::ES256, &ECDSA_P256_SHA256_FIXED_SIGNING);
        let header = BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"ES256"}"#);
        for text in [
            String::new(),
            ".".to_owned(),
            "..".to_owned(),
            format!("{header}.e30"),
            format!("{header}.e30.AA="),
            format!("{header}.e30.A"),
            format!("{header}=.e30.AA"),
            format!("{header}.e30.A\n"),
        ] {
            let claims = SignedToken::read(&text).and_then(|token| token.claims(&key));
            assert_eq!(claims, Err(Refused::Malformed), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_comes_is_taken_apart_or_refused(text in "\\PC{0,60}") {
            let _read_or_refused = SignedToken::read(&text);
        }

        #[test]
        fn whatever_is_in_three_parts_is_taken_apart_or_refused(
            header in proptest::collection::vec(any::<u8>(), 0..60),
            claims in "[A-Za-z0-9_.=-]{0,40}",
        ) {
            let text = format!("{}.{claims}.AA", BASE64_URL_SAFE_NO_PAD.encode(header));
            let _read_or_refused = SignedToken::read(&text);
        }
    }
}
