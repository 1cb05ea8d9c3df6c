//! What a template is called, where it is kept, and who may choose it.

use super::document::Editing;
use crate::api::console::{get, path};
use crate::console::pages::finders;
use crate::console::pages::templates::{part_named, part_options};
use crate::console::session;
use crate::ui::{
    Button, Choice, Dialog, Icon, Look, Pick, Picks, Radios, Select, TextField, Value, effect, text, when,
};
use ::api::console::{Groups, GroupsQuery, MAX_NAME, paths};
use email_signature::{ImageMode, Part, SenderCondition};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The button and its dialog. What is changed there is saved with everything else.
pub(crate) fn settings(editing: Editing) -> AnyView {
    let open = RwSignal::new(false);
    view! {
        <Button icon=Icon::SETTINGS on_press=move |()| open.set(true)>
            "Settings"
        </Button>
        <Dialog open title=text(move || {
            if editing.is_block() { "Settings of the block".into() } else { "Settings of the template".into() }
        })>
            {form(editing, open)}
        </Dialog>
    }
    .into_any()
}

fn form(editing: Editing, open: RwSignal<bool>) -> AnyView {
    let doc = editing.doc.get_untracked();
    let is_block = doc.part == Part::Block;
    let (name, folder, part) = (Value::new(&doc.name), Value::new(&doc.folder), Value::new(doc.part.noun()));
    let images = RwSignal::new(if doc.images == ImageMode::Cid { "cid" } else { "hosted" }.to_owned());
    let own_text = Value::new(doc.text.as_deref().unwrap_or_default());
    let offered = RwSignal::new(offered_word(doc.offered_to.as_deref()).to_owned());
    let groups = RwSignal::new(Vec::<Choice>::new());
    let others = others_of(doc.offered_to.as_deref());
    named(editing, doc.offered_to.as_deref(), groups);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if !name.required("Enter a name.") {
            return;
        }
        editing.replace(|doc| {
            doc.name = name.trimmed();
            doc.folder = folder.trimmed();
            doc.text = Some(own_text.text.get_untracked()).filter(|text| !text.trim().is_empty());
            if is_block {
                return;
            }
            doc.part = part_named(&part.trimmed());
            doc.images = if images.get_untracked() == "cid" { ImageMode::Cid } else { ImageMode::Hosted };
            doc.offered_to = match offered.get_untracked().as_str() {
                "everyone" => Some(Vec::new()),
                "groups" => {
                    let chosen =
                        groups.get_untracked().into_iter().map(|group| SenderCondition::Group { id: group.id });
                    // Nobody chosen is nobody, and not everyone.
                    Some(chosen.chain(others.clone()).collect::<Vec<_>>()).filter(|all| !all.is_empty())
                }
                _ => None,
            };
        });
        open.set(false);
    };
    let find = finders::groups(&editing.tenant.get_value());
    let name_hint = if is_block { "" } else { "People who may choose it see this name, too." };
    let text_hint = if is_block {
        "With the same placeholders, for templates with a plain text of their own. If it is empty, it is derived from the HTML."
    } else {
        "With the same placeholders. If it is empty, it is derived from the HTML."
    };
    view! {
        <form novalidate on:submit=submit>
            <TextField label="Name" value=name longest=MAX_NAME hint=name_hint />
            {folder_field(editing, folder)}
            <div hidden=is_block>
            <Select
                label="Part"
                value=part
                options=Signal::stored(part_options())
                hint="A mail gets its signature first, then the campaign, then the disclaimer."
            />
            <Radios
                label="Offered in the pane to"
                value=offered
                options=vec![
                    ("nobody", "Nobody", "People get it only through rules."),
                    ("everyone", "Everyone", "Anyone may choose it instead of the signature from the rules."),
                    ("groups", "Some groups", ""),
                ]
            />
            <div hidden=when(move || offered.with(|offered| offered != "groups"))>
                <Pick label="Groups" find picks=Picks::Many(groups) />
            </div>
            <Radios
                label="Images"
                value=images
                options=vec![
                    ("hosted", "Hosted", "Mails stay small. Some programs ask before they show images."),
                    ("cid", "Attached", "Shown at once, and each mail carries them."),
                ]
            />
            </div>
            <TextField
                label="Plain text"
                value=own_text
                rows=6
                optional=true
                hint=text_hint
            />
            <div class="row end">
                <Button on_press=move |()| open.set(false)>"Cancel"</Button>
                <Button look=Look::Primary idle=Signal::stored(!editing.may)>
                    "Done"
                </Button>
            </div>
        </form>
    }
    .into_any()
}

/// The template's folder: one of a few for an editor who is limited to these.
fn folder_field(editing: Editing, folder: Value) -> AnyView {
    match session::folders(&editing.tenant.get_value()) {
        Some(folders) => {
            let options = folders.into_iter().map(|folder| (folder.clone(), folder)).collect();
            view! { <Select label="Folder" value=folder options=Signal::stored(options) hint="You can change templates in these folders." /> }
            .into_any()
        }
        None => view! {
            <TextField
                label="Folder"
                value=folder
                longest=MAX_NAME
                optional=true
                hint="Organises templates. Editors can be limited to folders."
            />
        }
        .into_any(),
    }
}

fn offered_word(offered: Option<&[SenderCondition]>) -> &'static str {
    match offered {
        None => "nobody",
        Some([]) => "everyone",
        Some(_) => "groups",
    }
}

/// Conditions that this dialog does not show; they stay.
fn others_of(offered: Option<&[SenderCondition]>) -> Vec<SenderCondition> {
    let is_other = |one: &&SenderCondition| !matches!(one, SenderCondition::Group { .. });
    offered.unwrap_or_default().iter().filter(is_other).cloned().collect()
}

/// Looks the groups' names up.
fn named(editing: Editing, offered: Option<&[SenderCondition]>, groups: RwSignal<Vec<Choice>>) {
    let ids: Vec<String> = offered
        .unwrap_or_default()
        .iter()
        .filter_map(|one| match one {
            SenderCondition::Group { id } => Some(id.clone()),
            _ => None,
        })
        .collect();
    let unnamed = |id: &String| Choice { id: id.clone(), name: id.clone(), hint: String::new() };
    groups.set(ids.iter().map(unnamed).collect());
    if ids.is_empty() {
        return;
    }
    let path = path(paths::GROUPS, &[&editing.tenant.get_value()]);
    let path = crate::api::console::with_query(&path, &GroupsQuery { limit: Some(200), ..GroupsQuery::default() });
    spawn_local(async move {
        let Ok(found) = get::<Groups>(&path).await else { return };
        let named = |id: String| match found.groups.iter().find(|group| group.id == id) {
            Some(group) => finders::group(group.clone()),
            None => unnamed(&id),
        };
        let _ = groups.try_set(ids.into_iter().map(named).collect());
    });
    effect(move || groups.track());
}
