//! The studio in the browser: templates, their editor, and what it makes of them.

mod migration;

use crate::page::{Console, with_console};
use serde_json::{Value, json};

/// The studio's pages below a tenant, as its navigation and they themselves lead to them.
pub(crate) const PAGES: [&str; 7] = [
    "/templates",
    "/gallery",
    "/migrate",
    "/templates/full?view=html",
    "/templates/full?view=visual",
    "/templates/full?view=shown",
    "/brands",
];

/// HTML that editors like to mend.
const AWKWARD: [&str; 9] = [
    "<style>td { color: #333 }</style>\n<table><tr><td>{{ display_name }}</td></tr></table>\n",
    "<TABLE Border=0 CELLPADDING='0'><TR><TD NOWRAP>a &amp; b&nbsp;&#8211; c<br/>d</TD></TR></TABLE>",
    "<table>\n{% if title %}\n<tr><td>{{ title|upper }}</td></tr>\n{% else %}<tr><td>-</td></tr>{% endif %}\n</table>",
    "<p>one<p>two &lt; three\n<ul><li>a<li>b</ul>",
    "<a href=\"tel:{{ phone|tel }}\" title='{{ \"a>b\" }}'>{{ phone }}</a><!-- kept -->{# and this #}",
    "<table><tbody><tr {% if title %}bgcolor=\"#eee\"{% endif %}><td style=\"color:red;color:#123456;mso-line-height-rule:exactly\">x</td></tr></tbody></table>",
    "<!--[if mso]><table><tr><td><![endif]--><div>{{ email }}</div><!--[if mso]></td></tr></table><![endif]-->",
    "<img src=\"image:logo.png\" alt=\"{{ company }}\"><img src={{ photo }} width=80>",
    "{% for word in [title, department] %}<b>{{ word }}</b>, {% endfor %}",
];

/// The cell that the test edits, in the visual editor.
const CELL: &str = "document.querySelector('.visual iframe')?.contentDocument?.querySelector('[data-root] td')";

/// What is shown of a template.
const SHOWN: &str = "document.querySelector('.shown iframe')?.contentDocument?.body?.innerText";

impl Console {
    /// What comes back from the visual editor when nobody touched it.
    async fn round_trip(&self, html: &str) -> String {
        let script = format!(
            "(async () => {{ const editor = await paraphEditor(); const host = document.createElement('div'); \
             document.body.append(host); const back = await editor.roundTrip(host, {}); host.remove(); return back; }})()",
            json!(html)
        );
        self.get(&script).await
    }

    /// The HTML of a template as the server has it.
    async fn html_of(&self, id: &str) -> String {
        let path = format!("/api/v1/tenants/{}/templates/{id}", self.tenant);
        self.get(&format!("fetch('{path}').then((answer) => answer.json()).then((found) => found.template.html)")).await
    }

    /// Makes a template with this HTML, and opens it.
    async fn edit(&self, html: &str, view: &str) -> String {
        let body = json!({ "name": "Tried", "html": html });
        let (status, made) = self.send("POST", "/templates", &body).await;
        assert_eq!(status, 201, "{made}");
        let id = made["template"]["id"].as_str().expect("an id").to_owned();
        self.go_in(&format!("/templates/{id}?view={view}")).await;
        id
    }
}

#[test]
fn html_that_nobody_touches_in_the_visual_view_comes_back_as_it_was() {
    with_console(async |console| {
        console.go_in("/templates").await;
        console.until("document.querySelectorAll('.design').length > 0").await;
        let list = format!("fetch('/api/v1/tenants/{}/templates').then((answer) => answer.json())", console.tenant);
        let list: Value = console.get(&list).await;
        let mut all: Vec<String> = AWKWARD.iter().map(ToString::to_string).collect();
        for row in list["templates"].as_array().expect("templates") {
            all.push(console.html_of(row["id"].as_str().expect("an id")).await);
        }
        let gallery: Value = console.get("fetch('/api/v1/gallery').then((answer) => answer.json())").await;
        let designs = gallery["designs"].as_array().expect("designs");
        all.extend(designs.iter().map(|design| design["html"].as_str().expect("HTML").to_owned()));
        for html in all {
            assert_eq!(console.round_trip(&html).await, html);
        }
    });
}

#[test]
fn an_edit_in_the_visual_view_changes_that_alone() {
    with_console(async |console| {
        let html = "<table  border=0>\n <tr><td style='color:#333; mso-x:1' >Tom &amp; {{ display_name }}&nbsp;!</td></tr>\n\
            {% if title %}<tr><td>{{ title }}</td></tr>{% endif %}\n</table>";
        let id = console.edit(html, "visual").await;
        console.until(&format!("!!{CELL} && !!document.querySelector('.inspector p')")).await;
        console
            .run(&format!("const cell = {CELL}; cell.firstChild.data = 'Tim & '; cell.style.color = '#ff0000'"))
            .await;
        let wanted = html
            .replace("Tom", "Tim")
            .replace("style='color:#333; mso-x:1'", "style=\"color:rgb(255, 0, 0); mso-x:1\"");
        console
            .until(&format!(
                "(await (await fetch('/api/v1/tenants/{}/templates/{id}')).json()).template.html !== {}",
                console.tenant,
                json!(html)
            ))
            .await;
        assert_eq!(console.html_of(&id).await, wanted);
    });
}

#[test]
fn what_is_typed_is_shown_at_once_and_saved_as_a_draft() {
    with_console(async |console| {
        let id = console.edit("<p>Old</p>", "html").await;
        console.until(&format!("{SHOWN}?.includes('Old') && !!document.querySelector('.cm-content')")).await;
        let editor = console.client.find(fantoccini::Locator::Css(".cm-content")).await.expect("the editor");
        editor.click().await.expect("a click");
        editor.send_keys("New ").await.expect("typed");
        console.until(&format!("{SHOWN}?.includes('New')")).await;
        editor.send_keys("{{ nonesuch }} ").await.expect("typed");
        console.until("document.querySelector('.problems').innerText.includes('nonesuch')").await;
        console.until("document.querySelector('.saving').innerText === 'Saved, not published yet'").await;
        assert!(console.html_of(&id).await.contains("New"));
    });
}

#[test]
fn a_block_is_inserted_shown_in_the_preview_and_names_its_templates() {
    with_console(async |console| {
        let block = json!({ "name": "Our footer", "part": "block", "html": "<p>Footer of {{ company }}</p>" });
        let (status, made) = console.send("POST", "/templates", &block).await;
        assert_eq!(status, 201, "{made}");
        let block = made["template"]["id"].as_str().expect("an id").to_owned();
        let id = console.edit("<p>Text</p>", "html").await;
        console.until(&format!("{SHOWN}?.includes('Text') && !!document.querySelector('.cm-content')")).await;
        console.press("Block").await;
        console.press("Our footer").await;
        console.until(&format!("{SHOWN}?.includes('Footer of')")).await;
        console.until("document.querySelector('.saving').innerText === 'Saved, not published yet'").await;
        assert!(console.html_of(&id).await.contains(&format!("{{% include \"{block}\" %}}")));
        // In the visual view it is one piece with the block's name, and what nobody touches stays.
        console.go_in(&format!("/templates/{id}?view=visual")).await;
        let chip =
            "document.querySelector('.visual iframe')?.contentDocument?.querySelector('[data-block]')?.innerText";
        console.until(&format!("{chip} === 'Block: Our footer'")).await;
        console.follow("Our footer").await;
        console.says("Publishing it changes every template that uses it").await;
        console.until("[...document.querySelectorAll('main a')].some((link) => link.innerText === 'Tried')").await;
        // A block has no part to choose, is offered to nobody, and uses no others.
        console.press("Settings").await;
        console.says("Settings of the block").await;
        let hidden = "[...document.querySelectorAll('dialog[open] label, dialog[open] legend')].filter((one) => one.offsetParent).map((one) => one.innerText)";
        let labels: Vec<String> = console.get(hidden).await;
        assert!(labels.iter().any(|label| label.starts_with("Name")), "{labels:?}");
        assert!(!labels.iter().any(|label| label.starts_with("Part") || label.starts_with("Offered")), "{labels:?}");
        console.go_in("/changes").await;
        console.says("Block “Our footer”").await;
        console.says("Changes 1 template: “Tried”").await;
        console.go_in("/templates").await;
        console.until("document.querySelector('#blocks-heading + p + ul')?.innerText.includes('Used in Tried')").await;
    });
}

#[test]
fn brands_are_created_ordered_and_show_who_gets_them() {
    with_console(async |console| {
        console.go_in("/brands").await;
        console.says("No brands yet").await;
        console.press("Create the first brand").await;
        console.press("Save").await;
        console.says("Enter a name.").await;
        console.fill("Name", "Halden Group").await;
        console.fill("Legal text", "Halden Group Ltd").await;
        console.press("Save").await;
        console.says("For everyone else.").await;
        for (name, domain) in [("First", "first.example"), ("Second", "second.example")] {
            console.press("New brand").await;
            console.fill("Name", name).await;
            console.press("Save").await;
            console.says("Add at least one").await;
            console
                .run(
                    "const add = document.querySelector('dialog[open] .adding select'); add.value = 'domain'; \
                     add.dispatchEvent(new Event('change', { bubbles: true }))",
                )
                .await;
            console.fill("Domain", domain).await;
            console.press("Add").await;
            console.until("document.querySelector('dialog[open] .chip')?.innerText.includes('example')").await;
            console.fill("Primary", "#12345").await;
            console.press("Save").await;
            console.says("write it as #rrggbb").await;
            console.fill("Primary", "#123456").await;
            console.press("Save").await;
            console.until("!document.querySelector('dialog[open]')").await;
        }
        let order = "[...document.querySelectorAll('.brand h2')].map((one) => one.innerText).join()";
        console.until(&format!("{order} === 'First,Second,Halden Group'")).await;
        console.run("document.querySelector('[aria-label=\"Move Second up\"]').click()").await;
        console.until(&format!("{order} === 'Second,First,Halden Group'")).await;
        // The default stays where it is, and the button that was pressed keeps the focus.
        console.until("document.activeElement.getAttribute('aria-label') === 'Move Second up'").await;
        assert!(console.get::<bool>("!document.querySelector('[aria-label=\"Move Halden Group up\"]')").await);
        console.run("document.querySelector('[aria-label=\"Who gets Halden Group\"]').click()").await;
        console.until("document.querySelectorAll('dialog[open] li a').length > 5").await;
        console.go_in("/changes").await;
        console.says("3 brands added").await;
        let tenant = &console.tenant;
        console.run(&format!("window.path = '/api/v1/tenants/{tenant}/brands/unpublished'")).await;
        let (status, _) = console.send("DELETE", "/brands/unpublished", &Value::Null).await;
        assert_eq!(status, 200);
        console.go_in("/brands").await;
        console.press("Versions").await;
        console.says("Nothing has been published here yet.").await;
    });
}
