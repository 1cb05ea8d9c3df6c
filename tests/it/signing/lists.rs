//! A distribution list as recipient counts as its members.

use super::{Here, draft};
use email_signature::{Address, RecipientType};
use paraph::signing::{read_draft, select_for, signature_for};
use paraph::store::Company;
use paraph::tenant::Tenant;
use serde_json::{Value, from_value, json};
use tests::app::{ADA, GRACE, NOON_MS, example_company};

const LIST: &str = "engines@example.com";

/// The example, with Ada and a guest in the engine room, which gets mail, and Alan in a group that does not.
fn company(recipients: &Value) -> Company {
    let mut company = example_company();
    company.groups[0].addresses = [LIST, "maschinen@example.com"].map(|one| Address::parse(one).unwrap()).to_vec();
    company
        .groups
        .push(from_value(json!({ "id": "readers", "name": "Readers", "addresses": ["readers@example.com"] })).unwrap());
    company
        .groups
        .push(from_value(json!({ "id": "nobody", "name": "Nobody", "addresses": ["void@example.com"] })).unwrap());
    company.people[2].groups = vec!["readers".into()];
    company.people[2].aliases = vec![Address::parse("alan@old.example").unwrap()];
    let guest = json!({ "id": "guest", "address": "guest@partner.example", "groups": ["group-engine"] });
    company.people.push(from_value(guest).unwrap());
    let rule = json!({ "id": "rule", "name": "Rule", "gives": { "signature": "short" }, "recipients": recipients });
    company.rules.insert(0, from_value(rule).unwrap());
    company
}

/// Name of the signature of a draft to `to`, and why the rule does or does not apply.
fn signed(tenant: &Tenant, to: &[&str]) -> (String, String) {
    let grace = &tenant.record_by_oid(GRACE.oid).unwrap().person();
    let recipient = |to: &&str| api::Recipient { address: (*to).into(), kind: RecipientType::DistributionList };
    let draft = api::Draft { recipients: to.iter().map(recipient).collect(), ..draft(GRACE.address) };
    let draft = read_draft(tenant, grace, &draft).unwrap();
    let signed = select_for(tenant, grace, &draft, None, NOON_MS).unwrap().fill_explained();
    (signed.name.unwrap(), signed.signature.because[0].reason.clone())
}

#[tokio::test]
async fn a_list_counts_as_its_members() {
    let of = |condition: &Value| json!({ "of": [condition] });
    let all = |condition: &Value| json!({ "of": [condition], "matching": "all" });
    let not = |condition: &Value| json!({ "except": [condition] });
    let (internal, external) = (json!({ "is": "internal" }), json!({ "is": "external" }));
    let group = |id: &str| json!({ "is": "group", "id": id });
    let domain = |domain: &str| json!({ "is": "domain", "domain": domain });
    let address = |address: &str| json!({ "is": "address", "address": address });
    for (recipients, to, applies) in [
        // The guest is outside, though the list's own address is not.
        (of(&external), &[LIST][..], true),
        (of(&external), &["maschinen@example.com"], true),
        (of(&external), &["MASCHINEN@example.com"], true),
        (of(&internal), &[LIST], true),
        (all(&internal), &[LIST], false),
        (all(&internal), &[ADA.address], true),
        (not(&external), &[LIST], false),
        (of(&group("group-engine")), &[LIST], true),
        (all(&group("group-engine")), &[LIST], true),
        (all(&group("group-engine")), &[LIST, "alan@example.com"], false),
        (of(&group("readers")), &[LIST], false),
        (of(&domain("partner.example")), &[LIST], true),
        (all(&domain("example.com")), &[LIST], false),
        // One of its members, by any of their addresses, and the list itself.
        (of(&address(ADA.address)), &[LIST], true),
        (of(&address("countess@example.com")), &[LIST], true),
        (of(&address("guest@partner.example")), &[LIST], true),
        (of(&address(GRACE.address)), &[LIST], false),
        (of(&address(LIST)), &[LIST], true),
        (not(&address(LIST)), &[LIST], false),
        // A rule that names an alias does not move anyone to the alias's domain.
        (
            json!({ "of": [{ "is": "address", "address": "ada@old.example" }, { "is": "domain", "domain": "old.example" }],
            "matching": "all" }),
            &["readers@example.com"],
            false,
        ),
        (
            json!({ "of": [{ "is": "external" }], "except": [{ "is": "address", "address": "alan@old.example" }] }),
            &["readers@example.com"],
            false,
        ),
        (of(&address("alan@old.example")), &["readers@example.com"], true),
        (of(&address("alan@example.com")), &["readers@example.com"], true),
        // No members that the directory knows: it counts as what it is.
        (all(&internal), &["void@example.com"], true),
        (of(&address("void@example.com")), &["void@example.com"], true),
        (of(&external), &["list@partner.example"], true),
    ] {
        let here = Here::with(&company(&recipients)).await;
        let (name, reason) = signed(&*here.tenant().await, to);
        assert_eq!(name, if applies { "Short" } else { "Long" }, "{recipients} to {to:?}: {reason}");
    }
}

#[tokio::test]
async fn the_reason_names_the_member_and_the_list() {
    let here = Here::with(&company(&json!({ "of": [{ "is": "external" }] }))).await;
    let (_, reason) = signed(&*here.tenant().await, &[LIST]);
    assert!(reason.contains("guest@partner.example (a member of engines@example.com) is external"), "{reason}");
    let here = Here::with(&company(&json!({ "of": [{ "is": "address", "address": LIST }] }))).await;
    let (_, reason) = signed(&*here.tenant().await, &[LIST]);
    assert!(reason.contains("engines@example.com is a recipient"), "{reason}");
}

#[tokio::test]
async fn who_joins_or_leaves_a_list_counts_at_once() {
    let everybody_inside = json!({ "of": [{ "is": "internal" }], "matching": "all" });
    let mut company = company(&everybody_inside);
    let here = Here::with(&company).await;
    assert_eq!(signed(&*here.tenant().await, &[LIST]).0, "Long");
    company.people.last_mut().unwrap().groups.clear();
    here.import(&company).await;
    assert_eq!(signed(&*here.tenant().await, &[LIST]).0, "Short", "the guest has left");
    company.people.last_mut().unwrap().groups = vec!["group-engine".into()];
    company.groups[0].addresses.truncate(1);
    here.import(&company).await;
    assert_eq!(signed(&*here.tenant().await, &[LIST]).0, "Long", "and is back");
    assert_eq!(signed(&*here.tenant().await, &["maschinen@example.com"]).0, "Short", "no list any more");
}

#[tokio::test]
async fn a_list_of_thousands_is_as_many_recipients_as_the_rules_tell_apart() {
    let mut company = company(&json!({ "of": [{ "is": "group", "id": "readers" }] }));
    for number in 0..3_000 {
        let groups = if number % 2 == 0 { json!(["group-engine", "readers"]) } else { json!(["group-engine"]) };
        let person =
            json!({ "id": format!("p{number}"), "address": format!("p{number}@example.com"), "groups": groups });
        company.people.push(from_value(person).unwrap());
    }
    let here = Here::with(&company).await;
    let tenant = here.tenant().await;
    let grace = &tenant.record_by_oid(GRACE.oid).unwrap().person();
    let recipients = vec![api::Recipient { address: LIST.into(), kind: RecipientType::DistributionList }];
    let draft = read_draft(&tenant, grace, &api::Draft { recipients, ..draft(GRACE.address) }).unwrap();
    // Readers and others of our own domain, and the guest.
    assert_eq!(draft.recipients.len(), 3);
    assert_eq!(signature_for(&tenant, grace, &draft, None, NOON_MS).unwrap().name.as_deref(), Some("Short"));
}
