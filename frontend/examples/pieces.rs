//! Every piece that pages are put together from, on one page: for the tests, and to look at (`cargo xtask pieces`).

use frontend::api::console::{Failure, Tagged};
use frontend::ui::{
    Button, Cell, Check, Choice, Choose, Column, Confirm, Conflict, Copy, Dialog, Empty, Failed, Finder, Found, Icon,
    Listing, Loaded, Look, Notice, Pick, Picks, Pill, Preview, Progress, Query, Radios, Row, Select, Skeleton, Stepper,
    Table, Tabs, TextField, Toasts, Tone, Value, differences, tell, tell_error, tell_with, text,
};
use leptos::prelude::*;

fn main() {
    leptos::mount::mount_to_body(|| {
        view! {
            <main class="alone wide">
                <div class="head">
                    <h1>"Pieces"</h1>
                </div>
                <div class="columns">{buttons()} {fields()} {picking()} {dialogs()} {words()} {progress()} {states()}</div>
                {table()}
            </main>
            <Toasts />
        }
    });
}

fn card(title: &'static str, content: AnyView) -> AnyView {
    view! {
        <section class="card">
            <h2>{title}</h2>
            {content}
        </section>
    }
    .into_any()
}

fn buttons() -> AnyView {
    let busy = RwSignal::new(true);
    let nothing = |()| {};
    let content = view! {
        <div class="row wrap">
            <Button on_press=nothing>"Plain"</Button>
            <Button look=Look::Primary on_press=nothing>
                "Primary"
            </Button>
            <Button look=Look::Danger on_press=nothing>
                "Danger"
            </Button>
            <Button look=Look::Subtle icon=Icon::EDIT label="Edit" on_press=nothing />
            <Button busy on_press=nothing>
                "Busy"
            </Button>
            <Button idle=Signal::stored(true) on_press=nothing>
                "Nothing to do"
            </Button>
            <Button icon=Icon::ADD on_press=nothing>
                "With an icon"
            </Button>
        </div>
    };
    card("Buttons", content.into_any())
}

fn fields() -> AnyView {
    let wrong = Value::new("ada@example");
    wrong.error.set("This is no address: give the whole address, with the domain.".into());
    let options = vec![("a".to_owned(), "First".to_owned()), ("b".to_owned(), "Second".to_owned())];
    let content = view! {
        <TextField label="One line" value=Value::new("") hint="What helps to fill it in." />
        <TextField label="Wrong" value=wrong kind="email" />
        <TextField label="Password" value=Value::new("") kind="password" optional=true />
        <TextField label="Several lines" value=Value::new("") rows=3 />
        <Select label="One of a few" value=Value::new("a") options=Signal::stored(options.clone()) />
        <Choose label="Filter" value=RwSignal::new("a".to_owned()) options=Signal::stored(options) />
        <Check label="Yes or no" checked=RwSignal::new(true) hint="What follows from it." />
        <Radios
            label="One of a few, all in sight"
            value=RwSignal::new("a".to_owned())
            options=vec![("a", "First", "Its hint."), ("b", "Second", "")]
        />
    };
    card("Form fields", content.into_any())
}

fn picking() -> AnyView {
    let (one, many) = (RwSignal::new(None), RwSignal::new(vec![island(2)]));
    let open = RwSignal::new(false);
    let each = Callback::new(|choice: Choice| tell(choice.name + " is picked."));
    let content = view! {
        <Pick label="One" find=islands() picks=Picks::One(one) hint="Type, or press the arrow down." />
        <Pick label="Many" find=islands() picks=Picks::Many(many) optional=true />
        <Pick label="One after the other" find=islands() picks=Picks::Each(each) optional=true />
        <Pick label="Without an answer" find=Finder::new(|_| async { Err(Failure::Away) }) picks=Picks::Many(many) />
        <div class="row">
            <Button on_press=move |()| open.set(true)>"In a dialog"</Button>
        </div>
        <Dialog open title="Picking in a dialog">
            <Pick label="Many" find=islands() picks=Picks::Many(many) />
        </Dialog>
    };
    card("Picking by searching", content.into_any())
}

const ISLANDS: [&str; 12] =
    ["Arran", "Barra", "Colonsay", "Eigg", "Gigha", "Iona", "Islay", "Jura", "Mull", "Skye", "Tiree", "Ulva"];

fn island(at: usize) -> Choice {
    let hint = "Number ".to_owned() + &(at + 1).to_string();
    Choice { id: at.to_string(), name: ISLANDS[at].to_owned(), hint }
}

/// Eight of them at most, as if more took the server too long.
fn islands() -> Finder {
    Finder::new(|words| {
        let fits = |name: &str| name.to_ascii_lowercase().contains(&words.to_ascii_lowercase());
        let all: Vec<usize> = (0..ISLANDS.len()).filter(|at| fits(ISLANDS[*at])).collect();
        let found = Found { total: all.len() as u64, choices: all.into_iter().take(8).map(island).collect() };
        async move { Ok(found) }
    })
}

fn dialogs() -> AnyView {
    let (open, asking) = (RwSignal::new(false), RwSignal::new(false));
    let conflict = Conflict::<()>::default();
    let differ = move |()| {
        let said =
            |title: &str, phone: &str| vec![("Title".to_owned(), title.into()), ("Phone".to_owned(), phone.into())];
        let both = differences(&said("Countess", ""), &said("Chief analyst", "+44 20 7946 0000"));
        drop(conflict.meet(Tagged { value: (), etag: String::new() }, both));
    };
    let content = view! {
        <div class="row wrap">
            <Button on_press=move |()| open.set(true)>"Dialog"</Button>
            <Button on_press=move |()| asking.set(true)>"Confirmation"</Button>
            <Button on_press=differ>"Two versions"</Button>
            <Button on_press=|()| tell("Saved.")>"Toast"</Button>
            <Button on_press=move |()| tell_with("Removed.", "Undo", || tell("Undone."))>"Toast with Undo"</Button>
            <Button on_press=|()| tell_error("The server does not answer.")>"Toast of an error"</Button>
        </div>
        <Dialog open title="A dialog">
            <p>"Escape closes it, and the focus goes back to the button."</p>
        </Dialog>
        <Confirm
            open=asking
            title=Signal::stored("Delete Example Ltd?".to_owned())
            action="Delete"
            typed=Signal::stored("Example Ltd".to_owned())
            on_confirm=move |()| asking.set(false)
        >
            <p>"What will happen."</p>
        </Confirm>
        {conflict.view(|_| {}, |_| {})}
    };
    card("Dialogs and toasts", content.into_any())
}

fn words() -> AnyView {
    let chosen = RwSignal::new("one".to_owned());
    let tabs = vec![("one".to_owned(), "One".to_owned()), ("two".to_owned(), "Two".to_owned())];
    let content = view! {
        <div class="row wrap">
            <Pill text="To know" />
            <Pill text="As it should be" tone=Tone::Success />
            <Pill text="To be looked at" tone=Tone::Warning />
            <Pill text="Wrong" tone=Tone::Error />
        </div>
        <Notice>"To know."</Notice>
        <Notice tone=Tone::Success>"It worked."</Notice>
        <Notice tone=Tone::Warning>"To be looked at."</Notice>
        <Notice tone=Tone::Error>"What is wrong, and what to do."</Notice>
        <Copy value="https://sign.example.com/manifest.xml" what="the address" />
        <Tabs label="Tabs" tabs chosen>
            <p>{text(move || "The panel of ".to_owned() + &chosen.get())}</p>
        </Tabs>
        <Preview html=Signal::stored("<b>Ada Lovelace</b><br>Analyst".to_owned()) title="A signature" />
    };
    card("Words", content.into_any())
}

fn progress() -> AnyView {
    let at = RwSignal::new(1);
    let content = view! {
        <Stepper steps=vec!["File", "Columns", "Plan", "Apply"] at />
        <div class="row">
            <Button on_press=move |()| at.update(|at| *at = (*at + 1) % 5)>"Next step"</Button>
        </div>
        <Progress label="Uploading".to_owned() done=Signal::stored(42) of=Signal::stored(100) />
        <Progress
            label="Applying".to_owned()
            done=Signal::stored(41_200)
            of=Signal::stored(100_000)
            unit="rows"
        />
        <Progress label="Nobody knows".to_owned() done=Signal::stored(0) of=Signal::stored(0) />
    };
    card("Steps and progress", content.into_any())
}

fn states() -> AnyView {
    let content = view! {
        <Empty title="Nothing there" icon=Icon::PERSON>
            <p>"What to do about it."</p>
        </Empty>
        <Failed failure=Failure::Away retry=|()| {} />
        <Skeleton />
    };
    card("Nothing, an error, loading", content.into_any())
}

fn table() -> AnyView {
    let query = Query::new(&[]);
    let row = |number: u32| Row {
        key: number.to_string(),
        href: "#".into(),
        cells: vec![
            ("name".to_owned(), Cell::Twice("Row ".to_owned() + &number.to_string(), "its address".to_owned())),
            ("state".to_owned(), Cell::Pills(vec![("Active".to_owned(), Tone::Success)])),
            ("other".to_owned(), Cell::Text("Something".to_owned())),
        ],
    };
    let rows = Loaded::new(move || {
        let (from, limit) = (query.offset.get(), query.limit.get());
        async move { Ok(Listing { total: 1_204, rows: (from..(from + limit.min(5)).min(1_204)).map(row).collect() }) }
    });
    let columns =
        vec![Column::sorted("name", "Name"), Column::new("state", "State"), Column::sorted("other", "Other").hidden()];
    view! { <Table id="pieces" what="rows" columns=Signal::stored(columns) rows query /> }.into_any()
}
