// Outlook and Paraph's server as the pane's tests need them. `world` says how they behave and remembers what they were asked.
(function () {
  "use strict";

  const signature = '<div id="paraph-signature"><p>Lena Fischer</p></div>';
  const world = window.world = {
    // Outlook
    format: "html", composeType: "newMail", owner: "lena@example.com", item: true, signIn: "bridge",
    throws: [], silent: [], fails: {},
    to: [{ emailAddress: "ada@example.org", recipientType: "externalUser" }],
    session: {}, body: "", attached: [], inserted: [], handlers: [], tokens: 0,
    // the server
    status: 200, refuse: null, staleTokens: [], asked: [], fieldErrors: null,
    answer: {
      html: signature, text: "Lena Fischer", images: [], fingerprint: "automatic", name: "Standard", because: [
        { rule: "2", name: "Replies", applied: false, reason: "This is a new mail." },
        { rule: "1", name: "Everyone", applied: true, reason: "It is for everyone." },
      ],
    },
    choices: [{ template: "short", name: "Short", html: "<p>Short</p>", text: "Short" }],
    fields: [{ token: "mobile", label: "Mobile phone", value: "+41 79", own: true }],
  };

  // Office.js does the same to its pages.
  history.pushState = history.replaceState = null;
  window.alert = window.confirm = window.prompt = () => { throw new Error("not in Office"); };

  const method = (name, act) => (...args) => {
    const callback = args.pop();
    if (world.throws.includes(name)) throw new Error(name + " threw");
    if (world.silent.includes(name)) return;
    setTimeout(() => {
      const error = world.fails[name];
      callback(error ? { status: "failed", error } : { status: "succeeded", value: act(...args) });
      callback({ status: "succeeded", value: "a second time" });
    });
  };

  const item = {
    itemType: "message",
    body: {
      getAsync: method("getAsync", () => world.body),
      prependAsync: method("prependAsync", (data, options) => { world.inserted.push(["front", options.coercionType, data]); }),
      getTypeAsync: method("getTypeAsync", () => world.format),
      setSignatureAsync: method("setSignatureAsync", (data, options) => { world.inserted.push(["signature", options.coercionType, data]); }),
      setSelectedDataAsync: method("setSelectedDataAsync", (data, options) => { world.inserted.push(["cursor", options.coercionType, data]); }),
    },
    getComposeTypeAsync: method("getComposeTypeAsync", () => ({ composeType: world.composeType, coercionType: world.format })),
    from: { getAsync: method("from", () => ({ emailAddress: "lena@example.com" })) },
    to: { getAsync: method("to", () => world.to) },
    cc: { getAsync: method("cc", () => []) },
    bcc: { getAsync: method("bcc", () => []) },
    subject: { getAsync: method("subject", () => "Hello") },
    getAttachmentsAsync: method("getAttachmentsAsync", () => []),
    addFileAttachmentFromBase64Async: method("attach", (_content, name) => { world.attached.push(name); }),
    addHandlerAsync: method("addHandlerAsync", (_type, handler) => { world.handlers.push(handler); }),
    sessionData: {
      getAsync: method("session", (key) => world.session[key]),
      setAsync: method("session", (key, value) => { world.session[key] = value; }),
    },
  };

  window.Office = {
    EventType: { RecipientsChanged: "recipients" },
    onReady: (ready) => setTimeout(() => ready({ host: "Outlook" })),
    context: {
      platform: "OfficeOnline", displayLanguage: "en-GB", partitionKey: undefined,
      diagnostics: { host: "Outlook", version: "16.0.1" },
      requirements: { isSetSupported: (set, version) => set === "Mailbox" && Number(version.split(".")[1]) <= 10 },
      mailbox: {
        get item() { return world.item ? item : null; },
        userProfile: { get emailAddress() { return world.owner; } },
        diagnostics: { hostName: "OutlookWebApp", hostVersion: "20" },
      },
    },
  };

  const listeners = [];
  window.nestedAppAuthBridge = {
    addEventListener: (_name, listener) => listeners.push(listener),
    postMessage: (text) => setTimeout(() => {
      const request = JSON.parse(text);
      const refused = world.signIn === "popup" && request.method === "GetToken";
      const answer = refused ? { success: false, error: { status: "USER_INTERACTION_REQUIRED", description: "Somebody has to sign in." } }
        : request.method === "GetInitContext" ? { success: true, initContext: {} }
        : { success: true, token: { access_token: "token-" + ++world.tokens, expires_in: 3600 }, account: {} };
      listeners.forEach((listener) => listener({ data: JSON.stringify({ requestId: request.requestId, ...answer }) }));
    }),
  };

  const json = (status, body) => new Response(JSON.stringify(body), { status });
  window.fetch = async (asked) => {
    const text = await asked.text();
    const body = text ? JSON.parse(text) : undefined;
    const token = asked.headers.get("authorization");
    const path = new URL(asked.url).pathname;
    world.asked.push({ method: asked.method, path, body, token });
    if (world.status === 0) throw new TypeError("Failed to fetch");
    if (path === "/health") return json(200, {});
    if (world.staleTokens.includes(token)) return json(401, { errors: [{ detail: "The token has expired." }] });
    if (world.status !== 200) return json(world.status, { errors: [{ detail: world.refuse || "" }] });
    if (path === "/api/v1/signature" && world.refuseSignatures) return json(403, { errors: [{ detail: world.refuse }] });
    if (path === "/api/v1/signature") {
      if (!body.choice) return json(200, world.answer);
      return json(200, { ...world.answer, html: "<p>Short</p>", text: "Short", fingerprint: "short", name: "Short" });
    }
    if (path === "/api/v1/signature/choices") return json(200, { choices: world.choices });
    if (path === "/api/v1/me/fields") {
      if (world.fieldErrors) return json(422, { errors: world.fieldErrors });
      for (const field of world.fields) {
        if (!(field.token in body.fields)) continue;
        field.value = body.fields[field.token] === null ? "+41 44" : body.fields[field.token];
        field.own = body.fields[field.token] !== null;
      }
      world.answer = { ...world.answer, html: "<p>" + world.fields[0].value + "</p>", fingerprint: "edited" };
    }
    if (path.startsWith("/api/v1/me")) {
      return json(200, { name: "Lena", address: "lena@example.com", senders: ["lena@example.com"], fields: world.fields });
    }
    return json(200, {});
  };
})();
