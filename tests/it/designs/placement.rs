//! Where a new rule is put, and what that changes.

use crate::people::Desk;
use api::console::paths;
use axum::http::StatusCode;
use serde_json::{Value, json};
use tests::app::TestApp;

/// A rule as the console makes it for a template.
fn new(senders: &Value) -> Value {
    json!({ "id": "new", "name": "New", "enabled": false, "gives": { "signature": "short" }, "flow": "continue",
        "senders": { "any_of": senders } })
}

fn engine_room() -> Value {
    json!([{ "is": "group", "id": "group-engine" }])
}

impl Desk<'_> {
    async fn place(&self, body: &Value) -> Value {
        let answer = self.owner.send("POST", &self.path(paths::RULE_PLACEMENT, ""), body).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        answer.json()
    }
}

#[tokio::test]
async fn a_new_rule_comes_after_what_is_narrower_and_takes_from_what_is_wider() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let everyone = desk.rules().await.0["rules"][0]["rule"].clone();
    let replies = json!({ "id": "replies", "name": "Replies", "kinds": ["reply"], "gives": { "signature": "short" } });
    // Unpublished rules count: the new one will be published among them.
    assert_eq!(desk.save_rules(&json!([replies, everyone])).await.status, StatusCode::OK);
    assert_eq!(
        desk.place(&json!({ "rule": new(&engine_room()) })).await,
        json!({ "proposed": 1, "at": 1, "people": 1, "compared": 4, "total": 4,
            "first": [{ "id": "replies", "name": "Replies", "people": 1, "entirely": false }],
            "replaced": [{ "id": "everyone", "name": "Everyone", "people": 1, "entirely": false }] })
    );
    // At the top it takes the replies, too; for everyone nothing remains of the others.
    let top = desk.place(&json!({ "rule": new(&engine_room()), "at": 0 })).await;
    assert_eq!(
        (&top["proposed"], &top["replaced"][0]["id"], &top["first"]),
        (&json!(1), &json!("replies"), &json!([]))
    );
    let all = desk.place(&json!({ "rule": new(&json!([])), "at": 0 })).await;
    assert_eq!(
        all["replaced"].as_array().unwrap().iter().map(|one| &one["entirely"]).collect::<Vec<_>>(),
        [true, true]
    );
    // It takes all from a rule for the very same mail: behind that it would have no effect, which is said.
    let proposed = desk.place(&json!({ "rule": new(&json!([])) })).await;
    assert_eq!((&proposed["proposed"], &proposed["people"]), (&json!(1), &json!(4)));
    assert_eq!(proposed["replaced"], json!([{ "id": "everyone", "name": "Everyone", "people": 4, "entirely": true }]));
    let last = desk.place(&json!({ "rule": new(&json!([])), "at": 2 })).await;
    assert!(last["warning"].as_str().unwrap().contains("“Everyone”"), "{last}");
    // A place behind the end is the end.
    assert_eq!(desk.place(&json!({ "rule": new(&engine_room()), "at": 1000 })).await["at"], 2);
    let refused = desk
        .owner
        .send(
            "POST",
            &desk.path(paths::RULE_PLACEMENT, ""),
            &json!({ "rule": { "id": "a b", "name": "x", "gives": {} } }),
        )
        .await;
    assert_eq!((refused.status.as_u16(), refused.field().as_str()), (422, "rule.id"));
}

#[tokio::test]
async fn at_the_proposed_place_nobody_else_and_no_reply_changes() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let everyone = desk.rules().await.0["rules"][0]["rule"].clone();
    let with = |more: Value| {
        let mut rule = json!({ "gives": { "signature": "long" } });
        rule.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        rule
    };
    let replies = with(json!({ "id": "replies", "name": "Replies", "kinds": ["reply", "forward"] }));
    let meetings = with(json!({ "id": "meetings", "name": "Meetings", "kinds": ["appointment"] }));
    let published = json!([replies, meetings, everyone]);
    assert_eq!(desk.save_rules(&published).await.status, StatusCode::OK);
    assert_eq!(desk.publish(&json!({ "changes": { "rules": true } })).await.status, StatusCode::OK);
    let mut rule = new(&engine_room());
    let place = desk.place(&json!({ "rule": rule })).await["proposed"].as_u64().unwrap();
    let mut affected = async |enabled: bool| {
        rule["enabled"] = json!(enabled);
        let mut rules = published.as_array().unwrap().clone();
        rules.insert(usize::try_from(place).unwrap(), rule.clone());
        assert_eq!(desk.save_rules(&json!(rules)).await.status, StatusCode::OK);
        let comparison = desk.compare(&json!({ "changes": { "rules": true } })).await;
        let cells = comparison["cells"].as_array().unwrap().iter();
        let changed = cells.filter(|cell| cell["people"] != 0).map(|cell| cell["kind"].clone()).collect::<Vec<_>>();
        (comparison["affected"].clone(), changed)
    };
    assert_eq!(affected(false).await, (json!(0), vec![]), "off until somebody is chosen");
    assert_eq!(affected(true).await, (json!(1), vec![json!("new"), json!("new")]), "Ada's new mails, to both sides");
}
