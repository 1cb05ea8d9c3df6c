//! Photos, which delta queries say nothing of: each is asked for, unless it is still the one that we have.

use super::batch::{self, MAX_PARTS, Part, PartAnswer};
use super::{Entra, users};
use crate::directory::fetched::FetchError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::sync::mpsc;

/// The photo that we have of somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownPhoto {
    /// Their id at Entra ID.
    pub id: String,
    /// The photo's `ETag`; absent: we have none.
    pub etag: Option<String>,
}

/// What Entra ID says of somebody's photo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Photo {
    /// It is this one: a JPEG as a rule, 96 pixels wide and high at most; not checked.
    New {
        /// The file.
        bytes: Vec<u8>,
        /// What to ask with next time.
        etag: Option<String>,
    },
    /// They have none.
    None,
    /// It is the one that we have, or nothing could be learned.
    Unchanged,
}

/// Asks for photos, [`MAX_PARTS`] at a time, and sends what is said of each, by id. Cancelled when nobody takes it.
///
/// # Errors
/// [`FetchError`]; never [`FetchError::CursorGone`].
pub async fn photos(
    entra: &Entra,
    known: &[KnownPhoto],
    to: &mpsc::Sender<Vec<(String, Photo)>>,
) -> Result<(), FetchError> {
    let fetch = async {
        for known in known.chunks(MAX_PARTS) {
            let part = |known: &KnownPhoto| Part::get(&known.id, "/photos/96x96/$value", known.etag.as_deref());
            let parts: Vec<Part> = known.iter().map(part).collect();
            let answers = batch::ask(&entra.session, users::NEEDS, &parts).await?;
            let said = known.iter().zip(answers).map(|(known, answer)| Ok((known.id.clone(), judge(&answer)?)));
            let said = said.collect::<Result<Vec<_>, FetchError>>()?;
            to.send(said).await.map_err(|_| FetchError::Cancelled)?;
        }
        Ok(())
    };
    tokio::select! {
        ended = fetch => ended,
        () = to.closed() => Err(FetchError::Cancelled),
    }
}

fn judge(answer: &PartAnswer) -> Result<Photo, FetchError> {
    match answer.status {
        200 => {
            let bytes = answer.body.as_str().and_then(|text| STANDARD.decode(text).ok());
            let bytes = bytes.ok_or_else(|| FetchError::wrong("Microsoft Graph answers a photo that is not base64"))?;
            Ok(Photo::New { bytes, etag: answer.header("ETag").map(str::to_owned) })
        }
        404 => Ok(Photo::None),
        // 304, and what is wrong with this mailbox alone: a permission that is missing for all fails the users before.
        _ => Ok(Photo::Unchanged),
    }
}
