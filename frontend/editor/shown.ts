// A signature in a frame: on white, recoloured as Outlook does in dark mode, at a phone's width, or as plain text.

import { recolour } from "./recolour";

/** What the core made of templates. */
export interface Filled {
  html: string;
  text: string;
  problems: { source: string; detail: string }[];
  length: number;
  error?: string;
}

/** How it is looked at. */
export type Look = "light" | "dark" | "phone" | "text";

const STYLE =
  "html{forced-color-adjust:none;overflow-y:hidden}body{margin:0;padding:16px;display:flow-root;color:#000;background:#fff;" +
  "font:11pt Calibri,Carlito,Arial,sans-serif}body.dark{background:#212121;color:#fff}" +
  "body.text{font:13px/1.45 Consolas,ui-monospace,monospace;white-space:pre-wrap;overflow-wrap:anywhere}" +
  "body.dark a{color:#7cb8f5}a{pointer-events:none}";

/** Signatures are drawn for a window: beside the editor they are shown smaller, but not past this. */
const SMALLEST = 0.6;

/** How long nothing must have changed before the size is looked at again. */
const PAUSE_MS = 300;
const waiting = new WeakMap<HTMLIFrameElement, ReturnType<typeof setTimeout>>();

/** Draws it. The frame is sandboxed without scripts and keeps its document, so that nothing flickers while one types. */
export function draw(frame: HTMLIFrameElement, filled: Pick<Filled, "html" | "text">, look: Look): void {
  const page = frame.contentDocument;
  if (!page?.body) return;
  if (!page.head.querySelector("style")) {
    const style = page.createElement("style");
    style.textContent = STYLE;
    page.head.append(style);
  }
  const isNew = page.body.className !== look;
  page.body.className = look;
  if (look === "text") {
    page.body.textContent = filled.text;
  } else {
    page.body.innerHTML = filled.html;
    if (look === "dark") recolour(page.body);
  }
  const grow = () => {
    const root = page.documentElement;
    const bar = root.scrollWidth > root.clientWidth ? 18 : 0;
    const height = `${Math.min(Math.max(page.body.offsetHeight, 80), 4000) + bar}px`;
    // Setting it to what it is would have everything laid out once more.
    if (frame.style.height !== height) frame.style.height = height;
  };
  // Smaller rather than cut off; a phone scrolls. It takes two layouts, hence not while one types.
  const fit = () => {
    const root = page.documentElement;
    page.body.style.zoom = "";
    const over = look === "phone" ? 1 : root.scrollWidth / root.clientWidth;
    if (over > 1) page.body.style.zoom = String(Math.max(1 / over, SMALLEST));
    grow();
  };
  clearTimeout(waiting.get(frame));
  if (isNew) fit();
  else {
    grow();
    waiting.set(frame, setTimeout(fit, PAUSE_MS));
  }
  for (const image of page.images) if (!image.complete) image.addEventListener("load", grow, { once: true });
}
