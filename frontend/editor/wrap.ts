// Conditions around parts of a template, in the visual view.

import type { Editor } from "grapesjs";

/** Puts a condition around what is selected: a row, where it is in one cell of it alone. */
export function wrap(editor: Editor, before: string, after: string): void {
  const selected = editor.getSelected();
  const parent = selected?.parent();
  if (!selected || !parent) return;
  // A row without one of its cells would have its columns moved.
  const isCell = ["td", "th"].includes(selected.get("tagName") ?? "");
  const row = isCell ? (selected.closest("tr") ?? selected) : selected;
  const around = row.parent() ?? parent;
  const name = around.get("tagName") ?? "";
  const piece = (text: string) =>
    ["table", "tbody", "thead", "tfoot", "tr", "ul", "ol"].includes(name)
      ? { type: "comment", content: `p:${text}` }
      : `<span data-chip="${text.replaceAll("&", "&amp;").replaceAll('"', "&quot;")}" data-block>${text.startsWith("{% end") ? "end" : text.slice(3, -3)}</span>`;
  const at = row.index();
  around.append(piece(after) as never, { at: at + 1 });
  around.append(piece(before) as never, { at });
  row.addAttributes({ "data-if": before.slice(3, -3) });
  editor.select(row);
}
