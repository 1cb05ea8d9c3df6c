//! Shared mailboxes that somebody may send from, or who may send from this one.

use super::lists::listed;
use super::person::Person;
use crate::api::console::{Failure, Tagged, get_tagged, path, send_tagged};
use crate::console::pages::{at, finders};
use crate::console::{session, shell};
use crate::ui::{Button, Choice, Icon, Look, Pick, Picks, tell, tell_error, tell_with};
use ::api::console::pages::Directory;
use ::api::console::{PersonChanges, PersonDetail, PersonKind, PersonLink, Role, paths};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// How often a change is tried again when somebody else was faster.
const ATTEMPTS: u32 = 3;

/// What is done with a sender.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Act {
    Add,
    Remove,
}

impl Act {
    fn opposite(self) -> Self {
        if self == Self::Add { Self::Remove } else { Self::Add }
    }
}

/// A mailbox whose senders are edited. Its path is no signal of the page, so that an undo works after the page was left.
#[derive(Clone)]
struct Mailbox {
    person: Person,
    path: String,
}

/// The card of a shared mailbox's senders, or of the shared mailboxes of a person.
pub(crate) fn mailboxes(person: Person, tenant: &str, id: &str) -> AnyView {
    if person.peek(|found| Some(found.value.kind)) == Some(PersonKind::SharedMailbox) {
        return senders(person, tenant, id);
    }
    let tenant = tenant.to_owned();
    let all = move || person.read(|found| found.value.may_send_as.clone());
    view! {
        <section class="card">
            <h2>"Shared mailboxes"</h2>
            {listed(move || all().into_iter().map(|one| link(&tenant, one)).collect())}
        </section>
    }
    .into_any()
}

fn link(tenant: &str, link: PersonLink) -> AnyView {
    view! {
        <a href=at(tenant, Directory::Person(link.id))>{link.name}</a>
        " "
        <span class="quiet">{link.address}</span>
    }
    .into_any()
}

fn senders(person: Person, tenant: &str, id: &str) -> AnyView {
    let mailbox = Mailbox { person, path: path(paths::PERSON, &[tenant, id]) };
    let may = session::may(tenant, Role::Editor);
    let row = {
        let (tenant, mailbox) = (tenant.to_owned(), mailbox.clone());
        move |one: PersonLink| {
            let (mailbox, own) = (mailbox.clone(), one.clone());
            let label = "Remove ".to_owned() + &one.name;
            let remove = move |()| mailbox.clone().change(Act::Remove, own.clone());
            view! {
                <div class="row">
                    <div class="grow">{link(&tenant, one)}</div>
                    {may.then(|| view! { <Button look=Look::Subtle icon=Icon::DELETE label on_press=remove /> })}
                </div>
            }
            .into_any()
        }
    };
    let all = move || person.read(|found| found.value.senders.clone());
    let add = Callback::new(move |choice: Choice| {
        let link = PersonLink { id: choice.id, name: choice.name, address: choice.hint };
        if person.peek(|found| found.value.senders.iter().any(|one| one.id == link.id)) {
            tell(link.name + " can already send from it.");
        } else {
            mailbox.clone().change(Act::Add, link);
        }
    });
    let find = finders::people(tenant, PersonKind::Person);
    view! {
        <section class="card" id="senders">
            <h2>"Who may send from it"</h2>
            {listed(move || all().into_iter().map(&row).collect())}
            {may
                .then(|| {
                    view! {
                        <Pick
                            label="Let a person send from it"
                            placeholder="Name or address"
                            find
                            picks=Picks::Each(add)
                        />
                    }
                })}
        </section>
    }
    .into_any()
}

impl Mailbox {
    /// Does it at once, and offers to undo it.
    fn change(self, act: Act, link: PersonLink) {
        let place = self.person.peek(|found| found.value.senders.iter().position(|one| one.id == link.id));
        spawn_local(async move {
            match self.send(act, &link).await {
                Ok(now) => {
                    self.person.value.try_set(Some(now));
                    let said = if act == Act::Add { " can now send from it." } else { " can no longer send from it." };
                    tell_with(link.name.clone() + said, "Undo", move || self.clone().undo(act, link.clone()));
                    if let Some(place) = place {
                        focus_after(place);
                    }
                }
                Err(failure) => tell_error(failure.text()),
            }
        });
    }

    fn undo(self, act: Act, link: PersonLink) {
        spawn_local(async move {
            match self.send(act.opposite(), &link).await {
                Ok(now) => {
                    self.person.value.try_set(Some(now));
                    tell("Undone.");
                }
                Err(failure) => tell_error(failure.text()),
            }
        });
    }

    /// One more or one less than there are now: what others changed meanwhile stays.
    async fn send(&self, act: Act, link: &PersonLink) -> Result<Tagged<PersonDetail>, Failure> {
        for _ in 0..ATTEMPTS {
            let now = get_tagged::<PersonDetail>(&self.path).await?;
            let mut senders: Vec<String> = now.value.senders.into_iter().map(|one| one.id).collect();
            senders.retain(|id| *id != link.id);
            if act == Act::Add {
                senders.push(link.id.clone());
            }
            let changes = PersonChanges { senders: Some(senders), ..PersonChanges::default() };
            match send_tagged("PATCH", &self.path, &changes, &now.etag).await {
                Err(Failure::Changed) => {}
                answer => return answer,
            }
        }
        Err(Failure::Changed)
    }
}

/// The button that was pressed is gone: the focus goes to the next one's, or to the field below.
fn focus_after(place: usize) {
    let next = "#senders li:nth-child(".to_owned() + &(place + 1).to_string() + ") button, #senders [role=combobox]";
    request_animation_frame(move || shell::focus(&next));
}
