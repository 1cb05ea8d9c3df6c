//! One brand in a dialog: nothing is sent before it is saved.

use super::Branding;
use super::look::{Upload, colours, logo, sample};
use super::values::{Rows, values};
use crate::api::console::Failure;
use crate::console::pages::rules::editor::conditions::{adding, conditions};
use crate::console::pages::rules::editor::senders::{SENDER_KINDS, sender_fields};
use crate::ui::{Button, Dialog, Look, TextField, Value, effect, form_error, tell};
use ::api::ErrorDetail;
use ::api::console::{MAX_BRAND_TEXT, MAX_NAME};
use email_signature::{Brand, BrandColours, BrandLogo, SenderCondition};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// What is typed of a brand.
#[derive(Clone, Copy)]
pub(crate) struct Form {
    id: StoredValue<String>,
    /// The brand as it was opened; nothing for a new one.
    base: StoredValue<Option<Brand>>,
    /// Whether it is for everyone else.
    is_default: bool,
    name: Value,
    senders: RwSignal<Vec<SenderCondition>>,
    /// Why the conditions cannot stay as they are.
    wrong_senders: RwSignal<String>,
    pub(crate) logo: Value,
    pub(crate) dark: Value,
    pub(crate) width: Value,
    pub(crate) height: RwSignal<u32>,
    /// Primary, accent, text, background.
    pub(crate) colours: [Value; 4],
    legal: Value,
    values: Rows,
    pub(crate) upload: Upload,
    busy: RwSignal<bool>,
    error: RwSignal<String>,
}

impl Form {
    /// A new brand; the first one is the default.
    pub(crate) fn new(branding: Branding) -> Self {
        let random = window().crypto().map(|crypto| crypto.random_uuid()).unwrap_or_default();
        let is_first = branding.found.peek(|found| found.value.brands.is_empty());
        Self::with(&Brand { id: "brand-".to_owned() + &random, ..Brand::default() }, None, is_first)
    }

    /// A brand that is there.
    pub(crate) fn of(brand: &Brand, is_default: bool) -> Self {
        Self::with(brand, Some(brand.clone()), is_default)
    }

    fn with(brand: &Brand, base: Option<Brand>, is_default: bool) -> Self {
        let Brand { logo, colours, .. } = brand;
        let pixels = |size: u32| if size == 0 { String::new() } else { size.to_string() };
        Self {
            id: StoredValue::new(brand.id.clone()),
            base: StoredValue::new(base),
            is_default,
            name: Value::new(&brand.name),
            senders: RwSignal::new(brand.senders.clone()),
            wrong_senders: RwSignal::new(String::new()),
            logo: Value::new(&logo.image),
            dark: Value::new(&logo.dark),
            width: Value::new(&pixels(logo.width)),
            height: RwSignal::new(logo.height),
            colours: [&colours.primary, &colours.accent, &colours.text, &colours.background].map(|one| Value::new(one)),
            legal: Value::new(&brand.legal),
            values: Rows::new(&brand.values),
            upload: Upload::default(),
            busy: RwSignal::new(false),
            error: RwSignal::new(String::new()),
        }
    }

    /// The brand as it is typed; follows changes.
    fn brand(self) -> Brand {
        let [primary, accent, text, background] = self.colours.map(|colour| colour.text.get().trim().to_owned());
        Brand {
            id: self.id.get_value(),
            name: self.name.text.get().trim().to_owned(),
            senders: self.senders.get(),
            logo: BrandLogo {
                image: self.logo.text.get(),
                dark: self.dark.text.get(),
                width: self.width.text.get().trim().parse().unwrap_or(0),
                height: self.height.get(),
            },
            colours: BrandColours { primary, accent, text, background },
            legal: self.legal.text.get().trim().to_owned(),
            values: self.values.all(),
        }
    }

    /// Whether everything that must be there is; says what is not.
    fn is_whole(self) -> bool {
        let named = self.name.required("Enter a name.");
        let lacks = !self.is_default && self.senders.with_untracked(Vec::is_empty);
        let wrong = if lacks { "Add at least one: only the default brand is for everyone else." } else { "" };
        self.wrong_senders.set(wrong.to_owned());
        let sized = self.width.trimmed().is_empty() || self.width.trimmed().parse::<u32>().is_ok();
        self.width.error.set(if sized { String::new() } else { "Enter a number of pixels.".to_owned() });
        self.values.are_named() && named && !lacks && sized
    }

    fn save(self, branding: Branding) {
        if self.busy.get_untracked() || !self.is_whole() {
            return;
        }
        let brand = untrack(|| self.brand());
        let base = self.base.get_value();
        self.busy.set(true);
        self.error.set(String::new());
        spawn_local(async move {
            let name = brand.name.clone();
            let put = |brands: &mut Vec<Brand>| put(brands, &brand, base.as_ref());
            let answer = branding.save(put).await;
            if self.busy.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(()) => {
                    branding.form.set(None);
                    tell(name + " is saved. It is used once you publish it.");
                }
                Err(Failure::Changed) => self.too_late(branding),
                Err(failure) => self.place(failure.errors()),
            }
        });
    }

    /// Somebody else changed the same brand: what was typed stays, and is saved only when one asks again.
    fn too_late(self, branding: Branding) {
        let theirs = branding.found.peek(|found| {
            let id = self.id.get_value();
            found.value.brands.iter().find(|one| one.brand.id == id).map(|one| one.brand.clone())
        });
        self.error.set(match theirs {
            Some(_) => {
                "Another user changed this brand in the meantime. Save again to replace their version with yours, or \
                        cancel to keep theirs."
                    .to_owned()
            }
            None => "Another user deleted this brand in the meantime. Save again to add it once more.".to_owned(),
        });
        self.base.set_value(theirs);
    }

    /// Puts each error at what it is about.
    fn place(self, errors: Vec<ErrorDetail>) {
        let fields = [
            ("name", self.name),
            ("logo.image", self.logo),
            ("logo.dark", self.dark),
            ("logo.width", self.width),
            ("colours.primary", self.colours[0]),
            ("colours.accent", self.colours[1]),
            ("colours.text", self.colours[2]),
            ("colours.background", self.colours[3]),
            ("legal", self.legal),
        ];
        let own = |mut error: ErrorDetail| {
            let field = error.field.take().unwrap_or_default();
            // `brands[2].name` is the name.
            error.field = field.split_once("].").map(|(_, part)| part.to_owned()).or(Some(field));
            error
        };
        let rest = crate::ui::place_errors(errors.into_iter().map(own).collect(), &fields);
        self.error.set(rest);
    }
}

/// Puts a brand in its place in the list, or a new one before the default. `false`: the list no longer has it as it was.
fn put(brands: &mut Vec<Brand>, brand: &Brand, base: Option<&Brand>) -> bool {
    let known = brands.iter_mut().find(|known| known.id == brand.id);
    match (known, base) {
        (Some(known), Some(base)) if known == base => known.clone_from(brand),
        (None, None) => brands.insert(brands.len().saturating_sub(1), brand.clone()),
        _ => return false,
    }
    true
}

/// The dialog.
pub(crate) fn editor(branding: Branding) -> AnyView {
    let open = RwSignal::new(false);
    effect(move || open.set(branding.form.with(Option::is_some)));
    effect(move || {
        if !open.get() && branding.form.with_untracked(Option::is_some) {
            branding.form.set(None);
        }
    });
    view! {
        <Dialog open title="Brand" wide=true>
            {move || branding.form.get_untracked().map(|form| fields(branding, form))}
        </Dialog>
    }
    .into_any()
}

fn fields(branding: Branding, form: Form) -> AnyView {
    let is_default = form.is_default;
    let whom = if is_default {
        view! { <p class="quiet">"This is the default brand, for everyone without another one."</p> }.into_any()
    } else {
        senders(branding, form)
    };
    let hint = if is_default { "" } else { "If it is empty, the text of the default brand is used." };
    view! {
        <div class="stack">
            <TextField label="Name" value=form.name longest=MAX_NAME hint="Templates write it as {{ brand.name }}." />
            {whom}
            {logo(branding, form)}
            {colours(form, is_default)}
            <TextField label="Legal text" value=form.legal rows=3 optional=true longest=MAX_BRAND_TEXT hint />
            {values(form.values, is_default)}
            <section aria-label="Preview">
                {move || sample(branding, form.brand())}
            </section>
            {form_error(form.error.into())}
            <div class="row end">
                <Button on_press=move |()| branding.form.set(None)>"Cancel"</Button>
                <Button look=Look::Primary busy=form.busy on_press=move |()| form.save(branding)>
                    "Save"
                </Button>
            </div>
        </div>
    }
    .into_any()
}

fn senders(branding: Branding, form: Form) -> AnyView {
    if !branding.may {
        return view! { <p class="quiet">"Who gets this brand is decided by editors who can change everything."</p> }
            .into_any();
    }
    let items = Signal::derive(move || {
        let names = branding.names.read();
        form.senders.with(|all| all.iter().map(|one| names.sender(one)).collect::<Vec<_>>())
    });
    let remove = Callback::new(move |at: usize| {
        form.senders.update(|all| {
            if at < all.len() {
                all.remove(at);
            }
        });
    });
    let add = Callback::new(move |condition: SenderCondition| {
        form.wrong_senders.set(String::new());
        form.senders.update(|all| {
            if !all.contains(&condition) {
                all.push(condition);
            }
        });
    });
    let more =
        adding("Add a condition", SENDER_KINDS, move |kind| sender_fields(branding.tenant, branding.names, add, kind));
    view! {
        {conditions("Whose mail: any of these", "Nobody yet.", items, remove, more)}
        <p class="wrong" aria-live="polite">
            {form.wrong_senders}
        </p>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn brand(id: &str, name: &str) -> Brand {
        Brand { id: id.into(), name: name.into(), ..Brand::default() }
    }

    #[test]
    fn a_brand_is_put_where_it_was_or_before_the_default() {
        let mut brands = Vec::new();
        assert!(put(&mut brands, &brand("d", "Default"), None));
        assert!(put(&mut brands, &brand("a", "A"), None));
        assert!(put(&mut brands, &brand("b", "B"), None));
        let ids: Vec<&str> = brands.iter().map(|brand| brand.id.as_str()).collect();
        assert_eq!(ids, ["a", "b", "d"]);
        assert!(put(&mut brands, &brand("a", "New"), Some(&brand("a", "A"))));
        assert_eq!(brands[0].name, "New");
        // Somebody else changed it, deleted it, or made one with this id.
        assert!(!put(&mut brands, &brand("a", "Newer"), Some(&brand("a", "A"))));
        assert!(!put(&mut brands, &brand("x", "X"), Some(&brand("x", "Y"))));
        assert!(!put(&mut brands, &brand("a", "Other"), None));
    }
}
