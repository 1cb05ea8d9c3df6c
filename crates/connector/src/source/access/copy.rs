//! Tables of an Access file, copied with mdbtools into a SQLite database that is deleted on drop.

use crate::source::Wrong;
use crate::source::trouble::{Cannot, Trouble, connect, query};
use crate::{files, random};
use csv_core::ReadFieldResult;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, SqliteConnection};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::io::AsyncReadExt as _;
use tokio::process::Command;

/// Marker for `NULL` in the output of mdbtools: no real value looks like this.
const NULL: &str = "\u{1}NULL\u{1}";

/// The copy.
pub(super) struct Copy {
    file: PathBuf,
}

impl Drop for Copy {
    fn drop(&mut self) {
        // A file that cannot be deleted now is deleted at the next start.
        let _ = std::fs::remove_file(&self.file);
    }
}

impl Copy {
    /// Copies the named tables that the file has. Missing ones are reported by SQLite later.
    pub(super) async fn make(access: &Path, named: &[String], folder: &Path) -> Result<Self, Trouble> {
        let machine = |error: &dyn std::fmt::Display| Trouble::Machine(format!("the tables cannot be copied: {error}"));
        files::make_folder(folder).map_err(|error| machine(&error))?;
        let copy = Self { file: folder.join(format!("{}.db", random::id())) };
        files::create(&copy.file).map_err(|error| machine(&error))?;
        let mut connection = copy.writer().await.map_err(|error| machine(&error))?;
        let tables = lines(access, "mdb-tables", &["-1", "-t", "table"]).await?;
        for table in tables.lines().filter(|table| named.contains(&table.to_lowercase())) {
            copy_table(access, table, &mut connection).await?;
        }
        let queries = lines(access, "mdb-tables", &["-1", "-t", "query"]).await.unwrap_or_default();
        if let Some(saved) = queries.lines().find(|saved| named.contains(&saved.to_lowercase())) {
            return Err(query(
                Wrong::Table,
                format!(
                    "{saved} is a saved Access query, which can only be read on Windows: use its SELECT statement here"
                ),
            ));
        }
        connection.close().await.map_err(|error| machine(&error))?;
        Ok(copy)
    }

    /// Opens the copy read-only.
    pub(super) async fn open(&self) -> Result<SqliteConnection, Trouble> {
        let options = SqliteConnectOptions::new().filename(&self.file).read_only(true).disable_statement_logging();
        let opened = SqliteConnection::connect_with(&options).await;
        opened.map_err(|error| Trouble::Machine(format!("the copied tables cannot be opened: {error}")))
    }

    async fn writer(&self) -> sqlx::Result<SqliteConnection> {
        // The copy is temporary and does not need to survive a crash.
        let options = SqliteConnectOptions::new()
            .filename(&self.file)
            .journal_mode(SqliteJournalMode::Off)
            .synchronous(SqliteSynchronous::Off)
            .disable_statement_logging();
        SqliteConnection::connect_with(&options).await
    }
}

async fn copy_table(access: &Path, table: &str, connection: &mut SqliteConnection) -> Result<(), Trouble> {
    let broken =
        |error: &dyn std::fmt::Display| connect(Cannot::File, format!("the table {table} cannot be read: {error}"));
    let plain =
        ["--no-indexes", "--no-relations", "--no-comments", "--no-not-null", "--no-default-values", "--no-not_empty"];
    let mut command = tool("mdb-schema");
    let schema = output(command.args(plain).args(["-T", table]).arg(access).arg("sqlite")).await?;
    connection.execute(sqlx::raw_sql(AssertSqlSafe(schema))).await.map_err(|error| broken(&error))?;

    let mut command = tool("mdb-export");
    command.args(["-b", "hex", "-D", "%Y-%m-%d", "-T", "%Y-%m-%dT%H:%M:%S", "-0", NULL]);
    let mut child =
        command.arg(access).arg(table).stdout(Stdio::piped()).spawn().map_err(|error| missing("mdb-export", &error))?;
    let Some(mut text) = child.stdout.take() else { return Err(broken(&"mdb-export has no output")) };
    let mut begun = connection.begin().await.map_err(|error| broken(&error))?;
    let mut rows = Csv::new();
    let mut buffer = vec![0; 64 * 1024];
    let mut insert = String::new();
    loop {
        let read = text.read(&mut buffer).await.map_err(|error| broken(&error))?;
        for row in rows.take(&buffer[..read]) {
            if insert.is_empty() {
                // The first row has the column names.
                insert = format!("insert into {} values ({})", quoted(table), vec!["?"; row.len()].join(", "));
                continue;
            }
            let values = row.into_iter().fold(sqlx::query(AssertSqlSafe(insert.clone())), |query, value| {
                query.bind((value != NULL).then_some(value))
            });
            values.execute(&mut *begun).await.map_err(|error| broken(&error))?;
        }
        if read == 0 {
            break;
        }
    }
    begun.commit().await.map_err(|error| broken(&error))?;
    let ended = child.wait().await.map_err(|error| broken(&error))?;
    if ended.success() { Ok(()) } else { Err(broken(&"mdb-export failed: the file is damaged or password-protected")) }
}

/// Incremental CSV parser, for pieces that can end anywhere.
struct Csv {
    reader: csv_core::Reader,
    field: Vec<u8>,
    row: Vec<String>,
}

impl Csv {
    fn new() -> Self {
        Self { reader: csv_core::Reader::new(), field: Vec::new(), row: Vec::new() }
    }

    /// The rows that end in this piece; an empty piece marks the end.
    fn take(&mut self, mut piece: &[u8]) -> Vec<Vec<String>> {
        let mut rows = Vec::new();
        let mut out = [0; 4096];
        // The reader treats an empty piece as the end.
        let end = piece.is_empty();
        while end || !piece.is_empty() {
            let (result, read, written) = self.reader.read_field(piece, &mut out);
            piece = &piece[read..];
            self.field.extend_from_slice(&out[..written]);
            match result {
                ReadFieldResult::InputEmpty | ReadFieldResult::OutputFull => {}
                ReadFieldResult::End => break,
                ReadFieldResult::Field { record_end } => {
                    self.row.push(String::from_utf8_lossy(&std::mem::take(&mut self.field)).into_owned());
                    if record_end {
                        rows.push(std::mem::take(&mut self.row));
                    }
                }
            }
        }
        rows
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

async fn lines(access: &Path, program: &str, arguments: &[&str]) -> Result<String, Trouble> {
    output(tool(program).args(arguments).arg(access)).await
}

fn tool(program: &str) -> Command {
    let mut command = Command::new(program);
    command.stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    command
}

/// Output of a program of mdbtools.
async fn output(command: &mut Command) -> Result<String, Trouble> {
    let name = command.as_std().get_program().to_string_lossy().into_owned();
    let output = command.output().await.map_err(|error| missing(&name, &error))?;
    if !output.status.success() {
        return Err(connect(
            Cannot::File,
            "mdbtools cannot read it: it is not an Access file, or it is damaged or password-protected",
        ));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn missing(program: &str, error: &std::io::Error) -> Trouble {
    Trouble::Machine(format!(
        "Access files are read with mdbtools, and {program} cannot be started ({error}): install the package mdbtools"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_whole_wherever_the_pieces_end() {
        let text = "a,\"b \"\"x\"\"\r\ny\"\nc,Räksmörgås\n\u{1}NULL\u{1},\n".as_bytes();
        for size in 1..text.len() {
            let mut csv = Csv::new();
            let mut rows: Vec<_> = text.chunks(size).flat_map(|piece| csv.take(piece)).collect();
            rows.extend(csv.take(&[]));
            assert_eq!(rows, [["a", "b \"x\"\r\ny"], ["c", "Räksmörgås"], [NULL, ""]], "{size}");
        }
    }
}
