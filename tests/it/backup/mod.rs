//! The whole database in a file, back again, and in another database.

mod files;
mod owners;
mod refusals;

use paraph::backup::{self, Destination};
use paraph::config::Database;
use paraph::store::{By, ColumnKind, Store, Table};
use sqlx::{AnyConnection, AssertSqlSafe, Row};
use std::collections::BTreeMap;
use std::path::Path;
use tests::app::{NOON_MS, company_file, example_company, other_company};
use tests::postgres::{Place, connect, for_each_engine, new_database, sqlite};

/// What no text format may touch.
const NASTY: &str = "\"quoted\", C:\\new\r\n\tline \u{7f}\u{1} ä😀\u{2028} 2026-01-01 null [1] {\"base64\":\"AA==\"}";

/// An empty, migrated PostgreSQL that may take its time.
async fn postgres() -> (Store, Database) {
    let database = Database { url: new_database().await, timeout_ms: 10_000, ..Database::default() };
    (Store::connect(&database).await.unwrap(), database)
}

/// Two companies, with everything that importing makes.
async fn with_companies(store: &Store) {
    for company in [example_company(), other_company()] {
        store.import(&company, company_file, By::new("test", NOON_MS)).await.unwrap();
    }
}

/// A file that replaces none.
fn at(file: &Path) -> Destination<'_> {
    Destination { file, replace: false }
}

async fn write(store: &Store, file: &Path) -> u64 {
    backup::write(store, at(file), NOON_MS, &mut |_, _| {}).await.unwrap()
}

async fn restore(store: &Store, file: &Path) -> anyhow::Result<u64> {
    backup::restore(store, file, &mut |_, _| {}).await
}

/// Everything in a database, as a backup has it, without the first line, which says when it was written.
async fn everything(store: &Store) -> Vec<backup::format::Part> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("all");
    write(store, &file).await;
    parts(&file)
}

fn parts(file: &Path) -> Vec<backup::format::Part> {
    let mut reader = backup::format::Reader::open(file).unwrap();
    let mut parts = Vec::new();
    while let Some(part) = reader.next_part().unwrap() {
        parts.push(part);
    }
    parts
}

/// Puts rows into every table that there is, whatever the migrations make, with values that are hard to carry.
async fn fill_every_table(database: &mut AnyConnection, tables: &[Table]) {
    for table in tables {
        let parents = parents(database, &table.name).await;
        let created: String = sqlx::query_scalar("select sql from sqlite_master where type = 'table' and name = $1")
            .bind(&table.name)
            .fetch_one(&mut *database)
            .await
            .unwrap();
        for number in 0..2 {
            let mut names = Vec::new();
            let mut values = Vec::new();
            for column in &table.columns {
                names.push(format!("\"{}\"", column.name));
                values.push(value(&created, (table, column), parents.get(&column.name), number));
            }
            let sql = format!("insert into \"{}\" ({}) values ({})", table.name, names.join(", "), values.join(", "));
            let inserted = sqlx::raw_sql(AssertSqlSafe(sql.clone())).execute(&mut *database).await;
            // A table of one row has it.
            let is_single = created.contains("check (id = 1)") && number > 0;
            assert!(inserted.is_ok() || is_single, "{sql}: {inserted:?}");
        }
    }
}

/// By column, the table and column that it refers to.
async fn parents(database: &mut AnyConnection, table: &str) -> BTreeMap<String, (String, String)> {
    let rows = sqlx::query("select \"from\", \"table\", coalesce(\"to\", 'id') from pragma_foreign_key_list($1)")
        .bind(table)
        .fetch_all(database)
        .await
        .unwrap();
    rows.iter().map(|row| (row.get(0), (row.get(1), row.get(2)))).collect()
}

/// A value as SQL for the row of this number.
fn value(
    created: &str,
    (table, column): (&Table, &paraph::store::Column),
    parent: Option<&(String, String)>,
    number: usize,
) -> String {
    if let Some((parent, key)) = parent {
        return format!("(select \"{key}\" from \"{parent}\" order by 1 limit 1 offset {number})");
    }
    if let Some((_, allowed)) = created.split_once(&format!("check ({} in ('", column.name)) {
        return format!("'{}'", allowed.split('\'').next().unwrap());
    }
    if created.contains(&format!("check ({} = 1)", column.name)) {
        return "1".into();
    }
    match column.kind {
        ColumnKind::Text => format!("'{} {} {number} {}'", table.name, column.name, NASTY.replace('\'', "''")),
        ColumnKind::Int if number == 0 => "9007199254740993".into(),
        ColumnKind::Int => "-9223372036854775807".into(),
        ColumnKind::Bytes => format!("x'00ff{number:02x}80{}'", "27".repeat(300)),
    }
}

#[tokio::test]
async fn no_table_and_no_column_can_be_missed() {
    for_each_engine(async |place: &Place| {
        let known = place.store.snapshot().await.unwrap().tables();
        let of = |table: &Table| {
            let mut names: Vec<_> = table.columns.iter().map(|column| column.name.clone()).collect();
            names.sort();
            (table.name.clone(), names)
        };
        let known: BTreeMap<_, _> = known.iter().map(of).collect();
        let sql = if place.is_sqlite() {
            "select m.name, c.name from sqlite_master m join pragma_table_info(m.name) c where m.type = 'table'"
        } else {
            "select table_name::text, column_name::text from information_schema.columns
             where table_schema = current_schema()"
        };
        let mut database = connect(&place.database.url).await;
        let mut there: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for row in sqlx::query(sql).fetch_all(&mut database).await.unwrap() {
            there.entry(row.get(0)).or_default().push(row.get(1));
        }
        there.retain(|name, _| !name.starts_with("sqlite_") && name != "_sqlx_migrations");
        for columns in there.values_mut() {
            columns.sort();
        }
        assert_eq!(known, there);
        assert!(place.store.snapshot().await.unwrap().tables().iter().all(|table| !table.key.is_empty()));
    })
    .await;
}

#[tokio::test]
async fn every_row_of_every_table_comes_back_on_either_engine() {
    let place = sqlite().await;
    let mut database = connect(&place.database.url).await;
    let tables = place.store.snapshot().await.unwrap().tables();
    fill_every_table(&mut database, &tables).await;
    let all = everything(&place.store).await;
    for table in &tables {
        let count: i64 = sqlx::query_scalar(AssertSqlSafe(format!("select count(*) from \"{}\"", table.name)))
            .fetch_one(&mut database)
            .await
            .unwrap();
        assert!(count > 0, "{} has no row in this test", table.name);
    }
    let file = place_file(&place, "all.backup");
    let rows = write(&place.store, &file).await;
    let (other, _) = postgres().await;
    assert_eq!(restore(&other, &file).await.unwrap(), rows);
    assert_eq!(everything(&other).await, all, "from SQLite to PostgreSQL");
    let third = sqlite().await;
    let copied = backup::copy(&other, &third.store, &mut |_, _| {}).await.unwrap();
    assert_eq!((copied, everything(&third.store).await), (rows, all.clone()), "from PostgreSQL to SQLite");
    let (fourth, _) = postgres().await;
    backup::copy(&third.store, &fourth, &mut |_, _| {}).await.unwrap();
    assert_eq!(everything(&fourth).await, all);
    assert_eq!(fourth.pending_migrations().await, Ok(0));
}

fn place_file(place: &Place, name: &str) -> std::path::PathBuf {
    let url = place.database.url.trim_start_matches("sqlite:");
    Path::new(url).with_file_name(name)
}
