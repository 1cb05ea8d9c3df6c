//! Middleware of every endpoint: logs the request and applies troubles to its answer.

use super::log::Asked;
use super::{Desk, Listening, Trouble};
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::MethodRouter;
use futures_util::{StreamExt as _, stream};
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Maximum size of a request in bytes.
const MAX_BODY: usize = 64 * 1024 * 1024;
/// Number of logged bytes of a request.
const KEPT_BODY: usize = 64 * 1024;

/// The endpoint of a request.
#[derive(Clone)]
struct Door {
    desk: Arc<Desk>,
    name: &'static str,
    gives_tokens: bool,
}

/// Marks an answer that is replaced by closing the connection.
#[derive(Clone)]
struct Close;

pub(super) fn through<S>(
    desk: &Arc<Desk>,
    name: &'static str,
    gives_tokens: bool,
    methods: MethodRouter<S>,
) -> MethodRouter<S>
where
    S: Clone + Send + Sync + 'static,
{
    methods.layer(from_fn_with_state(Door { desk: Arc::clone(desk), name, gives_tokens }, enter))
}

/// Answers on `listener`.
pub(super) fn serve(listener: TcpListener, router: Router) -> Listening {
    Listening::new(listener, move |tcp| attend(tcp, router.clone()))
}

async fn attend(tcp: TcpStream, router: Router) {
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |request| {
        let answer = router.call(request);
        async move {
            let answer = answer.await.unwrap_or_else(|never: Infallible| match never {});
            if answer.extensions().get::<Close>().is_some() {
                return Err(io::Error::other("closed without an answer"));
            }
            Ok(answer)
        }
    });
    // It ends with an error where it was closed on purpose, or the other side has had enough.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(tcp), service).await;
}

async fn enter(State(door): State<Door>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, MAX_BODY).await.unwrap_or_default();
    let target = parts.uri.path_and_query().map_or_else(String::new, ToString::to_string);
    let kept = String::from_utf8_lossy(&body[..body.len().min(KEPT_BODY)]).into_owned();
    let asked = Asked { door: door.name, method: parts.method.to_string(), target, body: kept };
    door.desk.log.lock().unwrap().ask(asked);
    // Listened for before there is anything to lift.
    let lifted = door.desk.lifted.subscribe();
    let trouble = door.desk.troubles.lock().unwrap().take(door.name, door.gives_tokens);
    let request = Request::from_parts(parts, Body::from(body));
    let answer = door.desk.meet(trouble, lifted, request, next).await;
    if answer.status().is_success() {
        door.desk.log.lock().unwrap().answer(door.name);
    }
    answer
}

impl Desk {
    /// The normal answer, or the trouble's version of it.
    async fn meet(
        &self,
        trouble: Trouble,
        mut lifted: watch::Receiver<u64>,
        mut request: Request,
        next: Next,
    ) -> Response {
        match trouble {
            Trouble::Fine => {}
            Trouble::Page(paging) => drop(request.extensions_mut().insert(paging)),
            Trouble::TokensExpire => self.tokens.expire(),
            // The desk keeps the other end, so this ends with a lift.
            Trouble::Held => drop(lifted.changed().await),
            Trouble::Slow(time) => tokio::time::sleep(time).await,
            Trouble::Silent => std::future::pending().await,
            Trouble::Closed => return closed(),
            Trouble::Unheard => {
                next.run(request).await;
                return closed();
            }
            Trouble::Throttled(after) => return self.throttled(after),
            Trouble::Status(status) => return (self.error)(StatusCode::from_u16(status).unwrap(), None),
            Trouble::Refused(status, code, message) => {
                return self.error(StatusCode::from_u16(status).unwrap(), code, message);
            }
            Trouble::Html => return Html("<h1>Sign in to this network</h1>").into_response(),
            Trouble::Redirect(to) => return (StatusCode::FOUND, [(header::LOCATION, to)]).into_response(),
            Trouble::Endless => return endless(" ".repeat(1024 * 1024).into(), Duration::ZERO),
            Trouble::Drip(pause) => return endless(Bytes::from_static(b" "), pause),
            Trouble::Half => return shortened(next.run(request).await, |whole| whole / 2, false).await,
            Trouble::Cut => return shortened(next.run(request).await, |whole| whole / 2, true).await,
            Trouble::CutAfter(bytes) => {
                return shortened(next.run(request).await, |whole| whole.min(bytes), true).await;
            }
        }
        next.run(request).await
    }

    fn throttled(&self, after: Option<String>) -> Response {
        let mut answer = (self.error)(StatusCode::TOO_MANY_REQUESTS, None);
        if let Some(after) = after {
            // A date is by the neighbour's own clock.
            let now = Timestamp::from_millisecond(self.now.ms()).unwrap();
            let now = DateTimePrinter::new().timestamp_to_rfc9110_string(&now).unwrap();
            answer.headers_mut().insert(header::DATE, now.parse().unwrap());
            answer.headers_mut().insert(header::RETRY_AFTER, after.parse().unwrap());
        }
        answer
    }
}

/// Limits an answer to a number of bytes; then it ends, or the connection is closed.
async fn shortened(answer: Response, length: impl FnOnce(usize) -> usize, breaks: bool) -> Response {
    let (mut parts, body) = answer.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    parts.headers.remove(header::CONTENT_LENGTH);
    let part = body.slice(..length(body.len()));
    if !breaks {
        return Response::from_parts(parts, Body::from(part));
    }
    let cut = async {
        // What is there is sent while nothing more is.
        tokio::task::yield_now().await;
        Err(io::Error::other("cut"))
    };
    Response::from_parts(parts, Body::from_stream(stream::iter([Ok(part)]).chain(stream::once(cut))))
}

fn endless(piece: Bytes, pause: Duration) -> Response {
    let pieces = stream::unfold(piece, move |piece| async move {
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
        Some((Ok::<_, Infallible>(piece.clone()), piece))
    });
    ([(header::CONTENT_TYPE, "application/json")], Body::from_stream(pieces)).into_response()
}

fn closed() -> Response {
    // No success: nobody hears of it.
    let mut answer = StatusCode::BAD_GATEWAY.into_response();
    answer.extensions_mut().insert(Close);
    answer
}
