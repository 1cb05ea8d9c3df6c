//! Requests with a person's user name and password, for self-hosted Exchange servers and SuperOffice installations.

use super::session::Credentials;
use super::verdict::Failure;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::HeaderValue;

/// Credentials with a user name and a password (RFC 7617). Use them with a route to the one server that the person chose
/// ([`super::Reach::Chosen`]).
#[derive(Debug)]
pub struct Password {
    header: HeaderValue,
}

impl Password {
    /// # Errors
    /// When the name contains a colon, which would end it.
    pub fn new(name: &str, password: &str) -> Result<Self, Failure> {
        if name.contains(':') {
            return Err(Failure::refused(
                "the user name contains a colon, which HTTP Basic authentication does not allow",
            ));
        }
        let header = format!("Basic {}", STANDARD.encode(format!("{name}:{password}")));
        let header = HeaderValue::try_from(header);
        let mut header = header.map_err(|_| Failure::refused("the user name or password cannot be sent"))?;
        header.set_sensitive(true);
        Ok(Self { header })
    }
}

impl Credentials for Password {
    async fn authorization(&self) -> Result<HeaderValue, Failure> {
        Ok(self.header.clone())
    }

    /// Fails: there is no other password to try, and further attempts could lock the account.
    async fn renew(&self, _: &HeaderValue, otherwise: Failure) -> Result<(), Failure> {
        Err(match otherwise {
            Failure::Reconnect { .. } => otherwise,
            other => Failure::reconnect(other.to_string()),
        })
    }
}
