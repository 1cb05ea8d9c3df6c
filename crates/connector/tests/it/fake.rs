//! A Paraph that keeps to the wire, and misbehaves when it is told to.

use api::connector::{ADDRESS, MAX_PART, NewUpload, Target, TargetField, Upload, paths};
use api::console::{PlannedPerson, PlannedValue, RowIssue, RunPlan, RunState};
use api::{ErrorDetail, Errors};
use axum::body::{Body, Bytes};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use flate2::read::GzDecoder;
use paraph_connector::random;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, VecDeque};
use std::io::Read;
use std::sync::{Arc, Mutex};

/// The secret that is right.
pub(crate) const SECRET: &str = "right-secret";

/// How a request is answered instead of rightly.
#[derive(Clone, Debug)]
pub(crate) enum Mood {
    /// With this status and nothing else.
    Status(u16),
    /// With 429 and so many seconds to wait.
    Busy(u64),
    /// With the envelope.
    Says(u16, &'static str),
    /// Not at all: the connection breaks before anything was done.
    CutBefore,
    /// Everything is done, and then the connection breaks.
    CutAfter,
}

#[derive(Default)]
struct Inner {
    /// For the next requests whose path contains the text.
    moods: VecDeque<(&'static str, Mood)>,
    uploads: BTreeMap<String, Held>,
    applied: Option<String>,
    requests: Vec<String>,
    now_ms: i64,
    polls: u32,
    end: Option<(RunState, &'static str)>,
    more_fields: Vec<TargetField>,
}

struct Held {
    new: NewUpload,
    text: Vec<u8>,
    received: u32,
    polls: u32,
}

/// The server.
#[derive(Clone)]
pub(crate) struct FakeParaph {
    inner: Arc<Mutex<Inner>>,
    /// Where it listens.
    pub(crate) url: String,
}

impl FakeParaph {
    /// Starts one.
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let fake = Self { inner: Arc::default(), url };
        fake.inner.lock().unwrap().now_ms = 1_800_000_000_000;
        let router = Router::new()
            .route(paths::TARGET, get(target))
            .route(paths::UPLOADS, post(begin))
            .route(paths::UPLOAD, get(look).delete(cancel))
            .route(paths::PART, put(part))
            .layer(middleware::from_fn_with_state(fake.clone(), gate))
            .layer(axum::extract::DefaultBodyLimit::max(2 * MAX_PART))
            .with_state(fake.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        fake
    }

    /// The next request whose method and path contain `which` is answered so.
    pub(crate) fn mood(&self, which: &'static str, mood: Mood) -> &Self {
        self.inner.lock().unwrap().moods.push_back((which, mood));
        self
    }

    /// Planning takes so many looks.
    pub(crate) fn slow(&self, polls: u32) -> &Self {
        self.inner.lock().unwrap().polls = polls;
        self
    }

    /// Runs end so instead of applied.
    pub(crate) fn ends(&self, state: RunState, failure: &'static str) -> &Self {
        self.inner.lock().unwrap().end = Some((state, failure));
        self
    }

    /// There are fields `phone1`, `title1` and so on up to 20.
    pub(crate) fn takes_any_field(&self) -> &Self {
        let names = (1..=20).flat_map(|n| [format!("phone{n}"), format!("title{n}")]);
        self.inner.lock().unwrap().more_fields = names.map(|name| field(&name, &name, &[])).collect();
        self
    }

    /// The rows that were applied last, as CSV.
    pub(crate) fn applied(&self) -> Option<String> {
        self.inner.lock().unwrap().applied.clone()
    }

    /// The columns of the last upload: name and field.
    pub(crate) fn columns(&self) -> Vec<(String, String)> {
        let inner = self.inner.lock().unwrap();
        let columns = inner.uploads.values().last().map(|held| held.new.columns.clone()).unwrap_or_default();
        columns.into_iter().map(|column| (column.name, column.field)).collect()
    }

    /// How many requests came whose method and path contain this.
    pub(crate) fn count(&self, which: &str) -> usize {
        self.inner.lock().unwrap().requests.iter().filter(|request| request.contains(which)).count()
    }

    /// How many uploads are held.
    pub(crate) fn uploads(&self) -> usize {
        self.inner.lock().unwrap().uploads.len()
    }
}

/// Who may come in, and in which mood the server is.
async fn gate(State(fake): State<FakeParaph>, headers: HeaderMap, request: Request, next: Next) -> Response {
    let name = format!("{} {}", request.method(), request.uri().path());
    let mood = {
        let mut inner = fake.inner.lock().unwrap();
        inner.requests.push(name.clone());
        let found = inner.moods.iter().position(|(which, _)| name.contains(which));
        found.and_then(|place| inner.moods.remove(place)).map(|(_, mood)| mood)
    };
    let authorised = headers.get(header::AUTHORIZATION).is_some_and(|value| value == &format!("Bearer {SECRET}"));
    match mood {
        Some(Mood::Status(status)) => StatusCode::from_u16(status).unwrap().into_response(),
        Some(Mood::Busy(seconds)) => {
            (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, seconds.to_string())]).into_response()
        }
        Some(Mood::Says(status, detail)) => refuse(status, detail),
        Some(Mood::CutBefore) => cut(),
        Some(Mood::CutAfter) => {
            next.run(request).await;
            cut()
        }
        None if !authorised => refuse(401, "no such token"),
        None => next.run(request).await,
    }
}

/// Ends the connection in the middle of the answer.
fn cut() -> Response {
    let broken = futures_util::stream::once(async { Err::<Bytes, _>(std::io::Error::other("cut")) });
    Response::new(Body::from_stream(broken))
}

fn refuse(status: u16, detail: &str) -> Response {
    let errors = Errors { errors: vec![ErrorDetail { detail: detail.into(), field: None }] };
    (StatusCode::from_u16(status).unwrap(), Json(errors)).into_response()
}

/// A field as the server offers it.
pub(crate) fn field(token: &str, label: &str, usual: &[&str]) -> TargetField {
    TargetField { token: token.into(), label: label.into(), usual: usual.iter().map(ToString::to_string).collect() }
}

async fn target(State(fake): State<FakeParaph>) -> Json<Target> {
    let (now_ms, more) = {
        let inner = fake.inner.lock().unwrap();
        (inner.now_ms, inner.more_fields.clone())
    };
    let mut fields = vec![
        field(ADDRESS, "E-mail address", &["email", "mail"]),
        field("display_name", "Display name", &["name", "fullname"]),
        field("title", "Job title", &["position", "jobtitle"]),
        field("phone", "Phone", &["telephone"]),
        field("parking_space", "Parking space", &[]),
    ];
    fields.extend(more);
    Json(Target {
        tenant: "Contoso".into(),
        fields,
        secret: "Head office".into(),
        expires_ms: now_ms + 1_000 * 60 * 60 * 24 * 365,
        now_ms,
    })
}

async fn begin(State(fake): State<FakeParaph>, Json(new): Json<NewUpload>) -> Response {
    if new.columns.first().is_none_or(|column| column.field != ADDRESS) || new.id.len() != 32 {
        return refuse(422, "the first column is not the address");
    }
    let mut inner = fake.inner.lock().unwrap();
    let held = Held { new: new.clone(), text: Vec::new(), received: 0, polls: inner.polls };
    inner.uploads.entry(new.id.clone()).or_insert(held);
    Json(inner.upload(&new.id)).into_response()
}

async fn part(State(fake): State<FakeParaph>, Path((id, number)): Path<(String, u32)>, body: Bytes) -> Response {
    let mut text = Vec::new();
    GzDecoder::new(&*body).read_to_end(&mut text).unwrap();
    assert!(text.len() <= MAX_PART);
    let mut inner = fake.inner.lock().unwrap();
    let Some(held) = inner.uploads.get_mut(&id) else { return refuse(404, "no such upload") };
    if number == held.received {
        held.text.extend(text);
        held.received += 1;
    }
    if held.received == held.new.parts {
        assert_eq!(random::hex(&Sha256::digest(&held.text)), held.new.digest);
    }
    Json(inner.upload(&id)).into_response()
}

async fn look(State(fake): State<FakeParaph>, Path(id): Path<String>) -> Response {
    let mut inner = fake.inner.lock().unwrap();
    let Some(held) = inner.uploads.get_mut(&id) else { return refuse(404, "no such upload") };
    if held.received == held.new.parts {
        held.polls = held.polls.saturating_sub(1);
    }
    Json(inner.upload(&id)).into_response()
}

async fn cancel(State(fake): State<FakeParaph>, Path(id): Path<String>) -> StatusCode {
    fake.inner.lock().unwrap().uploads.remove(&id);
    StatusCode::NO_CONTENT
}

impl Inner {
    fn upload(&mut self, id: &str) -> Upload {
        let held = &self.uploads[id];
        let (state, failure) = match self.end {
            _ if held.received < held.new.parts => (RunState::Fetching, None),
            _ if held.polls > 0 => (RunState::Planning, None),
            Some((state, failure)) => (state, Some(failure.to_owned())),
            None if held.new.preview => (RunState::Planned, None),
            None => (RunState::Applied, None),
        };
        if state == RunState::Applied {
            self.applied = Some(String::from_utf8(held.text.clone()).unwrap());
        }
        Upload {
            id: id.into(),
            state,
            received: held.received,
            parts: held.new.parts,
            done: 0,
            rows: held.new.rows,
            plan: matches!(state, RunState::Planned | RunState::Applied).then(|| plan(held.new.rows)),
            failure,
        }
    }
}

/// Everybody changes; the second row is wrong.
fn plan(rows: u64) -> RunPlan {
    RunPlan {
        changed: rows.saturating_sub(1),
        wrong: 1,
        unmatched: 1,
        issues: vec![RowIssue {
            line: 2,
            subject: None,
            column: Some("mail".into()),
            detail: "ada@ is no e-mail address: correct it in the database".into(),
        }],
        sample: vec![PlannedPerson {
            address: "ada@example.com".into(),
            is_new: false,
            changes: vec![PlannedValue {
                token: "title".into(),
                from: Some("Engineer".into()),
                to: Some("Countess".into()),
            }],
        }],
        ..RunPlan::default()
    }
}
