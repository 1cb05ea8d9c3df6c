// What is on the screen: controls, compose window and pane. It shows the world and calls `simulator`, as a script would.

import { KINDS, OUTSIDERS } from "./draft.js";
import { switches } from "./trouble.js";

const HINTS = {
  web: "New Outlook and Outlook on the web: the handler runs in a hidden page.",
  classic: "Outlook for Windows: the handler runs in a bare script engine, without a page.",
  mobile: "iOS and Android: events only, no pane while writing.",
};
const MESSAGE = { to: "To", cc: "Cc", bcc: "Bcc" };
const MEETING = { to: "Required", cc: "Optional", bcc: "" };
const get = (id) => document.getElementById(id);

/** The page around the simulation. */
export class View {
  constructor(world, simulator, log) {
    this.world = world;
    this.simulator = simulator;
    this.log = log;
    this.dialog = get("dialog");
    const kept = localStorage.getItem("simulator/theme");
    const system = matchMedia("(prefers-color-scheme: dark)");
    world.dark = kept ? kept === "dark" : system.matches;
    system.addEventListener("change", () => {
      if (!localStorage.getItem("simulator/theme")) simulator.dark(system.matches);
    });
    get("more").open = matchMedia("(min-width: 761px)").matches;
    this.#listen();
    document.documentElement.classList.toggle("dark", world.dark);
  }

  #listen() {
    const { world, simulator } = this;
    for (const button of document.querySelectorAll("[data-compose]"))
      button.onclick = () => this.#start(button.dataset.compose);
    for (const input of document.querySelectorAll('input[type="radio"]')) input.onchange = () => this.#choose(input);
    get("person").onchange = (event) => simulator.person(event.target.value);
    get("from").onchange = (event) => simulator.from(event.target.value);
    get("subject").oninput = (event) => {
      world.draft.subject = event.target.value;
    };
    get("open-pane").onclick = () => this.#toggle();
    get("close-pane").onclick = () => {
      this.paneClosed = true;
      simulator.closePane();
      get("open-pane").focus();
    };
    get("discard").onclick = () => simulator.discard();
    switches(get("troubles"), simulator);
    get("troubles-off").onclick = async () => {
      for (const id of [...world.trouble]) await simulator.trouble(id, false);
      get("troubles-off").closest("details").querySelector("summary").focus();
    };
    for (const button of document.querySelectorAll("[data-console]")) button.onclick = () => this.#console(button);
    get("clear-log").onclick = () => this.log.clear();
    get("send").onclick = () => this.toast("Nothing leaves this page: the simulation ends at Send.");
    get("draft").onsubmit = (event) => event.preventDefault();
    get("theme").onclick = () => {
      localStorage.setItem("simulator/theme", world.dark ? "light" : "dark");
      simulator.dark(!world.dark);
    };
    get("background").onclick = () => {
      this.lightBody = !this.lightBody;
      this.theme();
    };
    get("more-recipients").onclick = () => {
      this.copies = true;
      this.draft();
      get("cc").focus();
    };
    for (const row of document.querySelectorAll(".recipients")) this.#recipientInput(row);
  }

  /** Opens a page of the console in a window of its own. */
  async #console({ dataset }) {
    // At once, because browsers open no window later on.
    const opened = open("", "paraph-console");
    try {
      const url = await this.simulator.console(dataset.console);
      if (opened) opened.location.href = url;
      else location.href = url;
    } catch (error) {
      opened?.close();
      this.toast(error.message);
    }
  }

  #toggle() {
    this.paneClosed = !get("pane").hidden;
    if (this.paneClosed) this.simulator.closePane();
    else {
      this.simulator.openPane();
      get("pane").scrollIntoView({ block: "nearest", behavior: "smooth" });
    }
  }

  /** The pane comes along where there is room, until somebody closes it. */
  #start(kind) {
    const room = matchMedia("(min-width: 1181px)").matches && this.world.platform !== "mobile";
    const wanted = room && !this.paneClosed;
    this.simulator.compose(kind).then(() => {
      if (wanted && get("pane").hidden && this.world.draft) this.simulator.openPane();
    });
  }

  #choose({ name, value }) {
    const { world, simulator } = this;
    if (name === "format" && world.draft && world.draft.body.format !== value) {
      simulator.format(value);
      this.#start(world.draft.kind);
    } else if (name === "format") simulator.format(value);
    else if (name === "platform") this.#changePlatform(value);
    else simulator.server(value);
  }

  async #changePlatform(value) {
    const kind = this.world.draft?.kind;
    await this.simulator.platform(value);
    if (kind && !(kind === "appointment" && value === "mobile")) this.#start(kind);
  }

  #recipientInput(row) {
    const input = row.querySelector("input");
    const { field } = row.dataset;
    const commit = () => {
      const typed = input.value.trim().replace(/[,;]$/, "");
      const address = typed.match(/[^\s<>]+@[^\s<>]+\.[^\s<>]+/)?.[0];
      if (!address) return;
      input.value = "";
      this.simulator.addRecipient(field, address);
    };
    input.onkeydown = (event) => {
      if (["Enter", ",", ";"].includes(event.key) && input.value) {
        event.preventDefault();
        commit();
      } else if (event.key === "Backspace" && !input.value && this.world.draft[field].length) {
        this.simulator.removeRecipient(field, this.world.draft[field].at(-1).address);
        input.focus();
      }
    };
    input.onchange = commit;
    // A suggestion that was picked arrives as one input event without typing.
    input.oninput = (event) => {
      if (!event.inputType || event.inputType === "insertReplacementText") commit();
    };
  }

  // ---- Controls ----------------------------------------------------------------------------------------------------

  people() {
    const byDepartment = Map.groupBy(
      this.world.people.filter((one) => !one.shared),
      (one) => one.department || "No department",
    );
    get("person").replaceChildren(
      ...[...byDepartment].map(([department, people]) => {
        const group = document.createElement("optgroup");
        group.label = department;
        group.append(...people.map((one) => new Option(one.name || one.address, one.address)));
        return group;
      }),
    );
    get("people").replaceChildren(
      ...[...this.world.people, ...OUTSIDERS].map(
        (one) =>
          new Option(
            `${one.name || one.address}${this.world.isExternal(one.address) ? " · external" : ""}`,
            one.address,
          ),
      ),
    );
  }

  person() {
    const { person } = this.world;
    get("person").value = person.address;
    get("about").textContent = [person.title, person.department].filter(Boolean).join(" · ") || person.address;
    get("avatar").textContent = initials(person.name || person.address);
    get("avatar").style.setProperty(
      "--hue",
      [...person.address].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 360, 7),
    );
  }

  platform() {
    document.body.dataset.platform = this.world.platform;
    get("platform-hint").textContent = HINTS[this.world.platform];
    get("open-pane").hidden = this.world.platform === "mobile";
    document.querySelector(".actions [data-compose=appointment]").disabled = this.world.platform === "mobile";
    this.controls();
  }

  controls() {
    for (const input of document.querySelectorAll('input[type="radio"]'))
      input.checked = this.world[input.name] === input.value;
    const { trouble } = this.world;
    for (const input of document.querySelectorAll('#troubles input'))
      input.checked = trouble.has(input.id.slice("trouble-".length));
    get("troubles-on").textContent = trouble.size ? `${trouble.size} on` : "";
    get("troubles-off").hidden = !trouble.size;
  }

  theme() {
    const { dark } = this.world;
    document.documentElement.classList.toggle("dark", dark);
    get("theme").setAttribute("aria-pressed", String(dark));
    get("background").setAttribute("aria-pressed", String(Boolean(this.lightBody)));
    get("body").contentDocument?.documentElement.classList.toggle("dark", dark && !this.lightBody);
  }

  // ---- The compose window ------------------------------------------------------------------------------------------

  stage(name) {
    document.body.dataset.stage = name;
    this.copies = false;
    if (name === "empty")
      get("title").textContent = this.world.platform === "classic" ? "Outlook (classic)" : "Outlook";
  }

  draft() {
    const { world } = this;
    const { draft } = world;
    if (!draft) return;
    get("title").textContent = KINDS[draft.kind].title + (draft.subject ? ` · ${draft.subject}` : "");
    get("from").replaceChildren(
      ...(draft.isAppointment ? [draft.from] : world.person.senders).map(
        (address) => new Option(label(world, address), address),
      ),
    );
    get("from").value = draft.from;
    if (get("subject").value !== draft.subject) get("subject").value = draft.subject;
    get("when").hidden = !draft.isAppointment;
    this.copies ||= draft.cc.length + draft.bcc.length > 0;
    get("more-recipients").hidden = this.copies;
    get("more-recipients").textContent = draft.isAppointment ? "Optional" : "Cc Bcc";
    for (const row of document.querySelectorAll(".recipients")) {
      const { field } = row.dataset;
      row.hidden = (field !== "to" && !this.copies) || (field === "bcc" && draft.isAppointment);
      row.querySelector("label").textContent = (draft.isAppointment ? MEETING : MESSAGE)[field];
      row.querySelector("ul").replaceChildren(...draft[field].map((one) => this.#chip(field, one)));
    }
    const text = draft.body.format === "text";
    get("body").hidden = text;
    get("text-body").hidden = !text;
    get("files").replaceChildren(
      ...draft.attachments
        .filter((one) => !one.isInline)
        .map((one) => Object.assign(document.createElement("li"), { textContent: one.name })),
    );
    this.#notices(draft);
  }

  #chip(field, { name, address }) {
    const chip = document.createElement("li");
    const external = this.world.isExternal(address);
    chip.className = external ? "chip external" : "chip";
    const words = document.createElement("span");
    words.textContent = name || address;
    words.title = address;
    if (external) words.append(Object.assign(document.createElement("small"), { textContent: "external" }));
    const remove = document.createElement("button");
    remove.type = "button";
    remove.setAttribute("aria-label", `Remove ${name || address}`);
    remove.innerHTML =
      '<svg viewBox="0 0 20 20" aria-hidden="true"><path d="m5 5 10 10M15 5 5 15" class="line"/></svg>';
    remove.onclick = () => this.simulator.removeRecipient(field, address);
    chip.append(words, remove);
    return chip;
  }

  #notices(draft) {
    get("notices").replaceChildren(
      ...[...draft.notifications.values()].map((details) => {
        const notice = document.createElement("div");
        notice.append(Object.assign(document.createElement("span"), { textContent: details.message }));
        for (const action of details.actions || []) {
          const button = Object.assign(document.createElement("button"), {
            type: "button",
            textContent: action.actionText,
          });
          button.onclick = () => this.simulator.openPane();
          notice.append(button);
        }
        return notice;
      }),
    );
  }

  focus() {
    const { draft } = this.world;
    // As Outlook does: a new message waits for its recipient, a reply for its text.
    if (draft.kind === "new" || draft.kind === "forward" || draft.isAppointment)
      get("to").focus({ preventScroll: true });
    else draft.body.focus();
  }

  // ---- Pane, dialog, toast -----------------------------------------------------------------------------------------

  paneFrame() {
    get("pane").hidden = false;
    get("open-pane").setAttribute("aria-expanded", "true");
    return freshFrame(get("pane-frame"), "Paraph");
  }

  hidePane() {
    get("pane").hidden = true;
    get("pane-frame").replaceChildren();
    get("open-pane").setAttribute("aria-expanded", "false");
  }

  dialogFrame() {
    return freshFrame(this.dialog.querySelector(".frame"), "Dialog of the add-in");
  }

  toast(text) {
    const toast = get("toast");
    toast.textContent = text;
    toast.classList.add("shown");
    clearTimeout(this.toastTimer);
    this.toastTimer = setTimeout(() => toast.classList.remove("shown"), 3500);
  }
}

function freshFrame(parent, title) {
  const frame = document.createElement("iframe");
  frame.title = title;
  parent.replaceChildren(frame);
  return frame;
}

function initials(name) {
  const words = name
    .replace(/@.*|^(Dr|Prof)\S*\s/g, "")
    .split(/[\s.]+/)
    .filter(Boolean);
  return (words.length > 1 ? [...words[0]][0] + [...words.at(-1)][0] : [...name].slice(0, 2).join("")).toUpperCase();
}

function label(world, address) {
  const name = world.nameOf(address);
  return name === address ? address : `${name} <${address}>`;
}
