//! Planning of CSV files and connector uploads, and checks of their mappings.

use super::mapping::ADDRESS;
use super::rows::{Known, Planner, Row, Wanted};
use super::runs::{FileMapping, RunError, invalid};
use super::{csv, unguard};
use crate::random;
use crate::store::Losses;
use crate::store::Step;
use crate::store::{Cause, FileColumn, Role, RunPlan, RunRecord, Source, SourceSettings, all_fields};
use crate::tenant::Tenant;
use ::csv::ByteRecord;
use std::borrow::Cow;
use std::cell::Cell;
use std::collections::HashSet;

/// Plans a file or an upload. Steps are passed to `sink` with the number of processed rows; `None` if the sink stopped.
/// `settings`: the source's.
pub(super) fn plan_file(
    text: &str,
    file: &RunRecord,
    settings: &SourceSettings,
    known: Known<'_>,
    mut sink: impl FnMut(Vec<Step>, u64) -> bool,
) -> Option<(RunPlan, Losses)> {
    let delimiter = file.delimiter.bytes().next().unwrap_or(b',');
    let column = |field: Option<&str>| file.columns.iter().position(|column| column.field.as_deref() == field);
    let address = column(Some(ADDRESS))?;
    let mapped = |(at, column): (usize, &FileColumn)| {
        let field = column.field.clone().filter(|field| field != ADDRESS)?;
        Some((at, (field, column.name.clone())))
    };
    let (places, fields): (Vec<usize>, Vec<_>) = file.columns.iter().enumerate().filter_map(mapped).unzip();
    // The connector's rows are a query's result: without guards for spreadsheets, and without a header.
    let by_hand = file.cause == Cause::File;
    let wanted = Wanted {
        source: file.source,
        fields,
        address: file.columns[address].name.clone(),
        complete: file.complete,
        by_hand,
        add: by_hand || settings.add,
    };
    let rows = Cell::new(0);
    let mut planner = Planner::new(known, &wanted, random::id, |steps, _| sink(steps, rows.get()));
    let mut values: Vec<Cow<'_, str>> = Vec::new();
    let mut row = |line: u64, record: &ByteRecord| {
        rows.set(rows.get() + 1);
        let line = if by_hand { line } else { rows.get() };
        let cell = |at: usize| std::str::from_utf8(record.get(at).unwrap_or_default()).unwrap_or_default();
        if record.iter().all(|cell| cell.trim_ascii().is_empty()) {
            return true;
        }
        if record.len() != file.columns.len() {
            let detail = format!(
                "the row has {} cells but the header has {}: put cells that contain the delimiter in quotation marks",
                record.len(),
                file.columns.len()
            );
            planner.issue(line, None, detail);
            planner.spare(line, &if by_hand { unguard(cell(address)) } else { Cow::Borrowed(cell(address)) });
            return true;
        }
        let text = |at: usize| if by_hand { unguard(cell(at)) } else { Cow::Borrowed(cell(at)) };
        values.clear();
        values.extend(places.iter().map(|at| Cow::Owned(text(*at).into_owned())));
        planner.row(&Row { line, address: &text(address), values: &values })
    };
    if by_hand {
        csv::each_row(text, delimiter, row);
    } else {
        csv::each_record(text, &mut row);
    }
    planner.finish(rows.get())
}

/// Token and label of every field that a role may edit.
pub(super) fn fields(tenant: &Tenant, role: Role) -> Vec<(String, String)> {
    let fields = all_fields(tenant.fields()).into_iter().filter(|field| field.may_edit(role));
    fields.map(|field| (field.token, field.label)).collect()
}

/// Checks that a role can edit the mapped fields.
pub(super) fn check_role<'a>(
    tenant: &Tenant,
    role: Role,
    mapped: impl Iterator<Item = Option<&'a str>>,
) -> Result<(), RunError> {
    let known = all_fields(tenant.fields());
    for (at, token) in mapped.enumerate() {
        let field = token.and_then(|token| known.iter().find(|field| field.token == token));
        if let Some(field) = field.filter(|field| !field.may_edit(role)) {
            let detail = format!("only admins can edit {}: leave out its column, or ask an admin", field.label);
            return Err(RunError::Forbidden { field: format!("fields[{at}]"), detail });
        }
    }
    Ok(())
}

/// Checks that a mapping is valid for this file.
pub(super) fn check_mapping(tenant: &Tenant, record: &RunRecord, mapping: &FileMapping) -> Result<(), RunError> {
    if mapping.fields.len() != record.columns.len() {
        let detail = format!("the file has {} columns: send one entry for each", record.columns.len());
        return Err(invalid("fields", detail));
    }
    if !matches!(mapping.source, Source::Csv | Source::Manual) {
        return Err(invalid("source", "a file's source must be csv or manual"));
    }
    if mapping.complete && mapping.source != Source::Csv {
        return Err(invalid(
            "complete",
            "only values of the source csv can be cleared: values of other sources do not come from a file",
        ));
    }
    let known = fields(tenant, Role::Owner);
    let mut given = HashSet::new();
    for (at, field) in mapping.fields.iter().enumerate() {
        let Some(field) = field else { continue };
        if field != ADDRESS && known.iter().all(|(token, _)| token != field) {
            return Err(invalid(
                format!("fields[{at}]"),
                format!("there is no field {field:?}: add it first, or choose another one"),
            ));
        }
        if !given.insert(field) {
            return Err(invalid(
                format!("fields[{at}]"),
                "another column is mapped to the same field: choose one of the two",
            ));
        }
    }
    if !given.contains(&ADDRESS.to_owned()) {
        return Err(invalid("fields", "choose the column with the e-mail addresses"));
    }
    Ok(())
}
