// What the template editor consists of besides the studio's own page: the core, and editors that others keep. Each part
// is a file of its own, loaded when somebody first opens it.

import start, { check as checkTemplate, render } from "engine/engine.js";
import wasm from "engine/engine_bg.wasm";
import type { Findings, Wanted } from "./types";
import { type Filled, type Look, draw } from "./shown";

let started: Promise<unknown> | null = null;

/** Loads the core. Nothing below works before. */
export function ready(): Promise<unknown> {
  started ??= start({ module_or_path: wasm }).catch((error: unknown) => {
    started = null;
    throw error;
  });
  return started;
}

/** Fills templates for somebody. */
export function fill(wanted: Wanted): Filled {
  return JSON.parse(render(JSON.stringify(wanted)));
}

/** Fills templates for somebody and draws that in a frame that runs no script. */
export function show(frame: HTMLIFrameElement, wanted: Wanted, look: Look): Filled {
  const filled = fill(wanted);
  draw(frame, filled, look);
  return filled;
}

/** What is wrong with a template, with places. */
export function check(wanted: unknown): Findings {
  return JSON.parse(checkTemplate(JSON.stringify(wanted)));
}

/** Draws HTML that was filled elsewhere. */
export { draw };

/** The editor of the HTML. */
export async function source(...options: Parameters<typeof import("./source").open>) {
  return (await import("./source")).open(...options);
}

/** The visual editor. */
export async function visual(...options: Parameters<typeof import("./visual").open>) {
  return (await import("./visual")).open(...options);
}

/** The HTML with its lines broken and indented. */
export async function format(html: string): Promise<string> {
  return (await import("./format")).format(html);
}

/** What becomes of HTML that nobody touches in the visual editor: for tests. */
export async function roundTrip(host: HTMLElement, html: string) {
  return (await import("./visual")).roundTrip(host, html);
}
