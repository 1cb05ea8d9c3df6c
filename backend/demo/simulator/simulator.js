// The Outlook simulator. It runs the real launchevent.js and the real pane of this server against a simulated Office object.
//
// For scripts, `window.simulator`:
//   await simulator.ready                 people, manifest, body and event runtime are loaded
//   await simulator.person(address)       signs somebody in; starts their runtime anew
//   await simulator.platform(name)        "web", "classic" (a worker without DOM), "mobile"; starts the runtime anew
//   simulator.format(name)                "html" or "text" for the next message
//   simulator.server(name)                "normal", "slow" (3 s), "failing" (503), "stopped": what /api answers the add-in
//   await simulator.signIn(how)           "host" or "none": whether Outlook gives the add-in a token, or neither the nested app
//                                         authentication bridge nor getAccessToken; starts the runtime anew
//   await simulator.trouble(id, on)       switches a misbehaviour of trouble.js on or off
//   simulator.attachments(works)          false: attaching a file fails, as it sometimes does in Outlook
//   await simulator.compose(kind)         "new", "reply", "replyAll", "forward", "appointment" -> record
//   await simulator.addRecipient(field, address), .removeRecipient(field, address)     field "to", "cc", "bcc" -> record
//   await simulator.from(address)         -> record
//   await simulator.fire(event)           fires an event again at the open draft, such as "OnNewMessageCompose" -> record
//   await simulator.settled()             no event is running any more
//   simulator.type(text), .removeSignature(), .subject(text)
//   simulator.body(), .text()             the draft's HTML (as Office.js gives it) and text
//   simulator.draft                       the draft: from, to, cc, bcc, attachments, sessionData (a Map), notifications
//   simulator.records, .errors            all records; all errors, gaps of the simulation included
//   simulator.dark(on), .discard()        the dark window; closes the draft
//   simulator.openPane(), .closePane()    the real pane, in the frame #pane iframe
//   await simulator.restart()             starts the event runtime anew, as a restart of Outlook does; what is kept stays
//   await simulator.forget()              also forgets everything kept on this device, for everybody
// A record: {id, event, function, kind, format, platform, firedAt, signatureAt, completedAt, completions, signatures,
//   fetches: [{url, status, ms}], source: "server"|"cache"|null, name, error, removed, ended, pending}; signatureAt (the first
//   setSignatureAsync) and completedAt are milliseconds since the event was fired, or null. An event that this platform does not fire gives
//   null instead of a record.

import { prepare } from "./body.js";
import { Draft, KINDS, OUTSIDERS } from "./draft.js";
import { PLATFORMS, forget, theme } from "./host.js";
import { Log } from "./log.js";
import { EventRuntime, Events, FrameClient, readManifest } from "./runtime.js";
import { consolePage } from "./console.js";
import { TROUBLES } from "./trouble.js";
import { View } from "./view.js";

const SURFACES = { frame: document.getElementById("body"), area: document.getElementById("text-body") };
const log = new Log(document.getElementById("log"));
const events = new Events(log);
const tokens = new Map();
let manifest = null;
let runtime = null;
let pane = null;
let dialog = null;
let changing = null; // while another runtime starts

/** What Outlook knows; host.js and view.js read it. */
const world = {
  people: [],
  domains: [],
  person: null,
  platform: "web",
  format: "html",
  server: "normal",
  signIn: "host",
  dark: false,
  draft: null,
  clientSignature: false,
  attachmentsFail: false,
  trouble: new Set(),
  once: new Set(),

  colleagues: () => world.people.filter((one) => !one.shared && one.address !== world.person.address),
  nameOf: (address) => [...world.people, ...OUTSIDERS].find((one) => one.address === address)?.name || address,
  isExternal: (address) => !world.domains.includes(address.split("@").at(-1).toLowerCase()),
  warn: (text) => log.error("add-in", text),
  refresh: () => view.draft(),

  /** A token for the person, or for somebody else while that trouble lasts; `chosen`: the person chose the account. */
  async token(chosen) {
    if (chosen && world.trouble.has("other-account")) await simulator.trouble("other-account", false);
    const { address } = world.trouble.has("other-account") ? stranger() : world.person;
    const kept = tokens.get(address);
    if (kept && kept.until > Date.now()) return kept.token;
    const response = await fetch("/demo/token", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ address }),
    });
    if (!response.ok) throw new Error(`no token for ${address}: ${response.status}`);
    const token = (await response.json()).access_token;
    tokens.set(address, { token, until: Date.now() + 20 * 60_000 });
    return token;
  },

  signed(client) {
    if (client === runtime?.client) events.signed();
  },
  fetched(client, fetched) {
    if (client === runtime?.client) events.fetched(fetched);
  },

  /** Messages of a client that are not calls. */
  heard(client, message) {
    if (message.type === "completed") events.completed(message.id);
    else if (message.type === "closePane") closePane();
    else if (message.type === "closeDialog") closeDialog();
    else if (message.type === "messageParent")
      pane?.post({
        type: "notify",
        event: "dialogMessageReceived",
        args: { message: message.message, origin: location.origin },
      });
  },

  openDialog(url) {
    if (dialog) return false;
    const frame = view.dialogFrame();
    dialog = new FrameClient(world, "dialog", frame, url, log);
    view.dialog.showModal();
    view.dialog.onclose = () => {
      if (dialog) pane?.post({ type: "notify", event: "dialogEventReceived", args: { error: 12006 } });
      closeDialog();
    };
    return true;
  },
};

/** Somebody who may not write for the person. */
function stranger() {
  const { address } = world.person;
  return world.people.find((one) => !one.shared && one.address !== address && !one.senders.includes(address));
}

function closeDialog() {
  dialog?.close();
  dialog = null;
  view.dialog.close();
}

// ---- The runtime of events -----------------------------------------------------------------------------------------

/** Starts the runtime anew and waits until the add-in has associated a handler. */
async function restart() {
  events.leave();
  runtime?.close();
  runtime = new EventRuntime(world, manifest, log);
  const { client } = runtime;
  const until = performance.now() + 10_000;
  while (!client.associated.size && performance.now() < until && runtime.client === client)
    await new Promise((next) => setTimeout(next, 5));
  if (!client.associated.size && runtime.client === client)
    log.error("events", "launchevent.js did not associate any handler.");
}

function fire(event, args) {
  const handler = manifest[PLATFORMS[world.platform].mobile ? "mobile" : "desktop"][event];
  if (!handler || !world.draft) return Promise.resolve(null);
  world.once.clear();
  return events.fire(runtime, event, handler, world.draft, world, args);
}

async function compose(kind) {
  if (!KINDS[kind]) throw new Error(`There is no ${kind}`);
  if (kind === "appointment" && world.platform === "mobile") {
    view.toast("Outlook on phones fires no event for appointments.");
    return null;
  }
  if (changing) await changing;
  if (events.pending.length) await restart(); // Outlook ends what still runs for the item that is left.
  world.draft = new Draft(kind, world, SURFACES);
  view.stage("draft");
  view.draft();
  if (pane) openPane(); // A pane in compose belongs to its item.
  const fired = fire(KINDS[kind].event);
  // Classic Outlook also tells of the recipients that a reply starts with (Office-Add-in-samples#1038).
  if (world.platform === "classic" && kind.startsWith("reply")) fire("OnMessageRecipientsChanged", changedFields("to"));
  view.focus();
  if (world.trouble.has("pop-out")) await popOut();
  return fired;
}

/** The message moves into a window of its own: Outlook saves it and ends the runtime, and what was recorded is lost. */
async function popOut() {
  world.draft.itemId = `AAMkADI4-${world.draft.id}`;
  world.draft.sessionData.clear();
  await restart();
  log.note("The message was popped out", "Outlook ended the handler");
}

function changedFields(field) {
  const changed = { to: false, cc: false, bcc: false };
  changed[field] = true;
  return { changedRecipientFields: changed };
}

function recipientsChanged(field) {
  view.draft();
  const args = { type: "olkRecipientsChanged", ...changedFields(field) };
  pane?.post({ type: "notify", event: "olkRecipientsChanged", args });
  if (world.trouble.has("recipients-quiet")) return Promise.resolve(null);
  return world.draft.isAppointment ? Promise.resolve(null) : fire("OnMessageRecipientsChanged", changedFields(field));
}

// ---- The pane ------------------------------------------------------------------------------------------------------

function openPane() {
  if (PLATFORMS[world.platform].mobile) {
    view.toast("Outlook on phones has no pane while a message is written.");
    return;
  }
  pane?.close();
  pane = new FrameClient(world, "pane", view.paneFrame(), manifest.pane, log);
}

function closePane() {
  pane?.close();
  pane = null;
  view.hidePane();
}

// ---- window.simulator ----------------------------------------------------------------------------------------------

const simulator = {
  ready: null,
  get records() {
    return events.records;
  },
  get errors() {
    return log.errors;
  },
  get draft() {
    return world.draft;
  },

  async person(address) {
    const person = world.people.find((one) => one.address === address && !one.shared);
    if (!person) throw new Error(`${address} cannot sign in`);
    world.person = person;
    discard();
    view.person();
    await restart();
  },
  async platform(name) {
    if (!PLATFORMS[name]) throw new Error(`There is no platform ${name}`);
    world.platform = name;
    discard();
    view.platform();
    await restart();
  },
  format(name) {
    world.format = name === "text" ? "text" : "html";
    view.controls();
  },
  server(name) {
    world.server = name;
    for (const client of [runtime?.client, pane]) client?.post({ type: "server", server: name });
    view.controls();
  },
  async signIn(how) {
    world.signIn = how === "none" ? "none" : "host";
    discard();
    await restart();
  },
  trouble(id, on) {
    if (!TROUBLES.some((one) => one.id === id)) throw new Error(`There is no trouble ${id}`);
    if (on) world.trouble.add(id);
    else world.trouble.delete(id);
    view.controls();
    if (id === "server-away") simulator.server(on ? "stopped" : "normal");
    // The handler keeps its token for a while.
    if (id === "other-account") changing = restart().then(() => (changing = null));
    return Promise.resolve(changing);
  },
  /** No runtime is starting. */
  calm: () => Promise.resolve(changing),
  /** The address in the console of the "signature", "rules" or "person" of the open draft. */
  console: (what) => consolePage(world, what),
  attachments(works) {
    world.attachmentsFail = !works;
  },
  compose,
  addRecipient(field, address) {
    if (world.draft[field].some((one) => one.address === address)) return Promise.resolve(null);
    world.draft[field].push({ address, name: world.nameOf(address) });
    return recipientsChanged(field);
  },
  removeRecipient(field, address) {
    world.draft[field] = world.draft[field].filter((one) => one.address !== address);
    return recipientsChanged(field);
  },
  from(address) {
    world.draft.from = address;
    if (world.trouble.has("from-clears")) world.draft.body.removeSignature();
    view.draft();
    pane?.post({ type: "notify", event: "olkFromChanged", args: { type: "olkFromChanged" } });
    const shared = world.people.find((one) => one.address === address)?.shared;
    if (world.draft.isAppointment || (shared && world.platform === "mobile")) return Promise.resolve(null);
    return fire("OnMessageFromChanged");
  },
  fire: (event) => fire(event),
  async settled() {
    await Promise.all(events.pending.map((record) => record.done.promise));
  },
  subject(text) {
    world.draft.subject = text;
    view.draft();
  },
  type(text) {
    world.draft.body.type(text);
  },
  removeSignature() {
    world.draft.body.removeSignature();
  },
  body: () => world.draft.body.html(),
  text: () => world.draft.body.text(),
  openPane,
  closePane,
  restart,
  discard,
  async forget() {
    forget();
    discard();
    await restart();
  },
  dark(on) {
    world.dark = on;
    view.theme();
    for (const client of [runtime?.client, pane]) client?.post({ type: "theme", theme: theme(on) });
  },
};

/** Closes the compose window. */
function discard() {
  closePane();
  world.draft = null;
  view.stage("empty");
}

const view = new View(world, simulator, log);

simulator.ready = (async () => {
  await prepare(SURFACES.frame);
  const [people] = await Promise.all([
    fetch("/demo/people").then((response) => response.json()),
    readManifest().then((read) => {
      manifest = read;
    }),
  ]);
  world.people = people.people;
  world.domains = people.domains.map((domain) => domain.toLowerCase());
  view.people();
  // Somebody who writes for several mailboxes has most to try.
  const shared = (person) => world.people.filter((one) => one.shared && person.senders.includes(one.address)).length;
  world.person = world.people.filter((one) => !one.shared).reduce((best, one) => (shared(one) > shared(best) ? one : best));
  view.person();
  view.platform();
  view.theme();
  await restart();
})();
simulator.ready.catch((error) => log.error("simulator", `It could not start. Reload the page; if that does not help, restart the demo. (${error.message})`));
window.simulator = simulator;
