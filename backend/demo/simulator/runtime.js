// Where the add-in's code runs: the hidden page or the worker that runs launchevent.js, the pane, a dialog; and the record
// of every event that was fired, with what came of it.

import { OfficeError, answer, brokerAnswer, initFor } from "./host.js";

const COMPLETE_WITHIN = 5_000; // What the product promises; Outlook itself waits for minutes.
const GIVE_UP_AFTER = 15_000;

/** A frame or worker that talks to the host over one port. */
class Client {
  constructor(world, role, log) {
    this.world = world;
    this.role = role;
    this.log = log;
    this.associated = new Set();
  }

  /** Opens the port and gives its other end, with the first message, to `send`. */
  connect(send, extra = {}) {
    const { port1, port2 } = new MessageChannel();
    this.port?.close();
    this.port = port1;
    port1.onmessage = ({ data }) => this.#receive(data);
    send({ ...initFor(this.world, this.role), ...extra }, port2);
  }

  post(message) {
    this.port?.postMessage(message);
  }

  async #receive(message) {
    const { world } = this;
    if (message.type === "call") {
      const reply = { type: "answer", id: message.id };
      try {
        const value = await answer(world, message.path, message.args, { signed: () => world.signed(this) });
        this.post({ ...reply, value });
      } catch (error) {
        if (!(error instanceof OfficeError)) throw error;
        if (error.officeName === "NotSimulated") this.log.error(this.role, error.message);
        this.post({ ...reply, error: { code: error.code, name: error.officeName, message: error.message } });
      }
    } else if (message.type === "bridge") {
      this.post({ type: "bridge", json: await brokerAnswer(world, message.json) });
    } else if (message.type === "report") {
      if (message.level === "fetch") world.fetched(this, message.text);
      else this.log.error(this.role, message.text);
    } else if (message.type === "associated") {
      this.associated.add(message.name.toUpperCase());
    } else {
      world.heard(this, message);
    }
  }
}

/** A frame of the add-in: answers its greeting with the port. */
export class FrameClient extends Client {
  constructor(world, role, frame, url, log) {
    super(world, role, log);
    this.frame = frame;
    this.greet = (event) => {
      if (event.source !== frame.contentWindow || event.data?.type !== "office-hello") return;
      this.connect((init, port) => frame.contentWindow.postMessage(init, location.origin, [port]));
    };
    addEventListener("message", this.greet);
    frame.src = url;
  }

  close() {
    removeEventListener("message", this.greet);
    this.port?.close();
    this.port = null;
  }
}

/** The runtime of launch events: a hidden page, or on classic Windows a worker without a page. */
export class EventRuntime {
  constructor(world, manifest, log) {
    this.classic = world.platform === "classic";
    if (this.classic) {
      this.client = new Client(world, "events", log);
      this.worker = new Worker("/demo/classic-worker.js");
      this.worker.onerror = (event) => log.error("events", event.message || "classic-worker.js did not load");
      this.client.connect((init, port) => this.worker.postMessage(init, [port]), { script: manifest.script });
    } else {
      this.frame = document.createElement("iframe");
      this.frame.hidden = true;
      this.frame.title = "The add-in's hidden page";
      document.body.append(this.frame);
      this.client = new FrameClient(world, "events", this.frame, manifest.page, log);
    }
  }

  close() {
    this.worker?.terminate();
    this.frame?.remove();
    if (this.client.close) this.client.close();
    else this.client.port?.close();
  }
}

/** What happened to one event. Times are milliseconds since it was fired. */
class EventRecord {
  constructor(id, event, handler, draft, platform) {
    Object.assign(this, {
      id,
      event,
      function: handler,
      kind: draft.kind,
      format: draft.body.format,
      platform,
      firedAt: performance.now(),
      signatureAt: null,
      completedAt: null,
      completions: 0,
      signatures: 0,
      fetches: [],
      source: null,
      name: null,
      error: null,
      ended: null,
    });
    Object.defineProperty(this, "draft", { value: draft });
    Object.defineProperty(this, "done", { value: Promise.withResolvers() });
  }

  get since() {
    return performance.now() - this.firedAt;
  }
  get pending() {
    return this.completedAt === null && !this.ended;
  }

  /** Reads what the handler noted for the pane. */
  readNote() {
    const note = JSON.parse(this.draft.sessionData.get("paraph") || "null");
    if (!note) return;
    this.source = note.source ?? null;
    this.name = note.name ?? null;
    this.error = note.error ?? null;
    this.removed = Boolean(note.removed);
  }

  toJSON() {
    const { pending, ...rest } = { ...this, pending: this.pending };
    return { ...rest, pending };
  }
}

/** Fires events into a runtime and keeps their records, the newest last. */
export class Events {
  constructor(log) {
    this.log = log;
    this.records = [];
  }

  /** Fires `event` at `runtime`; the promise gives the record once the handler has completed it or cannot any more. */
  fire(runtime, event, handler, draft, world, args = {}) {
    const record = new EventRecord(this.records.length + 1, event, handler, draft, world.platform);
    this.records.push(record);
    runtime.client.post({ type: "item", item: draft.values(world.platform) });
    runtime.client.post({ type: "event", id: record.id, name: handler, args: { type: event, ...args } });
    this.log.changed(record);
    record.late = setTimeout(() => this.log.changed(record), COMPLETE_WITHIN);
    record.giveUp = setTimeout(() => this.#end(record, "the handler never completed the event"), GIVE_UP_AFTER);
    if (!runtime.client.port && !runtime.frame) this.#end(record, "the runtime is not loaded");
    return record.done.promise;
  }

  /** The add-in called `setSignatureAsync` (or put it in otherwise). */
  signed() {
    for (const record of this.records.filter((one) => one.pending)) {
      record.signatures += 1;
      record.signatureAt ??= record.since;
    }
  }

  fetched(fetch) {
    for (const record of this.records.filter((one) => one.pending)) {
      record.fetches.push(fetch);
      this.log.changed(record);
    }
  }

  completed(id) {
    const record = this.records.find((one) => one.id === id);
    if (!record) return;
    record.completions += 1;
    if (record.completions > 1) {
      this.log.error("events", `${record.function} called event.completed() ${record.completions} times.`);
    } else {
      record.completedAt = record.since;
      record.readNote();
      this.#stop(record);
    }
    this.log.changed(record);
  }

  /** The person went to another item: Outlook ends what still runs. */
  leave() {
    for (const record of this.records.filter((one) => one.pending)) this.#end(record, "the item was left");
  }

  get pending() {
    return this.records.filter((one) => one.pending);
  }

  #end(record, why) {
    if (!record.pending) return;
    record.ended = why;
    this.#stop(record);
    this.log.changed(record);
  }

  #stop(record) {
    clearTimeout(record.late);
    clearTimeout(record.giveUp);
    record.done.resolve(record);
  }
}

/** What the manifest that this server serves says about events and pages. */
export async function readManifest() {
  const manifest = {
    page: "/launchevent.html",
    script: "/launchevent.js",
    pane: "/pane.html",
    desktop: {
      OnNewMessageCompose: "paraphOnNewMessage",
      OnMessageRecipientsChanged: "paraphOnRecipientsChanged",
      OnMessageFromChanged: "paraphOnFromChanged",
      OnNewAppointmentOrganizer: "paraphOnNewAppointment",
    },
    mobile: {
      OnNewMessageCompose: "paraphOnNewMessage",
      OnMessageRecipientsChanged: "paraphOnRecipientsChanged",
      OnMessageFromChanged: "paraphOnFromChanged",
    },
  };
  const response = await fetch("/manifest.xml");
  if (!response.ok) throw new Error(`/manifest.xml: ${response.status}`);
  const xml = new DOMParser().parseFromString(await response.text(), "text/xml");
  const events = (factor) =>
    Object.fromEntries(
      [...xml.getElementsByTagName(factor)]
        .flatMap((one) => [...one.getElementsByTagName("LaunchEvent")])
        .map((one) => [one.getAttribute("Type"), one.getAttribute("FunctionName")]),
    );
  const desktop = events("DesktopFormFactor");
  const mobile = events("MobileFormFactor");
  if (!Object.keys(desktop).length) throw new Error("/manifest.xml names no launch events");
  return { ...manifest, desktop, mobile };
}
