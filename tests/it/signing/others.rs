//! What signatures say of people other than the sender, and of the day.

use super::{Here, ada, draft};
use email_signature::{Part, Person, Template};
use paraph::signing::{preview_person, read_draft, signature_for};
use paraph::tenant::{Changes, Tenant};
use serde_json::{from_value, json};
use tests::app::{ADA, GRACE, example_company};

/// 23:30 on 30 November 2026, UTC.
const LATE_MS: i64 = 1_796_081_400_000;

fn text(tenant: &Tenant, user: &Person, from: &str, html: &str) -> String {
    let template: Template =
        from_value(json!({ "id": "long", "name": "Long", "part": Part::Signature, "html": html })).unwrap();
    let tenant = tenant.trying(Changes { templates: vec![template], ..Changes::default() });
    let draft = read_draft(&tenant, user, &draft(from)).unwrap();
    let signed = signature_for(&tenant, user, &draft, None, LATE_MS).unwrap().signature;
    assert_eq!(signed.problems, []);
    signed.text
}

#[tokio::test]
async fn the_person_behind_a_shared_mailbox_is_the_sender() {
    let here = Here::with(&example_company()).await;
    let tenant = here.tenant().await;
    let html = "<p>{{ display_name }} {{ email }}</p><p>By {{ sender.display_name }}, {{ sender.title }} {{ sender.email }}</p>";
    let ada = ada(&tenant);
    let desk = tenant.record("desk").unwrap().person();
    for (user, from, expected) in [
        (&ada, "desk@example.com", "Help desk desk@example.com\nBy Ada Lovelace, Analyst ada@example.com"),
        (&ada, ADA.address, "Ada Lovelace ada@example.com\nBy Ada Lovelace, Analyst ada@example.com"),
        // Whoever writes from it: the mailbox is nobody.
        (&desk, "desk@example.com", "Help desk desk@example.com"),
    ] {
        assert_eq!(text(&tenant, user, from, html), expected, "{from}");
    }
}

#[tokio::test]
async fn the_manager_is_found_by_the_address_in_the_field() {
    let mut company = example_company();
    company.fields.push(from_value(json!({ "token": "manager", "label": "Manager", "editable": false })).unwrap());
    company.people[0].fields.insert("manager".into(), " Grace@Example.com ".into());
    company.people[1].fields.insert("manager".into(), GRACE.address.into());
    let here = Here::with(&company).await;
    let tenant = here.tenant().await;
    let html = "<p>{{ display_name }}</p><p>Reports to {{ manager.display_name }} {{ manager.email }}</p>";
    let grace = tenant.record("grace").unwrap().person();
    let reports = "Ada Lovelace\nReports to Grace Hopper grace@example.com";
    assert_eq!(text(&tenant, &ada(&tenant), ADA.address, html), reports);
    assert_eq!(text(&tenant, &grace, GRACE.address, html), "Grace Hopper", "nobody is their own manager");
    let html = "<p>{{ manager }}</p>";
    assert_eq!(text(&tenant, &ada(&tenant), ADA.address, html), "Grace@Example.com", "the field is what it was");
}

#[tokio::test]
async fn today_is_the_day_where_the_person_is() {
    let mut company = example_company();
    for token in ["time_zone", "preferred_language"] {
        company.fields.push(from_value(json!({ "token": token, "label": token, "editable": false })).unwrap());
    }
    company.people[0].fields.insert("time_zone".into(), "Asia/Tokyo".into());
    company.people[0].fields.insert("preferred_language".into(), "de-DE".into());
    company.people[1].fields.insert("time_zone".into(), "Nowhere".into());
    let here = Here::with(&company).await;
    let tenant = here.tenant().await;
    let grace = tenant.record("grace").unwrap().person();
    let html = "<p>{{ today }} {{ today|date('full') }}</p>";
    let tokyo = "2026-12-01 Dienstag, 1. Dezember 2026";
    assert_eq!(text(&tenant, &ada(&tenant), ADA.address, html), tokyo);
    assert_eq!(text(&tenant, &grace, GRACE.address, html), "2026-11-30 Monday, 30 November 2026");
}

#[tokio::test]
async fn the_editor_gets_what_only_the_server_knows() {
    let mut company = example_company();
    company.people[0].fields.insert("phone".into(), "020 7946 0000".into());
    company.people[0].fields.insert("country".into(), "Royaume-Uni".into());
    let here = Here::with(&company).await;
    let tenant = here.tenant().await;
    let person = preview_person(&tenant, &ada(&tenant), LATE_MS);
    let field = |token: &str| person.fields.get(token).map_or("", String::as_str);
    assert_eq!(field("sender.display_name"), "Ada Lovelace");
    assert_eq!(field("today"), "2026-11-30");
    assert_eq!(
        field(email_signature::PHONE_NUMBERS),
        "020 7946 0000\t+442079460000\t+44 20 7946 0000\t020 7946 0000\t\n"
    );
}
