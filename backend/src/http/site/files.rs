//! Files in the binary (in debug builds: on disk at start), with their compressed twins and entity tags, in memory.

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::{Embed, EmbeddedFile};
use sha2::{Digest as _, Sha256};
use std::borrow::Cow;
use std::collections::HashMap;
use std::io::Write as _;
use std::sync::OnceLock;

/// Below this many bytes compression costs more than it saves.
const WORTH_COMPRESSING: usize = 512;

/// The built pane; absent until it is built.
#[derive(Embed)]
#[folder = "$CARGO_MANIFEST_DIR/../dist"]
#[allow_missing = true]
struct Dist;

/// Icons, the event handler and its page.
#[derive(Embed)]
#[folder = "$CARGO_MANIFEST_DIR/../assets"]
#[allow_missing = true]
struct Assets;

/// The simulator.
#[derive(Embed)]
#[folder = "$CARGO_MANIFEST_DIR/demo/simulator"]
#[allow_missing = true]
struct Simulator;

/// How hard brotli tries: in release builds as hard as it can, for each file is compressed once.
const BROTLI_QUALITY: i32 = if cfg!(debug_assertions) { 4 } else { 11 };
/// The same for files that people would wait for. Only a build for the demo leaves such without a compressed copy.
const QUICK_QUALITY: i32 = 4;
/// From this many bytes people would wait.
const LARGE: usize = 100_000;

/// One file as it is served.
pub(crate) struct File {
    body: Bytes,
    /// Its compressed twins: built beside it, or made when somebody first asks for them.
    brotli: OnceLock<Option<Bytes>>,
    gzip: OnceLock<Option<Bytes>>,
    is_compressible: bool,
    etag: HeaderValue,
    content_type: HeaderValue,
}

/// Everything that is served from memory, by path below its folder.
pub(crate) struct Files {
    /// `dist/`, served under `/app/`.
    pub(crate) app: HashMap<String, File>,
    /// `assets/`, served under `/assets/`.
    pub(crate) assets: HashMap<String, File>,
    /// `backend/demo/simulator/`, served under `/demo/`; empty outside the demo.
    pub(crate) simulator: HashMap<String, File>,
}

impl Files {
    /// Reads every file; the simulator only `with_simulator`.
    pub(crate) fn load(with_simulator: bool) -> Self {
        Self {
            app: load::<Dist>(),
            assets: load::<Assets>(),
            simulator: if with_simulator { load::<Simulator>() } else { HashMap::new() },
        }
    }

    /// The text of a page or script that is filled in before it is served: the built one first.
    pub(crate) fn template(&self, name: &str) -> Option<&str> {
        let file = self.app.get(name).or_else(|| self.assets.get(name))?;
        std::str::from_utf8(&file.body).ok()
    }
}

impl File {
    /// The file `name` with this content.
    pub(crate) fn new(name: &str, body: Bytes) -> Self {
        let hash = Sha256::digest(&body);
        Self::with_hash(name, body, hash.into())
    }

    /// The same where the SHA-256 of the content is known. Then nothing of the content is read, and the pages of the binary
    /// with files that nobody asks for stay out of memory.
    fn with_hash(name: &str, body: Bytes, hash: [u8; 32]) -> Self {
        Self {
            brotli: OnceLock::new(),
            gzip: OnceLock::new(),
            is_compressible: body.len() >= WORTH_COMPRESSING && is_text(name),
            etag: etag(hash),
            content_type: content_type(name),
            body,
        }
    }

    /// Its content.
    pub(crate) fn body(&self) -> &Bytes {
        &self.body
    }

    /// The answer to a request with these `headers`: 304 where the client has the file, else the smallest encoding that
    /// it takes.
    pub(crate) fn answer(&self, headers: &HeaderMap, cache_control: &'static str) -> Response {
        let mut response = if is_known(headers, &self.etag) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            let (body, encoding) = self.encoded(headers);
            let mut response = Response::new(Body::from(body));
            response.headers_mut().insert(header::CONTENT_TYPE, self.content_type.clone());
            if let Some(encoding) = encoding {
                response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
            }
            response
        };
        let out = response.headers_mut();
        out.insert(header::ETAG, self.etag.clone());
        out.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache_control));
        out.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        response
    }

    fn encoded(&self, headers: &HeaderMap) -> (Bytes, Option<&'static str>) {
        let twin = |kept: &OnceLock<Option<Bytes>>, compress: fn(&[u8]) -> Option<Bytes>| {
            let smaller = || compress(&self.body).filter(|twin| twin.len() < self.body.len());
            kept.get_or_init(|| if self.is_compressible { smaller() } else { None }).clone()
        };
        if let Some(body) = accepts(headers, "br").then(|| twin(&self.brotli, brotli)).flatten() {
            return (body, Some("br"));
        }
        if let Some(body) = accepts(headers, "gzip").then(|| twin(&self.gzip, gzip)).flatten() {
            return (body, Some("gzip"));
        }
        (self.body.clone(), None)
    }
}

fn load<E: Embed>() -> HashMap<String, File> {
    E::iter()
        .filter(|name| !is_twin(name))
        .filter_map(|name| {
            let embedded = E::get(&name)?;
            let hash = embedded.metadata.sha256_hash();
            let file = File::with_hash(&name, bytes(embedded), hash);
            for (kept, twin) in [(&file.brotli, "br"), (&file.gzip, "gz")] {
                if let Some(twin) = E::get(&format!("{name}.{twin}")) {
                    // Nobody else has the file yet, so it is empty.
                    let _ = kept.set(Some(bytes(twin)));
                }
            }
            Some((name.into_owned(), file))
        })
        .collect()
}

fn is_twin(name: &str) -> bool {
    let extension = std::path::Path::new(name).extension();
    extension.is_some_and(|extension| extension == "br" || extension == "gz")
}

fn bytes(file: EmbeddedFile) -> Bytes {
    match file.data {
        Cow::Borrowed(data) => Bytes::from_static(data),
        Cow::Owned(data) => Bytes::from(data),
    }
}

fn etag(hash: [u8; 32]) -> HeaderValue {
    use std::fmt::Write as _;
    let mut text = String::from("\"");
    for byte in &hash[..12] {
        let _ = write!(text, "{byte:02x}");
    }
    text.push('"');
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("\"\""))
}

/// RFC 9110 §13.1.2; compared weakly, as a GET asks for. One tag stands for all encodings of a file, hence `Vary`.
fn is_known(headers: &HeaderMap, etag: &HeaderValue) -> bool {
    let Ok(etag) = etag.to_str() else { return false };
    headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok()).any(|list| {
        list.split(',').map(str::trim).any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
    })
}

/// Whether `Accept-Encoding` has `coding` without `q=0` (RFC 9110 §12.5.3).
fn accepts(headers: &HeaderMap, coding: &str) -> bool {
    headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok()).any(|list| {
        list.split(',').any(|item| {
            let mut parts = item.split(';').map(str::trim);
            let is_coding = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(coding));
            is_coding && !parts.any(|part| matches!(part.strip_prefix("q=").map(str::parse::<f32>), Some(Ok(0.0))))
        })
    })
}

fn extension(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(_, extension)| extension)
}

fn is_text(name: &str) -> bool {
    matches!(extension(name), "html" | "js" | "mjs" | "css" | "svg" | "json" | "txt" | "xml" | "wasm" | "map" | "ico")
}

/// The media type by the name's extension; `nosniff` is on, so an unknown one is a download.
fn content_type(name: &str) -> HeaderValue {
    HeaderValue::from_static(match extension(name) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "xml" => "application/xml; charset=utf-8",
        "txt" => "text/plain; charset=utf-8",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    })
}

fn brotli(body: &[u8]) -> Option<Bytes> {
    let mut out = Vec::new();
    let quality = if body.len() < LARGE { BROTLI_QUALITY } else { QUICK_QUALITY };
    let parameters = brotli::enc::BrotliEncoderParams { quality, size_hint: body.len(), ..Default::default() };
    brotli::BrotliCompress(&mut &body[..], &mut out, &parameters).ok()?;
    Some(out.into())
}

fn gzip(body: &[u8]) -> Option<Bytes> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(body).ok()?;
    encoder.finish().ok().map(Bytes::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoding_with_q_0_is_not_accepted() {
        let check = |value: &'static str, expected: bool| {
            let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(value))]);
            assert_eq!(accepts(&headers, "br"), expected, "{value}");
        };
        check("gzip, deflate, br", true);
        check("br;q=0", false);
        check("BR;q=0.5", true);
        check("gzip;q=1.0, br;q=0.0", false);
        check("brotli", false);
    }
}
