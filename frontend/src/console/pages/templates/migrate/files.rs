//! Where a signature's files are dropped or chosen, and where it is pasted.

use super::Desk;
use crate::ui::{Icon, form_error, icon, new_id, text, when};
use ::api::console::{MAX_MIGRATION, MigrationFile, MigrationSource};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{ClipboardEvent, File, FileList, HtmlInputElement};

/// What can be chosen.
const ACCEPTED: &str =
    ".zip,.htm,.html,.xhtml,.png,.jpg,.jpeg,.gif,.webp,.bmp,.txt,.rtf,.xml,application/zip,text/html,image/*";

/// The drop area, the two buttons and the field for pasting.
pub(super) fn files(desk: Desk) -> AnyView {
    let over = RwSignal::new(false);
    let (reading, error) = (RwSignal::new(false), RwSignal::new(String::new()));
    let take = Callback::new(move |files: Vec<File>| {
        if files.is_empty() || reading.get_untracked() {
            return;
        }
        reading.set(true);
        error.set(String::new());
        spawn_local(async move {
            match read(files).await {
                Ok(files) => desk.take(MigrationSource { files, ..MigrationSource::default() }),
                Err(why) => error.set(why),
            }
            reading.set(false);
        });
    });
    let dropped = move |event: leptos::ev::DragEvent| {
        event.prevent_default();
        over.set(false);
        take.run(listed(event.data_transfer().and_then(|data| data.files())));
    };
    let status = text(move || {
        if reading.get() || desk.plan.busy.get() && desk.turn.get() > 0 {
            "Reading the signature…".into()
        } else {
            String::new()
        }
    });
    view! {
        <section class="card">
            <h2>"The signature"</h2>
            <div
                class="drop"
                class:over=over
                on:dragover=move |event| {
                    event.prevent_default();
                    over.set(true);
                }
                on:dragleave=move |_| over.set(false)
                on:drop=dropped
            >
                {icon(Icon::IMPORT)}
                {input("Drop the files here, or choose a zip, or the .htm file with its images", false, take)}
                {input("Or choose the folder that they are in", true, take)}
                <p class="quiet">
                    "Outlook keeps signatures in %APPDATA%\\Microsoft\\Signatures: a .htm file and a folder of images for \
                     each. Altogether at most 12 MB."
                </p>
            </div>
            {pasting(desk)}
            {form_error(error.into())}
            <p role="status" class="quiet" hidden=when(move || status.with(String::is_empty))>{status}</p>
        </section>
    }
    .into_any()
}

fn input(label: &'static str, folder: bool, take: Callback<Vec<File>>) -> AnyView {
    let id = new_id("files");
    let chosen = move |event: leptos::ev::Event| {
        let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        let Some(input) = input else { return };
        take.run(listed(input.files()));
        // The same files can be chosen again after they were changed.
        input.set_value("");
    };
    let accept = (!folder).then_some(ACCEPTED);
    view! {
        <label for=id.clone()>{label}</label>
        <input
            id=id
            type="file"
            multiple
            accept=accept
            prop:webkitdirectory=folder
            style="max-width: 320px"
            on:change=chosen
        />
    }
    .into_any()
}

fn listed(files: Option<FileList>) -> Vec<File> {
    files.map(|files| (0..files.length()).filter_map(|at| files.item(at)).collect()).unwrap_or_default()
}

/// Names with folders, and contents.
async fn read(files: Vec<File>) -> Result<Vec<MigrationFile>, String> {
    let size: f64 = files.iter().map(|file| file.size()).sum();
    if size > f64::from(u32::try_from(MAX_MIGRATION).unwrap_or(u32::MAX)) {
        return Err("These files are larger than 12 MB together: leave out what the signature does not use.".into());
    }
    let mut all = Vec::new();
    for file in files {
        let path = js_sys::Reflect::get(&file, &"webkitRelativePath".into()).ok().and_then(|path| path.as_string());
        let name = path.filter(|path| !path.is_empty()).unwrap_or_else(|| file.name());
        let Ok(content) = JsFuture::from(file.array_buffer()).await else {
            return Err("“".to_owned()
                + &name
                + "” cannot be read. Choose a folder with the button for folders, or upload a zip.");
        };
        all.push(MigrationFile { name, data: base64(&js_sys::Uint8Array::new(&content).to_vec()) });
    }
    Ok(all)
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let byte = |at: usize| u32::from(three.get(at).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4 {
            let letter = LETTERS[(bits >> (18 - at * 6) & 63) as usize];
            out.push(if at > three.len() { '=' } else { char::from(letter) });
        }
    }
    out
}

fn pasting(desk: Desk) -> AnyView {
    let id = new_id("paste");
    let hint = id.clone() + "-hint";
    let pasted = move |event: ClipboardEvent| {
        let Some(data) = event.clipboard_data() else { return };
        let files = listed(data.files());
        let read = |kind: &str| data.get_data(kind).ok().filter(|text| !text.trim().is_empty());
        let Some(html) = read("text/html").filter(|_| files.is_empty()).or_else(|| read("text/plain")) else { return };
        event.prevent_default();
        desk.take(MigrationSource { html: Some(html), ..MigrationSource::default() });
    };
    view! {
        <div class="field">
            <label for=id.clone()>"Or paste the signature, or its HTML"</label>
            <p id=hint.clone() class="quiet">
                "Copy it in Word, in a mail or in another program. The clipboard does not hold its images: upload the files if it has any."
            </p>
            <textarea
                id=id
                rows="2"
                class="code"
                spellcheck="false"
                aria-describedby=hint
                prop:value=""
                on:paste=pasted
                on:change=move |event| {
                    let html = event_target_value(&event);
                    if !html.trim().is_empty() {
                        desk.take(MigrationSource { html: Some(html), ..MigrationSource::default() });
                    }
                }
            ></textarea>
        </div>
    }
    .into_any()
}
