//! Who gets which signature from which address, and how the snapshot follows the database.

mod following;
mod lists;
mod others;

use api::{MAX_RECIPIENTS, MAX_SUBJECT};
use email_signature::{BodyFormat, Kind, Person, RecipientType, Rule, SenderCondition};
use paraph::clock::Clock;
use paraph::signing::{Refusal, Signed, choices_for, read_draft, select_for, signature_for};
use paraph::store::{By, Company, Error};
use paraph::tenant::{Tenant, Tenants};
use serde_json::{from_value, json};
use std::collections::BTreeMap;
use std::future::{Future as _, poll_fn};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tests::app::{ADA, ALAN, GRACE, NOON_MS, TENANT, company_file, example_company};
use tests::postgres::{Place, sqlite};

struct Here {
    place: Place,
    clock: Clock,
    tenants: Tenants,
}

impl Here {
    async fn with(company: &Company) -> Self {
        let place = sqlite().await;
        let clock = Clock::mock(NOON_MS);
        let tenants = Tenants::new(place.store.clone(), clock.clone(), "https://paraph.example".into());
        let here = Self { place, clock, tenants };
        here.import(company).await;
        here
    }

    async fn import(&self, company: &Company) {
        self.place.store.import(company, company_file, By::new("test", NOON_MS)).await.unwrap();
        self.clock.advance_ms(1_000);
    }

    async fn tenant(&self) -> Arc<Tenant> {
        self.tenants.of_entra(TENANT).await.unwrap().unwrap()
    }
}

fn draft(from: &str) -> api::Draft {
    api::Draft {
        kind: Kind::New,
        from: Some(from.into()),
        recipients: vec![],
        recipients_unread: false,
        format: BodyFormat::Html,
        subject: String::new(),
        time_zone: None,
        platform: None,
        version: None,
        choice: None,
        explain: true,
        weather: Vec::new(),
    }
}

fn ada(tenant: &Tenant) -> Person {
    tenant.record_by_oid(ADA.oid).unwrap().person()
}

fn sign(tenant: &Tenant, user: &Person, from: &str, choice: Option<&str>) -> Result<Signed, Refusal> {
    let draft = read_draft(tenant, user, &draft(from)).unwrap();
    Ok(select_for(tenant, user, &draft, choice, NOON_MS)?.fill_explained())
}

#[tokio::test]
async fn the_signature_is_filled_with_the_person_and_says_why() {
    let here = Here::with(&example_company()).await;
    let tenant = here.tenant().await;
    let signed = sign(&tenant, &ada(&tenant), ADA.address, None).unwrap();
    assert!(signed.signature.html.contains("Ada Lovelace"), "{}", signed.signature.html);
    assert_eq!(signed.name.as_deref(), Some("Long"));
    assert!(signed.signature.because[0].applied);
    let (id, hash) =
        (&tenant.id, &here.place.store.load_tenant(&tenant.id).await.unwrap().unwrap().design.images[0].hash);
    let url = format!("https://paraph.example/images/{id}/{hash}/logo.png");
    assert!(signed.signature.html.contains(&url), "{}", signed.signature.html);
    assert!(signed.images.is_empty(), "hosted images are not attached");
}

#[tokio::test]
async fn an_alias_and_any_spelling_of_ones_own_address_are_ones_own() {
    let here = Here::with(&example_company()).await;
    let tenant = here.tenant().await;
    for from in ["countess@example.com", "ADA@Example.com"] {
        let signed = sign(&tenant, &ada(&tenant), from, None).unwrap();
        assert!(signed.signature.html.contains("Ada Lovelace"), "{from}");
    }
}

#[tokio::test]
async fn a_shared_mailbox_signs_as_itself_for_those_whom_it_lets() {
    let here = Here::with(&example_company()).await;
    let tenant = here.tenant().await;
    let signed = sign(&tenant, &ada(&tenant), "desk@example.com", None).unwrap();
    assert!(signed.signature.html.contains("Help desk"), "{}", signed.signature.html);
    let grace = &tenant.record_by_oid(GRACE.oid).unwrap().person();
    assert_eq!(sign(&tenant, grace, "desk@example.com", None).unwrap_err(), Refusal::NotYours);
    let senders: Vec<_> = tenant.senders(&ada(&tenant)).into_iter().map(String::from).collect();
    assert_eq!(senders, ["ada@example.com", "countess@example.com", "desk@example.com"]);
}

#[tokio::test]
async fn another_persons_address_is_refused_their_aliases_too() {
    let here = Here::with(&example_company()).await;
    let tenant = here.tenant().await;
    let grace = &tenant.record_by_oid(GRACE.oid).unwrap().person();
    for from in [ADA.address, "countess@example.com", ALAN.address] {
        assert_eq!(sign(&tenant, grace, from, None).unwrap_err(), Refusal::NotYours, "{from}");
        let draft = read_draft(&tenant, grace, &draft(from)).unwrap();
        assert_eq!(choices_for(&tenant, grace, &draft, NOON_MS).unwrap_err(), Refusal::NotYours, "{from}");
    }
}

#[tokio::test]
async fn an_address_elsewhere_counts_as_ones_own_and_never_shows() {
    let mut company = example_company();
    let mail = json!({ "id": "mail", "name": "Mail", "part": "signature", "html": "mail.html" });
    company.templates.push(from_value(mail).unwrap());
    let from_here = json!({
        "id": "here", "name": "From here", "gives": { "signature": "mail" },
        "senders": { "any_of": [{ "is": "domain", "domain": "example.com" }] }
    });
    company.rules.insert(0, from_value(from_here).unwrap());
    let place = sqlite().await;
    let file = |name: &str| match name {
        "mail.html" => Some(b"<p>{{ email }}</p>".to_vec()),
        other => company_file(other),
    };
    place.store.import(&company, file, By::new("test", NOON_MS)).await.unwrap();
    let tenants = Tenants::new(place.store.clone(), Clock::mock(NOON_MS), "https://paraph.example".into());
    let tenant = tenants.of_entra(TENANT).await.unwrap().unwrap();
    let signed = sign(&tenant, &ada(&tenant), "boss@private.example", None).unwrap();
    assert_eq!(signed.name.as_deref(), Some("Mail"), "selected as from her own address");
    assert!(signed.signature.html.contains(ADA.address), "{}", signed.signature.html);
    assert!(!signed.signature.html.contains("private.example"), "{}", signed.signature.html);
}

#[tokio::test]
async fn an_address_of_ours_that_nobody_has_is_refused() {
    let here = Here::with(&example_company()).await;
    let tenant = here.tenant().await;
    for from in ["ceo@example.com", "CEO@Example.com"] {
        assert_eq!(sign(&tenant, &ada(&tenant), from, None).unwrap_err(), Refusal::NotYours, "{from}");
    }
}

#[tokio::test]
async fn a_choice_counts_only_where_it_is_offered() {
    let mut company = example_company();
    let here = Here::with(&company).await;
    let tenant = here.tenant().await;
    let chosen = sign(&tenant, &ada(&tenant), ADA.address, Some("short")).unwrap();
    assert_eq!(chosen.name.as_deref(), Some("Short"));
    for ignored in ["long", "no-such-template"] {
        let signed = sign(&tenant, &ada(&tenant), ADA.address, Some(ignored)).unwrap();
        assert_eq!(signed.name.as_deref(), Some("Long"), "{ignored}");
    }
    company.templates[1].offered_to = Some(vec![SenderCondition::Group { id: "group-engine".into() }]);
    here.place.store.import(&company, company_file, By::new("test", NOON_MS)).await.unwrap();
    here.clock.advance_ms(1_000);
    let tenant = here.tenant().await;
    let grace = &tenant.record_by_oid(GRACE.oid).unwrap().person();
    assert_eq!(sign(&tenant, grace, GRACE.address, Some("short")).unwrap().name.as_deref(), Some("Long"));
    assert_eq!(sign(&tenant, &ada(&tenant), ADA.address, Some("short")).unwrap().name.as_deref(), Some("Short"));
    // The shared mailbox is the sender then, and it is not in the group.
    let from_desk = sign(&tenant, &ada(&tenant), "desk@example.com", Some("short")).unwrap();
    assert_eq!(from_desk.name.as_deref(), Some("Long"));
}

#[tokio::test]
async fn choices_are_the_offered_signatures_but_for_the_one_that_the_rules_give() {
    let mut company = example_company();
    company.templates[0].offered_to = Some(vec![]);
    let here = Here::with(&company).await;
    let tenant = here.tenant().await;
    let draft = read_draft(&tenant, &ada(&tenant), &draft(ADA.address)).unwrap();
    let choices = choices_for(&tenant, &ada(&tenant), &draft, NOON_MS).unwrap();
    let ids: Vec<_> = choices.iter().map(|choice| choice.template.as_str()).collect();
    assert_eq!(ids, ["short"]);
    assert!(choices[0].signature.html.contains("Ada Lovelace"));
}

#[tokio::test]
async fn images_of_a_template_that_attaches_come_with_their_bytes_and_hosted_in_previews() {
    let mut company = example_company();
    company.templates[0].images = email_signature::ImageMode::Cid;
    company.templates[0].offered_to = Some(vec![]);
    company.rules.push(
        from_value::<Rule>(
            json!({ "id": "r", "name": "Replies", "kinds": ["reply"], "gives": { "signature": "short" } }),
        )
        .unwrap(),
    );
    company.rules.reverse();
    let here = Here::with(&company).await;
    let tenant = here.tenant().await;
    let signed = sign(&tenant, &ada(&tenant), ADA.address, None).unwrap();
    let image = &signed.images[0];
    assert!(signed.signature.html.contains(&format!("\"cid:{}\"", image.cid)), "{}", signed.signature.html);
    assert_eq!(Some(image.bytes.to_vec()), company_file("logo.png"));
    let reply = api::Draft { kind: Kind::Reply, ..draft(ADA.address) };
    let draft = read_draft(&tenant, &ada(&tenant), &reply).unwrap();
    let choices = choices_for(&tenant, &ada(&tenant), &draft, NOON_MS).unwrap();
    assert!(
        choices[0].signature.html.contains(&image.url) && !choices[0].signature.html.contains("cid:"),
        "{}",
        choices[0].signature.html
    );
}

#[tokio::test]
async fn the_snapshot_follows_the_database_within_a_second() {
    let here = Here::with(&example_company()).await;
    let before = here.tenant().await;
    let mut company = example_company();
    company.people[0].fields.insert("title".into(), "Programmer".into());
    here.place.store.import(&company, company_file, By::new("another node", NOON_MS)).await.unwrap();
    here.clock.advance_ms(999);
    assert_eq!(here.tenant().await.version, before.version, "asked at most once a second");
    here.clock.advance_ms(1);
    let after = here.tenant().await;
    assert_eq!(after.version, before.version + 1);
    assert!(sign(&after, &ada(&after), ADA.address, None).unwrap().signature.html.contains("Programmer"));
    assert!(
        sign(&before, &ada(&before), ADA.address, None).unwrap().signature.html.contains("Analyst"),
        "the old one stays whole"
    );
}

#[tokio::test]
async fn ones_own_writes_show_at_once() {
    let here = Here::with(&example_company()).await;
    let before = here.tenant().await;
    let change = BTreeMap::from([("pronouns".into(), Some("they/them".into()))]);
    here.place.store.set_own_fields(&before.id, "ada", &change, By::new("ada", NOON_MS)).await.unwrap();
    here.tenants.forget(&before);
    let after = here.tenant().await;
    assert_eq!(after.own_value(&ada(&after), "pronouns"), Some("they/them"));
    assert!(sign(&after, &ada(&after), ADA.address, None).unwrap().signature.html.contains("they/them"));
}

#[tokio::test]
async fn after_somebodys_own_change_the_snapshot_is_as_if_loaded_anew() {
    let here = Here::with(&example_company()).await;
    let before = here.tenant().await;
    let change = BTreeMap::from([("pronouns".into(), Some("they/them".into()))]);
    here.place.store.set_own_fields(&before.id, "ada", &change, By::new("ada", NOON_MS)).await.unwrap();
    here.place.store.link_oid(&before.id, "alan", ALAN.oid, NOON_MS).await.unwrap();
    here.tenants.forget(&before);
    let followed = here.tenant().await;
    let anew = Tenants::new(here.place.store.clone(), here.clock.clone(), "https://paraph.example".into());
    let anew = anew.of_entra(TENANT).await.unwrap().unwrap();
    assert_eq!(followed.version, anew.version);
    assert_eq!(followed.people().collect::<Vec<_>>(), anew.people().collect::<Vec<_>>());
    for tenant in [&followed, &anew] {
        assert_eq!(&*tenant.record_by_oid(ALAN.oid).unwrap().id, "alan");
        assert!(tenant.senders(&ada(tenant)).len() == 3 && tenant.record_by_oid(ADA.oid).is_some());
    }
}

#[tokio::test]
async fn a_hundred_that_ask_at_once_load_the_tenant_once() {
    let here = Here::with(&example_company()).await;
    let mut asking = tokio::task::JoinSet::new();
    for _ in 0..100 {
        let tenants = here.tenants.clone();
        asking.spawn(async move { tenants.of_entra(TENANT).await.unwrap().unwrap() });
    }
    let first = asking.join_next().await.unwrap().unwrap();
    while let Some(other) = asking.join_next().await {
        assert!(Arc::ptr_eq(&first, &other.unwrap()));
    }
}

#[tokio::test]
async fn callers_that_give_up_at_once_do_not_throw_the_load_away() {
    let here = Here::with(&example_company()).await;
    let impatient = async || {
        loop {
            let mut asking = Box::pin(here.tenants.of_entra(TENANT));
            if let Poll::Ready(answer) = poll_fn(|context| Poll::Ready(asking.as_mut().poll(context))).await {
                return answer;
            }
            drop(asking);
            tokio::task::yield_now().await;
        }
    };
    let answer = tokio::time::timeout(Duration::from_secs(20), impatient()).await.expect("never loaded");
    assert!(answer.unwrap().is_some());
}

#[tokio::test]
async fn a_database_that_is_gone_is_an_error_and_no_panic_and_is_over_when_it_is_back() {
    let here = Here::with(&example_company()).await;
    here.tenant().await;
    let file = here.place.database.url.trim_start_matches("sqlite:").to_owned();
    let aside = format!("{file}.aside");
    std::fs::rename(&file, &aside).unwrap();
    here.clock.advance_ms(1_000);
    assert!(matches!(here.tenants.of_entra(TENANT).await, Err(Error::Unavailable(_))));
    std::fs::rename(&aside, &file).unwrap();
    assert!(here.tenants.of_entra(TENANT).await.is_err(), "a failure stands for a second");
    tests::load::until("the database is back", async || {
        here.clock.advance_ms(1_000);
        here.tenants.of_entra(TENANT).await.is_ok()
    })
    .await;
}

#[tokio::test]
async fn a_tenant_that_nobody_imported_is_unknown() {
    let here = Here::with(&example_company()).await;
    assert!(here.tenants.of_entra("99999999-0000-4000-8000-000000000000").await.unwrap().is_none());
    assert!(here.tenants.of_entra(&TENANT.to_uppercase()).await.unwrap().is_some());
}

#[tokio::test]
async fn people_are_found_by_what_proves_them() {
    let here = Here::with(&example_company()).await;
    let tenant = here.tenant().await;
    assert_eq!(&*tenant.record_by_oid(&ADA.oid.to_uppercase()).unwrap().id, "ada");
    assert!(tenant.record_by_oid("nobody").is_none());
    assert_eq!(tenant.person_by_address("COUNTESS@example.com").unwrap().id, "ada");
    assert_eq!(&*tenant.unlinked_record_by_address(ALAN.address).unwrap().id, "alan");
    for linked_or_shared in [ADA.address, "desk@example.com", "countess@example.com"] {
        assert!(tenant.unlinked_record_by_address(linked_or_shared).is_none(), "{linked_or_shared}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_draft_is_named_by_field() {
    let here = Here::with(&example_company()).await;
    let tenant = here.tenant().await;
    let recipient = |address: &str| api::Recipient { address: address.into(), kind: RecipientType::Other };
    let fine = || draft(ADA.address);
    let cases = [
        (vec!["from"], api::Draft { from: Some("ada".into()), ..fine() }),
        (
            vec!["recipients[1].address"],
            api::Draft { recipients: vec![recipient("a@b.example"), recipient("x")], ..fine() },
        ),
        (vec!["recipients"], api::Draft { recipients: vec![recipient("a@b.example"); MAX_RECIPIENTS + 1], ..fine() }),
        (vec!["subject"], api::Draft { subject: "ä".repeat(MAX_SUBJECT + 1), ..fine() }),
        (
            vec!["subject", "platform", "from"],
            api::Draft {
                subject: "a".repeat(1 << 20),
                platform: Some("p".repeat(41)),
                version: None,
                from: Some("@".into()),
                ..fine()
            },
        ),
    ];
    for (fields, draft) in cases {
        let errors = read_draft(&tenant, &ada(&tenant), &draft).unwrap_err();
        let named: Vec<_> = errors.iter().filter_map(|error| error.field.as_deref()).collect();
        assert_eq!(named, fields);
    }
    let full = api::Draft {
        subject: "ä".repeat(MAX_SUBJECT),
        recipients: vec![recipient("a@b.example"); MAX_RECIPIENTS],
        ..fine()
    };
    assert_eq!(read_draft(&tenant, &ada(&tenant), &full).unwrap().recipients.len(), MAX_RECIPIENTS);
}

#[tokio::test]
async fn recipients_who_could_not_be_read_count_as_outsiders() {
    for (condition, name) in [("external", "Short"), ("internal", "Long")] {
        let mut company = example_company();
        let rule = json!({
            "id": "side", "name": "By side", "gives": { "signature": "short" },
            "recipients": { "of": [{ "is": condition }], "matching": "all" }
        });
        company.rules.insert(0, from_value(rule).unwrap());
        let here = Here::with(&company).await;
        let tenant = here.tenant().await;
        let grace = &tenant.record_by_oid(GRACE.oid).unwrap().person();
        let draft = api::Draft { recipients_unread: true, ..draft(GRACE.address) };
        let draft = read_draft(&tenant, grace, &draft).unwrap();
        let signed = select_for(&tenant, grace, &draft, None, NOON_MS).unwrap().fill_explained();
        assert_eq!(signed.name.as_deref(), Some(name));
        if condition == "internal" {
            let reason = &signed.signature.because[0].reason;
            assert!(reason.contains("a recipient whom Outlook did not name in time is not one of them"), "{reason}");
        }
    }
}

#[tokio::test]
async fn recipients_groups_are_looked_up_for_rules_that_ask() {
    let mut company = example_company();
    let to_engine_room = json!({
        "id": "engine", "name": "To the engine room", "gives": { "signature": "short" },
        "recipients": { "of": [{ "is": "group", "id": "group-engine" }] }
    });
    company.rules.insert(0, from_value(to_engine_room).unwrap());
    let here = Here::with(&company).await;
    let tenant = here.tenant().await;
    let grace = &tenant.record_by_oid(GRACE.oid).unwrap().person();
    for (to, name) in [("countess@example.com", "Short"), ("stranger@example.org", "Long")] {
        let recipients = vec![api::Recipient { address: to.into(), kind: RecipientType::Other }];
        let draft = read_draft(&tenant, grace, &api::Draft { recipients, ..draft(GRACE.address) }).unwrap();
        let signed = signature_for(&tenant, grace, &draft, None, NOON_MS).unwrap();
        assert_eq!(signed.name.as_deref(), Some(name), "{to}");
    }
}
