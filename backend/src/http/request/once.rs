//! `Idempotency-Key`: a `POST` that is sent twice is carried out once, and the second time gets the first answer. That it
//! was carried out commits in the transaction of the write itself; who asks is checked before anything is given again.

use super::io::InItsPlace;
use crate::clock::DAY_MS;
use crate::http::AppState;
use crate::http::Error;
use crate::identity::digest;
use crate::random;
use crate::store::{self, Actor, Earlier, KeptAnswer, KeyedWrite, Mark, Role};
use ::api::console::{IDEMPOTENCY_HEADER, MAX_CSV, MAX_IDEMPOTENCY_KEY};
use axum::body::{Body, BodyDataStream, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::{StreamExt as _, stream};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, HashSet};
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

/// How long a key is remembered.
const KEPT_MS: i64 = DAY_MS;
/// Longest time between the write of a request and its answer, and some: without an answer after that it was lost.
const RUNNING_MS: i64 = 15_000;
/// After these pauses an answer that cannot be kept is tried again.
const AGAIN: [Duration; 4] =
    [Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4), Duration::from_secs(8)];
/// Largest answer in bytes that is kept.
const MAX_KEPT: usize = 1024 * 1024;
/// On an answer that was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// The headers that are kept with an answer.
const HEADERS: [HeaderName; 3] = [header::CONTENT_TYPE, header::ETAG, header::LOCATION];
const LOST: &str = "this was carried out, but the server stopped before it stored the answer, so it is not repeated. \
                    Check the current state, and use a new idempotency key for another request";
const FAILED: &str = "this was carried out, but something failed before the answer was ready, so it is not repeated. \
                      Check the current state, and use a new idempotency key for another request";
const TOO_LARGE: &str = "this was carried out, and its answer is too large to be repeated: check the current state";

/// Keys whose requests are under way in this process.
#[derive(Default)]
pub(crate) struct Keys(Arc<Mutex<HashSet<String>>>);

/// A key under way; dropped, it is not any more.
struct Held {
    keys: Arc<Mutex<HashSet<String>>>,
    key: String,
}

impl Keys {
    /// `None`: it is under way already.
    fn hold(&self, key: &str) -> Option<Held> {
        let is_new = locked(&self.0).insert(key.to_owned());
        is_new.then(|| Held { keys: Arc::clone(&self.0), key: key.to_owned() })
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        locked(&self.keys).remove(&self.key);
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A request with a key: an extension of the request, which whoever checks access finds.
struct Keyed {
    key: HeaderValue,
    /// Method and path.
    what: String,
    body: Mutex<Reading>,
    write: Arc<KeyedWrite>,
    held: OnceLock<Held>,
    /// The request was carried out before.
    earlier: OnceLock<Earlier>,
}

/// The body as the handler reads it, and the hash of what it has read.
struct Reading {
    stream: BodyDataStream,
    hash: Sha256,
    length: usize,
    begun: bool,
    ended: bool,
}

/// See the module.
pub(in crate::http) async fn once(State(app): State<Arc<AppState>>, request: Request, next: Next) -> Response {
    let key = request.headers().get(IDEMPOTENCY_HEADER).filter(|_| request.method() == Method::POST).cloned();
    let Some(key) = key else { return next.run(request).await };
    let (keyed, request) = Keyed::new(key, request);
    // In a task of its own: whoever hangs up in the middle finds the answer when they ask again.
    match tokio::spawn(answer(app, keyed, request, next)).await {
        Ok(response) => response,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Error::Unavailable("the server is stopping: try again later").into_response(),
        },
    }
}

/// Binds a request with a key to who sends it, once it is known that they may. Within a tenant (`role`: what they are
/// there) a request that was carried out before ends here. Requests without a key go on.
pub(in crate::http) async fn claim(
    parts: &Parts,
    app: &AppState,
    actor: &Actor,
    role: Option<Role>,
) -> Result<(), Error> {
    let Some(keyed) = parts.extensions.get::<Arc<Keyed>>() else { return Ok(()) };
    let plain = keyed.key.to_str().ok().filter(|key| (1..=MAX_IDEMPOTENCY_KEY).contains(&key.len()));
    let plain = plain.ok_or_else(|| {
        let detail = format!("an idempotency key has 1 to {MAX_IDEMPOTENCY_KEY} printable ASCII characters");
        Error::invalid(IDEMPOTENCY_HEADER, detail)
    })?;
    let key = digest(&format!("{} {plain}", actor.id));
    let _ = keyed.held.set(app.keys.hold(&key).ok_or(Error::UnderWay(1))?);
    // Forgetting an answer lets the same write happen twice: a clock that was just set is no reason.
    let now_ms = app.clock.settled_ms();
    if let Some(role) = role
        && let Some(earlier) = app.store.earlier(&key, now_ms).await?
    {
        if Role::parse(&earlier.role).is_some_and(|was| role < was) {
            let detail = "this was carried out when you had a higher role here: its answer is not repeated".into();
            return Err(Error::Forbidden { detail, field: None });
        }
        let _ = keyed.earlier.set(earlier);
        // Replaced by what was kept, outside.
        return Err(Error::Conflict(LOST.into()));
    }
    let (role, asked) = (role.map_or("", Role::as_str).to_owned(), Arc::downgrade(keyed));
    keyed.write.arm(Mark {
        key,
        role,
        attempt: random::id(),
        now_ms,
        expires_ms: now_ms + KEPT_MS,
        request: Box::new(move || asked.upgrade().map(|keyed| keyed.request()).unwrap_or_default()),
    });
    Ok(())
}

impl Keyed {
    fn new(key: HeaderValue, request: Request) -> (Arc<Self>, Request) {
        let (mut parts, body) = request.into_parts();
        let reading =
            Reading { stream: body.into_data_stream(), hash: Sha256::new(), length: 0, begun: false, ended: false };
        let keyed = Arc::new(Self {
            key,
            what: format!("{} {}", parts.method, parts.uri),
            body: Mutex::new(reading),
            write: Arc::default(),
            held: OnceLock::new(),
            earlier: OnceLock::new(),
        });
        parts.extensions.insert(Arc::clone(&keyed));
        let read = Arc::clone(&keyed);
        let body = Body::from_stream(stream::poll_fn(move |context| read.piece(context)));
        (keyed, Request::from_parts(parts, body))
    }

    /// The next piece of the body.
    fn piece(&self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, axum::Error>>> {
        let mut reading = locked(&self.body);
        reading.begun = true;
        if reading.ended {
            return Poll::Ready(None);
        }
        let piece = reading.stream.poll_next_unpin(context);
        match &piece {
            Poll::Ready(Some(Ok(bytes))) => {
                reading.hash.update(bytes);
                reading.length += bytes.len();
            }
            Poll::Ready(_) => reading.ended = true,
            Poll::Pending => {}
        }
        piece
    }

    /// Hash of method, path and of what was read of the body.
    fn request(&self) -> String {
        let reading = locked(&self.body);
        let body = if reading.begun { STANDARD.encode(reading.hash.clone().finalize()) } else { String::new() };
        digest(&format!("{} {body}", self.what))
    }

    /// Whether it is the request with this hash. Reads the rest of the body.
    async fn is(&self, request: &str) -> Result<bool, Error> {
        // Some handlers do not look at the body: then it does not count.
        if digest(&format!("{} ", self.what)) == request {
            return Ok(true);
        }
        loop {
            match poll_fn(|context| self.piece(context)).await {
                None => return Ok(self.request() == request),
                Some(Ok(_)) if locked(&self.body).length <= MAX_CSV => {}
                Some(_) => return Err(Error::TooLarge),
            }
        }
    }
}

async fn answer(app: Arc<AppState>, keyed: Arc<Keyed>, request: Request, next: Next) -> Response {
    let response = store::carry_out(Arc::clone(&keyed.write), next.run(request)).await;
    let replayed = match (keyed.earlier.get(), keyed.write.mark()) {
        (Some(earlier), _) => replay(&app, &keyed, earlier.clone()).await,
        (None, Some(mark)) if keyed.write.repeated() => match app.store.earlier(&mark.key, mark.now_ms).await {
            Ok(Some(earlier)) => replay(&app, &keyed, earlier).await,
            Ok(None) => Err(Error::UnderWay(1)),
            Err(error) => Err(error.into()),
        },
        (None, Some(_)) if keyed.write.attempted() => return keep(&app, keyed, response).await,
        (None, _) => return response,
    };
    replayed.unwrap_or_else(Error::into_response)
}

/// Keeps an answer, sealed. It is given in any case: the write is done.
async fn keep(app: &Arc<AppState>, keyed: Arc<Keyed>, response: Response) -> Response {
    let Some(mark) = keyed.write.mark() else { return response };
    let (parts, body) = response.into_parts();
    let Ok(body) = to_bytes(body, usize::MAX).await else { return Error::Internal.into_response() };
    let (answer, note) = if !parts.status.is_success() {
        (None, FAILED.to_owned())
    } else if let Some(InItsPlace(note)) = parts.extensions.get() {
        (None, note.clone())
    } else if body.len() > MAX_KEPT {
        (None, TOO_LARGE.to_owned())
    } else {
        let body = app.sealer.seal(&body, &place(&mark.key));
        (Some(KeptAnswer { status: parts.status.as_u16(), headers: kept_headers(&parts.headers), body }), String::new())
    };
    if let Err(error) = app.store.keep_answer(mark, answer.as_ref(), &note).await {
        tracing::warn!(%error, "an answer is not kept yet");
        tokio::spawn(keep_later(Arc::clone(app), keyed, answer, note));
    }
    Response::from_parts(parts, Body::from(body))
}

/// While the database is locked or away. Until then the key counts as under way.
async fn keep_later(app: Arc<AppState>, keyed: Arc<Keyed>, answer: Option<KeptAnswer>, note: String) {
    let Some(mark) = keyed.write.mark() else { return };
    for pause in AGAIN {
        app.clock.sleep(pause).await;
        if app.store.keep_answer(mark, answer.as_ref(), &note).await.is_ok() {
            return;
        }
    }
    tracing::error!("an answer is lost: a retry is told that its request was carried out");
}

fn kept_headers(headers: &HeaderMap) -> String {
    let value = |name: &HeaderName| Some((name.as_str().to_owned(), headers.get(name)?.to_str().ok()?.to_owned()));
    let kept: BTreeMap<String, String> = HEADERS.iter().filter_map(value).collect();
    serde_json::to_string(&kept).unwrap_or_default()
}

/// What a request gets that was carried out before.
async fn replay(app: &AppState, keyed: &Keyed, earlier: Earlier) -> Result<Response, Error> {
    if !keyed.is(&earlier.request).await? {
        let detail = "this key was used for another request: use a new one for each request";
        return Err(Error::invalid(IDEMPOTENCY_HEADER, detail));
    }
    let mut response = match earlier.answer {
        Some(kept) => restored(app, keyed, &kept)?,
        None if !earlier.note.is_empty() => Error::Conflict(earlier.note).into_response(),
        None => {
            let left_ms = earlier.at_ms + RUNNING_MS - app.clock.now_ms();
            // Another node may be at it.
            if (1..=RUNNING_MS).contains(&left_ms) {
                return Err(Error::UnderWay(left_ms.div_euclid(1_000) + 1));
            }
            Error::Conflict(LOST.into()).into_response()
        }
    };
    let headers = response.headers_mut();
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

fn restored(app: &AppState, keyed: &Keyed, kept: &KeptAnswer) -> Result<Response, Error> {
    let key = keyed.held.get().map(|held| held.key.as_str()).unwrap_or_default();
    let Some(body) = app.sealer.open(&kept.body, &place(key)) else { return Err(Error::Conflict(LOST.into())) };
    let status = StatusCode::from_u16(kept.status).map_err(|_| Error::Internal)?;
    let mut response = (status, Bytes::from(body)).into_response();
    response.headers_mut().remove(header::CONTENT_TYPE);
    let headers: BTreeMap<String, String> = serde_json::from_str(&kept.headers).unwrap_or_default();
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    Ok(response)
}

fn place(key: &str) -> String {
    format!("idempotency.body/{key}")
}
