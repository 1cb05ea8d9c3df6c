//! Mapping of the query's columns to Paraph's fields. Pure.

use api::connector::{ADDRESS, MAX_COLUMNS, MAX_NAME, TargetField, UploadColumn};
use std::collections::BTreeMap;

/// A column that is sent to Paraph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pick {
    /// Index in the query's result.
    pub place: usize,
    /// Column as it is sent to the server.
    pub column: UploadColumn,
}

/// Finds the mapped columns in the query's result; the address comes first.
///
/// # Errors
/// Names missing or duplicate columns and says what to do.
pub fn pick(columns: &[String], mappings: &BTreeMap<String, String>) -> Result<Vec<Pick>, String> {
    let mut missing = Vec::new();
    let mut picks = Vec::new();
    for (field, name) in mappings {
        match find(columns, name).as_slice() {
            [] => missing.push(name.as_str()),
            [place] => picks.push(Pick {
                place: *place,
                column: UploadColumn { name: columns[*place].clone(), field: field.clone() },
            }),
            _ => {
                return Err(format!("the query returns the column {name} more than once: rename one of them with AS"));
            }
        }
    }
    if !missing.is_empty() {
        return Err(format!(
            "the query no longer returns {}. It returns {}. Correct the query or the mappings; nothing was sent",
            missing.join(", "),
            if columns.is_empty() { "no columns".into() } else { columns.join(", ") }
        ));
    }
    if let Some(long) = picks.iter().find(|pick| pick.column.name.chars().count() > MAX_NAME) {
        return Err(format!("the name of the column {} is too long: give it a shorter one with AS", long.column.name));
    }
    if picks.len() > MAX_COLUMNS {
        return Err(format!(
            "{} columns are mapped, at most {MAX_COLUMNS} are allowed: remove some mappings",
            picks.len()
        ));
    }
    picks.sort_by_key(|pick| pick.column.field != ADDRESS);
    Ok(picks)
}

/// Indexes of a column: exact matches, else matches that ignore case, as databases do.
fn find(columns: &[String], name: &str) -> Vec<usize> {
    let places = |same: &dyn Fn(&str) -> bool| -> Vec<usize> {
        columns.iter().enumerate().filter(|(_, column)| same(column)).map(|(place, _)| place).collect()
    };
    let exact = places(&|column| column == name);
    if exact.is_empty() { places(&|column| column.to_lowercase() == name.to_lowercase()) } else { exact }
}

/// Suggests a column for each field: one with a usual name for it, its token or its label. Each column is suggested once.
pub fn suggest(columns: &[String], fields: &[TargetField]) -> BTreeMap<String, String> {
    let mut given = Vec::new();
    let mut suggested = BTreeMap::new();
    for field in fields {
        let mut names = field.usual.clone();
        names.extend([plain(&field.token), plain(&field.label)]);
        let column = names
            .iter()
            .filter(|name| !name.is_empty())
            .find_map(|name| columns.iter().find(|column| plain(column) == **name && !given.contains(column)));
        if let Some(column) = column {
            given.push(column);
            suggested.insert(field.token.clone(), column.clone());
        }
    }
    suggested
}

/// Only letters and digits, in lower case: `E-Mail`, `e_mail` and `EMAIL` are the same name.
fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Mappings to fields that Paraph does not have.
pub fn unknown<'a>(mappings: &'a BTreeMap<String, String>, fields: &[TargetField]) -> Vec<&'a str> {
    let known = |token: &str| fields.iter().any(|field| field.token == token);
    mappings.keys().map(String::as_str).filter(|token| !known(token)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(names: &[&str]) -> Vec<String> {
        names.iter().map(ToString::to_string).collect()
    }

    fn mappings(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(field, column)| ((*field).into(), (*column).into())).collect()
    }

    #[test]
    fn the_address_comes_first_and_only_what_is_mapped() {
        let picks = pick(
            &columns(&["id", "Title", "mail", "salary"]),
            &mappings(&[("title", "title"), ("address", "mail"), ("aka", "mail")]),
        );
        let picks: Vec<_> = picks.unwrap().into_iter().map(|pick| (pick.place, pick.column.field)).collect();
        assert_eq!(picks, [(2, "address".into()), (2, "aka".into()), (1, "title".into())]);
    }

    #[test]
    fn columns_that_are_gone_are_named() {
        let error = pick(&columns(&["mail"]), &mappings(&[("address", "mail"), ("title", "job"), ("phone", "tel")]));
        let error = error.unwrap_err();
        assert!(error.contains("no longer returns tel, job"), "{error}");
        assert!(error.contains("It returns mail"), "{error}");
    }

    #[test]
    fn a_name_that_is_there_twice_is_refused_unless_the_case_tells() {
        assert!(
            pick(&columns(&["mail", "mail"]), &mappings(&[("address", "mail")]))
                .unwrap_err()
                .contains("more than once")
        );
        assert_eq!(pick(&columns(&["Mail", "mail"]), &mappings(&[("address", "mail")])).unwrap()[0].place, 1);
        assert_eq!(pick(&columns(&["id", "id", "mail"]), &mappings(&[("address", "mail")])).unwrap()[0].place, 2);
    }

    #[test]
    fn usual_names_are_suggested_once() {
        let field = |token: &str, label: &str, usual: &[&str]| TargetField {
            token: token.into(),
            label: label.into(),
            usual: columns(usual),
        };
        let fields = [
            field("address", "E-mail address", &["email", "mail"]),
            field("title", "Job title", &["position"]),
            field("car", "Parking space", &[]),
        ];
        let suggested = suggest(&columns(&["E-Mail", "JOB_TITLE", "Parking Space", "mail"]), &fields);
        assert_eq!(suggested, mappings(&[("address", "E-Mail"), ("title", "JOB_TITLE"), ("car", "Parking Space")]));
        assert_eq!(unknown(&mappings(&[("address", "x"), ("gone", "y")]), &fields), ["gone"]);
    }
}
