//! Photos, which delta queries do not contain: each run checks those of returned people, and some of the others.

use super::Runs;
use super::task::{Failure, Work};
use crate::directory::entra::{KnownPhoto, Photo};
use crate::directory::fetched::FetchError;
use crate::directory::outside::Outside;
use crate::directory::people::Collected;
use crate::pictures;
use crate::store;
use crate::tenant::Tenant;
use std::collections::HashMap;
use tokio::sync::mpsc;

/// Number of photos of unchanged people that one run checks again: 48,000 per day with hourly runs.
const AGAIN: usize = 2_000;
/// Number of portions that are buffered.
const WAITING: usize = 4;

impl Runs {
    /// Fetches photos and adds them. An error does not stop the run.
    pub(super) async fn add_photos(
        &self,
        work: &Work<'_>,
        outside: &Outside,
        came: &mut Collected,
    ) -> Result<(), Failure> {
        let Work { tenant, record, running, .. } = *work;
        let store = &self.0.store;
        let seen = store.seen_photos(&tenant.id, record.source).await?;
        let known = asked(&seen, came, record.complete, self.0.clock.now_ms());
        let (send, mut said) = mpsc::channel(WAITING);
        let asking = async {
            let asked = outside.photos(&known, &send).await;
            drop(send);
            asked
        };
        let mut unchanged = Vec::new();
        let keeping = async {
            while let Some(portion) = said.recv().await {
                if running.is_cancelled() {
                    said.close();
                    continue;
                }
                for (external, photo) in portion {
                    let before = seen.get(&external).map_or("", |(etag, _)| etag);
                    match photo {
                        Photo::Unchanged => unchanged.push((external, before.to_owned())),
                        Photo::None if before.is_empty() => unchanged.push((external, String::new())),
                        Photo::None => came.add_photo(external, None, String::new()),
                        Photo::New { bytes, etag } => {
                            let url = self.keep_photo(tenant, bytes).await?;
                            // Without an ETag, it is requested each time and stays the same.
                            came.add_photo(external, url, etag.unwrap_or_else(|| "none".into()));
                        }
                    }
                }
            }
            Ok::<_, store::Error>(())
        };
        let (asked, kept) = tokio::join!(asking, keeping);
        kept?;
        match asked {
            Ok(()) => {}
            Err(FetchError::Cancelled) => return Err(FetchError::Cancelled.into()),
            Err(error) => tracing::info!(%error, "photos are not brought up to date this time"),
        }
        Ok(store.note_photos(&tenant.id, record.source, &unchanged, self.0.clock.now_ms()).await?)
    }

    /// Stores a photo and returns its address; `None` if it cannot be shown.
    async fn keep_photo(&self, tenant: &Tenant, bytes: Vec<u8>) -> Result<Option<String>, store::Error> {
        let prepared = tokio::task::spawn_blocking(move || pictures::prepare(&bytes, None)).await;
        let Ok(Ok(picture)) = prepared else { return Ok(None) };
        let hash = self.0.store.put_photo(&tenant.id, &picture).await?;
        let origin = &self.0.directories.config.server.public_url;
        Ok(Some(format!("{origin}/images/{}/{hash}/photo.{}", tenant.id, picture.ending())))
    }
}

/// Chooses the photos to check: of returned people, of people never checked, and of those who are next in turn. `whole`:
/// everyone was returned, whether changed or not.
fn asked(seen: &HashMap<String, (String, Option<i64>)>, came: &Collected, whole: bool, now_ms: i64) -> Vec<KnownPhoto> {
    let known = |external: &str| KnownPhoto {
        id: external.to_owned(),
        etag: seen.get(external).map(|(etag, _)| etag.clone()).filter(|etag| !etag.is_empty()),
    };
    let is_new = |external: &str| seen.get(external).is_none_or(|(_, checked_ms)| checked_ms.is_none());
    let mut first: Vec<&str> = came.present().filter(|external| !whole || is_new(external)).collect();
    let mut again: Vec<(i64, &str)> = Vec::new();
    let may_again =
        |external: &str| if whole { came.has(external) && !is_new(external) } else { !came.speaks_of(external) };
    for (external, (_, checked_ms)) in seen.iter().filter(|(external, _)| may_again(external)) {
        match checked_ms {
            // In the future: a clock was ahead.
            Some(checked_ms) => again.push((if *checked_ms > now_ms { 0 } else { *checked_ms }, external)),
            None => first.push(external),
        }
    }
    again.sort_unstable();
    first.into_iter().chain(again.into_iter().take(AGAIN).map(|(_, external)| external)).map(known).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::fetched::{Fetched, FetchedPerson, Manager};

    fn came(ids: &[&str]) -> Collected {
        let mut came = Collected::default();
        for id in ids {
            came.take(Fetched::Person(FetchedPerson {
                id: (*id).to_owned(),
                addresses: vec![format!("{id}@example.com")],
                shared: false,
                values: Vec::new(),
                manager: Manager::Nobody,
            }));
        }
        came
    }

    #[test]
    fn new_photos_come_first_and_then_those_whose_turn_it_is() {
        let seen = [("early", Some(1)), ("late", Some(5)), ("never", None), ("gone", Some(2))];
        let seen = seen.map(|(id, checked_ms)| (id.to_owned(), (String::new(), checked_ms))).into_iter().collect();
        let ids = |came: &Collected, whole| -> Vec<String> {
            asked(&seen, came, whole, 10).into_iter().map(|photo| photo.id).collect()
        };
        assert_eq!(
            ids(&came(&["early", "late", "never"]), true),
            ["never", "early", "late"],
            "not of those who are gone"
        );
        // A run of changes asks for the photos of changed people, and of others in turn.
        assert_eq!(ids(&came(&["late"]), false), ["late", "never", "early", "gone"]);
    }
}
