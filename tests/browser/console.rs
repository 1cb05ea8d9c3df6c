//! The console, as an admin uses it.

use crate::page::{Console, PATIENCE, with_console};
use fantoccini::Locator;
use serde_json::{Value, json};

/// What is looked at on every page of a tenant.
pub(crate) const PAGES: [&str; 15] = [
    "",
    "/people",
    "/groups",
    "/fields",
    "/sources",
    "/database",
    "/runs",
    "/deployment",
    "/clients",
    "/weather",
    "/audit",
    "/members",
    "/tokens",
    "/settings",
    "/api",
];

impl Console {
    /// Types into the field with this label.
    pub(crate) async fn fill(&self, label: &str, text: &str) {
        let found = format!("//label[normalize-space(.)={0} or starts-with(normalize-space(.), {0})]", json!(label));
        let label = self.client.wait().at_most(PATIENCE).for_element(Locator::XPath(&found)).await.expect(label);
        let id = label.attr("for").await.expect("the label").expect("a label is for a field");
        let field = self.client.find(Locator::Css(&format!("[id={}]", json!(id)))).await.expect("the field");
        field.clear().await.expect("an empty field");
        field.send_keys(text).await.expect("typing");
    }

    /// Chooses the radio button with these words.
    pub(crate) async fn radio(&self, words: &str) {
        let found = format!(
            "//label[input[@type='radio']][starts-with(normalize-space(.), {0})]/input \
            | //input[@type='radio'][@id=//label[starts-with(normalize-space(.), {0})]/@for]",
            json!(words)
        );
        let radio = self.client.wait().at_most(PATIENCE).for_element(Locator::XPath(&found)).await.expect(words);
        let element = serde_json::to_value(&radio).expect("an element");
        self.client.execute("arguments[0].click()", vec![element]).await.expect("a click");
    }

    /// Presses the button with these words.
    pub(crate) async fn press(&self, words: &str) {
        let found = format!("//button[normalize-space(.)={0} or @aria-label={0}]", json!(words));
        let button = self.client.wait().at_most(PATIENCE).for_element(Locator::XPath(&found)).await.expect(words);
        // Not below the bar at the top: the driver takes what is behind it for seen.
        let centre = "arguments[0].scrollIntoView({ block: 'center' })";
        self.client.execute(centre, vec![serde_json::to_value(&button).expect("an element")]).await.expect("a scroll");
        button.click().await.expect("a click");
    }

    /// Waits until the page shows these words.
    pub(crate) async fn says(&self, words: &str) {
        self.until(&format!("document.body.innerText.includes({})", json!(words))).await;
    }
}

#[test]
fn an_admin_signs_in_with_the_keyboard_and_out_again() {
    with_console(async |console| {
        console.sign_out().await;
        console.go("/console").await;
        console.says("Sign in").await;
        console.fill("Address", "admin@example.com").await;
        console.fill("Password", "not the password, no").await;
        console.press("Sign in").await;
        console.says("Address, password or code is wrong").await;
        console.fill("Password", "paraph demo console\u{E007}").await;
        console.until("document.querySelector('h1')?.innerText === 'Halden & Vale'").await;
        let focused: String = console.get("document.activeElement.tagName").await;
        assert_eq!(focused, "H1", "the page is announced");
    });
}

#[test]
fn people_are_searched_and_one_gets_a_value_of_the_admins() {
    with_console(async |console| {
        console.go_in("/people").await;
        console.says("Fiona MacRae").await;
        let search = console.client.find(Locator::Css("input[type=search]")).await.expect("the search");
        search.send_keys("okafor").await.expect("typing");
        console.until("document.querySelectorAll('tbody tr').length === 1").await;
        let grace = Locator::XPath("//tbody//a[contains(., 'Grace Okafor')]");
        console.client.find(grace).await.expect("Grace").click().await.expect("a click");
        console.until("document.querySelector('h1')?.innerText === 'Grace Okafor'").await;
        console.says("Customer Success Manager").await;
    });
}

/// Opens Callum's page with his job title being edited to this.
async fn edit_title(console: &Console, title: &str) {
    console.go_in("/people/callum-reid").await;
    console.press("Edit Job title").await;
    console.fill("Job title", title).await;
    // Into the page's pending changes; leaving the field does it.
    console.client.active_element().await.expect("the field").send_keys("\u{E004}").await.expect("a key");
}

/// His job title on the server.
async fn title(console: &Console) -> Value {
    console
        .get(&format!(
            "fetch('/api/v1/tenants/{}/people/callum-reid').then((answer) => answer.json()) \
             .then((person) => person.fields.find((field) => field.token === 'title').value)",
            console.tenant
        ))
        .await
}

/// Somebody else changes his job title meanwhile.
async fn change_title(console: &Console, title: &str) {
    let changes = json!({ "fields": { "title": { "value": title } } });
    let (status, _) = console.send("PATCH", "/people/callum-reid", &changes).await;
    assert_eq!(status, 200);
}

#[test]
fn a_session_that_ends_while_somebody_edits_loses_nothing() {
    with_console(async |console| {
        edit_title(&console, "Head of Everything").await;
        console.sign_out().await;
        console.press("Save").await;
        console.says("Your session has ended").await;
        console.fill("Address", "admin@example.com").await;
        console.fill("Password", "paraph demo console\u{E007}").await;
        console.says("Saved.").await;
        assert_eq!(title(&console).await, "Head of Everything");
    });
}

#[test]
fn the_second_of_two_admins_sees_both_versions_and_chooses() {
    with_console(async |console| {
        edit_title(&console, "Mine").await;
        change_title(&console, "Theirs").await;
        console.press("Save").await;
        console.says("Changed in the meantime").await;
        console.says("Saved by another user").await;
        console.press("Keep editing").await;
        console.press("Save").await;
        console.says("Changed in the meantime").await;
        console.press("Save mine instead").await;
        console.says("Saved.").await;
        assert_eq!(title(&console).await, "Mine");
    });
}

#[test]
fn the_second_of_two_admins_can_take_what_the_first_saved() {
    with_console(async |console| {
        edit_title(&console, "Mine").await;
        change_title(&console, "Theirs, saved").await;
        console.press("Save").await;
        console.press("Discard mine and reload").await;
        console.says("Theirs, saved").await;
        assert_eq!(title(&console).await, "Theirs, saved");
    });
}

/// The names of who may send from the support mailbox, on the server.
async fn senders(console: &Console) -> Vec<String> {
    console
        .get(&format!(
            "fetch('/api/v1/tenants/{}/people/support').then((answer) => answer.json()) \
             .then((person) => person.senders.map((one) => one.name))",
            console.tenant
        ))
        .await
}

#[test]
fn a_sender_is_found_with_the_keyboard_and_an_undo_takes_a_removal_back() {
    with_console(async |console| {
        console.go_in("/people/support").await;
        let label = "Let a person send from it";
        // Arrow down opens the list of everybody, Escape closes it again.
        console.fill(label, "\u{E015}").await;
        console.until("document.querySelectorAll('.choices:popover-open [role=option]').length > 1").await;
        console.fill(label, "\u{E00C}").await;
        console.until("!document.querySelector('.choices:popover-open')").await;
        console.fill(label, "no such person").await;
        console.says("No match").await;
        console.fill(label, "callum reid").await;
        console.until("document.querySelectorAll('[role=option].active').length === 1").await;
        console.client.active_element().await.expect("the field").send_keys("\u{E007}").await.expect("a key");
        console.says("Callum Reid can now send from it.").await;
        assert!(senders(&console).await.contains(&"Callum Reid".to_owned()));
        console.press("Remove Callum Reid").await;
        console.says("Callum Reid can no longer send from it.").await;
        assert!(!senders(&console).await.contains(&"Callum Reid".to_owned()));
        let undo = "[...document.querySelectorAll('.toast')].find((one) => one.innerText.includes('no longer'))\
            .querySelector('button').click()";
        console.run(undo).await;
        console.says("Undone.").await;
        assert!(senders(&console).await.contains(&"Callum Reid".to_owned()));
    });
}

#[test]
fn groups_are_picked_by_searching() {
    with_console(async |console| {
        console.go_in("/people/fiona-macrae").await;
        console.press("Edit groups").await;
        console.fill("Their groups", "engin").await;
        console.until("document.querySelector('[role=option].active')?.innerText.startsWith('Engineering')").await;
        let field = console.client.active_element().await.expect("the field");
        field.send_keys("\u{E007}").await.expect("a key");
        console.until("[...document.querySelectorAll('.chip')].some((one) => one.innerText === 'Engineering')").await;
        // The list closes, the dialog stays.
        field.send_keys("\u{E00C}").await.expect("a key");
        console
            .until("!document.querySelector('.choices:popover-open') && !!document.querySelector('dialog[open]')")
            .await;
        console.run("document.querySelector('dialog[open] button[type=submit]').click()").await;
        console.says("Saved.").await;
        let groups: Vec<String> = console
            .get(&format!(
                "fetch('/api/v1/tenants/{}/people/fiona-macrae').then((answer) => answer.json()) \
                 .then((person) => person.groups.map((one) => one.name))",
                console.tenant
            ))
            .await;
        assert!(groups.contains(&"Engineering".to_owned()), "{groups:?}");
    });
}

#[test]
fn every_page_opens_without_a_complaint() {
    with_console(async |console| {
        for page in PAGES {
            console.go_in(page).await;
            console
                .until("!!document.querySelector('h1')?.innerText && !document.querySelector('[aria-busy=true]')")
                .await;
            let failed: bool = console.get("document.body.innerText.includes('Try again')").await;
            assert!(!failed, "{page} shows an error");
            let wide: bool = console.get("document.documentElement.scrollWidth > innerWidth + 1").await;
            assert!(!wide, "{page} scrolls sideways");
        }
    });
}

#[test]
fn a_tenant_of_another_company_is_not_there() {
    with_console(async |console| {
        console.go("/console/tenants/0123456789abcdef/people").await;
        console.until("!!document.querySelector('h1')?.innerText").await;
        let text: String = console.get("document.body.innerText").await;
        assert!(!text.contains("Halden & Vale\nOverview\nFiona"), "{text}");
        let answer: Value =
            console.get("fetch('/api/v1/tenants/0123456789abcdef/people').then((answer) => answer.status)").await;
        assert_eq!(answer, 404);
    });
}

#[test]
fn a_file_is_imported_after_its_plan_was_looked_at() {
    with_console(async |console| {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("people.csv");
        // As Excel writes it in half of Europe.
        let text = "E-Mail;Anzeigename;Abteilung\r\nnew.one@haldenvale.example;Zoë Größe;Einkauf\r\nnobody;x;y\r\n";
        let bytes: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).expect("Windows-1252")).collect();
        std::fs::write(&file, bytes).expect("a file");
        console.go_in("/runs").await;
        console.says("New import").await;
        let input = console.client.find(Locator::Css("input[type=file]")).await.expect("the file field");
        input.send_keys(&file.to_string_lossy()).await.expect("a file is chosen");
        console.says("Fields for the columns").await;
        console.says("windows-1252").await;
        console.press("Show the plan").await;
        console.says("Line").await;
        console.says("Zoë Größe").await;
        let found = "//label[starts-with(normalize-space(.), 'Skip rows that cannot be imported')]";
        console.client.find(Locator::XPath(found)).await.expect("the choice").click().await.expect("a click");
        console
            .until("[...document.querySelectorAll('button')].some((one) => one.innerText.startsWith('Apply to'))")
            .await;
        console
            .run("[...document.querySelectorAll('button')].find((one) => one.innerText.startsWith('Apply to')).click()")
            .await;
        console.says("The plan was applied.").await;
        console.go_in("/people?search=new.one").await;
        let people: Value = console
            .get(&format!(
                "fetch('/api/v1/tenants/{}/people?search=new.one').then((answer) => answer.json())",
                console.tenant
            ))
            .await;
        assert_eq!(people["people"][0]["name"], "Zoë Größe", "{people}");
        assert_eq!(people["people"][0]["fields"]["department"], "Einkauf");
    });
}
