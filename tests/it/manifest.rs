//! The manifest: what we serve passes the lint, and the lint finds whatever is broken.

use boa_engine::{Context, Source};
use paraph::outlook::manifest_lint::lint;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use tests::app::TestApp;

/// A file of the repository.
fn file(path: &str) -> PathBuf {
    tests::root().join(path)
}

fn template() -> String {
    fs::read_to_string(file("manifest.xml")).unwrap()
}

/// The manifest, filled as for one deployment.
fn filled() -> String {
    let values = [
        ("{{origin}}", "https://signatures.example.com:8443"),
        ("{{host}}", "signatures.example.com:8443"),
        ("{{addin_id}}", "5f1c1e6a-93f5-4f0b-9a3e-7d0c2b8e4a11"),
        ("{{client_id}}", CLIENT),
        ("{{version}}", "0.1.0"),
        ("{{name}}", "Paraph"),
        ("{{provider}}", "Example Ltd"),
        ("{{support_url}}", "https://example.com/support"),
    ];
    values.iter().fold(template(), |text, (name, value)| text.replace(name, value))
}

const CLIENT: &str = "66666666-7777-4888-9999-aaaaaaaaaaaa";

#[test]
fn the_filled_manifest_is_clean() {
    let findings: Vec<String> = lint(&filled()).iter().map(ToString::to_string).collect();
    assert_eq!(findings, [""; 0]);
}

#[tokio::test]
async fn the_served_manifest_is_clean() {
    let app = TestApp::start_with(|config| config.server.public_url = "https://signatures.example.com".into()).await;
    let answer = app.get("/manifest.xml").await;
    assert_eq!(answer.status, 200);
    let findings: Vec<String> = lint(&answer.text()).iter().map(ToString::to_string).collect();
    assert_eq!(findings, [""; 0]);
}

/// Breaks the filled manifest in one place: the first occurrence of `from` behind `behind` becomes `to`.
fn broken(behind: &str, from: &str, to: &str) -> String {
    let manifest = filled();
    let at = manifest.find(behind).unwrap_or_else(|| panic!("“{behind}” is not in the manifest"));
    let (before, rest) = manifest.split_at(at);
    assert!(rest.contains(from), "“{from}” is not in the manifest behind “{behind}”");
    format!("{before}{}", rest.replacen(from, to, 1))
}

#[track_caller]
fn check(rule: &str, manifest: &str) {
    let findings = lint(manifest);
    let rules: BTreeSet<&str> = findings.iter().map(|finding| finding.rule).collect();
    let shown: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert_eq!(rules, BTreeSet::from([rule]), "{shown:#?}");
}

/// (rule, where to begin to look, what is replaced, by what)
const MUTATIONS: &[(&str, &str, &str, &str)] = &[
    ("well-formed", "", "</OfficeApp>", ""),
    ("root", "", "xsi:type=\"MailApp\"", "xsi:type=\"TaskPaneApp\""),
    ("id", "", "5f1c1e6a-93f5", "5f1c1e6a-93f"),
    ("version", "", "<Version>1.0.1.0<", "<Version>1.0.1.0-beta<"),
    ("version", "", "<Version>1.0.1.0<", "<Version>0.1.0<"),
    ("version", "", "<Version>1.0.1.0<", "<Version>1.0.1.0.0<"),
    ("version", "", "<Version>1.0.1.0<", "<Version>1.123456<"),
    ("required", "", "<DefaultLocale>en-US</DefaultLocale>", ""),
    ("required", "", "<SupportUrl DefaultValue=\"https://example.com/support\"/>", ""),
    ("required", "<Supertip>", "<Description resid=\"Pane.Tip\"/>", ""),
    ("order", "", "<DefaultLocale>en-US</DefaultLocale>", "<Wrong/><DefaultLocale>en-US</DefaultLocale>"),
    (
        "order",
        "",
        "<DisableEntityHighlighting>true</DisableEntityHighlighting>",
        "<SupportUrl DefaultValue=\"https://x.example/\"/>",
    ),
    (
        "order",
        "",
        "<DefaultLocale>en-US</DefaultLocale>",
        "<DefaultLocale>en-US</DefaultLocale><DefaultLocale>de-DE</DefaultLocale>",
    ),
    ("overrides", "", "xsi:type=\"VersionOverridesV1_0\"", "xsi:type=\"VersionOverridesV1_1\""),
    (
        "overrides",
        "mailappversionoverrides/1.1",
        "xsi:type=\"VersionOverridesV1_1\"",
        "xsi:type=\"VersionOverridesV1_0\"",
    ),
    (
        "namespace",
        "<Resources>",
        "<bt:Urls>\n        <bt:Url id=\"Pane.Url\" DefaultValue=\"https://signatures.example.com:8443/pane.html\"/>\n      </bt:Urls>",
        "<Urls>\n        <bt:Url id=\"Pane.Url\" DefaultValue=\"https://signatures.example.com:8443/pane.html\"/>\n      </Urls>",
    ),
    ("host", "", "<Host Name=\"Mailbox\"/>", "<Host Name=\"Workbook\"/>"),
    ("host", "VersionOverridesV1_1", "xsi:type=\"MailHost\"", "xsi:type=\"Workbook\""),
    ("unfilled", "", "Example Ltd", "{{provider}}"),
    ("short-string", "", "DisplayName DefaultValue=\"Paraph\"", "DisplayName DefaultValue=\"\""),
    ("short-string", "VersionOverridesV1_1", "DefaultValue=\"Your signature\"", "DefaultValue=\"LONG126\""),
    ("long-string", "", "Description DefaultValue=\"Puts", "Description DefaultValue=\"LONG250 Puts"),
    ("long-string", "VersionOverridesV1_1", "DefaultValue=\"See which", "DefaultValue=\"LONG250 See which"),
    ("requested-height", "", "<RequestedHeight>250<", "<RequestedHeight>451<"),
    ("requested-height", "", "<RequestedHeight>250<", "<RequestedHeight>31<"),
    ("https", "", "SupportUrl DefaultValue=\"https:", "SupportUrl DefaultValue=\"http:"),
    (
        "https",
        "VersionOverridesV1_1",
        "\"Events.Script\" DefaultValue=\"https:",
        "\"Events.Script\" DefaultValue=\"http:",
    ),
    ("url-length", "VersionOverridesV1_1", "/launchevent.js", "/launchevent.js?LONG2048"),
    ("image-type", "", "icon-64.png", "icon.svg"),
    ("image-type", "VersionOverridesV1_1", "icon-80.png", "icon.svg"),
    ("resid", "VersionOverridesV1_1", "<Label resid=\"Group.Label\"/>", "<Label resid=\"Group.Name\"/>"),
    ("resid-kind", "VersionOverridesV1_1", "<Label resid=\"Group.Label\"/>", "<Label resid=\"Pane.Tip\"/>"),
    ("resid-kind", "VersionOverridesV1_1", "<Description resid=\"Pane.Tip\"/>", "<Description resid=\"Pane.Title\"/>"),
    (
        "resid-kind",
        "VersionOverridesV1_1",
        "<SourceLocation resid=\"Pane.Url\"/>",
        "<SourceLocation resid=\"Icon.80\"/>",
    ),
    ("id-length", "VersionOverridesV1_1", "id=\"paraph.appt.pane\"", "id=\"paraph.appt.pane.with.a.name.too.long\""),
    ("id-unique", "VersionOverridesV1_1", "id=\"paraph.appt.pane\"", "id=\"paraph.message.pane\""),
    (
        "id-unique",
        "VersionOverridesV1_1",
        "<bt:LongStrings>",
        "<bt:LongStrings><bt:String id=\"Pane.Label\" DefaultValue=\"x\"/>",
    ),
    (
        "button-icons",
        "VersionOverridesV1_1",
        "<bt:Image size=\"80\" resid=\"Icon.80\"/>",
        "<bt:Image size=\"64\" resid=\"Icon.80\"/>",
    ),
    (
        "mobile-icons",
        "<MobileFormFactor>",
        "<MobileFormFactor>",
        "<MobileFormFactor><ExtensionPoint xsi:type=\"MobileMessageReadCommandSurface\"><Control xsi:type=\"MobileButton\" id=\"m\"/></ExtensionPoint>",
    ),
    ("control", "VersionOverridesV1_1", "xsi:type=\"Button\"", "xsi:type=\"Knob\""),
    (
        "one-runtime",
        "VersionOverridesV1_1",
        "</Runtimes>",
        "<Runtime resid=\"Pane.Url\"><Override type=\"javascript\" resid=\"Events.Script\"/></Runtime></Runtimes>",
    ),
    (
        "override",
        "VersionOverridesV1_1",
        "</Runtime>",
        "<Override type=\"javascript\" resid=\"Events.Script\"/></Runtime>",
    ),
    ("override", "VersionOverridesV1_1", "<Override type=\"javascript\"", "<Override type=\"wasm\""),
    ("lifetime", "VersionOverridesV1_1", "<Runtime resid", "<Runtime lifetime=\"long\" resid"),
    (
        "event-page",
        "<MobileFormFactor>",
        "<SourceLocation resid=\"Events.Page\"/>",
        "<SourceLocation resid=\"Pane.Url\"/>",
    ),
    ("event-type", "<LaunchEvents>", "Type=\"OnNewMessageCompose\" ", ""),
    ("event-type", "<LaunchEvents>", "OnNewMessageCompose", "OnNewMessage"),
    ("mobile-event", "<MobileFormFactor>", "OnMessageFromChanged", "OnMessageSend"),
    ("event-function", "<LaunchEvents>", "FunctionName=\"paraphOnNewMessage\"", ""),
    (
        "send-mode",
        "<LaunchEvents>",
        "FunctionName=\"paraphOnNewMessage\"",
        "FunctionName=\"paraphOnNewMessage\" SendMode=\"SoftBlock\"",
    ),
    (
        "send-mode",
        "<LaunchEvents>",
        "</LaunchEvents>",
        "<LaunchEvent Type=\"OnMessageSend\" FunctionName=\"f\" SendMode=\"Refuse\"/></LaunchEvents>",
    ),
    (
        "event-once",
        "<LaunchEvents>",
        "</LaunchEvents>",
        "<LaunchEvent Type=\"OnMessageSend\" FunctionName=\"f\"/><LaunchEvent Type=\"OnMessageSend\" FunctionName=\"g\"/></LaunchEvents>",
    ),
    ("shared-folders", "", "<SupportsSharedFolders>true</SupportsSharedFolders>", ""),
    ("app-domain", "", "</AppDomain>", "/</AppDomain>"),
    ("app-domain", "", "</AppDomains>", "<AppDomain>https://*.example.com</AppDomain></AppDomains>"),
    ("app-domain", "", "</AppDomains>", "<AppDomain>example.com</AppDomain></AppDomains>"),
    (
        "one-domain",
        "VersionOverridesV1_1",
        "https://signatures.example.com:8443/launchevent.js",
        "https://cdn.example.com/launchevent.js",
    ),
    ("permissions", "", "ReadWriteItem", "WriteEverything"),
    ("permissions", "", "ReadWriteItem", "ReadItem"),
    ("permissions", "", "ReadWriteItem", "ReadWriteMailbox"),
    (
        "undeclarable-set",
        "VersionOverridesV1_1",
        "<bt:Set Name=\"Mailbox\"/>",
        "<bt:Set Name=\"Mailbox\"/><bt:Set Name=\"NestedAppAuth\" MinVersion=\"1.1\"/>",
    ),
    (
        "undeclarable-set",
        "",
        "<Set Name=\"Mailbox\" MinVersion=\"1.5\"/>",
        "<Set Name=\"Mailbox\" MinVersion=\"1.5\"/><Set Name=\"IdentityAPI\" MinVersion=\"1.3\"/>",
    ),
    ("base-requirement", "", "<Set Name=\"Mailbox\"", "<Set Name=\"AddinCommands\""),
    ("overrides-requirement", "VersionOverridesV1_0", "DefaultMinVersion=\"1.5\"", "DefaultMinVersion=\"1.3\""),
    ("event-requirement", "VersionOverridesV1_1", "DefaultMinVersion=\"1.10\"", "DefaultMinVersion=\"1.9\""),
    (
        "sign-on-id",
        "<WebApplicationInfo>",
        "<Id>66666666-7777-4888-9999-aaaaaaaaaaaa</Id>\n        <Resource>api://signatures.example.com:8443/66666666-7777-4888-9999-aaaaaaaaaaaa<",
        "<Id>client</Id>\n        <Resource>api://signatures.example.com:8443/client<",
    ),
    ("sign-on-resource", "<WebApplicationInfo>", "<Resource>api:", "<Resource>https:"),
    ("sign-on-resource", "<WebApplicationInfo>", "8443/66666666", "8443/11111111"),
    ("sign-on-domain", "<WebApplicationInfo>", "api://signatures.example.com:8443/", "api://signatures.example.com/"),
    ("sign-on-scopes", "<WebApplicationInfo>", "<Scope>openid</Scope>", ""),
    ("sign-on-scopes", "<WebApplicationInfo>", "<Scope>profile</Scope>", "<Scope>User.Read</Scope>"),
];

#[test]
fn whatever_is_broken_is_found_and_nothing_else() {
    let long = |characters: usize| "x".repeat(characters);
    for (rule, behind, from, to) in MUTATIONS {
        let to = to.replace("LONG126", &long(126)).replace("LONG250", &long(250)).replace("LONG2048", &long(2048));
        println!("{rule}: {from} -> {to:.60}");
        check(rule, &broken(behind, from, &to));
    }
}

#[test]
fn single_sign_on_belongs_into_the_latest_overrides() {
    let manifest = filled();
    let from = manifest.find("<WebApplicationInfo>").unwrap();
    let to = manifest.find("</WebApplicationInfo>").unwrap() + "</WebApplicationInfo>".len();
    let info = &manifest[from..to];
    let moved = manifest.replace(info, "").replacen("</Resources>", &format!("</Resources>{info}"), 1);
    check("sign-on-place", &moved);
}

#[test]
fn the_base_part_asks_for_no_more_than_phones_and_exchange_servers_have() {
    check("base-requirement", &filled().replace("MinVersion=\"1.5\"", "MinVersion=\"1.8\""));
}

#[test]
fn a_manifest_has_at_most_256_kilobytes() {
    check("size", &filled().replace("<Hosts>", &format!("<!--{}--><Hosts>", "x".repeat(256 * 1024))));
}

#[test]
fn every_function_is_associated_in_the_handler() {
    let script = fs::read_to_string(file("assets/launchevent.js")).unwrap();
    let stub = "var associated = [];
        var Office = { actions: { associate: function (name) { associated.push(name); } } };";
    let mut engine = Context::default();
    engine.eval(Source::from_bytes(stub)).unwrap();
    engine.eval(Source::from_bytes(&script)).unwrap();
    let joined = engine.eval(Source::from_bytes("associated.join(' ')")).unwrap();
    let joined = joined.to_string(&mut engine).unwrap().to_std_string_escaped();
    let associated: BTreeSet<&str> = joined.split(' ').collect();

    let manifest = filled();
    let document = roxmltree::Document::parse(&manifest).unwrap();
    let named: BTreeSet<&str> = document.descendants().filter_map(|node| node.attribute("FunctionName")).collect();
    assert_eq!(named, associated);
}

/// Width and height of a PNG, from its header.
fn png_size(path: &str) -> (u32, u32) {
    let bytes = fs::read(file(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    assert!(bytes.starts_with(b"\x89PNG\r\n\x1a\n"), "{path} is no PNG");
    let number = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
    (number(16), number(20))
}

#[test]
fn icons_are_there_in_the_size_that_their_name_says() {
    let manifest = template();
    let mut seen = BTreeSet::new();
    for piece in manifest.split("{{origin}}/").skip(1) {
        let path = piece.split('"').next().unwrap();
        let Some(size) = path.strip_prefix("assets/icons/icon-").and_then(|rest| rest.strip_suffix(".png")) else {
            continue;
        };
        let size = size.parse().unwrap();
        assert_eq!(png_size(path), (size, size), "{path}");
        seen.insert(size);
    }
    assert_eq!(seen, BTreeSet::from([16, 32, 64, 80, 128]));
}

#[test]
fn button_icons_have_the_size_that_the_button_asks_for() {
    let manifest = filled();
    let document = roxmltree::Document::parse(&manifest).unwrap();
    let mut seen = 0;
    for image in document.descendants().filter(|node| node.has_tag_name("Image") || node.tag_name().name() == "Image") {
        let (Some(size), Some(resid)) = (image.attribute("size"), image.attribute("resid")) else { continue };
        let resource = document.descendants().find(|node| node.attribute("id") == Some(resid)).unwrap();
        let url = resource.attribute("DefaultValue").unwrap();
        let path = url.split_once("8443/").unwrap().1;
        let size = size.parse().unwrap();
        assert_eq!(png_size(path), (size, size), "{path}");
        seen += 1;
    }
    assert_eq!(seen, 12);
}
