//! `configure`: the settings, step by step as on the configuration page, or with options for scripts.

use super::{Asker, Configure, output};
use crate::config::{self, Config, EVERY_MINUTES, Kind, Login, Place, Tls};
use crate::mapping;
use crate::paraph::{self, Client};
use crate::sealed::{Sealer, Secret};
use crate::show;
use crate::source::{self, Settings};
use anyhow::Context as _;
use api::connector::{ADDRESS, Target, TargetField};
use std::io::{BufReader, IsTerminal as _};
use std::path::Path;
use std::process::ExitCode;

pub(super) async fn run(place: &Place, options: &Configure) -> anyhow::Result<ExitCode> {
    if options.set.is_empty() && options.secret_file.is_none() && options.password_file.is_none() {
        let (mut input, mut output) = (BufReader::new(std::io::stdin()), std::io::stdout());
        let is_terminal = std::io::stdin().is_terminal();
        let asker = if is_terminal { Asker::terminal } else { Asker::script };
        ask(place, &mut asker(&mut input, &mut output)).await?;
    } else {
        set(place, options)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn set(place: &Place, options: &Configure) -> anyhow::Result<()> {
    let mut config = place.load()?;
    let sealer = place.sealer()?;
    for assignment in &options.set {
        config = config::set(&config, assignment)?;
    }
    if let Some(file) = &options.secret_file {
        config.paraph.secret = sealer.seal(&Secret::new(&read(file)?), "paraph.secret");
    }
    if let Some(file) = &options.password_file {
        // A line end that an editor adds to the file is not part of the password.
        let password = Secret::exact(read(file)?.trim_end_matches(['\r', '\n']).to_owned());
        config.database.password = sealer.seal(&password, "database.password");
    }
    place.save(&config)?;
    let next = match config.check() {
        Ok(()) => "next, see what would change: paraph-connector preview".to_owned(),
        Err(missing) => missing,
    };
    output::print(&format!("saved in {}\n{next}\n", place.config().display()))
}

fn read(file: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))
}

/// Asks for all settings and saves them after each step that can be tested.
///
/// # Errors
/// When the input ends, or the settings cannot be saved.
pub(super) async fn ask(place: &Place, asker: &mut Asker<'_>) -> anyhow::Result<()> {
    let mut config = place.load()?;
    let sealer = place.sealer()?;
    asker.say("Press Enter to keep the value in brackets; enter - to remove it.\n\n1. Paraph")?;
    let target = loop {
        paraph(asker, &mut config, &sealer)?;
        place.save(&config)?;
        match target(&config, &sealer).await {
            Ok(target) => {
                asker.say(&show::target(&target))?;
                break Some(target);
            }
            Err(trouble) => asker.say(&trouble.to_string())?,
        }
        if !asker.yes("Change address or secret?")? {
            break None;
        }
    };
    let columns = loop {
        database(asker, &mut config, &sealer)?;
        query(asker, &mut config)?;
        place.save(&config)?;
        asker.say("\n4. Test")?;
        match look(&config, &sealer, place).await {
            Ok(look) => {
                asker.say(&show::look(&look))?;
                break look.columns;
            }
            Err(trouble) => asker.say(&trouble.to_string())?,
        }
        if !asker.yes("Change the connection or the query?")? {
            break Vec::new();
        }
    };
    mappings(asker, &mut config, &columns, target.as_ref().map(|target| target.fields.as_slice()).unwrap_or_default())?;
    schedule(asker, &mut config)?;
    place.save(&config)?;
    asker.say(&format!("\nSaved in {}.", place.config().display()))?;
    asker.say(&config.check().map_or_else(
        |missing| missing,
        |()| "Next, see what would change: paraph-connector preview. Then run it: paraph-connector run".into(),
    ))
}

async fn target(config: &Config, sealer: &Sealer) -> Result<Target, paraph::Trouble> {
    Client::new(config, sealer)?.target().await
}

async fn look(config: &Config, sealer: &Sealer, place: &Place) -> Result<source::Look, source::Trouble> {
    source::look(&Settings::new(config, sealer, place.spool())?, 1).await
}

fn paraph(asker: &mut Asker<'_>, config: &mut Config, sealer: &Sealer) -> anyhow::Result<()> {
    let paraph = &mut config.paraph;
    let address = |text: &str| paraph::origin(text).map(|_| text.trim_end_matches('/').to_owned());
    paraph.url = asker.parsed("Address of Paraph", &paraph.url, address)?;
    if let Some(secret) = asker.secret("Secret from Paraph's Database page", !paraph.secret.is_empty())? {
        paraph.secret = sealer.seal(&Secret::new(secret.expose()), "paraph.secret");
    }
    Ok(())
}

fn database(asker: &mut Asker<'_>, config: &mut Config, sealer: &Sealer) -> anyhow::Result<()> {
    asker.say("\n2. Database")?;
    let database = &mut config.database;
    let labels = Kind::ALL.map(Kind::label);
    let now = Kind::ALL.iter().position(|kind| *kind == database.kind).unwrap_or_default();
    database.kind = Kind::ALL[asker.choice("Type", &labels, now)?];
    match database.kind {
        Kind::Sqlite | Kind::Access => database.file = asker.line("File", &database.file)?,
        Kind::Odbc => {
            let question = "Connection string, with the placeholders {user} and {password}";
            database.connection = asker.line(question, &database.connection)?;
        }
        Kind::SqlServer | Kind::Postgres | Kind::MySql => server(asker, database)?,
    }
    let asks_user = match database.kind {
        Kind::Sqlite | Kind::Access => false,
        Kind::Odbc => database.connection.contains("{user}") || database.connection.contains("{password}"),
        _ => database.login == Login::Password,
    };
    if asks_user {
        database.user = asker.line("User (a login that can only read)", &database.user)?;
        if let Some(password) = asker.secret("Password", !database.password.is_empty())? {
            database.password = sealer.seal(&password, "database.password");
        }
    }
    Ok(())
}

fn server(asker: &mut Asker<'_>, database: &mut config::Database) -> anyhow::Result<()> {
    database.host = asker.line("Host", &database.host)?;
    if database.kind == Kind::SqlServer {
        database.instance = asker.line("Instance, if SQL Server has a named one", &database.instance)?;
    }
    let question = format!("Port; 0 means the default, {}", database.kind.usual_port());
    let port = |text: &str| text.parse::<u16>().map_err(|_| "enter a number from 0 to 65535".to_owned());
    database.port = asker.parsed(&question, &database.port.to_string(), port)?;
    database.name = asker.line("Database", &database.name)?;
    if database.kind == Kind::SqlServer {
        let labels = ["user and password", "the account that this program runs as (Windows, Kerberos)"];
        let chosen = asker.choice("Sign in with", &labels, usize::from(database.login == Login::Integrated))?;
        database.login = if chosen == 0 { Login::Password } else { Login::Integrated };
    } else {
        database.login = Login::Password;
    }
    let labels = ["encrypted, certificate checked", "encrypted, any certificate", "not encrypted"];
    let all = [Tls::Required, Tls::Any, Tls::Off];
    let now = all.iter().position(|tls| *tls == database.tls).unwrap_or_default();
    database.tls = all[asker.choice("Connection", &labels, now)?];
    if database.tls == Tls::Required {
        let question = "File with the CA certificate, if this machine does not trust the server's certificate";
        database.ca_file = asker.line(question, &database.ca_file)?;
    }
    Ok(())
}

fn query(asker: &mut Asker<'_>, config: &mut Config) -> anyhow::Result<()> {
    let question = "\n3. Query\nOne SELECT that returns one row per person; end it with an empty line.";
    config.query.sql = asker.lines(question, &config.query.sql)?;
    Ok(())
}

/// Asks for each field's column: the default is the mapped one, else the suggested one.
fn mappings(
    asker: &mut Asker<'_>,
    config: &mut Config,
    columns: &[String],
    fields: &[TargetField],
) -> anyhow::Result<()> {
    if fields.is_empty() || columns.is_empty() {
        return asker.say("\nThe mappings are unchanged: mapping needs Paraph's fields and the query's columns.");
    }
    asker.say(&format!("\n5. Field mappings\nColumns: {}", columns.join(", ")))?;
    let suggested = mapping::suggest(columns, fields);
    for field in fields {
        let now = config.mappings.get(&field.token).or_else(|| suggested.get(&field.token)).cloned();
        let question = format!("{} ({})", field.label, field.token);
        let column = asker.parsed(&question, &now.unwrap_or_default(), |text| match text {
            "" if field.token == ADDRESS => Err("it must be mapped: it identifies people".into()),
            _ if text.is_empty() || columns.iter().any(|column| column.eq_ignore_ascii_case(text)) => {
                Ok(text.to_owned())
            }
            _ => Err(format!("the query returns no column {text}")),
        })?;
        if column.is_empty() {
            config.mappings.remove(&field.token);
        } else {
            config.mappings.insert(field.token.clone(), column);
        }
    }
    Ok(())
}

fn schedule(asker: &mut Asker<'_>, config: &mut Config) -> anyhow::Result<()> {
    asker.say("\n6. Schedule")?;
    let minutes = |text: &str| {
        let minutes = text.parse::<u32>().ok().filter(|minutes| EVERY_MINUTES.contains(minutes));
        minutes.ok_or_else(|| format!("enter a number from {} to {}", EVERY_MINUTES.start(), EVERY_MINUTES.end()))
    };
    config.schedule.minutes = asker.parsed(
        "Minutes between runs, counted from the start of the service",
        &config.schedule.minutes.to_string(),
        minutes,
    )?;
    Ok(())
}
