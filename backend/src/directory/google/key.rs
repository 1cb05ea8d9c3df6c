//! Key files of service accounts from Google Cloud.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::{Value, json};

/// Maximum size of a key file in bytes; Google's have about 2,400.
const MAX_FILE: usize = 20_000;
/// First and last line of a PEM file with PKCS #8 (RFC 7468 §10).
const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const END: &str = "-----END PRIVATE KEY-----";

/// A service account, with its key.
pub struct ServiceAccount {
    /// Address, which identifies the account.
    pub email: String,
    /// Client id for domain-wide delegation.
    pub client_id: String,
    key_id: String,
    key: RsaKeyPair,
}

/// Problem with a key file, as an instruction.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct KeyError(String);

#[derive(Deserialize)]
struct File {
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    client_email: String,
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    private_key_id: String,
    #[serde(default)]
    private_key: String,
    // What OAuth clients' files have instead.
    web: Option<serde::de::IgnoredAny>,
    installed: Option<serde::de::IgnoredAny>,
}

const GET_ONE: &str = "create one in Google Cloud: IAM & Admin → Service accounts → yours → Keys → Add key → JSON";

impl ServiceAccount {
    /// Parses a key file. The token URL in the file is ignored.
    ///
    /// # Errors
    /// [`KeyError`], which contains nothing from the file.
    pub fn parse(file: &str) -> Result<Self, KeyError> {
        let wrong = |text: String| Err(KeyError(text));
        if file.len() > MAX_FILE {
            return wrong(format!("a key file has at most {MAX_FILE} bytes: {GET_ONE}"));
        }
        let Ok(file) = serde_json::from_str::<File>(file) else {
            return wrong(format!("this is not JSON: upload the complete key file from Google, or {GET_ONE}"));
        };
        if file.web.is_some() || file.installed.is_some() {
            return wrong(format!("this is the file of an OAuth client, not of a service account: {GET_ONE}"));
        }
        if file.kind != "service_account" {
            return wrong(format!("this is not the key file of a service account: {GET_ONE}"));
        }
        for (name, value) in [
            ("client_email", &file.client_email),
            ("client_id", &file.client_id),
            ("private_key_id", &file.private_key_id),
            ("private_key", &file.private_key),
        ] {
            if value.is_empty() {
                return wrong(format!("the key file has no {name}: upload the complete file, or {GET_ONE}"));
            }
        }
        let key = read_pem(&file.private_key).and_then(|key| RsaKeyPair::from_pkcs8(&key).ok());
        let Some(key) = key else {
            return wrong(format!("the key in the file is damaged: {GET_ONE}"));
        };
        Ok(Self { email: file.client_email, client_id: file.client_id, key_id: file.private_key_id, key })
    }

    /// A JSON Web Token with these claims, signed with RS256. `None` when the operating system provides no random numbers.
    #[expect(clippy::disallowed_methods, reason = "the signer takes no other source")]
    pub(super) fn sign(&self, claims: &Value) -> Option<String> {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&json!({ "typ": "JWT", "alg": "RS256", "kid": self.key_id })), part(claims));
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature).ok()?;
        Some(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

fn read_pem(text: &str) -> Option<Vec<u8>> {
    let text = text.trim().strip_prefix(BEGIN)?.strip_suffix(END)?;
    STANDARD.decode(text.split_whitespace().collect::<String>()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(file: &Value, part: &str) {
        let Err(error) = ServiceAccount::parse(&file.to_string()) else { panic!("{part}: taken") };
        assert!(error.to_string().contains(part), "{error}");
        assert!(!error.to_string().contains("c2VjcmV0"), "{error}");
    }

    #[test]
    fn what_is_no_key_of_a_service_account_is_told_apart() {
        let pem = format!("{BEGIN}\nc2VjcmV0\n{END}\n");
        let whole = json!({ "type": "service_account", "client_email": "a@b.iam.gserviceaccount.com",
            "client_id": "1", "private_key_id": "k", "private_key": pem });
        check(&whole, "damaged");
        check(&json!({ "installed": { "client_secret": "c2VjcmV0" } }), "OAuth client");
        check(&json!({ "type": "authorized_user", "refresh_token": "c2VjcmV0" }), "not the key file");
        for name in ["client_email", "client_id", "private_key_id", "private_key"] {
            let mut without = whole.clone();
            without.as_object_mut().unwrap().remove(name);
            check(&without, &format!("no {name}"));
        }
        check(&json!("c2VjcmV0"), "not JSON");
        check(&json!("x".repeat(MAX_FILE)), "at most");
    }
}
