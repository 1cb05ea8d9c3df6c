//! Templates and rules as they are worked on, published and looked at.

mod campaigns;
mod limited;
mod reports;
mod comparisons;
mod matrix;
mod overview;
mod placement;
mod publishing;
mod ready;
mod rules;
mod shared;
mod templates;
mod typed;

use crate::people::Desk;
use api::console::paths;
use axum::http::StatusCode;
use serde_json::{Value, json};
use tests::app::{ADA, Answer, TestApp};

impl Desk<'_> {
    fn template_path(&self, path: &str, id: &str) -> String {
        self.path(path, "").replace("{template}", id)
    }

    async fn template(&self, id: &str) -> (Value, String) {
        let answer = self.owner.get(&self.template_path(paths::TEMPLATE, id)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        (answer.json(), answer.header("etag").to_owned())
    }

    /// Says what a template shall become: as it is, with these properties.
    async fn save_template(&self, id: &str, properties: &Value) -> Answer {
        let (detail, etag) = self.template(id).await;
        let mut template = detail["template"].clone();
        let members = template.as_object_mut().unwrap();
        members.remove("id");
        members.extend(properties.as_object().unwrap().clone());
        self.owner.change("PUT", &self.template_path(paths::TEMPLATE, id), &etag, &template).await
    }

    async fn rules(&self) -> (Value, String) {
        let answer = self.owner.get(&self.path(paths::RULES, "")).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        (answer.json(), answer.header("etag").to_owned())
    }

    async fn save_rules(&self, rules: &Value) -> Answer {
        let (_, etag) = self.rules().await;
        self.owner.change("PUT", &self.path(paths::RULES, ""), &etag, &json!({ "rules": rules })).await
    }

    async fn changes(&self) -> (Value, String) {
        let answer = self.owner.get(&self.path(paths::CHANGES, "")).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        (answer.json(), answer.header("etag").to_owned())
    }

    /// Publishes changes as they are.
    async fn publish(&self, body: &Value) -> Answer {
        let (_, etag) = self.changes().await;
        self.owner.change("POST", &self.path(paths::PUBLISH, ""), &etag, body).await
    }
}

/// What Ada's new mail gets.
async fn adas_signature(app: &TestApp) -> String {
    let body = json!({ "kind": "new", "format": "html" });
    let answer = app.post(api::paths::SIGNATURE, ADA, &body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.json()["html"].as_str().unwrap().to_owned()
}
