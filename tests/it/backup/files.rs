//! Backups as files: whole or not there, from one moment, readable by their owner alone.

use super::{at, everything, parts, postgres, restore, with_companies, write};
use paraph::backup::format::Part;
use paraph::backup::{self, Destination};
use paraph::store::{By, Value};
use std::os::unix::fs::PermissionsExt as _;
use tests::app::{NOON_MS, TENANT};
use tests::postgres::{Place, for_each_engine};

#[tokio::test]
async fn a_backup_replaces_no_file_unless_told_and_belongs_to_its_owner() {
    for_each_engine(async |place: &Place| {
        with_companies(&place.store).await;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("paraph.backup");
        write(&place.store, &file).await;
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::write(&file, "something else").unwrap();
        let again = backup::write(&place.store, at(&file), NOON_MS, &mut |_, _| {}).await;
        assert!(format!("{:#}", again.unwrap_err()).contains("--replace"));
        assert_eq!(std::fs::read(&file).unwrap(), b"something else");
        backup::write(&place.store, Destination { replace: true, ..at(&file) }, NOON_MS, &mut |_, _| {}).await.unwrap();
        assert!(backup::check(&file).is_ok());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left");
        place.vanish().await;
        let gone = backup::write(&place.store, at(&folder.path().join("next")), NOON_MS, &mut |_, _| {}).await;
        assert!(gone.is_err());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing of the failed one is left");
    })
    .await;
}

#[tokio::test]
async fn a_backup_is_of_one_moment_while_others_write() {
    for_each_engine(async |place: &Place| {
        with_companies(&place.store).await;
        let before = versions(&everything(&place.store).await);
        let store = place.second_store().await;
        let (stop, mut stopped) = tokio::sync::oneshot::channel::<()>();
        let writer = tokio::spawn(async move {
            let tenant = store.list_tenants().await.unwrap().into_iter().find(|one| one.handle() == TENANT).unwrap().id;
            let mut number = 0;
            while stopped.try_recv() == Err(tokio::sync::oneshot::error::TryRecvError::Empty) {
                let change = [("pronouns".to_owned(), Some(number.to_string()))].into();
                // A lock that somebody else holds is no failure here.
                number +=
                    u64::from(store.set_own_fields(&tenant, "ada", &change, By::new("ada", NOON_MS)).await.is_ok());
            }
            store.close().await;
            number
        });
        let folder = tempfile::tempdir().unwrap();
        let mut seen = std::collections::BTreeSet::new();
        let mut taken = 0;
        // Until backups of three moments were taken.
        while seen.len() < 3 {
            let file = folder.path().join(format!("{taken}.backup"));
            write(&place.store, &file).await;
            let (version, audit) = versions(&parts(&file));
            assert_eq!(
                version - before.0,
                audit - before.1,
                "a change without its audit entry, or the other way round"
            );
            seen.insert(version);
            taken += 1;
            assert!(taken < 10_000, "nobody writes");
        }
        stop.send(()).unwrap();
        assert!(writer.await.unwrap() > 1);
    })
    .await;
}

/// The first company's version, and how many audit entries it has.
fn versions(parts: &[Part]) -> (i64, i64) {
    let (mut table, mut tenant, mut version, mut audit) = ("", Value::Null, 0, 0);
    for part in parts {
        match part {
            Part::Table(name, _) => table = name,
            Part::Row(row) if table == "tenants" && row.contains(&Value::Text(TENANT.into())) => {
                tenant = row[0].clone();
                let numbers: Vec<_> = row
                    .iter()
                    .filter_map(|value| match value {
                        Value::Int(number) => Some(*number),
                        _ => None,
                    })
                    .collect();
                version = numbers[0];
            }
            Part::Row(row) if table == "audit" && row[0] == tenant => audit += 1,
            Part::Row(_) => {}
        }
    }
    (version, audit)
}

#[tokio::test]
async fn restoring_replaces_what_is_there_as_a_whole() {
    for_each_engine(async |place: &Place| {
        let folder = tempfile::tempdir().unwrap();
        let (empty, full) = (folder.path().join("empty"), folder.path().join("full"));
        write(&place.store, &empty).await;
        with_companies(&place.store).await;
        let all = everything(&place.store).await;
        write(&place.store, &full).await;
        restore(&place.store, &empty).await.unwrap();
        assert!(place.store.list_tenants().await.unwrap().is_empty());
        restore(&place.store, &full).await.unwrap();
        assert_eq!(everything(&place.store).await, all);
        assert_eq!(place.store.pending_migrations().await, Ok(0));
    })
    .await;
}

#[tokio::test]
async fn a_restored_company_signs_as_before() {
    let app = tests::app::TestApp::start().await;
    let body = serde_json::json!({ "kind": "new" });
    let before = app.post(api::paths::SIGNATURE, tests::app::ADA, &body).await.json();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("paraph.backup");
    write(&app.app.store, &file).await;
    let (store, database) = postgres().await;
    restore(&store, &file).await.unwrap();
    store.close().await;
    let other = tests::app::TestApp::start_with(|config| config.database.url = database.url).await;
    let after = other.post(api::paths::SIGNATURE, tests::app::ADA, &body).await.json();
    let html = |answer: &serde_json::Value, url: &str| answer["html"].as_str().unwrap().replace(url, "");
    assert_eq!(html(&before, &app.url), html(&after, &other.url));
    assert_eq!(before["text"], after["text"]);
}
