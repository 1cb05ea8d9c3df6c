// Plays Outlook on the web towards Microsoft's own Office.js: two frames of the add-in and, between them and this page,
// the messages that outlook-web-16.01.js of npm's @microsoft/office-js 1.1.110 sends and expects. Written from watching
// that file, none of which is in here. The tests set `host.draft`, fire events and read `host.calls`.
"use strict";

const host = { draft: newDraft(), calls: [], completed: [], fired: new Map(), unknown: [], clients: {} };

function newDraft() {
  return {
    composeType: "newMail", format: "html", from: null, to: [], cc: [], bcc: [], subject: "", body: "", signature: null,
    clientSignature: true, session: new Map(), settings: {}, attachments: [],
  };
}

// ---- what the dispatch ids of ExecuteMethod mean ------------------------------------------------------------------

const HTML = 3; // The coercion types are 0 (text) and 3 (HTML).
const PEOPLE = ["to", "cc", "bcc"];
const NOT_SAVED = 9046;
const NO_SUCH_KEY = 9050;

class Refusal {
  constructor(code) { this.code = code; }
}

const METHODS = {
  14: ["body.getTypeAsync", (draft) => draft.format],
  15: ["recipients.getAsync", (draft, { recipientField }) => draft[PEOPLE[recipientField]].map(person)],
  18: ["subject.getAsync", (draft) => draft.subject],
  23: ["body.prependAsync", (draft, { data }) => { draft.body = data + draft.body; }],
  29: ["setSelectedDataAsync", (draft, { data }) => { draft.body += data; }],
  13: ["body.setSelectedDataAsync", (draft, { data }) => { draft.body += data; }],
  37: ["body.getAsync", (draft) => draft.body + (draft.signature ?? "")],
  38: ["body.setAsync", (draft, { data }) => { draft.body = data; }],
  107: ["from.getAsync", (draft) => person(draft.from)],
  148: ["addFileAttachmentFromBase64Async", (draft, { name }) => String(draft.attachments.push(name))],
  149: ["getAttachmentsAsync", () => []],
  164: ["getItemIdAsync", () => new Refusal(NOT_SAVED)],
  173: ["body.setSignatureAsync", (draft, { data, coercionType }) => {
    if (draft.format === "text" && coercionType === HTML) return new Refusal(9002);
    draft.signature = data;
    return undefined;
  }],
  174: ["getComposeTypeAsync", (draft) => ({ composeType: draft.composeType, coercionType: draft.format })],
  175: ["isClientSignatureEnabledAsync", (draft) => draft.clientSignature],
  176: ["disableClientSignatureAsync", (draft) => { draft.clientSignature = false; }],
  185: ["sessionData.setAsync", (draft, { name, value }) => { draft.session.set(name, value); }],
  186: ["sessionData.getAsync", (draft, { name }) => draft.session.get(name) ?? new Refusal(NO_SUCH_KEY)],
  404: ["roamingSettings.saveAsync", (draft, [settings]) => { draft.settings = settings; }],
};

/** As Outlook counts recipient types: other, distribution list, user, external user. */
function person({ address, name = "", type = 2 }) {
  return { address, name, recipientType: type };
}

// ---- the conversation with one frame ------------------------------------------------------------------------------

const REQUEST = 0;
const RESPONSE = 1;
const FOR_CALL = 0;
const FOR_EVENT = 1;
const REGISTER = 1;
const EVENT_COMPLETED = 94;
const ACCESS_TOKEN = 98;

/** What Office.js is told about itself, the host and the add-in when it starts. */
function appContext(client) {
  return {
    _id: client.id, _appInstanceId: client.id, _appName: 64, _appVersion: "16.01", _appMinorVersion: 1,
    _appUILocale: "en-US", _dataLocale: "en-US", _docUrl: "", _clientMode: 1, _reason: 1, _osfControlType: 1,
    _eToken: "", _correlationId: client.id, _hostFullVersion: "15.20.1.0", _settings: host.draft.settings,
    _requirementMatrix: JSON.stringify({ Mailbox: "1.13", IdentityAPI: "1.3", NestedAppAuth: "1.1", react: "1.1" }),
  };
}

/** What Office.js keeps about the item and its owner. */
function initialData() {
  return {
    itemType: 4, permissionLevel: 3, conversationId: null, hostVersion: "15.20.1.0", owaView: "ThreeColumns",
    userDisplayName: host.draft.from.name, userEmailAddress: host.draft.from.address, userProfileType: "enterprise",
    userTimeZone: "UTC", timeZoneOffsets: [], isRestIdSupported: true,
  };
}

function execute(client, { ApiParams: params, MethodData: { DispatchId: id } }) {
  const [name, run] = METHODS[id] ?? [];
  host.calls.push({ role: client.role, name: name ?? `dispatch id ${id}`, params: params ?? null });
  if (!name) {
    host.unknown.push(id);
    return { error: true, errorCode: 5000 };
  }
  const value = run(host.draft, params ?? {});
  return value instanceof Refusal ? { error: true, errorCode: value.code } : { error: false, data: value ?? null };
}

function answer(client, message) {
  switch (message._actionName) {
    case "ContextActivationManager_getAppContextAsync": return appContext(client);
    case "GetInitialData": return initialData();
    case "ExecuteMethod": return execute(client, message._data);
    case "executeMethod": {
      const { DdaMethod: { DispatchId: method }, 0: id, 1: status } = message._data;
      if (method === ACCESS_TOKEN) return accessToken().then((accessToken) => ({ Version: 1, Error: 0, accessToken }));
      if (method !== EVENT_COMPLETED) return { Version: 1, Error: 5000 };
      host.completed.push({ id, status, after: performance.now() - host.fired.get(id) });
      return { Version: 1, Error: 0 };
    }
    case "ContextActivationManager_notifyHost": return null;
    default:
      if (message._actionType !== REGISTER) host.unknown.push(message._actionName);
      client.events.set(message._actionName, message._correlationId);
      return { Version: 1, Error: 0 };
  }
}

function send(client, message, responseType, data) {
  const envelope = {
    _messageType: RESPONSE, _actionName: message._actionName, _conversationId: client.conversation,
    _correlationId: message._correlationId, _origin: location.origin, _data: data, _errorCode: 0,
    _responseType: responseType, _serializerVersion: 1,
  };
  client.frame.contentWindow.postMessage(JSON.stringify(envelope), client.origin);
}

addEventListener("message", async ({ source, origin, data }) => {
  const client = Object.values(host.clients).find(({ frame }) => frame.contentWindow === source);
  if (!client || origin !== client.origin) return;
  if (data.bridge) {
    source.postMessage({ bridged: await broker(data.bridge) }, origin);
    return;
  }
  const message = JSON.parse(data);
  if (message._messageType === REQUEST) send(client, message, FOR_CALL, await answer(client, message));
});

// ---- nested app authentication: the broker behind the bridge that bridge.js puts into the frames ------------------

let token = null;

/** Asks the demo's issuer once; a broker has its own cache, so a stopped Paraph does not stop it. */
async function accessToken() {
  token ??= fetch("/token", { method: "POST", body: host.draft.from.address }).then((response) => response.json());
  return (await token).access_token;
}

async function broker(json) {
  const request = JSON.parse(json);
  host.calls.push({ role: "bridge", name: request.method, params: request.tokenParams ?? null });
  const reply = { messageType: "NestedAppAuthResponse", requestId: request.requestId, success: true };
  if (request.method === "GetInitContext") return JSON.stringify({ ...reply, initContext: { capabilities: {} } });
  const access_token = await accessToken();
  const account = { username: host.draft.from.address, environment: "127.0.0.1" };
  return JSON.stringify({ ...reply, token: { access_token, expires_in: 3600, scope: request.tokenParams.scope }, account });
}

// ---- what the tests call ------------------------------------------------------------------------------------------

/** Starts a new message in a format, from an address with a name, to somebody outside; forgets the calls so far. */
host.compose = (format, [address, name]) => {
  const outsider = { address: "priya.nair@northwind.example", name: "Priya Nair", type: 3 };
  host.draft = { ...newDraft(), format, from: { address, name }, to: [outsider] };
  host.calls.length = 0;
};

/**
 * Loads one of the add-in's pages. `told` says whether the address or the frame's name tells Office.js about its host;
 * "no bridge" is the address again, without nested app authentication.
 */
host.open = (role, address, told) => {
  const url = new URL(address);
  const id = crypto.randomUUID();
  const conversation = `${role}_${id}`;
  const info = `Outlook$Web$16.01$en-US$${id}$$$0`;
  const xdm = `${conversation}|${id}|${location.origin}`;
  const frame = document.createElement("iframe");
  if (told !== "name") {
    frame.name = told;
    url.search = `?_host_Info=${info}`;
    url.hash = `#&_serializer_version=1&_xdm_Info=${xdm}`;
  } else {
    frame.name = JSON.stringify({ baseFrameName: `_xdm_${id}`, hostInfo: info, xdmInfo: xdm, serializerVersion: "1" });
  }
  frame.title = role;
  host.clients[role]?.frame.remove();
  host.clients[role] = { role, frame, id, conversation, origin: url.origin, events: new Map() };
  frame.src = url.href;
  document.body.append(frame);
};

/** Whether the role's page has said that it takes events. */
host.listens = (role) => Boolean(host.clients[role]?.events.has("appCommandInvoked"));

/** Fires a launch event at the function that the add-in associated with `name`. */
host.fire = (role, name, args = {}) => {
  const client = host.clients[role];
  const id = crypto.randomUUID();
  const registration = { _actionName: "appCommandInvoked", _correlationId: client.events.get("appCommandInvoked") };
  host.fired.set(id, performance.now());
  send(client, registration, FOR_EVENT, [id, name, JSON.stringify(args)]);
  return id;
};
