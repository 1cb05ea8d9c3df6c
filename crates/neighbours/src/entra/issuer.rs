//! Signs tokens with an RSA key that exists only while the program runs.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// Lifetime of a token in seconds, similar to Entra's.
pub const LIFETIME: i64 = 65 * 60;

/// A key that signs tokens.
pub struct Issuer {
    key: RsaKeyPair,
    kid: String,
}

impl Issuer {
    /// A new key of 2048 bits with the id `kid`.
    pub fn generate(kid: &str) -> Self {
        Self { key: RsaKeyPair::generate(KeySize::Rsa2048).unwrap(), kid: kid.to_owned() }
    }

    /// The public key as an entry of a JSON Web Key Set.
    pub fn jwk(&self) -> Value {
        let key = self.key.public_key();
        let modulus = URL_SAFE_NO_PAD.encode(key.modulus().big_endian_without_leading_zero());
        let exponent = URL_SAFE_NO_PAD.encode(key.exponent().big_endian_without_leading_zero());
        json!({ "kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.kid, "n": modulus, "e": exponent })
    }

    /// A token with exactly these claims.
    pub fn sign(&self, claims: &Value) -> String {
        self.sign_with(&json!({ "typ": "JWT", "alg": "RS256", "kid": self.kid }), claims)
    }

    /// A token with exactly this header and these claims, signed with RS256 whatever the header says.
    pub fn sign_with(&self, header: &Value, claims: &Value) -> String {
        self.sign_bytes(header, claims.to_string().as_bytes())
    }

    /// The same with arbitrary bytes instead of claims.
    #[expect(clippy::disallowed_methods, reason = "the signer takes no other source")]
    pub fn sign_bytes(&self, header: &Value, claims: &[u8]) -> String {
        let header = URL_SAFE_NO_PAD.encode(header.to_string());
        let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims));
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// The claims of an access token of version 2.0 as Entra issues it to an add-in with nested app authentication.
pub fn claims(issuer: &str, client_id: &str, tid: &str, user: &User<'_>, now_ms: i64) -> Value {
    let now = now_ms.div_euclid(1000);
    json!({
        "aud": client_id,
        "iss": issuer.replace("{tenantid}", tid),
        "iat": now,
        "nbf": now,
        "exp": now + LIFETIME,
        "azp": client_id,
        "azpacr": "0",
        "idtyp": "user",
        "name": user.name,
        "oid": user.oid,
        "preferred_username": user.address,
        "scp": "access_as_user",
        "sub": user.oid,
        "tid": tid,
        "ver": "2.0",
    })
}

/// The user of a token.
pub struct User<'a> {
    /// The Entra object id.
    pub oid: &'a str,
    /// The address they sign in with.
    pub address: &'a str,
    /// The display name.
    pub name: &'a str,
}
