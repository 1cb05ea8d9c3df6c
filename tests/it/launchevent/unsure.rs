//! What Outlook does not say, says late or says wrongly: not known is never taken for not there.

use super::{APPOINTMENT, FROM, NEW, RECIPIENTS, Scene};

const WEB: &str =
    "Office.context.platform = 'OfficeOnline'; Office.context.mailbox.diagnostics.hostName = 'OutlookWebApp';";
const EXTERNAL: &str = "world.to = [{emailAddress: 'kim@customer.example', recipientType: 'externalUser'}];
    world.answer = {html: '<div id=\"paraph-signature\">Disclaimer</div>', text: 'Disclaimer', images: [], fingerprint: 'f2'};";
const SALES: &str = "world.sender = 'sales@paraph.example';
    world.answer = {html: '<div id=\"paraph-signature\">Sales</div>', text: 'Sales', images: [], fingerprint: 'f2'};";
/// What the body was before the signature.
const BEFORE: &str = "<div><br></div>";
const CID: &str = "world.answer.html = '<div id=\"paraph-signature\">Anna<img src=\"cid:logo-1.png\"></div>';
    world.answer.images = [{cid: 'logo-1.png', url: 'https://host.example/logo.png', content: 'aGk='}];";
/// Each answer tells how many recipients it was for.
const COUNTING: &str = "world.server = function (request) {
    var count = request.body.recipients.length;
    var html = '<div id=\"paraph-signature\">For ' + count + '</div>';
    return {status: 200, body: Object.assign({}, world.answer, {fingerprint: 'n' + count, html: html}), after: 20}; };";

fn signature(scene: &mut Scene) -> String {
    scene.js("world.signature")
}

#[test]
fn a_body_that_comes_empty_or_from_before_is_read_again() {
    for bodies in ["['']", "['  ']", &format!("['{BEFORE}']"), &format!("['{BEFORE}', '', '{BEFORE}']")] {
        let mut scene = Scene::new("");
        scene.fire(NEW).run(&format!("{EXTERNAL} world.bodies = {bodies};")).fire(RECIPIENTS);
        assert!(signature(&mut scene).contains("Disclaimer"), "{bodies}");
        assert_eq!(scene.state().get("removed"), None, "{bodies}");
    }
}

#[test]
fn a_signature_that_was_taken_for_removed_is_followed_again_when_it_reappears() {
    let mut scene = Scene::new("");
    scene.fire(NEW).run(&format!("{EXTERNAL} world.bodies = Array(9).fill('{BEFORE}');")).fire(RECIPIENTS);
    assert_eq!(scene.state()["removed"], true);
    scene.run("world.bodies = []").fire(RECIPIENTS);
    assert!(signature(&mut scene).contains("Disclaimer"));
    assert_eq!(scene.state().get("removed"), None);
}

#[test]
fn what_was_recorded_and_cannot_be_read_is_not_overwritten() {
    for how in ["'silent'", "'fail'", "'throw'", "['silent', 'silent', 'silent', 'silent']"] {
        let mut scene = Scene::new(&format!(
            "world.session.paraph = JSON.stringify({{fingerprint: 'f0', choice: 'short', at: 1}});
            world.signature = '<div id=\"paraph-signature\">Old</div>'; world.behave['sessionData.getAsync'] = {how};"
        ));
        scene.fire(NEW).fire(RECIPIENTS);
        assert_eq!(scene.state()["choice"], "short", "{how}");
    }
}

#[test]
fn a_record_that_is_missed_once_is_read_again() {
    for how in ["silent", "fail", "throw"] {
        let mut scene = Scene::new(&format!(
            "world.session.paraph = JSON.stringify({{fingerprint: 'f0', choice: 'short', at: 1}});
            world.signature = '<div id=\"paraph-signature\">Old</div>'; world.behave['sessionData.getAsync'] = ['{how}', null];"
        ));
        scene.fire(RECIPIENTS);
        assert_eq!(scene.state()["choice"], "short", "{how}");
        assert_eq!(scene.state()["fingerprint"], "f1", "{how}");
    }
}

#[test]
fn without_session_data_the_page_remembers() {
    let none = "world.behave['sessionData.getAsync'] = world.behave['sessionData.setAsync'] = 'missing';";
    let mut scene = Scene::new(&format!("{WEB} {none}"));
    scene.fire(NEW).run(EXTERNAL).fire(RECIPIENTS);
    assert!(signature(&mut scene).contains("Disclaimer"));
    scene.run("world.signature = ''; world.answer.fingerprint = 'f3';").fire(RECIPIENTS).fire(RECIPIENTS);
    assert_eq!(scene.sets().len(), 2, "removed");
}

#[test]
fn a_new_sender_gets_a_signature_whoever_took_the_old_one_away() {
    for platform in [WEB, ""] {
        for before in [[FROM].as_slice(), &[RECIPIENTS, FROM], &[RECIPIENTS]] {
            let mut scene = Scene::new(platform);
            scene.fire(NEW).run(&format!("{SALES} world.signature = '';"));
            for event in before {
                scene.fire(event);
            }
            assert!(signature(&mut scene).contains("Sales"), "{platform} {before:?}");
        }
    }
}

#[test]
fn a_new_sender_with_the_same_signature_gets_it_again() {
    let mut scene = Scene::new(WEB);
    scene.fire(NEW).run("world.sender = 'sales@paraph.example'; world.signature = '';").fire(FROM);
    assert!(signature(&mut scene).contains("Anna Berg"));
}

#[test]
fn recipients_get_the_time_that_is_left() {
    for list in ["to", "cc", "bcc"] {
        for ms in [500, 1_000, 2_500] {
            let mut scene = Scene::new(&format!(
                "world.composeType = 'reply'; world.{list} = [{{emailAddress: 'kim@customer.example'}}];
                world.behave['{list}.getAsync'] = {{slow: {ms}}};"
            ));
            scene.fire(NEW);
            assert_eq!(scene.js::<usize>("world.requests[0].body.recipients.length"), 1, "{list} {ms}");
            assert!(!scene.js::<bool>("Boolean(world.requests[0].body.recipients_unread)"), "{list} {ms}");
            assert_eq!(scene.sets().len(), 1, "{list} {ms}");
        }
    }
}

#[test]
fn recipients_who_do_not_come_are_unknown_and_not_nobody() {
    for how in ["'silent'", "'fail'", "'throw'", "{slow: 20000}"] {
        let mut scene = Scene::new(&format!("world.behave['cc.getAsync'] = {how}"));
        scene.fire(NEW);
        assert!(scene.js::<bool>("world.requests[0].body.recipients_unread"), "{how}");
        assert_eq!(scene.sets().len(), 1, "{how}");
        assert_eq!(scene.state()["unread"], true, "{how}");
    }
    let mut scene = Scene::new("world.behave['bcc.getAsync'] = 'missing'");
    scene.fire(NEW);
    assert!(!scene.js::<bool>("Boolean(world.requests[0].body.recipients_unread)"), "a field that is not offered");
}

#[test]
fn recipients_who_come_after_the_insertion_change_the_signature_yet() {
    let mut scene = Scene::new(&format!(
        "{COUNTING} world.to = [{{emailAddress: 'kim@customer.example'}}]; world.behave['to.getAsync'] = [{{slow: 3000}}, null];"
    ));
    scene.fire(NEW);
    assert!(signature(&mut scene).contains("For 1"));
    assert_eq!(scene.state().get("unread"), None);
}

#[test]
fn an_attachment_that_takes_long_is_attached_once_and_shown() {
    for ms in [900, 2_500] {
        let mut scene =
            Scene::new(&format!("{CID} world.behave['addFileAttachmentFromBase64Async'] = {{slow: {ms}}};"));
        scene.fire(NEW).run("world.answer.fingerprint = 'f2'").fire(RECIPIENTS);
        assert!(signature(&mut scene).contains("cid:logo-1.png"), "{ms}");
        assert_eq!(scene.count("addFileAttachmentFromBase64Async"), 1, "{ms}");
    }
}

#[test]
fn an_attachment_without_an_answer_is_hosted_and_not_attached_again() {
    for how in ["'silent'", "{late: 3000}"] {
        let mut scene = Scene::new(&format!("{CID} world.behave['addFileAttachmentFromBase64Async'] = {how};"));
        scene.fire(NEW).run("world.answer.fingerprint = 'f2'").fire(RECIPIENTS);
        assert!(signature(&mut scene).contains("https://host.example/logo.png"), "{how}");
        assert_eq!(scene.count("addFileAttachmentFromBase64Async"), 1, "{how}");
    }
}

#[test]
fn the_pane_is_told_of_an_insertion_that_it_must_not_repeat() {
    let web_appointment =
        format!("{WEB} world.itemType = 'appointment'; world.behave['body.prependAsync'] = {{slow: 900}};");
    for (event, setup) in [
        (NEW, format!("{CID} world.behave['addFileAttachmentFromBase64Async'] = {{slow: 900}};")),
        (NEW, format!("{WEB} world.format = 'text'; world.behave['body.setSignatureAsync'] = {{slow: 900}};")),
        (APPOINTMENT, web_appointment),
    ] {
        let mut scene = Scene::new(&setup);
        scene.start(event).until(500);
        assert!(scene.state()["inserting"].as_i64().is_some(), "{setup}");
        scene.settle();
        assert_eq!(scene.state().get("inserting"), None, "{setup}");
        assert_eq!(scene.state()["fingerprint"], "f1", "{setup}");
    }
    let mut scene = Scene::new("");
    scene.fire(NEW);
    assert_eq!(scene.count("sessionData.setAsync"), 1, "where setting replaces, nothing has to be told");
}

#[test]
fn a_field_that_the_item_lacks_altogether_holds_nobody() {
    let mut scene = Scene::new("");
    scene.run("world.build(); delete Office.context.mailbox.item.bcc;").fire(NEW);
    assert!(!scene.js::<bool>("Boolean(world.requests[0].body.recipients_unread)"));
    assert_eq!(scene.sets().len(), 1);
}

#[test]
fn a_success_without_a_signature_is_told_and_made_up_for() {
    let mut scene = Scene::new("world.lost = true");
    scene.fire(NEW);
    assert_eq!(scene.state()["unseen"], true);
    assert!(scene.state()["error"].as_str().unwrap().contains("not in the draft"));
    scene.run("world.lost = false").fire(RECIPIENTS);
    assert!(signature(&mut scene).contains("Anna Berg"));
    assert_eq!(scene.state().get("unseen"), None);
}

#[test]
fn a_signature_that_was_only_not_seen_is_not_inserted_again() {
    let mut scene = Scene::new(&format!("world.bodies = [null, '{BEFORE}', '{BEFORE}']"));
    scene.fire(NEW);
    assert_eq!(scene.state()["unseen"], true);
    scene.fire(RECIPIENTS);
    assert_eq!(scene.sets().len(), 1);
    assert_eq!(scene.state().get("kept"), None);
    scene.run(EXTERNAL).fire(RECIPIENTS);
    assert!(signature(&mut scene).contains("Disclaimer"));
}

#[test]
fn a_replacement_that_reports_success_and_does_nothing_is_made_up_for() {
    let mut scene = Scene::new("");
    scene.fire(NEW).run(&format!("{EXTERNAL} world.lost = true;")).fire(RECIPIENTS);
    assert_eq!(scene.state()["unseen"], true);
    scene.run("world.lost = false").fire(RECIPIENTS);
    assert!(signature(&mut scene).contains("Disclaimer"));
    assert_eq!(scene.state().get("unseen"), None);
}

#[test]
fn a_clearing_that_reports_success_and_does_nothing_is_made_up_for() {
    let none = "world.answer = {html: '', text: '', images: [], fingerprint: 'none'};";
    let mut scene = Scene::new("");
    scene.fire(NEW).run(&format!("{none} world.lost = true;")).fire(RECIPIENTS).run("world.lost = false");
    scene.fire(RECIPIENTS);
    assert_eq!(signature(&mut scene), "");
    scene.run(EXTERNAL).fire(RECIPIENTS);
    assert!(signature(&mut scene).contains("Disclaimer"));
}

#[test]
fn a_body_from_before_a_clearing_is_not_somebody_else_s_signature() {
    let mut scene = Scene::new("");
    scene
        .fire(NEW)
        .run("world.old = world.html(); world.answer = {html: '', text: '', images: [], fingerprint: 'none'}");
    scene.fire(RECIPIENTS).run(&format!("{EXTERNAL} world.bodies = [world.old];")).fire(RECIPIENTS);
    assert_eq!(scene.state().get("kept"), None);
    scene.fire(RECIPIENTS);
    assert!(signature(&mut scene).contains("Disclaimer"));
}

#[test]
fn events_behind_one_that_waits_for_recipients_still_insert() {
    for how in ["{slow: 2500}", "'silent'"] {
        for at in [50, 300, 1_000, 2_000] {
            let mut scene = Scene::new(&format!("world.behave['to.getAsync'] = {how};"));
            scene.start(NEW).until(at).start(RECIPIENTS).settle();
            assert_eq!(scene.sets().len(), 1, "{how} {at}");
        }
    }
}

#[test]
fn a_record_that_was_not_written_is_remembered() {
    for how in ["['fail', null]", "'fail'", "['silent', null]", "[{late: 600}, null]"] {
        let mut scene = Scene::new(&format!("world.behave['sessionData.setAsync'] = {how};"));
        scene.fire(NEW).run(EXTERNAL).fire(RECIPIENTS);
        assert!(signature(&mut scene).contains("Disclaimer"), "{how}");
        assert_ne!(scene.state()["kept"], true, "{how}");
    }
}

#[test]
fn what_this_page_did_is_newer_than_a_record_that_it_could_not_read_then() {
    let within = "world.to = []; world.answer = {html: '<div id=\"paraph-signature\">Within</div>', text: 'Within', images: [], fingerprint: 'f1'};";
    let mut scene = Scene::new(EXTERNAL);
    scene.fire(NEW).run(&format!("{within} world.behave['sessionData.getAsync'] = 'silent';")).fire(RECIPIENTS);
    scene.run(&format!("world.behave = {{}}; {EXTERNAL}")).fire(RECIPIENTS);
    assert!(signature(&mut scene).contains("Disclaimer"));
}

#[test]
fn a_claim_that_is_late_is_no_foreign_record() {
    for how in ["[{slow: 1000}, null]", "[{late: 50}, null]", "['silent', null]"] {
        let mut scene = Scene::new(&format!("{CID} world.behave['sessionData.setAsync'] = {how};"));
        scene
            .fire(NEW)
            .run("world.answer.fingerprint = 'f2'; world.answer.html += '<p>Disclaimer</p>';")
            .fire(RECIPIENTS);
        assert!(signature(&mut scene).contains("Disclaimer"), "{how}");
        assert_eq!(scene.count("addFileAttachmentFromBase64Async"), 1, "{how}");
    }
}

#[test]
fn an_insertion_without_an_answer_that_was_not_done_is_no_removal() {
    let mut scene = Scene::new("world.behave['body.setSignatureAsync'] = ['silent', null]");
    scene.fire(NEW).run(EXTERNAL).fire(RECIPIENTS).fire(RECIPIENTS);
    assert_eq!(scene.state().get("removed"), None);
    assert!(signature(&mut scene).contains("Disclaimer"));
}

#[test]
fn plain_text_on_the_web_is_inserted_again_only_where_it_is_gone() {
    let text = format!("{WEB} world.format = 'text';");
    let mut scene = Scene::new(&format!("{text} world.lost = true;"));
    scene.fire(NEW).run("world.lost = false").fire(RECIPIENTS);
    assert_eq!(signature(&mut scene), "Anna Berg sells");
    let mut scene = Scene::new(&text);
    scene.fire(NEW).run(&format!("{SALES} world.signature = '';")).fire(FROM);
    assert_eq!(signature(&mut scene), "Sales");
}

#[test]
fn a_web_appointment_is_never_prepended_to_twice() {
    let mut scene = Scene::new(&format!(
        "{WEB} world.itemType = 'appointment'; world.bodies = [null, null, '{BEFORE}', '{BEFORE}', '{BEFORE}'];"
    ));
    scene.fire(APPOINTMENT).fire(RECIPIENTS);
    assert_eq!(scene.count("body.prependAsync"), 1);
}

#[test]
fn a_body_that_cannot_be_read_once_does_not_bring_back_what_was_removed() {
    for how in ["fail", "throw", "silent"] {
        let mut scene = Scene::new("");
        scene.fire(NEW).run(&format!(
            "world.signature = ''; world.answer.fingerprint = 'f2'; world.behave['body.getAsync'] = ['{how}', null];"
        ));
        scene.fire(RECIPIENTS);
        assert_eq!(scene.sets().len(), 1, "{how}");
    }
}

#[test]
fn a_sender_who_cannot_be_read_does_not_make_a_removal() {
    for event in [[FROM].as_slice(), &[FROM, RECIPIENTS]] {
        let mut scene = Scene::new(WEB);
        scene.fire(NEW).run(&format!("{SALES} world.signature = ''; world.behave['from.getAsync'] = ['fail', null];"));
        for one in event {
            scene.fire(one);
        }
        assert!(signature(&mut scene).contains("Sales"), "{event:?}");
    }
}

#[test]
fn storage_that_hangs_holds_no_later_event() {
    let mut scene = Scene::new("OfficeRuntime.storage.setItem = function () { return new Promise(function () {}); };");
    scene.start(NEW).until(200).run(EXTERNAL).start(RECIPIENTS).settle();
    assert!(signature(&mut scene).contains("Disclaimer"));
}

#[test]
fn what_was_kept_is_found_without_a_sender_and_in_slow_storage() {
    let away = "world.reopen(); world.itemId = null; world.signature = ''; Office.context.mailbox.item = null;
        world.composeType = 'reply'; world.server = function () { return 'reject'; };";
    for bad in [
        "world.behave['from.getAsync'] = 'fail';",
        "OfficeRuntime.storage.getItem = function (key) { return new Promise(function (resolve) {
            world.later(100, function () { resolve(world.kept[key] || null); }); }); };",
    ] {
        let mut scene = Scene::new("");
        scene.fire(NEW).run(&format!("{away} {bad}")).fire(NEW);
        assert_eq!(scene.state()["source"], "cache", "{bad}");
    }
}

#[test]
fn yesterdays_draft_is_left_alone_when_its_body_comes_empty() {
    let mut scene = Scene::new("world.itemId = 'AAMk='; world.typed = 'A draft from yesterday'; world.bodies = [''];");
    scene.fire(RECIPIENTS);
    assert_eq!(scene.sets().len(), 0);
}

#[test]
fn more_recipients_than_are_sent_are_not_all_known() {
    let mut scene = Scene::new(
        "for (var i = 0; i < 1001; i += 1) world.to.push({emailAddress: 'p' + i + '@paraph.example', recipientType: 'user'});",
    );
    scene.fire(NEW);
    assert!(scene.js::<bool>("world.requests[0].body.recipients_unread"));
}

#[test]
fn with_every_call_at_300_ms_the_right_disclaimer_is_in_the_mail() {
    let mut scene = Scene::new(&format!("{EXTERNAL} world.latency = 300; world.clientSignature = true;"));
    scene.fire(NEW);
    assert!(signature(&mut scene).contains("Disclaimer"));
    assert!(scene.js::<bool>("world.requests[0].body.recipients.length === 1"));
    scene.run("world.answer.html = '<div id=\"paraph-signature\">Another</div>'; world.answer.fingerprint = 'f3';");
    scene.fire(RECIPIENTS);
    assert!(signature(&mut scene).contains("Another"));
}

#[test]
fn what_is_kept_for_outsiders_is_kept_apart() {
    let mut scene = Scene::new("world.to = [{emailAddress: 'omar@paraph.example', recipientType: 'user'}]");
    scene.fire(NEW).run(EXTERNAL).fire(RECIPIENTS);
    for (to, kept) in [
        ("[{emailAddress: 'x@y.example', recipientType: 'externalUser'}]", "Disclaimer"),
        ("[{emailAddress: 'x@y.example'}]", "Disclaimer"),
        ("[{emailAddress: 'omar@paraph.example', recipientType: 'user'}]", "Anna Berg"),
        ("[{emailAddress: 'Omar@Paraph.example'}]", "Anna Berg"),
        ("[]", "Anna Berg"),
    ] {
        scene.run(&format!(
            "world.reopen(); world.itemId = null; world.signature = ''; world.server = function () {{ return 'reject'; }};
            Office.context.mailbox.item = null; world.to = {to};"
        ));
        scene.fire(NEW);
        assert!(signature(&mut scene).contains(kept), "{to}");
    }
}

#[test]
fn with_the_server_away_a_first_reply_gets_what_was_kept_for_new_messages() {
    let mut scene = Scene::new("");
    scene.fire(NEW).run(
        "world.reopen(); world.itemId = null; world.signature = ''; Office.context.mailbox.item = null;
        world.composeType = 'reply'; world.server = function () { return 'reject'; };",
    );
    scene.fire(NEW);
    assert_eq!(scene.state()["source"], "cache");
    assert!(signature(&mut scene).contains("Anna Berg"));
}

#[test]
fn with_the_server_away_a_first_outsider_brings_the_disclaimer_that_was_kept() {
    let mut scene = Scene::new(EXTERNAL);
    scene.fire(NEW).run(
        "world.reopen(); world.itemId = null; world.signature = ''; Office.context.mailbox.item = null; world.to = [];
        world.answer = {html: '<div id=\"paraph-signature\">Within</div>', text: 'Within', images: [], fingerprint: 'f1'};",
    );
    scene.fire(NEW).run("world.server = function () { return 'reject'; }; world.to = [{emailAddress: 'z@z.example'}];");
    scene.fire(RECIPIENTS);
    assert!(signature(&mut scene).contains("Disclaimer"));
    scene.run("world.to = []").fire(RECIPIENTS);
    assert!(signature(&mut scene).contains("Disclaimer"), "what stands is no worse than what is kept");
}

#[test]
fn office_js_6488_a_message_that_was_popped_out_before_its_signature_came_gets_it() {
    let mut scene = Scene::new("world.itemId = 'AAMk=';");
    scene.fire(RECIPIENTS);
    assert_eq!(scene.sets().len(), 1);
}
