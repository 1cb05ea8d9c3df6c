//! The store, on SQLite and on PostgreSQL.

mod documents;
mod people;
mod database;
mod upgrade;

use paraph::store::{By, Company, PersonKey, PersonRecord, Source, Store, TenantRecord};
use std::collections::BTreeMap;
use tests::app::{NOON_MS, TENANT, company_file};

async fn import(store: &Store, company: &Company) -> String {
    store.import(company, company_file, By::new("test", NOON_MS)).await.unwrap().tenant
}

async fn load(store: &Store) -> TenantRecord {
    let id = store.tenant_of_entra(TENANT).await.unwrap().unwrap();
    store.load_tenant(&id).await.unwrap().unwrap()
}

async fn person(store: &Store, id: &str) -> PersonRecord {
    let people = load(store).await.people;
    people.into_iter().find(|record| &*record.id == id).unwrap()
}

async fn set(store: &Store, tenant: &str, source: Source, token: &str, value: Option<&str>) {
    let values = BTreeMap::from([(token.to_owned(), value.map(str::to_owned))]);
    store.set_values(PersonKey { tenant, person: "ada" }, source, &values, By::new("admin", NOON_MS)).await.unwrap();
}

fn own(token: &str, value: Option<&str>) -> BTreeMap<String, Option<String>> {
    BTreeMap::from([(token.to_owned(), value.map(str::to_owned))])
}
