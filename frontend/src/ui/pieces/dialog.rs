//! Dialogs on the browser's own `<dialog>`: it keeps the focus inside, closes on Escape and gives the focus back.

use crate::ui::{Button, Icon, Look, TextField, Tone, Value, changing, effect, new_id, when};
use crate::ui::{Notice, text};
use leptos::prelude::*;

/// A dialog; what is inside is built when it opens.
#[component]
pub fn Dialog(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// Its heading.
    #[prop(into)]
    title: Signal<String>,
    /// Whether it needs much room.
    #[prop(optional)]
    wide: bool,
    /// Whether it cannot be closed without doing what it asks.
    #[prop(optional)]
    firm: bool,
    /// What is inside.
    children: ChildrenFn,
) -> impl IntoView {
    let id = new_id("dialog");
    let labelled = id.clone();
    let place = NodeRef::<leptos::html::Dialog>::new();
    effect(move || {
        let Some(dialog) = place.get() else { return };
        let open = open.get();
        if open && !dialog.open() {
            drop(dialog.show_modal());
        } else if !open && dialog.open() {
            dialog.close();
        }
    });
    let cancelled = move |event: leptos::ev::Event| {
        if firm {
            event.prevent_default();
        }
    };
    // What the pointer presses behind the dialog counts as the dialog itself.
    let pressed = move |event: leptos::ev::MouseEvent| {
        let dialog = place.get_untracked();
        if !firm && event.target().is_some() && event.target() == dialog.map(|dialog| (*dialog).clone().into()) {
            open.set(false);
        }
    };
    view! {
        <dialog
            node_ref=place
            class=if wide { "wide" } else { "" }
            aria-labelledby=labelled
            on:cancel=cancelled
            on:close=move |_| open.set(false)
            on:mousedown=pressed
        >
            {changing(move || {
                let id = id.clone();
                open.get()
                    .then(|| {
                        view! {
                            <div class="dialog">
                                <header class="row">
                                    <h2 id=id class="grow">
                                        {title}
                                    </h2>
                                    {(!firm)
                                        .then(|| {
                                            view! {
                                                <Button
                                                    look=Look::Subtle
                                                    icon=Icon::CLOSE
                                                    label="Close"
                                                    on_press=move |()| open.set(false)
                                                />
                                            }
                                        })}
                                </header>
                                {children()}
                            </div>
                        }
                    })
            })}
        </dialog>
    }
    .into_any()
}

/// Asks before something is done that is hard to undo.
#[component]
pub fn Confirm(
    /// Whether it is asked now.
    open: RwSignal<bool>,
    /// The question.
    #[prop(into)]
    title: Signal<String>,
    /// What the button says that does it.
    #[prop(into)]
    action: String,
    /// What must be typed first; empty: nothing.
    #[prop(optional, into)]
    typed: Signal<String>,
    /// Whether it is being done.
    #[prop(optional, into)]
    busy: Signal<bool>,
    /// What went wrong.
    #[prop(optional, into)]
    error: Signal<String>,
    /// Does it.
    #[prop(into)]
    on_confirm: Callback<()>,
    /// What will happen.
    children: ChildrenFn,
) -> impl IntoView {
    let children = StoredValue::new(children);
    let action = StoredValue::new(action);
    let value = Value::new("");
    let idle = when(move || typed.with(|typed| !typed.is_empty() && value.text.with(|text| text.trim() != typed)));
    effect(move || {
        if !open.get() {
            value.text.set(String::new());
        }
    });
    view! {
        <Dialog open title>
            <form
                novalidate
                on:submit=move |event| {
                    event.prevent_default();
                    if !idle.get_untracked() && !busy.get_untracked() {
                        on_confirm.run(());
                    }
                }
            >
                {children.with_value(|children| children())}
                {changing(move || {
                    let name = typed.get();
                    (!name.is_empty())
                        .then(|| view! { <TextField label="Type ".to_owned() + &name + " to confirm" value /> })
                })}
                {changing(move || {
                    let error = error.get();
                    (!error.is_empty()).then(|| view! { <Notice tone=Tone::Error>{error}</Notice> })
                })}
                <div class="row end">
                    <Button on_press=move |()| open.set(false)>"Cancel"</Button>
                    <Button look=Look::Danger busy idle>
                        {text(move || action.get_value())}
                    </Button>
                </div>
            </form>
        </Dialog>
    }
    .into_any()
}
