//! The server, its token, and the last good answer.

use super::{FROM, NEW, RECIPIENTS, Scene};

const PAGE: &str = "var localStorage = {values: {}, getItem: function (key) { var value = this.values[key]; return value === undefined ? null : value; },
    setItem: function (key, value) { this.values[key] = value; }};";
const KEPT: &str = "var kept = {html: '<div id=\"paraph-signature\">Kept</div>', text: 'Kept', fingerprint: 'f0', name: 'Standard', at: world.now - 1000};
    world.kept['paraph|anna.berg@paraph.example|anna.berg@paraph.example|new|html'] = JSON.stringify(kept);";
const BRIDGE: &str = "var nestedAppAuthBridge = {sent: [], mode: 'good', listeners: [], addEventListener: function (name, listener) { this.listeners.push(listener); },
    postMessage: function (json) {
      var self = this; var request = JSON.parse(json); self.sent.push(request);
      if (self.mode === 'silent') return;
      if (self.mode === 'throw') throw new Error('bridge');
      var reply = {messageType: 'NestedAppAuthResponse', requestId: request.requestId, success: true};
      if (request.method === 'GetInitContext') reply.initContext = {sdkName: 'demo'};
      else if (self.mode === 'refuse') { reply.success = false; reply.error = {status: 'USER_INTERACTION_REQUIRED'}; }
      else reply.token = {access_token: 'naa-' + self.sent.length, expires_in: 3600};
      world.later(1, function () { self.listeners.forEach(function (listener) { listener('noise'); listener({data: JSON.stringify(reply)}); }); });
    }};";

fn scene(parts: &[&str]) -> Scene {
    Scene::new(&parts.join("\n"))
}

fn bearers(scene: &mut Scene) -> Vec<String> {
    scene.js("world.requests.map(function (one) { return one.options.headers.Authorization; })")
}

#[test]
fn the_server_is_asked_at_its_absolute_address() {
    let mut scene = Scene::new("");
    scene.fire(NEW);
    assert_eq!(scene.js::<String>("world.requests[0].url"), format!("http://127.0.0.1:4000{}", api::paths::SIGNATURE));
    assert_eq!(scene.js::<String>("world.requests[0].options.method"), "POST");
    assert_eq!(bearers(&mut scene), ["Bearer token-1"]);
}

#[test]
fn nested_app_authentication_comes_first_and_its_token_is_used_again() {
    let mut scene = scene(&[BRIDGE]);
    scene.fire(NEW).fire(NEW);
    assert_eq!(bearers(&mut scene), ["Bearer naa-2", "Bearer naa-2"]);
    let sent: Vec<String> = scene.js("nestedAppAuthBridge.sent.map(function (one) { return one.method; })");
    assert_eq!(sent, ["GetInitContext", "GetToken"]);
    assert_eq!(
        scene.js::<serde_json::Value>(
            "(function (one) { delete one.correlationId; return one; })(nestedAppAuthBridge.sent[1].tokenParams)"
        ),
        serde_json::json!({
            "clientId": "66666666-7777-4888-9999-aaaaaaaaaaaa", "authority": "http://127.0.0.1:4000/demo",
            "scope": "api://127.0.0.1:4000/66666666-7777-4888-9999-aaaaaaaaaaaa/access_as_user",
            "authenticationScheme": "Bearer", "extraParameters": {},
        })
    );
}

#[test]
fn office_js_5113_6610_a_bridge_that_refuses_leaves_it_to_get_access_token() {
    for mode in ["refuse", "throw", "silent"] {
        let mut scene = scene(&[BRIDGE, &format!("nestedAppAuthBridge.mode = '{mode}'")]);
        scene.fire(NEW);
        assert_eq!(bearers(&mut scene), ["Bearer token-1"], "{mode}");
        assert_eq!(scene.sets().len(), 1, "{mode}");
    }
}

#[test]
fn office_js_2942_3706_get_access_token_that_hangs_does_not_hold_the_draft_up() {
    let mut scene =
        scene(&["OfficeRuntime.auth.getAccessToken = function () { return new Promise(function () {}); };", KEPT]);
    scene.fire(NEW);
    assert_eq!(scene.sets()[0].0, "<div id=\"paraph-signature\">Kept</div>");
    assert!(scene.js::<i64>("world.sets()[0].at") < 2_300);
}

#[test]
fn two_events_at_once_ask_for_one_token() {
    let mut scene = Scene::new(
        "OfficeRuntime.auth.getAccessToken = function () {
           world.tokens += 1;
           return new Promise(function (resolve) { world.later(300, function () { resolve('token'); }); });
         };",
    );
    scene.start(NEW).until(100).start(RECIPIENTS).settle();
    assert_eq!(scene.js::<usize>("world.tokens"), 1, "overlapping calls fail with 13008");
    assert_eq!(scene.sets().len(), 1);
}

#[test]
fn office_auth_is_the_last_source_of_a_token() {
    let mut scene = Scene::new(
        "OfficeRuntime.auth = undefined; Office.auth = {getAccessToken: function (options) { world.options = options; return Promise.resolve('sso'); }};",
    );
    scene.fire(NEW);
    assert_eq!(bearers(&mut scene), ["Bearer sso"]);
    assert!(
        !scene.js::<bool>("world.options.allowSignInPrompt || world.options.allowConsentPrompt"),
        "an event must not ask anybody anything"
    );
}

#[test]
fn a_refused_token_is_replaced_once() {
    let mut scene = Scene::new(
        "world.server = function (request, number) { if (number === 1) return {status: 401, body: {}}; return {status: 200, body: world.answer}; }",
    );
    scene.fire(NEW);
    assert_eq!(bearers(&mut scene), ["Bearer token-1", "Bearer token-2"]);
    assert_eq!(scene.sets().len(), 1);
}

#[test]
fn a_refused_token_that_is_given_once_more_is_not_sent_once_more() {
    let mut scene = Scene::new(
        "world.server = function () { return {status: 401, body: {}}; };
         OfficeRuntime.auth.getAccessToken = function () { return Promise.resolve('stale'); };",
    );
    scene.fire(NEW);
    assert_eq!(scene.requests(), 1);
}

#[test]
fn a_token_that_stays_refused_is_not_asked_for_again_and_again() {
    let mut scene = Scene::new("world.server = function () { return {status: 401, body: {}}; }");
    scene.fire(NEW);
    assert_eq!(scene.requests(), 2);
    assert_eq!(scene.sets().len(), 0);
}

#[test]
fn office_js_3907_4474_6465_network_request_failed_is_tried_again_at_once() {
    let mut scene = Scene::new(
        "world.server = function (request, number) { if (number === 1) return 'reject'; return {status: 200, body: world.answer}; }",
    );
    scene.fire(NEW);
    assert_eq!(scene.requests(), 2);
    assert_eq!(scene.sets().len(), 1);
}

#[test]
fn with_the_server_away_the_last_good_answer_is_inserted_at_once() {
    let mut scene = scene(&["world.server = function () { return 'reject'; }", KEPT]);
    scene.fire(NEW);
    assert_eq!(scene.sets()[0].0, "<div id=\"paraph-signature\">Kept</div>");
    assert!(scene.js::<i64>("world.sets()[0].at") < 100);
    assert_eq!(scene.state()["source"], "cache");
    assert_eq!(scene.state()["fingerprint"], "f0");
    assert_eq!(scene.state()["error"], "server: cannot be reached (Network request failed)");
}

#[test]
fn with_no_server_and_nothing_kept_the_event_still_completes() {
    let mut scene = Scene::new("world.server = function () { return 'hang'; }");
    scene.fire(NEW);
    assert_eq!(scene.sets().len(), 0);
    assert_eq!(scene.state()["fingerprint"], "");
}

#[test]
fn a_server_that_needs_more_than_2_s_gives_way_and_its_late_answer_is_kept_for_the_next_draft() {
    let mut scene =
        scene(&["world.server = function () { return {status: 200, body: world.answer, after: 3000}; }", KEPT]);
    scene.fire(NEW);
    let sets = scene.sets();
    assert_eq!(sets.len(), 1, "never one over the other");
    assert!(sets[0].0.contains("Kept"));
    assert!((2_000..2_300).contains(&scene.js::<i64>("world.sets()[0].at")));
    assert!(
        scene
            .js::<String>("world.kept['paraph|anna.berg@paraph.example|anna.berg@paraph.example|new|html']")
            .contains("sells")
    );
}

#[test]
fn a_late_answer_is_inserted_when_nothing_was_kept() {
    let mut scene = Scene::new("world.server = function () { return {status: 200, body: world.answer, after: 3000}; }");
    scene.fire(NEW);
    assert_eq!(scene.sets().len(), 1);
    assert_eq!(scene.state()["source"], "server");
}

#[test]
fn an_answer_that_comes_too_late_is_only_kept() {
    let mut scene = Scene::new("world.server = function () { return {status: 200, body: world.answer, after: 8000}; }");
    scene.fire(NEW);
    assert_eq!(scene.sets().len(), 0);
    assert_eq!(scene.js::<usize>("world.answers().length"), 1);
}

#[test]
fn an_answer_older_than_30_days_is_not_used() {
    let mut scene = scene(&[
        "world.server = function () { return 'reject'; }",
        KEPT,
        "kept.at -= 30 * 24 * 3600000; world.kept[Object.keys(world.kept)[0]] = JSON.stringify(kept);",
    ]);
    scene.fire(NEW);
    assert_eq!(scene.sets().len(), 0);
}

#[test]
fn errors_and_nonsense_from_the_server_count_as_away() {
    for (reply, told) in [
        ("{status: 500, body: 'oops'}", "server: 500"),
        (
            "{status: 403, body: {errors: [{detail: 'You may not send as them.'}]}}",
            "server: 403 You may not send as them.",
        ),
        ("{status: 200, body: '<html>'}", "server: an answer that is none"),
        ("{status: 200, body: {html: 1, text: '', fingerprint: ''}}", "server: an answer that is none"),
        ("{status: 200, body: 'null'}", "server: an answer that is none"),
    ] {
        let mut scene = scene(&[&format!("world.server = function () {{ return {reply}; }}"), KEPT]);
        scene.fire(NEW);
        assert!(scene.sets()[0].0.contains("Kept"), "{reply}");
        assert_eq!(scene.state()["error"], told);
    }
}

#[test]
fn what_is_kept_shows_images_from_where_they_are_hosted() {
    let mut scene = Scene::new(
        "world.answer.html = '<div id=\"paraph-signature\"><img src=\"cid:logo-1.png\"></div>';
        world.answer.images = [{cid: 'logo-1.png', url: 'https://host.example/logo.png', content: 'aGk='}];",
    );
    scene.fire(NEW);
    let kept: String = scene.js("world.kept[Object.keys(world.kept)[0]]");
    assert!(kept.contains("https://host.example/logo.png") && !kept.contains("cid:") && !kept.contains("aGk="));
}

#[test]
fn answers_to_a_choice_are_not_kept() {
    let mut scene = Scene::new("world.session.paraph = JSON.stringify({fingerprint: '', choice: 'short', at: 1})");
    scene.fire(NEW);
    assert_eq!(scene.sets().len(), 1);
    assert_eq!(scene.js::<usize>("world.answers().length"), 0);
}

#[test]
fn a_signature_that_stands_is_not_replaced_by_a_kept_one_when_recipients_change() {
    let mut scene = scene(&[KEPT]);
    scene.fire(NEW).run("world.server = function () { return 'reject'; }; world.kept[Object.keys(world.kept)[0]] = JSON.stringify(kept);").fire(RECIPIENTS);
    assert_eq!(scene.sets().len(), 1);
    assert_eq!(scene.state()["fingerprint"], "f1");
}

#[test]
fn a_new_sender_gets_the_kept_answer_for_that_sender() {
    let mut scene = scene(&[
        KEPT,
        "world.kept['paraph|anna.berg@paraph.example|sales@paraph.example|new|html'] = JSON.stringify(Object.assign({}, kept, {html: 'Sales', fingerprint: 's'}));",
    ]);
    scene
        .fire(NEW)
        .run("world.server = function () { return 'reject'; }; world.sender = 'sales@paraph.example';")
        .fire(FROM);
    assert_eq!(scene.sets()[1].0, "Sales");
}

#[test]
fn local_storage_is_keyed_by_office_s_partition() {
    let mut scene = scene(&[PAGE, "Office.context.partitionKey = 'part';"]);
    scene.fire(NEW);
    let keys: Vec<String> = scene.js("Object.keys(localStorage.values)");
    assert_eq!(keys, ["partparaph|anna.berg@paraph.example|anna.berg@paraph.example|new|html", "partparaph|weather"]);
    scene.run("world.session = {}; world.signature = ''; world.server = function () { return 'reject'; }").fire(NEW);
    assert_eq!(scene.sets().len(), 2);
}

#[test]
fn blocked_local_storage_is_passed_over() {
    let mut scene = Scene::new(
        "var localStorage = {setItem: function () { throw new Error('quota'); }, getItem: function () { throw new Error('blocked'); }};",
    );
    scene.fire(NEW);
    assert_eq!(scene.js::<usize>("world.answers().length"), 1);
}

#[test]
fn roaming_settings_stand_in_and_stay_below_their_32_kb() {
    let mut scene = Scene::new(
        "OfficeRuntime.storage = undefined; world.answer.html = '<div id=\"paraph-signature\">' + '\\u00fc'.repeat(3000) + '</div>';",
    );
    for sender in ["a", "b", "c", "d", "e"] {
        scene
            .run(&format!("world.sender = '{sender}@paraph.example'; world.session = {{}}; world.signature = '';"))
            .fire(NEW);
    }
    let kept: String = scene.js("Office.context.roamingSettings.values.paraph");
    assert!(kept.len() < 32_000, "{}", kept.len());
    assert!(kept.contains("|e@paraph.example|") && !kept.contains("|a@paraph.example|"), "the oldest goes first");
    assert_eq!(scene.count("roamingSettings.saveAsync"), 5);
    scene.run("world.session = {}; world.signature = ''; world.server = function () { return 'reject'; }").fire(NEW);
    assert_eq!(scene.state()["source"], "cache");
}
