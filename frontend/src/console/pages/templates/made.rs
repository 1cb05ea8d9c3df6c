//! New templates: empty, from what somebody pastes, from a file.

use super::{part_named, part_options};
use crate::api::console::{path, send};
use crate::console::pages::at;
use crate::console::{router, session};
use crate::ui::{
    Button, Dialog, Icon, Look, Notice, Select, TextField, Tone, Value, effect, form_error, new_id, place_errors, tell,
    text, when,
};
use ::api::console::pages::Designs;
use ::api::console::{Cleaned, MAX_NAME, NewTemplate, Pasted, TemplateDetail, TemplateFile, paths};
use email_signature::{ImageMode, Part};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{ClipboardEvent, HtmlInputElement};

/// A cell to write in, as Outlook's Word engine wants it: with its font, size and colour.
const BEGINNING: &str = "<table role=\"presentation\" border=\"0\" cellpadding=\"0\" cellspacing=\"0\">\n  <tr>\n    \
    <td style=\"font-family:Arial,sans-serif;font-size:13px;line-height:18px;color:#333333\">{{ display_name }}</td>\n  \
    </tr>\n</table>\n";

/// How a template is made, other than from the gallery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Making {
    /// With one cell.
    Empty,
    /// From what somebody pastes.
    Paste,
    /// From a file that was exported.
    File,
    /// A block with one cell, for templates to share.
    Block,
}

impl Making {
    /// Every way.
    pub(crate) const ALL: [Self; 4] = [Self::Paste, Self::File, Self::Empty, Self::Block];

    /// In words.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Empty => "Empty template",
            Self::Paste => "Paste a signature",
            Self::File => "Import a file",
            Self::Block => "Block for templates to share",
        }
    }

    /// Its icon.
    pub(crate) fn icon(self) -> Icon {
        match self {
            Self::Empty => Icon::ADD,
            Self::Paste => Icon::COPY,
            Self::File => Icon::IMPORT,
            Self::Block => Icon::COLUMNS,
        }
    }
}

/// What every way of making one needs.
#[derive(Clone, Copy)]
struct Form {
    how: RwSignal<Option<Making>>,
    tenant: StoredValue<String>,
    name: Value,
    part: Value,
    html: Value,
    notes: RwSignal<Vec<String>>,
    busy: RwSignal<bool>,
    error: RwSignal<String>,
}

/// The dialog in which one is made.
pub(crate) fn making(how: RwSignal<Option<Making>>, tenant: &str) -> AnyView {
    let form = Form {
        how,
        tenant: StoredValue::new(tenant.to_owned()),
        name: Value::new(""),
        part: Value::new("signature"),
        html: Value::new(""),
        notes: RwSignal::new(Vec::new()),
        busy: RwSignal::new(false),
        error: RwSignal::new(String::new()),
    };
    let open = RwSignal::new(false);
    effect(move || open.set(how.with(Option::is_some)));
    effect(move || {
        if !open.get() && how.with_untracked(Option::is_some) {
            how.set(None);
            form.error.set(String::new());
            form.html.text.set(String::new());
            form.notes.set(Vec::new());
        }
    });
    let title = text(move || how.get().map(Making::words).unwrap_or_default().to_owned());
    view! {
        <Dialog open title wide=true>
            {move || match how.get() {
                Some(Making::File) => from_file(form),
                Some(Making::Paste) => fields(form, Some(pasting(form))),
                Some(Making::Empty | Making::Block) => fields(form, None),
                None => ().into_any(),
            }}
        </Dialog>
    }
    .into_any()
}

fn fields(form: Form, more: Option<AnyView>) -> AnyView {
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let pastes = form.how.get_untracked() == Some(Making::Paste);
        let makes_block = form.how.get_untracked() == Some(Making::Block);
        let named = form.name.required("Enter a name.");
        if !named || form.busy.get_untracked() || pastes && !form.html.required("Paste the signature first.") {
            return;
        }
        let body = NewTemplate {
            name: form.name.trimmed(),
            folder: session::folder_to_make_in(&form.tenant.get_value()).unwrap_or_default(),
            design: None,
            part: if makes_block { Part::Block } else { part_named(&form.part.trimmed()) },
            html: match form.how.get_untracked() {
                Some(Making::Paste) => form.html.trimmed(),
                Some(Making::Block) => BEGINNING.replace("{{ display_name }}", "Write here what templates share."),
                _ => BEGINNING.to_owned(),
            },
            text: None,
            images: ImageMode::Hosted,
        };
        form.busy.set(true);
        spawn_local(async move {
            let tenant = form.tenant.get_value();
            let answer = send::<TemplateDetail>("POST", &path(paths::TEMPLATES, &[&tenant]), &body).await;
            form.busy.set(false);
            match answer {
                Ok(made) => router::go(&at(&tenant, Designs::Template(made.template.id))),
                Err(failure) => {
                    let fields = [("name", form.name), ("part", form.part), ("html", form.html)];
                    form.error.set(place_errors(failure.errors(), &fields));
                }
            }
        });
    };
    let is_block = form.how.get_untracked() == Some(Making::Block);
    let part = (!is_block).then(|| {
        view! {
            <Select
                label="Part"
                value=form.part
                options=Signal::stored(part_options())
                hint="A mail gets its signature first, then the campaign, then the disclaimer."
            />
        }
    });
    view! {
        <form novalidate on:submit=submit>
            {more}
            <TextField label="Name" value=form.name longest=MAX_NAME />
            {part}
            {form_error(form.error.into())}
            <div class="row end">
                <Button on_press=move |()| form.how.set(None)>"Cancel"</Button>
                <Button look=Look::Primary busy=form.busy>
                    {if is_block { "Create the block" } else { "Create the template" }}
                </Button>
            </div>
        </form>
    }
    .into_any()
}

/// Where a signature is pasted from Word, a mail, or another vendor's editor.
fn pasting(form: Form) -> AnyView {
    let id = new_id("paste");
    let hint = id.clone() + "-hint";
    let paste = move |event: ClipboardEvent| {
        let data = event.clipboard_data();
        let read = |kind: &str| data.as_ref().and_then(|data| data.get_data(kind).ok()).filter(|text| !text.is_empty());
        let Some(html) = read("text/html").or_else(|| read("text/plain")) else { return };
        event.prevent_default();
        clean(form, html);
    };
    view! {
        <div class="field">
            <label for=id.clone()>"Signature"</label>
            <p id=hint.clone() class="quiet">
                "Copy it in Word, in a mail or in another editor, and paste it here. You can also paste its HTML. It \
                 is cleaned: markup that mails do not need is removed, and another vendor’s placeholders are \
                 replaced by ours."
            </p>
            <textarea
                id=id
                rows="6"
                class="code"
                spellcheck="false"
                aria-describedby=hint
                aria-invalid=text(move || (!form.html.error.with(String::is_empty)).to_string())
                prop:value=form.html.text
                on:paste=paste
                on:input=move |event| form.html.text.set(event_target_value(&event))
            ></textarea>
            <p class="wrong" aria-live="polite">
                {form.html.error}
            </p>
        </div>
        <div role="status" hidden=when(move || form.notes.with(Vec::is_empty))>
            <Notice tone=Tone::Success>
                <p>"Cleaned:"</p>
                <ul class="plain-list">
                    {move || form.notes.get().into_iter().map(|note| view! { <li>{note}</li> }).collect_view()}
                </ul>
            </Notice>
        </div>
    }
    .into_any()
}

fn clean(form: Form, html: String) {
    form.busy.set(true);
    form.html.error.set(String::new());
    spawn_local(async move {
        let path = path(paths::CLEAN, &[&form.tenant.get_value()]);
        match send::<Cleaned>("POST", &path, &Pasted { html }).await {
            Ok(cleaned) => {
                form.html.text.set(cleaned.html);
                form.notes.set(cleaned.notes);
            }
            Err(failure) => form.error.set(failure.text()),
        }
        form.busy.set(false);
    });
}

fn from_file(form: Form) -> AnyView {
    let id = new_id("file");
    let chosen = move |event: leptos::ev::Event| {
        let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        let Some(file) = input.and_then(|input| input.files()?.get(0)) else { return };
        form.busy.set(true);
        form.error.set(String::new());
        spawn_local(async move {
            let text = JsFuture::from(file.text()).await.ok().and_then(|text| text.as_string()).unwrap_or_default();
            let parsed = js_sys::JSON::parse(&text).ok();
            let read = parsed.and_then(|json| serde_wasm_bindgen::from_value::<TemplateFile>(json).ok());
            match read {
                Some(read) => import(form, read).await,
                None => {
                    form.error.set("This is not a template that Paraph exported: choose a .paraph.json file.".into());
                }
            }
            form.busy.set(false);
        });
    };
    view! {
        <div class="field">
            <label for=id.clone()>"File"</label>
            <p class="quiet">"A template with its images, exported from Paraph here or elsewhere."</p>
            <input id=id type="file" accept=".json,application/json" on:change=chosen />
        </div>
        {form_error(form.error.into())}
        <p role="status" class="quiet">{text(move || if form.busy.get() { "Importing…".into() } else { String::new() })}</p>
    }
    .into_any()
}

async fn import(form: Form, mut file: TemplateFile) {
    let tenant = form.tenant.get_value();
    if !session::may_change(&tenant, &file.template.folder) {
        file.template.folder = session::folder_to_make_in(&tenant).unwrap_or_default();
    }
    match send::<TemplateDetail>("POST", &path(paths::TEMPLATE_IMPORT, &[&tenant]), &file).await {
        Ok(made) => {
            tell(made.template.name + " is imported.");
            router::go(&at(&tenant, Designs::Template(made.template.id)));
        }
        Err(failure) => form.error.set(failure.text()),
    }
}
