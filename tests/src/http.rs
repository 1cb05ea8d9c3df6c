//! Asking servers under test from outside, as anybody does.

/// A client with settings of its own.
#[expect(clippy::disallowed_methods, reason = "whoever asks the server is not the server")]
pub fn builder() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
}

/// A client.
///
/// # Panics
/// When the system has no certificates.
pub fn client() -> reqwest::Client {
    builder().build().unwrap()
}

/// `GET url` on a connection of its own.
///
/// # Errors
/// When nobody answers.
pub async fn get(url: impl reqwest::IntoUrl) -> reqwest::Result<reqwest::Response> {
    client().get(url).send().await
}
