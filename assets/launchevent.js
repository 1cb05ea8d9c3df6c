/*
 * Paraph's event handler: puts the signature into the draft when Outlook says that something began or changed.
 *
 * One file for every platform. Classic Outlook on Windows runs it alone, without window, document, URL or localStorage,
 * and up to ES2016 only: no async, no ternary operator. Elsewhere launchevent.html loads it. It decides nothing about
 * signatures; the server does. #1234 is a thread of github.com/OfficeDev/office-js.
 *
 * First the server, for 2 s; then the last good answer on this client, if younger than 30 days; then the server again
 * while time is left. Never the kept answer and the server's over it, except when recipients come late: inserting twice
 * stacks signatures (#6402), eats the line above (#6457) and takes the focus (#2163).
 */
(function () {
  "use strict";

  var SETTINGS = /*settings*/{"origin":"http://127.0.0.1:4000","version":"dev","client_id":"66666666-7777-4888-9999-aaaaaaaaaaaa","authority":"http://127.0.0.1:4000/demo","scope":"api://127.0.0.1:4000/66666666-7777-4888-9999-aaaaaaaaaaaa/access_as_user","office_js":"http://127.0.0.1:4000/demo/office.js"}/*end settings*/;

  var NEW = "paraphOnNewMessage";
  var RECIPIENTS = "paraphOnRecipientsChanged";
  var FROM = "paraphOnFromChanged";
  var APPOINTMENT = "paraphOnNewAppointment";

  // When each stage has to be over, in ms since the event, which is completed at END whatever happens. GATHERED, and LISTED for
  // people, count from when the work begins, after WAIT at most, but end with LATEST.
  var WAIT = 3000;
  var GATHERED = 1500;
  var LISTED = 2600;
  var LATEST = 3300;
  var LATE_ANSWER = 3700;
  var PREPARED = 4000;
  var INSERTED = 4400;
  var END = 4700;
  // How long one call (but for those that may take all of their stage), the server, and one token source alone may take.
  var CALL = 450;
  var SERVER = 2000;
  var HEDGE = 600;
  // Pauses before a body that lacks our signature is read again: it may be empty, or from before, for a while.
  var PAUSES = [250, 500, 1000];

  var KEEP = 30 * 24 * 3600 * 1000;
  var KEY = "paraph";
  // What was measured and not sent yet: of so many events, with so many calls each.
  var WEATHER = "paraph|weather";
  var EVENTS = 4;
  var CALLS = 60;
  var MAX_HTML = 30000;
  var STOP = { stop: true };

  function later(ms, action) {
    if (typeof setTimeout === "function") {
      return setTimeout(action, ms);
    }
    return null;
  }

  function cancel(timer) {
    if (timer !== null && typeof clearTimeout === "function") {
      clearTimeout(timer);
    }
  }

  /** The promise's value; undefined when it fails or `ms` are over. */
  function within(ms, promise) {
    return new Promise(function (resolve) {
      var timer = later(Math.max(ms, 0), resolve);
      promise.then(function (value) {
        cancel(timer);
        resolve(value);
      }, function () {
        cancel(timer);
        resolve();
      });
    });
  }

  function pause(ms) {
    return new Promise(function (resolve) {
      if (!later(ms, resolve)) {
        resolve();
      }
    });
  }

  function left(run, until) {
    return run.start + until - Date.now();
  }

  var READS = /(^|\.)(get|is)\w*Async$/;
  var NOT_OFFERED = "not offered here";
  var NO_TIME = "no time left";
  var queue = Promise.resolve();

  /**
   * Calls `path` below `root`: {ok, value} or {ok: false, error, silent}, whatever the host does; rejects only for a run
   * that is over or overtaken. What only reads runs side by side, all else one after the other. `most`: ms, when not CALL.
   */
  function office(run, until, root, path, args, most) {
    var reads = READS.test(path);
    var turn = Promise.resolve(reads || queue).then(function () {
      if (!run.open || (run !== newest && !run.setting)) {
        throw STOP;
      }
      return measured(run, path, new Promise(function (resolve) {
        // what is being set may take all the time that is left: given up, it would be done all the same
        var sets = run.setting && !reads && /^body/.test(path);
        var ms = Math.min(left(run, until), END, Math.max(most || CALL, left(run, INSERTED) * Number(sets)));
        if (ms <= 0) {
          fail({ message: NO_TIME });
          return;
        }
        var timer = later(ms, function () {
          resolve({ ok: false, silent: true, error: { message: "no answer" } });
        });
        function fail(error) {
          cancel(timer);
          resolve({ ok: false, error: error || {} });
        }
        try {
          var steps = path.split(".");
          var method = steps.pop();
          var object = steps.reduce(function (parent, step) {
            return parent && parent[step];
          }, root);
          if (!object || typeof object[method] !== "function") {
            fail({ message: NOT_OFFERED });
            return;
          }
          object[method].apply(object, args.concat(function (result) {
            if (!result || result.status !== "succeeded") {
              fail(result && result.error);
              return;
            }
            cancel(timer);
            resolve({ ok: true, value: result.value });
          }));
        } catch (error) {
          fail(error);
        }
      }));
    });
    if (!reads) {
      queue = turn.catch(function () {});
    }
    return turn;
  }

  /** Notes how long something takes and how it fails, for the server's statistics; gives `promise`. */
  function measured(run, call, promise) {
    var one = { call: call, at: Date.now(), error: "no answer" };
    run.calls.push(one);
    promise.then(function (result) {
      var error = result.error || {};
      one.ms = Date.now() - one.at;
      if (result.status && result.status !== 200) {
        one.error = String(result.status);
      } else if (!result.silent) {
        one.error = result.error && ([error.code, error.name].filter(Boolean).join(" ") || "unknown");
      }
      if (error.message === NOT_OFFERED || error.message === NO_TIME) {
        one.call = ""; // was not made
      }
    }, function () {
      one.ms = Date.now() - one.at;
    });
    return promise;
  }

  /** What this event measured: names, times and codes, nothing that somebody wrote. */
  function weather(run) {
    return {
      version: run.draft.version, ms: Date.now() - run.start, unread: run.draft.recipients_unread, unseen: run.state.unseen,
      kept: Boolean(run.inserted && run.state.source === "cache") || undefined, late: run.ended,
      calls: run.calls.filter(function (one) {
        return one.call;
      }).slice(0, CALLS).map(function (one) {
        var ms = one.ms;
        if (ms === undefined) {
          ms = Date.now() - one.at;
        }
        return { call: one.call.slice(0, 60), ms: ms, error: one.error && one.error.slice(0, 60) };
      })
    };
  }

  var unsent = []; // where nothing can be stored

  /** Keeps it until the next request, which takes it along: after this event, classic Outlook ends the runtime. */
  function keepWeather(run) {
    if (!run.item || run !== newest) {
      return Promise.resolve();
    }
    unsent = (run.passed && run.passed.unsent || []).concat(run.unsent, weather(run)).slice(-EVENTS);
    return within(CALL, stored(run, WEATHER, JSON.stringify(unsent)));
  }

  /** Takes up, from where it is kept, what earlier events measured. The request does not wait for it. */
  function takeWeather(run) {
    stored(run, WEATHER).then(function (json) {
      if (json === undefined) {
        run.unsent = unsent;
      } else if (json) {
        run.unsent = [].concat(parse(json)).slice(-EVENTS);
        stored(run, WEATHER, "[]").catch(function () {});
      }
    }).catch(function () {});
  }

  /** Whether this client does not offer what was called. */
  function isMissing(result) {
    return Boolean(result.error) && result.error.message === NOT_OFFERED;
  }

  /** What the item says, or undefined. */
  function ask(run, until, path, args, most) {
    return office(run, until, run.item, path, args || [], most).then(function (result) {
      if (result.ok) {
        return result.value;
      }
      return undefined;
    });
  }

  function note(run, what, error) {
    var text = what;
    if (error) {
      var words = [error.code, error.name, error.message];
      if (!error.code && /Error$/.test(error.name)) { // JavaScript's own, whose name tells people nothing
        words = [what === "server" && "cannot be reached" || "an error inside Outlook", "(" + error.message + ")"];
      }
      text += ": " + words.filter(Boolean).join(" ");
      if (error.code === 5001) {
        text += " (perhaps a group policy blocks \"Web Pages\" files)"; // #5038
      }
    }
    run.error = text.slice(0, 200);
  }

  function parse(json) {
    try {
      var value = JSON.parse(json);
      if (value && typeof value === "object") {
        return value;
      }
    } catch (error) {
      // nonsense counts as nothing
    }
    return {};
  }

  var REPLY = /^\s*(re|r|aw|sv|vs|antw|rif|res|odp|ynt|ref|\u56de\u590d|\u7b54\u590d)\s*(\[\d+\])?\s*[:\uff1a]/i;
  var FORWARD = /^\s*(fwd?|wg|tr|vb|vl|rv|enc|doorst|i|pd|\u8f6c\u53d1)\s*(\[\d+\])?\s*[:\uff1a]/i;
  var PLAUSIBLE = /^[^\s<>()[\],;:\\"@\x00-\x1f\x7f-\x9f]+@[^\s<>()[\],;:\\"@\x00-\x1f\x7f-\x9f]+$/;

  /** UTF-8 bytes, at most. */
  function bytes(text) {
    return text.replace(/[^\x00-\x7f]/g, "xxx").length;
  }

  function address(details) {
    var text = String(details && details.emailAddress || "").trim();
    if (PLAUSIBLE.test(text) && !/@(.*\.)?\.|\.$/.test(text) && bytes(text) <= 254) {
      return text;
    }
    return undefined;
  }

  /** getComposeTypeAsync says "newMail" for some replies (#6652, #6739, #4835) or fails (#4933, #2084): then new. */
  function kindOf(item, composeType, subject) {
    if (composeType === "reply" || composeType === "forward") {
      return composeType;
    }
    if (item.inReplyTo || item.conversationId) {
      if (FORWARD.test(subject)) {
        return "forward";
      }
      if (item.inReplyTo || REPLY.test(subject)) {
        return "reply";
      }
    }
    return "new";
  }

  function gather(run) {
    var item = run.item;
    var draft = run.draft;
    var sender = "from.getAsync";
    if (run.appointment) {
      sender = "organizer.getAsync";
    }
    function get(path, until) {
      return ask(run, until || run.gathered, path, [], END);
    }
    return Promise.all([
      get("getComposeTypeAsync"), // absent on appointments (#2950)
      get("body.getTypeAsync"), // which mobile does not have
      get(sender, run.listed),
      get("subject.getAsync"),
      list(run, run.listed)
    ]).then(function (got) {
      var type = got[0] || {};
      var format = type.coercionType || got[1];
      if (String(format).toLowerCase() === "text") {
        draft.format = "text";
      }
      draft.from = address(got[2]); // undefined (#6934, #4193): the server takes the signed-in person
      // servers refuse half a surrogate pair
      draft.subject = String(got[3] || "").slice(0, 255).replace(/[\ud800-\udbff](?![\udc00-\udfff])/g, "")
        .replace(/([^\ud800-\udbff]|^)[\udc00-\udfff]/g, "$1");
      draft.kind = kindOf(item, type.composeType, draft.subject);
      if (run.appointment) {
        draft.kind = "appointment";
      }
      draft.time_zone = zone();
    });
  }

  /** The computer's time zone, such as Europe/Paris; classic Outlook's runtime need not know one. */
  function zone() {
    try {
      return Intl.DateTimeFormat().resolvedOptions().timeZone || undefined;
    } catch (error) {
      return undefined;
    }
  }

  /** Reads the recipients. A list that does not come leaves them unread, which is not the same as none. */
  function list(run, until) {
    var fields = ["to", "cc", "bcc"];
    if (run.appointment) {
      fields = ["requiredAttendees", "optionalAttendees"];
    }
    function get(field) {
      return office(run, until, run.item, field + ".getAsync", [], END);
    }
    return Promise.all(fields.map(function (field) {
      return get(field).then(function (result) {
        if (result.ok || result.silent || isMissing(result)) {
          return result;
        }
        return get(field); // it failed: once more
      });
    })).then(function (lists) {
      run.draft.recipients = [];
      lists.forEach(function (result) {
        recipients(run.draft, result.value);
      });
      run.draft.recipients_unread = run.draft.recipients.length === 1000 || lists.some(function (result) {
        return !Array.isArray(result.value) && !isMissing(result);
      }) || undefined;
    });
  }

  function recipients(draft, people) {
    if (!Array.isArray(people)) {
      return;
    }
    people.forEach(function (person) {
      var known = address(person);
      var type = { user: "user", externalUser: "external_user", distributionList: "distribution_list" }[person && person.recipientType];
      if (known && draft.recipients.length < 1000) {
        draft.recipients.push({ address: known, type: type || "other" });
      }
    });
  }

  // Where the quoted mail (or Teams' invitation) begins: the signatures in there are not this draft's.
  var QUOTE = {
    html: /<div[^>]+id=["']?(x_)*(divRplyFwdMsg|mail-editor-reference-message-container|OLK_SRC_BODY_SECTION|ms-outlook-mobile-body-separator)|<hr[^>]+id=["']?(x_)*stopSpelling|border-top:\s*solid\s+#(E1E1E1|B5C4DF)|<blockquote|class=["']?(gmail_quote|OutlookMessageHeader)|_{20,}|-{4,}\s*Original/i,
    text: /^\s*_{20,}|^\s*-{3,}[^-\n]{3,60}-{3,}\s*$|^>|^\s*(From|Von|De|Da|Van|Fr\u00e5n|Fra|Od|\u53d1\u4ef6\u4eba)\s?[:\uff1a]\s/im
  };

  /** Letters and digits only: clients rewrite the markup (#2045), and write references as letters. */
  function plain(text) {
    return text.replace(/&#(x?)([0-9a-f]+);/gi, function (all, hex, digits) {
      return String.fromCodePoint(Math.min(parseInt(digits, 10 + 6 * hex.length), 0x10ffff));
    }).replace(/<(style|title)[\s\S]*?<\/\1>|<!--[\s\S]*?-->|<[^>]*>|&#?\w+;|[\x00-\x2f:-@[-`{-\xbf\u2000-\u206f]/gi, "");
  }

  /** A piece by which to know the signature where the client drops our id. */
  function probe(answer, format) {
    var pieces = answer[format].replace(/<(style|title)[\s\S]*?<\/\1>|<[^>]*>/gi, "\n").split("\n");
    return pieces.map(plain).reduce(function (best, piece) {
      if (piece.length > best.length) {
        return piece;
      }
      return best;
    }, "").slice(0, 40);
  }

  function readBody(run) {
    return ask(run, PREPARED, "body.getAsync", [run.draft.format]);
  }

  /** The part of the body that is this draft's own. */
  function own(run, body) {
    var end = body.search(QUOTE[run.draft.format]);
    if (end < 0) {
      return body;
    }
    return body.slice(0, end);
  }

  /** Whether our signature stands in the draft; undefined: cannot tell. */
  function present(run, body, answer) {
    if (typeof body !== "string" || !body.trim() && run.draft.format === "html") {
      return undefined; // Outlook's HTML is never empty
    }
    var mine = own(run, body);
    var text = plain(mine);
    var found = /id=["']?(x_)*paraph-signature/i.test(mine) || // x_: another client was here (#1893)
      [run.state.probe, probe(answer, "html"), probe(answer, "text")].some(function (piece) {
        return piece && piece.length > 3 && text.indexOf(piece) >= 0;
      });
    if (found && mine === body && /^(reply|forward)$/.test(run.draft.kind) && !run.state.fingerprint) {
      return undefined; // perhaps only in a quote that we do not recognise
    }
    if (!found && run.state.fingerprint && run.state.probe === undefined) {
      return undefined; // an older pane's: perhaps only the id is gone
    }
    return found;
  }

  /** present(), looking again after each of `pauses` while it is not there. */
  function seen(run, answer, pauses, body, test) {
    return Promise.resolve(body || readBody(run)).then(function (text) {
      var there = (test || present)(run, text, answer);
      if (!test) {
        run.before = text;
      }
      if (there || !pauses.length) {
        return there;
      }
      var late = left(run, PREPARED) < pauses[0] + CALL;
      if (late && test) {
        return there;
      }
      if (late) {
        return undefined; // not looked often enough to call it removed
      }
      return pause(pauses[0]).then(function () {
        return seen(run, answer, pauses.slice(1), undefined, test);
      });
    });
  }

  var token = null;
  var signingIn = null;
  var bridge = null;

  function guid() {
    return "xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx".replace(/x/g, function () {
      return Math.floor(Math.random() * 16).toString(16);
    });
  }

  /** Nested app authentication: JSON messages to the host and back. */
  function openBridge(host) {
    var waiting = {};
    host.addEventListener("message", function (message) {
      var reply = parse(message && message.data || message);
      var settle = waiting[reply.requestId];
      if (settle) {
        delete waiting[reply.requestId];
        settle(reply);
      }
    });
    function send(method, params) {
      return new Promise(function (resolve, reject) {
        var id = guid();
        waiting[id] = function (reply) {
          if (reply.success) {
            resolve(reply);
          } else {
            reject(reply.error);
          }
        };
        host.postMessage(JSON.stringify({
          messageType: "NestedAppAuthRequest", method: method, requestId: id, sendTime: Date.now(),
          clientLibrary: "paraph", clientLibraryVersion: SETTINGS.version, tokenParams: params
        }));
      });
    }
    return send("GetInitContext").then(function () {
      return send;
    });
  }

  function fromBridge() {
    var host;
    if (typeof nestedAppAuthBridge !== "undefined") {
      host = nestedAppAuthBridge;
    } else if (typeof window !== "undefined") {
      host = window.nestedAppAuthBridge;
    }
    if (!host) {
      throw STOP;
    }
    bridge = bridge || openBridge(host).catch(function (error) {
      bridge = null;
      throw error;
    });
    return bridge.then(function (send) {
      return send("GetToken", {
        clientId: SETTINGS.client_id, authority: SETTINGS.authority, scope: SETTINGS.scope, correlationId: guid(),
        authenticationScheme: "Bearer", extraParameters: {}
      });
    }).then(function (reply) {
      return { value: reply.token.access_token, seconds: reply.token.expires_in };
    });
  }

  function fromAuth(auth) {
    return auth.getAccessToken({ allowSignInPrompt: false, allowConsentPrompt: false, forMSGraphAccess: false })
      .then(function (value) {
        return { value: value };
      });
  }

  var SOURCES = [fromBridge, function () {
    return fromAuth(OfficeRuntime.auth);
  }, function () {
    return fromAuth(Office.auth);
  }];

  /** A token other than `refused`, from whichever source is first to give one; some hang (#2942, #3706). */
  function signIn(refused) {
    if (token && token.value !== refused && token.until > Date.now()) {
      return Promise.resolve(token.value);
    }
    if (signingIn && !refused) {
      return signingIn; // getAccessToken refuses overlapping calls (13008)
    }
    function done() {
      signingIn = null;
    }
    later(SERVER, done);
    signingIn = new Promise(function (resolve, reject) {
      var failures = 0;
      function from(index) {
        var moved = false;
        function next() {
          if (!moved && index + 1 < SOURCES.length) {
            from(index + 1);
          }
          moved = true;
        }
        later(HEDGE, next);
        Promise.resolve().then(SOURCES[index]).then(function (given) {
          if (typeof given.value !== "string" || given.value === refused) {
            throw STOP;
          }
          moved = true;
          token = { value: given.value, until: Date.now() + (Number(given.seconds) || 300) * 1000 - 60000 };
          resolve(token.value);
        }).catch(function () {
          failures += 1;
          if (failures === SOURCES.length) {
            reject({ message: "not signed in" });
          }
          next();
        });
      }
      from(0);
    });
    signingIn.then(done, done);
    return signingIn;
  }

  function post(run, bearer) {
    function send() {
      return Promise.resolve().then(function () {
        return fetch(SETTINGS.origin + "/api/v1/signature", {
          method: "POST",
          headers: { "Authorization": "Bearer " + bearer, "Content-Type": "application/json" },
          body: JSON.stringify(Object.assign({ weather: run.unsent[0] && run.unsent }, run.draft))
        });
      });
    }
    // "Network request failed" in classic Outlook (#3907, #4474, #6465)
    return measured(run, "server", send().catch(function (error) {
      if (!run.open || left(run, LATE_ANSWER) < 100) {
        throw error;
      }
      return send();
    }).then(function (response) {
      if (response.status === 200) {
        run.unsent = []; // counted there
      }
      return response.text().then(function (text) {
        return { status: response.status, body: parse(text) };
      });
    }));
  }

  function askServer(run) {
    return measured(run, "token", signIn()).then(function (bearer) {
      return post(run, bearer).then(function (reply) {
        if (reply.status !== 401) {
          return reply;
        }
        return signIn(bearer).then(function (fresh) {
          return post(run, fresh);
        });
      });
    }).then(function (reply) {
      var answer = reply.body;
      if (reply.status !== 200) {
        throw { code: reply.status, message: answer.errors && answer.errors[0] && answer.errors[0].detail };
      }
      if (["html", "text", "fingerprint"].some(function (field) {
        return typeof answer[field] !== "string";
      })) {
        throw { message: "an answer that is none" };
      }
      answer.source = "server";
      return answer;
    }).catch(function (error) {
      note(run, "server", error);
      throw error;
    });
  }

  /** Writes into localStorage. Where it is full, what is kept of other drafts makes room. */
  function put(name, value) {
    try {
      localStorage.setItem(name, value);
    } catch (error) {
      if (name.slice(-WEATHER.length) === WEATHER) {
        throw error; // worth less than what is kept
      }
      var ours = String(Office.context.partitionKey || "") + KEY + "|";
      Object.keys(localStorage).forEach(function (other) {
        if (other.indexOf(ours) === 0) {
          localStorage.removeItem(other);
        }
      });
      localStorage.setItem(name, value);
    }
  }

  /** Reads `key` or writes `value`: localStorage, else OfficeRuntime.storage, else roamingSettings (32 KB in all). */
  function stored(run, key, value) {
    try {
      if (typeof localStorage !== "undefined" && localStorage) {
        var prefixed = String(Office.context.partitionKey || "") + key;
        if (value === undefined) {
          return Promise.resolve(localStorage.getItem(prefixed));
        }
        return Promise.resolve(put(prefixed, value));
      }
    } catch (error) {
      // blocked, or full of what is not ours
    }
    try {
      if (typeof OfficeRuntime !== "undefined" && OfficeRuntime.storage) {
        if (value === undefined) {
          return OfficeRuntime.storage.getItem(key);
        }
        return OfficeRuntime.storage.setItem(key, value);
      }
      if (key === WEATHER) {
        return Promise.resolve(); // not worth a call that saves on the server
      }
      var roaming = Office.context.roamingSettings;
      var all = parse(roaming.get(KEY));
      if (value === undefined) {
        return Promise.resolve(all[key]);
      }
      delete all[key];
      all[key] = value;
      while (bytes(JSON.stringify(all)) > 30000) {
        delete all[Object.keys(all)[0]];
      }
      roaming.set(KEY, JSON.stringify(all));
      return office(run, END, roaming, "saveAsync", []);
    } catch (error) {
      return Promise.resolve();
    }
  }

  /** Whether somebody outside is among the recipients, or may be: of the sender's domain are those within. */
  function outside(draft, user) {
    var domain = String(draft.from || user).toLowerCase().replace(/.*@/, "@");
    return Boolean(draft.recipients_unread) || draft.recipients.some(function (one) {
      return one.type !== "user" && one.address.toLowerCase().slice(-domain.length) !== domain;
    });
  }

  function place(run, kind, out) {
    return ["paraph", run.user, run.draft.from || run.user, kind, run.draft.format].concat(out && "external" || []).join("|").toLowerCase();
  }

  function hosted(html, images) {
    return images.reduce(function (text, image) {
      return text.split("cid:" + image.cid).join(image.url);
    }, html);
  }

  function imagesOf(answer) {
    return (Array.isArray(answer.images) && answer.images || []).filter(function (image) {
      return image && image.cid && image.url;
    });
  }

  /** Keeps an answer, unless to a choice: that says nothing about the next draft. */
  function keep(run, answer) {
    if (run.draft.choice) {
      return Promise.resolve();
    }
    return stored(run, place(run, run.draft.kind, outside(run.draft, run.user)), JSON.stringify({
      html: hosted(answer.html, imagesOf(answer)), text: answer.text, fingerprint: answer.fingerprint,
      name: answer.name, at: Date.now()
    }));
  }

  /** The answer kept for such a draft, or else for another kind of draft, or else for recipients on the other side. */
  function recall(run) {
    var out = outside(run.draft, run.user);
    var places = [];
    var sides = [out, !out];
    if (run.state.fingerprint && !run.from && !moved(run)) {
      // Better than what stands in the draft is only what outsiders get, unless the person chose it.
      sides = [true].slice(Number(!out || Boolean(run.draft.choice)));
    }
    sides.forEach(function (side) {
      [run.draft.kind, "reply", "forward", "new", "appointment"].forEach(function (kind) {
        add(places, place(run, kind, side));
      });
    });
    return within(CALL, Promise.all(places.map(function (place) {
      return stored(run, place);
    })).then(function (found) {
      return found.map(parse).filter(function (kept) {
        kept.source = "cache";
        return typeof kept.html + typeof kept.text === "stringstring" && kept.at > Date.now() - KEEP;
      })[0];
    }));
  }

  /** The answer to insert, if any. */
  function answerFor(run) {
    var asked = askServer(run);
    asked.then(function (answer) {
      run.arrived = answer;
      if (!run.open) {
        keep(run, answer).catch(function () {}); // came late: for the next draft
      }
    }, function () {});
    if (!run.state.fingerprint) {
      run.body = readBody(run); // while the server works
      run.quiet = clientSignature(run);
      run.body.catch(function () {});
      run.quiet.catch(function () {});
    }
    return Promise.race([within(Math.min(SERVER, left(run, LATE_ANSWER)), asked), run.overtaken]).then(function (answer) {
      return answer || recall(run).then(function (kept) {
        return kept || Promise.race([within(left(run, LATE_ANSWER), asked), run.overtaken]);
      });
    });
  }

  /** Whether the draft comes from somebody else than when the signature was inserted. */
  function moved(run) {
    var from = run.state.from;
    if (from && run.draft.from) {
      return run.draft.from !== from;
    }
    return run.from; // one of the two could not be read
  }

  /** Compares the answer with the draft and inserts, replaces, clears or leaves alone. */
  function apply(run, answer) {
    var state = run.state;
    var before = state.fingerprint;
    // Outlook itself may take it away when From moves to another account.
    var expected = !moved(run) && !(run.from && run.classic) && !state.unseen;
    if (!answer || !before && !answer.html || before === answer.fingerprint && expected) {
      return Promise.resolve(); // #2163, #6402, #6457: nothing new, no call
    }
    var alone = run.web && (run.appointment || run.draft.format === "text"); // a second would stand beside it
    return seen(run, answer, before && (expected || state.unseen || alone) && PAUSES || [], run.body).then(function (there) {
      run.body = undefined;
      if (!before && there && state.probe === undefined && !state.inserting) {
        state.kept = true; // from the Outbox, recalled, another client (#5483, #4301, #5543, #4457)
        return undefined;
      }
      if (before && there === false && expected && !state.unsure) {
        state.removed = true; // not again (#3104), nor where the cursor is (#2432, #4937)
        state.from = run.draft.from || state.from;
        return undefined;
      }
      var stale = state.unseen && there && !alone && !worded(run, run.before, answer);
      if (before === answer.fingerprint && there !== false && !stale) {
        if (there) {
          delete state.unseen;
        }
        return undefined;
      }
      if (before && run.web && run.draft.format === "text" && there !== false) {
        note(run, "plain text on the web is not replaced (#2038)"); // the second would stand before the first
        return undefined;
      }
      return unlessChanged(run, left(run, CALL) > 0, PREPARED).then(function () { // nobody is that quick
        return insert(run, answer);
      });
    });
  }

  /** Whether the person's removal still counts: not for another sender, nor when the signature is there after all. */
  function stillRemoved(run) {
    if (!run.state.removed || moved(run)) {
      delete run.state.removed;
      return Promise.resolve(false);
    }
    return seen(run, { html: "", text: "" }, []).then(function (there) {
      if (there) {
        delete run.state.removed;
      }
      return !there;
    });
  }

  /** Recipients that came too late for the server are read once more, and the server asked again. */
  function catchUp(run) {
    if (!run.draft.recipients_unread || left(run, LATE_ANSWER) < CALL) {
      return undefined;
    }
    var known = run.draft;
    run.draft = Object.assign({}, known);
    run.quiet = Promise.resolve(false); // it is by now
    return list(run, LATE_ANSWER).then(function () {
      return run.draft.recipients_unread || within(left(run, LATE_ANSWER), askServer(run)).then(function (answer) {
        run.arrived = answer || run.arrived;
        if (!answer) {
          run.draft = known;
        }
        return apply(run, answer);
      });
    });
  }

  /** Stops when the pane, or another runtime, has written about this draft meanwhile. */
  function unlessChanged(run, sure, until) {
    return Promise.resolve(!sure && session(run, until)).then(function (read) {
      if (read && read.value && read.value !== run.raw && read.value !== run.claimed) {
        throw STOP;
      }
      return read;
    });
  }

  function insert(run, answer) {
    var before = Object.assign({}, run.state);
    return (run.quiet || clientSignature(run)).then(function (on) {
      return on && answer.html && ask(run, PREPARED, "disableClientSignatureAsync", [], 1200);
    }).then(function () {
      return claim(run, answer);
    }).then(function () {
      return attach(run, answer);
    }).then(function (html) {
      if (run.appointment && run.web) {
        return prepend(run, html, answer.text); // setSignatureAsync is for messages only there
      }
      return set(run, html, answer.text).then(function (done) {
        return done || run.appointment && prepend(run, html, answer.text);
      });
    }).then(function (done) {
      if (!done) {
        return undefined;
      }
      run.inserted = true;
      run.state.fingerprint = answer.html && answer.fingerprint;
      run.state.name = answer.name;
      run.state.probe = probe(answer, run.draft.format);
      run.state.source = answer.source;
      run.state.from = run.draft.from || run.state.from;
      delete run.state.unsure;
      return verify(run, answer, before);
    });
  }

  /** Whether it stands there: Outlook reports success for what it did not do. */
  function verify(run, answer, before) {
    return seen(run, answer, PAUSES.slice(0, 1), undefined, stands).then(function (there) {
      if (there === undefined && run.silent) {
        run.state.unsure = true; // what is not there then was not removed
      }
      if (there) {
        delete run.state.unseen;
      }
      if (there === false) {
        run.state.unseen = true; // tried again with the next event
        if (!answer.html) {
          run.state.fingerprint = before.fingerprint;
          run.state.probe = before.probe;
        }
        note(run, "Outlook took the signature, but it is not in the draft: insert from the pane");
      }
    });
  }

  /** Whether the answer's very words stand there, and not another signature of ours. */
  function worded(run, body, answer) {
    var words = plain(own(run, body));
    return [answer.html, answer.text].some(function (one) {
      return plain(one) && words.indexOf(plain(one)) >= 0;
    });
  }

  /** Whether an insertion, or a clearing, was done: the body of before, without the new words, says no. */
  function stands(run, body, answer) {
    var there = present(run, body, answer);
    if (there === undefined || answer.html && body !== run.before) {
      return there;
    }
    if (answer.html) {
      return worded(run, body, answer);
    }
    return body !== run.before || !there;
  }

  /** Whether Outlook's own signature is on and may be turned off: never on phones, where that deletes it. */
  function clientSignature(run) {
    if (run.appointment || run.name === RECIPIENTS && !run.fresh || run.mobile || !run.platform) {
      return Promise.resolve(false);
    }
    return ask(run, PREPARED, "isClientSignatureEnabledAsync");
  }

  /** The images to attach: those that the HTML names and that are not attached, hosted, or on their way. */
  function wanted(run, answer) {
    return imagesOf(answer).filter(function (image) {
      return run.draft.format === "html" && run.draft.kind !== "forward" && image.content &&
        answer.html.indexOf("cid:" + image.cid) >= 0 && run.cids.concat(run.late).indexOf(image.cid) < 0;
    });
  }

  /** Tells the pane, where a second insertion beside this one would stand twice. */
  function claim(run, answer) {
    var images = wanted(run, answer);
    if (run.blind || !images.length && !(run.appointment || run.web && run.draft.format === "text")) {
      return undefined;
    }
    var raw = JSON.stringify(Object.assign({}, run.state, { inserting: Date.now(), cids: run.cids, late: run.late }));
    run.claimed = raw;
    return office(run, PREPARED, run.item, "sessionData.setAsync", [KEY, raw], 1200);
  }

  /**
   * Attaches the images that the HTML names, each once per draft (#6402); gives the HTML to insert. Hosted instead are those
   * that fail (#6342, #5763, #2450) and all on a forward, where attaching makes real attachments vanish (#4860, #5616).
   * One without an answer may be attached yet: it is hosted, and not attached again.
   */
  function attach(run, answer) {
    if (run.draft.format === "text") {
      return Promise.resolve("");
    }
    var images = wanted(run, answer);
    var rest = imagesOf(answer).filter(function (image) {
      return images.indexOf(image) < 0 && run.cids.indexOf(image.cid) < 0;
    });
    return images.reduce(function (before, image) {
      return before.then(function (html) {
        var content = String(image.content).replace(/^data:[^,]*,/, "");
        return office(run, PREPARED, run.item, "addFileAttachmentFromBase64Async", [content, image.cid, { isInline: true }], END)
          .then(function (result) {
            if (result.ok) {
              run.cids.push(image.cid);
              return html;
            }
            if (result.silent) {
              run.late.push(image.cid);
            }
            note(run, "image", result.error);
            return hosted(html, [image]);
          });
      });
    }, Promise.resolve(hosted(answer.html, rest)));
  }

  /** True when the signature may stand there now. A call without an answer may have worked: it is not repeated. */
  function set(run, html, text) {
    run.setting = true;
    function put(data, type) {
      return office(run, INSERTED, run.item, "body.setSignatureAsync", [data, { coercionType: type }]).then(function (result) {
        run.silent = result.silent;
        if (!result.ok) {
          note(run, "setSignatureAsync", result.error);
        }
        return result;
      });
    }
    function twice(data, type) { // 5001 is often gone the second time (#2673)
      return put(data, type).then(function (result) {
        if (result.error && result.error.code === 5001) {
          return put(data, type);
        }
        return result;
      });
    }
    var first = Promise.resolve({});
    if (run.draft.format === "html" && html.length <= MAX_HTML) {
      first = twice(html, "html");
    }
    return first.then(function (result) {
      if (result.ok || result.silent) {
        return true;
      }
      return twice(text, "text").then(function (second) {
        return second.ok || second.silent;
      });
    });
  }

  /** For appointments without setSignatureAsync. Only into an empty body: no method appends. */
  function prepend(run, html, text) {
    run.setting = true;
    return readBody(run).then(function (body) {
      if (typeof body !== "string" || plain(own(run, body)) || /<img/i.test(body)) {
        note(run, "the body is not empty; insert from the pane");
        return false;
      }
      return office(run, INSERTED, run.item, "body.prependAsync", [html || text, { coercionType: run.draft.format }]).then(function (result) {
        if (!result.ok) {
          note(run, "prependAsync", result.error);
        }
        return result.ok || result.silent;
      });
    });
  }

  /** For the next event, and for the pane's diagnostics. */
  function record(run) {
    var state = run.state;
    delete state.inserting;
    state.fingerprint = state.fingerprint || "";
    state.event = run.name;
    state.at = Date.now();
    state.error = run.error;
    state.cids = run.cids;
    state.late = run.late;
    state.unread = run.draft.recipients_unread;
    var raw = JSON.stringify(state);
    memory = { item: run.item, state: raw, raw: run.raw };
    return unlessChanged(run, run.inserted && !run.blind, END).then(function (read) {
      if (run.blind && !read.known) {
        throw STOP; // what cannot be read is not overwritten either
      }
      run.setting = true;
      return office(run, END, run.item, "sessionData.setAsync", [KEY, raw]).then(function (result) {
        if (result.ok) {
          memory.raw = raw;
          memory.written = true;
        }
      });
    });
  }

  /** What this page recorded last: all there is where Outlook offers no sessionData, or does not give it. */
  var memory = {};

  /** What is recorded with the item: {value, found, known}; `known` unless it is there, perhaps, and could not be read. */
  function session(run, until) {
    return office(run, until, run.item, "sessionData.getAsync", [KEY]).then(function (result) {
      var error = result.error || {};
      result.found = result.ok || error.code === 9020 || error.name === "KeyNotFound"; // or that there is none
      result.known = result.found || isMissing(result);
      return result;
    });
  }

  /** Takes up what was done to this draft before. */
  function remember(run) {
    return session(run, run.gathered).then(function (result) {
      return result.known && result || session(run, run.gathered);
    }).then(function (result) {
      var there = parse(result.value);
      var here = memory.item === run.item && parse(memory.state);
      if (here && result.found && !(here.at > (there.at || 0) && (result.value || !memory.written))) {
        here = false; // what is recorded with the item is as new
      }
      run.raw = result.value;
      if (here && !result.found) {
        run.raw = memory.raw;
      }
      run.blind = !result.known;
      add(run.cids, there.cids);
      add(run.late, there.late);
      run.state = Object.assign(there, here || {});
      run.draft.choice = run.state.choice;
      add(run.cids, run.state.cids);
      add(run.late, run.state.late);
      if (run.state.kept || run.blind && !here && !run.fresh) {
        throw STOP;
      }
    });
  }

  function add(list, more) {
    list.push.apply(list, [].concat(more || []).filter(function (one) {
      return list.indexOf(one) < 0;
    }));
  }

  var newest = null;
  var idle = Promise.resolve(true); // once every run so far is over

  /**
   * Recipients of an unknown but saved item: a draft, reopened or previewed (#4472). One with nothing in it yet was popped
   * out before its signature came (#6488).
   */
  function reopened(run) {
    if (run.name !== RECIPIENTS || run.fresh || run.state.at) {
      return Promise.resolve(false);
    }
    return ask(run, run.gathered, "getItemIdAsync").then(function (id) {
      return id && readBody(run).then(function (body) {
        return typeof body !== "string" || !body.trim() || plain(own(run, body)) || /<img/i.test(body);
      });
    });
  }

  function work(run) {
    return remember(run).then(function () {
      return reopened(run);
    }).then(function (old) {
      if (old) {
        throw STOP;
      }
      signIn().catch(function () {}); // meanwhile
      return Promise.race([gather(run), run.overtaken]);
    }).then(function () {
      return stillRemoved(run);
    }).then(function (removed) {
      if (removed || run !== newest) {
        throw STOP;
      }
      return answerFor(run);
    }).then(function (answer) {
      return apply(run, answer);
    }).then(function () {
      return catchUp(run);
    }).then(function () {
      return record(run);
    }).then(function () {
      return run.arrived && within(CALL, keep(run, run.arrived));
    });
  }

  function look(run) {
    var context = Office.context;
    var mailbox = context.mailbox;
    var details = mailbox.diagnostics || {};
    run.item = mailbox.item;
    run.platform = String(context.platform || details.hostName || "").slice(0, 40);
    var host = run.platform + " " + details.hostName;
    run.mobile = /ios|android/i.test(host);
    run.web = /online|webapp|newoutlook/i.test(host);
    run.classic = /^pc /i.test(host) && !run.web;
    run.user = mailbox.userProfile && mailbox.userProfile.emailAddress;
    run.appointment = run.name === APPOINTMENT || run.item.itemType === "appointment";
    run.draft.platform = run.platform || undefined;
    run.draft.explain = false;
    run.draft.version = String(details.hostVersion || "").slice(0, 40) || undefined;
    takeWeather(run);
  }

  /** One event. It overtakes older ones that are not inserting yet, and starts when all are over (#5928). */
  function handle(name, event) {
    var before = newest;
    var run = {
      name: name, start: Date.now(), open: true, setting: false, state: {}, cids: [], late: [], calls: [], unsent: [], error: undefined,
      draft: { kind: "new", from: undefined, recipients: [], format: "html", subject: "" }
    };
    var over;
    var earlier = idle;
    idle = Promise.all([earlier, new Promise(function (resolve) {
      over = resolve;
    })]);
    run.overtaken = new Promise(function (resolve, reject) {
      run.overtake = reject;
    });
    run.overtaken.catch(function () {});
    function finish() {
      if (!run.open) {
        return;
      }
      run.open = false;
      cancel(run.timer);
      over();
      try {
        event.completed();
      } catch (error) {
        // nobody to tell
      }
    }
    run.timer = later(END, function () {
      run.ended = true;
      keepWeather(run);
      finish();
    });
    run.fresh = name === NEW || name === APPOINTMENT;
    run.from = name === FROM;
    if (before && before.open) {
      run.fresh = run.fresh || before.fresh;
      run.from = run.from || before.from;
      run.cids = before.cids;
      run.late = before.late;
      run.passed = before;
      before.overtake();
    }
    newest = run;
    within(WAIT, earlier).then(function (free) {
      if (run !== newest || !free) {
        throw STOP; // overtaken, or an older one may yet insert
      }
      run.gathered = Math.min(GATHERED + Date.now() - run.start, LATEST);
      run.listed = Math.min(LISTED + Date.now() - run.start, LATEST);
      look(run);
      return work(run);
    }).catch(function () {}).then(function () {
      return run.open && keepWeather(run);
    }).then(finish, finish);
  }

  function on(name) {
    Office.actions.associate(name, function (event) {
      handle(name, event);
    });
  }

  if (typeof Office !== "undefined") {
    if (Office.actions && Office.actions.associate) {
      [NEW, RECIPIENTS, FROM, APPOINTMENT].forEach(on);
    }
    if (typeof document !== "undefined" && Office.onReady) {
      Office.onReady(); // Office.js wants the page to say so within 20 s
    }
  }
})();
