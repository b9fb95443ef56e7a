//! A public key, and what it has signed.

use aws_lc_rs::{
    rsa::PublicKeyComponents,
    signature::{
        ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256,
        RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256,
        RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, RsaParameters, UnparsedPublicKey,
        VerificationAlgorithm,
    },
};

use crate::domain::SigningAlgorithm as Algorithm;

/// A public key as it stands in a key set. Whether it is one at all shows with the first signature.
#[derive(Clone, Debug)]
pub(super) enum PublicKey {
    /// Modulus and exponent.
    Rsa {
        /// `n`
        modulus: Vec<u8>,
        /// `e`
        exponent: Vec<u8>,
    },
    /// A point on P-256, uncompressed.
    P256(Vec<u8>),
    /// A point on P-384, uncompressed.
    P384(Vec<u8>),
    /// Ed25519.
    Ed25519(Vec<u8>),
}

impl PublicKey {
    /// Whether a key of this kind is for this way to sign. That it is not enough for a token to say so is
    /// what RFC 8725, section 3.1, is about.
    pub(super) fn is_for(&self, algorithm: Algorithm) -> bool {
        match self {
            Self::Rsa { .. } => rsa(algorithm).is_some(),
            Self::P256(_) => algorithm == Algorithm::ES256,
            Self::P384(_) => algorithm == Algorithm::ES384,
            Self::Ed25519(_) => algorithm == Algorithm::EdDSA,
        }
    }

    /// Whether the message has this signature. RSA keys of less than 2048 bits have signed nothing.
    pub(super) fn has_signed(
        &self,
        algorithm: Algorithm,
        (message, signature): (&[u8], &[u8]),
    ) -> bool {
        let fixed = |with: &'static dyn VerificationAlgorithm, key: &Vec<u8>| {
            UnparsedPublicKey::new(with, key).verify(message, signature).is_ok()
        };
        match (self, algorithm) {
            (Self::Rsa { modulus: n, exponent: e }, _) => rsa(algorithm).is_some_and(|with| {
                PublicKeyComponents { n, e }.verify(with, message, signature).is_ok()
            }),
            (Self::P256(key), Algorithm::ES256) => fixed(&ECDSA_P256_SHA256_FIXED, key),
            (Self::P384(key), Algorithm::ES384) => fixed(&ECDSA_P384_SHA384_FIXED, key),
            (Self::Ed25519(key), Algorithm::EdDSA) => fixed(&ED25519, key),
            (Self::P256(_) | Self::P384(_) | Self::Ed25519(_), _) => false,
        }
    }
}

fn rsa(algorithm: Algorithm) -> Option<&'static RsaParameters> {
    match algorithm {
        Algorithm::RS256 => Some(&RSA_PKCS1_2048_8192_SHA256),
        Algorithm::RS384 => Some(&RSA_PKCS1_2048_8192_SHA384),
        Algorithm::RS512 => Some(&RSA_PKCS1_2048_8192_SHA512),
        Algorithm::PS256 => Some(&RSA_PSS_2048_8192_SHA256),
        Algorithm::PS384 => Some(&RSA_PSS_2048_8192_SHA384),
        Algorithm::PS512 => Some(&RSA_PSS_2048_8192_SHA512),
        Algorithm::ES256 | Algorithm::ES384 | Algorithm::EdDSA => None,
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

    use super::*;

    const MESSAGE: &[u8] = b"header.claims";

    /// Whether the key has signed the message in this way and in no other, and no other message.
    fn assert_signed(key: &PublicKey, way: Algorithm, signature: &[u8]) {
        for algorithm in Algorithm::ALL {
            let found = key.has_signed(algorithm, (MESSAGE, signature));
            assert_eq!(found, algorithm == way, "{algorithm} for {way}");
        }
        assert!(key.is_for(way) && !key.has_signed(way, (b"header.other", signature)), "{way}");
        assert!(!key.has_signed(way, (MESSAGE, &signature[1..])), "{way}");
    }

    #[test]
    fn an_rsa_key_has_signed_in_the_one_way_that_the_token_names() {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        // RSAPublicKey (RFC 8017, appendix A.1.1): a sequence of two integers, the first with a zero before it.
        let der = pair.public_key().as_ref();
        let (modulus, exponent) = (der[9..265].to_vec(), der[267..].to_vec());
        let key = PublicKey::Rsa { modulus, exponent };
        let ways: [(Algorithm, &'static dyn RsaEncoding); 6] = [
            (Algorithm::RS256, &RSA_PKCS1_SHA256),
            (Algorithm::RS384, &RSA_PKCS1_SHA384),
            (Algorithm::RS512, &RSA_PKCS1_SHA512),
            (Algorithm::PS256, &RSA_PSS_SHA256),
            (Algorithm::PS384, &RSA_PSS_SHA384),
            (Algorithm::PS512, &RSA_PSS_SHA512),
        ];
        for (way, with) in ways {
            let mut signature = vec![0; pair.public_modulus_len()];
            pair.sign(with, &SystemRandom::new(), MESSAGE, &mut signature).unwrap();
            assert_signed(&key, way, &signature);
        }
    }

    #[test]
    fn a_key_on_a_curve_has_signed_in_its_own_way() {
        let signed = |with: &'static EcdsaSigningAlgorithm| {
            let pair = EcdsaKeyPair::generate(with).unwrap();
            let signature = pair.sign(&SystemRandom::new(), MESSAGE).unwrap();
            (pair.public_key().as_ref().to_vec(), signature)
        };
        let (point, signature) = signed(&ECDSA_P256_SHA256_FIXED_SIGNING);
        assert_signed(&PublicKey::P256(point), Algorithm::ES256, signature.as_ref());
        let (point, signature) = signed(&ECDSA_P384_SHA384_FIXED_SIGNING);
        assert_signed(&PublicKey::P384(point), Algorithm::ES384, signature.as_ref());
        let pair = Ed25519KeyPair::generate().unwrap();
        let key = PublicKey::Ed25519(pair.public_key().as_ref().to_vec());
        assert_signed(&key, Algorithm::EdDSA, pair.sign(MESSAGE).as_ref());
    }

    #[test]
    fn a_key_that_is_none_has_signed_nothing() {
        let keys = [
            PublicKey::Rsa { modulus: Vec::new(), exponent: vec![1] },
            PublicKey::Rsa { modulus: vec![0xff; 64], exponent: vec![1, 0, 1] },
            PublicKey::P256(vec![4]),
            PublicKey::P384(vec![4; 97]),
            PublicKey::Ed25519(Vec::new()),
        ];
        for key in keys {
            for algorithm in Algorithm::ALL {
                assert!(!key.has_signed(algorithm, (MESSAGE, &[0; 64])), "{key:?}");
            }
        }
    }
}
