//! The directory's field values of a company document: a dozen rows for everybody, so they are compared as they come out
//! of the database, and never all in memory.

use super::rows::{self, Cell, Counts, Table};
use super::{Error, Source, Write};
use crate::company::CompanyPerson;
use futures_util::TryStreamExt;
use sqlx::Row;
use std::collections::HashMap;

const VALUES: Table =
    Table { name: "field_values", key: &["person", "token", "source"], values: &["value"], keep: true };

/// What the document says of one person, and which of it is stored so.
struct Wanted<'a> {
    person: &'a CompanyPerson,
    /// Beside `person.fields`.
    stored: Vec<bool>,
}

/// Makes the directory's values of these people what the document says.
pub(super) async fn reconcile(write: &mut Write, tenant: &str, people: &[CompanyPerson]) -> Result<Counts, Error> {
    let source = Source::Entra.as_str();
    let wanted = |person| (person_id(person), Wanted { person, stored: vec![false; person.fields.len()] });
    let mut wanted: HashMap<&str, Wanted<'_>> = people.iter().map(wanted).collect();
    let mut counts = Counts::default();
    let mut removed = Vec::new();
    {
        let mut stored = sqlx::query("select person, token, value from field_values where tenant = $1 and source = $2")
            .bind(tenant)
            .bind(source)
            .fetch(&mut **write);
        while let Some(row) = stored.try_next().await? {
            let (person, token, value): (String, String, String) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
            let Some(wanted) = wanted.get_mut(person.as_str()) else { continue };
            match wanted.person.fields.iter().position(|(known, _)| *known == token) {
                Some(at) if wanted.person.fields[&token] == value => wanted.stored[at] = true,
                Some(_) => counts.changed += 1,
                None => removed.push((person, token)),
            }
        }
    }
    counts.removed = removed.len();
    for (person, token) in removed {
        rows::delete(write, &VALUES, tenant, &[person.into(), token.into(), source.into()]).await?;
    }
    let missing = people.iter().filter_map(|person| wanted.get(person_id(person))).flat_map(|wanted| {
        let fields = wanted.person.fields.iter().zip(&wanted.stored).filter(|(_, stored)| !**stored);
        fields.map(|((token, value), _)| -> Vec<Cell> {
            vec![wanted.person.id.as_str().into(), token.as_str().into(), source.into(), value.as_str().into()]
        })
    });
    let mut written = 0;
    rows::upsert(write, &VALUES, tenant, missing.inspect(|_| written += 1)).await?;
    counts.added = written - counts.changed;
    Ok(counts)
}

fn person_id(person: &CompanyPerson) -> &str {
    &person.id
}
