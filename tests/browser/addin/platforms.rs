//! Classic Outlook on Windows, and phones.

use crate::page::with_page;

#[test]
fn classic_outlook_without_a_page_gets_the_signature_and_keeps_it() {
    with_page(async |page| {
        page.run("await simulator.platform('classic')").await;
        let record = page.compose("new").await;
        assert_eq!(record.source.as_deref(), Some("server"));
        assert_eq!(page.signatures().await, 1);
        page.run("simulator.server('stopped'); await simulator.restart()").await;
        let record = page.compose("new").await;
        assert_eq!(record.source.as_deref(), Some("cache"));
        assert_eq!(page.signatures().await, 1);
    });
}

#[test]
fn classic_outlook_tells_of_recipients_with_a_reply_and_still_there_is_one_signature() {
    with_page(async |page| {
        page.run("await simulator.platform('classic')").await;
        page.compose("replyAll").await;
        page.run("await simulator.settled()").await;
        let events: Vec<String> = page.get("simulator.records.map((record) => record.event)").await;
        assert_eq!(events, ["OnNewMessageCompose", "OnMessageRecipientsChanged"]);
        assert_eq!(page.signatures().await, 1);
        let calls: u32 = page.get("Math.max(...simulator.records.map((record) => record.signatures))").await;
        assert_eq!(calls, 1);
    });
}

#[test]
fn an_appointment_in_classic_outlook_gets_its_signature() {
    with_page(async |page| {
        page.run("await simulator.platform('classic')").await;
        page.compose("appointment").await;
        assert_eq!(page.signatures().await, 1);
    });
}

#[test]
fn a_phone_gets_the_signature_in_new_messages_and_replies() {
    with_page(async |page| {
        page.run("await simulator.platform('mobile')").await;
        for kind in ["new", "reply", "forward"] {
            let record = page.compose(kind).await;
            assert_eq!(record.source.as_deref(), Some("server"), "{kind}");
            assert_eq!(page.signatures().await, 1, "{kind}");
        }
        page.run("simulator.server('stopped')").await;
        assert_eq!(page.compose("new").await.source.as_deref(), Some("cache"));
    });
}

#[test]
fn a_phone_gets_plain_text_into_plain_text() {
    with_page(async |page| {
        page.run("await simulator.platform('mobile'); simulator.format('text')").await;
        page.compose("new").await;
        let text = page.text().await;
        assert!(!text.trim().is_empty() && !text.contains('<'), "{text}");
    });
}
