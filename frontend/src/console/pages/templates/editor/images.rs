//! Images: which there are, adding one, and putting one into the template.

use super::document::Editing;
use super::views::Views;
use crate::api::console::{Failure, delete, path, upload, with_query};
use crate::ui::{
    Button, Check, Dialog, Icon, Look, Notice, Progress, TextField, Tone, Value, changing, effect, form_error, new_id,
    tell, tell_error, text, when,
};
use ::api::console::{ImageInfo, ImageQuery, paths};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use web_sys::{File, HtmlInputElement};

/// Pixels of an image that is uploaded: twice as many as the widest signature shows, for sharp screens.
const WIDEST: u32 = 1_200;
/// Width of a signature whose tables do not say it.
const USUAL: u32 = 600;

/// What the dialog knows.
#[derive(Clone, Copy)]
struct Choosing {
    editing: Editing,
    open: RwSignal<bool>,
    chosen: RwSignal<Option<ImageInfo>>,
    alt: Value,
    width: Value,
    decorative: RwSignal<bool>,
    error: RwSignal<String>,
    sent: RwSignal<Option<u64>>,
    /// A file whose name is taken.
    taken: StoredValue<Option<File>, LocalStorage>,
    asks: RwSignal<bool>,
}

/// The button and its dialog.
pub(crate) fn images(editing: Editing, views: Views) -> AnyView {
    let choosing = Choosing {
        editing,
        open: RwSignal::new(false),
        chosen: RwSignal::new(None),
        alt: Value::new(""),
        width: Value::new(""),
        decorative: RwSignal::new(false),
        error: RwSignal::new(String::new()),
        sent: RwSignal::new(None),
        taken: StoredValue::new_local(None),
        asks: RwSignal::new(false),
    };
    effect(move || {
        if views.asked.get().as_deref() == Some("image") {
            views.asked.set(None);
            choosing.open.set(true);
        }
    });
    effect(move || {
        if choosing.open.get() {
            editing.images.retry();
        }
        choosing.chosen.set(None);
        choosing.error.set(String::new());
        choosing.asks.set(false);
    });
    view! {
        <Button look=Look::Subtle icon=Icon::IMAGE on_press=move |()| choosing.open.set(true)>
            "Image"
        </Button>
        <Dialog open=choosing.open title="Images" wide=true>
            {uploading(choosing)} {editing.images.view(move || all(choosing))} {insertion(choosing, views)}
        </Dialog>
    }
    .into_any()
}

fn uploading(choosing: Choosing) -> AnyView {
    let id = new_id("image");
    let picked = move |event: leptos::ev::Event| {
        let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        let Some(input) = input else { return };
        if let Some(file) = input.files().and_then(|files| files.get(0)) {
            send(choosing, file, false);
        }
        // So that the same file can be chosen again.
        input.set_value("");
    };
    let dropped = move |event: leptos::ev::DragEvent| {
        event.prevent_default();
        let file = event.data_transfer().and_then(|data| data.files()).and_then(|files| files.get(0));
        if let Some(file) = file {
            send(choosing, file, false);
        }
    };
    let replace = move |()| {
        choosing.asks.set(false);
        if let Some(file) = choosing.taken.try_update_value(Option::take).flatten() {
            send(choosing, file, true);
        }
    };
    view! {
        <div class="field" on:dragover=|event| event.prevent_default() on:drop=dropped>
            <label for=id.clone()>"Add an image"</label>
            <p class="quiet">"PNG, JPEG, GIF, WebP or BMP, at most 10 MB. The image is re-encoded, without data that \
                              cameras add."</p>
            <input id=id type="file" accept="image/png,image/jpeg,image/gif,image/webp,image/bmp" on:change=picked />
        </div>
        {changing(move || {
            choosing.sent.get().map(|done| {
                view! {
                    <Progress label="Uploading".to_owned() done=Signal::stored(done) of=Signal::stored(100) />
                }
            })
        })}
        <div hidden=when(move || !choosing.asks.get())>
            <Notice tone=Tone::Warning>
                <p>"There is already an image with this name. Mails that were sent keep the old one."</p>
                <div class="row">
                    <Button on_press=replace>"Replace it with the new one"</Button>
                    <Button on_press=move |()| choosing.asks.set(false)>"Keep the old one"</Button>
                </div>
            </Notice>
        </div>
        {form_error(choosing.error.into())}
    }
    .into_any()
}

fn send(choosing: Choosing, file: File, replace: bool) {
    let allowed = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' };
    let name: String = file.name().chars().map(allowed).take(100).collect();
    let query = ImageQuery { name, replace, max_width: Some(WIDEST) };
    let path = with_query(&path(paths::IMAGES, &[&choosing.editing.tenant.get_value()]), &query);
    choosing.error.set(String::new());
    choosing.sent.set(Some(0));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 100")]
    let progress = move |share: f64| {
        let _ = choosing.sent.try_set(Some((share * 100.0) as u64));
    };
    spawn_local(async move {
        let answer = upload::<ImageInfo>(&path, &file, progress).await;
        choosing.sent.set(None);
        match answer {
            Ok(image) => {
                choose(choosing, image);
                choosing.editing.images.retry();
            }
            Err(Failure::Refused(409, _)) if !replace => {
                choosing.taken.set_value(Some(file));
                choosing.asks.set(true);
            }
            Err(failure) => choosing.error.set(failure.text()),
        }
    });
}

fn choose(choosing: Choosing, image: ImageInfo) {
    let room = room(&choosing.editing.doc.with_untracked(|doc| doc.html.clone()));
    choosing.width.text.set(if image.width == 0 { String::new() } else { image.width.min(room).to_string() });
    choosing.alt.text.set(String::new());
    choosing.chosen.set(Some(image));
}

fn all(choosing: Choosing) -> AnyView {
    let one = move |image: ImageInfo| {
        let own = image.name.clone();
        let pressed =
            text(move || choosing.chosen.with(|chosen| chosen.as_ref().is_some_and(|one| one.name == own)).to_string());
        let size = image.width.to_string() + " × " + &image.height.to_string() + ", " + &kilobytes(image.size);
        let (name, url) = (image.name.clone(), image.url.clone());
        let chosen = image.clone();
        view! {
            <li>
                <button type="button" aria-pressed=pressed on:click=move |_| choose(choosing, chosen.clone())>
                    <img src=url alt="" loading="lazy" />
                    <span class="clip">{name}</span>
                    <span class="quiet">{size}</span>
                </button>
            </li>
        }
    };
    let rows = move || {
        let images = choosing.editing.images.read(|found| found.images.clone());
        if images.is_empty() {
            return view! { <p class="quiet">"There are no images yet."</p> }.into_any();
        }
        view! { <ul class="images">{images.into_iter().map(one).collect_view()}</ul> }.into_any()
    };
    changing(rows)
}

fn kilobytes(size: u64) -> String {
    crate::ui::time::grouped(size.div_ceil(1024)) + " KB"
}

/// What is asked of the chosen image before it goes into the template.
fn insertion(choosing: Choosing, views: Views) -> AnyView {
    changing(move || {
        let image = choosing.chosen.get()?;
        let name = StoredValue::new(image.name.clone());
        let natural = (image.width, image.height);
        let submit = move |event: leptos::ev::SubmitEvent| {
            event.prevent_default();
            let is_described = choosing.decorative.get_untracked()
                || choosing
                    .alt
                    .required("Describe what it shows: some people cannot see it, and many programs hide images.");
            if !is_described {
                return;
            }
            let alt = if choosing.decorative.get_untracked() { String::new() } else { choosing.alt.trimmed() };
            let room = room(&choosing.editing.doc.with_untracked(|doc| doc.html.clone()));
            let wanted = choosing.width.trimmed().parse().unwrap_or(0);
            let size = match fitting(natural, wanted, room) {
                Some((width, height)) => {
                    " width=\"".to_owned() + &width.to_string() + "\" height=\"" + &height.to_string() + "\""
                }
                None => String::new(),
            };
            let html = "<img src=\"image:".to_owned()
                + &name.get_value()
                + "\" alt=\""
                + &alt.replace('&', "&amp;").replace('"', "&quot;")
                + "\""
                + &size
                + " border=\"0\" style=\"display:block;border:0\">";
            choosing.open.set(false);
            request_animation_frame(move || views.insert(&html, ""));
        };
        let advice = image.advice.into_iter().map(|advice| view! { <li>{advice}</li> }).collect_view();
        let used = if image.used_by.is_empty() {
            "No template uses it.".to_owned()
        } else {
            "Used by ".to_owned() + &image.used_by.join(", ") + "."
        };
        Some(view! {
            <form novalidate class="chosen" on:submit=submit>
                <h3>{image.name}</h3>
                <ul class="plain-list quiet">{advice} <li>{used}</li></ul>
                <div hidden=when(move || choosing.decorative.get())>
                    <TextField
                        label="What it shows"
                        value=choosing.alt
                        longest=200_usize
                        hint="For people who cannot see it, such as “Logo of Example Ltd”."
                    />
                </div>
                <Check label="It is decoration only" checked=choosing.decorative />
                <TextField
                    label="Width in pixels"
                    value=choosing.width
                    inputmode="numeric"
                    hint="Not wider than the signature; the height follows."
                />
                <div class="row end">
                    <Button icon=Icon::DELETE on_press=move |()| remove(choosing, name.get_value())>
                        "Delete the image"
                    </Button>
                    <Button look=Look::Primary>"Insert"</Button>
                </div>
            </form>
        })
    })
}

/// The size at which an image is shown: as wide as wanted, or as it is, but not wider than there is room, and as high as that
/// makes it. `None`: its own size is not known.
fn fitting((width, height): (u32, u32), wanted: u32, room: u32) -> Option<(u32, u32)> {
    if width == 0 || height == 0 {
        return None;
    }
    let shown = (if wanted == 0 { width } else { wanted }).min(room).max(1);
    let high = (u64::from(height) * u64::from(shown) + u64::from(width) / 2) / u64::from(width);
    Some((shown, u32::try_from(high).unwrap_or(u32::MAX).max(1)))
}

/// How wide a template's signature is: its widest table, by the attribute that Outlook goes by.
fn room(html: &str) -> u32 {
    let tables = html.split("<table").skip(1).filter_map(|rest| rest.split('>').next());
    let widths = tables.filter_map(|tag| {
        let value = tag.split(" width=").nth(1)?.trim_start_matches(['"', '\'']);
        let digits = value.find(|c: char| !c.is_ascii_digit()).unwrap_or(value.len());
        // A share of an unknown width says nothing.
        value[..digits].parse::<u32>().ok().filter(|_| !value[digits..].starts_with('%'))
    });
    widths.filter(|width| *width > 0).max().unwrap_or(USUAL).min(USUAL)
}

fn remove(choosing: Choosing, name: String) {
    let path = path(paths::IMAGE, &[&choosing.editing.tenant.get_value(), &name]);
    spawn_local(async move {
        match delete(&path).await {
            Ok(()) => {
                tell(name + " is deleted. Mails that were sent keep it.");
                choosing.chosen.set(None);
                choosing.editing.images.retry();
            }
            Err(failure) => tell_error(failure.text()),
        }
    });
}

#[cfg(test)]
mod tests {
    use super::{fitting, room};

    #[test]
    fn an_image_fits_into_the_signature() {
        assert_eq!(fitting((1_200, 300), 0, 600), Some((600, 150)));
        assert_eq!(fitting((1_200, 300), 200, 600), Some((200, 50)));
        assert_eq!(fitting((1_200, 300), 900, 480), Some((480, 120)));
        assert_eq!(fitting((100, 33), 0, 600), Some((100, 33)));
        assert_eq!(fitting((3, 1_000), 1, 600), Some((1, 333)));
        assert_eq!(fitting((1_000, 1), 10, 600), Some((10, 1)));
        assert_eq!(fitting((0, 0), 100, 600), None);
    }

    #[test]
    fn the_widest_table_is_the_room() {
        for (html, width) in [
            ("<p>x</p>", 600),
            ("<table width=\"480\"><tr><td><table width='200'>", 480),
            ("<table width=\"100%\">", 600),
            ("<table border=0 width=320 cellpadding=0>", 320),
            ("<table width=\"900\">", 600),
        ] {
            assert_eq!(room(html), width, "{html}");
        }
    }
}
