//! Several hands on one draft: events that overtake each other, and the pane, older or newer, in between.

use super::{FROM, NEW, RECIPIENTS, Scene};

const PANE: &str = "world.session.paraph = JSON.stringify({fingerprint: 'f1', choice: 'short', source: 'pane', at: 2})";
const EXTERNAL: &str = "world.to = [{emailAddress: 'kim@customer.example', recipientType: 'externalUser'}];
    world.answer = {html: '<div id=\"paraph-signature\">Disclaimer</div>', text: 'Disclaimer', images: [], fingerprint: 'f2'};";
const IMAGES: &str =
    "world.answer.html = '<div id=\"paraph-signature\">Anna Berg<img src=\"cid:a.png\"><img src=\"cid:b.png\"></div>';
    world.answer.images = ['a', 'b'].map(function (name) {
      return {cid: name + '.png', url: 'https://host.example/' + name + '.png', content: 'aGk='}; });";

fn attached(scene: &mut Scene) -> Vec<String> {
    scene.js("world.calls.filter(function (call) { return /^addFile/.test(call.path); }).map(function (call) { return call.args[1]; })")
}

#[test]
fn the_pane_s_insertion_in_the_meantime_wins() {
    let mut scene = Scene::new("world.server = function () { return {status: 200, body: world.answer, after: 1000}; }");
    scene
        .start(NEW)
        .until(500)
        .run("world.session.paraph = JSON.stringify({fingerprint: 'p', choice: 'short', source: 'pane', at: 1})")
        .settle();
    assert_eq!(scene.sets().len(), 0);
    assert_eq!(scene.state()["source"], "pane");
}

#[test]
fn what_the_pane_wrote_while_the_server_confirmed_the_signature_stays() {
    for at in [100, 900] {
        let mut scene = Scene::new("");
        scene.fire(NEW).run("world.server = function () { return {status: 200, body: world.answer, after: 1000}; }");
        scene.start(RECIPIENTS).until(at).run(PANE).settle();
        assert_eq!(scene.state()["choice"], "short", "{at}");
        assert_eq!(scene.state()["source"], "pane", "{at}");
    }
}

#[test]
fn what_the_pane_wrote_while_no_answer_came_stays() {
    let mut scene = Scene::new("world.server = function () { return 'hang'; }");
    scene.start(NEW).until(3_000).run(PANE).settle();
    assert_eq!(scene.state()["choice"], "short");
}

#[test]
fn what_the_pane_wrote_while_an_insertion_failed_stays() {
    let mut scene = Scene::new("world.behave['body.setSignatureAsync'] = [{slow: 1000, code: 9000}, {code: 9000}]");
    scene.start(NEW).until(500).run(PANE).settle();
    assert_eq!(scene.state()["choice"], "short");
}

#[test]
fn what_was_inserted_is_recorded_even_if_somebody_else_wrote_during_a_slow_insertion() {
    let mut scene = Scene::new("world.behave['body.setSignatureAsync'] = {slow: 1000}");
    scene.start(NEW).until(500).run("world.session.paraph = JSON.stringify({event: 'other', at: 2})").settle();
    assert_eq!(scene.state()["fingerprint"], "f1");
}

#[test]
fn samples_1038_the_recipients_of_a_reply_that_overtake_it_turn_outlook_s_own_signature_off() {
    let mut scene = Scene::new("world.composeType = 'reply'; world.clientSignature = true;");
    scene.start(NEW).until(12).start(RECIPIENTS).settle();
    assert_eq!(scene.sets().len(), 1);
    assert!(!scene.js::<bool>("world.clientSignature"));
}

#[test]
fn an_external_recipient_added_during_a_slow_insertion_still_brings_the_disclaimer() {
    let mut scene = Scene::new("world.behave['body.setSignatureAsync'] = [{slow: 2800}, null]");
    scene.start(NEW).until(300).run(EXTERNAL).start(RECIPIENTS).settle();
    assert_eq!(scene.js::<String>("world.signature"), r#"<div id="paraph-signature">Disclaimer</div>"#);
    assert_eq!(scene.state()["fingerprint"], "f2");
    assert_eq!(scene.requests(), 2);
}

#[test]
fn after_a_wait_the_draft_is_read_whole_even_by_a_slow_host() {
    let mut scene = Scene::new("world.behave['body.setSignatureAsync'] = [{slow: 2000}, null]");
    scene.start(NEW).until(300).run(EXTERNAL).run("world.latency = 60;").start(RECIPIENTS).settle();
    assert_eq!(scene.js::<usize>("world.requests[1].body.recipients.length"), 1);
    assert_eq!(scene.state()["fingerprint"], "f2");
}

#[test]
fn of_several_that_wait_for_a_slow_insertion_the_last_works_and_none_beside_it() {
    let mut scene = Scene::new("world.behave['body.setSignatureAsync'] = [{slow: 2500}, null]");
    scene.start(NEW).until(300).start(RECIPIENTS).until(200).start(FROM).until(300);
    scene.run(EXTERNAL).start(RECIPIENTS).settle();
    assert_eq!(scene.sets().len(), 2);
    assert_eq!(scene.state()["fingerprint"], "f2");
}

#[test]
fn a_third_event_does_not_insert_beside_an_insertion_that_the_second_gave_up_waiting_for() {
    let mut scene = Scene::new("world.behave['body.setSignatureAsync'] = [{slow: 4200}, null]");
    scene.start(NEW).until(100).start(RECIPIENTS).until(3_050).run(EXTERNAL).start(FROM).settle();
    assert_eq!(scene.sets().len(), 2);
    assert!(scene.js::<i64>("world.sets()[1].at") > 1_000, "after the first is over");
    assert_eq!(scene.state()["fingerprint"], "f2");
}

#[test]
fn a_server_that_is_slow_after_a_wait_leaves_time_for_the_kept_answer() {
    let mut scene = Scene::new("");
    scene.fire(NEW).run(
        "world.reopen(); world.itemId = null; world.signature = ''; world.requests = []; world.latency = 40;
        world.behave['body.setSignatureAsync'] = [{slow: 2400, code: 9000}, {code: 9000}, null];
        world.server = function (request, number) { return number > 1 && 'hang' || {status: 200, body: world.answer, after: 20}; };",
    );
    scene.start(NEW).until(500).start(RECIPIENTS).settle();
    assert_eq!(scene.state()["source"], "cache");
}

#[test]
fn office_js_6402_the_images_of_an_overtaken_run_are_not_attached_again() {
    for at in [490, 590, 690] {
        let mut scene = Scene::new(&format!(
            "{IMAGES} world.latency = 70; world.behave['isClientSignatureEnabledAsync'] = 'missing';"
        ));
        scene.start(NEW).until(at).start(RECIPIENTS).until(20).start(RECIPIENTS).settle();
        assert_eq!(attached(&mut scene), ["a.png", "b.png"], "{at}");
        assert_eq!(scene.sets().len(), 1, "{at}");
        assert!(scene.sets()[0].0.contains("cid:a.png"), "{at}");
        assert_eq!(scene.state()["cids"], serde_json::json!(["a.png", "b.png"]), "{at}");
    }
}

#[test]
fn office_js_6402_the_images_of_a_failed_insertion_are_not_attached_again() {
    let mut scene = Scene::new(&format!(
        "{IMAGES} world.behave['body.setSignatureAsync'] = [{{code: 9000}}, {{code: 9000, slow: 1500}}, null];
        world.behave['sessionData.setAsync'] = ['fail', null];"
    ));
    scene.start(NEW).until(600).start(RECIPIENTS).settle();
    assert_eq!(attached(&mut scene), ["a.png", "b.png"]);
    assert!(scene.sets()[2].0.contains("cid:b.png"));
}

#[test]
fn a_signature_of_an_older_pane_whose_id_was_dropped_does_not_count_as_removed() {
    let older = "world.session.paraph = JSON.stringify({fingerprint: 'p', source: 'pane', at: 1});
        world.signature = '<p class=MsoNormal>A wording of before</p>';";
    for event in [RECIPIENTS, FROM] {
        let mut scene = Scene::new(&format!(
            "Office.context.platform = 'OfficeOnline'; Office.context.mailbox.diagnostics.hostName = 'OutlookWebApp'; {older}"
        ));
        scene.fire(event);
        assert_eq!(scene.state()["fingerprint"], "f1", "{event}");
        assert_eq!(scene.state().get("removed"), None, "{event}");
    }
}
