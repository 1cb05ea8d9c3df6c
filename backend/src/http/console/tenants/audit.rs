//! The audit in words: a page at a time, and all of it as CSV.

use crate::http::AppState;
use crate::http::Error;
use crate::http::api::doc;
use crate::http::console::people::directory::{check_search, csv_lines, page_size};
use crate::http::request::access::{Access, ReadAudit};
use crate::http::request::io::{Csv, Query};
use crate::store::{self, AuditFilter, AuditPlace, Store, all_fields};
use crate::tenant::{Tenant, fold};
use ::api::console::{Audit, AuditChange, AuditEntry, AuditQuery, paths};
use aide::axum::ApiRouter;
use aide::axum::routing::get_with;
use axum::Json;
use axum::extract::State;
use futures_util::{StreamExt as _, stream};
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::sync::Arc;

/// Entries of one change that `before` can tell apart.
const PLACES: i64 = 1_024;
/// Entries that are read at once while searching or exporting.
const PORTION: usize = 500;

pub(in crate::http::console) fn routes() -> ApiRouter<Arc<AppState>> {
    let tag = "Audit";
    ApiRouter::new()
        .api_route(paths::AUDIT, get_with(list, doc(tag, "Changes, the newest first")))
        .api_route(paths::AUDIT_EXPORT, get_with(export, doc(tag, "Changes as CSV")))
}

async fn list(
    State(app): State<Arc<AppState>>,
    access: Access<ReadAudit>,
    Query(query): Query<AuditQuery>,
) -> Result<Json<Audit>, Error> {
    let limit = page_size(query.limit)?;
    check_search(&query.search)?;
    let actions = app.store.audit_actions(&access.tenant.id).await?;
    let mut reader = Reader::new(app.store.clone(), access.tenant, query);
    let mut entries = Vec::with_capacity(limit);
    while let Some((place, entry)) = reader.next().await? {
        if entries.len() == limit {
            return Ok(Json(Audit { next: last(&entries), entries: plain(entries), actions }));
        }
        entries.push((place, entry));
    }
    Ok(Json(Audit { next: None, entries: plain(entries), actions }))
}

fn last(entries: &[(AuditPlace, AuditEntry)]) -> Option<i64> {
    entries.last().map(|((version, position), _)| version * PLACES + position)
}

fn plain(entries: Vec<(AuditPlace, AuditEntry)>) -> Vec<AuditEntry> {
    entries.into_iter().map(|(_, entry)| entry).collect()
}

async fn export(
    State(app): State<Arc<AppState>>,
    access: Access<ReadAudit>,
    Query(query): Query<AuditQuery>,
) -> Result<Csv, Error> {
    check_search(&query.search)?;
    let reader = Reader::new(app.store.clone(), access.tenant, query);
    let head = ["at", "actor", "address", "action", "subject", "what", "from", "to"];
    let mut first = "\u{feff}".as_bytes().to_vec();
    first.extend(csv_lines(std::iter::once(head.into_iter())));
    let lines = stream::unfold((Some(first), reader), async |(first, mut reader)| {
        if let Some(first) = first {
            return Some((Ok(first), (None, reader)));
        }
        let mut lines = Vec::new();
        while lines.len() < 64 * 1024 {
            match reader.next().await {
                Ok(Some((_, entry))) => lines.extend(csv_entry(&entry)),
                Ok(None) if lines.is_empty() => return None,
                Ok(None) => break,
                // The download breaks off, so that nobody takes half of it for all.
                Err(error) => return Some((Err(std::io::Error::other(error.to_string())), (None, reader))),
            }
        }
        Some((Ok(lines), (None, reader)))
    });
    // Compression asks once more after the end, which `unfold` does not take.
    let lines = lines.fuse();
    Ok(Csv { name: "audit.csv".into(), body: axum::body::Body::from_stream(lines) })
}

/// One line for each change; one where there is none to show.
fn csv_entry(entry: &AuditEntry) -> Vec<u8> {
    let at = jiff::Timestamp::from_millisecond(entry.at_ms).map(|at| at.to_string()).unwrap_or_default();
    let start = [at.as_str(), &entry.actor, &entry.address, &entry.action, &entry.subject];
    let end = |change: &AuditChange| {
        [change.what.clone(), change.from.clone().unwrap_or_default(), change.to.clone().unwrap_or_default()]
    };
    let ends: Vec<[String; 3]> =
        if entry.changes.is_empty() { vec![Default::default()] } else { entry.changes.iter().map(end).collect() };
    csv_lines(ends.iter().map(|end| start.into_iter().chain(end.iter().map(String::as_str))))
}

/// Reads the audit in portions and gives what the search asks for.
struct Reader {
    store: Store,
    tenant: Arc<Tenant>,
    words: Words,
    query: AuditQuery,
    search: String,
    behind: Option<AuditPlace>,
    portion: std::vec::IntoIter<(AuditPlace, store::AuditEntry)>,
    ended: bool,
}

impl Reader {
    fn new(store: Store, tenant: Arc<Tenant>, query: AuditQuery) -> Self {
        let behind = query.before.map(|before| (before.div_euclid(PLACES), before.rem_euclid(PLACES)));
        let search = fold(query.search.trim());
        let words = Words::new(&tenant);
        Self { store, tenant, words, query, search, behind, portion: Vec::new().into_iter(), ended: false }
    }

    async fn next(&mut self) -> Result<Option<(AuditPlace, AuditEntry)>, store::Error> {
        loop {
            for (place, entry) in self.portion.by_ref() {
                let entry = self.words.entry(&self.tenant, entry);
                if self.search.is_empty() || holds(&entry, &self.search) {
                    return Ok(Some((place, entry)));
                }
            }
            if self.ended {
                return Ok(None);
            }
            let filter = AuditFilter {
                action: self.query.action.as_deref(),
                from_ms: self.query.from_ms,
                until_ms: self.query.until_ms,
            };
            let portion = self.store.page_audit(&self.tenant.id, filter, self.behind, PORTION).await?;
            self.ended = portion.len() < PORTION;
            self.behind = portion.last().map(|(place, _)| *place).or(self.behind);
            self.portion = portion.into_iter();
        }
    }
}

fn holds(entry: &AuditEntry, search: &str) -> bool {
    let changes = entry.changes.iter().flat_map(|change| {
        [Some(change.what.as_str()), change.from.as_deref(), change.to.as_deref()].into_iter().flatten()
    });
    let mut texts = [entry.actor.as_str(), &entry.address, &entry.subject, &entry.action].into_iter().chain(changes);
    texts.any(|text| fold(text).contains(search))
}

/// What ids mean.
struct Words {
    /// Labels of fields, by token.
    labels: HashMap<String, String>,
}

impl Words {
    fn new(tenant: &Tenant) -> Self {
        let fields = all_fields(tenant.fields()).into_iter();
        Self { labels: fields.map(|field| (field.token, field.label)).collect() }
    }

    fn entry(&self, tenant: &Tenant, entry: store::AuditEntry) -> AuditEntry {
        let mut detail: Map<String, Value> = serde_json::from_str(&entry.detail).unwrap_or_default();
        // The name is for who is gone: everybody else has the one that they have now.
        let name = detail.remove("name").and_then(|name| name.as_str().map(str::to_owned));
        let person = |id: &str| tenant.record(id).map(|record| record.name().to_owned());
        let subject = if entry.subject == tenant.id { Some(tenant.name.clone()) } else { person(&entry.subject) };
        let actor = entry.actor;
        AuditEntry {
            at_ms: entry.at_ms,
            actor: if actor.name.is_empty() { person(&actor.id).unwrap_or(actor.id) } else { actor.name },
            address: actor.address,
            action: entry.action,
            subject: subject.or(name).unwrap_or(entry.subject),
            changes: self.changes(&detail),
        }
    }

    fn changes(&self, detail: &Map<String, Value>) -> Vec<AuditChange> {
        let mut changes = Vec::new();
        for (key, value) in detail {
            match (key.as_str(), value) {
                ("fields", Value::Object(fields)) => {
                    for (token, change) in fields {
                        let label = self.labels.get(token).unwrap_or(token);
                        changes.push(change_of(label.clone(), change));
                        if let Some(locked) = change["locked"].as_bool() {
                            let word = |locked: bool| Some(if locked { "yes" } else { "no" }.to_owned());
                            let what = format!("{label}: locked");
                            changes.push(AuditChange { what, from: word(!locked), to: word(locked) });
                        }
                    }
                }
                ("changes", Value::Array(all)) => {
                    changes
                        .extend(all.iter().map(|change| change_of(text(&change["what"]).unwrap_or_default(), change)));
                }
                ("added_changed_removed", Value::Object(counts)) => {
                    for (what, counts) in counts {
                        let count = |at: usize| counts[at].as_u64().unwrap_or_default();
                        let to = format!("{} added, {} changed, {} removed", count(0), count(1), count(2));
                        changes.push(AuditChange { what: sentence(what), from: None, to: Some(to) });
                    }
                }
                (key, change) => changes.push(change_of(sentence(key), change)),
            }
        }
        changes
    }
}

/// `{"from", "to"}`, or a value that came.
fn change_of(what: String, change: &Value) -> AuditChange {
    match change.as_object() {
        Some(sides) if sides.contains_key("from") || sides.contains_key("to") => {
            AuditChange { what, from: text(&change["from"]), to: text(&change["to"]) }
        }
        _ => AuditChange { what, from: None, to: text(change) },
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Array(all) => Some(all.iter().filter_map(text).collect::<Vec<_>>().join(", ")),
        other => Some(other.to_string()),
    }
}

/// `left_out` -> `Left out`.
fn sentence(key: &str) -> String {
    let words = key.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
