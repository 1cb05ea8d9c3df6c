//! Settings: defaults, file, environment.

use paraph::config::{Config, EXAMPLE, LogFormat};
use std::path::PathBuf;
use tempfile::TempDir;

fn file(text: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("paraph.toml");
    std::fs::write(&path, text).unwrap();
    (folder, path)
}

fn load(text: &str, environment: &[(&str, &str)]) -> Result<Config, String> {
    let (_folder, path) = file(text);
    let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::from_parts(Some(&path), environment).map_err(|error| error.to_string())
}

#[test]
fn the_example_file_equals_the_defaults_and_names_every_setting() {
    assert_eq!(load(EXAMPLE, &[]).unwrap(), Config::default());
    let config = serde_json::to_value(Config::default()).unwrap();
    let mut section = "";
    let mut written = Vec::new();
    for line in EXAMPLE.lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name;
        } else if let Some((key, _)) = line.split_once(" = ").filter(|(key, _)| !key.starts_with(['#', ' '])) {
            let variable = format!("PARAPH_{}__{}", section.to_uppercase(), key.to_uppercase());
            assert!(EXAMPLE.contains(&format!("# {variable}")), "{variable} is not named");
            written.push(format!("{section}.{key}"));
        }
    }
    let sections = config.as_object().unwrap().iter();
    let mut known: Vec<_> = sections
        .flat_map(|(name, keys)| keys.as_object().unwrap().keys().map(move |key| format!("{name}.{key}")))
        .collect();
    known.sort();
    written.sort();
    assert_eq!(written, known);
}

#[test]
fn without_a_file_the_defaults_hold() {
    assert_eq!(load("", &[]).unwrap(), Config::default());
}

#[test]
fn the_environment_wins_over_the_file_and_the_file_over_the_defaults() {
    let text = "[server]\npublic_url = \"https://file.example/\"\nshutdown_seconds = 3\n";
    let config = load(
        text,
        &[
            ("PARAPH_SERVER__PUBLIC_URL", "https://environment.example"),
            ("PARAPH_SERVER__METRICS_LISTEN", ""),
            ("PARAPH_IDENTITY__LINK_BY_ADDRESS", "true"),
            ("PARAPH_OUTLOOK__SCRIPT_HOSTS", r#"["https://a.example", "https://b.example"]"#),
            ("PARAPH_LOG__FORMAT", "json"),
            // Kubernetes sets such variables for a service of our name.
            ("PARAPH_PORT", "tcp://10.0.0.1:4000"),
        ],
    )
    .unwrap();
    assert_eq!(config.server.public_url, "https://environment.example");
    assert_eq!(config.server.shutdown_seconds, 3);
    assert_eq!(config.server.metrics_listen, None);
    assert!(config.identity.link_by_address);
    assert_eq!(config.outlook.script_hosts, ["https://a.example", "https://b.example"]);
    assert_eq!(config.log.format, LogFormat::Json);
    assert_eq!(load(text, &[]).unwrap().server.public_url, "https://file.example", "without its slash");
}

#[test]
fn a_secret_can_stand_in_a_file_of_its_own() {
    let (_folder, secret) = file("postgres://user:hunter2@db/paraph\n");
    let config = load("", &[("PARAPH_DATABASE__URL_FILE", secret.to_str().unwrap())]).unwrap();
    assert_eq!(config.database.url, "postgres://user:hunter2@db/paraph");
    assert!(!format!("{config:?}").contains("hunter2"), "never logged");
    let (_folder, secret) = file("hunter3\n");
    let config = load("", &[("PARAPH_DIRECTORY__ENTRA_CLIENT_SECRET_FILE", secret.to_str().unwrap())]).unwrap();
    assert_eq!(config.directory.entra_client_secret, "hunter3");
    assert!(!format!("{config:?}").contains("hunter3"), "never logged");
    let error = load("", &[("PARAPH_DATABASE__URL_FILE", "nowhere")]).unwrap_err();
    assert!(error.contains("PARAPH_DATABASE__URL_FILE") && error.contains("nowhere"), "{error}");
}

#[test]
fn a_source_is_asked_over_https_or_on_this_very_machine() {
    let read = |url: &str| load("", &[("PARAPH_DIRECTORY__GRAPH_URL", url)]).map(|config| config.directory.graph_url);
    assert_eq!(read("https://graph.microsoft.us/").unwrap(), "https://graph.microsoft.us");
    assert_eq!(read("http://127.0.0.1:4010").unwrap(), "http://127.0.0.1:4010");
    assert!(read("http://127.0.0.1.example:4010").is_err());
}

#[test]
fn the_environment_can_name_the_file() {
    let (_folder, path) = file("[outlook]\nname = \"Ours\"\n");
    let environment = [("PARAPH_CONFIG".to_owned(), path.display().to_string())];
    assert_eq!(Config::from_parts(None, environment).unwrap().outlook.name, "Ours");
}

#[test]
fn trusted_proxies_are_addresses_ranges_and_private_as_a_list_or_with_commas() {
    let file = load("[server]\ntrusted_proxies = [\"10.0.0.0/8\", \"private\", \"2001:db8::1\"]\n", &[]).unwrap();
    for text in ["10.0.0.0/8,private, 2001:db8::1", "[\"10.0.0.0/8\", \"private\", \"2001:db8::1\"]"] {
        let variable = load("", &[("PARAPH_SERVER__TRUSTED_PROXIES", text)]).unwrap();
        assert_eq!(variable.server.trusted_proxies, file.server.trusted_proxies, "{text}");
    }
    assert!(load("", &[("PARAPH_SERVER__TRUSTED_PROXIES", "private")]).is_ok());
    assert!(load("", &[("PARAPH_SERVER__TRUSTED_PROXIES", "10.0.0.5")]).is_ok());
    let error = load("[server]\ntrusted_proxies = [\"proxy.example.com\"]\n", &[]).unwrap_err();
    assert!(error.contains("server.trusted_proxies") && error.contains("10.0.0.0/8"), "{error}");
    assert!(load("[server]\ntrusted_proxies = 10\n", &[]).unwrap_err().contains("server.trusted_proxies"));
}

#[test]
fn the_public_url_is_an_origin_as_browsers_spell_it() {
    let read = |url: &str| load("", &[("PARAPH_SERVER__PUBLIC_URL", url)]).map(|config| config.server.public_url);
    for (written, meant) in [
        ("https://Signatures.Example.com", "https://signatures.example.com"),
        ("HTTPS://signatures.example.com:443/", "https://signatures.example.com"),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
        ("https://signatures.example.com:8443", "https://signatures.example.com:8443"),
        ("https://signatüren.example", "https://xn--signatren-v9a.example"),
    ] {
        assert_eq!(read(written).unwrap(), meant, "{written}");
    }
    for wrong in ["https://", "signatures.example.com", "ftp://a.example", "https://a.example?x", "https://u@a.example"]
    {
        assert!(read(wrong).unwrap_err().contains("server.public_url"), "{wrong}");
    }
}

#[test]
fn a_text_from_the_environment_stays_one() {
    let secret =
        |value: &str| load("", &[("PARAPH_CONSOLE__OIDC_CLIENT_SECRET", value)]).unwrap().console.oidc_client_secret;
    for (written, meant) in [
        ("12345", "12345"),
        ("1e5", "1e5"),
        ("true", "true"),
        ("[a, b]", "[a, b]"),
        ("\"quoted\"", "quoted"),
        ("{x", "{x"),
    ] {
        assert_eq!(secret(written), meant);
    }
    let listen = load("", &[("PARAPH_SERVER__LISTEN", "[::1]:4158")]).unwrap().server.listen;
    assert_eq!(listen.to_string(), "[::1]:4158");
    assert_eq!(
        load("[server]\nlisten = \"localhost:4158\"\n", &[]).unwrap().server.listen.to_string(),
        "127.0.0.1:4158"
    );
}

#[test]
fn a_password_that_ends_its_address_too_early_is_refused_and_never_shown() {
    for wrong in [
        "postgres://paraph:hunter#2@db.example/paraph",
        "postgres://paraph:hunter/2@db.example/paraph",
        "postgres://paraph:hunter?2@db.example/paraph",
        "postgresql://paraph:hun@ter/2@db.example/paraph",
        "postgres://paraph:hunter2@db.example:port/paraph",
    ] {
        for (text, environment) in
            [(format!("[database]\nurl = {wrong:?}\n"), vec![]), (String::new(), vec![("PARAPH_DATABASE__URL", wrong)])]
        {
            let error = load(&text, &environment).unwrap_err();
            assert!(error.contains("database.url") && error.contains("%23"), "{wrong}: {error}");
            assert!(!error.contains("hunter") && !error.contains("hun@"), "{error}");
        }
    }
    for right in [
        "postgres://paraph:hunter%232@db.example/paraph",
        "postgres://paraph:hunt@r:2@db.example/paraph?application_name=a@b",
        "postgres://db.example:5432/paraph?user=paraph@server",
        "postgres://paraph@localhost/paraph?host=/run/postgresql",
        "postgres://%2Frun%2Fpostgresql/paraph",
    ] {
        assert_eq!(load(&format!("[database]\nurl = {right:?}\n"), &[]).unwrap().database.url, right);
    }
}

type Environment = &'static [(&'static str, &'static str)];

#[test]
fn what_cannot_be_used_is_named_with_what_to_write() {
    let cases: [(&str, Environment, &[&str]); 28] = [
        ("[server]\nport = 80\n", &[], &["server.port", "paraph.toml", "the known settings are", "listen"]),
        ("[sever]\nlisten = \"x\"\n", &[], &["unknown setting sever", "server"]),
        ("", &[("PARAPH_SERVER__PORT", "80")], &["server.port", "PARAPH_SERVER__PORT"]),
        ("[server]\nlisten = \"4000\"\n", &[], &["server.listen", "paraph.toml", "127.0.0.1:4000"]),
        ("[server]\nlisten = 4158\n", &[], &["server.listen", "127.0.0.1:4158"]),
        ("", &[("PARAPH_SERVER__LISTEN", ":4158")], &["PARAPH_SERVER__LISTEN", "127.0.0.1:4158", "[::]:4158"]),
        (
            "",
            &[("PARAPH_OUTLOOK__SCRIPT_HOSTS", "[\"a\", 4]")],
            &["PARAPH_OUTLOOK__SCRIPT_HOSTS", "script_hosts.1", "text"],
        ),
        ("", &[("PARAPH_OUTLOOK__SCRIPT_HOSTS", "https://a")], &["PARAPH_OUTLOOK__SCRIPT_HOSTS", "[\"a\", \"b\"]"]),
        ("[outlook]\nscript_hosts = [1]\n", &[], &["script_hosts.0", "paraph.toml"]),
        ("[identity]\nlink_by_address = \"yes\"\n", &[], &["link_by_address", "true or false"]),
        ("[log]\nformat = \"xml\"\n", &[], &["log.format", "xml", "text, json"]),
        ("[database]\nurl = \"postgres:db\"\n", &[], &["database.url", "lacks //"]),
        ("", &[("PARAPH_SERVER__SHUTDOWN_SECONDS", "soon")], &["PARAPH_SERVER__SHUTDOWN_SECONDS"]),
        ("[server]\nmetrics_listen = \"9464\"\n", &[], &["server.metrics_listen", "127.0.0.1:9464"]),
        ("[server]\npublic_url = \"https://a.example/paraph\"\n", &[], &["server.public_url", "without a path"]),
        ("[database]\nurl = \"mysql://x\"\n", &[], &["database.url", "sqlite:", "postgres:"]),
        ("[database]\nmax_connections = 0\n", &[], &["database.max_connections", "1 or more"]),
        ("[identity]\nclient_id = \"paraph\"\n", &[], &["identity.client_id", "GUID"]),
        ("[identity]\noffice_clients = [\"office\"]\n", &[], &["identity.office_clients", "GUID"]),
        ("[outlook]\nframe_ancestors = [\"https://a.example https://b.example\"]\n", &[], &["outlook.frame_ancestors"]),
        ("[outlook]\nscript_hosts = [\"https://a.example; img-src *\"]\n", &[], &["outlook.script_hosts", "img-src"]),
        ("[outlook]\nconnect_hosts = [\"https://a.example,b\"]\n", &[], &["outlook.connect_hosts", "one site"]),
        ("[outlook]\nconnect_hosts = [\"\"]\n", &[], &["outlook.connect_hosts"]),
        ("[directory]\ngraph_url = \"http://graph.example\"\n", &[], &["directory.graph_url", "https"]),
        ("[directory]\ngoogle_url = \"https://a.example/admin\"\n", &[], &["directory.google_url", "without a path"]),
        ("[directory]\ngoogle_token_url = \"http://a.example/token\"\n", &[], &["directory.google_token_url", "https"]),
        ("[directory]\ntimeout_ms = 0\n", &[], &["directory.timeout_ms", "100 to 300000"]),
        ("server = \n", &[], &["paraph.toml", "TOML"]),
    ];
    for (text, environment, parts) in cases {
        let error = load(text, environment).unwrap_err();
        for part in parts {
            assert!(error.contains(part), "{part:?} is not in: {error}");
        }
    }
    let error = Config::from_parts(Some("no-such.toml".as_ref()), []).unwrap_err().to_string();
    assert!(error.contains("no-such.toml") && error.contains("--config"), "{error}");
}
