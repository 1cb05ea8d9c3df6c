// The visual view: GrapesJS with its own panels left out. It edits what `document.ts` made of the template, and what it
// shows is read back from its canvas, so that nothing of GrapesJS's own way of writing HTML reaches the template.

import grapesjs, { type Component, type Editor } from "grapesjs";
import grapesCss from "grapesjs/dist/css/grapes.min.css";
import { type Context, Shown } from "./document";
import { Inspector } from "./inspector";
import { wrap } from "./wrap";
import { encode } from "./tokens";
import { takePastes } from "./paste";
import type { Calls, Finding, Placeholder } from "./types";

/** What the canvas has besides the template: mails are read on white. */
const CANVAS = `
html{background:#fff;color-scheme:light;forced-color-adjust:none}
body{margin:0;padding:20px;color:#000;background:#fff;font:11pt Calibri,Carlito,Arial,sans-serif}
[data-chip]{border-radius:3px;background:#ebf3fc;box-shadow:0 0 0 1px #b4d6fa;cursor:default}
[data-chip][data-empty]{background:#f5f5f5;box-shadow:0 0 0 1px #c7c7c7;color:#616161}
[data-chip][data-block]{padding:0 4px;background:#f1e6fb;box-shadow:0 0 0 1px #d8b4fe;color:#6b21a8;font:11px/1.4 Consolas,monospace}
[data-if]{outline:1px dashed #a855f7;outline-offset:-1px}
[contenteditable=true]{outline:2px solid #0f6cbd!important}
a{pointer-events:none}
`;

export interface Visual {
  set(html: string): void;
  insert(before: string, after: string): void;
  select(from: number, to: number): void;
  mark(findings: Finding[]): void;
  offer(placeholders: Placeholder[], images: Context["images"]): void;
  close(): void;
}

/** Opens the view in `host`; refuses HTML that would not come back as it is. */
export async function open(host: HTMLElement, html: string, context: Context, calls: Calls): Promise<Visual> {
  const { changed, act } = calls;
  const shown = new Shown(html, context);
  const place = document.createElement("div");
  place.className = "visual";
  place.innerHTML = "<style></style><div class=inspector role=group aria-label='What is selected'></div><div class=canvas></div>";
  place.querySelector("style")!.textContent = grapesCss;
  host.replaceChildren(place);
  const editor = await start(place.querySelector<HTMLElement>(".canvas")!, shown, context.may, act);
  const root = () => rootOf(editor);
  shown.settle(root());
  let last = shown.read(root());
  if (last !== html) {
    editor.destroy();
    host.replaceChildren();
    throw new Error("The visual view cannot show this HTML without changing it, for its tags do not match. Mend them in the HTML view; Format shows where they are wrong.");
  }
  const caret = new Caret(editor);
  if (context.may) takePastes(editor, shown, calls.clean);
  const inspector = new Inspector(editor, shown, place.querySelector<HTMLElement>(".inspector")!, context.may, act);
  let waits = 0;
  const read = () => {
    waits = 0;
    const now = shown.read(root());
    if (now === last) return;
    last = now;
    changed(now);
  };
  const observer = new MutationObserver(() => {
    waits ||= requestAnimationFrame(read);
  });
  observer.observe(root(), { subtree: true, childList: true, attributes: true, characterData: true });
  return {
    set() {},
    insert(before, after) {
      if (after) wrap(editor, before, after);
      else if (before.startsWith("<")) insertHtml(editor, shown, before);
      else caret.insert(shown.chip(before));
    },
    select(from) {
      const index = shown.tokens.findIndex((token) => token.from <= from && from < token.to);
      const found = editor.getWrapper()!.find(`[data-s="${index}"]`)[0];
      if (found) editor.select(found, { scroll: true });
    },
    mark() {},
    offer(placeholders, images) {
      context.placeholders = placeholders;
      context.images = images;
      // Another person: the placeholders show their values, which is no change of the template.
      editor.UndoManager.skip(() => {
        for (const chip of editor.getWrapper()!.findType("chip")) {
          const raw = chip.getAttributes()["data-chip"] ?? "";
          const text = shown.words(raw);
          if (shown.isEmpty(raw)) chip.addAttributes({ "data-empty": "" });
          else chip.removeAttributes("data-empty");
          if (chip.view?.el?.textContent !== text) chip.components(encode(text));
        }
      });
    },
    close() {
      observer.disconnect();
      cancelAnimationFrame(waits);
      if (waits) read();
      inspector.close();
      editor.destroy();
      place.remove();
    },
  };
}

async function start(container: HTMLElement, shown: Shown, may: boolean, act: (what: string) => void): Promise<Editor> {
  const editor = grapesjs.init({
    container,
    height: "100%",
    width: "auto",
    fromElement: false,
    storageManager: false,
    telemetry: false,
    cssIcons: "",
    noticeOnUnload: false,
    avoidInlineStyle: false,
    showOffsets: false,
    panels: { defaults: [] },
    layerManager: { custom: true },
    blockManager: { custom: true },
    selectorManager: { custom: true },
    styleManager: { custom: true },
    traitManager: { custom: true },
    assetManager: { custom: true },
    deviceManager: { devices: [] },
    canvas: { frameStyle: CANVAS + shown.css, customBadgeLabel: () => "" },
    parser: { optionsHtml: { keepEmptyTextNodes: true } },
    richTextEditor: { actions: ["bold", "italic", "underline"] },
    domComponents: { components: [] },
    plugins: [(own) => types(own)],
  } as Parameters<typeof grapesjs.init>[0]);
  editor.Commands.add("open-assets", { run: () => act("image") });
  await new Promise<void>((resolve) => editor.onReady(() => resolve()));
  editor.setComponents(`<div data-root>${shown.html}</div>`);
  editor.UndoManager.clear();
  const frame = editor.Canvas.getFrameEl();
  frame.title = "The template";
  frame.removeAttribute("allowfullscreen");
  if (!may) editor.getWrapper()!.onAll((one: Component) => one.set({ editable: false, draggable: false, removable: false, copyable: false }));
  // It draws a moment after it has what to draw.
  await new Promise((resolve) => setTimeout(resolve, 30));
  return editor;
}

/** The element in the canvas that holds the template. */
function rootOf(editor: Editor): HTMLElement {
  const wrapper = editor.getWrapper()!.view!.el as HTMLElement;
  return wrapper.querySelector<HTMLElement>("[data-root]") ?? wrapper;
}

function types(editor: Editor): void {
  // Without an element around all of it, the browser's parser would put a comment at the start elsewhere.
  editor.Components.addType("root", {
    isComponent: (element) => element.nodeType === 1 && element.hasAttribute("data-root"),
    model: { defaults: { tagName: "div", selectable: false, hoverable: false, draggable: false, removable: false, copyable: false } },
  });
  editor.Components.addType("chip", {
    isComponent: (element) => element.nodeType === 1 && element.hasAttribute("data-chip"),
    model: { defaults: { tagName: "span", name: "Placeholder", editable: false, droppable: false, textable: true, layerable: false } },
    view: {
      // Who presses it twice wants to write in the text around it.
      events: { dblclick: "write" } as never,
      write(this: { model: Component }, event: Event) {
        const text = this.model.closestType("text");
        if (text) {
          editor.select(text);
          text.trigger("active", event);
        }
      },
      onRender({ el }: { el: HTMLElement }) {
        el.setAttribute("contenteditable", "false");
      },
    } as never,
  });
}

/** Where the cursor was last in a text, for what is put there from outside. */
class Caret {
  private element: Element | null = null;
  private offset = 0;

  constructor(private readonly editor: Editor) {
    const page = editor.Canvas.getDocument();
    page.addEventListener("selectionchange", () => {
      const selection = page.getSelection();
      const node = selection?.rangeCount ? selection.focusNode : null;
      const parent = node?.nodeType === Node.ELEMENT_NODE ? (node as Element) : node?.parentElement;
      const text = parent?.closest("[contenteditable=true]");
      if (!selection || !text) return;
      const range = page.createRange();
      range.selectNodeContents(text);
      range.setEnd(selection.focusNode!, selection.focusOffset);
      this.element = text;
      this.offset = range.toString().length;
    });
  }

  /** Puts HTML there, or at the end of what is selected. */
  insert(html: string): void {
    const all = this.editor.getWrapper()!;
    const selected = this.editor.getSelected() ?? all.findType("text").at(-1) ?? all.findType("root")[0];
    if (!selected?.view?.el) return;
    const text = selected.is("text") ? selected : selected.find("[data-gjs-type=text]")[0];
    if (!text?.is("text")) {
      (selected.get("droppable") ? selected : selected.parent())?.append(html);
      return;
    }
    const element = text.view!.el as Element;
    const copy = element.cloneNode(true) as Element;
    const at = this.element === element || this.element?.getAttribute("data-s") === element.getAttribute("data-s") ? this.offset : Number.POSITIVE_INFINITY;
    const piece = copy.ownerDocument.createElement("template");
    piece.innerHTML = html;
    const [node, offset] = textAt(copy, at);
    const range = copy.ownerDocument.createRange();
    if (node) range.setStart(node, offset);
    else range.selectNodeContents(copy), range.collapse(false);
    range.insertNode(piece.content);
    for (const one of copy.querySelectorAll("[contenteditable]")) one.removeAttribute("contenteditable");
    text.components(copy.innerHTML);
    this.offset += (html.match(/>([^<]*)</)?.[1] ?? "").length;
    this.editor.select(text);
  }
}

/** The text at a distance from the start, never inside a placeholder. */
function textAt(root: Element, distance: number): [Text | null, number] {
  const walker = root.ownerDocument.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  let left = distance;
  for (let node = walker.nextNode() as Text | null; node; node = walker.nextNode() as Text | null) {
    const chip = node.parentElement?.closest("[data-chip]");
    if (left <= node.length && !chip) return [node, left];
    left -= node.length;
  }
  return [null, 0];
}

/** An image takes the place of the selected one; anything else goes into, or after, what is selected. */
function insertHtml(editor: Editor, shown: Shown, html: string): void {
  const made = document.createElement("template");
  made.innerHTML = html;
  const image = made.content.querySelector("img");
  const selected = editor.getSelected() ?? editor.getWrapper()!.find("td")[0] ?? editor.getWrapper()!.findType("root")[0];
  const attributes: Record<string, string> = {};
  for (const { name, value } of image?.attributes ?? []) {
    attributes[name] = shown.display(name, value);
    if (attributes[name] !== value) attributes[`data-raw-${name}`] = value;
  }
  if (image && selected.is("image")) {
    const { width, height, ...own } = attributes;
    void height;
    selected.addAttributes(selected.getAttributes().width ? own : { ...own, ...(width ? { width } : {}) });
    selected.set("src", attributes.src);
    return;
  }
  const piece = image ? { type: "image", tagName: "img", attributes, src: attributes.src } : html;
  const target = selected.is("image") || selected.is("chip") ? selected.parent()! : selected;
  const added = target.append(piece as never);
  editor.select(added[0]);
}

/** What becomes of HTML that nobody touches: for tests. */
export async function roundTrip(host: HTMLElement, html: string): Promise<string> {
  const shown = new Shown(html, { placeholders: [], images: {}, may: true });
  const editor = await start(host, shown, true, () => {});
  const root = rootOf(editor);
  shown.settle(root);
  const back = shown.read(root);
  editor.destroy();
  return back;
}
