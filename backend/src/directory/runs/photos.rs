//! Photos, which no delta query speaks of: those of people who came, and of the others a few more each time.

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

/// Photos of people who were asked for before and of whom nothing new came, in one run: with a run each hour, 48,000 a day.
const AGAIN: usize = 2_000;
/// Portions that may wait to be kept.
const WAITING: usize = 4;

impl Runs {
    /// Adds what a directory says of photos. That it says nothing costs a run nothing else.
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
                            // Without an ETag it is asked for again each time, and is the same each time.
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

    /// Where a photo is from now on; `None`: it is none that can be shown.
    async fn keep_photo(&self, tenant: &Tenant, bytes: Vec<u8>) -> Result<Option<String>, store::Error> {
        let prepared = tokio::task::spawn_blocking(move || pictures::prepare(&bytes, None)).await;
        let Ok(Ok(picture)) = prepared else { return Ok(None) };
        let hash = self.0.store.put_photo(&tenant.id, &picture).await?;
        let origin = &self.0.directories.config.server.public_url;
        Ok(Some(format!("{origin}/images/{}/{hash}/photo.{}", tenant.id, picture.ending())))
    }
}

/// Whose photos are asked for: of those who came, those never asked for, and those whose turn it is. `whole`: that somebody
/// came does not mean that something of them changed.
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
