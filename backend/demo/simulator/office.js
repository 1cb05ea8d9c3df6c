// The demo's Office.js: what Outlook puts into the add-in's frames, answered by the simulator in the page around them.
//
// It runs in the pane, in the hidden page that runs launchevent.js (web, mobile) and, loaded by classic-worker.js, in the
// worker that stands for classic Outlook's runtime. Every call goes over a message port to host.js and comes back the
// same way, so a call costs one honest hop and never answers synchronously. What a platform lacks is absent here too.
(function (root) {
  "use strict";

  var worker = typeof root.document === "undefined";
  var port = null;
  var init = null;
  var nextCall = 1;
  var calls = new Map();
  var queue = [];
  var associated = new Map();
  var listeners = new Map();
  var bridgeListeners = [];
  var realFetch = root.fetch.bind(root);
  var server = "normal";
  var ready = null;
  var whenReady = new Promise(function (resolve) { ready = resolve; });
  var connected = null;
  var whenConnected = new Promise(function (resolve) { connected = resolve; });

  // ---- The port to the simulator ---------------------------------------------------------------------------------

  function post(message) {
    if (port) port.postMessage(message); else queue.push(message);
  }

  function report(level, text) {
    // What JavaScript calls its errors says nothing to people.
    if (level === "error") text = String(text).replace(/(Uncaught )?\b\w*Error: /g, "");
    post({ type: "report", level: level, text: text });
  }

  function call(path, args, done) {
    var id = nextCall++;
    calls.set(id, done);
    post({ type: "call", id: id, path: path, args: args });
  }

  function receive(message) {
    if (message.type === "answer") {
      var done = calls.get(message.id);
      calls.delete(message.id);
      if (done) done(message);
    } else if (message.type === "event") {
      fire(message);
    } else if (message.type === "item") {
      var known = Office.context.mailbox.item;
      // The same object as long as it is the same item, as in Outlook.
      if (!message.item) Office.context.mailbox.item = null;
      else if (!known || known.$item !== message.item.id) Office.context.mailbox.item = item(message.item);
    } else if (message.type === "server") {
      server = message.server;
    } else if (message.type === "theme") {
      Office.context.officeTheme = message.theme;
      notify("officeThemeChanged", { type: "officeThemeChanged", officeTheme: message.theme });
    } else if (message.type === "notify") {
      notify(message.event, message.args);
    } else if (message.type === "bridge") {
      bridgeListeners.slice().forEach(function (listener) { listener({ data: message.json }); });
    }
  }

  function notify(event, args) {
    (listeners.get(event) || []).forEach(function (listener) { listener(args); });
  }

  function connect(newPort, message) {
    port = newPort;
    init = message;
    server = message.server;
    port.onmessage = function (event) { receive(event.data); };
    queue.splice(0).forEach(function (queued) { port.postMessage(queued); });
    build();
    connected();
    // In classic Outlook nothing that waits for onReady runs when an event starts the runtime.
    if (worker) return;
    var info = { host: "Outlook", platform: init.platform };
    ready(info);
    if (typeof Office.initialize === "function") Office.initialize(0);
  }

  // ---- Results, arguments, unknown names -------------------------------------------------------------------------

  function argumentError(name, message) {
    var error = new Error("Sys." + name + ": " + message);
    error.name = name;
    return error;
  }

  // `required` has one letter for each leading argument: s a string, o an object, f a function. Then options and callback
  // follow, in the order that Office.js takes them.
  function method(path, required, callbackRequired) {
    return function () {
      var args = [], rest = Array.prototype.slice.call(arguments), options = {}, callback = null;
      for (var i = 0; i < required.length; i++) {
        var wanted = { s: "string", o: "object", f: "function" }[required[i]];
        if (typeof rest[i] !== wanted) {
          throw argumentError("ArgumentTypeException", path + ": argument " + (i + 1) + " must be a " + wanted);
        }
        args.push(rest[i]);
      }
      if (path === "body.setSignatureAsync" && args[0].length > 120000) {
        throw argumentError("ArgumentOutOfRangeException", "data");
      }
      rest.slice(required.length).forEach(function (extra) {
        if (typeof extra === "function") callback = extra;
        else if (extra && typeof extra === "object") options = extra;
        else if (extra !== undefined && extra !== null) {
          throw argumentError("ArgumentException", path + ": unexpected " + typeof extra);
        }
      });
      if (callbackRequired && !callback) throw argumentError("ArgumentNullException", path + ": callback");
      var context = options.asyncContext;
      var plain = Object.assign({}, options);
      delete plain.asyncContext;
      call(path, args.concat([plain, this && this.$item]), function (answer) {
        if (callback) callback(result(answer, context));
      });
    };
  }

  function result(answer, context) {
    var made = { asyncContext: context, diagnostics: undefined };
    made.status = answer.error ? "failed" : "succeeded";
    if (answer.error) made.error = answer.error;
    else made.value = answer.value;
    return made;
  }

  // What engines and promises read of any object.
  var QUIET = ["then", "toJSON", "$item"];

  // Reading a name that Outlook has never had, or that is not simulated, is a gap or a typing error: say so, loudly.
  function strict(path, object, known) {
    return new Proxy(object, {
      get: function (target, name) {
        if (name in target || typeof name === "symbol" || QUIET.indexOf(name) >= 0) return target[name];
        if (!known || known.indexOf(name) < 0) report("error", path + "." + name + " is not simulated");
        return undefined;
      }
    });
  }

  // ---- The item --------------------------------------------------------------------------------------------------

  // [path, required arguments, flags]: ! callback required, d not on mobile (desktop and web only), M messages only,
  // A appointments only.
  var ITEM = [
    ["body.getAsync", "s", "!"], ["body.getTypeAsync", "", "!d"], ["body.setSignatureAsync", "s", ""],
    ["body.setSelectedDataAsync", "s", ""], ["body.prependAsync", "s", "d"], ["body.setAsync", "s", "d"],
    ["from.getAsync", "", "!M"], ["organizer.getAsync", "", "!A"],
    ["to.getAsync", "", "!M"], ["cc.getAsync", "", "!M"], ["bcc.getAsync", "", "!M"],
    ["requiredAttendees.getAsync", "", "!A"], ["optionalAttendees.getAsync", "", "!A"],
    ["subject.getAsync", "", "!"], ["subject.setAsync", "s", "d"],
    ["getItemIdAsync", "", "!"], ["getComposeTypeAsync", "", "!M"], ["isClientSignatureEnabledAsync", "", "!d"], ["disableClientSignatureAsync", "", ""],
    ["addFileAttachmentFromBase64Async", "ss", ""], ["getAttachmentsAsync", "", "d"], ["removeAttachmentAsync", "s", ""],
    ["sessionData.getAsync", "s", "!"], ["sessionData.setAsync", "ss", ""], ["sessionData.getAllAsync", "", "!"],
    ["sessionData.removeAsync", "s", ""], ["sessionData.clearAsync", "", ""],
    ["notificationMessages.addAsync", "so", "d"], ["notificationMessages.replaceAsync", "so", "d"],
    ["notificationMessages.removeAsync", "s", "d"], ["notificationMessages.getAllAsync", "", "d"],
    ["addHandlerAsync", "sf", ""], ["removeHandlerAsync", "s", ""]
  ];
  var ITEM_VALUES = ["itemType", "conversationId", "inReplyTo", "itemClass"];

  function names(prefix) {
    return ITEM.map(function (row) { return row[0]; })
      .filter(function (path) { return path.indexOf(prefix) === 0; })
      .map(function (path) { return path.slice(prefix.length).split(".")[0]; });
  }

  function item(values) {
    var made = { $item: values.id }, mobile = init.mobile, appointment = values.itemType === "appointment";
    ITEM_VALUES.forEach(function (name) { if (name in values) made[name] = values[name]; });
    ITEM.forEach(function (row) {
      var flags = row[2];
      if ((mobile && flags.indexOf("d") >= 0) || flags.indexOf(appointment ? "M" : "A") >= 0) return;
      var parts = row[0].split("."), owner = made;
      if (values.lacks && parts[0] === values.lacks) return;
      if (parts.length === 2) owner = made[parts[0]] = made[parts[0]] || { $item: values.id };
      owner[parts[parts.length - 1]] = method(row[0], row[1], flags.indexOf("!") >= 0);
    });
    handlers(made);
    Object.keys(made).forEach(function (name) {
      if (typeof made[name] === "object" && made[name]) made[name] = strict("item." + name, made[name], names(name + "."));
    });
    return strict("item", made, names("").concat(ITEM_VALUES));
  }

  // Handlers are functions and stay on this side of the port; only their answers are asynchronous.
  function handlers(owner) {
    owner.addHandlerAsync = function (event, handler, options, callback) {
      if (typeof event !== "string" || typeof handler !== "function") {
        throw argumentError("ArgumentTypeException", "addHandlerAsync");
      }
      listeners.set(event, (listeners.get(event) || []).concat([handler]));
      settle(options, callback);
    };
    owner.removeHandlerAsync = function (event, options, callback) {
      listeners.delete(event);
      settle(options, callback);
    };
  }

  function settle(options, callback) {
    var done = typeof options === "function" ? options : callback;
    var answer = { status: "succeeded", value: undefined, asyncContext: options && options.asyncContext };
    Promise.resolve().then(function () { if (done) done(answer); });
  }

  // ---- Events ----------------------------------------------------------------------------------------------------

  function fire(message) {
    // A global function of that name wins over the associated one.
    var global = !worker && typeof root[message.name] === "function" && root[message.name];
    var handler = global || associated.get(message.name.toUpperCase());
    if (!handler) {
      // Outlook waits for the script that is still loading; the simulator's log shows it if it never comes.
      listeners.set("$associated", (listeners.get("$associated") || []).concat([function () { fire(message); }]));
      return;
    }
    var event = Object.assign({ source: { id: message.name } }, message.args);
    event.completed = function (options) {
      post({ type: "completed", id: message.id, options: options ? JSON.parse(JSON.stringify(options)) : null });
    };
    post({ type: "started", id: message.id });
    try {
      handler(event);
    } catch (error) {
      report("error", message.name + " threw: " + ((error && error.message) || error));
    }
  }

  function associate(name, handler) {
    if (typeof name !== "string" || typeof handler !== "function") {
      throw argumentError("ArgumentTypeException", "Office.actions.associate");
    }
    associated.set(name.toUpperCase(), handler);
    post({ type: "associated", name: name });
    var waiting = listeners.get("$associated") || [];
    listeners.delete("$associated");
    waiting.forEach(function (retry) { retry(); });
  }

  // ---- Office.context --------------------------------------------------------------------------------------------

  function build() {
    var mailbox = {
      userProfile: init.userProfile,
      diagnostics: { hostName: init.hostName, hostVersion: init.version, OWAView: "ThreeColumns" },
      item: init.item ? item(init.item) : null
    };
    handlers(mailbox);
    var context = {
      host: "Outlook", platform: init.platform, partitionKey: init.partitionKey, officeTheme: init.theme,
      displayLanguage: "en-GB", contentLanguage: "en-GB", touchEnabled: init.mobile, isDialog: init.role === "dialog",
      diagnostics: { host: "Outlook", platform: init.platform, version: init.version },
      mailbox: strict("mailbox", mailbox),
      requirements: { isSetSupported: isSetSupported },
      roamingSettings: roamingSettings(init.roaming),
      ui: strict("ui", ui(), ["displayDialogAsync", "messageParent", "closeContainer"])
    };
    if (init.role === "pane" && init.accessTokens) context.auth = { getAccessToken: getAccessToken };
    Office.context = strict("Office.context", context, ["auth"]);
    if (init.accessTokens) {
      OfficeRuntime.auth = { getAccessToken: getAccessToken };
      if (init.role === "pane") Office.auth = OfficeRuntime.auth;
    }
    if (init.bridge) root.nestedAppAuthBridge = bridge;
  }

  function isSetSupported(name, version) {
    var has = init.sets[String(name).toLowerCase()], wanted = String(version === undefined ? "1.1" : version).split(".");
    if (!has) return false;
    var major = Number(has.split(".")[0]) - Number(wanted[0]);
    return major > 0 || (major === 0 && Number(has.split(".")[1]) >= Number(wanted[1] || 0));
  }

  // Loaded once, at the start of the runtime: what another runtime saves later is seen after a restart only.
  function roamingSettings(values) {
    return {
      get: function (name) { return values[name]; },
      set: function (name, value) { values[name] = value === undefined ? value : JSON.parse(JSON.stringify(value)); },
      remove: function (name) { delete values[name]; },
      saveAsync: method("roamingSettings.saveAsync", "", false).bind({ get $item() { return values; } })
    };
  }

  function ui() {
    if (init.role === "dialog") {
      return { messageParent: function (message) { post({ type: "messageParent", message: String(message) }); } };
    }
    if (init.role !== "pane") return {};
    return {
      closeContainer: function () { post({ type: "closePane" }); },
      displayDialogAsync: function (url, options, callback) {
        var done = typeof options === "function" ? options : callback;
        if (typeof url !== "string") throw argumentError("ArgumentTypeException", "displayDialogAsync");
        call("ui.displayDialogAsync", [url, typeof options === "object" ? options : {}], function (answer) {
          var made = result(answer);
          if (!answer.error) made.value = {
            addEventHandler: function (event, handler) { listeners.set(event, [handler]); },
            close: function () { post({ type: "closeDialog" }); }
          };
          if (done) done(made);
        });
      }
    };
  }

  function getAccessToken() {
    return new Promise(function (resolve, reject) {
      call("auth.getAccessToken", [], function (answer) {
        if (answer.error) reject(answer.error); else resolve(answer.value);
      });
    });
  }

  // Nested app authentication: the transport that MSAL uses, with the simulator as the broker.
  var bridge = {
    addEventListener: function (type, listener) { if (type === "message") bridgeListeners.push(listener); },
    removeEventListener: function (type, listener) {
      bridgeListeners = bridgeListeners.filter(function (one) { return one !== listener; });
    },
    postMessage: function (json) { post({ type: "bridge", json: String(json) }); }
  };

  function storage(name) {
    return function (argument, value) {
      return new Promise(function (resolve, reject) {
        if (name === "setItem" && typeof value !== "string") {
          reject(argumentError("ArgumentTypeException", "storage.setItem takes a string"));
          return;
        }
        call("storage." + name, [argument, value], function (answer) {
          if (answer.error) reject(answer.error); else resolve(answer.value);
        });
      });
    };
  }

  var OfficeRuntime = { storage: {} };
  ["getItem", "setItem", "removeItem", "getItems", "setItems", "removeItems", "getKeys"].forEach(function (name) {
    OfficeRuntime.storage[name] = storage(name);
  });
  OfficeRuntime.storage = strict("OfficeRuntime.storage", OfficeRuntime.storage);

  var Office = {
    onReady: function (callback) {
      return whenReady.then(function (info) { if (callback) callback(info); return info; });
    },
    initialize: undefined, context: undefined, auth: undefined,
    actions: strict("Office.actions", { associate: associate }),
    CoercionType: { Html: "html", Text: "text", Matrix: "matrix", Table: "table" },
    AsyncResultStatus: { Succeeded: "succeeded", Failed: "failed" },
    EventType: {
      RecipientsChanged: "olkRecipientsChanged", ItemChanged: "olkItemSelectedChanged", OfficeThemeChanged: "officeThemeChanged",
      DialogMessageReceived: "dialogMessageReceived", DialogEventReceived: "dialogEventReceived", FromChanged: "olkFromChanged"
    },
    HostType: { Outlook: "Outlook" },
    PlatformType: { PC: "PC", OfficeOnline: "OfficeOnline", Mac: "Mac", iOS: "iOS", Android: "Android", Universal: "Universal" },
    MailboxEnums: {
      ItemType: { Message: "message", Appointment: "appointment" },
      ComposeType: { NewMail: "newMail", Reply: "reply", Forward: "forward" },
      RecipientType: { User: "user", ExternalUser: "externalUser", DistributionList: "distributionList", Other: "other" },
      BodyType: { Html: "html", Text: "text" },
      ItemNotificationMessageType: {
        ProgressIndicator: "progressIndicator", InformationalMessage: "informationalMessage",
        ErrorMessage: "errorMessage", InsightMessage: "insightMessage"
      },
      ActionType: { ShowTaskPane: "showTaskPane" },
      AttachmentType: { File: "file", Item: "item", Cloud: "cloud" }
    }
  };

  // ---- The server, as the controls say it is ---------------------------------------------------------------------

  function pause(milliseconds, signal) {
    return new Promise(function (resolve, reject) {
      var timer = setTimeout(resolve, milliseconds);
      if (signal) signal.addEventListener("abort", function () { clearTimeout(timer); reject(signal.reason); });
    });
  }

  function simulatedFetch(input, options) {
    var url = typeof input === "string" ? input : input.url || String(input);
    if (worker && !/^https?:\/\//.test(url)) {
      return Promise.reject(new TypeError("Network request failed: classic Outlook takes absolute addresses only"));
    }
    if (!/^(https?:\/\/[^/]+)?\/api\//.test(url)) return realFetch(input, options);
    var signal = (options && options.signal) || (typeof input === "object" && input.signal) || null;
    var asked = Date.now();
    return whenConnected
      .then(function () { return answerAs(server, input, options, signal); })
      .then(function (response) {
        report("fetch", { url: url, status: response.status, ms: Date.now() - asked });
        return response;
      }, function (error) {
        report("fetch", { url: url, status: 0, ms: Date.now() - asked });
        throw error;
      });
  }

  function answerAs(mode, input, options, signal) {
    if (mode === "stopped") return Promise.reject(new TypeError("Failed to fetch"));
    if (mode === "failing") {
      var body = JSON.stringify({ errors: [{ detail: "The database is not available." }] });
      return Promise.resolve(new Response(body, { status: 503, headers: { "content-type": "application/json" } }));
    }
    if (mode === "slow") return pause(3000, signal).then(function () { return realFetch(input, options); });
    return realFetch(input, options);
  }

  // ---- Start -----------------------------------------------------------------------------------------------------

  root.Office = strict("Office", Office, ["context", "auth", "initialize"]);
  root.OfficeRuntime = strict("OfficeRuntime", OfficeRuntime, ["auth"]);
  root.fetch = simulatedFetch;

  root.addEventListener("error", function (event) { report("error", event.message ? "A script of the add-in stopped: " + event.message : "A script or resource did not load."); });
  root.addEventListener("unhandledrejection", function (event) {
    report("error", "A script of the add-in stopped: " + ((event.reason && event.reason.message) || event.reason));
  });
  var consoleError = console.error.bind(console);
  console.error = function () {
    consoleError.apply(null, arguments);
    report("error", Array.prototype.map.call(arguments, String).join(" "));
  };

  if (worker) {
    root.connectOffice = connect;
    return;
  }
  // As the real Office.js does (verified in 1.1.110), except on Android.
  root.history.pushState = root.history.replaceState = null;
  ["alert", "confirm", "prompt"].forEach(function (name) {
    root[name] = function () { throw new Error("window." + name + " is not supported in Office add-ins"); };
  });
  if (root.parent === root) {
    ready({ host: null, platform: null });
    return;
  }
  root.addEventListener("message", function (event) {
    if (event.source === root.parent && event.data && event.data.type === "office-init") connect(event.ports[0], event.data);
  });
  root.parent.postMessage({ type: "office-hello" }, root.location.origin);
})(self);
