//! What somebody sees who writes messages, with everything in order.

use crate::page::{Page, with_page};

const OUTSIDER: &str = "priya.nair@northwind.example";

#[test]
fn a_new_message_gets_the_signature() {
    with_page(async |page| {
        let record = page.compose("new").await;
        assert_eq!(record.event, "OnNewMessageCompose");
        assert_eq!(record.source.as_deref(), Some("server"));
        assert!(record.signature_at.is_some(), "{record:?}");
        assert_eq!(page.signatures().await, 1);
        assert!(!page.signature().await.is_empty());
    });
}

#[test]
fn a_reply_gets_the_short_signature_above_the_quoted_mail() {
    with_page(async |page| {
        let long = page.compose("new").await;
        let long_text = page.signature().await;
        let short = page.compose("reply").await;
        assert_ne!(long.name, short.name);
        assert!(page.signature().await.len() < long_text.len());
        let body = page.body().await;
        assert_eq!(page.signatures().await, 1);
        assert!(body.find("paraph-signature") < body.find("divRplyFwdMsg"), "{body}");
    });
}

#[test]
fn a_forwarded_message_and_a_reply_to_all_get_one_signature_each() {
    with_page(async |page| {
        for kind in ["forward", "replyAll"] {
            page.compose(kind).await;
            assert_eq!(page.signatures().await, 1, "{kind}");
        }
    });
}

#[test]
fn adding_an_external_recipient_changes_to_their_signature_and_removing_them_changes_back() {
    with_page(async |page| {
        let person = page.sign_in(|_| true).await;
        page.compose("new").await;
        let colleague =
            page.people().await.into_iter().find(|other| other.address != person.address).expect("a colleague");
        page.add_recipient("to", &colleague.address).await;
        let inside = page.body().await;
        let record = page.add_recipient("to", OUTSIDER).await;
        assert_eq!(record.event, "OnMessageRecipientsChanged");
        assert_eq!(page.signatures().await, 1);
        let outside = page.body().await;
        assert_ne!(inside, outside, "{record:?}");
        page.get::<serde_json::Value>(&format!("simulator.removeRecipient('to', '{OUTSIDER}')")).await;
        assert_eq!(page.body().await, inside);
    });
}

#[test]
fn a_recipient_who_changes_nothing_leaves_the_draft_alone() {
    with_page(async |page| {
        page.compose("new").await;
        page.add_recipient("to", OUTSIDER).await;
        let before = page.body().await;
        let record = page.add_recipient("cc", "jonas@bergstrom-partners.example").await;
        assert_eq!(record.signature_at, None);
        assert_eq!(page.body().await, before);
    });
}

#[test]
fn changing_from_to_the_shared_mailbox_changes_the_signature() {
    with_page(async |page| {
        let shared = page.people().await.into_iter().find(|person| person.shared).expect("a shared mailbox");
        let person = page.sign_in(|person| person.senders.contains(&shared.address)).await;
        page.compose("new").await;
        let own = page.signature().await;
        let record = page.send_from(&shared.address).await;
        assert_eq!(record.event, "OnMessageFromChanged");
        assert!(record.signature_at.is_some(), "{record:?}");
        assert_eq!(page.signatures().await, 1);
        assert_ne!(page.signature().await, own);
        page.send_from(&person.address).await;
        assert_eq!(page.signature().await, own);
    });
}

#[test]
fn a_plain_text_message_gets_the_text_once() {
    with_page(async |page| {
        let person = page.sign_in(|person| person.name.is_ascii()).await;
        page.run("simulator.format('text')").await;
        page.compose("new").await;
        let text = page.text().await;
        assert_eq!(text.matches(&person.name).count(), 1, "{text}");
        assert!(!text.contains('<'), "{text}");
        // #2038: on the web Outlook would put a second one on top.
        page.add_recipient("to", OUTSIDER).await;
        assert_eq!(page.text().await.matches(&person.name).count(), 1);
    });
}

#[test]
fn a_signature_that_the_person_removed_stays_removed() {
    with_page(async |page| {
        page.compose("new").await;
        page.run("simulator.removeSignature()").await;
        let record = page.add_recipient("to", OUTSIDER).await;
        assert_eq!(record.signature_at, None, "{record:?}");
        assert!(record.removed, "{record:?}");
        page.fire("OnMessageRecipientsChanged").await;
        assert_eq!(page.signatures().await, 0);
    });
}

#[test]
fn typed_text_is_never_touched() {
    with_page(async |page| {
        page.compose("reply").await;
        page.run("simulator.type('First line of mine.'); simulator.type('And a second <one>.')").await;
        page.add_recipient("to", OUTSIDER).await;
        page.fire("OnNewMessageCompose").await;
        let text = page.text().await;
        assert!(text.starts_with("First line of mine.\nAnd a second <one>."), "{text}");
        assert_eq!(page.signatures().await, 1);
        assert!(text.contains("Proposal for the autumn campaign"), "{text}");
    });
}

#[test]
fn an_event_that_is_fired_twice_makes_one_signature() {
    with_page(async |page| {
        page.run("const first = simulator.compose('new'); simulator.fire('OnNewMessageCompose'); await first; await simulator.settled()").await;
        let completions: Vec<u32> = page.get("simulator.records.map((record) => record.completions)").await;
        assert_eq!(completions, [1, 1]);
        assert_eq!(page.signatures().await, 1);
        let calls: u32 = page.get("Math.max(...simulator.records.map((record) => record.signatures))").await;
        assert_eq!(calls, 1, "set once, not twice over itself (#6402)");
    });
}

#[test]
fn an_appointment_gets_its_signature() {
    with_page(async |page| {
        let record = page.compose("appointment").await;
        assert_eq!(record.event, "OnNewAppointmentOrganizer");
        assert!(page.body().await.contains("paraph-signature"));
    });
}

#[test]
fn images_that_travel_with_the_message_are_attached_and_shown() {
    with_page(async |page| {
        sign_in_to_the_labs(&page).await;
        page.compose("new").await;
        assert!(page.body().await.contains("src=\"cid:"), "{}", page.body().await);
        let inline: Vec<bool> = page.get("simulator.draft.attachments.map((file) => file.isInline)").await;
        assert!(!inline.is_empty() && inline.iter().all(|inline| *inline), "{inline:?}");
        shows_its_images(&page).await;
        // Again, as when the recipients change: nothing is attached twice.
        page.add_recipient("to", OUTSIDER).await;
        let again: Vec<bool> = page.get("simulator.draft.attachments.map((file) => file.isInline)").await;
        assert_eq!(again.len(), inline.len());
    });
}

#[test]
fn an_image_that_cannot_be_attached_is_shown_from_the_server_instead() {
    with_page(async |page| {
        sign_in_to_the_labs(&page).await;
        page.run("simulator.attachments(false)").await; // #6342, #5763
        page.compose("new").await;
        let body = page.body().await;
        assert!(!body.contains("cid:") && body.contains("/images/"), "{body}");
        assert_eq!(page.signatures().await, 1);
        shows_its_images(&page).await;
    });
}

/// The signature of the Labs has its images as attachments.
async fn sign_in_to_the_labs(page: &Page) {
    page.sign_in(|person| person.address == "sven.lindqvist@hv-labs.example").await;
}

async fn shows_its_images(page: &Page) {
    let images = "[...simulator.draft.body.signature.querySelectorAll('img')]";
    page.until(&format!("{images}.length && {images}.every((image) => image.complete && image.naturalWidth > 0)"))
        .await;
}
