// Outlook's side of Office.js: answers the calls that office.js sends from the pane, the hidden page and the worker.
//
// A handler gets (draft, args, client) and returns the value, or throws `fail(code, name, message)`. The world is what
// simulator.js knows: the person, the platform, the draft in the compose window. trouble.js makes it misbehave.

import { troubled } from "./trouble.js";

const SIGNATURE_LIMIT = 30_000;
const SESSION_LIMIT = 50_000;
const ROAMING_LIMIT = 32 * 1024;
const RECIPIENT_LIMITS = { web: 1000, classic: 500, mobile: 100 };

/** A failed asynchronous result, as Outlook spells it. */
export class OfficeError extends Error {
  constructor(code, name, message) {
    super(message);
    this.code = code;
    this.officeName = name;
  }
}

export function fail(code, name, message) {
  throw new OfficeError(code, name, message);
}

/** What a platform is to an add-in: names, versions and requirement sets. */
export const PLATFORMS = {
  web: {
    platform: "OfficeOnline",
    hostName: "OutlookWebApp",
    version: "16.0.19725.20126",
    mobile: false,
    bridge: true,
    mailbox: "1.16",
  },
  classic: {
    platform: "PC",
    hostName: "Outlook",
    version: "16.0.19725.20126",
    mobile: false,
    bridge: false,
    mailbox: "1.15",
  },
  mobile: {
    platform: "iOS",
    hostName: "OutlookIOS",
    version: "4.2545.0",
    mobile: true,
    bridge: true,
    mailbox: "1.5",
  },
};

/** The first message to a frame or worker. */
export function initFor(world, role) {
  const { mailbox, ...platform } = PLATFORMS[world.platform];
  const givesTokens = world.signIn === "host";
  const sets = {
    mailbox,
    dialogapi: "1.2",
    identityapi: givesTokens && !platform.mobile ? "1.3" : "",
    nestedappauth: givesTokens && platform.bridge ? "1.1" : "",
  };
  return {
    type: "office-init",
    role,
    ...platform,
    sets,
    server: world.server,
    theme: theme(world.dark),
    bridge: givesTokens && (platform.bridge || role === "pane"),
    accessTokens: givesTokens && !platform.mobile,
    partitionKey: "simulated-outlook",
    userProfile: {
      accountType: "enterprise",
      displayName: world.person.name,
      emailAddress: world.person.address,
      timeZone: "W. Europe Standard Time",
    },
    roaming: read(world, "roaming"),
    item: world.draft ? world.draft.values(world.platform) : null,
  };
}

/** Office's theme colours for the light and the dark compose window. */
export function theme(dark) {
  return dark
    ? {
        bodyBackgroundColor: "#1f1f1f",
        bodyForegroundColor: "#ffffff",
        controlBackgroundColor: "#292929",
        controlForegroundColor: "#ffffff",
        isDarkTheme: true,
      }
    : {
        bodyBackgroundColor: "#ffffff",
        bodyForegroundColor: "#242424",
        controlBackgroundColor: "#f5f5f5",
        controlForegroundColor: "#242424",
        isDarkTheme: false,
      };
}

/** What Outlook keeps for one person between starts: `roaming` settings and the runtime's `storage`. */
function read(world, what) {
  return JSON.parse(localStorage.getItem(`outlook/${world.person.address}/${what}`) || "{}");
}

function write(world, what, values) {
  localStorage.setItem(`outlook/${world.person.address}/${what}`, JSON.stringify(values));
}

/** Forgets what Outlook and the add-in keep on this device, for everybody. */
export function forget() {
  for (const key of Object.keys(localStorage)) if (!key.startsWith("simulator/")) localStorage.removeItem(key);
}

/** Answers one call: a promise of the value, rejected with an `OfficeError`. */
export async function answer(world, path, args, client) {
  const handler = HANDLERS[path];
  if (!handler) fail(7000, "NotSimulated", `${path} is not simulated`);
  const needsItem = !/^(auth|storage|roamingSettings|ui)\./.test(path);
  if (needsItem && (!world.draft || args.at(-1) !== world.draft.id)) {
    fail(9030, "APICallFailedDueToItemChange", "The item has changed.");
  }
  return troubled(world, path, args, () => handler(world.draft, args, { world, ...client }));
}

function coerced(draft, data, options) {
  const wanted = options.coercionType || "text";
  if (wanted !== "html" && wanted !== "text")
    fail(1000, "CoercionTypeNotSupported", `There is no coercion type ${wanted}`);
  if (draft.body.format === "text") {
    if (wanted === "html") fail(9002, "InvalidFormatError", "The body is plain text and cannot take HTML.");
    return data.replace(/<\/?[a-z][^>]*>/gi, "");
  }
  if (wanted === "html") return data;
  const escaped = data
    .replace(/<\/?[a-z][^>]*>/gi, "")
    .replace(/[&<>]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[c]);
  return escaped.replace(/\n/g, "<br>");
}

function recipients(field) {
  return (draft, _args, { world }) =>
    draft[field].slice(0, RECIPIENT_LIMITS[world.platform]).map((one) => ({
      displayName: one.name,
      emailAddress: one.address,
      recipientType: world.isExternal(one.address) ? "externalUser" : "user",
    }));
}

function sender(draft, _args, { world }) {
  return { displayName: world.nameOf(draft.from), emailAddress: draft.from, recipientType: "user" };
}

const HANDLERS = {
  "body.getAsync": (draft, [type]) => (type === "html" ? draft.body.html() : draft.body.text()),
  "body.getTypeAsync": (draft) => draft.body.format,
  "body.setSignatureAsync": (draft, [data, options], { world, signed }) => {
    signed();
    if (draft.isAppointment && world.platform === "web")
      fail(5000, "OperationNotSupported", "On the web, signatures are set on messages only.");
    if (data.length > SIGNATURE_LIMIT)
      fail(
        9006,
        "DataExceedsMaximumSize",
        `The signature has ${data.length} characters; the limit is ${SIGNATURE_LIMIT}.`,
      );
    draft.body.setSignature(coerced(draft, data, options));
  },
  "body.setSelectedDataAsync": (draft, [data, options], { signed }) => {
    signed();
    draft.body.insertAtCursor(coerced(draft, data, options));
  },
  "body.prependAsync": (draft, [data, options], { signed }) => {
    signed();
    draft.body.prepend(coerced(draft, data, options));
  },
  "body.setAsync": (draft, [data, options], { world, signed }) => {
    signed();
    world.warn("The handler replaced the whole body (body.setAsync).");
    draft.body.replaceAll(coerced(draft, data, options));
  },
  "from.getAsync": sender,
  "organizer.getAsync": sender,
  "to.getAsync": recipients("to"),
  "cc.getAsync": recipients("cc"),
  "bcc.getAsync": recipients("bcc"),
  "requiredAttendees.getAsync": recipients("to"),
  "optionalAttendees.getAsync": recipients("cc"),
  "subject.getAsync": (draft) => draft.subject,
  "subject.setAsync": (draft, [subject], { world }) => {
    draft.subject = subject;
    world.refresh();
  },
  getItemIdAsync: (draft) => draft.itemId || fail(9050, "ItemNotSaved", "The item was not saved yet."),
  getComposeTypeAsync: (draft) => ({ composeType: draft.composeType, coercionType: draft.body.format }),
  isClientSignatureEnabledAsync: (_draft, _args, { world }) => world.clientSignature,
  disableClientSignatureAsync: (_draft, _args, { world }) => {
    world.clientSignature = false;
  },
  addFileAttachmentFromBase64Async: (draft, [content, name, options], { world }) => {
    if (world.attachmentsFail) fail(5001, "InternalError", "An internal error has occurred.");
    if (name.length > 255) fail(9007, "AttachmentNameTooLong", "The attachment's name is too long.");
    if (!/^[A-Za-z0-9+/]+=*$/.test(content)) fail(9002, "InternalFormatError", "The attachment is not base64.");
    const file = {
      id: `addinId:${crypto.randomUUID()}`,
      name,
      content,
      isInline: Boolean(options.isInline),
      contentType: mediaType(name, content),
    };
    draft.attachments.push(file);
    world.refresh();
    return file.id;
  },
  getAttachmentsAsync: (draft) =>
    draft.attachments.map(({ id, name, isInline, contentType, content }) => ({
      id,
      name,
      isInline,
      contentType,
      contentId: isInline ? name : undefined,
      size: Math.floor(content.length * 0.75),
      attachmentType: "file",
    })),
  removeAttachmentAsync: (draft, [id], { world }) => {
    const file = draft.attachments.find((one) => one.id === id);
    if (!file) fail(9003, "InvalidAttachmentId", "There is no such attachment.");
    if (!file.isInline) draft.attachments = draft.attachments.filter((one) => one !== file);
    world.refresh();
  },
  "sessionData.getAsync": (draft, [name]) =>
    draft.sessionData.has(name)
      ? draft.sessionData.get(name)
      : fail(9020, "KeyNotFound", "The specified key was not found."),
  "sessionData.setAsync": (draft, [name, value]) => {
    const size = [...draft.sessionData].reduce(
      (sum, [key, text]) => sum + (key === name ? 0 : key.length + text.length),
      name.length + value.length,
    );
    if (size > SESSION_LIMIT) fail(9006, "DataExceedsMaximumSize", "The session data is too large.");
    draft.sessionData.set(name, value);
  },
  "sessionData.getAllAsync": (draft) => Object.fromEntries(draft.sessionData),
  "sessionData.removeAsync": (draft, [name]) => {
    draft.sessionData.delete(name);
  },
  "sessionData.clearAsync": (draft) => draft.sessionData.clear(),
  "notificationMessages.addAsync": notify,
  "notificationMessages.replaceAsync": notify,
  "notificationMessages.removeAsync": (draft, [key], { world }) => {
    draft.notifications.delete(key);
    world.refresh();
  },
  "notificationMessages.getAllAsync": (draft) =>
    [...draft.notifications].map(([key, details]) => ({ key, ...details })),
  "roamingSettings.saveAsync": (_draft, [, values], { world }) => {
    if (JSON.stringify(values).length > ROAMING_LIMIT)
      fail(9019, "DataExceedsMaximumSize", "Settings are limited to 32 KB.");
    write(world, "roaming", values);
  },
  "auth.getAccessToken": async (_draft, _args, { world }) => {
    try {
      return await world.token(false);
    } catch (error) {
      return fail(13006, "ClientError", error.message);
    }
  },
  "ui.displayDialogAsync": (_draft, [url, options], { world }) => {
    if (new URL(url, location.href).origin !== location.origin)
      fail(12004, "InvalidDomain", "The dialog's address is on another domain.");
    if (!world.openDialog(url, options)) fail(12007, "DialogAlreadyOpened", "A dialog is already open.");
  },
  "storage.getItem": (_draft, [name], { world }) => read(world, "storage")[name] ?? null,
  "storage.getKeys": (_draft, _args, { world }) => Object.keys(read(world, "storage")),
  "storage.getItems": (_draft, [names], { world }) => {
    const values = read(world, "storage");
    return Object.fromEntries(names.map((name) => [name, values[name] ?? null]));
  },
  "storage.setItem": (_draft, [name, value], { world }) =>
    write(world, "storage", { ...read(world, "storage"), [name]: value }),
  "storage.setItems": (_draft, [values], { world }) =>
    write(world, "storage", { ...read(world, "storage"), ...values }),
  "storage.removeItem": (_draft, [name], { world }) => removeItems(world, [name]),
  "storage.removeItems": (_draft, [names], { world }) => removeItems(world, names),
};

function removeItems(world, names) {
  const values = read(world, "storage");
  for (const name of names) delete values[name];
  write(world, "storage", values);
}

function notify(draft, [key, details], { world }) {
  if (details.message?.length > 150)
    fail(9017, "NotificationMessageTooLong", "A notification has at most 150 characters.");
  draft.notifications.set(key, details);
  world.refresh();
}

function mediaType(name, content) {
  if (content.startsWith("iVBOR")) return "image/png";
  if (content.startsWith("/9j/")) return "image/jpeg";
  if (content.startsWith("R0lG")) return "image/gif";
  return /\.svg$/i.test(name) ? "image/svg+xml" : "application/octet-stream";
}

/** The broker of nested app authentication: answers one request of the add-in with JSON. */
export async function brokerAnswer(world, json) {
  const request = JSON.parse(json);
  const response = { messageType: "NestedAppAuthResponse", requestId: request.requestId, success: true };
  if (request.method === "GetInitContext") {
    return JSON.stringify({
      ...response,
      initContext: { capabilities: { queryAccount: true }, sdkName: "simulated-outlook", sdkVersion: "1.0.0" },
    });
  }
  try {
    // In the window that opens, the person chooses the mailbox's account.
    const token = await world.token(request.method === "GetTokenPopup");
    const claims = JSON.parse(atob(token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/")));
    response.token = {
      access_token: token,
      expires_in: Math.max(0, claims.exp - Math.floor(Date.now() / 1000)),
      scope: request.tokenParams.scope,
    };
    response.account = {
      environment: "login.microsoftonline.com",
      homeAccountId: `${claims.oid}.${claims.tid}`,
      localAccountId: claims.oid,
      tenantId: claims.tid,
      username: claims.preferred_username,
      name: claims.name,
    };
  } catch (error) {
    response.success = false;
    response.error = { status: "TRANSIENT_ERROR", code: "no_network", description: error.message };
  }
  return JSON.stringify(response);
}
