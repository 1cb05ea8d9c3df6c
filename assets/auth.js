/*
 * The sign-in window, for hosts that give the pane no token themselves: authorization code with PKCE (RFC 7636) at the
 * authority, then the access token to the pane. Opened without a code it leaves for the authority; the authority sends the
 * person back here with one. Nothing outlives the window: verifier and state are in sessionStorage and deleted at once.
 */
(function () {
  "use strict";

  var settings = JSON.parse(document.getElementById("settings").textContent);
  var redirect = settings.origin + "/auth.html";
  var KEY = "paraph-sign-in";

  function say(words) {
    document.getElementById("words").textContent = words;
  }

  // For people: what browsers say of a failed request tells them nothing.
  var AWAY = "The sign-in server could not be reached. Check the connection, close this window and try again.";

  function sayWhy(error) {
    say(error instanceof TypeError ? AWAY : String(error.message || error));
  }

  function base64url(bytes) {
    return btoa(String.fromCharCode.apply(null, new Uint8Array(bytes)))
      .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }

  function random() {
    return base64url(crypto.getRandomValues(new Uint8Array(32)));
  }

  async function leave() {
    var kept = { verifier: random(), state: random() };
    sessionStorage.setItem(KEY, JSON.stringify(kept));
    // Office.js learns here what it is inside of and keeps it; the address that the authority sends back to no longer says so.
    await Promise.race([officeReady(), new Promise(function (resolve) { setTimeout(resolve, 5000); })]);
    var challenge = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(kept.verifier));
    location.replace(settings.authority + "/oauth2/v2.0/authorize?" + new URLSearchParams({
      client_id: settings.client_id, response_type: "code", redirect_uri: redirect, response_mode: "query",
      scope: "openid profile " + settings.scope, state: kept.state, code_challenge: base64url(challenge),
      code_challenge_method: "S256", prompt: "select_account",
    }));
  }

  async function redeem(answer) {
    var kept = JSON.parse(sessionStorage.getItem(KEY) || "{}");
    sessionStorage.removeItem(KEY);
    if (answer.has("error")) throw new Error(answer.get("error_description") || answer.get("error"));
    if (!kept.state || answer.get("state") !== kept.state) throw new Error("This sign-in was not begun in this window.");
    var response = await fetch(settings.authority + "/oauth2/v2.0/token", {
      method: "POST",
      body: new URLSearchParams({
        client_id: settings.client_id, grant_type: "authorization_code", code: answer.get("code"), redirect_uri: redirect,
        code_verifier: kept.verifier, scope: "openid profile " + settings.scope,
      }),
    }).catch(function () { throw new Error(AWAY); });
    var token = await response.json().catch(function () { throw new Error(AWAY); });
    if (!token.access_token) throw new Error(token.error_description || "The authority gave no token.");
    return { token: token.access_token, seconds: Number(token.expires_in) || 300 };
  }

  function officeReady() {
    return new Promise(function (resolve, reject) {
      var script = document.getElementById("office");
      function announce() {
        Office.onReady(resolve);
      }
      if (typeof Office !== "undefined" && Office.onReady) announce();
      else {
        script.addEventListener("load", announce);
        script.addEventListener("error", function () { reject(new Error("Office.js could not be loaded.")); });
      }
    });
  }

  // Only our own pane may be told: the parent has this very origin, which Outlook makes sure of.
  async function tell(message) {
    await officeReady();
    Office.context.ui.messageParent(JSON.stringify(message));
    say("You can close this window.");
  }

  var answer = new URLSearchParams(location.search);
  if (answer.has("code") || answer.has("error")) {
    redeem(answer).catch(function (error) { return { error: String(error.message || error) }; }).then(function (message) {
      if (message.error) say(message.error);
      return tell(message);
    }).catch(sayWhy);
  } else {
    leave().catch(sayWhy);
  }
})();
