//! However a tenant comes into being, somebody can open it in the console, or it is said how to change that.

use super::with_companies;
use api::console::{Role, paths};
use paraph::cli::data::grant::{self, GrantOptions};
use paraph::cli::server::doctor::{self, DoctorOptions};
use paraph::store::{By, Store};
use sqlx::AssertSqlSafe;
use tests::app::{NOON_MS, OTHER_TENANT, TENANT, TestApp, company_file, example_company};
use tests::postgres::{Place, connect, for_each_engine};

/// A third company, which nobody has yet.
fn third() -> paraph::store::Company {
    let mut company = example_company();
    company.tenant.entra_id = Some("cccccccc-0000-4000-8000-000000000003".into());
    company.tenant.name = "Third".into();
    company
}

async fn names(admin: &tests::console::Admin<'_>) -> Vec<String> {
    let list = admin.get(paths::TENANTS).await.json();
    let names = list["tenants"].as_array().unwrap().iter().map(|tenant| tenant["name"].as_str().unwrap().to_owned());
    names.collect()
}

#[tokio::test]
async fn who_set_the_server_up_can_open_what_is_imported_later() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let stranger = app.member(&owner, &app.tenant_id(OTHER_TENANT).await, Role::Owner).await;
    let report = app.app.store.import(&third(), company_file, By::new("cli", NOON_MS)).await.unwrap();
    assert!(report.owners_added);
    assert_eq!(report.owners, ["owner@example.com"]);
    assert_eq!(names(&owner).await, ["Elsewhere", "Example", "Third"]);
    assert_eq!(names(&stranger).await, ["Elsewhere"], "an owner of one tenant does not get others");
    let again = app.app.store.import(&third(), company_file, By::new("cli", NOON_MS)).await.unwrap();
    assert!(!again.changed() && again.owners == ["owner@example.com"], "{again:?}");
}

#[tokio::test]
async fn who_lost_a_tenant_does_not_get_new_ones() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let tenant = app.tenant_id(OTHER_TENANT).await;
    let other = app.member(&owner, &tenant, Role::Owner).await;
    let first = app.app.store.account_by_email("owner@example.com").await.unwrap().unwrap();
    let path = paths::MEMBER.replace("{tenant}", &tenant).replace("{account}", &first.id);
    let removed = other.delete(&path).await;
    assert!(removed.status.is_success(), "{}", removed.text());
    let report = app.app.store.import(&third(), company_file, By::new("cli", NOON_MS)).await.unwrap();
    assert!(report.owners.is_empty() && !report.owners_added, "{report:?}");

    let report = doctor::run(Ok(app.app.config.clone()), &DoctorOptions { offline: true }).await;
    assert!(report.to_string().contains("tenant Third: has no owner"), "{report}");
    let grant = async |email: &str, tenant: Option<String>| {
        grant::run(&app.app.config, &GrantOptions { email: email.into(), tenant }).await
    };
    assert!(grant("nobody@example.com", None).await.is_err());
    let unknown = grant("owner@example.com", Some("no such".into())).await.unwrap_err();
    assert!(unknown.to_string().contains(TENANT), "{unknown}");
    let text = grant("Owner@example.com", third().tenant.entra_id).await.unwrap();
    assert!(text.contains("an owner of Third"), "{text}");
    assert_eq!(names(&owner).await, ["Example", "Third"]);
    let text = grant("owner@example.com", None).await.unwrap();
    assert!(text.contains("Elsewhere") && text.contains("new tenants"), "{text}");
    assert_eq!(names(&owner).await, ["Elsewhere", "Example", "Third"]);
    let report = doctor::run(Ok(app.app.config.clone()), &DoctorOptions { offline: true }).await;
    assert!(!report.to_string().contains("has no owner"), "{report}");
}

/// What the upgrade to owners of everything does to a database of before.
#[tokio::test]
async fn an_upgrade_gives_tenants_that_nobody_could_open_to_the_first_account() {
    const UPGRADE: &str = include_str!("../../../backend/migrations/0011_secret_keys.sql");
    let cases: [(&str, &str, &[&str]); 3] = [
        ("imported after the set-up", "", &["a@example.com", "a@example.com"]),
        (
            "owner of one, the other was imported",
            "insert into members (tenant, account, role) select id, 'a', 'owner' from tenants where name = 'Example'",
            &["a@example.com", "a@example.com"],
        ),
        (
            "no longer an owner",
            "insert into members (tenant, account, role) select id, 'b', 'owner' from tenants where name = 'Example'",
            &["b@example.com", ""],
        ),
    ];
    for_each_engine(async |place: &Place| {
        with_companies(&place.store).await;
        let mut database = connect(&place.database.url).await;
        for (what, prepare, expected) in cases {
            let back = "drop table secret_keys; alter table accounts drop column owns_all; delete from members; delete from accounts;
                insert into accounts (id, email, name, totp_step, created_ms) values ('a', 'a@example.com', 'A', 0, 1), ('b', 'b@example.com', 'B', 0, 2);";
            sqlx::raw_sql(AssertSqlSafe(format!("{back} {prepare}"))).execute(&mut database).await.unwrap();
            sqlx::raw_sql(UPGRADE).execute(&mut database).await.unwrap();
            let mut owners = Vec::new();
            for name in ["Example", "Elsewhere"] {
                let store: &Store = &place.store;
                let tenant = store.list_tenants().await.unwrap().into_iter().find(|one| one.name == name).unwrap();
                owners.push(store.owners(&tenant.id).await.unwrap().join(","));
            }
            assert_eq!(owners, expected, "{what}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_document_without_entra_id_finds_its_tenant_by_domain_and_the_command_line_finds_it_too() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let mut company = third();
    (company.tenant.entra_id, company.tenant.domains) = (None, vec!["third.example".into()]);
    let import = async |company: &_| app.app.store.import(company, company_file, By::new("cli", NOON_MS)).await;
    let first = import(&company).await.unwrap();
    assert!(!import(&company).await.unwrap().changed(), "the same document once more");
    let mut other = company.clone();
    other.tenant.domains = vec!["fourth.example".into(), "third.example".into()];
    let fourth = import(&other).await.unwrap();
    assert_ne!(fourth.tenant, first.tenant, "its first domain counts");
    let ambiguous = import(&company).await.unwrap_err().to_string();
    assert!(ambiguous.contains("several tenants have the mail domain third.example"), "{ambiguous}");

    let tenant = app.tenant_id(TENANT).await;
    let other = app.member(&owner, &tenant, Role::Viewer).await;
    let grant = async |named: &str| {
        let options = GrantOptions { email: format!("viewer-{tenant}@example.com"), tenant: Some(named.into()) };
        grant::run(&app.app.config, &options).await
    };
    let text = grant("third.example").await.unwrap_err().to_string();
    assert!(text.contains(&format!("Third ({})", first.tenant)), "{text}");
    assert!(grant("FOURTH.example").await.unwrap().contains("owner of Third"));
    assert!(grant(&first.tenant).await.unwrap().contains("owner of Third"));
    assert_eq!(names(&other).await, ["Example", "Third", "Third"]);
}

#[tokio::test]
async fn importing_says_who_can_open_the_tenant() {
    let app = TestApp::start().await;
    for name in ["long.html", "short.html", "logo.png"] {
        std::fs::write(app.folder.path().join(name), company_file(name).unwrap()).unwrap();
    }
    let import = async |entra_id: &str, name: &str| {
        let mut company = third();
        (company.tenant.entra_id, company.tenant.name) = (Some(entra_id.into()), name.into());
        let file = app.folder.path().join("company.json");
        std::fs::write(&file, serde_json::to_vec(&company).unwrap()).unwrap();
        let options = paraph::cli::data::import::ImportOptions { file, dry_run: false };
        paraph::cli::data::import::run(&app.app.config, &options).await.unwrap()
    };
    let nobody = import("dddddddd-0000-4000-8000-000000000004", "Fourth").await;
    assert!(nobody.contains("`paraph serve` prints creates the owner"), "{nobody}");
    let owner = app.owner().await;
    assert!(names(&owner).await.contains(&"Fourth".to_owned()));
    let fifth = import("eeeeeeee-0000-4000-8000-000000000005", "Fifth").await;
    assert!(fifth.contains("Its owner, who can open it in the console, is owner@example.com"), "{fifth}");
    let mut database = connect(&app.app.config.database.url).await;
    sqlx::raw_sql("update accounts set owns_all = 0").execute(&mut database).await.unwrap();
    let unowned = import("ffffffff-0000-4000-8000-000000000006", "Sixth").await;
    assert!(unowned.contains("`paraph grant ADDRESS --tenant ffffffff-0000-4000-8000-000000000006`"), "{unowned}");
}
