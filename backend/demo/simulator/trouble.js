// Outlook on a bad day: one switch for each misbehaviour that people reported. #1234 is a thread of
// github.com/OfficeDev/office-js.
//
// A trouble with `calls` stands between the add-in and host.js and decides what becomes of a call; `next()` is what Outlook
// does on a good day. The others are asked for by name where Outlook does something by itself. `once` is forgotten with
// every event, so that a trouble can strike the first call alone.

import { fail } from "./host.js";

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const never = () => new Promise(() => {});

/** Whether it is the first time since the event was fired. */
function first(world, name) {
  if (world.once.has(name)) return false;
  world.once.add(name);
  return true;
}

export const TROUBLES = [
  {
    id: "slow",
    name: "Slow calls",
    sees: "Outlook takes 300 ms for every call.",
    does: "Paraph reads side by side and asks the server meanwhile; the right signature comes after a moment.",
    calls: /./,
    act: (_world, next) => pause(300).then(next),
  },
  {
    id: "recipients-late",
    name: "Recipients late",
    sees: "Outlook takes 2 s to say who the recipients are.",
    does: "Paraph waits as long as there is time and inserts the signature for these recipients.",
    calls: /^(to|cc|bcc|requiredAttendees|optionalAttendees)\.getAsync$/,
    act: (_world, next) => pause(2000).then(next),
  },
  {
    id: "recipients-quiet",
    name: "Recipients without an event",
    sees: "Outlook does not tell the handler that recipients changed.",
    does: "The open pane notices, shows the signature for the new recipients and offers to insert it.",
  },
  {
    id: "body-empty",
    name: "Body empty once",
    sees: "The first look at the draft finds nothing in it.",
    does: "Paraph takes that for unknown and looks again. It does not believe that you removed the signature.",
    calls: /^body\.getAsync$/,
    act: (world, next) => (first(world, "body-empty") ? "" : next()),
  },
  {
    id: "body-stale",
    name: "Stale body",
    sees: "The first look at the draft finds it as it was before the signature.",
    does: "Paraph looks again before it believes that the signature is gone.",
    calls: /^body\.getAsync$/,
    act: (world, next, [type]) => (first(world, "body-stale") ? world.draft.body.before(type) : next()),
  },
  {
    id: "session-unreadable",
    name: "Session data unreadable",
    sees: "Outlook cannot read what was recorded with this draft.",
    does: "Paraph uses what the page remembers, and overwrites nothing that it could not read.",
    calls: /^sessionData\.getAsync$/,
    act: () => fail(5001, "InternalError", "An internal error has occurred."),
  },
  {
    id: "session-missing",
    name: "No session data",
    sees: "Outlook offers no place to record anything with the draft. This begins with the next message.",
    does: "Paraph remembers in its page what it inserted.",
  },
  {
    id: "attachments-late",
    name: "Late attachments",
    sees: "Outlook takes 900 ms to attach an image.",
    does: "Paraph waits, so that the image is there once, and not once more from the server.",
    calls: /^addFileAttachmentFromBase64Async$/,
    act: (_world, next) => pause(900).then(next),
  },
  {
    id: "write-silent",
    name: "Write without an answer",
    sees: "Outlook inserts the signature and never says that it did.",
    does: "Paraph looks whether it is there, and does not insert a second one.",
    calls: /^body\.(setSignature|prepend)Async$/,
    act: (_world, next) => Promise.resolve(next()).then(never),
  },
  {
    id: "write-lost",
    name: "Write that does nothing",
    sees: "Outlook says that the signature was inserted, but it was not.",
    does: "Paraph looks, says so in the pane, and tries again with the next event.",
    calls: /^body\.(setSignature|prepend)Async$/,
    act: () => undefined,
  },
  {
    id: "from-clears",
    name: "From change clears",
    sees: "Outlook removes the signature when you choose another From.",
    does: "Paraph does not take that for your own removal: the new sender’s signature comes.",
  },
  {
    id: "pop-out",
    name: "Pop-out",
    sees: "You pop the message out at once, and Outlook ends the handler before it is done (#6488).",
    does: "The signature comes with the first recipient. If you have typed already, Paraph takes it for an old draft: use “Insert now” in the pane.",
  },
  {
    id: "other-account",
    name: "Another account",
    sees: "Outlook signs the add-in in with an account that this mailbox does not belong to.",
    does: "The pane names both accounts and offers “Switch account”. The wrong person’s signature is never inserted.",
  },
  {
    id: "server-away",
    name: "Server away",
    sees: "Paraph’s server cannot be reached.",
    does: "The last good signature for such a message is inserted, and the pane says that it is a kept one.",
  },
  {
    id: "cursor",
    name: "Error 9014 at the cursor",
    sees: "Outlook says that the cursor is not in the text (9014) when the pane inserts there.",
    does: "The pane tries once more after a moment, which works.",
    calls: /^body\.setSelectedDataAsync$/,
    act: (world, next) =>
      first(world, "cursor") ? fail(9014, "InvalidSelection", "The selection is invalid for this operation.") : next(),
  },
];

/** What becomes of a call while these troubles are switched on. */
export function troubled(world, path, args, healthy) {
  const striking = TROUBLES.filter(({ id, calls }) => world.trouble.has(id) && calls?.test(path));
  return striking.reduceRight((next, { act }) => () => act(world, next, args), healthy)();
}

/** Draws the switches into `list`; `simulator.trouble(id, on)` is called for each that is pressed. */
export function switches(list, simulator) {
  list.replaceChildren(
    ...TROUBLES.map(({ id, name, sees, does }) => {
      const row = document.createElement("li");
      const label = document.createElement("label");
      const input = Object.assign(document.createElement("input"), { type: "checkbox", id: `trouble-${id}` });
      input.setAttribute("role", "switch");
      input.setAttribute("aria-describedby", `about-${id}`);
      input.onchange = () => simulator.trouble(id, input.checked);
      label.append(input, Object.assign(document.createElement("span"), { textContent: name }));
      const about = Object.assign(document.createElement("p"), { id: `about-${id}`, className: "hint" });
      about.append(sees, " ", Object.assign(document.createElement("b"), { textContent: does }));
      row.append(label, about);
      return row;
    }),
  );
}
