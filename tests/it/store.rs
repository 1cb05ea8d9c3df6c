//! The store, on SQLite and on PostgreSQL.

use api::FieldChanges;
use paraph::company::Company;
use paraph::config::Database;
use paraph::store::{Error, ImportError, PersonRecord, Source, Store, TenantRecord};
use serde_json::json;
use std::collections::BTreeMap;
use tests::app::{ADA, NOON_MS, OTHER_TENANT, STRANGER, TENANT, company_file, example_company, other_company};
use tests::postgres::{Place, connect, for_each_engine, new_database, sqlite};

/// How many there are.
const MIGRATIONS: usize = 4;

async fn import(store: &Store, company: &Company) -> String {
    store.import(company, company_file, "test", NOON_MS).await.unwrap().tenant
}

async fn load(store: &Store) -> TenantRecord {
    store.load_tenant(TENANT).await.unwrap().unwrap()
}

async fn person(store: &Store, id: &str) -> PersonRecord {
    let people = load(store).await.people;
    people.into_iter().find(|record| &*record.id == id).unwrap()
}

async fn set(store: &Store, tenant: &str, source: Source, token: &str, value: Option<&str>) {
    let values = BTreeMap::from([(token.to_owned(), value.map(str::to_owned))]);
    store.set_values(tenant, "ada", source, &values, "admin", NOON_MS).await.unwrap();
}

fn own(token: &str, value: Option<&str>) -> FieldChanges {
    FieldChanges { fields: BTreeMap::from([(token.to_owned(), value.map(str::to_owned))]) }
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
            assert_eq!(store.pending_migrations().await, Ok(MIGRATIONS), "{url}");
        }
        let mut other = connect(&url).await;
        let noted = sqlx::query("select * from _sqlx_migrations").execute(&mut other).await;
        assert!(noted.is_err(), "the table was made: {url}");
        assert_eq!(store.migrate().await.unwrap().len(), MIGRATIONS);
        assert_eq!(store.pending_migrations().await, Ok(0));
    }
}

#[tokio::test]
async fn a_value_that_the_database_cannot_hold_is_the_callers_fault() {
    for_each_engine(async |place: &Place| {
        let tenant = import(&place.store, &example_company()).await;
        let result = place.store.set_own_fields(&tenant, "ada", &own("pronouns", Some("\0")), "ada", NOON_MS).await;
        // SQLite holds anything.
        assert!(place.is_sqlite() || matches!(result, Err(Error::Value(_))), "{result:?}");
    })
    .await;
}

#[tokio::test]
async fn an_object_id_moves_between_people_whom_the_document_names() {
    for_each_engine(async |place: &Place| {
        let store = &place.store;
        import(store, &example_company()).await;
        let mut company = example_company();
        // Ada and Grace change places, then Alan takes Ada's.
        let (ada, grace) = (company.people[0].oid.take(), company.people[1].oid.take());
        (company.people[0].oid, company.people[1].oid) = (grace.clone(), ada.clone());
        import(store, &company).await;
        assert_eq!(person(store, "ada").await.oid.as_deref(), grace.as_deref());
        assert_eq!(person(store, "grace").await.oid.as_deref(), ada.as_deref());
        company.people[1].oid = None;
        company.people[2].oid.clone_from(&ada);
        import(store, &company).await;
        assert_eq!(person(store, "grace").await.oid, None);
        assert_eq!(person(store, "alan").await.oid.as_deref(), ada.as_deref());
        // Who holds it is not in the document: nobody is unlinked behind their back.
        company.people[0].oid = ada;
        company.people.remove(2);
        let error = store.import(&company, company_file, "test", NOON_MS).await.unwrap_err();
        assert!(matches!(error, ImportError::Document(_)), "{error:?}");
        assert!(error.to_string().contains("\"ada\"") && error.to_string().contains("\"alan\""), "{error}");
    })
    .await;
}

#[tokio::test]
async fn what_is_imported_can_be_loaded() {
    for_each_engine(async |place: &Place| {
        import(&place.store, &example_company()).await;
        let record = load(&place.store).await;
        assert_eq!(record.tenant.name, "Example");
        assert_eq!(record.tenant.domains, ["example.com"]);
        assert_eq!(record.groups["group-engine"], "Engine room");
        let ids: Vec<_> = record.people.iter().map(|record| &*record.id).collect();
        assert_eq!(ids, ["ada", "alan", "desk", "grace"]);
        let ada = &record.people[0];
        assert_eq!(ada.oid.as_deref(), Some(ADA.oid));
        assert_eq!(ada.person().address.as_str(), ADA.address);
        assert_eq!(ada.person().aliases[0].as_str(), "countess@example.com");
        assert_eq!(ada.person().groups, ["group-engine"]);
        assert_eq!(ada.person().fields["title"], "Analyst");
        assert!(record.people[2].shared);
        assert_eq!(record.people[2].send_as, ["ada".into()].into());
        let tokens: Vec<_> = record.fields.iter().map(|field| (field.token.as_str(), field.editable())).collect();
        assert_eq!(tokens, [("pronouns", true), ("badge", false)]);
        assert_eq!(record.rules, example_company().rules);
        assert_eq!(record.images[0].content_type, "image/png");
        let image = place.store.image(&record.tenant.id, &record.images[0].hash).await.unwrap().unwrap();
        assert_eq!(Some(image.bytes), company_file("logo.png"));
    })
    .await;
}

#[tokio::test]
async fn importing_twice_changes_nothing() {
    for_each_engine(async |place: &Place| {
        let tenant = import(&place.store, &example_company()).await;
        let before = load(&place.store).await.tenant.version;
        let report = place.store.import(&example_company(), company_file, "test", NOON_MS).await.unwrap();
        assert!(!report.changed(), "{report:?}");
        assert_eq!(load(&place.store).await.tenant.version, before);
        assert_eq!(place.store.list_audit(&tenant, 10).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_changed_template_gets_a_new_version_and_the_old_one_is_kept() {
    for_each_engine(async |place: &Place| {
        let tenant = import(&place.store, &example_company()).await;
        let edited = |name: &str| if name == "short.html" { Some(b"<p>new</p>".to_vec()) } else { company_file(name) };
        let report = place.store.import(&example_company(), edited, "admin", NOON_MS).await.unwrap();
        assert_eq!((report.templates.added, report.templates.changed), (0, 1));
        let versions: Vec<_> =
            load(&place.store).await.templates.into_iter().map(|t| (t.template.id, t.version)).collect();
        assert_eq!(versions, [("long".to_owned(), 1), ("short".to_owned(), 2)]);
        let first = place.store.template_version(&tenant, "short", 1).await.unwrap().unwrap();
        assert_eq!(first.html, "<p>{{ display_name }}</p>");
        let second = place.store.template_version(&tenant, "short", 2).await.unwrap().unwrap();
        assert_eq!(second.html, "<p>new</p>");
    })
    .await;
}

#[tokio::test]
async fn a_replaced_image_stays_for_mails_that_were_sent() {
    for_each_engine(async |place: &Place| {
        let tenant = import(&place.store, &example_company()).await;
        let old = load(&place.store).await.images[0].hash.clone();
        let gif = |name: &str| if name == "logo.png" { Some(b"GIF89a...".to_vec()) } else { company_file(name) };
        place.store.import(&example_company(), gif, "admin", NOON_MS).await.unwrap();
        let new = &load(&place.store).await.images[0];
        assert_ne!(new.hash, old);
        assert_eq!(new.content_type, "image/gif");
        assert!(place.store.image(&tenant, &old).await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn an_import_follows_the_document_and_leaves_what_it_does_not_name() {
    for_each_engine(async |place: &Place| {
        let tenant = import(&place.store, &example_company()).await;
        set(&place.store, &tenant, Source::Manual, "title", Some("Countess")).await;
        let mut smaller = example_company();
        smaller.people.retain(|person| person.id == "ada");
        smaller.people[0].aliases.clear();
        smaller.people[0].groups.clear();
        smaller.people[0].oid = None;
        smaller.people[0].fields.remove("badge");
        smaller.rules.clear();
        let report = place.store.import(&smaller, company_file, "test", NOON_MS).await.unwrap();
        assert_eq!(report.rules.removed, 1);
        let record = load(&place.store).await;
        assert_eq!(record.people.len(), 4);
        assert!(record.rules.is_empty());
        let ada = &record.people[0];
        assert_eq!(ada.oid.as_deref(), Some(ADA.oid), "who is linked stays linked");
        assert!(ada.person().aliases.is_empty() && ada.person().groups.is_empty());
        assert_eq!(ada.person().fields.get("badge"), None);
        assert_eq!(ada.person().fields["title"], "Countess", "other sources are not the document's business");
    })
    .await;
}

#[tokio::test]
async fn addresses_can_change_hands_within_one_document() {
    for_each_engine(async |place: &Place| {
        import(&place.store, &example_company()).await;
        let mut swapped = example_company();
        let (ada, grace) = (swapped.people[0].address.clone(), swapped.people[1].address.clone());
        swapped.people[0].address = grace;
        swapped.people[1].address = ada;
        swapped.people[3].send_as.clear();
        import(&place.store, &swapped).await;
        assert_eq!(person(&place.store, "ada").await.person().address.as_str(), "grace@example.com");
        assert_eq!(person(&place.store, "grace").await.person().address.as_str(), "ada@example.com");
    })
    .await;
}

#[tokio::test]
async fn an_address_has_one_owner() {
    for_each_engine(async |place: &Place| {
        import(&place.store, &example_company()).await;
        let mut thief = example_company();
        thief.people.retain(|person| person.id == "alan");
        thief.people[0].aliases = vec!["countess@example.com".to_owned().try_into().unwrap()];
        let error = place.store.import(&thief, company_file, "test", NOON_MS).await.unwrap_err();
        let ImportError::Document(text) = &error else { panic!("{error:?}") };
        assert!(text.contains("countess@example.com") && text.contains("ada"), "{text}");
        assert!(person(&place.store, "alan").await.person().aliases.is_empty(), "nothing of it was imported");
    })
    .await;
}

#[tokio::test]
async fn a_dry_run_counts_and_changes_nothing() {
    for_each_engine(async |place: &Place| {
        let report = place.store.try_import(&example_company(), company_file).await.unwrap();
        assert_eq!(report.people.added, 4);
        assert_eq!(place.store.list_tenants().await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn the_highest_source_wins_field_by_field() {
    for_each_engine(async |place: &Place| {
        let tenant = import(&place.store, &example_company()).await;
        let store = &place.store;
        let value =
            async |token: &str| person(store, "ada").await.person().fields.get(token).cloned().unwrap_or_default();
        set(store, &tenant, Source::Google, "title", Some("from google")).await;
        assert_eq!(value("title").await, "Analyst");
        set(store, &tenant, Source::Database, "title", Some("from database")).await;
        assert_eq!(value("title").await, "from database");
        set(store, &tenant, Source::Database, "title", Some("")).await;
        assert_eq!(value("title").await, "Analyst", "an empty value of a database means that it knows none");
        set(store, &tenant, Source::Manual, "title", Some("")).await;
        assert_eq!(value("title").await, "", "an empty value of an admin means that nothing is shown");
        set(store, &tenant, Source::Manual, "title", Some("by an admin")).await;
        set(store, &tenant, Source::Own, "title", Some("by herself")).await;
        assert_eq!(value("title").await, "by an admin", "people's own values count only where the admin lets them");
        set(store, &tenant, Source::Manual, "pronouns", Some("by an admin")).await;
        set(store, &tenant, Source::Own, "pronouns", Some("she")).await;
        assert_eq!(value("pronouns").await, "she");
        assert_eq!(value("badge").await, "SECRET-BADGE", "other fields are as they were");
    })
    .await;
}

#[tokio::test]
async fn own_values_can_be_set_and_undone_and_both_are_audited() {
    for_each_engine(async |place: &Place| {
        let (store, tenant) = (&place.store, import(&place.store, &example_company()).await);
        let before = load(store).await.tenant.version;
        store.set_own_fields(&tenant, "ada", &own("pronouns", Some("they")), "ada", NOON_MS + 1).await.unwrap();
        let ada = person(store, "ada").await;
        assert_eq!((ada.own["pronouns"].as_str(), ada.person().fields["pronouns"].as_str()), ("they", "they"));
        store.set_own_fields(&tenant, "ada", &own("pronouns", None), "ada", NOON_MS + 2).await.unwrap();
        assert_eq!(person(store, "ada").await.person().fields.get("pronouns"), None);
        assert_eq!(load(store).await.tenant.version, before + 2);
        let audit = store.list_audit(&tenant, 2).await.unwrap();
        assert_eq!((audit[0].at_ms, audit[1].at_ms), (NOON_MS + 2, NOON_MS + 1));
        assert_eq!((audit[1].actor.id.as_str(), audit[1].action.as_str()), ("ada", "set_values"));
        let detail: serde_json::Value = serde_json::from_str(&audit[0].detail).unwrap();
        assert_eq!(detail, json!({ "source": "self", "fields": { "pronouns": { "from": "they", "to": null } } }));
    })
    .await;
}

#[tokio::test]
async fn values_that_are_so_already_are_no_change() {
    for_each_engine(async |place: &Place| {
        let (store, tenant) = (&place.store, import(&place.store, &example_company()).await);
        store.set_own_fields(&tenant, "ada", &own("pronouns", Some("they")), "ada", NOON_MS).await.unwrap();
        let version = load(store).await.tenant.version;
        store.set_own_fields(&tenant, "ada", &own("pronouns", Some("they")), "ada", NOON_MS).await.unwrap();
        store.set_own_fields(&tenant, "ada", &own("mobile", None), "ada", NOON_MS).await.unwrap();
        assert_eq!(load(store).await.tenant.version, version);
    })
    .await;
}

#[tokio::test]
async fn it_is_known_whom_changes_were_about_or_that_it_was_more_than_people() {
    for_each_engine(async |place: &Place| {
        let (store, tenant) = (&place.store, import(&place.store, &example_company()).await);
        let before = load(store).await.tenant.version;
        store.set_own_fields(&tenant, "ada", &own("pronouns", Some("they")), "ada", NOON_MS).await.unwrap();
        store.link_oid(&tenant, "alan", "an-oid", NOON_MS).await.unwrap();
        let changed = store.changed_people(&tenant, before, before + 2).await.unwrap().unwrap();
        assert_eq!(changed.into_iter().collect::<Vec<_>>(), ["ada", "alan"]);
        let record = load(store).await;
        for person in &record.people {
            let alone = store.load_person(&tenant, &person.id, &record.fields).await.unwrap();
            assert_eq!(alone.as_ref(), Some(person));
        }
        let mut company = example_company();
        company.rules.clear();
        import(store, &company).await;
        assert_eq!(store.changed_people(&tenant, before, before + 3).await, Ok(None));
        let mut other = connect(&place.database.url).await;
        sqlx::raw_sql("update tenants set version = version + 1").execute(&mut other).await.unwrap();
        assert_eq!(store.changed_people(&tenant, before + 3, before + 4).await, Ok(None), "a change without an entry");
        assert_eq!(store.load_person("no such tenant", "ada", &record.fields).await, Ok(None));
    })
    .await;
}

#[tokio::test]
async fn somebody_is_linked_once_and_an_object_id_belongs_to_one_person() {
    for_each_engine(async |place: &Place| {
        let (store, tenant) = (&place.store, import(&place.store, &example_company()).await);
        let oid = "AAAAAAAA-1111-4000-8000-000000000003";
        store.link_oid(&tenant, "alan", oid, NOON_MS).await.unwrap();
        assert_eq!(person(store, "alan").await.oid, Some(oid.to_lowercase().into()));
        store.link_oid(&tenant, "alan", oid, NOON_MS).await.unwrap();
        let other = store.link_oid(&tenant, "alan", "another", NOON_MS).await;
        assert!(matches!(other, Err(Error::Conflict(_))), "{other:?}");
        let taken = store.link_oid(&tenant, "desk", ADA.oid, NOON_MS).await;
        assert!(matches!(taken, Err(Error::Conflict(_))), "{taken:?}");
        let nobody = store.link_oid(&tenant, "nobody", "x", NOON_MS).await;
        assert!(matches!(nobody, Err(Error::NotFound(_))), "{nobody:?}");
    })
    .await;
}

#[tokio::test]
async fn nothing_of_another_tenant_comes_out_of_any_function() {
    for_each_engine(async |place: &Place| {
        let store = &place.store;
        let (mine, theirs) = (import(store, &example_company()).await, import(store, &other_company()).await);
        let before = load(store).await;
        let hash = &before.images[0].hash;
        assert_eq!(store.image(&theirs, hash).await, Ok(None));
        assert_eq!(store.template_version(&theirs, "long", 1).await, Ok(None));
        assert!(store.list_audit(&theirs, 10).await.unwrap().iter().all(|entry| entry.subject == theirs));
        let other = store.load_tenant(OTHER_TENANT).await.unwrap().unwrap();
        assert!(!format!("{other:?}").contains("example.com"));
        let as_stranger = [
            store.set_own_fields(&theirs, "ada", &own("pronouns", Some("x")), "mallory", NOON_MS).await,
            store.link_oid(&theirs, "ada", "x", NOON_MS).await,
            store.set_own_fields("no such tenant", "ada", &own("pronouns", Some("x")), "mallory", NOON_MS).await,
        ];
        for result in as_stranger {
            assert!(matches!(result, Err(Error::NotFound(_))), "{result:?}");
        }
        // The same ids and object ids in another tenant are other rows.
        let mut twin = example_company();
        twin.tenant.entra_id = OTHER_TENANT.into();
        twin.people[0].fields.insert("title".into(), "Twin".into());
        import(store, &twin).await;
        let after = load(store).await;
        assert_eq!(after.tenant.version, before.tenant.version);
        assert_eq!(after.people[0], before.people[0]);
        assert_eq!(store.list_tenants().await.unwrap().len(), 2);
        assert_ne!(mine, theirs);
        assert!(store.load_tenant(STRANGER.oid).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn writes_from_two_nodes_come_one_after_the_other() {
    for_each_engine(async |place: &Place| {
        let tenant = import(&place.store, &example_company()).await;
        let before = load(&place.store).await.tenant.version;
        let patient = paraph::config::Database { timeout_ms: 10_000, ..place.database.clone() };
        let nodes = [Store::connect(&patient).await.unwrap(), Store::connect(&patient).await.unwrap()];
        let mut writes = tokio::task::JoinSet::new();
        for number in 0..20 {
            let (node, tenant) = (nodes[number % 2].clone(), tenant.clone());
            writes.spawn(async move {
                let change = own("pronouns", Some(&number.to_string()));
                node.set_own_fields(&tenant, "ada", &change, "ada", NOON_MS).await.unwrap();
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
        let error = place.store.set_own_fields(&tenant, "ada", &change, "ada", NOON_MS).await.unwrap_err();
        let Error::Unavailable(text) = &error else { panic!("{error:?}") };
        assert!(text.contains("locked"), "{text}");
        assert_eq!(load(&place.store).await.people.len(), 4);
        sqlx::raw_sql("rollback").execute(&mut other).await.unwrap();
        place.store.set_own_fields(&tenant, "ada", &change, "ada", NOON_MS).await.unwrap();
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
            store.set_own_fields(&tenant, "ada", &own("pronouns", None), "ada", NOON_MS).await.err(),
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
    let fill = "insert into tenants (id, entra_id, name, domains, version, created_ms)
                values ('x', 'x', hex(randomblob(1000000)), '[]', 1, 0)";
    let error = Error::from(sqlx::raw_sql(fill).execute(&mut connection).await.unwrap_err());
    let Error::Unavailable(text) = &error else { panic!("{error:?}") };
    assert!(text.contains("full"), "{text}");
}

#[tokio::test]
async fn a_database_that_was_never_migrated_says_what_to_run() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("empty.db").display());
    let store = Store::connect(&paraph::config::Database { url, ..Default::default() }).await.unwrap();
    let error = store.list_tenants().await.unwrap_err();
    assert!(matches!(&error, Error::Unavailable(text) if text.contains("paraph migrate")), "{error:?}");
}

/// Puts a mistake into a document.
type Spoil = fn(&mut Company);

#[tokio::test]
async fn a_mistake_in_a_document_is_named_with_its_entry() {
    let place = sqlite().await;
    let cases: [(&str, Spoil); 13] = [
        ("tenant.entra_id", |c| c.tenant.entra_id = "example".into()),
        ("tenant.domains", |c| c.tenant.domains.clear()),
        ("people[1]", |c| c.people[1].id = "ada".into()),
        ("ada@example.com", |c| c.people[1].address = c.people[0].address.clone()),
        ("the oid", |c| c.people[1].oid = c.people[0].oid.clone()),
        ("no-such-group", |c| c.people[0].groups.push("no-such-group".into())),
        ("stranger@example.org", |c| c.people[3].send_as[0] = "stranger@example.org".to_owned().try_into().unwrap()),
        ("missing.html", |c| c.templates[0].html = "missing.html".into()),
        ("logo.png is not UTF-8", |c| c.templates[0].html = "logo.png".into()),
        ("no-such-template", |c| c.rules[0].gives.signature = Some("no-such-template".into())),
        ("no campaign but a signature", |c| c.rules[0].gives.campaign = Some("long".into())),
        ("neither PNG, JPEG nor GIF", |c| c.images[0].file = "long.html".into()),
        ("fields[0].token", |c| c.fields[0].token = "Cost centre".into()),
    ];
    for (named, spoil) in cases {
        let mut company = example_company();
        spoil(&mut company);
        let error = place.store.import(&company, company_file, "test", NOON_MS).await.unwrap_err();
        let ImportError::Document(text) = &error else { panic!("{named}: {error:?}") };
        assert!(text.contains(named), "{named}: {text}");
        assert_eq!(place.store.list_tenants().await.unwrap(), [], "{named}");
    }
}
