// The only place of the pane that touches Office.js. A plain script, because it has to run before Office.js arrives and
// long before the WASM does: it announces Office.onReady, and gives Rust functions that return promises.
//
// Whatever Outlook does (throws at once, never calls back, calls back twice), each promise settles exactly once.
(function () {
  "use strict";

  const READ_MS = 1500;
  const WRITE_MS = 10000;
  const READY_MS = 10000;
  const RECORD = "paraph";

  const failure = (code, message) => ({ code: String(code), message: String(message) });

  // The last error without a code, for the diagnostics alone: JavaScript's words tell people nothing.
  let exception = "";
  const coded = (error, otherwise) => {
    if (error && error.code) return failure(error.code, error.message || otherwise);
    exception = String((error && error.message) || error);
    return failure("thrown", otherwise);
  };

  function within(ms, what, start) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(failure("timeout", what + " did not answer")), ms);
      const settle = (end) => (value) => { clearTimeout(timer); end(value); };
      try {
        start(settle(resolve), settle(reject));
      } catch (thrown) {
        settle(reject)(coded(thrown, "Outlook stopped with an error"));
      }
    });
  }

  // Calls target.method(...args, callback); resolves with the callback's value.
  function ask(target, method, args, ms) {
    return within(ms, method, (resolve, reject) => {
      if (!target || typeof target[method] !== "function") {
        throw failure("unsupported", "this Outlook has no " + method);
      }
      target[method](...args, (result) => {
        if (result && result.status === "succeeded") resolve(result.value);
        else {
          const error = (result && result.error) || {};
          reject(failure(error.code || "failed", error.message || error.name || method + " failed"));
        }
      });
    });
  }
  const read = (target, method, otherwise) => ask(target, method, [], READ_MS).catch(() => otherwise);

  // Outlook promises no more than three writes at once: ours go one after the other.
  let queue = Promise.resolve();
  function write(target, method, args) {
    const run = () => ask(target, method, args, WRITE_MS);
    const result = queue.then(run, run);
    queue = result.catch(() => {});
    return result;
  }

  const attempt = (get, otherwise) => {
    try {
      const value = get();
      return value === undefined || value === null ? otherwise : value;
    } catch (_) {
      return otherwise;
    }
  };
  const context = () => attempt(() => Office.context, {});
  const mailbox = () => attempt(() => Office.context.mailbox, null);
  const item = () => attempt(() => Office.context.mailbox.item, null);
  const supports = (set, version) => attempt(() => Office.context.requirements.isSetSupported(set, version), false);

  // ---- start ----------------------------------------------------------------------------------------------------

  const note = (text) => {
    const element = document.getElementById("boot-note");
    if (!element) return;
    element.hidden = !text;
    const words = element.querySelector("[data-words]");
    if (words && text) words.textContent = text;
  };
  const BLOCKED = "Outlook did not finish loading its add-in library. The network may block it: check the connection, then try again.";

  const ready = new Promise((resolve) => {
    let late = setTimeout(() => note(BLOCKED), READY_MS);
    const announce = () => {
      try {
        Office.onReady((info) => {
          clearTimeout(late);
          note("");
          attempt(() => performance.mark("paraph-office-ready"));
          attempt(follow_theme);
          resolve({ host: attempt(() => String(info.host), ""), compose: composes() });
        });
      } catch (_) {
        note(BLOCKED);
      }
    };
    // Office.js is loaded with `async`, so that a slow or blocked network never holds up the page itself.
    document.addEventListener("load", (event) => { if (event.target.id === "office") announce(); }, true);
    document.addEventListener("error", (event) => { if (event.target.id === "office") note(BLOCKED); }, true);
    document.addEventListener("click", (event) => { if (event.target.id === "boot-retry") location.reload(); });
    if (attempt(() => Office.onReady, null)) announce();
    setTimeout(() => {
      if (!note.started) note("The pane could not be loaded. Check the connection, then try again.");
    }, READY_MS * 2);
  });

  // A mail that is only read has fields where a draft has objects with getAsync.
  const composes = () => {
    const body = attempt(() => item().body, null);
    return Boolean(body && (body.setSignatureAsync || body.setSelectedDataAsync));
  };

  // Outlook's own theme wins over the system's, which may differ.
  function follow_theme() {
    const theme = Office.context.officeTheme;
    if (!theme) return;
    const colour = /^#?([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})/i.exec(theme.bodyBackgroundColor || "");
    const dark = typeof theme.isDarkTheme === "boolean" ? theme.isDarkTheme
      : colour ? parseInt(colour[1], 16) * 3 + parseInt(colour[2], 16) * 6 + parseInt(colour[3], 16) < 1280 : null;
    if (dark !== null) document.documentElement.dataset.theme = dark ? "dark" : "light";
  }

  // ---- the draft ------------------------------------------------------------------------------------------------

  const TYPES = { user: "user", externalUser: "external_user", distributionList: "distribution_list" };
  const KINDS = { reply: "reply", forward: "forward" };

  // composeType may lie ("newMail" for a reply, office-js#6652) or fail: corrected as in the event handler.
  const REPLY = /^\s*(re|r|aw|sv|vs|antw|rif|res|odp|ynt|ref|\u56de\u590d|\u7b54\u590d)\s*(\[\d+\])?\s*[:\uff1a]/i;
  const FORWARD = /^\s*(fwd?|wg|tr|vb|vl|rv|enc|doorst|i|pd|\u8f6c\u53d1)\s*(\[\d+\])?\s*[:\uff1a]/i;
  function kind_of(mail, composed, subject) {
    if (KINDS[composed.composeType]) return KINDS[composed.composeType];
    if (mail.inReplyTo || mail.conversationId) {
      if (FORWARD.test(subject)) return "forward";
      if (mail.inReplyTo || REPLY.test(subject)) return "reply";
    }
    return "new";
  }

  const ADDRESS = /^[^\s<>()[\],;:\\"@]+@[^\s<>()[\],;:\\"@]+$/;
  const address = (one) => {
    const text = String((one && one.emailAddress) || "").trim();
    return ADDRESS.test(text) && text.length <= 254 ? text : undefined;
  };

  async function recipients(mail, fields) {
    const offered = fields.filter((field) => attempt(() => mail[field].getAsync, null));
    const lists = await Promise.all(offered.map((field) => read(mail[field], "getAsync", null)));
    const to = [].concat(...lists.map((list) => list || [])).filter(address).map((one) => ({
      address: address(one),
      type: TYPES[one.recipientType] || "other",
    }));
    // What did not come in time is not the same as nobody.
    return { to, unread: !lists.every(Array.isArray) };
  }

  // From and the record, as Outlook says them.
  const known = { from: undefined, raw: "" };
  const sender = (mail) => read(mail.itemType === "appointment" ? mail.organizer : mail.from, "getAsync", null);

  async function draft() {
    const mail = item();
    if (!mail) throw failure("no-item", "no mail or appointment is open");
    const meeting = mail.itemType === "appointment";
    const [composed, format, from, listed, subject] = await Promise.all([
      meeting ? {} : read(mail, "getComposeTypeAsync", {}),
      read(mail.body, "getTypeAsync", ""),
      sender(mail),
      recipients(mail, meeting ? ["requiredAttendees", "optionalAttendees"] : ["to", "cc", "bcc"]),
      read(mail.subject, "getAsync", ""),
    ]);
    const own = attempt(() => mailbox().userProfile.emailAddress, undefined);
    known.from = address(from);
    return {
      kind: meeting ? "appointment" : kind_of(mail, composed || {}, String(subject)),
      from: address(from) || own,
      recipients: listed.to.slice(0, 1000),
      recipients_unread: listed.unread,
      format: (format || (composed && composed.coercionType)) === "text" ? "text" : "html",
      subject: String(subject || "").slice(0, 255),
      time_zone: attempt(() => Intl.DateTimeFormat().resolvedOptions().timeZone, undefined) || undefined,
      platform: String(attempt(() => Office.context.platform, "unknown")).slice(0, 40),
      version: String(attempt(() => mailbox().diagnostics.hostVersion, "") || "").slice(0, 40) || undefined,
    };
  }

  // ---- what was done to this draft (shared with the event handler) ------------------------------------------------

  const session = () => ask(attempt(() => item().sessionData, null), "getAsync", [RECORD], READ_MS).catch(() => "");
  const parsed = (text) => attempt(() => JSON.parse(text), {}) || {};
  async function record() {
    known.raw = (await session()) || "";
    return parsed(known.raw);
  }
  const remember = (entry) => {
    const before = known.raw;
    known.raw = JSON.stringify(entry);
    return write(attempt(() => item().sessionData, null), "setAsync", [RECORD, known.raw]).catch(() => { known.raw = before; });
  };

  // ---- inserting ------------------------------------------------------------------------------------------------

  const hosted = (html, images) =>
    images.reduce((text, image) => text.split("cid:" + image.cid).join(image.url), html);

  // Attaches what the HTML shows as cid:, each once per draft (`cids`, office-js#6402). Hosted is what cannot be attached,
  // what may be on its way (`late`), and all of it on a forward, where attaching made people's own attachments vanish (#4860).
  async function with_images(html, images, kind, { cids, late }) {
    const refused = [];
    for (const image of images) {
      if (cids.includes(image.cid) || !html.includes("cid:" + image.cid)) continue;
      try {
        if (kind === "forward" || !image.content || late.includes(image.cid)) throw kind;
        await write(item(), "addFileAttachmentFromBase64Async", [image.content, image.cid, { isInline: true }]);
        cids.push(image.cid);
      } catch (error) {
        if (error.code === "timeout") late.push(image.cid);
        refused.push(image);
      }
    }
    return hosted(html, refused);
  }

  async function put(method, signature, draft, images) {
    const once = (type, data) => write(body(), method, [data, { coercionType: type }]);
    // 9014: the cursor was elsewhere for a moment.
    const as = (type, data) => once(type, data).catch(async (error) => {
      if (error.code !== "9014") throw error;
      await new Promise((resolve) => setTimeout(resolve, 300));
      return once(type, data);
    });
    if (draft.format === "text") return as("text", signature.text);
    const html = await with_images(signature.html, signature.images, draft.kind, images);
    try {
      return await as("html", html);
    } catch (first) {
      // A body that is plain text after all; and 5001, which often passes at the second try (office-js#2673).
      if (/InvalidFormat|9002/.test(first.code + first.message)) return as("text", signature.text);
      if (first.code === "5001") return as("html", hosted(signature.html, signature.images));
      throw first;
    }
  }

  // As the event handler has them, so that each knows the other's signatures again.
  const QUOTE = {
    html: /<div[^>]+id=["']?(x_)*(divRplyFwdMsg|mail-editor-reference-message-container|OLK_SRC_BODY_SECTION|ms-outlook-mobile-body-separator)|<hr[^>]+id=["']?(x_)*stopSpelling|border-top:\s*solid\s+#(E1E1E1|B5C4DF)|<blockquote|class=["']?(gmail_quote|OutlookMessageHeader)|_{20,}|-{4,}\s*Original/i,
    text: /^\s*_{20,}|^\s*-{3,}[^-\n]{3,60}-{3,}\s*$|^>|^\s*(From|Von|De|Da|Van|Fr\u00e5n|Fra|Od|\u53d1\u4ef6\u4eba)\s?[:\uff1a]\s/im,
  };
  const plain = (text) =>
    text.replace(/&#(x?)([0-9a-f]+);/gi, (_, hex, digits) =>
      String.fromCodePoint(Math.min(parseInt(digits, hex ? 16 : 10), 0x10ffff))).replace(/<(style|title)[\s\S]*?<\/\1>|<!--[\s\S]*?-->|<[^>]*>|&#?\w+;|[\x00-\x2f:-@[-`{-\xbf\u2000-\u206f]/gi, "");
  const probe = (signature, format) =>
    signature[format].replace(/<(style|title)[\s\S]*?<\/\1>|<[^>]*>/gi, "\n").split("\n").map(plain)
      .reduce((best, piece) => (piece.length > best.length ? piece : best), "").slice(0, 40);

  const body = () => attempt(() => item().body, null);
  const on_web = () => /online|webapp|newoutlook/i.test(
    attempt(() => Office.context.platform, "") + " " + attempt(() => mailbox().diagnostics.hostName, ""));

  // Letters and digits of the draft's own text; undefined when Outlook does not say.
  async function own_text(format) {
    const text = await ask(body(), "getAsync", [format], READ_MS).catch(() => undefined);
    if (typeof text !== "string") return undefined;
    const end = text.search(QUOTE[format]);
    return plain(end < 0 ? text : text.slice(0, end)) + (/<img/i.test(text) ? "<img" : "");
  }

  // For appointments without setSignatureAsync: no method appends or replaces.
  async function prepend(signature, draft, images) {
    if ((await own_text(draft.format)) !== "") throw failure("full", "the appointment already has text");
    return put("prependAsync", signature, draft, images);
  }

  async function place(signature, draft, before, images, at_cursor) {
    const meeting = draft.kind === "appointment";
    const ours = before.fingerprint && !before.removed;
    const text_on_web = draft.format === "text" && on_web();
    // Where nothing takes the old one away, a second would stand beside it (office-js#2038).
    if (ours && (meeting ? at_cursor : text_on_web)) {
      const text = await own_text(draft.format);
      if (text === undefined || text.includes(before.probe || probe(signature, draft.format))) {
        throw failure("told", meeting
          ? "This appointment already has your signature: delete it, then insert."
          : "Outlook on the web cannot replace a plain-text signature: delete the old one, then insert.");
      }
    } else if (ours && at_cursor) {
      await write(body(), "setSignatureAsync", ["", { coercionType: draft.format }]);
    }
    if (at_cursor) return put("setSelectedDataAsync", signature, draft, images);
    if (!meeting) return put("setSignatureAsync", signature, draft, images);
    if (on_web()) return prepend(signature, draft, images);
    return put("setSignatureAsync", signature, draft, images).catch((error) => {
      // What has not answered may have worked.
      if (error.code === "timeout") throw error;
      return prepend(signature, draft, images);
    });
  }

  // The record, once the event handler is done with what it is inserting: it needs five seconds at most.
  async function settled() {
    const before = parsed(await session());
    if (!(Math.abs(Date.now() - before.inserting) < 5000)) return before;
    await new Promise((resolve) => setTimeout(resolve, 250));
    return settled();
  }

  async function insert(signature, draft, entry, at_cursor) {
    const before = await settled();
    const images = { cids: (before.cids || []).slice(), late: (before.late || []).slice() };
    const count = () => images.cids.length + images.late.length;
    const known_images = count();
    const chosen = entry.choice !== before.choice;
    // First, so that an event in between asks for the same signature.
    if (chosen) await remember({ ...before, choice: entry.choice });
    try {
      await place(signature, draft, before, images, at_cursor);
    } catch (error) {
      if (chosen || count() > known_images) await remember({ ...before, ...images });
      throw error;
    }
    await remember({ ...entry, ...images, probe: probe(signature, draft.format), from: draft.from });
  }

  // ---- noticing changes -----------------------------------------------------------------------------------------

  // Calls back, at most every half second, when the draft may have changed; while it says false, again later.
  function watch(changed) {
    let timer = 0;
    const soon = () => { clearTimeout(timer); timer = setTimeout(() => { if (!changed()) soon(); }, 500); };
    const types = attempt(() => Office.EventType, {});
    for (const type of [types.RecipientsChanged, types.AttendeesChanged]) {
      if (type) write(item(), "addHandlerAsync", [type, soon]).catch(() => {});
    }
    if (types.OfficeThemeChanged) {
      write(mailbox(), "addHandlerAsync", [types.OfficeThemeChanged, () => attempt(follow_theme)]).catch(() => {});
    }
    // What the event handler does has no event, nor have From and subject.
    const look = async () => {
      if (document.hidden || !item()) return;
      const [raw, from] = await Promise.all([session(), sender(item())]);
      if ((raw || "") !== known.raw || (from && address(from) !== known.from)) soon();
    };
    setInterval(look, 2000);
    [1000, 3000, 5500].forEach((ms) => setTimeout(look, ms));
    window.addEventListener("focus", soon);
    document.addEventListener("visibilitychange", () => { if (!document.hidden) soon(); });
  }

  // ---- signing in -----------------------------------------------------------------------------------------------

  // Whose mailbox it is.
  const user = () => String(attempt(() => mailbox().userProfile.emailAddress, ""));

  const guid = () => attempt(() => crypto.randomUUID(), "") ||
    "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (c) =>
      (c ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (c / 4)))).toString(16));

  let pending = null;
  // One request to the host's nested app authentication bridge.
  function bridge(method, more, ms) {
    const host = window.nestedAppAuthBridge;
    return within(ms, "the host's sign-in", (resolve, reject) => {
      if (!host) throw failure("unsupported", "no nested app authentication");
      if (!pending) {
        pending = new Map();
        host.addEventListener("message", (event) => {
          const answer = attempt(() => JSON.parse(typeof event === "string" ? event : event.data), null);
          const waiting = answer && pending.get(answer.requestId);
          if (!waiting) return;
          pending.delete(answer.requestId);
          if (answer.success) waiting.resolve(answer);
          else waiting.reject(failure(attempt(() => answer.error.status, "failed"),
            attempt(() => answer.error.description, "Outlook gave no token.")));
        });
      }
      const requestId = guid();
      pending.set(requestId, { resolve, reject });
      host.postMessage(JSON.stringify({
        messageType: "NestedAppAuthRequest", method, requestId, sendTime: Date.now(),
        clientLibrary: "paraph", clientLibraryVersion: "1.0.0", ...more,
      }));
    });
  }

  let greeted = false;
  async function nested(settings, interactive, switching) {
    if (!greeted) {
      await bridge("GetInitContext", {}, 3000);
      greeted = true;
    }
    const answer = await bridge(interactive ? "GetTokenPopup" : "GetToken", {
      tokenParams: {
        clientId: settings.client_id, authority: settings.authority, scope: settings.scope, correlationId: guid(),
        authenticationScheme: "Bearer",
        extraParameters: switching ? { prompt: "select_account", login_hint: user() } : {},
      },
    }, interactive ? 300000 : 8000);
    const token = answer.token || {};
    if (!token.access_token) throw failure("no-token", "the host's answer has no token");
    return { token: token.access_token, seconds: Number(token.expires_in) || 300 };
  }

  async function legacy(interactive) {
    const auth = attempt(() => OfficeRuntime.auth, null) || attempt(() => Office.auth, null);
    if (!auth || !auth.getAccessToken) throw failure("unsupported", "no getAccessToken");
    const prompts = { allowSignInPrompt: interactive, allowConsentPrompt: interactive };
    const token = await within(interactive ? 300000 : 8000, "getAccessToken", (resolve, reject) => {
      auth.getAccessToken(prompts).then(resolve, (error) =>
        reject(coded(error, "Outlook gave no token.")));
    });
    return { token, seconds: 300 };
  }

  async function dialog(settings) {
    const url = settings.origin + "/auth.html";
    const opened = await ask(Office.context.ui, "displayDialogAsync", [url, { height: 60, width: 30 }], WRITE_MS);
    return within(300000, "the sign-in window", (resolve, reject) => {
      opened.addEventHandler("dialogMessageReceived", (event) => {
        const answer = attempt(() => JSON.parse(event.message), {});
        attempt(() => opened.close());
        if (answer.token) resolve(answer);
        else reject(failure("refused", answer.error || "The sign-in window gave no token."));
      });
      opened.addEventHandler("dialogEventReceived", (event) =>
        reject(failure(event.error, event.error === 12006 ? "The sign-in window was closed." : "The sign-in window failed.")));
    });
  }

  // A token: from the host, else Office's single sign-on, which knows one account alone, else (only when asked for) a window
  // of our own.
  async function token(settings, interactive, switching) {
    const ways = [() => nested(settings, interactive, switching)];
    if (!switching) ways.push(() => legacy(interactive));
    if (interactive) ways.push(() => dialog(settings));
    let last = failure("unsupported", "This Outlook offers no way to sign in.");
    for (const way of ways) {
      try {
        return await way();
      } catch (error) {
        if (error.code !== "unsupported") last = error;
      }
    }
    throw last;
  }

  // ---- the rest -------------------------------------------------------------------------------------------------

  function diagnostics() {
    const sets = [];
    for (let minor = 1; minor <= 16; minor++) if (supports("Mailbox", "1." + minor)) sets.push("Mailbox 1." + minor);
    if (window.nestedAppAuthBridge || supports("NestedAppAuth", "1.1")) sets.push("NestedAppAuth 1.1");
    if (supports("IdentityAPI", "1.3")) sets.push("IdentityAPI 1.3");
    const about = attempt(() => context().diagnostics, {});
    const version = about.version || attempt(() => mailbox().diagnostics.hostVersion, "unknown");
    return {
      host: String(attempt(() => mailbox().diagnostics.hostName, about.host || "unknown")),
      platform: String(attempt(() => Office.context.platform, "unknown")),
      version: String(version),
      language: String(attempt(() => Office.context.displayLanguage, "")),
      sets,
      exception,
    };
  }

  // The last good answer that the event handler kept for such a draft, or for one of another kind, or for recipients on the
  // other side; under its keys.
  async function kept(draft) {
    const user = attempt(() => mailbox().userProfile.emailAddress, undefined);
    const domain = String(known.from || user).toLowerCase().replace(/.*@/, "@");
    const outside = draft.recipients_unread ||
      draft.recipients.some((one) => one.type !== "user" && !one.address.toLowerCase().endsWith(domain));
    const keys = [outside, !outside].flatMap((out) => [draft.kind, "reply", "forward", "new", "appointment"].map((kind) =>
      ["paraph", user, known.from || user, kind, draft.format, ...(out ? ["external"] : [])].join("|").toLowerCase()));
    const places = [
      (key) => localStorage.getItem((Office.context.partitionKey || "") + key),
      (key) => within(READ_MS, "storage", (resolve, reject) => OfficeRuntime.storage.getItem(key).then(resolve, reject)),
      (key) => parsed(Office.context.roamingSettings.get(RECORD))[key],
    ];
    for (const key of new Set(keys)) {
      for (const get of places) {
        const answer = parsed(await Promise.resolve(key).then(get).catch(() => ""));
        if (typeof answer.html + typeof answer.text === "stringstring" && answer.at > Date.now() - 30 * 864e5) return answer;
      }
    }
    return null;
  }

  let asking = null;
  window.paraph = {
    start: () => { note.started = true; return ready; },
    open: () => Promise.all([draft(), record()]).then((both) => ({ draft: both[0], record: both[1] })),
    insert, watch, diagnostics, kept,
    // Several requests at once wait for one silent sign-in.
    token: (settings, interactive, switching) => {
      if (interactive) return token(settings, true, switching);
      asking = asking || token(settings, false).finally(() => { asking = null; });
      return asking;
    },
    user,
  };
})();
