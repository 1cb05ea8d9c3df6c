//! Short words about what just happened, in a corner, which go away by themselves.

use crate::ui::{Button, Icon, Look, Tone, icon};
use leptos::prelude::*;
use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::time::Duration;

const STAYS: Duration = Duration::from_secs(8);
/// Who may want to press something needs longer.
const STAYS_LONGER: Duration = Duration::from_secs(16);

/// Not a `Callback`: those end with the page that made them, and a toast outlives it.
type Run = Arc<dyn Fn() + Send + Sync>;

#[derive(Clone)]
struct Toast {
    id: u32,
    tone: Tone,
    text: String,
    action: Option<(String, Run)>,
}

thread_local! {
    static ALL: RefCell<Option<ArcRwSignal<Vec<Toast>>>> = const { RefCell::new(None) };
    static LAST: Cell<u32> = const { Cell::new(0) };
    /// Whether somebody points at the toasts: then none of them goes.
    static HELD: Cell<bool> = const { Cell::new(false) };
}

/// Says that something worked.
pub fn tell(text: impl Into<String>) {
    show(Tone::Success, text.into(), None);
}

/// Says that something went wrong.
pub fn tell_error(text: impl Into<String>) {
    show(Tone::Error, text.into(), None);
}

/// Says that something worked, with one more thing to do, such as `Undo`. The page may be left by then.
pub fn tell_with(text: impl Into<String>, action: impl Into<String>, run: impl Fn() + Send + Sync + 'static) {
    show(Tone::Success, text.into(), Some((action.into(), Arc::new(run))));
}

/// Where they are shown; once on a page.
#[component]
pub fn Toasts() -> impl IntoView {
    let toasts = all();
    let one = |toast: Toast| {
        let Toast { id, tone, text, action } = toast;
        let act = action.map(|(label, run)| {
            view! {
                <Button on_press=move |()| {
                    close(id);
                    run();
                }>{label}</Button>
            }
        });
        view! {
            <div class="toast ".to_owned() + tone.class()>
                {icon(tone.icon())} <p class="grow">{text}</p> {act}
                <Button look=Look::Subtle icon=Icon::CLOSE label="Dismiss" on_press=move |()| close(id) />
            </div>
        }
    };
    view! {
        <div
            class="toasts"
            role="status"
            aria-live="polite"
            on:mouseenter=move |_| HELD.set(true)
            on:mouseleave=move |_| HELD.set(false)
            on:focusin=move |_| HELD.set(true)
            on:focusout=move |_| HELD.set(false)
        >
            <For each=move || toasts.get() key=|toast| toast.id children=one />
        </div>
    }
    .into_any()
}

fn show(tone: Tone, text: String, action: Option<(String, Run)>) {
    let id = LAST.get() + 1;
    LAST.set(id);
    let stays = if action.is_some() || tone == Tone::Error { STAYS_LONGER } else { STAYS };
    all().update(|toasts| toasts.push(Toast { id, tone, text, action }));
    leave(id, stays);
}

fn leave(id: u32, after: Duration) {
    set_timeout(move || if HELD.get() { leave(id, STAYS) } else { close(id) }, after);
}

fn close(id: u32) {
    all().update(|toasts| toasts.retain(|toast| toast.id != id));
    HELD.set(false);
}

fn all() -> ArcRwSignal<Vec<Toast>> {
    ALL.with_borrow_mut(|all| all.get_or_insert_with(|| ArcRwSignal::new(Vec::new())).clone())
}
