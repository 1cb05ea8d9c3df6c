//! CSV imports: upload, plan, look, apply.

mod ends;

use crate::people::{Desk, at_each_server, field};
use api::console::{Role, paths};
use axum::http::StatusCode;
use serde_json::{Value, json};
use tests::app::{Answer, TENANT, TestApp};

impl Desk<'_> {
    async fn upload(&self, query: &str, file: impl Into<reqwest::Body>) -> Answer {
        let path = format!("{}?{query}", self.path(paths::RUNS, ""));
        let request = self.owner.request("POST", &path).header("content-type", "text/csv").body(file);
        Answer::read(request.send().await.unwrap()).await
    }

    /// The import once it waits for somebody, or has ended.
    pub(crate) async fn settled(&self, id: &str) -> Value {
        self.owner.settled(&self.path(paths::RUN, id)).await
    }

    /// A file with its plan.
    pub(crate) async fn planned(&self, file: impl Into<reqwest::Body>) -> Value {
        let answer = self.upload("name=people.csv", file).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
        let import = self.settled(answer.json()["id"].as_str().unwrap()).await;
        assert_eq!(import["state"], "planned", "{import}");
        import
    }

    pub(crate) async fn apply(&self, import: &Value, how: &Value) -> Answer {
        self.owner.send("POST", &self.path(paths::APPLY_RUN, import["id"].as_str().unwrap()), how).await
    }

    pub(crate) async fn applied(&self, import: &Value) -> Value {
        let answer = self.apply(import, &json!({ "skip_wrong": true, "confirmed": true })).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        self.settled(import["id"].as_str().unwrap()).await
    }

    pub(crate) async fn remap(&self, import: &Value, mapping: &Value) -> Answer {
        self.owner.send("PATCH", &self.path(paths::RUN, import["id"].as_str().unwrap()), mapping).await
    }

    /// Everybody: name and fields.
    async fn everybody(&self) -> Value {
        self.owner.get(&format!("{}?sort=address", self.path(paths::PEOPLE, ""))).await.json()["people"].clone()
    }
}

fn counts(import: &Value) -> [u64; 5] {
    ["added", "changed", "unchanged", "cleared", "wrong"].map(|name| import["plan"][name].as_u64().unwrap())
}

const FILE: &str = "E-Mail;Vorname;Job title;Shoe size\r\n\
    ada@example.com;Ada;Countess;36\r\n\
    countess@example.org;New;Person;\r\n\
    GRACE@example.com;;Rear admiral;39\r\n";

#[tokio::test]
async fn a_file_is_planned_looked_at_and_applied() {
    at_each_server(async |app| {
        let desk = Desk::new(app).await;
        let before = desk.everybody().await;
        let import = desk.planned(FILE).await;
        assert_eq!(
            (&import["file"]["encoding"], &import["file"]["delimiter"], &import["rows"]),
            (&json!("utf-8"), &json!(";"), &json!(3))
        );
        assert_eq!((&import["file"]["name"], &import["cause"]), (&json!("people.csv"), &json!("file")));
        let mapped: Vec<_> =
            import["file"]["columns"].as_array().unwrap().iter().map(|column| column["field"].clone()).collect();
        assert_eq!(mapped, [json!("address"), json!("given_name"), json!("title"), Value::Null]);
        assert_eq!(import["file"]["columns"][3]["samples"], json!(["36", "39"]));
        assert_eq!(counts(&import), [1, 1, 1, 0, 0], "{import}");
        assert_eq!(import["plan"]["needs_confirmation"], false);
        let ada = json!({ "address": "ada@example.com", "is_new": false, "changes": [
            { "token": "given_name", "to": "Ada" }, { "token": "title", "to": "Countess" }
        ] });
        assert_eq!(import["plan"]["sample"][0], ada);
        assert_eq!(desk.everybody().await, before, "looking changes nothing");

        let applied = desk.applied(&import).await;
        assert_eq!((&applied["state"], &applied["done"]), (&json!("applied"), &json!(3)), "{applied}");
        let (ada, _) = desk.person("ada").await;
        assert_eq!(field(&ada, "given_name")["value"], "Ada");
        assert_eq!(field(&ada, "given_name")["source"], "csv");
        assert_eq!(field(&ada, "title")["value"], "Analyst", "Entra ID counts for more than a file");
        assert_eq!(field(&ada, "title")["values"][1], json!({ "source": "csv", "value": "Countess" }));
        let new = desk.owner.get(&format!("{}?search=example.org", desk.path(paths::PEOPLE, ""))).await.json();
        assert_eq!(new["people"][0]["fields"], json!({ "given_name": "New", "title": "Person" }));
        let entry = &app.app.store.list_audit(&desk.tenant, 1).await.unwrap()[0];
        assert_eq!((entry.action.as_str(), entry.subject.as_str()), ("import_csv", "people.csv"));

        let twice = desk.apply(&import, &json!({})).await;
        assert_eq!(twice.status, StatusCode::CONFLICT);
        let again = desk.planned(FILE).await;
        assert_eq!(counts(&again), [0, 0, 3, 0, 0], "{again}");
        let version = app.app.store.tenant_version(TENANT).await.unwrap();
        assert_eq!(desk.applied(&again).await["state"], "applied");
        assert_eq!(app.app.store.tenant_version(TENANT).await.unwrap(), version, "nothing changed");
    })
    .await;
}

#[tokio::test]
async fn every_usual_encoding_and_delimiter_is_read() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let text = "address;department\r\nada@example.com;Präsidium\r\n";
    let utf16 = |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    let latin = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect::<Vec<u8>>();
    for (file, encoding, delimiter) in [
        (text.as_bytes().to_vec(), "utf-8", ";"),
        (format!("\u{feff}{text}").into_bytes(), "utf-8", ";"),
        (utf16(u16::to_le_bytes), "utf-16le", ";"),
        ([b"\xfe\xff".to_vec(), utf16(u16::to_be_bytes)].concat(), "utf-16be", ";"),
        (latin, "windows-1252", ";"),
        (text.replace(';', "\t").into_bytes(), "utf-8", "\t"),
        (text.replace(';', ",").into_bytes(), "utf-8", ","),
        (text.replace(';', "|").into_bytes(), "utf-8", "|"),
    ] {
        let import = desk.planned(file).await;
        assert_eq!((&import["file"]["encoding"], &import["file"]["delimiter"]), (&json!(encoding), &json!(delimiter)));
        let change = &import["plan"]["sample"][0]["changes"][0];
        assert_eq!(change, &json!({ "token": "department", "to": "Präsidium" }), "{encoding} {delimiter:?}");
    }
    // The wrong delimiter makes one column of it, in which nobody can look for addresses.
    let wrong = desk.upload("delimiter=%7C", text).await;
    let import = desk.settled(wrong.json()["id"].as_str().unwrap()).await;
    assert_eq!((&import["state"], &import["plan"]), (&json!("planned"), &Value::Null));
    let refused = desk.apply(&import, &json!({})).await;
    assert_eq!((refused.status, refused.field().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "fields"));
}

#[tokio::test]
async fn what_is_no_such_file_is_refused_at_once() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let million = format!("address\n{}", "a@example.com\n".repeat(1_000_000));
    for (query, file, status, field, says) in [
        ("", Vec::new(), 422, "body", "empty"),
        ("", b"address,title\n".to_vec(), 422, "body", "no row"),
        ("", b"address,title\na@example.com,\0\n".to_vec(), 422, "body", "zero bytes"),
        ("", b"PK\x03\x04 and so on".to_vec(), 422, "body", "workbook"),
        ("", million.into_bytes(), 422, "body", "250000 rows"),
        ("", vec![b'x'; api::console::MAX_CSV + 1], 413, "body", "64 MiB"),
        ("delimiter=x", b"address\na@example.com\n".to_vec(), 422, "delimiter", "one of"),
        ("encoding=ebcdic", b"address\na@example.com\n".to_vec(), 422, "encoding", "one of"),
        ("encoding=utf-8", b"address\n\xff@example.com\n".to_vec(), 422, "encoding", "not valid"),
    ] {
        let answer = desk.upload(query, file).await;
        assert_eq!((answer.status.as_u16(), answer.field().as_str()), (status, field), "{}", answer.text());
        assert!(answer.detail().contains(says), "{}", answer.detail());
    }
    assert_eq!(desk.owner.get(&desk.path(paths::RUNS, "")).await.json()["runs"], json!([]));
}

#[tokio::test]
async fn wrong_rows_are_named_with_their_lines_and_left_out_if_wished() {
    at_each_server(async |app| {
        let desk = Desk::new(app).await;
        let file = format!(
            "address,title\n\
             ada@example.com,\"two\nlines\"\n\
             nobody,x\n\
             ,x\n\
             ada@example.com,again\n\
             countess@example.com,her alias\n\
             new@example.com,first\n\
             new@example.com,second\n\
             long@example.com,{}\n\
             control@example.com,\u{1}\n\
             wide@example.com,a,b\n\
             ,\n",
            "x".repeat(1_001)
        );
        let import = desk.planned(file).await;
        let issues = import["plan"]["issues"].as_array().unwrap();
        let places: Vec<_> = issues
            .iter()
            .map(|issue| (issue["line"].as_u64().unwrap(), issue["column"].as_str().unwrap_or("-")))
            .collect();
        let expected = [
            (4, "address"),
            (5, "address"),
            (6, "address"),
            (7, "address"),
            (9, "address"),
            (10, "title"),
            (11, "title"),
            (12, "-"),
        ];
        assert_eq!(places, expected, "{import}");
        assert!(issues[2]["detail"].as_str().unwrap().contains("line 2"), "{import}");
        assert_eq!(counts(&import), [1, 1, 0, 0, 8]);
        let stopped = desk.apply(&import, &json!({})).await;
        assert_eq!((stopped.status, stopped.field().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "skip_wrong"));
        assert_eq!(desk.applied(&import).await["state"], "applied");
        let new = desk.owner.get(&format!("{}?search=new@", desk.path(paths::PEOPLE, ""))).await.json();
        assert_eq!(new["people"][0]["fields"]["title"], "first");
        assert_eq!(new["total"], 1);
    })
    .await;
}

#[tokio::test]
async fn importing_an_export_changes_nothing() {
    at_each_server(async |app| {
        let desk = Desk::new(app).await;
        let fields = json!({ "fields": {
            "phone": { "value": "+49 30 1" }, "title": { "value": "=1+1" }, "office": { "value": "A, \"B\"\nC " },
            "department": { "value": "'=quoted" }, "company": { "value": "" },
            "city": { "value": "a;=1+1\n+2, '-3" }, "mobile": { "value": "＝1+1" }
        } });
        assert_eq!(desk.change("ada", &fields).await.status, StatusCode::OK);
        for file in [FILE, "address,street\nada@example.com,Rue\n"] {
            let import = desk.planned(file).await;
            assert_eq!(desk.applied(&import).await["state"], "applied");
        }
        let before = desk.everybody().await;
        let export = desk.owner.get(&desk.path(paths::PEOPLE_EXPORT, "")).await.body;
        let text = String::from_utf8_lossy(&export);
        for cell in ["a;'=1+1\n'+2,' '-3", "'＝1+1", ",'=1+1,"] {
            assert!(text.contains(cell), "{cell}: {text}");
        }
        for source in ["csv", "manual"] {
            let import = desk.planned(export.clone()).await;
            let fields: Vec<_> =
                import["file"]["columns"].as_array().unwrap().iter().map(|column| column["field"].clone()).collect();
            assert!(fields.iter().all(Value::is_string), "{fields:?}");
            let again = desk.remap(&import, &json!({ "fields": fields, "source": source })).await;
            assert_eq!(again.status, StatusCode::OK, "{}", again.text());
            let import = desk.settled(import["id"].as_str().unwrap()).await;
            let [added, _, _, cleared, wrong] = counts(&import);
            assert_eq!([added, cleared, wrong], [0; 3], "{import}");
            assert_eq!(desk.applied(&import).await["state"], "applied");
            assert_eq!(desk.everybody().await, before, "{source}");
        }
        let import = desk.planned(export).await;
        assert_eq!(counts(&import), [0, 0, 5, 0, 0], "{import}");
    })
    .await;
}

#[tokio::test]
async fn another_mapping_makes_another_plan() {
    at_each_server(async |app| {
        let desk = Desk::new(app).await;
        let import = desk.planned(FILE).await;
        let with = |fields: Value, source: &str, complete: bool| json!({ "fields": fields, "source": source, "complete": complete });
        for (mapping, named) in [
            (with(json!(["address"]), "csv", false), "fields"),
            (with(json!([null, "title", null, null]), "csv", false), "fields"),
            (with(json!(["address", "title", "title", null]), "csv", false), "fields[2]"),
            (with(json!(["address", "shoe_size", null, null]), "csv", false), "fields[1]"),
            (with(json!(["address", null, null, null]), "entra", false), "source"),
            (with(json!(["address", null, "title", null]), "manual", true), "complete"),
        ] {
            let answer = desk.remap(&import, &mapping).await;
            assert_eq!((answer.status, answer.field().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, named), "{mapping}");
        }
        let answer = desk.remap(&import, &with(json!(["address", null, "title", "office"]), "manual", false)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        let import = desk.settled(import["id"].as_str().unwrap()).await;
        assert_eq!((&import["source"], &import["file"]["complete"]), (&json!("manual"), &json!(false)));
        assert_eq!(counts(&import), [1, 2, 0, 0, 0], "{import}");
        assert_eq!(desk.applied(&import).await["state"], "applied");
        let (ada, _) = desk.person("ada").await;
        assert_eq!((&field(&ada, "title")["value"], &field(&ada, "title")["source"]), (&json!("Countess"), &json!("manual")));
        assert_eq!(field(&ada, "office")["value"], "36");
        assert_eq!(field(&ada, "given_name")["value"], "");
    })
    .await;
}

#[tokio::test]
async fn who_is_not_in_a_complete_file_loses_what_an_earlier_one_said_after_confirming() {
    at_each_server(async |app| {
        let desk = Desk::new(app).await;
        let all = "address,city\nada@example.com,London\ngrace@example.com,New York\nalan@example.com,Wilmslow\n";
        assert_eq!(desk.applied(&desk.planned(all).await).await["state"], "applied");
        let import = desk.planned("address,city\nalan@example.com,\n").await;
        let mapping = json!({ "fields": ["address", "city"], "source": "csv", "complete": true });
        assert_eq!(desk.remap(&import, &mapping).await.status, StatusCode::OK);
        let import = desk.settled(import["id"].as_str().unwrap()).await;
        assert_eq!((&import["source"], &import["file"]["complete"]), (&json!("csv"), &json!(true)));
        assert_eq!(counts(&import), [0, 1, 0, 2, 0], "{import}");
        assert_eq!(import["plan"]["needs_confirmation"], true, "three of four lose a value");
        let stopped = desk.apply(&import, &json!({})).await;
        assert_eq!((stopped.status, stopped.field().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "confirmed"));
        assert_eq!(desk.applied(&import).await["state"], "applied");
        for id in ["ada", "grace", "alan"] {
            let (person, _) = desk.person(id).await;
            assert_eq!(field(&person, "city")["values"], json!([]), "{id}");
        }
        assert_eq!(field(&desk.person("ada").await.0, "title")["value"], "Analyst", "other sources stay");
    })
    .await;
}

#[tokio::test]
async fn an_editor_imports_nothing_into_an_admins_field() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    desk.leave_badges_to_admins().await;
    let editor = Desk { owner: app.member(&desk.owner, &desk.tenant, Role::Editor).await, tenant: desk.tenant.clone() };
    let file = "address,badge\nada@example.com,1\n";
    let import = editor.planned(file).await;
    assert_eq!(import["file"]["columns"][1]["field"], Value::Null, "not even guessed");
    let refused = editor.remap(&import, &json!({ "fields": ["address", "badge"], "source": "csv" })).await;
    assert_eq!((refused.status, refused.field().as_str()), (StatusCode::FORBIDDEN, "fields[1]"));
    let import = desk.planned(file).await;
    assert_eq!(editor.apply(&import, &json!({})).await.status, StatusCode::FORBIDDEN);
    let viewer = Desk { owner: app.member(&desk.owner, &desk.tenant, Role::Viewer).await, tenant: desk.tenant.clone() };
    assert_eq!(viewer.upload("", file).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_complete_file_is_measured_against_the_people_whom_files_have() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    for number in 0..29 {
        let person = json!({ "address": format!("p{number}@example.com"), "kind": "person" });
        assert_eq!(desk.owner.send("POST", &desk.path(paths::PEOPLE, ""), &person).await.status, StatusCode::CREATED);
    }
    let all = "address,city\nada@example.com,London\ngrace@example.com,New York\nalan@example.com,Wilmslow\n";
    assert_eq!(desk.applied(&desk.planned(all).await).await["state"], "applied");
    let complete = async |file: &'static str| {
        let import = desk.planned(file).await;
        let mapping = json!({ "fields": ["address", "city"], "source": "csv", "complete": true });
        assert_eq!(desk.remap(&import, &mapping).await.status, StatusCode::OK);
        desk.settled(import["id"].as_str().unwrap()).await["plan"].clone()
    };
    for file in [
        "address,city\np1@example.com,Paris\n",
        "address,city\nno address,London\n",
        "address,city\nada@example.com,London\n",
        "address,city\nada@example.com,\ngrace@example.com,New York\nalan@example.com,Wilmslow\n",
    ] {
        let plan = complete(file).await;
        assert_eq!(
            (&plan["needs_confirmation"], plan["reasons"].as_array().unwrap().len()),
            (&json!(true), 1),
            "{file}"
        );
    }
    let same =
        complete("address,city\nada@example.com,London\ngrace@example.com;New York\nalan@example.com,Wilmslow\n");
    let plan = same.await;
    assert_eq!(
        (&plan["needs_confirmation"], &plan["wrong"]),
        (&json!(true), &json!(1)),
        "an address that is none: {plan}"
    );
}
