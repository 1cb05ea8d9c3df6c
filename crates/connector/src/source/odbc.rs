//! Any database with an ODBC driver.

use super::trouble::Trouble;
use super::{Outlet, Settings};

#[cfg(feature = "odbc")]
pub(super) use driver::read_from;

pub(super) async fn read(settings: &Settings, outlet: &mut Outlet) -> Result<(), Trouble> {
    let connection = settings.database.connection.replace("{user}", &attribute(&settings.database.user));
    let connection = connection.replace("{password}", &attribute(settings.password()));
    read_from(connection, settings, outlet).await
}

#[cfg(not(feature = "odbc"))]
#[expect(clippy::unused_async, reason = "with a driver it waits")]
pub(super) async fn read_from(_: String, _: &Settings, _: &mut Outlet) -> Result<(), Trouble> {
    Err(Trouble::Settings(
        "this build does not include ODBC: build paraph-connector with its default features, or choose another \
         database.kind"
            .into(),
    ))
}

/// A value in a connection string: in braces if it contains a special character.
fn attribute(value: &str) -> String {
    if value.chars().any(|c| "[]{}(),;?*=!@".contains(c)) {
        format!("{{{}}}", value.replace('}', "}}"))
    } else {
        value.to_owned()
    }
}

#[cfg(feature = "odbc")]
mod driver {
    use crate::source::cell::{self, Cell};
    use crate::source::trouble::{Cannot, Trouble, Wrong, connect, query};
    use crate::source::{Outlet, Settings, Wanted};
    use odbc_api::{
        ConnectionOptions, Cursor, CursorRow, DataType, Environment, Error, ResultSetMetadata as _, environment,
    };
    use tokio::sync::mpsc;

    /// Message of the driver's thread.
    enum Said {
        Columns(Vec<String>),
        Rows(Vec<Vec<Cell>>),
    }

    /// Runs the query on the database of a connection string.
    pub(in crate::source) async fn read_from(
        connection: String,
        settings: &Settings,
        outlet: &mut Outlet,
    ) -> Result<(), Trouble> {
        let (say, mut heard) = mpsc::channel(2);
        let asked = Asked { connection, sql: settings.sql.clone(), minutes: settings.minutes };
        // Drivers block their caller. A thread without a receiver ends with its next rows.
        let thread = tokio::task::spawn_blocking(move || asked.run(&say));
        while let Some(said) = heard.recv().await {
            match said {
                Said::Columns(columns) => {
                    if let Wanted::No = outlet.columns(columns, Vec::new()).await {
                        return Ok(());
                    }
                }
                Said::Rows(rows) => {
                    for mut row in rows {
                        let cell = |column: usize| row.get_mut(column).and_then(Option::take);
                        if let Wanted::No = outlet.row(cell).await {
                            return Ok(());
                        }
                    }
                }
            }
        }
        thread.await.unwrap_or_else(|_| Err(Trouble::Lost("the ODBC driver crashed".into())))
    }

    struct Asked {
        connection: String,
        sql: String,
        minutes: u32,
    }

    impl Asked {
        fn run(&self, say: &mpsc::Sender<Said>) -> Result<(), Trouble> {
            let environment = environment().map_err(|error| cannot(&error))?;
            let options = ConnectionOptions { login_timeout_sec: Some(15), packet_size: None };
            let connection = environment
                .connect_with_connection_string(&self.connection, options)
                .map_err(|error| cannot(&error))?;
            // If the query changed anything in spite of the checks, closing the connection rolls it back. Not every driver
            // can.
            let _ = connection.set_autocommit(false);
            let wrong = |error| wrong(&error, self.minutes);
            let mut statement = connection.preallocate().map_err(wrong)?;
            // Not every driver can do this either; the program's own clock stops the wait.
            let _ = statement.set_query_timeout_sec(self.minutes as usize * 60);
            let Some(mut cursor) = statement.execute(&self.sql, ()).map_err(wrong)? else {
                return Err(query(Wrong::Other, "it returns no rows"));
            };
            let columns: Vec<String> = cursor.column_names().and_then(Iterator::collect).map_err(wrong)?;
            let kinds = (1..).take(columns.len()).map(|column| cursor.col_data_type(column));
            let kinds: Vec<DataType> = kinds.collect::<Result<_, _>>().map_err(wrong)?;
            if say.blocking_send(Said::Columns(columns)).is_err() {
                return Ok(());
            }
            rows(&mut cursor, &kinds, say).map_err(wrong)?;
            drop(cursor);
            let _ = connection.rollback();
            Ok(())
        }
    }

    fn rows(cursor: &mut impl Cursor, kinds: &[DataType], say: &mpsc::Sender<Said>) -> Result<(), Error> {
        const BATCH: usize = 64;
        let mut buffer = Buffer::default();
        let mut batch = Vec::new();
        while let Some(mut row) = cursor.next_row()? {
            let cells = (1..).zip(kinds).map(|(column, kind)| value(&mut row, column, kind, &mut buffer));
            batch.push(cells.collect::<Result<_, _>>()?);
            if batch.len() == BATCH && say.blocking_send(Said::Rows(std::mem::take(&mut batch))).is_err() {
                return Ok(());
            }
        }
        // The receiver may have been dropped.
        let _ = say.blocking_send(Said::Rows(batch));
        Ok(())
    }

    /// Reusable buffers for values.
    #[derive(Default)]
    struct Buffer {
        bytes: Vec<u8>,
        #[cfg(windows)]
        wide: Vec<u16>,
    }

    fn value(row: &mut CursorRow<'_>, column: u16, kind: &DataType, buffer: &mut Buffer) -> Result<Cell, Error> {
        if matches!(kind, DataType::Binary { .. } | DataType::Varbinary { .. } | DataType::LongVarbinary { .. }) {
            return Ok(row.get_binary(column, &mut buffer.bytes)?.then(|| cell::binary(&buffer.bytes)));
        }
        let Some(text) = text(row, column, buffer)? else { return Ok(None) };
        Ok(Some(match kind {
            DataType::Bit if text == "0" || text == "1" => (text == "1").to_string(),
            // It has a space where ISO 8601 has a T.
            DataType::Timestamp { .. } => cell::text(&text.replacen(' ', "T", 1)),
            _ => cell::text(&text),
        }))
    }

    /// Drivers for Unix write UTF-8.
    #[cfg(not(windows))]
    fn text(row: &mut CursorRow<'_>, column: u16, buffer: &mut Buffer) -> Result<Option<String>, Error> {
        let there = row.get_text(column, &mut buffer.bytes)?;
        Ok(there.then(|| cell::bytes(&buffer.bytes)))
    }

    /// Drivers for Windows write the machine's code page, or UTF-16 on request.
    #[cfg(windows)]
    fn text(row: &mut CursorRow<'_>, column: u16, buffer: &mut Buffer) -> Result<Option<String>, Error> {
        let there = row.get_wide_text(column, &mut buffer.wide)?;
        Ok(there.then(|| String::from_utf16_lossy(&buffer.wide)))
    }

    /// The SQLSTATE of an error, and the driver's message without its prefixes.
    fn said(error: &Error) -> (String, String) {
        let Error::Diagnostics { record, .. } = error else { return (String::new(), error.to_string()) };
        let record_text = record.to_string();
        let text = record_text.split_once("Message: ").map_or(record_text.as_str(), |(_, message)| message);
        let words = text.trim_start_matches('[').rsplit_once(']').map_or(text, |(_, words)| words);
        (record.state.as_str().to_owned(), if words.trim().is_empty() { text } else { words }.trim().to_owned())
    }

    fn cannot(error: &Error) -> Trouble {
        let (state, words) = said(error);
        let what = match state.as_str() {
            "28000" => Cannot::SignIn,
            "HYT00" | "HYT01" | "08S01" => Cannot::Silent,
            "08001" | "08004" => Cannot::Refused,
            "3D000" => Cannot::Database,
            "IM002" | "IM003" | "01000" => {
                return Trouble::Machine(format!(
                    "could not connect: {words}. This machine has {}: install the driver, and use exactly its name in \
                     database.connection",
                    drivers()
                ));
            }
            _ => Cannot::Other,
        };
        connect(what, words)
    }

    fn drivers() -> String {
        let known = environment().and_then(Environment::drivers).unwrap_or_default();
        if known.is_empty() {
            return "no ODBC driver".into();
        }
        let names: Vec<_> = known.into_iter().map(|driver| driver.description).collect();
        format!("the ODBC drivers {}", names.join(", "))
    }

    fn wrong(error: &Error, minutes: u32) -> Trouble {
        let (state, words) = said(error);
        let what = match state.as_str() {
            "42S02" | "S0002" => Wrong::Table,
            "42S22" | "S0022" | "07002" => Wrong::Column,
            "37000" => Wrong::Syntax,
            "42501" => Wrong::Permission,
            "HYT00" | "HY008" => return Trouble::Slow(minutes),
            "08S01" | "08003" | "08007" => return Trouble::Lost(words),
            _ => Wrong::Other,
        };
        query(what, words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_can_contain_any_character() {
        assert_eq!(attribute("plain"), "plain");
        assert_eq!(attribute("a;b}c"), "{a;b}}c}");
    }
}
