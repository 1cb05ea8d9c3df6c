//! Importing a company's document, and what it leaves behind.

use super::{import, load, person, set};
use paraph::store::{By, Company, ImportError, Packed, Source};
use serde_json::{Value, json};
use tests::app::{ADA, GRACE, NOON_MS, company_file, example_company};
use tests::postgres::{Place, for_each_engine, sqlite};

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
        let error = store.import(&company, company_file, By::new("test", NOON_MS)).await.unwrap_err();
        assert!(matches!(error, ImportError::Document(_)), "{error:?}");
        assert!(error.to_string().contains("\"ada\"") && error.to_string().contains("\"alan\""), "{error}");
    })
    .await;
}

/// So many people that they are not handled at once; the first and the last have these addresses and object ids.
fn many(first: (&str, &str), last: (&str, &str)) -> Company<Packed> {
    let mut document = serde_json::to_value(example_company()).unwrap();
    let person = |number: usize| json!({ "id": format!("p{number}"), "address": format!("p{number}@example.com") });
    let mut people: Vec<Value> = (0..4_500).map(person).collect();
    for (at, (address, oid)) in [(0, first), (4_499, last)] {
        people[at]["address"] = address.into();
        people[at]["oid"] = oid.into();
        people[at]["groups"] = json!(["group-engine"]);
        people[at]["fields"] = json!({ "title": address });
    }
    people[0]["send_as"] = json!([last.0]);
    document["people"] = people.into();
    serde_json::from_value(document).unwrap()
}

#[tokio::test]
async fn addresses_and_object_ids_change_hands_however_far_apart_people_are() {
    for_each_engine(async |place: &Place| {
        let store = &place.store;
        let (one, other) = (("one@example.com", ADA.oid), ("other@example.com", GRACE.oid));
        let added = store.import(&many(one, other), company_file, By::new("test", NOON_MS)).await.unwrap();
        assert_eq!((added.people.added, added.details.added), (4_500, 4_500 + 2 + 2 + 1));
        let swapped = store.import(&many(other, one), company_file, By::new("test", NOON_MS)).await.unwrap();
        assert_eq!((swapped.people.added, swapped.people.changed, swapped.people.removed), (0, 2, 0));
        // Two addresses and two values; who may send from the first one's mailbox is the same person.
        assert_eq!((swapped.details.added, swapped.details.changed, swapped.details.removed), (0, 4, 0));
        let (first, last) = (person(store, "p0").await, person(store, "p4499").await);
        assert_eq!((first.person().address.as_str(), first.oid.as_deref()), (other.0, Some(other.1)));
        assert_eq!((last.person().address.as_str(), last.oid.as_deref()), (one.0, Some(one.1)));
        assert_eq!((first.person().fields["title"].as_str(), first.person().groups.len()), (other.0, 1));
        assert_eq!(first.send_as, ["p4499".into()].into());
        let again = store.import(&many(other, one), company_file, By::new("test", NOON_MS)).await.unwrap();
        assert!(!again.changed(), "{again:?}");
        let twice = store.import(&many(other, other), company_file, By::new("test", NOON_MS)).await.unwrap_err();
        assert!(twice.to_string().contains("\"p4499\"") && twice.to_string().contains("occurs twice"), "{twice}");
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
        assert_eq!(record.design.groups["group-engine"], "Engine room");
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
        let tokens: Vec<_> =
            record.design.fields.iter().map(|field| (field.token.as_str(), field.editable())).collect();
        assert_eq!(tokens, [("pronouns", true), ("badge", false)]);
        assert_eq!(record.design.rules, example_company().rules);
        assert_eq!(record.design.images[0].content_type, "image/png");
        let image = place.store.image(&record.tenant.id, &record.design.images[0].hash).await.unwrap().unwrap();
        assert_eq!(Some(image.bytes), company_file("logo.png"));
    })
    .await;
}

#[tokio::test]
async fn importing_twice_changes_nothing() {
    for_each_engine(async |place: &Place| {
        let tenant = import(&place.store, &example_company()).await;
        let before = load(&place.store).await.tenant.version;
        let report = place.store.import(&example_company(), company_file, By::new("test", NOON_MS)).await.unwrap();
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
        let report = place.store.import(&example_company(), edited, By::new("admin", NOON_MS)).await.unwrap();
        assert_eq!((report.templates.added, report.templates.changed), (0, 1));
        let versions: Vec<_> =
            load(&place.store).await.design.templates.into_iter().map(|t| (t.template.id, t.version)).collect();
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
        let old = load(&place.store).await.design.images[0].hash.clone();
        let gif = |name: &str| if name == "logo.png" { Some(b"GIF89a...".to_vec()) } else { company_file(name) };
        place.store.import(&example_company(), gif, By::new("admin", NOON_MS)).await.unwrap();
        let new = &load(&place.store).await.design.images[0];
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
        let report = place.store.import(&smaller, company_file, By::new("test", NOON_MS)).await.unwrap();
        assert_eq!(report.rules.removed, 1);
        let record = load(&place.store).await;
        assert_eq!(record.people.len(), 4);
        assert!(record.design.rules.is_empty());
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
        let error = place.store.import(&thief, company_file, By::new("test", NOON_MS)).await.unwrap_err();
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

/// Puts a mistake into a document.
type Spoil = fn(&mut Company);

#[tokio::test]
async fn a_mistake_in_a_document_is_named_with_its_entry() {
    let place = sqlite().await;
    let cases: [(&str, Spoil); 13] = [
        ("tenant.entra_id", |c| c.tenant.entra_id = Some("example".into())),
        ("tenant.domains", |c| c.tenant.domains.clear()),
        ("people[1]", |c| c.people[1].id = "ada".into()),
        ("ada@example.com", |c| c.people[1].address = c.people[0].address.clone()),
        ("the oid", |c| c.people[1].oid = c.people[0].oid.clone()),
        ("no-such-group", |c| c.people[0].groups.push("no-such-group".into())),
        ("stranger@example.org", |c| c.people[3].send_as[0] = "stranger@example.org".to_owned().try_into().unwrap()),
        ("missing.html", |c| c.templates[0].html = "missing.html".into()),
        ("logo.png is not UTF-8", |c| c.templates[0].html = "logo.png".into()),
        ("no-such-template", |c| c.rules[0].gives.signature = Some("no-such-template".into())),
        ("is a signature, not a campaign", |c| c.rules[0].gives.campaign = Some("long".into())),
        ("not a PNG, JPEG or GIF", |c| c.images[0].file = "long.html".into()),
        ("fields[0].token", |c| c.fields[0].token = "Cost centre".into()),
    ];
    for (named, spoil) in cases {
        let mut company = example_company();
        spoil(&mut company);
        let error = place.store.import(&company, company_file, By::new("test", NOON_MS)).await.unwrap_err();
        let ImportError::Document(text) = &error else { panic!("{named}: {error:?}") };
        assert!(text.contains(named), "{named}: {text}");
        assert_eq!(place.store.list_tenants().await.unwrap(), [], "{named}");
    }
}
