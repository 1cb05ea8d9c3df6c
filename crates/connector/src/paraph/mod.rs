//! Client of the Paraph server, over HTTPS. Every error becomes one decision: retry later, or stop and say why.

mod trouble;

pub use trouble::Trouble;

use crate::config::Config;
use crate::sealed::{Sealer, Secret};
use api::connector::{NewUpload, Target, Upload, paths};
use reqwest::{Certificate, Method, RequestBuilder, Url};
use serde::de::DeserializeOwned;
use std::time::Duration;

/// Name and version that the server sees.
pub const PROGRAM: &str = concat!("paraph-connector/", env!("CARGO_PKG_VERSION"));
/// Time limit for an answer: the server may have to process a megabyte of rows first.
const PATIENCE: Duration = Duration::from_mins(1);
/// Time limit for connecting.
const CONNECT: Duration = Duration::from_secs(15);
/// Maximum size of an answer in bytes: a plan with its issues and its sample is far smaller.
const MAX_ANSWER: usize = 8 * 1024 * 1024;

/// Client of one server.
pub struct Client {
    http: reqwest::Client,
    origin: Url,
    secret: Secret,
}

impl Client {
    /// Creates a client from the settings.
    ///
    /// # Errors
    /// When a setting is missing or wrong.
    #[expect(clippy::disallowed_methods, reason = "the connector has a client of its own")]
    pub fn new(config: &Config, sealer: &Sealer) -> Result<Self, Trouble> {
        config.check_paraph().map_err(Trouble::Refused)?;
        let secret = sealer.open(&config.paraph.secret, "paraph.secret");
        let secret = secret.map_err(|error| Trouble::Refused(error.to_string()))?;
        let secret = secret.ok_or_else(|| Trouble::Refused("not set yet: the secret".into()))?;
        let origin = origin(&config.paraph.url).map_err(Trouble::Refused)?;
        let mut builder = reqwest::Client::builder()
            .user_agent(PROGRAM)
            .timeout(PATIENCE)
            .connect_timeout(CONNECT)
            // The secret is sent only to the address that the admin entered.
            .redirect(reqwest::redirect::Policy::none())
            .https_only(origin.scheme() == "https");
        if !config.paraph.ca_file.is_empty() {
            builder = builder.tls_certs_merge(certificates(&config.paraph.ca_file).map_err(Trouble::Refused)?);
        }
        let http = builder.build().map_err(|error| Trouble::Refused(format!("TLS cannot be set up: {error}")))?;
        Ok(Self { http, origin, secret })
    }

    /// Fetches the tenant that rows go to, with its fields.
    ///
    /// # Errors
    /// See [`Trouble`].
    pub async fn target(&self) -> Result<Target, Trouble> {
        self.ask(self.request(Method::GET, paths::TARGET)).await
    }

    /// Begins an upload.
    ///
    /// # Errors
    /// See [`Trouble`].
    pub async fn begin(&self, upload: &NewUpload) -> Result<Upload, Trouble> {
        self.ask(self.request(Method::POST, paths::UPLOADS).json(upload)).await
    }

    /// Sends a part, compressed.
    ///
    /// # Errors
    /// See [`Trouble`].
    pub async fn part(&self, upload: &str, part: u32, content: Vec<u8>) -> Result<Upload, Trouble> {
        let path = paths::PART.replace("{upload}", upload).replace("{part}", &part.to_string());
        let request = self.request(Method::PUT, &path).header("content-type", "application/gzip");
        self.ask(request.body(content)).await
    }

    /// Fetches the state of an upload.
    ///
    /// # Errors
    /// See [`Trouble`].
    pub async fn upload(&self, upload: &str) -> Result<Upload, Trouble> {
        self.ask(self.request(Method::GET, &paths::UPLOAD.replace("{upload}", upload))).await
    }

    /// Cancels an upload.
    ///
    /// # Errors
    /// See [`Trouble`].
    pub async fn cancel(&self, upload: &str) -> Result<(), Trouble> {
        let request = self.request(Method::DELETE, &paths::UPLOAD.replace("{upload}", upload));
        let answer = request.send().await.map_err(|error| trouble::of_network(&error))?;
        if answer.status().is_success() { Ok(()) } else { Err(trouble::of_answer(answer).await) }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let mut url = self.origin.clone();
        url.set_path(&format!("{}{path}", self.origin.path().trim_end_matches('/')));
        self.http.request(method, url).bearer_auth(self.secret.expose())
    }

    async fn ask<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, Trouble> {
        let answer = request.send().await.map_err(|error| trouble::of_network(&error))?;
        if !answer.status().is_success() {
            return Err(trouble::of_answer(answer).await);
        }
        let body = trouble::body(answer, MAX_ANSWER).await?;
        serde_json::from_slice(&body).map_err(|_| Trouble::Refused(trouble::NOT_PARAPH.into()))
    }
}

/// Parses the server's address: HTTPS, or HTTP on this machine only.
///
/// # Errors
/// What to write instead.
pub fn origin(text: &str) -> Result<Url, String> {
    let advice = || format!("paraph.url is {text}: write an address such as https://signatures.example.com");
    let url = Url::parse(text.trim()).map_err(|_| advice())?;
    let near = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    match url.scheme() {
        "https" => {}
        "http" if near => {}
        "http" => {
            return Err(format!(
                "paraph.url is {text}: use https, because the secret and people's data are sent there"
            ));
        }
        _ => return Err(advice()),
    }
    if url.host_str().is_none() || !url.username().is_empty() || url.query().is_some() || url.fragment().is_some() {
        return Err(advice());
    }
    Ok(url)
}

fn certificates(file: &str) -> Result<Vec<Certificate>, String> {
    let text = std::fs::read(file).map_err(|error| format!("paraph.ca_file {file} cannot be read: {error}"))?;
    match Certificate::from_pem_bundle(&text) {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        _ => Err(format!("paraph.ca_file {file} contains no certificate in PEM format")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_leaves_this_machine() {
        for good in
            ["https://signatures.example.com", "https://x.example/paraph/", "http://127.0.0.1:4000", "http://[::1]:1"]
        {
            assert!(origin(good).is_ok(), "{good}");
        }
        for bad in
            ["http://signatures.example.com", "signatures.example.com", "ftp://x", "https://u:p@x", "https://x/?y", ""]
        {
            assert!(origin(bad).is_err(), "{bad}");
        }
    }
}
