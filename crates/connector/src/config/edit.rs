//! Changes to settings: by name for `--set`, and in the file, where comments are kept.

use super::Config;
use anyhow::{Context as _, bail, ensure};
use toml_edit::{DocumentMut, Item, Table};

/// Sealed settings: they are not accepted on the command line, where other users could read them.
const SEALED: &[&str] = &["paraph.secret", "database.password"];

/// Sets one setting, such as `database.host=db.example.com` or `mappings.title=job`; an empty value removes a mapping.
///
/// # Errors
/// When the setting does not exist or the value is invalid for it.
pub fn set(config: &Config, assignment: &str) -> anyhow::Result<Config> {
    let (name, value) = assignment.split_once('=').with_context(|| format!("{assignment}: write NAME=VALUE"))?;
    let (name, value) = (name.trim(), value.trim());
    ensure!(!SEALED.contains(&name), "{name} is sealed: pass it with --secret-file or --password-file");
    let (section, key) = name.split_once('.').with_context(|| format!("{name}: write SECTION.KEY, as in the file"))?;
    let mut all = toml::Table::try_from(config)?;
    let Some(section_table) = all.get_mut(section).and_then(toml::Value::as_table_mut) else {
        bail!("there is no section {section}: the sections are paraph, database, query, mappings, schedule and web")
    };
    if section == "mappings" {
        if value.is_empty() {
            section_table.remove(key);
        } else {
            section_table.insert(key.into(), value.into());
        }
    } else {
        let before = section_table.get_mut(key).with_context(|| format!("there is no setting {name}"))?;
        *before = match before {
            toml::Value::Integer(_) => {
                value.parse::<i64>().with_context(|| format!("{name}: {value} is not a number"))?.into()
            }
            _ => value.into(),
        };
    }
    all.try_into().with_context(|| format!("{name} = {value}"))
}

/// The file's text with these settings.
pub(super) fn merge(text: &str, config: &Config) -> anyhow::Result<String> {
    let mut document: DocumentMut = text.parse().context("the settings file cannot be parsed")?;
    for (section, values) in &toml::Table::try_from(config)? {
        let table = document.entry(section).or_insert_with(|| Item::Table(Table::new()));
        let table = table.as_table_mut().with_context(|| format!("{section} is not a section in the settings file"))?;
        let values = values.as_table().cloned().unwrap_or_default();
        if section == "mappings" {
            table.retain(|key, _| values.contains_key(key));
        }
        for (key, value) in &values {
            merge_value(table, key, value);
        }
    }
    Ok(document.to_string())
}

/// Leaves unchanged values alone, and keeps the comments around changed ones.
fn merge_value(table: &mut Table, key: &str, value: &toml::Value) {
    let new: toml_edit::Value = match value {
        toml::Value::Integer(number) => (*number).into(),
        other => other.as_str().unwrap_or_default().into(),
    };
    match table.get_mut(key).and_then(Item::as_value_mut) {
        Some(before) if before.as_str() == new.as_str() && before.as_integer() == new.as_integer() => {}
        Some(before) => {
            let around = before.decor().clone();
            *before = new;
            *before.decor_mut() = around;
        }
        None => {
            table.insert(key, Item::Value(new));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_set_by_name() {
        let mut config = Config::default();
        for assignment in
            ["database.kind=postgres", "database.port = 5433", "mappings.title=Job = Title", "query.sql=SELECT 1"]
        {
            config = set(&config, assignment).unwrap();
        }
        assert_eq!(config.database.kind, crate::config::Kind::Postgres);
        assert_eq!(config.database.port, 5433);
        assert_eq!(config.mappings["title"], "Job = Title");
        assert_eq!(config.query.sql, "SELECT 1");
        assert!(set(&config, "mappings.title=").unwrap().mappings.is_empty());
    }

    #[test]
    fn a_setting_that_cannot_be_set_is_named() {
        for (assignment, says) in [
            ("database.hots=x", "no setting database.hots"),
            ("databse.host=x", "no section databse"),
            ("database.port=many", "not a number"),
            ("database.port=70000", "database.port"),
            ("database.kind=oracle", "database.kind"),
            ("paraph.secret=x", "--secret-file"),
            ("host", "NAME=VALUE"),
        ] {
            let error = set(&Config::default(), assignment).unwrap_err();
            assert!(format!("{error:#}").contains(says), "{assignment}: {error:#}");
        }
    }
}
