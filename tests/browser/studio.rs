//! The studio in the browser: templates, their editor, and what it makes of them.

use crate::page::{Console, with_console};
use serde_json::{Value, json};

/// The studio's pages below a tenant, as its navigation and they themselves lead to them.
pub(crate) const PAGES: [&str; 6] = [
    "/templates",
    "/gallery",
    "/migrate",
    "/templates/full?view=html",
    "/templates/full?view=visual",
    "/templates/full?view=shown",
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
