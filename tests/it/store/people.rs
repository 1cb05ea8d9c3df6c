//! People's values and links, one change at a time, and whose they are.

use super::{import, load, own, person, set};
use paraph::store::{By, Changed, DesignState, Error, Picked, Publishing, Source};
use serde_json::json;
use std::collections::BTreeSet;
use tests::app::{ADA, NOON_MS, OTHER_TENANT, STRANGER, example_company, other_company};
use tests::postgres::{Place, connect, for_each_engine};

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
        store
            .set_own_fields(&tenant, "ada", &own("pronouns", Some("they")), By::new("ada", NOON_MS + 1))
            .await
            .unwrap();
        let ada = person(store, "ada").await;
        assert_eq!((ada.own["pronouns"].as_str(), ada.person().fields["pronouns"].as_str()), ("they", "they"));
        store.set_own_fields(&tenant, "ada", &own("pronouns", None), By::new("ada", NOON_MS + 2)).await.unwrap();
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
        store.set_own_fields(&tenant, "ada", &own("pronouns", Some("they")), By::new("ada", NOON_MS)).await.unwrap();
        let version = load(store).await.tenant.version;
        store.set_own_fields(&tenant, "ada", &own("pronouns", Some("they")), By::new("ada", NOON_MS)).await.unwrap();
        store.set_own_fields(&tenant, "ada", &own("mobile", None), By::new("ada", NOON_MS)).await.unwrap();
        assert_eq!(load(store).await.tenant.version, version);
    })
    .await;
}

#[tokio::test]
async fn it_is_known_what_changes_were_about_or_that_it_could_be_everything() {
    for_each_engine(async |place: &Place| {
        let (store, tenant) = (&place.store, import(&place.store, &example_company()).await);
        let before = load(store).await.tenant.version;
        store.set_own_fields(&tenant, "ada", &own("pronouns", Some("they")), By::new("ada", NOON_MS)).await.unwrap();
        store.link_oid(&tenant, "alan", "an-oid", NOON_MS).await.unwrap();
        let people = BTreeSet::from(["ada".to_owned(), "alan".to_owned()]);
        let changed = store.changed(&tenant, before, before + 2).await.unwrap().unwrap();
        assert_eq!(changed, Changed { people: people.clone(), design: false });
        let record = load(store).await;
        for person in &record.people {
            let alone = store.load_person(&tenant, &person.id, &record.design.fields).await.unwrap();
            assert_eq!(alone.as_ref(), Some(person));
        }
        let accept = |_: &DesignState| Ok::<_, Error>(());
        let nothing = Publishing { picked: &Picked::default(), at_ms: None };
        store.publish(&tenant, nothing, accept, By::new("test", NOON_MS)).await.unwrap();
        let design = Changed { people: BTreeSet::new(), design: true };
        assert_eq!(store.changed(&tenant, before + 2, before + 3).await, Ok(Some(design)));
        let both = Changed { people, design: true };
        assert_eq!(store.changed(&tenant, before, before + 3).await, Ok(Some(both)));
        let mut company = example_company();
        company.rules.clear();
        import(store, &company).await;
        assert_eq!(store.changed(&tenant, before, before + 4).await, Ok(None));
        let mut other = connect(&place.database.url).await;
        sqlx::raw_sql("update tenants set version = version + 1").execute(&mut other).await.unwrap();
        assert_eq!(store.changed(&tenant, before + 4, before + 5).await, Ok(None), "a change without an entry");
        assert_eq!(store.load_person("no such tenant", "ada", &record.design.fields).await, Ok(None));
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
        let hash = &before.design.images[0].hash;
        assert_eq!(store.image(&theirs, hash).await, Ok(None));
        assert_eq!(store.template_version(&theirs, "long", 1).await, Ok(None));
        assert!(store.list_audit(&theirs, 10).await.unwrap().iter().all(|entry| entry.subject == theirs));
        let other = store.load_tenant(&theirs).await.unwrap().unwrap();
        assert!(!format!("{other:?}").contains("example.com"));
        let as_stranger = [
            store.set_own_fields(&theirs, "ada", &own("pronouns", Some("x")), By::new("mallory", NOON_MS)).await,
            store.link_oid(&theirs, "ada", "x", NOON_MS).await,
            store
                .set_own_fields("no such tenant", "ada", &own("pronouns", Some("x")), By::new("mallory", NOON_MS))
                .await,
        ];
        for result in as_stranger {
            assert!(matches!(result, Err(Error::NotFound(_))), "{result:?}");
        }
        // The same ids and object ids in another tenant are other rows.
        let mut twin = example_company();
        twin.tenant.entra_id = Some(OTHER_TENANT.into());
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
