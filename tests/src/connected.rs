//! A company with a database connector.

use crate::app::TENANT;
use paraph::config::Config;
use paraph::identity::digest;
use paraph::store::{By, Company, Scope, Store, TokenRecord};
use serde_json::json;

/// The connector's secret.
pub const SECRET: &str = "paraph_secret-of-the-test";

/// Makes a migrated database with so many people, `p0@example.com` and so on, and [`SECRET`].
///
/// # Panics
/// When that does not work.
pub async fn company(database: &str, people: usize) {
    let mut config = Config::default();
    config.database.url = database.to_owned();
    let store = Store::connect(&config.database).await.unwrap();
    store.migrate().await.unwrap();
    let person = |number: usize| json!({ "id": format!("p{number}"), "address": format!("p{number}@example.com") });
    let people: Vec<_> = (0..people).map(person).collect();
    let document =
        json!({ "tenant": { "entra_id": TENANT, "name": "Example", "domains": ["example.com"] }, "people": people });
    let company: Company = serde_json::from_value(document).unwrap();
    let tenant = store.import(&company, |_| None, By::new("test", 0)).await.unwrap().tenant;
    let token = TokenRecord {
        tenant,
        entra_id: Some(TENANT.into()),
        id: "token".into(),
        start: "paraph_secre".into(),
        name: "Database".into(),
        scopes: vec![Scope::DatabaseUpload],
        account: String::new(),
        created_by: "test".into(),
        created_ms: 0,
        expires_ms: i64::MAX / 2,
        used_ms: None,
    };
    store.insert_token(&token, &digest(SECRET), "test".into()).await.unwrap();
}
