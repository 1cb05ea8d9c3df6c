//! What Outlook does not say, says late or says wrongly: not known is never taken for not there.

use super::{FROM, NEW, RECIPIENTS, Scene};

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
