//! Compressed people of a large document.

use super::document::{CompanyPerson, People};
use crate::store::Error;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use serde::de::{Deserialize, Deserializer, Error as _, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;
use std::io::BufReader;

/// People from a document, compressed in batches: 100,000 people would take more than 100 MB otherwise.
#[derive(Clone, Debug, Default)]
pub struct Packed(Vec<Vec<u8>>);

impl Packed {
    /// Number of people in a batch.
    pub(super) const SIZE: usize = 2_000;

    fn push(&mut self, people: &[CompanyPerson]) -> Result<(), serde_json::Error> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
        serde_json::to_writer(&mut encoder, people)?;
        self.0.push(encoder.finish().map_err(serde_json::Error::io)?);
        Ok(())
    }
}

impl People for Packed {
    fn packs(&self) -> impl Iterator<Item = Result<Cow<'_, [CompanyPerson]>, Error>> + Send {
        self.0.iter().map(|pack| {
            let people: Result<Vec<_>, _> =
                serde_json::from_reader(BufReader::new(DeflateDecoder::new(pack.as_slice())));
            people.map(Cow::Owned).map_err(|error| Error::Corrupt(format!("people in memory: {error}")))
        })
    }
}

impl<'de> Deserialize<'de> for Packed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Packing)
    }
}

struct Packing;

impl<'de> Visitor<'de> for Packing {
    type Value = Packed;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of people")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Packed, A::Error> {
        let mut packed = Packed::default();
        let mut people = Vec::new();
        while let Some(person) = list.next_element()? {
            people.push(person);
            if people.len() == Packed::SIZE {
                packed.push(&people).map_err(A::Error::custom)?;
                people.clear();
            }
        }
        if !people.is_empty() {
            packed.push(&people).map_err(A::Error::custom)?;
        }
        Ok(packed)
    }
}
