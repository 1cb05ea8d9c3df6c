// Outlook as launchevent.js meets it in a bare engine, with a will of its own: any method may fail, throw, stay silent or
// call back twice. Time is virtual; `world.tick()` moves it to the next thing that is due.
var world = {
  now: 1700000000000,
  start: 1700000000000,
  due: [],
  calls: [], // {path, args, at}
  requests: [], // {url, options, body, at}
  completed: [], // {name, at}
  overlaps: 0,
  working: 0,
  latency: 5,
  behave: {}, // by path: "fail" | "throw" | "silent" | "twice" | "missing" | {code} | {slow: ms} | {late: ms} (done then, without an answer) | a list of these and null, one a call
  bodies: [], // what body.getAsync gives instead of the body, one a call; null: the body
  lost: false, // setSignatureAsync and prependAsync report success and do nothing
  typed: "<div><br></div>",
  signature: "", // what stands in the element that Outlook knows as the signature
  quote: "",
  session: {},
  composeType: "newMail",
  format: "html",
  sender: "anna.berg@paraph.example",
  subject: "Offer",
  to: [],
  cc: [],
  bcc: [],
  itemId: null,
  clientSignature: false,
  attached: [],
  tokens: 0,
  kept: {}, // OfficeRuntime.storage
  answer: {
    html: '<div id="paraph-signature"><b>Anna Berg</b> sells</div>', text: "Anna Berg sells", images: [], fingerprint: "f1",
    name: "Standard", because: []
  },
  // Decides one request: {status, body, after} or "reject" or "hang".
  server: function () { return { status: 200, body: world.answer, after: 20 }; }
};

world.later = function (ms, action) {
  var one = { at: world.now + ms, action: action };
  world.due.push(one);
  return one;
};

world.tick = function () {
  var next = world.due.reduce(function (first, one) {
    return first && first.at <= one.at ? first : one;
  }, null);
  if (!next || next.at > world.start + 120000) return false;
  world.due.splice(world.due.indexOf(next), 1);
  world.now = Math.max(world.now, next.at);
  next.action();
  return true;
};

Date.now = function () { return world.now; };
var setTimeout = function (action, ms) { return world.later(ms, action); };
var clearTimeout = function (one) { world.due = world.due.filter(function (other) { return other !== one; }); };

world.html = function () {
  return world.typed + (world.signature && '<div id="Signature">' + world.signature + "</div>") + world.quote;
};
world.sets = function () { return world.calls.filter(function (call) { return call.path === "body.setSignatureAsync"; }); };
world.count = function (path) { return world.calls.filter(function (call) { return call.path === path; }).length; };
world.answers = function () { return Object.keys(world.kept).filter(function (key) { return key !== "paraph|weather"; }); };
world.state = function () { return JSON.parse(world.session.paraph || "null"); };

// One asynchronous method of the host. `act` gives the value, or throws the error of the result.
function method(path, act) {
  return function () {
    var args = Array.prototype.slice.call(arguments);
    var callback = args.pop();
    if (typeof callback !== "function") throw new Error(path + ": no callback");
    var how = world.behave[path];
    if (Array.isArray(how)) how = how.shift();
    world.calls.push({ path: path, args: args, at: world.now - world.start });
    if (how === "throw") throw new Error("Sys.ArgumentException: " + path);
    if (how === "silent") return;
    if (how && how.late) { world.later(how.late, function () { act.apply(null, args); }); return; }
    var writes = !/(^|\.)(get|is)\w*Async$/.test(path);
    if (writes && world.working > 0) world.overlaps += 1;
    world.working += Number(writes);
    world.later(how && how.slow || world.latency, function () {
      var result = { status: "succeeded" };
      world.working -= Number(writes);
      try {
        if (how === "fail") throw { code: 5018, name: "Failed", message: "It failed." };
        if (how && how.code) throw how;
        result.value = act.apply(null, args);
      } catch (error) {
        result = { status: "failed", error: error };
      }
      callback(result);
      if (how === "twice") callback(result);
    });
  };
}

var METHODS = {
  "sessionData.getAsync": function (key) {
    if (!(key in world.session)) throw { code: 9020, name: "KeyNotFound", message: "The specified key was not found." };
    return world.session[key];
  },
  "sessionData.setAsync": function (key, value) {
    if (value.length > 50000) throw { code: 9006, name: "DataExceedsMaximumSize", message: "" };
    world.session[key] = value;
  },
  "getComposeTypeAsync": function () { return { composeType: world.composeType, coercionType: world.format }; },
  "body.getTypeAsync": function () { return world.format; },
  "from.getAsync": function () { return { emailAddress: world.sender, displayName: "" }; },
  "organizer.getAsync": function () { return { emailAddress: world.sender, displayName: "" }; },
  "subject.getAsync": function () { return world.subject; },
  "to.getAsync": function () { return world.to; },
  "cc.getAsync": function () { return world.cc; },
  "bcc.getAsync": function () { return world.bcc; },
  "requiredAttendees.getAsync": function () { return world.to; },
  "optionalAttendees.getAsync": function () { return world.cc; },
  "getItemIdAsync": function () {
    if (!world.itemId) throw { code: 9050, name: "ItemNotSaved", message: "The id can't be retrieved until the item is saved." };
    return world.itemId;
  },
  "isClientSignatureEnabledAsync": function () { return world.clientSignature; },
  "disableClientSignatureAsync": function () { world.clientSignature = false; },
  "addFileAttachmentFromBase64Async": function (content, name, options) { world.attached.push([name, content, options.isInline]); return "addinId:1"; },
  "body.getAsync": function () {
    var instead = world.bodies.shift();
    return typeof instead === "string" ? instead : world.html();
  },
  "body.prependAsync": function (data) { if (!world.lost) world.typed = data + world.typed; },
  "body.setSignatureAsync": function (data, options) {
    if (data.length > 30000) throw { code: 9006, name: "DataExceedsMaximumSize", message: "" };
    if (world.format === "text" && options.coercionType === "html") throw { code: 9002, name: "InvalidFormatError", message: "" };
    if (!world.lost) world.signature = data;
  }
};

// Builds the item from METHODS, without those that the platform does not offer.
world.build = function () {
  var item = { itemType: world.itemType || "message", conversationId: world.conversationId, inReplyTo: world.inReplyTo };
  Object.keys(METHODS).forEach(function (path) {
    var steps = path.split(".");
    var owner = item;
    if (steps.length === 2) owner = item[steps[0]] = item[steps[0]] || {};
    if (world.behave[path] !== "missing") owner[steps[steps.length - 1]] = method(path, METHODS[path]);
  });
  (item.itemType === "appointment" ? ["from", "to", "cc", "bcc", "getComposeTypeAsync", "isClientSignatureEnabledAsync", "disableClientSignatureAsync"]
    : ["organizer", "requiredAttendees", "optionalAttendees"]).forEach(function (name) { delete item[name]; });
  Office.context.mailbox.item = item;
};

world.fire = function (name) {
  if (!Office.context.mailbox.item) world.build();
  Office.actions.known[name]({ completed: function () { world.completed.push({ name: name, at: world.now - world.start }); } });
};

// The same draft, opened again: Outlook forgets sessionData, and a new runtime knows nothing.
world.reopen = function () {
  world.session = {};
  world.itemId = "AAMk=";
  world.calls = [];
};

var fetch = function (url, options) {
  var request = { url: url, options: options, body: JSON.parse(options.body), at: world.now - world.start };
  world.requests.push(request);
  var how = world.server(request, world.requests.length);
  if (how === "throw") throw new TypeError("fetch");
  return new Promise(function (resolve, reject) {
    if (how === "hang") return;
    world.later(how.after || 1, function () {
      if (how === "reject") { reject(new TypeError("Network request failed")); return; }
      resolve({
        status: how.status,
        text: function () { return Promise.resolve(typeof how.body === "string" ? how.body : JSON.stringify(how.body)); }
      });
    });
  });
};

var OfficeRuntime = {
  auth: { getAccessToken: function () { world.tokens += 1; return Promise.resolve("token-" + world.tokens); } },
  storage: {
    getItem: function (key) { return Promise.resolve(key in world.kept ? world.kept[key] : null); },
    setItem: function (key, value) { world.kept[key] = value; return Promise.resolve(); }
  }
};

var Office = {
  actions: { known: {}, associate: function (name, action) { Office.actions.known[name] = action; } },
  context: {
    platform: "PC",
    mailbox: { diagnostics: { hostName: "Outlook" }, userProfile: { emailAddress: "anna.berg@paraph.example" }, item: null },
    roamingSettings: {
      values: {},
      get: function (name) { return this.values[name]; },
      set: function (name, value) { this.values[name] = value; },
      saveAsync: method("roamingSettings.saveAsync", function () {})
    }
  }
};
