//! The database under it: migrations, several who write, and databases that are locked, gone or full.

use super::{import, load, own};
use paraph::clock::Clock;
use paraph::config::Database;
use paraph::store::{By, Error, Store, Trouble};
use std::time::{Duration, Instant};
use tests::app::{NOON_MS, TENANT, example_company};
use tests::postgres::{Place, connect, for_each_engine, new_database, sqlite};

/// How many there are.
fn migrations() -> usize {
    let files = std::fs::read_dir(tests::root().join("backend/migrations")).unwrap();
    files.filter(|file| file.as_ref().unwrap().path().extension().is_some_and(|kind| kind == "sql")).count()
}

#[tokio::test]
async fn migrating_twice_changes_nothing() {
    for_each_engine(async |place: &Place| {
        assert_eq!(place.store.pending_migrations().await, Ok(0));
        assert_eq!(place.store.migrate().await, Ok(vec![]));
        place.store.ping().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn asking_what_is_missing_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let fresh = format!("sqlite:{}", folder.path().join("fresh.db").display());
    for url in [fresh, new_database().await] {
        let store = Store::connect(&Database { url: url.clone(), ..Database::default() }).await.unwrap();
        for _ in 0..2 {
            assert_eq!(store.pending_migrations().await, Ok(migrations()), "{url}");
        }
        let mut other = connect(&url).await;
        let noted = sqlx::query("select * from _sqlx_migrations").execute(&mut other).await;
        assert!(noted.is_err(), "the table was made: {url}");
        assert_eq!(store.migrate().await.unwrap().len(), migrations());
        assert_eq!(store.pending_migrations().await, Ok(0));
    }
}

#[tokio::test]
async fn values_are_what_they_were_before_each_source_had_a_row_for_all() {
    const NASTY: &str = "Tab\t, \u{b}\"quoted\", C:\\new\r\nline: {\"title\":\"x\"} \u{e9}";
    for_each_engine(async |place: &Place| {
        let tenant = import(&place.store, &example_company()).await;
        let mut database = connect(&place.database.url).await;
        sqlx::raw_sql(
            "drop table person_values;
             alter table runs add column node text not null default '';
             alter table runs add column beat_ms bigint not null default 0;
             create table field_values (tenant text, person text, token text, source text, value text, locked bigint)",
        )
        .execute(&mut database)
        .await
        .unwrap();
        let said = [("title", "manual", NASTY, 1), ("phone", "manual", "", 0), ("title", "entra", "Analyst", 0)];
        for (token, source, value, locked) in said {
            sqlx::query("insert into field_values values ($1, 'ada', $2, $3, $4, $5)")
                .bind(&tenant)
                .bind(token)
                .bind(source)
                .bind(value)
                .bind(locked)
                .execute(&mut database)
                .await
                .unwrap();
        }
        sqlx::raw_sql(include_str!("../../../backend/migrations/0008_values.sql"))
            .execute(&mut database)
            .await
            .unwrap();
        let ada = place.store.person_data(&tenant, "ada").await.unwrap().unwrap();
        let mut values: Vec<_> = ada
            .values
            .iter()
            .map(|value| (value.token.as_str(), value.source.as_str(), value.value.as_str(), i32::from(value.locked)))
            .collect();
        values.sort_by_key(|(token, source, ..)| (*source == "entra", *token == "phone"));
        let shown = NASTY.replace('\u{b}', "");
        assert_eq!(
            values,
            said.map(|(token, source, value, locked)| {
                (token, source, if value == NASTY { shown.as_str() } else { value }, locked)
            })
        );
    })
    .await;
}

#[tokio::test]
async fn a_value_that_the_database_cannot_hold_is_the_callers_fault() {
    for_each_engine(async |place: &Place| {
        let tenant = import(&place.store, &example_company()).await;
        let result = place.store.link_oid(&tenant, "alan", "\0", NOON_MS).await;
        // SQLite holds anything.
        assert!(place.is_sqlite() || matches!(result, Err(Error::Value(_))), "{result:?}");
    })
    .await;
}

#[tokio::test]
async fn writes_from_two_nodes_come_one_after_the_other() {
    for_each_engine(async |place: &Place| {
        let tenant = import(&place.store, &example_company()).await;
        let before = load(&place.store).await.tenant.version;
        let patient = Database { timeout_ms: 10_000, ..place.database.clone() };
        let nodes = [Store::connect(&patient).await.unwrap(), Store::connect(&patient).await.unwrap()];
        let mut writes = tokio::task::JoinSet::new();
        for number in 0..20 {
            let (node, tenant) = (nodes[number % 2].clone(), tenant.clone());
            writes.spawn(async move {
                let change = own("pronouns", Some(&number.to_string()));
                node.set_own_fields(&tenant, "ada", &change, By::new("ada", NOON_MS)).await.unwrap();
            });
        }
        while let Some(done) = writes.join_next().await {
            done.unwrap();
        }
        assert_eq!(load(&place.store).await.tenant.version, before + 20);
        for node in nodes {
            node.close().await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_locked_database_is_unavailable_for_writing_and_readable() {
    for_each_engine(async |place: &Place| {
        let tenant = import(&place.store, &example_company()).await;
        let mut other = connect(&place.database.url).await;
        let begin = if place.is_sqlite() { "begin immediate" } else { "begin" };
        sqlx::raw_sql(begin).execute(&mut other).await.unwrap();
        sqlx::raw_sql("update tenants set name = name").execute(&mut other).await.unwrap();
        let change = own("pronouns", Some("they"));
        let error = place.store.set_own_fields(&tenant, "ada", &change, By::new("ada", NOON_MS)).await.unwrap_err();
        let Error::Unavailable(text) = &error else { panic!("{error:?}") };
        assert!(text.contains("locked"), "{text}");
        assert_eq!(load(&place.store).await.people.len(), 4);
        sqlx::raw_sql("rollback").execute(&mut other).await.unwrap();
        place.store.set_own_fields(&tenant, "ada", &change, By::new("ada", NOON_MS)).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn whether_it_can_be_written_is_said_as_it_is() {
    for_each_engine(async |place: &Place| {
        place.store.can_write().await.unwrap();
        let mut other = connect(&place.database.url).await;
        let begin = if place.is_sqlite() { "begin immediate" } else { "begin" };
        sqlx::raw_sql(begin).execute(&mut other).await.unwrap();
        sqlx::raw_sql("update write_probe set writes = 0; update tenants set name = name")
            .execute(&mut other)
            .await
            .unwrap();
        // What worked lately counts until something fails.
        place.store.can_write().await.unwrap();
        let second = place.second_store().await;
        let error = second.can_write().await.unwrap_err();
        assert_eq!(error, Trouble::Locked);
        sqlx::raw_sql("rollback").execute(&mut other).await.unwrap();
        let started = Instant::now();
        while second.can_write().await.is_err() {
            assert!(started.elapsed() < Duration::from_secs(10), "it is never asked again");
            Clock::system().sleep(Duration::from_millis(50)).await;
        }
        second.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_database_that_vanished_is_unavailable_for_everything() {
    for_each_engine(async |place: &Place| {
        let tenant = import(&place.store, &example_company()).await;
        place.vanish().await;
        let store = &place.store;
        let results = [
            store.ping().await.err(),
            store.tenant_version(TENANT).await.err(),
            store.load_tenant(TENANT).await.err(),
            store.image(&tenant, "x").await.err(),
            store.set_own_fields(&tenant, "ada", &own("pronouns", None), By::new("ada", NOON_MS)).await.err(),
            store.pending_migrations().await.err(),
        ];
        for result in results {
            assert!(matches!(result, Some(Error::Unavailable(_))), "{result:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_full_disk_is_unavailable() {
    let place = sqlite().await;
    let mut connection = connect(&place.database.url).await;
    sqlx::raw_sql("pragma max_page_count = 1").execute(&mut connection).await.unwrap();
    let fill = "insert into tenants (id, origin, name, domains, version, created_ms)
                values ('x', 'x', hex(randomblob(1000000)), '[]', 1, 0)";
    let error = Error::from(sqlx::raw_sql(fill).execute(&mut connection).await.unwrap_err());
    let Error::Unavailable(text) = &error else { panic!("{error:?}") };
    assert!(text.contains("full"), "{text}");
}

#[tokio::test]
async fn a_database_that_was_never_migrated_says_what_to_run() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("empty.db").display());
    let store = Store::connect(&Database { url, ..Default::default() }).await.unwrap();
    let error = store.list_tenants().await.unwrap_err();
    assert!(matches!(&error, Error::Unavailable(text) if text.contains("paraph migrate")), "{error:?}");
}
