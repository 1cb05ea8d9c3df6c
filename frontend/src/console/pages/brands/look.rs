//! How a brand looks: its logo, its colours, and a sample of both.

use super::Branding;
use super::edit::Form;
use crate::api::console::{path, upload, with_query};
use crate::ui::{Progress, Select, TextField, Value, changing, effect, form_error, new_id, text};
use ::api::console::{ImageInfo, ImageQuery, paths};
use email_signature::Brand;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use web_sys::{File, HtmlInputElement};

/// Widest logo as it is shown, in pixels, unless somebody says otherwise.
const USUAL: u32 = 180;
/// Pixels of a logo that is uploaded: more than any screen shows of it.
const WIDEST: u32 = 600;

/// How far an upload is.
#[derive(Clone, Copy)]
pub(crate) struct Upload {
    sent: RwSignal<Option<u64>>,
    error: RwSignal<String>,
}

impl Default for Upload {
    fn default() -> Self {
        Self { sent: RwSignal::new(None), error: RwSignal::new(String::new()) }
    }
}

/// The fields of the logo.
pub(crate) fn logo(branding: Branding, form: Form) -> AnyView {
    let images = |none: &'static str| {
        Signal::derive(move || {
            let all = branding.images.read(|found| {
                found.images.iter().map(|image| (image.name.clone(), image.name.clone())).collect::<Vec<_>>()
            });
            std::iter::once((String::new(), none.to_owned())).chain(all).collect::<Vec<_>>()
        })
    };
    let known = StoredValue::new(form.logo.trimmed());
    effect(move || {
        // Another logo has another size.
        let name = form.logo.text.get();
        let size = branding.images.read(|found| {
            found.images.iter().find(|image| image.name == name).map(|image| (image.width, image.height))
        });
        if known.get_value() != name
            && let Some((width, height)) = size
        {
            known.set_value(name);
            form.width.text.set(if width == 0 { String::new() } else { width.min(USUAL).to_string() });
            form.height.set(high(form.width, width, height));
        }
    });
    effect(move || {
        let name = form.logo.text.get();
        form.width.text.track();
        let size = branding.images.read(|found| {
            found.images.iter().find(|image| image.name == name).map(|image| (image.width, image.height))
        });
        form.height.set(size.map_or(0, |(natural, height)| high(form.width, natural, height)));
    });
    let id = new_id("logo");
    let picked = move |event: leptos::ev::Event| {
        let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        let Some(input) = input else { return };
        if let Some(file) = input.files().and_then(|files| files.get(0)) {
            send(branding, form, file, 0);
        }
        input.set_value("");
    };
    view! {
        <fieldset class="stack">
            <legend>"Logo"</legend>
            <Select label="Image" value=form.logo options=images("None, or that of the default brand") />
            <div class="field">
                <label for=id.clone()>"Upload another image"</label>
                <input id=id type="file" accept="image/png,image/jpeg,image/gif,image/webp,image/bmp" on:change=picked />
            </div>
            {changing(move || {
                form.upload.sent.get().map(|done| {
                    view! {
                        <Progress label="Uploading".to_owned() done=Signal::stored(done) of=Signal::stored(100) />
                    }
                })
            })}
            {form_error(form.upload.error.into())}
            <TextField
                label="Width in pixels"
                value=form.width
                inputmode="numeric"
                optional=true
                hint="As it is shown; the height follows."
            />
            <Select label="Image for dark mode" value=form.dark options=images("None") />
        </fieldset>
    }
    .into_any()
}

/// The height at which an image of this size is shown.
fn high(width: Value, natural: u32, height: u32) -> u32 {
    let shown: u64 = width.trimmed().parse().unwrap_or(0);
    if natural == 0 { 0 } else { u32::try_from(u64::from(height) * shown / u64::from(natural)).unwrap_or(0) }
}

/// Uploads a logo; where another image has its name, under a name with a number.
fn send(branding: Branding, form: Form, file: File, number: u32) {
    let allowed = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' };
    let name: String = file.name().chars().map(allowed).take(90).collect();
    let name = match (number, name.rsplit_once('.')) {
        (0, _) => name,
        (number, Some((stem, ending))) => stem.to_owned() + "-" + &(number + 1).to_string() + "." + ending,
        (number, None) => name + "-" + &(number + 1).to_string(),
    };
    let query = ImageQuery { name, replace: false, max_width: Some(WIDEST) };
    let own = branding.tenant.with_value(|tenant| with_query(&path(paths::IMAGES, &[tenant]), &query));
    form.upload.error.set(String::new());
    form.upload.sent.set(Some(0));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 100")]
    let progress = move |share: f64| {
        let _ = form.upload.sent.try_set(Some((share * 100.0) as u64));
    };
    spawn_local(async move {
        let answer = upload::<ImageInfo>(&own, &file, progress).await;
        if form.upload.sent.try_set(None).is_some() {
            return;
        }
        match answer {
            Ok(image) => {
                branding.images.value.update(|found| {
                    if let Some(found) = found {
                        found.images.push(image.clone());
                        found.images.sort_by(|a, b| a.name.cmp(&b.name));
                    }
                });
                form.logo.text.set(image.name);
            }
            Err(crate::api::console::Failure::Refused(409, _)) if number < 20 => send(branding, form, file, number + 1),
            Err(failure) => form.upload.error.set(failure.text()),
        }
    });
}

/// The fields of the colours.
pub(crate) fn colours(form: Form, is_default: bool) -> AnyView {
    let names = ["Primary", "Accent", "Text", "Background"];
    let one = |(value, name): (Value, &'static str)| {
        let label = name.to_owned() + " colour, picked";
        let shown = text(move || value.text.with(|colour| hexadecimal(colour)));
        view! {
            <div class="row colour">
                <div class="grow">
                    <TextField label=name value optional=true />
                </div>
                <input
                    type="color"
                    aria-label=label
                    prop:value=shown
                    on:input=move |event| {
                        value.text.set(event_target_value(&event));
                        value.error.set(String::new());
                    }
                />
            </div>
        }
    };
    let hint = if is_default { "" } else { " One that is empty is that of the default brand." };
    view! {
        <fieldset class="stack">
            <legend>"Colours"</legend>
            <p class="quiet">"As #rrggbb, or a name such as navy." {hint}</p>
            <div class="colours">{form.colours.into_iter().zip(names).map(one).collect_view()}</div>
        </fieldset>
    }
    .into_any()
}

/// A colour as the browser's picker takes it.
fn hexadecimal(colour: &str) -> String {
    let colour = colour.trim();
    let digits = colour.strip_prefix('#').unwrap_or_default();
    let is_whole = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_whole { colour.to_ascii_lowercase() } else { "#000000".to_owned() }
}

/// What a signature with the brand looks like, with the default's values for what it lacks.
pub(crate) fn sample(branding: Branding, brand: Brand) -> AnyView {
    changing(move || {
        let default = branding.found.read(|found| found.value.brands.last().map(|entry| entry.brand.clone()));
        let values = brand.effective(&default.unwrap_or_default());
        let value = |token: &str| values.get(token).cloned().unwrap_or_default();
        let urls = branding
            .images
            .read(|found| found.images.iter().map(|image| (image.name.clone(), image.url.clone())).collect::<Vec<_>>());
        let url = urls.into_iter().find(|(name, _)| *name == value("logo")).map(|(_, url)| url);
        let logo = url.map(|url| {
            view! { <img src=url alt=value("name") width=value("logo_width") height=value("logo_height") /> }
        });
        let or = |colour: String, other: &str| if colour.is_empty() { other.to_owned() } else { colour };
        let text = or(value("text"), "#000000");
        let (primary, accent) = (or(value("primary"), &text), or(value("accent"), &text));
        view! {
            <div
                class="brand-sample"
                style:background-color=or(value("background"), "#ffffff")
                style:color=text
            >
                {logo}
                <strong style:color=primary>{value("name")}</strong>
                <span>"Ada Lovelace, Analyst"</span>
                <span style:color=accent>"www.example.com"</span>
                <small>{value("legal")}</small>
            </div>
        }
    })
}

#[cfg(test)]
mod tests {
    use super::hexadecimal;

    #[test]
    fn the_picker_gets_what_it_takes() {
        for (typed, picked) in
            [("#AA00ff", "#aa00ff"), (" #112233 ", "#112233"), ("navy", "#000000"), ("#12", "#000000")]
        {
            assert_eq!(hexadecimal(typed), picked);
        }
    }
}
