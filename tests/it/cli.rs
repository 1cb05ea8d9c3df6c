//! The commands, through the functions behind them.

use clap::Parser as _;
use neighbours::entra::FakeEntra;
use paraph::cli::data::import::{self, ImportOptions};
use paraph::cli::data::migrate;
use paraph::cli::server::doctor::{self, DoctorOptions, Level, Report};
use paraph::cli::trial::render::{self, RenderOptions};
use paraph::cli::trial::simulate;
use paraph::cli::{Cli, Command};
use paraph::config::Config;
use paraph::store::{By, Store};
use tempfile::TempDir;
use tests::app::{CLIENT_ID, TENANT, company_file, example_company, other_company};

/// A folder with a configuration and, after [`Here::import`], a company.
struct Here {
    folder: TempDir,
    config: Config,
}

impl Here {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::default();
        config.database.url = format!("sqlite:{}", folder.path().join("paraph.db").display());
        config.server.public_url = "https://paraph.example".into();
        config.server.listen = tests::serving::free_address().parse().unwrap();
        config.identity.client_id = CLIENT_ID.into();
        config.outlook.addin_id = "12345678-0000-4000-8000-000000000000".into();
        config.outlook.support_url = "https://example.com/help".into();
        Self { folder, config }
    }

    async fn import(&self, company: &paraph::store::Company, dry_run: bool) -> anyhow::Result<String> {
        for name in ["long.html", "short.html", "plain.html", "logo.png"] {
            std::fs::write(self.folder.path().join(name), company_file(name).unwrap())?;
        }
        let file = self.folder.path().join("company.json");
        std::fs::write(&file, serde_json::to_vec(company)?)?;
        import::run(&self.config, &ImportOptions { file, dry_run }).await
    }

    async fn ready() -> Self {
        let here = Self::new();
        migrate::run(&here.config).await.unwrap();
        here.import(&example_company(), false).await.unwrap();
        here
    }

    async fn render(&self, arguments: &[&str]) -> anyhow::Result<render::Rendered> {
        let options = parse_render(&[&["paraph", "render"], arguments].concat());
        render::run(&self.config, &options).await
    }

    async fn simulate(&self, arguments: &[&str]) -> anyhow::Result<String> {
        match Cli::try_parse_from([&["paraph", "simulate"], arguments].concat())?.command {
            Command::Simulate(options) => simulate::run(&self.config, &options).await,
            other => panic!("{other:?}"),
        }
    }

    async fn doctor(&self) -> Report {
        doctor::run(Ok(self.config.clone()), &DoctorOptions { offline: true }).await
    }
}

fn parse_render(arguments: &[&str]) -> RenderOptions {
    match Cli::try_parse_from(arguments).unwrap().command {
        Command::Render(options) => options,
        other => panic!("{other:?}"),
    }
}

fn line<'a>(report: &'a Report, part: &str) -> &'a (Level, String) {
    report.lines.iter().find(|(_, text)| text.contains(part)).unwrap_or_else(|| panic!("{part:?} is not in:\n{report}"))
}

#[tokio::test]
async fn migrate_says_what_it_did_and_that_there_is_nothing_left() {
    let here = Here::new();
    let first = migrate::run(&here.config).await.unwrap();
    assert!(first.contains("migrated 0001 tenants"), "{first}");
    let second = migrate::run(&here.config).await.unwrap();
    assert!(second.contains("nothing to do"), "{second}");
}

#[tokio::test]
async fn import_shows_counts_first_when_asked_and_then_imports() {
    let here = Here::new();
    migrate::run(&here.config).await.unwrap();
    let dry = here.import(&example_company(), true).await.unwrap();
    assert!(dry.contains("people and mailboxes: 4 added") && dry.contains("Dry run"), "{dry}");
    assert!(here.import(&example_company(), true).await.unwrap().contains("4 added"), "nothing was changed");
    here.import(&example_company(), false).await.unwrap();
    let again = here.import(&example_company(), false).await.unwrap();
    assert!(again.contains("nothing to do"), "{again}");
}

#[tokio::test]
async fn import_says_where_a_document_is_wrong() {
    let here = Here::new();
    let error = here.import(&example_company(), false).await.unwrap_err();
    assert!(format!("{error:#}").contains("paraph migrate"), "{error:#}");
    migrate::run(&here.config).await.unwrap();
    let file = here.folder.path().join("broken.json");
    std::fs::write(
        &file,
        r#"{"tenant": {"entra_id": "x", "name": "y", "domains": []}, "people": [{"id": "a", "address": "b"}]}"#,
    )
    .unwrap();
    let error = import::run(&here.config, &ImportOptions { file, dry_run: false }).await.unwrap_err();
    assert!(format!("{error:#}").contains("people[0].address"), "{error:#}");
    for (text, part) in [
        ("[]", "\"tenant\" and \"people\""),
        ("", "is not a company document"),
        ("\"x\"", "is not a company document"),
        ("{} {}", "broken.json"),
    ] {
        let file = here.folder.path().join("broken.json");
        std::fs::write(&file, text).unwrap();
        let error = import::run(&here.config, &ImportOptions { file, dry_run: false }).await.unwrap_err();
        assert!(format!("{error:#}").contains(part), "{text}: {error:#}");
    }
    let file = here.folder.path().join("missing.json");
    let error = import::run(&here.config, &ImportOptions { file, dry_run: false }).await.unwrap_err();
    assert!(format!("{error:#}").contains("missing.json"), "{error:#}");
}

#[tokio::test]
async fn import_refuses_names_that_it_does_not_know() {
    let here = Here::new();
    migrate::run(&here.config).await.unwrap();
    let good = serde_json::to_value(example_company()).unwrap();
    let import = async |change: &dyn Fn(&mut serde_json::Value)| {
        let mut document = good.clone();
        change(&mut document);
        let file = here.folder.path().join("company.json");
        std::fs::write(&file, document.to_string()).unwrap();
        let error = import::run(&here.config, &ImportOptions { file, dry_run: true }).await.unwrap_err();
        format!("{error:#}")
    };
    for name in ["long.html", "short.html", "logo.png"] {
        std::fs::write(here.folder.path().join(name), company_file(name).unwrap()).unwrap();
    }
    let error = import(&|document| document["people"][0]["fields"]["dispay_name"] = "Ada".into()).await;
    assert!(
        error.contains("\"ada\"") && error.contains("dispay_name") && error.contains("use \"display_name\""),
        "{error}"
    );
    let error = import(&|document| document["people"][1]["fields"]["shoe_size"] = "38".into()).await;
    assert!(error.contains("shoe_size") && !error.contains("use \"") && error.contains("\"fields\""), "{error}");
    let error = import(&|document| document["rules"][0]["recipents"] = serde_json::json!({})).await;
    assert!(error.contains("rules[0]") && error.contains("recipents"), "{error}");
    let error = import(&|document| document["rules"][0]["gives"]["signatur"] = "long".into()).await;
    assert!(error.contains("signatur"), "{error}");
    let condition = serde_json::json!([{ "is": "group", "id": "group-engine", "nested": true }]);
    let error = import(&|document| document["rules"][0]["senders"] = serde_json::json!({ "any_of": condition })).await;
    assert!(error.contains("nested"), "{error}");
    let error = import(&|document| document["people"][0]["adress"] = "x".into()).await;
    assert!(error.contains("adress"), "{error}");
}

#[tokio::test]
async fn render_prints_the_signature_and_why() {
    let here = Here::ready().await;
    let html = here.render(&["--from", "ada@example.com"]).await.unwrap();
    assert!(html.signature.contains("Ada Lovelace") && html.signature.contains("paraph-signature"), "{html:?}");
    assert!(html.why.contains("+ Everyone"), "{html:?}");
    let text = here.render(&["--from", "countess@example.com", "--format", "text", "--kind", "reply"]).await.unwrap();
    assert!(text.signature.starts_with("Ada Lovelace") && !text.signature.contains('<'), "{text:?}");
    let json = here.render(&["--from", "desk@example.com", "--format", "json"]).await.unwrap();
    let json: serde_json::Value = serde_json::from_str(&json.signature).unwrap();
    assert_eq!(json["name"], "Long");
    assert_eq!(json["because"][0]["applied"], true);
}

#[tokio::test]
async fn render_can_look_at_another_day() {
    let here = Here::new();
    migrate::run(&here.config).await.unwrap();
    let mut company = example_company();
    company.rules[0] = serde_json::from_value(serde_json::json!({
        "id": "christmas", "name": "Christmas", "gives": { "signature": "short" },
        "schedule": { "from": "2026-12-24", "to": "2026-12-26" }
    }))
    .unwrap();
    here.import(&company, false).await.unwrap();
    let on = here.render(&["--from", "ada@example.com", "--at", "2026-12-24T08:00Z"]).await.unwrap();
    assert!(on.signature.contains("Ada Lovelace"), "{on:?}");
    let off = here.render(&["--from", "ada@example.com", "--at", "2026-12-27T00:00Z"]).await.unwrap();
    assert_eq!(off.signature.trim(), "", "{off:?}");
    let error = here.render(&["--from", "ada@example.com", "--at", "Christmas"]).await.unwrap_err();
    assert!(format!("{error:#}").contains("2026-12-24T08:00Z"), "{error:#}");
}

#[tokio::test]
async fn render_says_what_to_do_about_an_unknown_address_or_tenant() {
    let here = Here::ready().await;
    let error = here.render(&["--from", "nobody@example.com"]).await.unwrap_err();
    assert!(format!("{error:#}").contains("nobody@example.com"), "{error:#}");
    let error = here.render(&["--from", "ada@example.com", "--to", "not an address"]).await.unwrap_err();
    assert!(format!("{error:#}").contains("recipients[0].address"), "{error:#}");
    here.import(&other_company(), false).await.unwrap();
    let error = here.render(&["--from", "ada@elsewhere.example"]).await.unwrap_err();
    assert!(format!("{error:#}").contains("--tenant") && format!("{error:#}").contains(TENANT), "{error:#}");
    here.render(&["--from", "ada@example.com"]).await.unwrap();
    here.render(&["--from", "ada@example.com", "--tenant", "example"]).await.unwrap();
}

#[tokio::test]
async fn doctor_finds_what_is_missing_step_by_step() {
    let mut here = Here::new();
    here.config.server.public_url = "http://paraph.example".into();
    here.config.identity.client_id.clear();
    let report = here.doctor().await;
    assert!(report.failed());
    assert_eq!(line(&report, "server.public_url").0, Level::Fail);
    assert_eq!(line(&report, "identity.client_id").0, Level::Warn, "the console works without it");
    assert!(line(&report, "database").1.contains("paraph migrate"));
    assert!(!here.folder.path().join("paraph.db").exists(), "looking creates nothing");

    let here = Here::new();
    migrate::run(&here.config).await.unwrap();
    let report = here.doctor().await;
    assert!(!report.failed(), "{report}");
    assert!(line(&report, "tenants: none").1.contains("paraph import"));

    let here = Here::ready().await;
    let report = here.doctor().await;
    assert!(!report.failed(), "{report}");
    assert!(line(&report, "tenant Example: 4 people and mailboxes, 2 templates").0 == Level::Ok);
    assert!(line(&report, "1 people have no Entra object id").0 == Level::Warn);
}

#[tokio::test]
async fn doctor_knows_that_https_means_a_proxy_and_asks_which_one() {
    let mut here = Here::ready().await;
    here.config.server.public_url = "https://signatures.example.com".into();
    let report = here.doctor().await;
    let (level, text) = line(&report, "server.trusted_proxies");
    assert!(*level == Level::Warn && text.contains("\"private\""), "{text}");
    let set = |here: &mut Here, entries: &[&str]| {
        here.config.server.trusted_proxies = serde_json::from_value(serde_json::json!(entries)).unwrap();
    };
    set(&mut here, &["private"]);
    assert_eq!(line(&here.doctor().await, "server.trusted_proxies").0, Level::Ok);
    set(&mut here, &["0.0.0.0/0"]);
    assert_eq!(line(&here.doctor().await, "server.trusted_proxies").0, Level::Warn);
}

#[tokio::test]
async fn doctor_tells_of_a_bad_configuration_and_of_bad_templates() {
    let error = Config::from_parts(Some("no-such.toml".as_ref()), []).unwrap_err();
    let report = doctor::run(Err(error), &DoctorOptions { offline: true }).await;
    assert!(report.failed() && report.to_string().contains("no-such.toml"), "{report}");

    let here = Here::ready().await;
    let mut company = example_company();
    company.templates[1].html = "broken.html".into();
    std::fs::write(here.folder.path().join("broken.html"), "{% for %}").unwrap();
    let text = here.import(&company, false).await.unwrap();
    assert!(text.contains("problem in short"), "{text}");
    assert_eq!(line(&here.doctor().await, ": short: ").0, Level::Warn);
}

#[tokio::test]
async fn doctor_asks_for_the_signing_keys() {
    let entra = FakeEntra::start().await;
    let mut here = Here::ready().await;
    here.config.identity.authority_host.clone_from(&entra.url);
    let report = doctor::run(Ok(here.config.clone()), &DoctorOptions::default()).await;
    assert_eq!(line(&report, "sign-in keys").0, Level::Ok, "{report}");
    assert_eq!(line(&report, "server: nothing answers").0, Level::Warn, "{report}");
    assert!(line(&report, "can be written").0 == Level::Ok, "{report}");
    here.config.identity.authority_host = "http://127.0.0.1:1".into();
    let report = doctor::run(Ok(here.config.clone()), &DoctorOptions::default()).await;
    assert_eq!(line(&report, "sign-in keys").0, Level::Fail, "{report}");
}

#[tokio::test]
async fn simulate_says_who_gets_what_and_what_unpublished_changes_would_change() {
    let here = Here::ready().await;
    let one = here.simulate(&["--from", "ada@example.com"]).await.unwrap();
    assert!(one.starts_with("signature “Long”") && one.contains("+ Everyone: Applies"), "{one}");
    let all = here.simulate(&["--all"]).await.unwrap();
    assert!(all.contains("4 people and mailboxes") && all.contains("4: signature “Long”"), "{all}");
    let store = Store::connect(&here.config.database).await.unwrap();
    let tenant = store.list_tenants().await.unwrap().remove(0).id;
    let mut rules = store.design_state(&tenant).await.unwrap().rules;
    rules.insert(
        0,
        serde_json::from_value(serde_json::json!({ "id": "engine", "name": "Engine",
        "senders": { "any_of": [{ "is": "group", "id": "group-engine" }] }, "gives": { "signature": "short" } }))
        .unwrap(),
    );
    let saved = store.save_rules(&tenant, &rules, |_| Ok::<(), paraph::store::Error>(()), &By::new("cli", 0)).await;
    saved.unwrap();
    let all = here.simulate(&["--all", "--unpublished"]).await.unwrap();
    assert!(
        all.contains("1 get something different")
            && all.contains("ada@example.com: signature “Long” -> signature “Short”"),
        "{all}"
    );
    let json = here.simulate(&["--from", "ada@example.com", "--unpublished", "--json"]).await.unwrap();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["affected"], &json["unpublished"]["parts"]["signature"]), (&true.into(), &"Short".into()));
    let lines = here.simulate(&["--all", "--unpublished", "--json"]).await.unwrap();
    assert_eq!(lines.lines().filter(|line| line.contains("\"affected\":true")).count(), 1, "{lines}");
    for wrong in
        [&["--from", "nobody@example.com"][..], &["--all", "--at", "soon"], &["--all", "--tenant", "other"], &[]]
    {
        assert!(here.simulate(wrong).await.is_err(), "{wrong:?}");
    }
}
