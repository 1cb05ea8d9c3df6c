// The log in words: one entry for each event, with its steps and times, and one for each gap or error.

const EVENTS = {
  OnNewMessageCompose: (record) =>
    ({ new: "New message", reply: "Reply", replyAll: "Reply all", forward: "Forward" })[record.kind],
  OnNewAppointmentOrganizer: () => "New appointment",
  OnMessageRecipientsChanged: () => "Recipients changed",
  OnMessageFromChanged: () => "From changed",
};
const COMPLETE_WITHIN = 5_000;

/** Writes to the list `element`. `errors` collects what must never happen. */
export class Log {
  constructor(element) {
    this.element = element;
    this.errors = [];
    this.entries = new Map();
  }

  /** Something went wrong that a person or a test must notice. */
  error(where, text) {
    this.errors.push(`${where}: ${text}`);
    const entry = this.#entry();
    entry.className = "problem";
    entry.append(...row("bad", [where === "simulator" ? "Simulator" : "Add-in", text], ""));
  }

  /** Something that the person at the controls did. */
  note(text, detail = "") {
    this.#entry().append(...row("", [text, detail], ""));
  }

  /** A record is new or has changed. */
  changed(record) {
    const entry = this.entries.get(record) || this.#entry();
    this.entries.set(record, entry);
    const wrong = problems(record);
    const shown = record.signatureAt ?? record.completedAt;
    entry.className = wrong.length ? "problem" : "";
    entry.replaceChildren(
      ...row(
        wrong.length ? "bad" : record.pending || (record.signatureAt === null && record.error) ? "slow" : "good",
        [EVENTS[record.event]?.(record) ?? record.event, ...steps(record), ...wrong],
        shown === null ? "…" : milliseconds(shown),
      ),
    );
    entry.querySelector(".ms").classList.toggle("slow", shown > 1000);
    if (!record.pending && record.completedAt !== null) entry.append(bar(record));
  }

  clear() {
    this.entries.clear();
    this.element.replaceChildren();
  }

  #entry() {
    this.element.querySelector(".nothing")?.remove();
    const entry = document.createElement("li");
    this.element.prepend(entry);
    return entry;
  }
}

function row(colour, [head, ...rest], time) {
  const dot = document.createElement("span");
  dot.className = `dot ${colour}`;
  const words = document.createElement("span");
  words.className = "words";
  const strong = document.createElement("b");
  strong.textContent = head;
  words.append(
    strong,
    ...rest.filter(Boolean).map((text) => {
      const step = document.createElement("span");
      step.className = "step";
      step.textContent = text;
      return step;
    }),
  );
  const ms = document.createElement("span");
  ms.className = "ms";
  ms.textContent = time;
  return [dot, words, ms];
}

function steps(record) {
  const words = record.fetches.map(({ status, ms }) => {
    if (status === 0) return ms > 1000 ? `no answer for ${milliseconds(ms)}` : "server not reachable";
    return status < 400 ? `server answered in ${milliseconds(ms)}` : `server answered ${status} in ${milliseconds(ms)}`;
  });
  if (record.signatureAt !== null) {
    const from =
      { cache: "kept signature inserted", server: "signature inserted" }[record.source] ?? "signature inserted";
    words.push(`${from}${record.name ? ` (${record.name})` : ""}`);
  } else if (record.completedAt !== null) {
    words.push(
      record.removed
        ? "left alone: the person removed it"
        : record.error
          ? `nothing inserted (${record.error})`
          : "nothing to change",
    );
  }
  if (record.signatureAt !== null && record.completedAt !== null)
    words.push(`completed after ${milliseconds(record.completedAt)}`);
  return words;
}

function problems(record) {
  const found = [];
  if (record.completions > 1) found.push(`event.completed() was called ${record.completions} times`);
  if (record.completedAt > COMPLETE_WITHIN) found.push("took longer than 5 s to complete");
  if (record.pending && record.since > COMPLETE_WITHIN - 50) found.push("still not completed after 5 s");
  if (record.ended && record.ended !== "the item was left") found.push(record.ended);
  return found;
}

// Blue-violet until the signature was set, gold until the event was completed; the whole bar is at least 100 ms.
function bar(record) {
  const element = document.createElement("span");
  element.className = "bar";
  element.setAttribute("aria-hidden", "true");
  const whole = Math.max(100, record.completedAt);
  const signature = document.createElement("i");
  const rest = document.createElement("i");
  const middle = record.signatureAt ?? 0;
  signature.style.width = `${(middle / whole) * 100}%`;
  rest.style.left = `${(middle / whole) * 100}%`;
  rest.style.width = `${((record.completedAt - middle) / whole) * 100}%`;
  element.append(signature, rest);
  return element;
}

function milliseconds(value) {
  return value >= 1000
    ? `${(value / 1000).toFixed(1)} s`
    : `${value < 10 ? value.toFixed(1).replace(/\.0$/, "") : Math.round(value)} ms`;
}
