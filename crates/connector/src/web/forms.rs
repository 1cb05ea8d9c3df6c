//! Form data as settings. Pure.

use crate::config::{Config, EVERY_MINUTES, Kind, Login, QUERY_MINUTES, Tls};
use crate::paraph;
use crate::sealed::{Sealer, Secret};
use std::ops::RangeInclusive;

/// Pairs of names and values.
type Pairs = [(String, String)];

/// Prefix of a mapping's name, before the field's token.
pub(super) const MAPPING: &str = "map:";

/// A value, trimmed; empty if it is missing.
pub(super) fn value<'a>(sent: &'a Pairs, name: &str) -> &'a str {
    exact(sent, name).trim()
}

/// A value with its spaces, which passwords can contain.
fn exact<'a>(sent: &'a Pairs, name: &str) -> &'a str {
    sent.iter().find(|(own, _)| own == name).map_or("", |(_, value)| value)
}

/// Settings with address and secret, and an error if they are wrong. An empty secret keeps the current one.
pub(super) fn paraph(mut config: Config, sealer: &Sealer, sent: &Pairs) -> (Config, Option<String>) {
    value(sent, "url").trim_end_matches('/').clone_into(&mut config.paraph.url);
    value(sent, "ca_file").clone_into(&mut config.paraph.ca_file);
    if !value(sent, "secret").is_empty() {
        config.paraph.secret = sealer.seal(&Secret::new(value(sent, "secret")), "paraph.secret");
    }
    let wrong = paraph::origin(&config.paraph.url).err();
    (config, wrong)
}

/// Settings with connection and query, and an error if they are wrong. An empty password keeps the current one.
pub(super) fn database(mut config: Config, sealer: &Sealer, sent: &Pairs) -> (Config, Option<String>) {
    let database = &mut config.database;
    let text = |name: &str| value(sent, name).to_owned();
    database.kind = Kind::ALL.into_iter().find(|kind| kind.token() == value(sent, "kind")).unwrap_or(database.kind);
    database.host = text("host");
    database.instance = text("instance");
    database.name = text("name");
    database.user = text("user");
    database.ca_file = text("ca_file");
    database.file = text("file");
    database.connection = text("connection");
    database.login = match value(sent, "login") {
        "integrated" if database.kind == Kind::SqlServer => Login::Integrated,
        _ => Login::Password,
    };
    database.tls = match value(sent, "tls") {
        "any" => Tls::Any,
        "off" => Tls::Off,
        _ => Tls::Required,
    };
    if !exact(sent, "password").is_empty() {
        database.password = sealer.seal(&Secret::exact(exact(sent, "password").to_owned()), "database.password");
    }
    // Browsers send line ends as CRLF.
    config.query.sql = value(sent, "sql").replace("\r\n", "\n");
    let mut wrong = None;
    match (value(sent, "port"), value(sent, "port").parse()) {
        ("", _) => config.database.port = 0,
        (_, Ok(port)) => config.database.port = port,
        (port, Err(_)) => wrong = Some(format!("The port is {port}: enter a number up to 65535, or leave it empty.")),
    }
    match number(value(sent, "minutes"), &QUERY_MINUTES) {
        Ok(minutes) => config.query.minutes = minutes,
        Err(why) => wrong = Some(format!("Time limit of the query: {why}")),
    }
    (config, wrong)
}

/// Settings with the mapped columns; fields that are missing from the form are unchanged.
pub(super) fn mappings(mut config: Config, sent: &Pairs) -> Config {
    for (name, column) in sent {
        let Some(token) = name.strip_prefix(MAPPING) else { continue };
        if column.is_empty() {
            config.mappings.remove(token);
        } else {
            config.mappings.insert(token.to_owned(), column.clone());
        }
    }
    config
}

/// Settings with the interval, and an error if it is wrong.
pub(super) fn schedule(mut config: Config, sent: &Pairs) -> (Config, Option<String>) {
    match number(value(sent, "minutes"), &EVERY_MINUTES) {
        Ok(minutes) => {
            config.schedule.minutes = minutes;
            (config, None)
        }
        Err(why) => (config, Some(why)),
    }
}

fn number(text: &str, range: &RangeInclusive<u32>) -> Result<u32, String> {
    let number = text.parse().ok().filter(|number| range.contains(number));
    number.ok_or_else(|| format!("enter a number of minutes from {} to {}.", range.start(), range.end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect()
    }

    fn sealer() -> Sealer {
        Sealer::load(&tempfile::tempdir().unwrap().path().join("key")).unwrap()
    }

    #[test]
    fn an_empty_password_keeps_the_current_one() {
        let sealer = sealer();
        let sent =
            pairs(&[("kind", "postgres"), ("password", " p "), ("minutes", "10"), ("sql", "SELECT 1\r\nFROM x")]);
        let (config, wrong) = database(Config::default(), &sealer, &sent);
        assert_eq!(wrong, None);
        assert_eq!(config.query.sql, "SELECT 1\nFROM x");
        let kept = database(config.clone(), &sealer, &pairs(&[("kind", "postgres"), ("minutes", "10")])).0;
        assert_eq!(kept.database.password, config.database.password);
        let opened = sealer.open(&kept.database.password, "database.password").unwrap().unwrap();
        assert_eq!(opened.expose(), " p ");
    }

    #[test]
    fn what_is_wrong_is_said() {
        let sealer = sealer();
        for sent in [pairs(&[("port", "x"), ("minutes", "10")]), pairs(&[("minutes", "0")]), pairs(&[])] {
            assert!(database(Config::default(), &sealer, &sent).1.is_some(), "{sent:?}");
        }
        assert!(schedule(Config::default(), &pairs(&[("minutes", "4")])).1.is_some());
        assert!(paraph(Config::default(), &sealer, &pairs(&[("url", "http://example.com")])).1.is_some());
    }

    #[test]
    fn mappings_are_set_and_removed() {
        let mut config = Config::default();
        config.mappings.insert("title".into(), "job".into());
        config.mappings.insert("kept".into(), "x".into());
        let config = mappings(config, &pairs(&[("map:address", "mail"), ("map:title", ""), ("other", "y")]));
        let mapped: Vec<_> = config.mappings.into_iter().collect();
        assert_eq!(mapped, [("address".into(), "mail".into()), ("kept".into(), "x".into())]);
    }
}
