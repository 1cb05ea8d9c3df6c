// What can be done with what is selected in the visual view: a bar above the canvas.

import type { Component, Editor } from "grapesjs";
import type { Shown } from "./document";
import { wrap } from "./wrap";

const FONTS = ["Arial, sans-serif", "Calibri, sans-serif", "Georgia, serif", "Segoe UI, sans-serif", "Tahoma, sans-serif", "Times New Roman, serif", "Trebuchet MS, sans-serif", "Verdana, sans-serif"];
const SIZES = ["9px", "10px", "11px", "12px", "13px", "14px", "16px", "18px", "20px", "24px"];
const NAMES: Record<string, string> = { table: "Table", tbody: "Rows", tr: "Row", td: "Cell", th: "Cell", img: "Image", a: "Link", p: "Paragraph", div: "Box", span: "Text", b: "Bold", strong: "Bold", i: "Italic", em: "Italic", hr: "Line", br: "Line break", ul: "List", ol: "List", li: "List item" };

export class Inspector {
  constructor(
    private readonly editor: Editor,
    private readonly shown: Shown,
    private readonly bar: HTMLElement,
    private readonly may: boolean,
    private readonly act: (what: string) => void,
  ) {
    // What is pressed here must not end the writing in the canvas before it is done.
    editor.on("component:selected component:deselected component:update rte:enable rte:disable undo redo", this.draw);
    this.draw();
  }

  close(): void {
    this.editor.off("component:selected component:deselected component:update rte:enable rte:disable undo redo", this.draw);
  }

  private waits = 0;

  private draw = (): void => {
    cancelAnimationFrame(this.waits);
    this.waits = requestAnimationFrame(() => this.build());
  };

  private build(): void {
    const focused = this.bar.contains(document.activeElement) ? document.activeElement?.getAttribute("aria-label") : null;
    if (focused && ["INPUT", "SELECT"].includes(document.activeElement!.tagName)) return;
    const selected = this.editor.getSelected();
    const rows: HTMLElement[] = [this.path(selected)];
    if (!selected) rows.push(paragraph("Click something in the signature to change it; click a text twice to write in it."));
    else if (this.may) rows.push(...this.tools(selected));
    this.bar.replaceChildren(...rows);
    if (focused) this.bar.querySelector<HTMLElement>(`[aria-label="${CSS.escape(focused)}"]`)?.focus();
  }

  /** From the whole to what is selected. */
  private path(selected: Component | undefined): HTMLElement {
    const line = element("div", "row wrap");
    const chain: Component[] = [];
    for (let one = selected; one && one !== this.editor.getWrapper() && !one.is("root"); one = one.parent()) {
      if (one.get("tagName") !== "tbody" && !one.is("textnode")) chain.unshift(one);
    }
    const trail = element("nav", "trail");
    trail.setAttribute("aria-label", "From the whole to what is selected");
    // The innermost matter most, and a phone has room for few.
    for (const one of chain.slice(-4)) {
      const part = button(this.name(one), () => this.editor.select(one));
      part.className = "subtle";
      if (one === selected) part.setAttribute("aria-current", "true");
      trail.append(part);
    }
    line.append(trail, spring());
    line.append(this.step("Select what comes before", "M12 4.5L6.5 10l5.5 5.5", -1), this.step("Select what comes next", "M8 4.5l5.5 5.5L8 15.5", 1));
    if (this.may) {
      line.append(icon("Undo", "M7 4L3.5 7.5 7 11M4 7.5h7.5a4 4 0 010 8H8", () => this.editor.UndoManager.undo()));
      line.append(icon("Redo", "M13 4l3.5 3.5L13 11M16 7.5H8.5a4 4 0 000 8H12", () => this.editor.UndoManager.redo()));
    }
    return line;
  }

  private name(one: Component): string {
    if (one.is("chip")) return one.view?.el?.textContent || "Placeholder";
    return NAMES[one.get("tagName") ?? ""] ?? one.get("tagName") ?? "";
  }

  private step(label: string, path: string, by: number): HTMLElement {
    return icon(label, path, () => {
      const all = this.editor.getWrapper()!.findType("text").concat(this.editor.getWrapper()!.findType("image"));
      all.sort((a, b) => (a.view!.el.compareDocumentPosition(b.view!.el) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1));
      const at = all.indexOf(this.editor.getSelected() as Component);
      const next = all[(at + by + all.length) % all.length];
      if (next) this.editor.select(next, { scroll: true });
    });
  }

  private tools(selected: Component): HTMLElement[] {
    const tools = element("div", "row wrap");
    const name = selected.get("tagName") ?? "";
    const around = selected.parent();
    // A placeholder looks like the text that it stands in.
    if (selected.is("chip")) tools.append(...(around && !around.is("root") ? this.text(around) : []));
    else if (name === "img") tools.append(...this.image(selected));
    else if (name !== "br") tools.append(...this.text(selected));
    if (name === "a" || selected.closest("a")) tools.append(this.link(name === "a" ? selected : selected.closest("a")!));
    tools.append(spring(), ...this.moves(selected));
    const row = this.row(selected);
    // A row around a whole table is there for the layout; the rows inside it are what comes and goes.
    const isLayout = row?.view!.el.querySelector("table");
    const line = row && !isLayout ? this.emptiness(row) : element("div", "row wrap");
    if (selected.is("chip")) line.prepend(paragraph(`Stands for ${selected.getAttributes()["data-chip"]}.`));
    return line.hasChildNodes() ? [tools, line] : [tools];
  }

  private row(selected: Component): Component | undefined {
    return selected.get("tagName") === "tr" ? selected : (selected.closest("tr") as Component | undefined);
  }

  /** When the row is left out of a mail (`crates/email-signature/src/render/prune.rs`). */
  private emptiness(row: Component): HTMLElement {
    const line = element("div", "row wrap");
    const all = this.shown.placeholders(row.view!.el as Element);
    const labels = all.map((one) => one.label).join(", ");
    const condition = row.getAttributes()["data-if"];
    if (condition) line.append(paragraph(`This row is shown only: ${condition}.`));
    else if (!all.length) line.append(paragraph("This row has no placeholders: everyone has it."));
    else if (all.length === 1) line.append(paragraph(`This row is left out by itself when ${labels} is empty.`));
    else {
      line.append(paragraph(`This row is left out by itself when all of these are empty: ${labels}.`));
      const any = button("Leave it out when any is empty", () => {
        this.editor.select(row);
        wrap(this.editor, `{% if ${all.map((one) => one.token).join(" and ")} %}`, "{% endif %}");
      });
      line.append(any);
    }
    return line;
  }

  private text(selected: Component): HTMLElement[] {
    const style = (name: string) => String(selected.getStyle()[name] ?? "");
    const set = (name: string) => (value: string) => {
      if (value) selected.addStyle({ [name]: value });
      else selected.removeStyle(name);
    };
    const cell = ["td", "th", "table", "tr"].includes(selected.get("tagName") ?? "");
    const view = this.editor.Canvas.getWindow();
    const computed = view.getComputedStyle(selected.view!.el as Element);
    const toggle = (label: string, path: string, property: string, on: string, off: string, isOn: boolean) => {
      const made = icon(label, path, () => set(property)(isOn ? off : on));
      made.setAttribute("aria-pressed", String(isOn));
      return made;
    };
    return [
      choice("Font", style("font-family"), [["", "Font as around"], ...FONTS.map((one): [string, string] => [one, one.split(",")[0]])], set("font-family")),
      choice("Size", style("font-size"), [["", "Size as around"], ...SIZES.map((one): [string, string] => [one, one])], set("font-size")),
      toggle("Bold", "M6 4h5a3 3 0 010 6H6zM6 10h6a3 3 0 010 6H6z", "font-weight", "bold", "normal", Number(computed.fontWeight) >= 600),
      toggle("Italic", "M8.5 4H14M6 16h5.5M11.5 4l-3 12", "font-style", "italic", "normal", computed.fontStyle === "italic"),
      colour("Text colour", computed.color, set("color")),
      ...(cell ? [colour("Background", computed.backgroundColor, set("background-color"))] : []),
      choice("Alignment", style("text-align") || selected.getAttributes().align || "", [["", "Aligned as around"], ["left", "Left"], ["center", "Centre"], ["right", "Right"]], set("text-align")),
      ...(cell && selected.get("tagName") !== "tr" ? [field("Padding", style("padding"), "0 12px 0 0", set("padding"))] : []),
    ];
  }

  private image(selected: Component): HTMLElement[] {
    const element = selected.view!.el as Element;
    const set = (name: string) => (value: string) => {
      const shown = this.shown.display(name, value);
      selected.addAttributes({ [name]: shown, [`data-raw-${name}`]: value });
    };
    return [
      button("Choose another image", () => this.act("image")),
      field("Description for who does not see it", this.shown.raw(element, "alt"), "Logo of Example Ltd", set("alt"), 28),
      field("Width", this.shown.raw(element, "width"), "120", set("width"), 5),
    ];
  }

  private link(selected: Component): HTMLElement {
    const element = selected.view!.el as Element;
    return field("Address of the link", this.shown.raw(element, "href"), "https://…", (value) => {
      selected.addAttributes({ href: this.shown.display("href", value), "data-raw-href": value });
    }, 30);
  }

  private moves(selected: Component): HTMLElement[] {
    const row = this.row(selected);
    const moves: HTMLElement[] = [];
    if (row) {
      moves.push(icon("Move the row up", "M10 16V4M5 9l5-5 5 5", () => this.move(row, -1)));
      moves.push(icon("Move the row down", "M10 4v12M5 11l5 5 5-5", () => this.move(row, 1)));
      moves.push(icon("Copy the row", "M7 6.5V4h9v10h-2.5M4 6.5h9.5V16H4z", () => {
        this.editor.select(row.parent()!.append(row.clone(), { at: row.index() + 1 })[0]);
      }));
    }
    if (selected.get("removable") !== false) {
      moves.push(icon(`Delete: ${this.name(selected)}`, "M4 6h12M8 6V4h4v2M5.5 6l.8 10h7.4l.8-10M8.5 9v4.5M11.5 9v4.5", () => {
        const parent = selected.parent();
        selected.remove();
        if (parent) this.editor.select(parent);
      }));
    }
    return moves;
  }

  private move(row: Component, by: number): void {
    const parent = row.parent()!;
    const rows = parent.components().models.filter((one) => one.get("tagName") === "tr");
    const other = rows[rows.indexOf(row) + by];
    if (!other) return;
    row.move(parent, { at: other.index() + (by > 0 ? 1 : 0) });
    this.editor.select(row);
  }
}

function element(name: string, className: string): HTMLElement {
  const made = document.createElement(name);
  made.className = className;
  return made;
}

function spring(): HTMLElement {
  return element("span", "grow");
}

function paragraph(text: string): HTMLElement {
  const made = element("p", "quiet");
  made.textContent = text;
  return made;
}

function button(text: string, press: () => void): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  made.addEventListener("click", press);
  return made;
}

function icon(label: string, path: string, press: () => void): HTMLButtonElement {
  const made = button("", press);
  made.className = "subtle square";
  made.title = label;
  made.setAttribute("aria-label", label);
  made.innerHTML = `<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><path d="${path}"></path></svg>`;
  return made;
}

function choice(label: string, value: string, options: [string, string][], set: (value: string) => void): HTMLElement {
  const made = document.createElement("select");
  made.setAttribute("aria-label", label);
  made.title = label;
  const same = (one: string) => one.replace(/["'\s]/g, "").toLowerCase() === value.replace(/["'\s]/g, "").toLowerCase();
  const known = options.some(([one]) => same(one));
  for (const [own, words] of known ? options : [...options, [value, value.split(",")[0]] as [string, string]]) made.add(new Option(words, own, false, same(own)));
  made.addEventListener("change", () => set(made.value));
  return made;
}

function field(label: string, value: string, example: string, set: (value: string) => void, size = 12): HTMLElement {
  const around = element("label", "inspected");
  const words = document.createElement("span");
  words.textContent = label;
  const made = document.createElement("input");
  made.value = value;
  made.placeholder = example;
  made.size = size;
  made.setAttribute("aria-label", label);
  made.addEventListener("change", () => set(made.value.trim()));
  around.append(words, made);
  return around;
}

function colour(label: string, value: string, set: (value: string) => void): HTMLElement {
  const around = element("label", "inspected");
  const words = document.createElement("span");
  words.textContent = label;
  const made = document.createElement("input");
  made.type = "color";
  const numbers = value.match(/[\d.]+/g)?.map(Number) ?? [];
  const hex = (one: number) => Math.round(one).toString(16).padStart(2, "0");
  made.value = numbers.length >= 3 && numbers[3] !== 0 ? `#${numbers.slice(0, 3).map(hex).join("")}` : "#ffffff";
  made.setAttribute("aria-label", label);
  made.addEventListener("change", () => set(made.value));
  around.append(words, made);
  return around;
}
