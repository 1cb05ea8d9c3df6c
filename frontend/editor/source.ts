// The HTML of a template, in CodeMirror: highlighting, folding, searching, completion of placeholders, what is wrong
// underlined.

import { type CompletionContext, type CompletionResult, autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { html } from "@codemirror/lang-html";
import { HighlightStyle, bracketMatching, codeFolding, foldGutter, foldKeymap, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { type Diagnostic, lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, MatchDecorator, ViewPlugin, type ViewUpdate, drawSelection, highlightActiveLine, highlightSpecialChars, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { FILTERS } from "./filters";
import { isForeign } from "./paste";
import type { Calls, Finding, Placeholder } from "./types";

/** An open editor. */
export interface Source {
  set(text: string): void;
  /** Puts text where the cursor is, around what is selected where it has `after`. */
  insert(before: string, after: string): void;
  select(from: number, to: number): void;
  mark(findings: Finding[]): void;
  offer(placeholders: Placeholder[]): void;
  selected(): string;
  close(): void;
}

const placeholders = new MatchDecorator({
  regexp: /\{\{[^}]*\}?\}|\{%(?:[^%]|%(?!\}))*%\}|\{#(?:[^#]|#(?!\}))*#\}/g,
  decoration: (match) => Decoration.mark({ class: match[0].startsWith("{{") ? "cm-print" : match[0].startsWith("{%") ? "cm-block" : "cm-note" }),
});

const highlighted = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;
    constructor(view: EditorView) {
      this.decorations = placeholders.createDeco(view);
    }
    update(update: ViewUpdate) {
      this.decorations = placeholders.updateDeco(update, this.decorations);
    }
  },
  { decorations: (plugin) => plugin.decorations },
);

// The page's own colours, so that they follow its theme.
const colours = HighlightStyle.define([
  { tag: [tags.tagName, tags.angleBracket], color: "var(--code-tag)" },
  { tag: tags.attributeName, color: "var(--code-name)" },
  { tag: [tags.attributeValue, tags.string], color: "var(--code-value)" },
  { tag: tags.comment, color: "var(--quiet)", fontStyle: "italic" },
  { tag: [tags.number, tags.unit, tags.color], color: "var(--code-value)" },
  { tag: tags.propertyName, color: "var(--code-name)" },
]);

/** Opens the editor in `host`. */
export function open(host: HTMLElement, text: string, label: string, isReadOnly: boolean, calls: Calls): Source {
  const { changed } = calls;
  let offered: Placeholder[] = [];
  let copied = "";
  let isOurs = false;
  const view = new EditorView({
    parent: host,
    state: EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(), foldGutter(), lintGutter(), highlightSpecialChars(), history(), codeFolding(), drawSelection(), indentOnInput(),
        bracketMatching(), closeBrackets(), highlightActiveLine(), highlightSelectionMatches(), html({ selfClosingTags: true }),
        syntaxHighlighting(colours), highlighted, EditorView.lineWrapping,
        autocompletion({ override: [(context) => complete(context, offered)] }),
        // Tab is left to the browser: who works with the keyboard must get out again.
        keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap, ...completionKeymap, ...lintKeymap]),
        EditorState.readOnly.of(isReadOnly),
        EditorView.domEventHandlers({
          copy: () => void (copied = selected()),
          cut: () => void (copied = selected()),
          paste: (event) => paste(event),
        }),
        EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0", spellcheck: "false", autocapitalize: "off" }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged && !isOurs) changed(update.state.doc.toString());
        }),
      ],
    }),
  });
  const selected = () => view.state.sliceDoc(view.state.selection.main.from, view.state.selection.main.to);
  // What was copied here stays as it is; what comes from elsewhere is cleaned.
  const paste = (event: ClipboardEvent) => {
    const plain = event.clipboardData?.getData("text/plain") ?? "";
    const rich = event.clipboardData?.getData("text/html") ?? "";
    const isRich = !plain.includes("<") && /urn:schemas-microsoft-com|mso-|<table/i.test(rich);
    if (isReadOnly || (plain && plain.trim() === copied.trim()) || !(isRich || isForeign(plain))) return false;
    event.preventDefault();
    void calls.clean(isRich ? rich : plain).then((html) => view.dispatch(view.state.replaceSelection(html)));
    return true;
  };
  const end = (at: number) => Math.min(Math.max(at, 0), view.state.doc.length);
  return {
    set(now) {
      if (now === view.state.doc.toString()) return;
      isOurs = true;
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: now } });
      isOurs = false;
    },
    insert(before, after) {
      const { from, to } = view.state.selection.main;
      const inside = view.state.sliceDoc(from, to);
      const at = from + before.length + inside.length;
      view.dispatch({ changes: { from, to, insert: after ? before + inside + after : before }, selection: { anchor: after ? at : from + before.length }, scrollIntoView: true });
      view.focus();
    },
    select(from, to) {
      view.dispatch({ selection: { anchor: end(from), head: end(to) }, effects: EditorView.scrollIntoView(end(from), { y: "center" }) });
      view.focus();
    },
    mark(findings) {
      const places = findings.filter((one) => one.at);
      const diagnostics = places.map((one): Diagnostic => ({
        from: end(one.at![0]),
        to: end(one.at![1]),
        severity: one.level === "problem" ? "error" : "info",
        message: one.detail,
      }));
      view.dispatch(setDiagnostics(view.state, diagnostics));
    },
    offer(now) {
      offered = now;
    },
    selected,
    close() {
      view.destroy();
    },
  };
}

/** Placeholders after `{{`, filters after `|`, conditions and blocks after `{%`. */
function complete(context: CompletionContext, offered: Placeholder[]): CompletionResult | null {
  const before = context.state.sliceDoc(Math.max(0, context.pos - 200), context.pos);
  const inside = /\{([{%])((?:(?![}%]\}).)*)$/s.exec(before);
  if (!inside) return null;
  const word = /[\w]*$/.exec(inside[2])![0];
  const from = context.pos - word.length;
  const rest = inside[2].slice(0, inside[2].length - word.length);
  const isBlock = (one: Placeholder) => one.token.startsWith("block:");
  if (inside[1] === "%" && /^-?\s*include\s+["']$/.test(rest)) {
    const blocks = offered.filter(isBlock).map((one) => ({ label: one.label, apply: one.token.slice(6), type: "class" }));
    return { from, options: blocks };
  }
  const options = /\|\s*$/.test(rest)
    ? FILTERS.map((filter) => ({ label: filter.name, detail: filter.words, apply: filter.apply, type: "function" }))
    : offered.filter((one) => !isBlock(one)).map((one) => ({ label: one.token, detail: one.value ? `${one.label}: ${one.value}` : one.label, type: "variable" }));
  const words = inside[1] === "%" ? ["if ", "elif ", "else", "endif", "for ", "endfor", "set ", 'include "'] : [];
  const blocks = words.map((label) => ({ label, type: "keyword" }));
  return { from, options: inside[1] === "%" && !rest.trim() ? blocks : options, validFor: /^\w*$/ };
}
