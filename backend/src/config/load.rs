//! Loads settings from the file and the environment, and describes what is wrong with them.

use super::{Config, ConfigError, DEFAULT_FILE};
use figment::Figment;
use figment::error::{Actual, Kind};
use figment::providers::{Format, Serialized, Toml};
use figment::value::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

impl Config {
    /// Reads `path`, else the file that `PARAPH_CONFIG` names, else `./paraph.toml` if there is one; then the environment.
    pub fn load(path: Option<&Path>) -> Result<Self, ConfigError> {
        Self::from_parts(path, std::env::vars())
    }

    /// As [`Config::load`], with the environment given: what tests call.
    pub fn from_parts(
        path: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let environment: BTreeMap<String, String> = environment.into_iter().collect();
        let path = match (path, environment.get("PARAPH_CONFIG")) {
            (Some(path), _) => Some(path.to_owned()),
            (None, Some(named)) => Some(PathBuf::from(named)),
            (None, None) => Some(PathBuf::from(DEFAULT_FILE)).filter(|path| path.exists()),
        };
        let defaults = Figment::from(Serialized::defaults(Self::default()));
        let mut figment = defaults.clone();
        if let Some(path) = &path {
            let text = std::fs::read_to_string(path).map_err(|error| {
                ConfigError(format!(
                    "cannot read the configuration file {}: {error}. Name an existing file with --config or \
                     PARAPH_CONFIG; config.example.toml shows every setting",
                    path.display()
                ))
            })?;
            figment = figment.merge(Toml::string(&text));
        }
        let mut names = BTreeMap::new();
        for (variable, value) in &environment {
            let Some((key, value)) = setting(variable, value, &defaults)? else { continue };
            names.insert(key.clone(), variable.clone());
            figment = figment.merge(Serialized::default(&key, value));
        }
        let config: Self = figment.extract().map_err(|error| explain(&error, path.as_deref(), &names))?;
        config.checked()
    }
}

/// The key and value that one variable of the environment sets; `None` when it is not about us.
///
/// Variables without `__` are left alone: Kubernetes sets `PARAPH_PORT` and the like for a service of our name.
fn setting(variable: &str, value: &str, defaults: &Figment) -> Result<Option<(String, Value)>, ConfigError> {
    let Some(rest) = variable.strip_prefix("PARAPH_").filter(|rest| rest.contains("__")) else {
        return Ok(None);
    };
    let key = rest.to_lowercase().replace("__", ".");
    match key.strip_suffix("_file") {
        Some(key) => {
            let text = std::fs::read_to_string(value).map_err(|error| {
                ConfigError(format!("cannot read the file {value} that {variable} names for {key}: {error}"))
            })?;
            Ok(Some((key.to_owned(), text.trim_end().into())))
        }
        // A text stays one, also where it looks like a number (the password 12345) or a list ([::1]:4000).
        None if matches!(defaults.find_value(&key), Ok(Value::String(..))) => Ok(Some((key, unquoted(value).into()))),
        // Figment's own reading of variables: numbers, truth values and ["lists"] are such, the rest is text.
        None => match value.parse() {
            Ok(value) => Ok(Some((key, value))),
            Err(impossible) => match impossible {},
        },
    }
}

/// Some write a text as the file has it, in quotation marks.
fn unquoted(text: &str) -> &str {
    text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text)
}

/// Turns figment's error into an instruction that names the key and where it stands.
fn explain(error: &figment::Error, path: Option<&Path>, variables: &BTreeMap<String, String>) -> ConfigError {
    let mut key = error.path.join(".");
    if let Kind::UnknownField(field, _) = &error.kind
        && error.path.last().is_none_or(|last| last != field)
    {
        key = if key.is_empty() { field.clone() } else { format!("{key}.{field}") };
    }
    // An item of a list has a path of its own below the list's, which is what the variable sets.
    let mut above = std::iter::successors(Some(key.as_str()), |key| key.rsplit_once('.').map(|(list, _)| list));
    let place = match (above.find_map(|key| variables.get(key)), path) {
        (Some(variable), _) => format!("the environment variable {variable}"),
        (None, Some(path)) => path.display().to_string(),
        (None, None) => "the configuration".to_owned(),
    };
    ConfigError(match &error.kind {
        Kind::UnknownField(_, known) => format!(
            "unknown setting {key} in {place}: {}. Remove it or correct its name; config.example.toml shows every setting",
            if known.is_empty() {
                "there are no settings at this place".to_owned()
            } else {
                format!("the known settings are {}", known.join(", "))
            }
        ),
        _ if key.is_empty() => format!("{place} is not a configuration: {}. Correct it as TOML", error.kind),
        kind => format!("the setting {key} in {place} cannot be used: {}", words(kind)),
    })
}

/// What is wrong with a value, and what to write.
fn words(kind: &Kind) -> String {
    let (actual, expected) = match kind {
        Kind::InvalidType(actual, expected) | Kind::InvalidValue(actual, expected) => (actual, expected),
        Kind::UnknownVariant(written, known) => return format!("it is {written:?}: write one of {}", known.join(", ")),
        other => return other.to_string(),
    };
    // What serde calls the types of settings.
    let write = match expected.as_str() {
        "a sequence" => "a list such as [\"a\", \"b\"]",
        "a string" => "a text in quotation marks",
        "a boolean" => "true or false",
        "u16" | "u32" | "u64" | "usize" => "a whole number, 0 or more, without quotation marks",
        "i64" => "a whole number, without quotation marks",
        other => other,
    };
    format!("it is a {actual}: write {write}", actual = actual_type(actual))
}

/// The value's type alone: it may be a secret.
fn actual_type(actual: &Actual) -> &'static str {
    match actual {
        Actual::Bool(_) => "truth value",
        Actual::Unsigned(_) | Actual::Signed(_) | Actual::Float(_) => "number",
        Actual::Char(_) | Actual::Str(_) => "text",
        Actual::Seq => "list",
        Actual::Map => "table",
        _ => "value of another type",
    }
}
