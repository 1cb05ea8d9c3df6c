//! A signature of another program in the browser: from its files to the people who get it, and pasted into the editor.

use crate::page::{Console, PATIENCE, with_console};
use fantoccini::Locator;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// What an admin needs at most, from the console's first page until it is published.
const MOST_CLICKS: u32 = 15;

/// A signature as Word saves it, with another vendor's placeholders, one of them split.
const HTML: &str = "<html xmlns:v=\"urn:schemas-microsoft-com:vml\"><head><meta http-equiv=Content-Type \
    content=\"text/html; charset=windows-1252\"><meta name=Generator content=\"Microsoft Word 15\">\
    <style><!-- p.MsoNormal {margin:0cm; font-size:11.0pt; font-family:\"Calibri\",sans-serif;} --></style></head><body lang=EN-GB>\
    <table border=0 cellpadding=0 cellspacing=0><tr><td bgcolor=\"#EEF3FA\" style='background:#EEF3FA;padding:8px'>\
    <img width=48 height=48 src=\"Head%20office_files/image001.png\" alt=\"$Company$\"></td><td>\
    <p class=MsoNormal><b><span>$MGiven</span><span style='color:#1F3864'>Name$ $Surname$</span></b></p>\
    <p class=MsoNormal>$JobTitle$, $Department$</p>\
    <p class=MsoNormal>T {Desk Phone} {rt}&middot; M %%MobilePhone%%{/rt}</p>\
    <p class=MsoNormal><a href=\"mailto:$Mail$\">$Mail$</a> $House$</p>\
    <p class=MsoNormal><img width=16 height=16 src=\"file:///C:/Users/x/Head%20office_files/image002.png\" alt=\"\">\
    <img width=16 height=16 src=\"DATA\" alt=\"\"></p></td></tr></table></body></html>";

/// The files of that signature in a folder.
fn signature(folder: &Path) -> Vec<PathBuf> {
    let icon = |size: u32| std::fs::read(tests::root().join(format!("assets/icons/icon-{size}.png"))).expect("an icon");
    let data = format!("data:image/png;base64,{}", base64(&icon(25)));
    let all = [
        ("Head office.htm", HTML.replace("DATA", &data).into_bytes()),
        ("image001.png", icon(48)),
        ("image002.png", icon(16)),
    ];
    all.into_iter()
        .map(|(name, bytes)| {
            let path = folder.join(name);
            std::fs::write(&path, bytes).expect("a file");
            path
        })
        .collect()
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

impl Console {
    /// Chooses what a placeholder becomes.
    async fn map(&self, written: &str, becomes: &str) {
        let found = format!("//select[@id=//label[.={}]/@for]", json!(format!("What becomes of {written}")));
        let select = self.client.wait().at_most(PATIENCE).for_element(Locator::XPath(&found)).await.expect(written);
        select.select_by_label(becomes).await.expect(becomes);
    }

    /// Counts clicks from here on, also on the pages that follow.
    async fn count_clicks(&self) {
        self.run("window.clicks = 0; document.addEventListener('click', () => { window.clicks += 1; }, true)").await;
    }
}

#[test]
fn a_signature_of_another_program_is_published_for_a_group_in_15_clicks() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = signature(folder.path());
    let files = files.iter().map(|file| file.to_str().expect("a path")).collect::<Vec<_>>().join("\n");
    with_console(async move |console| {
        console.go("/console").await;
        console.shows_heading("Halden & Vale").await;
        console.count_clicks().await;
        console.follow("Templates").await;
        console.follow("Migrate a signature").await;
        let input = Locator::Css(".drop input[type=file]");
        let input = console.client.wait().at_most(PATIENCE).for_element(input).await.expect("the field for files");
        // One click more, and the system's own dialog.
        console.run("window.clicks += 1").await;
        input.send_keys(&files).await.expect("the files");
        console.until("document.querySelectorAll('.migration tbody tr').length >= 12").await;
        console.says("1 not mapped").await;
        console.says("Problems that remain").await;
        console.keep_picture("migration-1-plan").await;
        // The choice of a select is two clicks for a hand.
        console.run("window.clicks += 2").await;
        console.map("$House$", "Office").await;
        console.until("!document.body.innerText.includes('not mapped')").await;
        console.until("!document.querySelector('.migration.stale')").await;
        console.keep_picture("migration-2-mapped").await;
        let clicks: u32 = console.get("window.clicks").await;
        console.press("Create and choose who gets it").await;

        console.says("Who is it for?").await;
        console.radio("Groups").await;
        console.choose("Which groups", "lead").await;
        console.says("What would change").await;
        console.press("Switch on").await;
        console.until("!document.querySelector('dialog[open]')").await;
        console.until("document.querySelector('.saving').innerText === 'Saved'").await;
        console.follow("Unpublished changes").await;
        console.keep_picture("migration-3-changes").await;
        console.publish().await;
        let clicks_in_all: u32 = console.get("window.clicks").await;
        assert!(clicks > 3 && clicks_in_all <= MOST_CLICKS, "{clicks_in_all} clicks");

        let found: Value = console.get(&format!(
            "fetch('/api/v1/tenants/{0}/templates').then((answer) => answer.json()).then((found) => found.templates.find((one) => one.name === 'Head office'))",
            console.tenant
        )).await;
        assert_eq!((&found["state"]["version"], &found["problems"]), (&json!(1), &json!(0)), "{found}");
        // Somebody of that group gets it.
        let signature: Value = console
            .get(&format!(
                "fetch('/api/v1/tenants/{}/people/maren-halden/signature').then((answer) => answer.json())",
                console.tenant
            ))
            .await;
        let text = signature.to_string();
        for word in ["#EEF3FA", "image001", "image002", "Halden"] {
            assert!(text.contains(word), "{word}: {text}");
        }
        for foreign in ["$", "{Desk", "%%", "{rt}"] {
            assert!(!text.contains(foreign), "{foreign}: {text}");
        }
        // As it was, for the other tests.
        let rules = console.rules().await;
        let at = rules.iter().position(|rule| rule["name"].as_str() == Some("Head office")).expect("the rule");
        console.switch_rule(i32::try_from(at).expect("a place")).await;
        console.publish().await;
    });
}

#[test]
fn what_is_pasted_into_the_visual_view_is_cleaned() {
    with_console(async |console| {
        let body = json!({ "name": "Pasted", "html": "<table><tr><td>Start end</td></tr></table>" });
        let (status, made) = console.send("POST", "/templates", &body).await;
        assert_eq!(status, 201, "{made}");
        let id = made["template"]["id"].as_str().expect("an id");
        console.go_in(&format!("/templates/{id}?view=visual")).await;
        let cell = "document.querySelector('.visual iframe')?.contentDocument?.querySelector('[data-root] td')";
        console.until(&format!("!!{cell}")).await;
        console.is_there().await;
        // The cursor is in the text, as after a double click.
        let paste = |html: &str| {
            format!(
                "const cell = {cell}; const page = cell.ownerDocument; cell.setAttribute('contenteditable', 'true'); cell.focus(); \
                 const range = page.createRange(); range.setStart(cell.firstChild, 6); range.collapse(true); \
                 const selection = page.getSelection(); selection.removeAllRanges(); selection.addRange(range); \
                 const data = new DataTransfer(); data.setData('text/html', {}); data.setData('text/plain', 'x'); \
                 cell.dispatchEvent(new (page.defaultView.ClipboardEvent)('paste', {{ clipboardData: data, bubbles: true, cancelable: true }}))",
                json!(html)
            )
        };
        let word = "<p class=MsoNormal><span style='mso-x:y'>{First<o:p></o:p> name} %%Title%%</span></p><script>alert(1)</script>";
        console.run(&paste(word)).await;
        let html =
            format!("(await (await fetch('/api/v1/tenants/{}/templates/{id}')).json()).template.html", console.tenant);
        console.until(&format!("{html}.includes('given_name')")).await;
        let saved: String = console.get(&html).await;
        assert_eq!(saved, "<table><tr><td>Start {{ given_name }} {{ title }}end</td></tr></table>");
        console.says("Cleaned:").await;
    });
}
