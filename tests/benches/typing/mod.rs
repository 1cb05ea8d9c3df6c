//! From a key to the preview, in the template editor's HTML view, while somebody types: into a design of the gallery, whose
//! style sheet the core inlines, and into a template of 20 KB with its styles in the elements, as designers' programs write
//! them. (With a style sheet it would be longer, once filled, than Outlook takes.)
//!
//! A time begins with the key's `keydown`, at the moment at which the browser got it, so that a key that has to wait for a
//! busy page counts the wait. It is taken three times: when the preview's document has changed (it is laid out by then), when
//! the next animation frame begins, and when that frame is painted. Frames come every 16.7 ms, so the latter two are up to that
//! much longer than the work takes.

use crate::evaluate;
use anyhow::{Context as _, Result, ensure};
use fantoccini::Client;
use fantoccini::actions::{InputSource as _, KeyAction, KeyActions};
use fantoccini::key::Key;
use serde_json::{Value, json};
use std::time::Duration;

const KEYS: usize = 300;
const WORDS: &str = "our office by the harbour answers every letter within a day ";

/// Types into both, and prints the figures. Somebody must be signed in at the console.
pub(crate) async fn measure(client: &Client, origin: &str) -> Result<()> {
    for (what, least) in [("the longest design of the gallery", 0), ("a template with styles in its elements", 20_000)]
    {
        client.goto(origin).await?;
        let made = evaluate(client, &format!("const least = {least}; {MAKE}")).await?;
        let path = made["path"].as_str().context("no template")?;
        client.goto(&format!("{origin}{path}")).await?;
        evaluate(client, WATCH).await?;
        press(client, begin()).await?;
        let keys: Vec<char> = WORDS.chars().cycle().take(KEYS).collect();
        for (part, keys) in keys.chunks(50).enumerate() {
            press(client, text(keys, part * 50)).await?;
        }
        let typed = evaluate(client, END).await?;
        ensure!(typed["problems"] == json!([]), "{what} is not valid: {}", typed["problems"]);
        let times = typed["times"].as_array().context("times")?;
        ensure!(times.len() == KEYS, "{KEYS} keys, but {} of them changed the preview", times.len());
        println!(
            "preview while {KEYS} keys are typed into {what} of {} characters, {} once filled; milliseconds from a key:",
            made["length"], typed["filled"]
        );
        report(times);
    }
    Ok(())
}

fn report(times: &[Value]) {
    for (what, words) in [("drawn", "changed"), ("frame", "in the next frame"), ("painted", "painted")] {
        let mut times: Vec<f64> = times.iter().filter_map(|one| one[what].as_f64()).collect();
        times.sort_by(f64::total_cmp);
        let at = |share: usize| times[(times.len() - 1) * share / 100];
        println!("preview {words}: median {:.1}, p95 {:.1}, p99 {:.1}, most {:.1}", at(50), at(95), at(99), at(100));
    }
}

async fn press(client: &Client, keys: Vec<KeyAction>) -> Result<()> {
    let all = keys.into_iter().fold(KeyActions::new("keyboard".into()), KeyActions::then);
    Ok(client.perform_actions(all).await?)
}

/// Leads to the end of the second line.
fn begin() -> Vec<KeyAction> {
    let key = |key: Key| [KeyAction::Down { value: key.into() }, KeyAction::Up { value: key.into() }];
    let control = char::from(Key::Control);
    let top = [KeyAction::Down { value: control }].into_iter().chain(key(Key::Home));
    top.chain([KeyAction::Up { value: control }]).chain(key(Key::Down)).chain(key(Key::End)).collect()
}

/// These keys at a person's pace, five a second, now faster, now slower: a pause is long enough for the editor to look the
/// template over, and for the next key to come amidst that.
fn text(keys: &[char], from: usize) -> Vec<KeyAction> {
    let key = |(number, key): (usize, &char)| {
        let pause = Duration::from_millis(80 + (from + number) as u64 * 97 % 241);
        [KeyAction::Pause { duration: pause }, KeyAction::Down { value: *key }, KeyAction::Up { value: *key }]
    };
    keys.iter().enumerate().flat_map(key).collect()
}

/// Makes a template of `least` characters or more from designs of the gallery, with their images; the second line is to be
/// typed into.
const MAKE: &str = r#"
    const session = await (await fetch("/api/v1/session")).json();
    const tenant = `/tenants/${session.tenants[0].id}`;
    const headers = { "content-type": "application/json", "x-paraph-csrf": session.csrf };
    const make = async (template) => {
      const answer = await fetch(`/api/v1${tenant}/templates`, { method: "POST", headers, body: JSON.stringify(template) });
      if (!answer.ok) throw new Error(await answer.text());
      return (await answer.json()).template.id;
    };
    // The designs' selectors are elements and classes.
    const inlined = (html) => {
      const [, sheet, body] = /<style>([^]*?)<\/style>([^]*)/.exec(html);
      const rules = [...sheet.matchAll(/(\S+) \{ (.*?);? \}/g)].map(([, selector, styles]) => [selector, styles]);
      return body.replace(/<(\w+)([^>]*)>/g, (tag, name, attributes) => {
        const of = (attribute) => new RegExp(` ${attribute}="([^"]*)"`).exec(attributes)?.[1];
        const styles = rules.filter(([selector]) => selector === name || selector === "." + of("class")).map((rule) => rule[1]);
        const all = [...styles, of("style")].filter(Boolean).flatMap((some) => some.split("; "));
        const kept = attributes.replace(/ (class|style)="[^"]*"/g, "");
        const style = [...new Map(all.map((one) => one.split(": ")))].map((one) => one.join(": ")).join("; ");
        return style ? `<${name}${kept} style="${style}">` : tag;
      });
    };
    const { designs } = await (await fetch("/api/v1/gallery")).json();
    let html = `<table role="presentation" border="0" cellpadding="0" cellspacing="0" width="520"><tr><td>\nHere: \n</td></tr></table>\n`;
    const start = html.length;
    const signatures = designs.filter((design) => design.part === "signature");
    for (const design of signatures.sort((one, other) => other.html.length - one.html.length)) {
      if (html.length > start && html.length >= least) break;
      // What a design is copied into comes with its images.
      await make({ name: design.name, design: design.id });
      html += least ? inlined(design.html) : design.html;
    }
    const id = await make({ name: "Long", html });
    return { path: `/console${tenant}/templates/${id}?view=html`, length: html.length };
"#;

/// Waits for the editor and its preview, then takes the times of every key that writes something.
const WATCH: &str = r#"
    const shown = () => document.querySelector(".shown iframe")?.contentDocument?.body;
    const editor = () => document.querySelector(".cm-content");
    for (let i = 0; i < 1000 && !(editor() && shown()?.innerText.includes("Here:")); i++) {
      await new Promise((next) => setTimeout(next, 10));
    }
    // The first look over it, and its images.
    await new Promise((next) => setTimeout(next, 2000));
    editor().focus();
    const { waiting, all } = (window.typed = { waiting: [], all: [] });
    addEventListener("keydown", (event) => event.key.length === 1 && waiting.push(event.timeStamp), true);
    new MutationObserver(() => {
      const keys = waiting.splice(0);
      const drawn = performance.now();
      requestAnimationFrame(() => {
        const frame = performance.now();
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => {
          const painted = performance.now();
          for (const key of keys) all.push({ drawn: drawn - key, frame: frame - key, painted: painted - key });
        };
        port2.postMessage(null);
      });
    }).observe(shown(), { childList: true, subtree: true, characterData: true });
"#;

/// Waits for the last key's frame; every key's times, how long the filled template is, and what is wrong with it.
const END: &str = r#"
    await new Promise((next) => setTimeout(next, 1000));
    const shown = document.querySelector(".shown iframe").contentDocument.body;
    const found = [...document.querySelectorAll(".problems li")].map((one) => one.textContent);
    const problems = found.filter((one) => !one.startsWith("Advice"));
    return { times: typed.all, filled: shown.innerHTML.length, problems };
"#;
