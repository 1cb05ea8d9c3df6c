//! Access files. On Windows they are read through the ODBC driver. Elsewhere, mdbtools copy the tables in the query into a
//! temporary SQLite database, and the query runs there.

#[cfg(not(windows))]
mod copy;
#[cfg(any(not(windows), test))]
mod translate;

use super::trouble::{Cannot, Trouble, connect};
use super::{Outlet, Settings};
use std::path::Path;

pub(super) async fn read(settings: &Settings, outlet: &mut Outlet) -> Result<(), Trouble> {
    let file = Path::new(&settings.database.file);
    if let Err(error) = std::fs::File::open(file) {
        return Err(connect(Cannot::File, format!("{}: {error}", file.display())));
    }
    read_file(file, settings, outlet).await
}

#[cfg(windows)]
async fn read_file(file: &Path, settings: &Settings, outlet: &mut Outlet) -> Result<(), Trouble> {
    let connection = format!("Driver={{Microsoft Access Driver (*.mdb, *.accdb)}};Dbq={};ReadOnly=1", file.display());
    super::odbc::read_from(connection, settings, outlet).await
}

#[cfg(not(windows))]
async fn read_file(file: &Path, settings: &Settings, outlet: &mut Outlet) -> Result<(), Trouble> {
    let query = translate::query(&settings.sql)?;
    let copy = copy::Copy::make(file, &query.tables, &settings.scratch).await?;
    super::sqlite::read_from(copy.open().await?, settings, &query.sql, outlet).await
}
