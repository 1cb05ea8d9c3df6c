// What is pasted into the visual view: it goes the same way as a signature from elsewhere, through the server's cleaner.

import type { Component, Editor } from "grapesjs";
import { ATTRIBUTES, STRUCTURE, type Shown, quotedAttribute } from "./document";
import { VOID, attributes, encode, tokenise } from "./tokens";

/** Elements that do not stand in a line of text. */
const BLOCKS = "address,blockquote,center,div,dl,h1,h2,h3,h4,h5,h6,hr,ol,p,pre,table,ul";

/** Whether HTML that was typed or copied as text looks as if another program had written it. */
export function isForeign(text: string): boolean {
  const markup = /<\/?(html|head|body|meta|script|style|o:p|v:)|<!--|mso-|class=["']?Mso|\son[a-z]+=|javascript:|src=["']?(data|file|cid):/i;
  const placeholders = /%%[\w ]+%%|\[\[|\$\w+\$|%[a-z]\w*%|«|&laquo;|(^|[^{])\{\/?[a-z][\w ]*\}/i;
  // Ours begin with a small letter, and these do not.
  const braces = /\{\{\s*[#/A-Z]/;
  return /<[a-z]/i.test(text) && (markup.test(text) || placeholders.test(text) || braces.test(text));
}

/** Takes what is pasted anywhere in the canvas. */
export function takePastes(editor: Editor, shown: Shown, clean: (html: string) => Promise<string>): void {
  const page = editor.Canvas.getDocument();
  page.addEventListener(
    "paste",
    (event) => {
      const html = event.clipboardData?.getData("text/html") ?? "";
      const text = event.clipboardData?.getData("text/plain") ?? "";
      if (!html && !text) return;
      // Neither the browser nor GrapesJS puts it in as it is.
      event.preventDefault();
      event.stopImmediatePropagation();
      const place = Place.now(page);
      if (html || isForeign(text)) void clean(html || text).then((cleaned) => put(editor, adopted(shown, cleaned), place));
      else put(editor, encode(text).replaceAll(/\r?\n/g, "<br>"), place);
    },
    { capture: true },
  );
}

/** Where the cursor is in a text that is being written. */
class Place {
  private constructor(
    readonly text: HTMLElement,
    readonly range: Range,
  ) {}

  static now(page: Document): Place | null {
    const selection = page.getSelection();
    if (!selection?.rangeCount) return null;
    const range = selection.getRangeAt(0);
    const node = range.commonAncestorContainer;
    const text = (node.nodeType === Node.ELEMENT_NODE ? (node as Element) : node.parentElement)?.closest<HTMLElement>("[contenteditable=true]");
    return text ? new Place(text, range.cloneRange()) : null;
  }
}

/** Puts HTML where the cursor is; blocks, which have no place in a line, after it. */
function put(editor: Editor, html: string, place: Place | null): void {
  const piece = editor.Canvas.getDocument().createElement("template");
  piece.innerHTML = html.trim();
  const all = piece.content;
  // One paragraph is a piece of text.
  const only = all.childElementCount === 1 && all.firstElementChild?.localName === "p" && all.childNodes.length === 1 ? all.firstElementChild : null;
  only?.replaceWith(...only.childNodes);
  if (place?.text.isConnected && !all.querySelector(BLOCKS)) {
    place.range.deleteContents();
    place.range.insertNode(all);
    place.range.collapse(false);
    place.text.dispatchEvent(new Event("input", { bubbles: true }));
    return;
  }
  const [into, at] = around(editor);
  const box = editor.Canvas.getDocument().createElement("div");
  box.append(all);
  const added = into.append(box.innerHTML, at === null ? {} : { at });
  if (added[0]) editor.select(added[0]);
}

/** The cell or block that takes what is pasted, and after which of its children. */
function around(editor: Editor): [Component, number | null] {
  const all = editor.getWrapper()!;
  const root = all.findType("root")[0] ?? all;
  let child: Component | null = null;
  for (let one: Component | undefined = editor.getSelected(); one && one !== root; one = one.parent()) {
    if (["td", "th", "div"].includes(one.get("tagName") ?? "")) return [one, child ? child.index() + 1 : null];
    child = one;
  }
  return [root, child ? child.index() + 1 : null];
}

/** HTML of a template as it is put into this one: all of its elements are new, and its placeholders are pieces. */
function adopted(shown: Shown, html: string): string {
  let out = "";
  const stack: string[] = [];
  const tokens = tokenise(html);
  for (const token of tokens) {
    const text = html.slice(token.from, token.to);
    if (token.kind === "text") out += text;
    else if (token.kind === "open") {
      const own = attributes(text).filter((one) => ATTRIBUTES.has(one.name));
      const written = own.map(({ name, value }) => {
        const filled = shown.display(name, value);
        return ` ${name}=${quotedAttribute(filled)}${filled === value ? "" : ` data-raw-${name}=${quotedAttribute(value)}`}`;
      });
      out += `<${token.name}${written.join("")}>`;
      if (!VOID.has(token.name)) stack.push(token.name);
    } else if (token.kind === "close") {
      if (token.partner < 0) continue;
      out += text;
      stack.length = Math.max(stack.lastIndexOf(token.name), 0);
    } else if (token.kind === "print" || token.kind === "block") {
      out += STRUCTURE.has(stack.at(-1) ?? "") ? `<!--p:${text}-->` : shown.chip(text);
    }
  }
  return out;
}
