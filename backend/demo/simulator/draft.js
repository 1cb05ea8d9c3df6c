// One item in the compose window: what Outlook knows of it, and the mail that replies and forwards quote.

import { HtmlBody, TextBody } from "./body.js";

/** External people to write to, besides the company's own. */
export const OUTSIDERS = [
  { name: "Ines Carvalho", address: "ines.carvalho@lisboa-design.example" },
  { name: "Jonas Bergström", address: "jonas@bergstrom-partners.example" },
  { name: "Priya Nair", address: "priya.nair@northwind.example" },
  { name: "Tenders, City of Graz", address: "tenders@graz-city.example" },
];

/** What each action of the compose window makes. */
export const KINDS = {
  new: { title: "New message", composeType: "newMail", event: "OnNewMessageCompose" },
  reply: { title: "Reply", composeType: "reply", event: "OnNewMessageCompose", prefix: "Re: " },
  replyAll: { title: "Reply all", composeType: "reply", event: "OnNewMessageCompose", prefix: "Re: " },
  forward: { title: "Forward", composeType: "forward", event: "OnNewMessageCompose", prefix: "Fw: " },
  appointment: { title: "Appointment", composeType: null, event: "OnNewAppointmentOrganizer" },
};

const SUBJECT = "Proposal for the autumn campaign";
const PARAGRAPHS = [
  "Hello,",
  "thank you for the call on Tuesday. I have put the figures for the autumn campaign together; the short version is that the second variant pays for itself by March.",
  "Could you look at the open points and tell me by Friday which date suits you?",
  "Best wishes",
];

let nextId = 1;

/** A draft of `kind` for `world`'s person; `surfaces` are the frame and the textarea that show the body. */
export class Draft {
  constructor(kind, world, surfaces) {
    const person = world.person;
    const sender = kind === "new" || kind === "appointment" ? null : correspondent(world);
    this.id = `item-${nextId++}`;
    this.kind = kind;
    this.isAppointment = kind === "appointment";
    this.composeType = KINDS[kind].composeType;
    this.from = person.address;
    this.to = kind.startsWith("reply") ? [sender] : [];
    this.cc = kind === "replyAll" ? world.colleagues().slice(0, 2) : [];
    this.bcc = [];
    this.subject = KINDS[kind].prefix ? KINDS[kind].prefix + SUBJECT : "";
    this.conversationId = sender ? "AAQkADI4-proposal" : null;
    this.inReplyTo = kind.startsWith("reply") ? "<proposal@mail.example>" : null;
    this.itemId = null; // until it is saved
    this.lacks = world.trouble.has("session-missing") ? "sessionData" : "";
    this.attachments = [];
    this.sessionData = new Map();
    this.notifications = new Map();
    const quote = sender ? quoted(sender, person, world.format) : "";
    this.body =
      world.format === "text"
        ? new TextBody(surfaces.area, { quote, prepends: world.platform === "web" })
        : new HtmlBody(surfaces.frame, {
            quote,
            prefixIds: world.platform === "web",
            attachments: () => this.attachments,
          });
  }

  /** What Office.js shows without a call. */
  values(platform) {
    const values = { id: this.id, itemType: this.isAppointment ? "appointment" : "message", lacks: this.lacks };
    if (!this.isAppointment) values.conversationId = this.conversationId;
    if (!this.isAppointment && platform !== "mobile") values.inReplyTo = this.inReplyTo;
    return values;
  }
}

function correspondent(world) {
  const colleagues = world.colleagues();
  return colleagues[3] || colleagues[0] || OUTSIDERS[0];
}

function quoted(sender, person, format) {
  const head = [
    ["From", `${sender.name} <${sender.address}>`],
    ["Sent", "Tuesday, 17 November 2026 16:42"],
    ["To", `${person.name} <${person.address}>`],
    ["Subject", SUBJECT],
  ];
  if (format === "text") {
    return [
      "________________________________",
      head.map(([label, value]) => `${label}: ${value}`).join("\n"),
      "",
      PARAGRAPHS.join("\n\n"),
      sender.name,
    ].join("\n");
  }
  return (
    `<p style="margin:0 0 14px">${head.map(([label, value]) => `<b>${label}:</b> ${escape(value)}`).join("<br>")}</p>` +
    PARAGRAPHS.map((text) => `<p style="margin:0 0 10px">${text}</p>`).join("") +
    `<p style="margin:0">${escape(sender.name)}</p>`
  );
}

function escape(text) {
  return text.replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);
}
