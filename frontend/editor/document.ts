// A template as the visual editor shows it, and back. The editor gets HTML in which each tag and placeholder carries the
// number of the token that it came from. On the way back whatever is as it was is taken from the template itself, so that
// an edit changes what was edited and nothing else.

import { type Token, VOID, attributes, decode, encode, quoted, tokenise } from "./tokens";
import type { Placeholder } from "./types";

/** What is needed to show placeholders and images as people will see them. */
export interface Context {
  placeholders: Placeholder[];
  images: Record<string, string>;
  may: boolean;
}

/** Where only rows and cells may stand: placeholders there are comments, for anything else would be moved out. */
export const STRUCTURE = new Set(["table", "tbody", "thead", "tfoot", "tr", "colgroup", "ul", "ol", "dl"]);
/** Whose text the editor lets people write. */
const INLINE = new Set(["a", "abbr", "b", "bdi", "bdo", "big", "br", "code", "em", "font", "i", "img", "ins", "del", "s", "small", "span", "strike", "strong", "sub", "sup", "u", "wbr"]);

/** Attributes that mails have, and what styles ask for; of others nothing is shown. */
export const ATTRIBUTES = new Set(
  ("abbr align alt bgcolor border cellpadding cellspacing class clear color colspan dir face frame height href hspace id lang noshade nowrap role rowspan rules " +
    "scope size span src start style summary target title type valign vspace width").split(" "),
);

/** The rules of a style sheet that need nothing from elsewhere. */
function own(css: string): string {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  return [...sheet.cssRules].filter((rule) => rule instanceof CSSStyleRule).map((rule) => rule.cssText).join("\n");
}

/** A template made ready for the visual editor. */
export class Shown {
  readonly tokens: Token[];
  /** What the editor is given. */
  readonly html: string;
  /** The template's own styles, for the canvas. */
  readonly css: string;
  private readonly gaps = new Map<string, string>();
  private readonly tags = new Map<number, Map<string, string>>();

  constructor(readonly source: string, private readonly context: Context) {
    this.tokens = tokenise(source);
    this.html = this.build();
    const styles = this.tokens.filter((token) => token.name === "style" && token.kind === "opaque");
    this.css = styles.map((token) => own(/^<[^>]*>([\s\S]*?)<\/style/i.exec(this.slice(token))?.[1] ?? "")).join("\n");
  }

  slice(token: Token): string {
    return this.source.slice(token.from, token.to);
  }

  private build(): string {
    let html = "";
    const stack: string[] = [];
    const conditions: { depth: number; words: string }[] = [];
    this.tokens.forEach((token, index) => {
      const inStructure = STRUCTURE.has(stack.at(-1) ?? "");
      const text = this.slice(token);
      if (token.kind === "text") html += text;
      else if (token.kind === "open") {
        const condition = conditions.findLast((one) => one.depth === stack.length);
        html += this.openTag(token, index, condition?.words);
        if (!VOID.has(token.name)) stack.push(token.name);
      } else if (token.kind === "close") {
        if (token.partner < 0) return;
        html += text;
        stack.length = Math.max(stack.lastIndexOf(token.name), 0);
      } else if (token.kind === "opaque" || token.kind === "note") html += `<!--s:${index}-->`;
      else {
        if (token.kind === "block") follow(text, stack.length, conditions);
        html += inStructure ? `<!--s:${index}-->` : this.chip(text, index);
      }
    });
    return html;
  }

  /** A placeholder or a condition as one piece that can be moved and taken away, and not be torn. */
  chip(text: string, index?: number): string {
    const shown = this.words(text);
    const kind = text.startsWith("{{") ? (this.isEmpty(text) ? " data-empty" : "") : " data-block";
    const number = index === undefined ? "" : ` data-s="${index}"`;
    return `<span data-chip=${quotedAttribute(text)}${number}${kind} title=${quotedAttribute(text)}>${encode(shown)}</span>`;
  }

  /** Whether a placeholder is nothing for the person chosen. */
  isEmpty(text: string): boolean {
    return text.startsWith("{{") && !this.value(text, false);
  }

  /** What stands in the piece. */
  words(text: string): string {
    return text.startsWith("{{") ? this.value(text) : (this.block(text) ?? blockWords(text));
  }

  /** The name of a block that is used here. */
  private block(text: string): string | null {
    const id = /^\{%-?\s*include\s+(["'])(.*?)\1/.exec(text)?.[2];
    if (id === undefined) return null;
    const known = this.context.placeholders.find((one) => one.token === `block:${id}`);
    return `Block: ${known?.label ?? id}`;
  }

  /** What a placeholder is for the person chosen, or its label. */
  private value(print: string, orLabel = true): string {
    if (/^\{\{-?\s*\[/.test(print)) return this.several(print, orLabel);
    const token = /^\{\{-?\s*([a-z_][\w]*(?:\.[a-z_]\w*)?)/i.exec(print)?.[1] ?? "";
    const known = this.context.placeholders.find((one) => one.token === token);
    const value = known?.value ?? "";
    return value || (orLabel ? (known?.label ?? print.replace(/^\{\{-?\s*|\s*-?\}\}$/g, "")) : "");
  }

  /** What a list of placeholders is, such as in `{{ [street, city]|join(", ") }}`. */
  private several(print: string, orLabel: boolean): string {
    const names = /\[([^\]]*)\]/.exec(print)?.[1].match(/[a-z_]\w*(?:\.[a-z_]\w*)?/gi) ?? [];
    const between = /join\(\s*(?:"([^"]*)"|'([^']*)')/.exec(print);
    const known = names.map((name) => this.context.placeholders.find((one) => one.token === name));
    const values = known.map((one) => one?.value).filter(Boolean);
    const shown = values.length || !orLabel ? values : known.map((one, index) => one?.label ?? names[index]);
    return shown.join(between?.[1] ?? between?.[2] ?? ", ");
  }

  /** An attribute's value as the canvas shows it. */
  display(name: string, value: string): string {
    if (name === "src" && value.startsWith("image:")) return this.context.images[value.slice(6)] ?? "";
    const filled = value.replace(/\{[%#][\s\S]*?[%#]\}/g, "").replace(/\{\{[\s\S]*?\}\}/g, (print) => this.value(print, name !== "src"));
    if (name === "href") return /^(https?|mailto|tel|sip|sms):/i.test(filled) ? filled : "";
    return name === "src" && !/^(https?:|data:image\/|\/)/.test(filled) ? "" : filled;
  }

  private openTag(token: Token, index: number, condition: string | undefined): string {
    const shown = attributes(this.slice(token))
      .filter((one) => ATTRIBUTES.has(one.name))
      .map((one) => ` ${one.name}=${quotedAttribute(this.display(one.name, one.value))}`);
    const type = this.isText(token, index) ? ' data-gjs-type="text"' : "";
    const only = condition === undefined ? "" : ` data-if=${quotedAttribute(condition)}`;
    return `<${token.name}${shown.join("")} data-s="${index}"${type}${only}>`;
  }

  /** Whether an element holds text, and nothing that is more than a line of it. */
  private isText(token: Token, index: number): boolean {
    if (VOID.has(token.name) || STRUCTURE.has(token.name) || token.partner < 0) return false;
    const inside = this.tokens.slice(index + 1, token.partner);
    const words = inside.some((one) => one.kind === "print" || (one.kind === "text" && this.slice(one).trim()));
    return words && inside.every((one) => (one.kind !== "open" && one.kind !== "opaque") || INLINE.has(one.name));
  }

  /** Takes what the editor shows now, before anybody touched it, as what the template is. */
  settle(root: Element): void {
    this.gaps.clear();
    this.tags.clear();
    walk(root, {
      text: (marker, text) => this.gaps.set(marker, text),
      open: (element, index) => {
        if (index !== null) this.tags.set(index, shownAttributes(element));
      },
      close: () => {},
      piece: () => {},
    });
  }

  /** The template that belongs to what the editor shows. */
  read(root: Element): string {
    let out = "";
    walk(root, {
      text: (marker, text) => {
        out += this.gap(marker, text);
      },
      open: (element, index) => {
        out += index === null ? fresh(element) : this.tag(element, index);
      },
      close: (element, index) => {
        if (index === null) out += VOID.has(element.localName) ? "" : `</${element.localName}>`;
        else {
          const partner = this.tokens[index].partner;
          if (partner >= 0) out += this.slice(this.tokens[partner]);
        }
      },
      piece: (index, raw) => {
        out += index === null ? raw : this.slice(this.tokens[index]);
      },
    });
    return out;
  }

  /** The template's text after a token. */
  private sourceGap(marker: string): string {
    const next = marker === "start" ? 0 : this.after(marker) + 1;
    // An element that nothing closes has nothing after it.
    if (next === 0 && marker !== "start") return "";
    const token = this.tokens[next];
    if (!token || token.kind !== "text") return "";
    // A closing tag without an element is not shown: it goes with the text around it.
    let text = this.slice(token);
    for (let at = next + 1; this.isStray(at); at += 1) {
      text += this.slice(this.tokens[at]);
      if (this.tokens[at + 1]?.kind === "text") text += this.slice(this.tokens[(at += 1)]);
    }
    return text;
  }

  private isStray(at: number): boolean {
    return this.tokens[at]?.kind === "close" && this.tokens[at].partner < 0;
  }

  private after(marker: string): number {
    const index = Number(marker.slice(1));
    return marker[0] === "/" ? this.tokens[index].partner : index;
  }

  private gap(marker: string, text: string): string {
    if (marker === "") return encode(text);
    const before = this.gaps.get(marker) ?? "";
    const source = this.sourceGap(marker);
    if (before === text) return source;
    // Whatever is the same at both ends stays as it was written.
    const units = source.match(/&#?\w+;|[\s\S]/gu) ?? [];
    const shown = units.map(decode);
    if (shown.join("") !== before) return encode(text);
    let start = 0;
    let from = 0;
    while (start < shown.length && text.startsWith(shown[start], from)) from += shown[start++].length;
    let end = shown.length;
    let to = text.length;
    while (end > start && to - shown[end - 1].length >= from && text.slice(from, to).endsWith(shown[end - 1])) to -= shown[--end].length;
    return units.slice(0, start).join("") + encode(text.slice(from, to)) + units.slice(end).join("");
  }

  private tag(element: Element, index: number): string {
    let tag = this.slice(this.tokens[index]);
    const before = this.tags.get(index);
    if (!before) return tag;
    const now = shownAttributes(element);
    for (const name of new Set([...before.keys(), ...now.keys()])) {
      const raw = element.getAttribute(`data-raw-${name}`);
      if (raw === null && before.get(name) === now.get(name)) continue;
      if (name === "style") tag = withStyle(tag, before.get(name) ?? "", now.get(name) ?? "");
      else tag = withAttribute(tag, name, raw ?? now.get(name) ?? null);
    }
    return tag;
  }

  /** The placeholders in an element: what each is called, and its name in templates. */
  placeholders(element: Element): { token: string; label: string }[] {
    const raw = [...element.querySelectorAll("[data-chip]")].map((one) => one.getAttribute("data-chip") ?? "");
    const links = [...element.querySelectorAll("a, img")].flatMap((one) => [this.raw(one, "href"), this.raw(one, "src")]);
    const tokens = [...raw, ...links].flatMap((text) => [...text.matchAll(/\{\{-?\s*([a-z_]\w*(?:\.[a-z_]\w*)?)/gi)].map((match) => match[1]));
    return [...new Set(tokens)].map((token) => ({ token, label: this.context.placeholders.find((one) => one.token === token)?.label ?? token }));
  }

  /** The value of an attribute as the template has it, placeholders and all. */
  raw(element: Element, name: string): string {
    const written = element.getAttribute(`data-raw-${name}`);
    if (written !== null) return written;
    const index = element.getAttribute("data-s");
    const own = index === null ? undefined : attributes(this.slice(this.tokens[Number(index)])).find((one) => one.name === name);
    return own?.value ?? element.getAttribute(name) ?? "";
  }
}

/** The tag with one attribute set, or without it where the value is `null`. */
export function withAttribute(tag: string, name: string, value: string | null): string {
  const found = attributes(tag).find((one) => one.name === name);
  if (value === null) return found ? tag.slice(0, found.from).trimEnd() + tag.slice(found.to) : tag;
  const written = `${name}=${quoted(value)}`;
  if (found) return tag.slice(0, found.from) + written + tag.slice(found.to);
  const end = /^<[^\s/>]*/.exec(tag)![0].length;
  return `${tag.slice(0, end)} ${written}${tag.slice(end)}`;
}

/** The tag with those declarations changed that differ. */
function withStyle(tag: string, before: string, now: string): string {
  const [old, wanted] = [declarations(before), declarations(now)];
  const own = attributes(tag).find((one) => one.name === "style")?.value ?? "";
  const changed = (name: string) => old.get(name) !== wanted.get(name);
  const kept = own.split(/;(?![^(]*\))/).filter((one) => one.trim() && !(changed(nameOf(one)) && !wanted.has(nameOf(one))));
  const seen = new Set<string>();
  const rewritten = kept.map((one) => {
    const name = nameOf(one);
    seen.add(name);
    return changed(name) && wanted.has(name) ? `${/^\s*/.exec(one)![0]}${name}:${wanted.get(name)}` : one;
  });
  for (const [name, value] of wanted) if (changed(name) && !seen.has(name)) rewritten.push(`${name}:${value}`);
  return withAttribute(tag, "style", rewritten.length ? rewritten.join(";") : null);
}

function nameOf(declaration: string): string {
  return declaration.slice(0, Math.max(declaration.indexOf(":"), 0)).trim().toLowerCase();
}

function declarations(style: string): Map<string, string> {
  const all = style.split(/;(?![^(]*\))/).filter((one) => one.includes(":"));
  return new Map(all.map((one) => [nameOf(one), one.slice(one.indexOf(":") + 1).trim()]));
}

interface Visitor {
  text(marker: string, text: string): void;
  open(element: Element, index: number | null): void;
  close(element: Element, index: number | null): void;
  piece(index: number | null, raw: string): void;
}

/** Walks what the editor shows, and names the token after which each text stands; the empty name: one that is new. */
function walk(root: Element, visitor: Visitor): void {
  let marker = "start";
  let text = "";
  const flush = () => {
    visitor.text(marker, text);
    text = "";
  };
  const number = (element: Element) => {
    const own = element.getAttribute("data-s");
    return own === null ? null : Number(own);
  };
  const visit = (node: Node) => {
    for (const child of node.childNodes) {
      if (child.nodeType === Node.TEXT_NODE) text += child.nodeValue ?? "";
      else if (child.nodeType === Node.COMMENT_NODE) {
        const index = /^s:(\d+)$/.exec(child.nodeValue ?? "")?.[1];
        const fresh = /^p:([\s\S]*)$/.exec(child.nodeValue ?? "")?.[1];
        if (index === undefined && fresh === undefined) continue;
        flush();
        visitor.piece(index === undefined ? null : Number(index), fresh ?? "");
        marker = index === undefined ? "" : `>${index}`;
      } else if (child.nodeType === Node.ELEMENT_NODE) element(child as Element);
    }
  };
  const element = (child: Element) => {
    if (child.hasAttribute("data-chip")) {
      flush();
      const index = number(child);
      visitor.piece(index, child.getAttribute("data-chip") ?? "");
      marker = index === null ? "" : `>${index}`;
      return;
    }
    const index = number(child);
    // What the browser's parser put in itself.
    if (index === null && (child.localName === "tbody" || child.localName === "colgroup")) {
      visit(child);
      return;
    }
    flush();
    visitor.open(child, index);
    marker = index === null ? "" : `>${index}`;
    if (VOID.has(child.localName)) return;
    visit(child);
    flush();
    visitor.close(child, index);
    marker = index === null ? "" : `/${index}`;
  };
  visit(root);
  flush();
}

/** An element that the template did not have. */
function fresh(element: Element): string {
  const own = [...shownAttributes(element)].map(([name, value]) => ` ${name}=${quoted(element.getAttribute(`data-raw-${name}`) ?? value)}`);
  return `<${element.localName}${own.join("")}>`;
}

/** The attributes that the template has, without those that the editor needs. */
function shownAttributes(element: Element): Map<string, string> {
  const found = new Map<string, string>();
  for (const { name, value } of element.attributes) {
    if (name.startsWith("data-") || ["draggable", "contenteditable", "spellcheck", "tabindex"].includes(name)) continue;
    if (name === "id" && /^i[\da-z]{1,6}(-\d+)*$/.test(value)) continue;
    const own = name === "class" ? value.split(/\s+/).filter((one) => one && !one.startsWith("gjs-")).join(" ") : value;
    if (name === "class" && !own) continue;
    found.set(name, own);
  }
  return found;
}

export function quotedAttribute(value: string): string {
  return `"${value.replaceAll("&", "&amp;").replaceAll('"', "&quot;")}"`;
}

function follow(text: string, depth: number, conditions: { depth: number; words: string }[]): void {
  const word = /^\{%-?\s*(\w+)/.exec(text)?.[1] ?? "";
  if (word === "if" || word === "for") conditions.push({ depth, words: blockWords(text) });
  else if (word === "else" || word === "elif") {
    const last = conditions.at(-1);
    if (last) last.words = blockWords(text);
  } else if (word === "endif" || word === "endfor") conditions.pop();
}

/** A condition in words. */
export function blockWords(text: string): string {
  const inside = text.replace(/^\{%-?\s*|\s*-?%\}$/g, "");
  if (inside === "endif" || inside === "endfor") return "end";
  return inside.replace(/^elif /, "else if ");
}
