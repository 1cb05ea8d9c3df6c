//! Connections: accepted as long as there is room, closed when they stay silent, and brought to their end at shutdown.
//!
//! A client that sends nothing, or never finishes a request's head, costs a descriptor and some memory. It is closed after
//! `header`; one that is kept alive after an answer, or does not take its answer, after `idle`. When every place is taken,
//! the connection that has been silent for longest makes room, so that silent clients cannot keep others out.

mod place;
mod room;
mod stream;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::HeaderValue;
use axum::http::header::CONNECTION;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use place::{Place, Waiting};
use room::Room;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use stream::Watched;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How long connections may take, and how many there may be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// From the first byte of a request, or from the start of the connection, until the request's head is complete.
    pub(crate) header: Duration,
    /// Without a byte in either direction. Longer than a proxy in front keeps its connections, so that no request
    /// meets one that is just being closed.
    pub(crate) idle: Duration,
    /// For requests under way at shutdown.
    pub(crate) shutdown: Duration,
    /// Most connections at once, or fewer where the system allows fewer.
    pub(crate) connections: u64,
}

/// How long a connection that was silent until the shutdown may turn out to have a request on its way already.
const LINGER: Duration = Duration::from_millis(20);
/// How long to wait after a connection could not be accepted; doubled each time, up to the second.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Answers on `listener` with `router` until `shutdown` is done. Then connections that wait for a request are closed, and
/// those with one under way once it is answered, with `Connection: close`.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    shutdown: impl Future<Output = ()> + Send,
) {
    let room = Room::new(limits.connections);
    let (stop, stopped) = watch::channel(false);
    let serving = Serving { router, limits, stopped };
    let mut tasks = JoinSet::new();
    let start = |tasks: &mut JoinSet<()>, (stream, peer): (TcpStream, SocketAddr), place: Arc<Place>| {
        tasks.spawn(serving.clone().connection(stream, peer, place));
    };
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            (accepted, place) = accept(&listener, &room) => start(&mut tasks, accepted, place),
        }
        while tasks.try_join_next().is_some() {}
    }
    // Whose connection stands already must not lose a request only because nobody had looked at it yet.
    while let Ok(Ok(accepted)) = tokio::time::timeout(Duration::ZERO, listener.accept()).await {
        start(&mut tasks, accepted, room.overflow());
    }
    drop(listener);
    let _ = stop.send(true);
    let drained = tokio::time::timeout(limits.shutdown, async { while tasks.join_next().await.is_some() {} });
    if drained.await.is_err() {
        tracing::warn!(connections = tasks.len(), "requests were still under way at shutdown");
    }
}

/// The next connection and its place. Running out of descriptors, or of places, makes silent connections go.
async fn accept(listener: &TcpListener, room: &Room) -> ((TcpStream, SocketAddr), Arc<Place>) {
    let seat = room.seat().await;
    let mut pause = FIRST_PAUSE;
    loop {
        match listener.accept().await {
            Ok(accepted) => return (accepted, room.place(seat)),
            // The client was gone before we looked.
            Err(error) if is_clients(&error) => {}
            Err(error) => {
                if pause == FIRST_PAUSE {
                    tracing::warn!(%error, connections = room.taken(), "connections cannot be accepted for now");
                }
                room.evict();
                tokio::time::sleep(pause).await;
                pause = LONGEST_PAUSE.min(pause * 2);
            }
        }
    }
}

fn is_clients(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

/// What every connection is answered with.
#[derive(Clone)]
struct Serving {
    router: Router,
    limits: Limits,
    stopped: watch::Receiver<bool>,
}

impl Serving {
    async fn connection(self, stream: TcpStream, peer: SocketAddr, place: Arc<Place>) {
        let Self { router, limits, mut stopped } = self;
        // An answer is small and often the client's only open request: waiting to fill a packet would only delay it.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps its delay");
        }
        let io = TokioIo::new(Watched::new(stream, Arc::clone(&place)));
        let service = TowerToHyperService::new(router);
        let (at, stopping) = (Arc::clone(&place), stopped.clone());
        let service = service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
            at.request();
            request.extensions_mut().insert(ConnectInfo(peer));
            let (answer, at, stopping) = (service.call(request.map(Body::new)), Arc::clone(&at), stopping.clone());
            async move {
                let mut answer = answer.await;
                at.answered();
                // Also where hyper does not know yet that this is the last one, so that nobody sends another.
                if let Ok(answer) = &mut answer
                    && *stopping.borrow()
                {
                    answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
                }
                answer
            }
        });
        let mut builder = http1::Builder::new();
        // `Place` keeps the time: hyper knows one limit for a silent client and for one that is kept alive.
        builder.header_read_timeout(None::<Duration>);
        let mut connection = std::pin::pin!(builder.serve_connection(io, service));
        let ended = tokio::select! {
            // Requests that are here already come before the news that we stop.
            biased;
            result = connection.as_mut() => Some(result),
            waiting = place.overdue(limits.header, limits.idle) => {
                metrics::counter!("paraph_http_connections_closed_total", "reason" => waiting.as_str()).increment(1);
                return;
            }
            _ = stopped.wait_for(|stopped| *stopped) => None,
        };
        if ended.is_some() {
            return;
        }
        if tokio::time::timeout(LINGER, connection.as_mut()).await.is_ok() {
            return;
        }
        connection.as_mut().graceful_shutdown();
        tokio::select! {
            _ = connection.as_mut() => {}
            _ = place.overdue(limits.header, limits.idle) => {}
        }
    }
}

impl Waiting {
    fn as_str(self) -> &'static str {
        match self {
            Self::Silent => "silent",
            Self::Idle => "idle",
            Self::Evicted => "evicted",
        }
    }
}
