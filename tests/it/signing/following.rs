//! How a node follows what another one changes: as if it had loaded the tenant anew, and without reading anybody again who
//! did not change.

use super::{ada, draft, sign};
use email_signature::{ImageMode, RecipientType, Rule};
use paraph::clicks::links::Signer;
use paraph::clock::Clock;
use paraph::pictures::Picture;
use paraph::signing::{read_draft, signature_for};
use paraph::store::{
    By, Company, DesignState, EditedBy, Error, NewImage, PersonKey, Picked, Publishing, Source, Store, TemplateEntry,
    TenantChange,
};
use paraph::tenant::{Tenant, Tenants};
use serde_json::{Value, from_value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use tests::app::{ADA, ALAN, GRACE, NOON_MS, PNG, TENANT, TENANT_ID, company_file, example_company};
use tests::postgres::{Place, connect, for_each_engine};

const ORIGIN: &str = "https://paraph.example";
const EVERYBODY: &[&str] = &["ada", "alan", "desk", "grace"];

/// A node that has the tenant in memory, and another one that changes it.
struct Nodes {
    node: Tenants,
    clock: Clock,
    other: Store,
    signer: Arc<Signer>,
    tenant: String,
}

impl Nodes {
    async fn on(place: &Place) -> Self {
        Self::with(place, &example_company()).await
    }

    async fn with(place: &Place, company: &Company) -> Self {
        let tenant = place.store.import(company, company_file, by()).await.unwrap().tenant;
        let signer = Arc::new(Signer::new(&[0; 32]));
        let clock = Clock::mock(NOON_MS);
        let node = Tenants::with_links(place.store.clone(), clock.clone(), ORIGIN.into(), Arc::clone(&signer));
        node.of_entra(TENANT).await.unwrap().unwrap();
        Self { node, clock, other: place.second_store().await, signer, tenant }
    }

    /// The tenant as the node has it at its next look. Everything is as if it was loaded anew, and of the people only
    /// those are other ones in memory who were `read`.
    async fn follow(&self, read: &[&str]) -> Arc<Tenant> {
        let before = self.node.at_hand(TENANT_ID).unwrap();
        self.clock.advance_ms(1_000);
        let after = self.node.of_entra(TENANT).await.unwrap().unwrap();
        assert_ne!(after.version, before.version, "nothing was changed");
        let signer = Arc::clone(&self.signer);
        let anew = Tenants::with_links(self.other.clone(), self.clock.clone(), ORIGIN.into(), signer);
        let anew = anew.of_entra(TENANT).await.unwrap().unwrap();
        assert_eq!(format!("{after:#?}"), format!("{anew:#?}"));
        for record in after.records() {
            let kept = before.record(&record.id).is_some_and(|old| Arc::ptr_eq(old, record));
            assert_eq!(kept, !read.contains(&&*record.id), "{}", record.id);
        }
        after
    }

    async fn save_template(&self, id: &str, change: Value) {
        let mut template = json!(self.other.template_entry(&self.tenant, id).await.unwrap().unwrap().current());
        template.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let template = from_value(template).unwrap();
        self.other.save_template(&self.tenant, &template, any_use, &by()).await.unwrap();
    }

    async fn save_rules(&self, rules: Value) {
        let rules: Vec<Rule> = from_value(rules).unwrap();
        self.other.save_rules(&self.tenant, &rules, any_design, &by()).await.unwrap();
    }

    async fn publish(&self, picked: Value) {
        let api::console::Picked { templates, rules, brands } = from_value(picked).unwrap();
        let picked = Picked { templates, rules, brands, within: None };
        let publishing = Publishing { picked: &picked, at_ms: None };
        self.other.publish(&self.tenant, publishing, any_design, by()).await.unwrap();
    }

    async fn replace_logo(&self, bytes: Vec<u8>) {
        let picture = Picture { bytes, content_type: "image/png", width: 1, height: 1, notes: vec![] };
        let new = NewImage { name: "logo.png", picture: &picture, replace: true, limit: 10 };
        self.other.put_image(&self.tenant, new, by()).await.unwrap();
    }

    async fn set(&self, person: &str, token: &str, value: &str) {
        let values = BTreeMap::from([(token.to_owned(), Some(value.to_owned()))]);
        let key = PersonKey { tenant: &self.tenant, person };
        self.other.set_values(key, Source::Own, &values, By::new(person, NOON_MS)).await.unwrap();
    }
}

#[expect(clippy::unnecessary_wraps, reason = "it is what a check looks like")]
fn any_design(_: &DesignState) -> Result<(), Error> {
    Ok(())
}

#[expect(clippy::unnecessary_wraps, reason = "it is what a check looks like")]
fn any_use(_: &TemplateEntry, _: &DesignState) -> Result<(), Error> {
    Ok(())
}

fn by() -> By {
    By::new("test", NOON_MS)
}

fn adas_signature(tenant: &Tenant) -> String {
    sign(tenant, &ada(tenant), ADA.address, None).unwrap().signature.html
}

#[tokio::test]
async fn a_template_that_another_node_published_is_in_use() {
    for_each_engine(async |place: &Place| {
        let nodes = Nodes::on(place).await;
        nodes.save_template("long", json!({ "html": "<p>{{ title }}, published</p>" })).await;
        nodes.publish(json!({ "templates": ["long"] })).await;
        assert!(adas_signature(&*nodes.follow(&[]).await).contains("Analyst, published"));
    })
    .await;
}

#[tokio::test]
async fn a_block_that_another_node_published_is_in_use_and_other_templates_stay_compiled() {
    for_each_engine(async |place: &Place| {
        let nodes = Nodes::on(place).await;
        let block = json!({ "id": "foot", "name": "Foot", "part": "block", "html": "<p>One</p>" });
        let check = |_: &DesignState| Ok::<(), Error>(());
        nodes.other.create_template(&nodes.tenant, &from_value(block).unwrap(), check, by()).await.unwrap();
        nodes.save_template("long", json!({ "html": "<p>{{ title }}</p>{% include \"foot\" %}" })).await;
        nodes.publish(json!({ "templates": ["long", "foot"] })).await;
        let before = nodes.follow(&[]).await;
        assert!(adas_signature(&before).contains("One") && before.template_count() == 2);
        nodes.save_template("foot", json!({ "html": "<p>Two</p>" })).await;
        nodes.publish(json!({ "templates": ["foot"] })).await;
        let after = nodes.follow(&[]).await;
        assert!(adas_signature(&after).contains("Two"));
        assert!(!after.same_template(&before, "long") && after.same_template(&before, "short"));
    })
    .await;
}

#[tokio::test]
async fn rules_that_another_node_published_are_in_use() {
    for_each_engine(async |place: &Place| {
        let nodes = Nodes::on(place).await;
        nodes.save_rules(json!([{ "id": "all", "name": "All", "gives": { "signature": "short" } }])).await;
        nodes.publish(json!({ "rules": true })).await;
        assert!(!adas_signature(&*nodes.follow(&[]).await).contains("Analyst"));
    })
    .await;
}

#[tokio::test]
async fn people_who_change_beside_what_is_published_are_followed_too() {
    for_each_engine(async |place: &Place| {
        let nodes = Nodes::on(place).await;
        nodes.save_template("short", json!({ "html": "<p>{{ pronouns }}, published</p>" })).await;
        nodes.set("grace", "pronouns", "they").await;
        nodes.save_rules(json!([{ "id": "all", "name": "All", "gives": { "signature": "short" } }])).await;
        nodes.publish(json!({ "templates": ["short"], "rules": true })).await;
        nodes.set("ada", "pronouns", "she").await;
        nodes.other.link_oid(&nodes.tenant, "alan", ALAN.oid, NOON_MS).await.unwrap();
        let tenant = nodes.follow(&["ada", "alan", "grace"]).await;
        assert!(adas_signature(&tenant).contains("she, published"));
        assert!(tenant.record_by_oid(ALAN.oid).is_some());
        nodes.other.delete_person(PersonKey { tenant: &nodes.tenant, person: "grace" }, by()).await.unwrap();
        nodes.set("ada", "pronouns", "they").await;
        nodes.clock.advance_ms(1_000);
        let tenant = nodes.node.of_entra(TENANT).await.unwrap().unwrap();
        assert!(adas_signature(&tenant).contains("they, published") && tenant.record_by_oid(GRACE.oid).is_none());
    })
    .await;
}

#[tokio::test]
async fn an_image_that_another_node_replaced_is_attached_and_hosted() {
    for_each_engine(async |place: &Place| {
        for images in [ImageMode::Cid, ImageMode::Hosted] {
            let mut company = example_company();
            company.templates[0].images = images;
            let nodes = Nodes::with(place, &company).await;
            let new = [PNG, json!(images).to_string().as_bytes()].concat();
            nodes.replace_logo(new.clone()).await;
            let tenant = nodes.follow(&[]).await;
            let signed = sign(&tenant, &ada(&tenant), ADA.address, None).unwrap();
            match signed.images.first() {
                Some(image) => assert_eq!(*image.bytes, *new),
                None => assert!(signed.signature.html.contains(&tenant.image_urls().0["logo.png"])),
            }
        }
        let nodes = Nodes::on(place).await;
        nodes.other.delete_image(&nodes.tenant, "logo.png", any_design, by()).await.unwrap();
        assert!(nodes.follow(&[]).await.image_urls().0.is_empty());
    })
    .await;
}

#[tokio::test]
async fn the_first_rule_that_asks_for_recipients_groups_finds_them() {
    for_each_engine(async |place: &Place| {
        let nodes = Nodes::on(place).await;
        nodes
            .save_rules(json!([
                { "id": "engine", "name": "To the engine room", "gives": { "signature": "short" },
                  "recipients": { "of": [{ "is": "group", "id": "group-engine" }] } },
                { "id": "all", "name": "All", "gives": { "signature": "long" } }
            ]))
            .await;
        nodes.publish(json!({ "rules": true })).await;
        let tenant = nodes.follow(&[]).await;
        let grace = &tenant.record_by_oid(GRACE.oid).unwrap().person();
        let recipients = vec![api::Recipient { address: ADA.address.into(), kind: RecipientType::Other }];
        let draft = read_draft(&tenant, grace, &api::Draft { recipients, ..draft(GRACE.address) }).unwrap();
        let signed = signature_for(&tenant, grace, &draft, None, NOON_MS).unwrap();
        assert_eq!(signed.name.as_deref(), Some("Short"));
    })
    .await;
}

#[tokio::test]
async fn settings_that_concern_signatures_are_followed() {
    for_each_engine(async |place: &Place| {
        let nodes = Nodes::on(place).await;
        let (store, tenant) = (&nodes.other, &nodes.tenant);
        let domains = ["example.com".to_owned(), "example.org".to_owned()];
        let renamed = TenantChange { name: Some("Renamed"), domains: Some(&domains), ..TenantChange::default() };
        assert_eq!(store.change_tenant(tenant, renamed, |_| true, by()).await, Ok(true));
        let after = nodes.follow(&[]).await;
        assert_eq!((after.name.as_str(), after.domains.as_slice()), ("Renamed", domains.as_slice()));
        assert_eq!(after.organisation().domains, domains);
        let (grace, unread) = (GRACE.oid, api::Draft { recipients_unread: true, ..draft(GRACE.address) });
        let side = |tenant: &Tenant| {
            let grace = tenant.record_by_oid(grace).unwrap().person();
            read_draft(tenant, &grace, &unread).unwrap().recipients[0].kind
        };
        assert_eq!(side(&after), RecipientType::ExternalUser, "what a tenant starts with");
        let inside = TenantChange { unread_external: Some(false), ..TenantChange::default() };
        assert_eq!(store.change_tenant(tenant, inside, |_| true, by()).await, Ok(true));
        let after = nodes.follow(&[]).await;
        assert_eq!((side(&after), after.name.as_str()), (RecipientType::User, "Renamed"));
        store.set_counts_clicks(tenant, true, by()).await.unwrap();
        nodes.follow(&[]).await;
        store.delete_template(tenant, "short", any_use, by()).await.unwrap();
        assert_eq!(nodes.follow(&[]).await.template_count(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_field_that_is_changed_can_show_in_everybody() {
    for_each_engine(async |place: &Place| {
        let nodes = Nodes::on(place).await;
        nodes.set("ada", "pronouns", "she").await;
        nodes.follow(&["ada"]).await;
        let mut fields = paraph::store::all_fields(nodes.node.at_hand(TENANT_ID).unwrap().fields());
        fields.iter_mut().find(|field| field.token == "pronouns").unwrap().edited_by = EditedBy::Admin;
        nodes.save_template("long", json!({ "html": "<p>{{ pronouns }}, published</p>" })).await;
        nodes.publish(json!({ "templates": ["long"] })).await;
        let changed = nodes.other.replace_fields(&nodes.tenant, &fields, |_| Ok::<_, Error>(()), by());
        changed.await.unwrap();
        assert!(!adas_signature(&*nodes.follow(EVERYBODY).await).contains("she"), "her own value counts no longer");
    })
    .await;
}

#[tokio::test]
async fn publishing_reads_nobody_again() {
    for_each_engine(async |place: &Place| {
        let nodes = Nodes::on(place).await;
        nodes.save_template("long", json!({ "html": "<p>{{ title }}, published</p>" })).await;
        nodes.publish(json!({ "templates": ["long"] })).await;
        let mut connection = connect(&place.database.url).await;
        for table in ["person_values", "addresses", "memberships", "send_as"] {
            let aside = sqlx::AssertSqlSafe(format!("alter table {table} rename to {table}_aside"));
            sqlx::raw_sql(aside).execute(&mut connection).await.unwrap();
        }
        nodes.clock.advance_ms(1_000);
        let tenant = nodes.node.of_entra(TENANT).await.unwrap().unwrap();
        assert!(adas_signature(&tenant).contains("Analyst, published"));
    })
    .await;
}
