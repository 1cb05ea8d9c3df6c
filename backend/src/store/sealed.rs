//! All sealed values in the database, in one place, for replacing a key and for listing what is lost with one.

use super::database::catalog;
use super::database::catalog::Kind as ColumnKind;
use super::{Error, Store, Write};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

/// Kind of a sealed value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// An account's authenticator app.
    SecondFactor,
    /// An authenticator app that is being set up. Its place names a session, which is unknown here, so the set-up has to be
    /// repeated.
    PendingSecondFactor,
    /// Credential of a tenant's source: Google's key file.
    SourceKey,
    /// Tokens of an account that a person allows Paraph to use.
    Delegation,
    /// An answer that is stored for a day for retries; without it, a retry is told that the answer is lost.
    Answer,
    /// A row of `secret_keys`.
    Key,
}

impl Kind {
    /// Whether the value is temporary, so that its loss does not have to be reported.
    pub const fn is_passing(self) -> bool {
        matches!(self, Self::PendingSecondFactor | Self::Answer)
    }
}

/// A sealed value.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedValue {
    /// Kind of the value.
    pub kind: Kind,
    /// Place that the value is sealed for.
    pub place: String,
    /// Owner: the account's address or the tenant's name.
    pub owner: String,
    /// The stored, sealed text.
    pub sealed: String,
    column: usize,
    row: Vec<String>,
}

/// A column with sealed values. Their place is `TABLE.COLUMN/KEY/KEY`.
struct Column {
    kind: Kind,
    table: &'static str,
    name: &'static str,
    key: &'static [&'static str],
    owner: &'static str,
    /// SQL that removes a value that cannot be decrypted.
    clear: &'static str,
}

const COLUMNS: [Column; 6] = [
    Column {
        kind: Kind::SecondFactor,
        table: "accounts",
        name: "totp",
        key: &["id"],
        owner: "email",
        clear: "update accounts set totp = null",
    },
    Column {
        kind: Kind::PendingSecondFactor,
        table: "accounts",
        name: "totp_pending",
        key: &["id"],
        owner: "email",
        clear: "update accounts set totp_pending = null",
    },
    Column {
        kind: Kind::SourceKey,
        table: "sources",
        name: "secret",
        key: &["tenant", "source"],
        owner: "(select t.name from tenants t where t.id = sources.tenant)",
        clear: "update sources set secret = ''",
    },
    Column {
        kind: Kind::Delegation,
        table: "delegations",
        name: "tokens",
        key: &["tenant", "id"],
        owner: "(select t.name from tenants t where t.id = delegations.tenant)",
        // The row stays: its person is told to connect again.
        clear: "update delegations set tokens = '', lease = ''",
    },
    Column {
        kind: Kind::Answer,
        table: "idempotency",
        name: "body",
        key: &["key"],
        owner: "''",
        // The row stays: without it the same request would be carried out twice.
        clear: "update idempotency set body = ''",
    },
    Column {
        kind: Kind::Key,
        table: "secret_keys",
        name: "sealed",
        key: &["name"],
        owner: "name",
        clear: "delete from secret_keys",
    },
];

/// What [`Store::reseal`] does with a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reseal {
    /// Leaves the value unchanged.
    Keep,
    /// Writes this value.
    Put(String),
    /// Removes the value.
    Clear,
}

impl Column {
    fn of(&'static self, row: &AnyRow, column: usize) -> Result<SealedValue, Error> {
        let width = self.key.len();
        let key: Vec<String> = (0..width).map(|at| row.try_get(at)).collect::<Result<_, _>>()?;
        Ok(SealedValue {
            kind: self.kind,
            place: format!("{}.{}/{}", self.table, self.name, key.join("/")),
            owner: row.try_get(width)?,
            sealed: row.try_get(width + 1)?,
            column,
            row: key,
        })
    }

    fn is_row(&self) -> String {
        let parts: Vec<_> = (2..).zip(self.key).map(|(number, name)| format!("\"{name}\" = ${number}")).collect();
        parts.join(" and ")
    }
}

/// The row of `secret_keys` with the known value.
pub const CHECK: &str = "check";
/// The row of `secret_keys` with the key that addresses in mails are signed with.
pub const LINKS: &str = "links";

/// The place that a row of `secret_keys` is sealed for.
pub fn key_place(name: &str) -> String {
    format!("secret_keys.sealed/{name}")
}

impl Store {
    /// A row of `secret_keys`, sealed.
    pub async fn secret_key(&self, name: &str) -> Result<Option<String>, Error> {
        self.bounded(async {
            let sealed = sqlx::query_scalar("select sealed from secret_keys where name = $1").bind(name);
            Ok(sealed.fetch_optional(self.reader()?).await?)
        })
        .await
    }

    /// Writes rows of `secret_keys` (names and sealed texts), unless there are any already.
    pub async fn insert_secret_keys(&self, keys: &[(&str, String)], now_ms: i64) -> Result<(), Error> {
        let mut write = self.begin().await?;
        for (name, sealed) in keys {
            sqlx::query(
                "insert into secret_keys (name, sealed, changed_ms) values ($1, $2, $3) on conflict (name) do nothing",
            )
            .bind(*name)
            .bind(sealed)
            .bind(now_ms)
            .execute(&mut *write)
            .await?;
        }
        Ok(write.commit().await?)
    }

    /// All sealed values, except those that are [`Kind::is_passing`].
    pub async fn sealed_values(&self) -> Result<Vec<SealedValue>, Error> {
        let mut values = Vec::new();
        for (at, column) in COLUMNS.iter().enumerate().filter(|(_, column)| !column.kind.is_passing()) {
            let keys = quoted(column.key);
            let Column { table, name, owner, .. } = column;
            let sql =
                format!("select {keys}, {owner}, {name} from {table} where coalesce({name}, '') <> '' order by {keys}");
            let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(self.reader()?).await?;
            for row in &rows {
                values.push(column.of(row, at)?);
            }
        }
        Ok(values)
    }

    /// Whether a server has ever used this database, so that it had a key.
    pub async fn was_served(&self) -> Result<bool, Error> {
        let found: Option<i64> = sqlx::query_scalar(
            "select cast(1 as bigint) from accounts union all select cast(1 as bigint) from setup limit 1",
        )
        .fetch_optional(self.reader()?)
        .await?;
        Ok(found.is_some())
    }

    /// Applies `change` to all sealed values in one transaction, one after the other, so that few are in memory; returns the
    /// numbers of changed and removed ones. Nothing is changed, and the result is [`Error::Conflict`], if `change` fails, or
    /// if a text that starts with one of `starts` is left in a column that this module does not know.
    pub async fn reseal(
        &self,
        change: impl Fn(&SealedValue) -> Result<Reseal, String>,
        starts: &[String],
        now_ms: i64,
    ) -> Result<(usize, usize), Error> {
        let mut write = self.begin().await?;
        // One at a time, on every engine.
        let lock = sqlx::query("update secret_keys set changed_ms = $1 where name = $2").bind(now_ms).bind(CHECK);
        lock.execute(&mut *write).await?;
        let (mut changed, mut cleared) = (0, 0);
        for (at, column) in COLUMNS.iter().enumerate() {
            for row in rows_of(&mut write, column).await? {
                // Again where somebody has written another value meanwhile, such as a token that was just refreshed.
                while let Some(value) = value(&mut write, at, &row).await? {
                    let (is_done, count) = match change(&value).map_err(Error::Conflict)? {
                        Reseal::Keep => break,
                        Reseal::Put(sealed) => (put(&mut write, &value, &sealed).await?, &mut changed),
                        Reseal::Clear => (clear(&mut write, &value).await?, &mut cleared),
                    };
                    if is_done {
                        *count += 1;
                        break;
                    }
                }
            }
        }
        refuse_rest(&mut write, starts).await?;
        write.commit().await?;
        Ok((changed, cleared))
    }
}

fn quoted(names: &[&str]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("\"{name}\"")).collect();
    names.join(", ")
}

/// Primary keys of the rows with a sealed value.
async fn rows_of(write: &mut Write, column: &Column) -> Result<Vec<Vec<String>>, Error> {
    let (keys, Column { table, name, .. }) = (quoted(column.key), column);
    let sql = format!("select {keys} from {table} where coalesce({name}, '') <> '' order by {keys}");
    let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut **write).await?;
    let key = |row: &AnyRow| (0..column.key.len()).map(|at| Ok(row.try_get(at)?)).collect();
    rows.iter().map(key).collect()
}

/// The value in a column, by its place in [`COLUMNS`], of the row with this key.
async fn value(write: &mut Write, at: usize, row: &[String]) -> Result<Option<SealedValue>, Error> {
    let column = &COLUMNS[at];
    let Column { table, name, owner, .. } = column;
    let sql = format!(
        "select {}, {owner}, {name} from {table} where coalesce({name}, '') <> $1 and {}",
        quoted(column.key),
        column.is_row()
    );
    let mut query = sqlx::query(AssertSqlSafe(sql)).bind("");
    for part in row {
        query = query.bind(part.clone());
    }
    let found = query.fetch_optional(&mut **write).await?;
    found.map(|row| column.of(&row, at)).transpose()
}

/// `false` if the stored value has changed.
async fn put(write: &mut Write, value: &SealedValue, sealed: &str) -> Result<bool, Error> {
    let Column { table, name, .. } = &COLUMNS[value.column];
    let (is_row, last) = (COLUMNS[value.column].is_row(), value.row.len() + 2);
    let sql = format!("update {table} set {name} = $1 where {is_row} and {name} = ${last}");
    let mut query = sqlx::query(AssertSqlSafe(sql)).bind(sealed);
    for part in &value.row {
        query = query.bind(part.clone());
    }
    Ok(query.bind(value.sealed.clone()).execute(&mut **write).await?.rows_affected() > 0)
}

/// `false` if the stored value has changed.
async fn clear(write: &mut Write, value: &SealedValue) -> Result<bool, Error> {
    let column = &COLUMNS[value.column];
    // Removes only the value that was read.
    let sql = format!("{} where {} = $1 and {}", column.clear, column.name, column.is_row());
    let mut query = sqlx::query(AssertSqlSafe(sql)).bind(value.sealed.clone());
    for part in &value.row {
        query = query.bind(part.clone());
    }
    let is_done = query.execute(&mut **write).await?.rows_affected() > 0;
    if column.kind == Kind::SecondFactor {
        // Recovery codes replace an app that no longer exists.
        let codes = sqlx::query("delete from recovery_codes where account = $1").bind(value.row[0].clone());
        codes.execute(&mut **write).await?;
    }
    Ok(is_done)
}

/// Checks that no text in any table starts with one of these.
async fn refuse_rest(write: &mut Write, starts: &[String]) -> Result<(), Error> {
    for table in catalog::tables(&catalog::versions()).await? {
        for column in table.columns.iter().filter(|column| column.kind == ColumnKind::Text) {
            for start in starts {
                let (table, column) = (&table.name, &column.name);
                let sql =
                    format!("select count(*) from \"{table}\" where substr(\"{column}\", 1, {}) = $1", start.len());
                let count: i64 = sqlx::query_scalar(AssertSqlSafe(sql)).bind(start).fetch_one(&mut **write).await?;
                if count > 0 {
                    return Err(Error::Conflict(format!(
                        "{count} values of {table}.{column} are sealed with the earlier key and would be lost: this is \
                         a bug in Paraph, please report it; nothing was changed"
                    )));
                }
            }
        }
    }
    Ok(())
}
