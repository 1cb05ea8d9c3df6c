//! Photos, which delta queries do not contain: each one is requested unless its `ETag` still matches.

use super::batch::{self, MAX_PARTS, Part, PartAnswer};
use super::{Entra, users};
use crate::directory::fetched::FetchError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::sync::mpsc;

/// The stored photo of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownPhoto {
    /// The person's id in Entra ID.
    pub id: String,
    /// `ETag` of the photo; `None` if there is none.
    pub etag: Option<String>,
}

/// A person's photo in Entra ID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Photo {
    /// A new photo: usually a JPEG of at most 96 × 96 pixels; not validated.
    New {
        /// The file.
        bytes: Vec<u8>,
        /// `ETag` for the next request.
        etag: Option<String>,
    },
    /// There is no photo.
    None,
    /// The photo is unchanged, or its state could not be determined.
    Unchanged,
}

/// Requests photos, [`MAX_PARTS`] at a time, and sends the result for each, by id. Cancelled when the receiver is dropped.
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
            let bytes =
                bytes.ok_or_else(|| FetchError::wrong("Microsoft Graph returned a photo that is not base64"))?;
            Ok(Photo::New { bytes, etag: answer.header("ETag").map(str::to_owned) })
        }
        404 => Ok(Photo::None),
        // 304, and problems of this mailbox only: a missing permission has already failed the request for users.
        _ => Ok(Photo::Unchanged),
    }
}
