//! The one HTTP error and its one envelope: `{"errors":[{"detail","field"?}]}`.

use crate::identity::{KeysUnavailable, Refusal, VerifyError};
use crate::{signing, store};
use axum::Json;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Seconds after which a client may ask again when the server is not able to answer now.
pub(super) const RETRY_AFTER: HeaderValue = HeaderValue::from_static("5");
/// How an API token that does not hold is answered.
const BAD_TOKEN: HeaderValue = HeaderValue::from_static("Bearer error=\"invalid_token\"");
/// Longest detail in characters: some hold what the client sent.
const MAX_DETAIL: usize = 300;
/// Most errors in one answer: a body can have a thousand wrong recipients.
const MAX_ERRORS: usize = 20;

/// Why a request has no answer of its own. Every variant becomes one status and the envelope.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// 401: who is asking is not proven.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// 401: no session, or one that ended.
    #[error("you are not signed in: sign in to the console")]
    SignedOut,
    /// 401: an API token that does not hold.
    #[error("this API token is unknown, revoked or expired: create another one in the console")]
    BadToken,
    /// 401: neither address nor password is said to be wrong, so that nobody learns who has an account.
    #[error("address, password or code is wrong")]
    WrongPassword,
    /// 403: a page of another origin, or one that did not read the session.
    #[error("this request does not come from the console: open the console and try again there")]
    WrongOrigin,
    /// 412: somebody else changed it since it was read.
    #[error("another user changed this in the meantime: check it again, then save")]
    Changed,
    /// 428.
    #[error("send the ETag of the version that you are changing as If-Match")]
    VersionMissing,
    /// 429: too many failed attempts.
    #[error("too many failed attempts: try again in {0} seconds")]
    TooMany(i64),
    /// 403: proven, but nobody in the directory.
    #[error("you are signed in but not in the directory: an admin must add you, with your Entra object id")]
    NotInDirectory,
    /// 403: the field names something that is not the person's.
    #[error("{detail}")]
    Forbidden {
        /// What is wrong and what to do.
        detail: String,
        /// The field at fault.
        field: Option<String>,
    },
    /// 404.
    #[error("there is nothing at this address")]
    NotFound,
    /// 405.
    #[error("this address does not accept that method")]
    Method,
    /// 400: the body is not JSON.
    #[error("the body is not valid JSON: {0}")]
    Syntax(String),
    /// 413.
    #[error("the body is larger than {} KiB", super::MAX_BODY / 1024)]
    TooLarge,
    /// 413: a file.
    #[error("the file is larger than {} MiB: split it", ::api::console::MAX_CSV / 1024 / 1024)]
    FileTooLarge,
    /// 413: an image.
    #[error("the image is larger than {} MiB: make it smaller", ::api::console::MAX_UPLOAD / 1024 / 1024)]
    ImageTooLarge,
    /// 413: the files of a signature.
    #[error("these files are larger than {} MiB together: leave out what the signature does not use", ::api::console::MAX_MIGRATION / 1024 / 1024)]
    FilesTooLarge,
    /// 409: a field contradicts what is stored.
    #[error("{detail}")]
    Taken {
        /// What is wrong and what to do.
        detail: String,
        /// The field at fault.
        field: String,
    },
    /// 415.
    #[error("the body must be JSON: send Content-Type: application/json")]
    ContentType,
    /// 421: the demo answers to loopback names only.
    #[error("the demo answers only to 127.0.0.1 and localhost")]
    Host,
    /// 422: JSON, but not what is asked for.
    #[error("the body does not have the form that this address accepts")]
    Invalid(Vec<api::ErrorDetail>),
    /// 409: it contradicts what is stored.
    #[error("{0}")]
    Conflict(String),
    /// 409: a request with the same idempotency key may still be under way; the number of seconds after which it is not.
    #[error("the same request is still in progress: send it again in {0} seconds to get its answer")]
    UnderWay(i64),
    /// 503: the request took too long.
    #[error("this took too long: try again later")]
    Timeout,
    /// 503: something that the answer needs is away.
    #[error("{0}")]
    Unavailable(&'static str),
    /// 500: our own fault; logged where it happened.
    #[error("something went wrong: see the server's log")]
    Internal,
}

impl Error {
    /// A field that does not hold what it should.
    pub fn invalid(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::Invalid(vec![api::ErrorDetail { detail: detail.into(), field: Some(field.into()) }])
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Refused(_) | Self::SignedOut | Self::BadToken | Self::WrongPassword => StatusCode::UNAUTHORIZED,
            Self::NotInDirectory | Self::Forbidden { .. } | Self::WrongOrigin => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Changed => StatusCode::PRECONDITION_FAILED,
            Self::VersionMissing => StatusCode::PRECONDITION_REQUIRED,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Syntax(_) => StatusCode::BAD_REQUEST,
            Self::TooLarge | Self::FileTooLarge | Self::ImageTooLarge | Self::FilesTooLarge => {
                StatusCode::PAYLOAD_TOO_LARGE
            }
            Self::ContentType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Host => StatusCode::MISDIRECTED_REQUEST,
            Self::Conflict(_) | Self::Taken { .. } | Self::UnderWay(_) => StatusCode::CONFLICT,
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Timeout | Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The first detail.
    pub(crate) fn detail(self) -> String {
        self.details().into_iter().next().map(|first| first.detail).unwrap_or_default()
    }

    fn details(self) -> Vec<api::ErrorDetail> {
        let detail = self.to_string();
        match self {
            Self::Invalid(details) => details,
            Self::Forbidden { field, .. } => vec![api::ErrorDetail { detail, field }],
            Self::Taken { field, .. } => vec![api::ErrorDetail { detail, field: Some(field) }],
            Self::TooLarge | Self::FileTooLarge | Self::ImageTooLarge | Self::FilesTooLarge => {
                vec![api::ErrorDetail { detail, field: Some("body".into()) }]
            }
            _ => vec![api::ErrorDetail { detail, field: None }],
        }
    }
}

impl From<KeysUnavailable> for Error {
    fn from(_: KeysUnavailable) -> Self {
        Self::Unavailable("the sign-in authority cannot be reached: try again later")
    }
}

impl From<VerifyError> for Error {
    fn from(error: VerifyError) -> Self {
        match error {
            VerifyError::Refused(refusal) => refusal.into(),
            VerifyError::Unavailable(unavailable) => unavailable.into(),
        }
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Unavailable(reason) => {
                log_unavailable(&reason);
                Self::Unavailable("the database is not available: try again later")
            }
            store::Error::Conflict(detail) => Self::Conflict(detail),
            store::Error::LeaseLost => Self::Conflict("another server has taken over this task: reload it".into()),
            store::Error::NotFound(_) => Self::NotFound,
            store::Error::Value(detail) => Self::Invalid(vec![api::ErrorDetail { detail, field: None }]),
            store::Error::Corrupt(reason) => {
                tracing::error!(reason, "the database contains a value that this version cannot read");
                Self::Internal
            }
        }
    }
}

/// Logs why the database did not serve a request; once a minute at most, for every request says the same.
fn log_unavailable(reason: &str) {
    static LAST: Mutex<Option<Instant>> = Mutex::new(None);
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if last.is_none_or(|last| last.elapsed() >= Duration::from_mins(1)) {
        *last = Some(Instant::now());
        drop(last);
        tracing::warn!(reason, "the database is not available to a request");
    } else {
        tracing::debug!(reason, "the database is not available to a request");
    }
}

impl From<signing::Refusal> for Error {
    fn from(refusal: signing::Refusal) -> Self {
        let signing::Refusal::NotYours = refusal;
        Self::Forbidden { detail: refusal.to_string(), field: Some("from".into()) }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let status = self.status();
        let mut headers = HeaderMap::new();
        match &self {
            Self::Refused(refusal) => {
                headers.insert(header::WWW_AUTHENTICATE, challenge(*refusal));
            }
            Self::BadToken => {
                headers.insert(header::WWW_AUTHENTICATE, BAD_TOKEN);
            }
            _ if status == StatusCode::UNAUTHORIZED => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            _ => {}
        }
        if let Self::TooMany(seconds) | Self::UnderWay(seconds) = self {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, RETRY_AFTER);
        }
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        let mut errors = self.details();
        errors.truncate(MAX_ERRORS);
        for error in &mut errors {
            error.detail = error.detail.chars().take(MAX_DETAIL).collect();
        }
        (status, headers, Json(api::Errors { errors })).into_response()
    }
}

/// RFC 6750 §3: without a token the scheme alone, else the error too.
fn challenge(refusal: Refusal) -> HeaderValue {
    if refusal == Refusal::Missing {
        return HeaderValue::from_static("Bearer");
    }
    HeaderValue::try_from(format!("Bearer error=\"invalid_token\", error_description=\"{refusal}\""))
        .unwrap_or(HeaderValue::from_static("Bearer error=\"invalid_token\""))
}
