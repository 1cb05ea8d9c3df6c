// A template cut into tokens, each with its place: tags, text, placeholders. Nothing is parsed away: put together again
// they are the template, byte for byte.

export type Kind = "text" | "print" | "block" | "note" | "open" | "close" | "opaque";

export interface Token {
  kind: Kind;
  from: number;
  to: number;
  /** An element's name in small letters. */
  name: string;
  /** The token that closes an element, or opens it. */
  partner: number;
}

/** Elements without content. */
export const VOID = new Set(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"]);
/** Elements that mails have (`render/policy.rs` of the core); of others the tags are kept, but not shown. */
const SHOWN = new Set(
  ("a abbr address b bdi bdo big blockquote br center cite code col colgroup dd del div dl dt em font h1 h2 h3 h4 h5 h6 hr i img ins li ol p pre q s small span " +
    "strike strong sub sup table tbody td tfoot th thead tr tt u ul wbr").split(" "),
);
/** Elements that are kept, but not shown, with everything in them. */
const OPAQUE = new Set(
  "applet audio button canvas frameset head iframe math noembed noframes noscript object optgroup option script select style svg template textarea title video xml xmp".split(" "),
);

/** The tokens of a template. */
export function tokenise(source: string): Token[] {
  const tokens: Token[] = [];
  const open: number[] = [];
  let text = 0;
  let at = 0;
  const push = (kind: Kind, from: number, to: number, name = "") => {
    if (from > text) tokens.push({ kind: "text", from: text, to: from, name: "", partner: -1 });
    tokens.push({ kind, from, to, name, partner: -1 });
    text = at = to;
  };
  const past = (end: string, from: number) => {
    const found = source.indexOf(end, from);
    return found < 0 ? source.length : found + end.length;
  };
  while (at < source.length) {
    const two = source.slice(at, at + 2);
    if (two === "{{") push("print", at, past("}}", at));
    else if (two === "{%") push("block", at, past("%}", at));
    else if (two === "{#") push("note", at, past("#}", at));
    else if (source.startsWith("<!--", at)) push("note", at, past("-->", at));
    else if (two === "<!" || two === "<?") push("note", at, past(">", at));
    else if (two === "</" && /[a-z]/i.test(source[at + 2] ?? "")) {
      const end = past(">", at);
      const name = /^[^\s/>]*/.exec(source.slice(at + 2, end))![0].toLowerCase();
      push(SHOWN.has(name) ? "close" : "opaque", at, end, name);
      const matching = open.findLastIndex((index) => tokens[index].name === name);
      if (matching >= 0) {
        const own = tokens.length - 1;
        tokens[own].partner = open[matching];
        tokens[open[matching]].partner = own;
        open.length = matching;
      }
    } else if (source[at] === "<" && /[a-z]/i.test(source[at + 1] ?? "")) {
      const end = tagEnd(source, at);
      const name = /^[^\s/>]*/.exec(source.slice(at + 1, end))![0].toLowerCase();
      if (OPAQUE.has(name)) {
        const closing = source.slice(end).search(new RegExp(`</${name}[\\s/>]`, "i"));
        push("opaque", at, closing < 0 ? source.length : past(">", end + closing), name);
      } else if (!SHOWN.has(name)) push("opaque", at, end, name);
      else {
        push("open", at, end, name);
        if (!VOID.has(name)) open.push(tokens.length - 1);
      }
    } else at += 1;
  }
  if (text < source.length) tokens.push({ kind: "text", from: text, to: source.length, name: "", partner: -1 });
  return tokens;
}

/** Past the `>` of a tag, where quotes and placeholders may hold others. */
function tagEnd(source: string, from: number): number {
  let quote = "";
  for (let at = from + 1; at < source.length; at += 1) {
    const here = source[at];
    if (here === "{" && "{%#".includes(source[at + 1] ?? " ")) {
      const end = source.indexOf(source[at + 1] === "{" ? "}}" : `${source[at + 1]}}`, at);
      if (end >= 0) at = end + 1;
    } else if (quote) {
      if (here === quote) quote = "";
    } else if (here === '"' || here === "'") quote = here;
    else if (here === ">") return at + 1;
  }
  return source.length;
}

/** An attribute in a start tag; places count from the tag's start. */
export interface Attribute {
  name: string;
  value: string;
  from: number;
  to: number;
}

/** The attributes of a start tag; placeholders that stand between them are passed over. */
export function attributes(tag: string): Attribute[] {
  const found: Attribute[] = [];
  const pattern = /\{[{%#][\s\S]*?[}%#]\}|([^\s"'<>/={]+)(?:\s*=\s*("(?:\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}|[^"])*"|'(?:\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}|[^'])*'|(?:\{\{[\s\S]*?\}\}|[^\s"'>])+))?/g;
  const start = /^<[^\s/>]*/.exec(tag)![0].length;
  pattern.lastIndex = start;
  for (let match = pattern.exec(tag); match; match = pattern.exec(tag)) {
    if (!match[1]) continue;
    const raw = match[2] ?? "";
    const value = /^["']/.test(raw) ? raw.slice(1, -1) : raw;
    found.push({ name: match[1].toLowerCase(), value: decode(value), from: match.index, to: match.index + match[0].length });
  }
  return found;
}

let decoder: HTMLTextAreaElement | null = null;

/** HTML's text without entities. */
export function decode(html: string): string {
  if (!html.includes("&")) return html;
  decoder ??= document.createElement("textarea");
  // A line break at the start would be dropped.
  decoder.innerHTML = `\n${html.replaceAll("<", "&lt;")}`;
  return decoder.value;
}

/** Text as HTML. */
export function encode(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("\u00a0", "&nbsp;");
}

/** A value between double quotes; placeholders stay as they are. */
export function quoted(value: string): string {
  const parts = value.split(/(\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\})/);
  const escaped = parts.map((part, index) => (index % 2 ? part.replaceAll('"', "'") : part.replaceAll("&", "&amp;").replaceAll('"', "&quot;")));
  return `"${escaped.join("")}"`;
}
