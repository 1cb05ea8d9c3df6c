//! Templates filled for somebody. What was compiled is kept, so that a keystroke compiles what it changed alone.

use email_signature::{
    Address, Blocks, BodyFormat, CompiledTemplate, Draft, ImageUrls, Kind, Person, Problem, Template, blocks_of, render,
};
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// As many as two signatures of three parts have, and a few to come back to.
const KEPT: usize = 8;

/// What to fill, and for whom.
#[derive(Deserialize)]
pub(crate) struct Wanted {
    /// One for each part at most.
    templates: Vec<Template>,
    person: Person,
    #[serde(default = "new")]
    kind: Kind,
    #[serde(default)]
    format: BodyFormat,
    /// The sender's address; absent: the person's own.
    #[serde(default)]
    from: Option<Address>,
    /// Hosted addresses of the tenant's images.
    #[serde(default)]
    images: BTreeMap<String, String>,
    /// Tokens of the tenant's fields: that somebody has no value for one is no problem.
    #[serde(default)]
    fields: Vec<String>,
    /// The tenant's blocks, or those that the templates use.
    #[serde(default)]
    blocks: Vec<Template>,
}

fn new() -> Kind {
    Kind::New
}

/// A signature to look at.
#[derive(Serialize)]
pub(crate) struct Filled {
    /// With every image from where it is hosted.
    html: String,
    text: String,
    problems: Vec<Problem>,
    /// Of what is inserted, in UTF-16 units.
    length: usize,
}

/// A template with what it was compiled for.
struct Kept {
    template: Template,
    /// The blocks that it uses.
    blocks: Vec<Template>,
    images: BTreeMap<String, String>,
    fields: Vec<String>,
    compiled: CompiledTemplate,
}

thread_local! {
    /// The latest last.
    static COMPILED: RefCell<Vec<Rc<Kept>>> = const { RefCell::new(Vec::new()) };
}

pub(crate) fn fill(wanted: Wanted) -> Filled {
    let Wanted { templates, person, kind, format, from, images, fields, blocks } = wanted;
    let known = Known { images: &images, fields: &fields, blocks: &blocks };
    let compiled: Vec<Rc<Kept>> = templates.into_iter().map(|template| compiled(template, &known)).collect();
    let from = from.unwrap_or_else(|| person.address.clone());
    let draft = Draft { kind, from, recipients: Vec::new(), format, subject: String::new(), time_zone: None };
    let parts: Vec<&CompiledTemplate> = compiled.iter().map(|one| &one.compiled).collect();
    let signature = render(&parts, &person, &draft);
    let length = signature.html.encode_utf16().count();
    let hosted = |html: String, image: &email_signature::Image| match &image.cid {
        Some(cid) => html.replace(&format!("cid:{cid}"), &image.url),
        None => html,
    };
    let html = signature.images.iter().fold(signature.html, hosted);
    Filled { html, text: signature.text, problems: signature.problems, length }
}

/// What templates are compiled for.
struct Known<'a> {
    images: &'a BTreeMap<String, String>,
    fields: &'a [String],
    blocks: &'a [Template],
}

fn compiled(template: Template, known: &Known<'_>) -> Rc<Kept> {
    let Known { images, fields, blocks } = *known;
    let used = blocks_of(&template);
    let blocks: Vec<Template> = blocks.iter().filter(|block| used.contains(&block.id)).cloned().collect();
    COMPILED.with_borrow_mut(|kept| {
        let is_same = |one: &Rc<Kept>| {
            one.template == template && one.images == *images && one.fields == fields && one.blocks == blocks
        };
        let one = if let Some(at) = kept.iter().position(is_same) {
            kept.remove(at)
        } else {
            let urls = ImageUrls(images.clone());
            let (compiled, _) = CompiledTemplate::compile_with(&template, &Blocks::new(&blocks), &urls);
            let compiled = compiled.knowing(fields.iter().map(String::as_str));
            Rc::new(Kept { template, blocks, images: images.clone(), fields: fields.to_vec(), compiled })
        };
        kept.push(Rc::clone(&one));
        if kept.len() > KEPT {
            kept.remove(0);
        }
        one
    })
}

#[cfg(test)]
mod tests {
    use email_signature::PHONE_NUMBERS;
    use serde_json::{Value, json};

    fn rendered(wanted: &Value) -> Value {
        serde_json::from_str(&crate::render(&wanted.to_string())).unwrap()
    }

    fn template(html: &str) -> Value {
        json!({ "id": "a", "name": "A", "part": "signature", "html": html })
    }

    fn person() -> Value {
        json!({ "id": "p", "address": "ada@example.com", "fields": { "display_name": "Ada 😀 <b>" } })
    }

    #[test]
    fn a_template_is_filled_and_its_length_told_as_outlook_counts() {
        let filled = rendered(&json!({ "templates": [template("<p>{{ display_name }}</p>")], "person": person() }));
        let html = filled["html"].as_str().unwrap();
        assert!(html.contains("Ada 😀 &lt;b&gt;"), "{html}");
        assert_eq!(filled["length"], html.encode_utf16().count());
        assert_eq!(filled["text"], "Ada 😀 <b>");
    }

    #[test]
    fn an_attached_image_is_shown_from_where_it_is_hosted() {
        let mut template = template("<img src=\"image:logo.png\" alt=\"Logo\">");
        template["images"] = "cid".into();
        let images = json!({ "logo.png": "https://example.com/logo.png" });
        let filled = rendered(&json!({ "templates": [template], "person": person(), "images": images }));
        let html = filled["html"].as_str().unwrap();
        assert!(html.contains("src=\"https://example.com/logo.png\""), "{html}");
    }

    #[test]
    fn problems_are_told_once_and_come_back_from_what_is_kept() {
        let wanted = json!({ "templates": [template("<p>{% if %}</p>")], "person": person() });
        let first = rendered(&wanted);
        assert_eq!(first["problems"].as_array().map(Vec::len), Some(1), "{first}");
        assert_eq!(rendered(&wanted), first);
    }

    #[test]
    fn a_block_is_shown_as_it_is_now() {
        let block = |html: &str| json!({ "id": "foot", "name": "Foot", "part": "block", "html": html });
        let wanted = |html: &str| {
            let template = template("<p>{{ display_name }}</p>{% include \"foot\" %}");
            json!({ "templates": [template], "person": person(), "blocks": [block(html)] })
        };
        for html in ["<p>One</p>", "<p>Two</p>", "<p>One</p>"] {
            let text = rendered(&wanted(html))["text"].as_str().unwrap().to_owned();
            assert!(text.ends_with(&html[3..6]), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_an_error_and_not_a_panic() {
        assert!(rendered(&json!({ "templates": 1 }))["error"].is_string());
    }

    #[test]
    fn phone_numbers_are_as_the_server_looked_them_up() {
        let numbers = "020 7946 0000\t+442079460000\t+44 20 7946 0000\t020 7946 0000\t\n";
        let fields = json!({ "phone": "020  7946 0000", "mobile": "+44 (0)7700 900123", PHONE_NUMBERS: numbers });
        let person = json!({ "id": "p", "address": "ada@example.com", "fields": fields });
        let html = "<p>{{ phone|tel }} / {{ phone|phone }} / {{ mobile|tel }}</p>";
        let filled = rendered(&json!({ "templates": [template(html)], "person": person }));
        assert_eq!(filled["text"], "+442079460000 / +44 20 7946 0000 / +447700900123");
    }
}
