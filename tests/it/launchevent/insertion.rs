//! Setting, replacing, clearing, and above all leaving alone.

use super::{APPOINTMENT, FROM, NEW, RECIPIENTS, Scene};

const CID: &str = "world.answer.html = '<div id=\"paraph-signature\">Anna<img src=\"cid:logo-1.png\"></div>';
    world.answer.images = [{cid: 'logo-1.png', url: 'https://host.example/logo.png', content: 'aGk='}];";
const REPLY: &str = "world.composeType = 'reply'; world.inReplyTo = '<1@example>';
    world.quote = '<div id=\"divRplyFwdMsg\">From: Anna</div><div><div id=\"x_paraph-signature\"><b>Anna Berg</b> sells</div></div>';";

#[test]
fn a_new_message_gets_its_signature_and_the_item_remembers() {
    let mut scene = Scene::new("");
    scene.fire(NEW);
    assert_eq!(
        scene.sets(),
        [(r#"<div id="paraph-signature"><b>Anna Berg</b> sells</div>"#.to_owned(), "html".to_owned())]
    );
    let state = scene.state();
    assert_eq!(state["fingerprint"], "f1");
    assert_eq!(state["name"], "Standard");
    assert_eq!(state["event"], NEW);
    assert_eq!(state["source"], "server");
    assert!(scene.js::<usize>("world.session.paraph.length") < 1_000);
}

#[test]
fn an_event_that_fires_twice_sets_once() {
    let mut scene = Scene::new("");
    scene.fire(NEW).fire(NEW).fire(RECIPIENTS).fire(FROM);
    assert_eq!(scene.sets().len(), 1);
}

#[test]
fn samples_1038_recipients_changed_beside_a_new_reply_sets_once() {
    let mut scene = Scene::new(REPLY);
    scene.start(NEW).start(RECIPIENTS).settle();
    assert_eq!(scene.sets().len(), 1);
    assert_eq!(scene.requests(), 1);
    assert_eq!(scene.count("sessionData.setAsync"), 1, "the overtaken one leaves no trace");
}

#[test]
fn a_run_that_is_overtaken_while_it_waits_for_the_server_leaves_no_trace() {
    let mut scene = Scene::new("world.server = function () { return {status: 200, body: world.answer, after: 500}; }");
    scene.start(NEW).until(300).start(RECIPIENTS).settle();
    assert_eq!(scene.sets().len(), 1);
    assert_eq!(scene.count("sessionData.setAsync"), 1);
    assert_eq!(scene.state()["event"], RECIPIENTS);
}

#[test]
fn office_js_2163_6457_the_same_fingerprint_means_no_call_and_no_look_into_the_body() {
    let mut scene = Scene::new("");
    scene.fire(NEW).run("world.calls = []").fire(RECIPIENTS);
    assert_eq!(scene.sets().len(), 0);
    assert_eq!(scene.count("body.getAsync"), 0, "#5928: tiny");
}

#[test]
fn office_js_5928_of_a_burst_of_recipients_only_the_last_counts() {
    let mut scene = Scene::new("world.server = function (request) {
        return {status: 200, body: Object.assign({}, world.answer, {fingerprint: 'to' + request.body.recipients.length}), after: 100 - 20 * request.body.recipients.length}; }");
    scene.fire(NEW);
    for count in 1..=4 {
        scene.run(&format!("world.to.push({{emailAddress: 'p{count}@b.example'}})")).start(RECIPIENTS);
    }
    scene.settle();
    assert_eq!(scene.sets().len(), 2);
    assert_eq!(scene.state()["fingerprint"], "to4");
    assert!(scene.requests() <= 3);
}

#[test]
fn an_older_run_that_the_server_answers_later_does_not_overwrite() {
    let mut scene = Scene::new("world.server = function (request, number) {
        return {status: 200, body: Object.assign({}, world.answer, {fingerprint: 'n' + number}), after: number === 2 && 1500 || 20}; }");
    scene.fire(NEW).start(RECIPIENTS).until(200).start(RECIPIENTS).settle();
    assert_eq!(scene.requests(), 3);
    assert_eq!(scene.state()["fingerprint"], "n3");
    assert_eq!(scene.sets().len(), 2);
}

#[test]
fn other_recipients_bring_another_signature() {
    let mut scene = Scene::new("");
    scene.fire(NEW).run("world.answer = {html: '<div id=\"paraph-signature\">External</div>', text: 'External', images: [], fingerprint: 'f2'}").fire(RECIPIENTS);
    assert_eq!(scene.js::<String>("world.signature"), r#"<div id="paraph-signature">External</div>"#);
    assert_eq!(scene.state()["fingerprint"], "f2");
    assert_eq!(scene.count("isClientSignatureEnabledAsync"), 1, "not again for recipients");
}

#[test]
fn office_js_3104_what_the_person_removed_is_never_inserted_again() {
    let mut scene = Scene::new(
        "Office.context.platform = 'OfficeOnline'; Office.context.mailbox.diagnostics.hostName = 'OutlookWebApp';",
    );
    scene.fire(NEW).run("world.signature = ''; world.answer.fingerprint = 'f2';").fire(RECIPIENTS);
    assert_eq!(scene.sets().len(), 1);
    assert_eq!(scene.state()["removed"], true);
    scene
        .run("world.answer.fingerprint = 'f3'; world.calls = []; world.requests = [];")
        .fire(RECIPIENTS)
        .fire(FROM)
        .fire(NEW);
    assert_eq!(scene.sets().len(), 0);
    assert_eq!(scene.requests(), 0);
}

#[test]
fn office_js_3104_removed_from_a_reply_although_the_quoted_mail_has_one() {
    let mut scene = Scene::new(REPLY);
    scene.fire(NEW).run("world.signature = ''; world.answer.fingerprint = 'f2';").fire(RECIPIENTS);
    assert_eq!(scene.sets().len(), 1);
    assert_eq!(scene.state()["removed"], true);
}

#[test]
fn office_js_2045_a_signature_that_lost_its_id_is_known_by_its_text() {
    let mut scene = Scene::new("");
    scene.fire(NEW).run("world.signature = '<p class=MsoNormal><b><span style=\"x\">Anna&nbsp;Be</span><span>rg</span></b> sells</p>'; world.answer.fingerprint = 'f2';");
    scene.fire(RECIPIENTS);
    assert_eq!(scene.sets().len(), 2, "still there, so it is replaced");
}

#[test]
fn a_signature_removed_before_from_changed_stays_away_except_where_outlook_itself_takes_it() {
    let web =
        "Office.context.platform = 'OfficeOnline'; Office.context.mailbox.diagnostics.hostName = 'OutlookWebApp';";
    for (platform, sets) in [(web, 1), ("", 2)] {
        let mut scene = Scene::new(platform);
        scene.fire(NEW).run("world.signature = ''; world.answer.fingerprint = 'f2';").fire(FROM);
        assert_eq!(scene.sets().len(), sets, "{platform}");
    }
}

#[test]
fn office_js_6934_a_changed_sender_gets_that_sender_s_signature() {
    let mut scene = Scene::new("");
    scene.fire(NEW).run("world.sender = 'sales@paraph.example'; world.answer.fingerprint = 'f2';").fire(FROM);
    assert_eq!(scene.sets().len(), 2);
    assert_eq!(scene.js::<String>("world.requests[1].body.from"), "sales@paraph.example");
}

#[test]
fn office_js_5483_4301_5543_4457_1893_a_signature_that_is_there_already_is_not_doubled() {
    for there in [
        "world.signature = '<div id=\"paraph-signature\">Old</div>'",
        "world.typed = '<div>Hi</div><div id=\"x_paraph-signature\">Old</div>'",
        "world.typed = '<div>Hi</div><p class=MsoNormal>Anna Berg sells</p>'; world.answer.html = '<div id=\"paraph-signature\">Anna Berg sells</div>'",
    ] {
        let mut scene = Scene::new(there);
        scene.fire(NEW).run("world.answer.fingerprint = 'f2'").fire(RECIPIENTS).fire(FROM);
        assert_eq!(scene.sets().len(), 0, "{there}");
        assert_eq!(scene.state()["kept"], true);
    }
}

#[test]
fn a_reply_to_a_signed_mail_gets_its_own_signature() {
    for quote in [
        "",
        "world.quote = '<div><div style=\"border:none;border-top:solid #E1E1E1 1.0pt\">From:</div><div id=paraph-signature>Anna Berg sells</div></div>';",
        "world.quote = '<some-client-we-do-not-know></some-client-we-do-not-know><div id=\"x_paraph-signature\">Anna Berg sells</div>';",
    ] {
        let mut scene = Scene::new(&format!("{REPLY}{quote}"));
        scene.fire(NEW);
        assert_eq!(scene.sets().len(), 1, "{quote}");
    }
}

#[test]
fn office_js_4457_a_recalled_reply_keeps_the_signature_above_its_quote() {
    let mut scene = Scene::new(&format!("{REPLY} world.signature = '<div id=\"x_paraph-signature\">Anna</div>';"));
    scene.fire(NEW);
    assert_eq!(scene.sets().len(), 0);
}

#[test]
fn office_js_4472_recipients_changed_for_a_previewed_draft_does_nothing() {
    let mut scene = Scene::new("world.itemId = 'AAMk='; world.typed = 'A draft from yesterday';");
    scene.fire(RECIPIENTS);
    assert_eq!(scene.sets().len(), 0);
    assert_eq!(scene.requests(), 0);
    assert_eq!(scene.count("sessionData.setAsync"), 0);
}

#[test]
fn office_js_6956_recipients_changed_makes_up_for_a_new_message_event_that_never_came() {
    let mut scene = Scene::new("");
    scene.fire(RECIPIENTS);
    assert_eq!(scene.sets().len(), 1);
}

#[test]
fn a_reopened_draft_is_left_alone() {
    let mut scene = Scene::new("");
    scene.fire(NEW).run("world.reopen(); world.answer.fingerprint = 'f2';").fire(RECIPIENTS);
    assert_eq!(scene.sets().len(), 0);
}

#[test]
fn plain_text_gets_the_text() {
    let mut scene = Scene::new("world.format = 'text'");
    scene.fire(NEW);
    assert_eq!(scene.sets(), [("Anna Berg sells".to_owned(), "text".to_owned())]);
}

#[test]
fn office_js_2038_plain_text_is_inserted_once_only_on_the_web() {
    let mut scene = Scene::new(
        "world.format = 'text'; Office.context.platform = 'OfficeOnline'; Office.context.mailbox.diagnostics.hostName = 'OutlookWebApp';",
    );
    scene.fire(NEW).run("world.answer.text = 'Other'; world.answer.fingerprint = 'f2';").fire(RECIPIENTS).fire(FROM);
    assert_eq!(scene.sets().len(), 1);
    assert!(scene.state()["error"].as_str().unwrap().starts_with("plain text on the web"), "the diagnostics say why");
    scene.run("world.session = {}; world.answer.text = 'Anna Berg sells';").fire(NEW);
    assert_eq!(scene.sets().len(), 1, "found by its text");
}

#[test]
fn plain_text_is_replaced_everywhere_but_on_the_web() {
    for platform in ["PC", "Mac", "iOS", "Android"] {
        let mut scene = Scene::new(&format!(
            "world.format = 'text'; Office.context.platform = '{platform}'; Office.context.mailbox.diagnostics = {{}};"
        ));
        scene.fire(NEW).run("world.answer.text = 'Disclaimer'; world.answer.fingerprint = 'f2';").fire(RECIPIENTS);
        assert_eq!(scene.js::<String>("world.signature"), "Disclaimer", "{platform}");
    }
}

#[test]
fn plain_text_that_classic_outlook_took_away_with_the_account_is_inserted_again() {
    let mut scene = Scene::new("world.format = 'text'");
    scene
        .fire(NEW)
        .run("world.signature = ''; world.answer.text = 'Sales team'; world.answer.fingerprint = 'f2';")
        .fire(FROM);
    assert_eq!(scene.js::<String>("world.signature"), "Sales team");
}

#[test]
fn no_signature_means_no_call_when_there_was_none() {
    let mut scene = Scene::new(
        "world.answer = {html: '', text: '', images: [], fingerprint: 'none'}; world.clientSignature = true;",
    );
    scene.fire(NEW);
    assert_eq!(scene.sets().len(), 0);
    assert!(scene.js::<bool>("world.clientSignature"), "Outlook's own may stay");
    scene.run("world.answer = {html: '<div id=\"paraph-signature\">Now</div>', text: 'Now', images: [], fingerprint: 'f2'}").fire(RECIPIENTS);
    assert_eq!(scene.sets().len(), 1, "that there was none is not a removal");
}

#[test]
fn no_signature_clears_the_one_that_was_inserted() {
    let mut scene = Scene::new("");
    scene.fire(NEW).run("world.answer = {html: '', text: '', images: [], fingerprint: 'none'}").fire(RECIPIENTS);
    assert_eq!(scene.js::<String>("world.signature"), "");
    assert_eq!(scene.state()["fingerprint"], "");
    scene.run("world.answer = {html: '<div id=\"paraph-signature\">Now</div>', text: 'Now', images: [], fingerprint: 'f2'}").fire(RECIPIENTS);
    assert_eq!(scene.sets().len(), 3);
}

#[test]
fn outlook_s_own_signature_is_turned_off_on_desktop_and_web_but_not_on_phones() {
    for (platform, stays) in
        [("PC", false), ("OfficeOnline", false), ("Mac", false), ("iOS", true), ("Android", true), ("", true)]
    {
        let mut scene = Scene::new(&format!(
            "world.clientSignature = true; Office.context.platform = '{platform}'; Office.context.mailbox.diagnostics = {{}};"
        ));
        scene.fire(NEW);
        assert_eq!(scene.js::<bool>("world.clientSignature"), stays, "{platform}");
        assert_eq!(scene.count("disableClientSignatureAsync"), usize::from(!stays));
        assert_eq!(scene.sets().len(), 1);
    }
}

#[test]
fn named_images_are_attached_inline_before_the_html() {
    let mut scene = Scene::new(&CID.replace("aGk=", "data:image/png;base64,aGk="));
    scene.fire(NEW);
    assert_eq!(scene.js::<serde_json::Value>("world.attached"), serde_json::json!([["logo-1.png", "aGk=", true]]));
    assert!(scene.sets()[0].0.contains("cid:logo-1.png"));
}

#[test]
fn office_js_6342_5763_2450_an_image_that_cannot_be_attached_is_shown_from_its_host() {
    for how in ["{code: 5001}", "'throw'", "'silent'", "'missing'"] {
        let mut scene = Scene::new(&format!("{CID} world.behave['addFileAttachmentFromBase64Async'] = {how};"));
        scene.fire(NEW);
        assert!(scene.sets()[0].0.contains(r#"src="https://host.example/logo.png""#), "{how}");
        assert!(scene.state()["error"].as_str().unwrap().starts_with("image"));
    }
}

#[test]
fn office_js_6402_an_image_is_attached_once_per_draft() {
    let mut scene = Scene::new(CID);
    scene.fire(NEW).run("world.answer.fingerprint = 'f2'").fire(RECIPIENTS);
    assert_eq!(scene.sets().len(), 2);
    assert_eq!(scene.count("addFileAttachmentFromBase64Async"), 1);
    assert!(scene.sets()[1].0.contains("cid:logo-1.png"));
}

#[test]
fn office_js_4860_5616_nothing_is_attached_to_a_forward() {
    let mut scene = Scene::new(&format!("{CID} world.composeType = 'forward';"));
    scene.fire(NEW);
    assert_eq!(scene.count("addFileAttachmentFromBase64Async"), 0);
    assert!(scene.sets()[0].0.contains("https://host.example/logo.png"));
}

#[test]
fn office_js_2673_an_internal_error_is_tried_once_more() {
    let mut scene = Scene::new("world.behave['body.setSignatureAsync'] = [{code: 5001, name: 'InternalError'}, null]");
    scene.fire(NEW);
    assert_eq!(scene.sets().len(), 2);
    assert_eq!(scene.sets()[1].1, "html");
    assert_eq!(scene.state()["fingerprint"], "f1");
}

#[test]
fn office_js_2673_5038_when_it_stays_the_text_is_inserted_and_the_cause_is_told() {
    let mut scene = Scene::new(
        "world.behave['body.setSignatureAsync'] = [{code: 5001, name: 'InternalError'}, {code: 5001, name: 'InternalError'}, null]",
    );
    scene.fire(NEW);
    assert_eq!(scene.sets()[2], ("Anna Berg sells".to_owned(), "text".to_owned()));
    assert!(scene.state()["error"].as_str().unwrap().contains("group policy"));
}

#[test]
fn too_much_html_becomes_the_text() {
    for (length, sets) in [(30_000, 1), (130_000, 1)] {
        let mut scene = Scene::new(&format!("world.answer.html = 'x'.repeat({length} + 1)"));
        scene.fire(NEW);
        assert_eq!(scene.sets().len(), sets);
        assert_eq!(scene.sets()[0].1, "text");
    }
}

#[test]
fn an_insertion_without_an_answer_is_not_repeated() {
    let mut scene = Scene::new("world.behave['body.setSignatureAsync'] = 'silent'");
    scene.fire(NEW);
    assert_eq!(scene.state()["error"], "setSignatureAsync: no answer");
    scene.fire(RECIPIENTS);
    assert_eq!(scene.sets().len(), 1);
}

const WEB_APPOINTMENT: &str = "world.itemType = 'appointment'; Office.context.platform = 'OfficeOnline'; Office.context.mailbox.diagnostics.hostName = 'OutlookWebApp';";

#[test]
fn an_appointment_on_the_web_gets_it_in_front_of_an_empty_body() {
    for typed in ["<div><br></div>", "<html><head><style>p{}</style></head><body>&nbsp;</body></html>"] {
        let mut scene = Scene::new(&format!("{WEB_APPOINTMENT} world.typed = '{typed}';"));
        scene.fire(APPOINTMENT);
        assert_eq!(scene.sets().len(), 0);
        assert!(scene.js::<String>("world.typed").contains("paraph-signature"));
        assert_eq!(scene.state()["fingerprint"], "f1");
        scene.fire(APPOINTMENT);
        assert_eq!(scene.count("body.prependAsync"), 1);
    }
}

#[test]
fn an_appointment_with_something_in_it_is_never_overwritten() {
    for typed in ["<p>Agenda</p>", "<img src=\"x\">"] {
        let mut scene = Scene::new(&format!("{WEB_APPOINTMENT} world.typed = '{typed}';"));
        scene.fire(APPOINTMENT);
        assert_eq!(scene.js::<String>("world.typed"), typed);
        assert_eq!(scene.state()["error"], "the body is not empty; insert from the pane");
    }
}

#[test]
fn teams_invitation_does_not_count_as_typed() {
    let mut scene = Scene::new(&format!(
        "{WEB_APPOINTMENT} world.typed = '<br><div>________________________________</div>Join the meeting';"
    ));
    scene.fire(APPOINTMENT);
    assert_eq!(scene.count("body.prependAsync"), 1);
}

#[test]
fn an_appointment_elsewhere_takes_set_signature_and_falls_back_where_that_is_missing() {
    let mut scene = Scene::new("world.itemType = 'appointment'");
    scene.fire(APPOINTMENT);
    assert_eq!(scene.sets().len(), 1);
    let mut scene = Scene::new("world.itemType = 'appointment'; world.behave['body.setSignatureAsync'] = 'missing';");
    scene.fire(APPOINTMENT);
    assert_eq!(scene.count("body.prependAsync"), 1);
}
