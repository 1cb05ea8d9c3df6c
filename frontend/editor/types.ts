// What goes between the studio's page and the editor's parts.

/** One template, as the core has it. */
export interface Template {
  id: string;
  name: string;
  part: string;
  html: string;
  text?: string;
  images?: string;
}

/** Templates to fill, and for whom (`crates/engine/src/filled.rs`). */
export interface Wanted {
  templates: Template[];
  person: unknown;
  kind?: string;
  format?: string;
  images?: Record<string, string>;
  fields?: string[];
  /** Blocks that the templates use. */
  blocks?: Template[];
}

/** One thing that is wrong or could be better; `at` in UTF-16 units. */
export interface Finding {
  level: string;
  rule: string;
  detail: string;
  at?: [number, number];
}

export interface Findings {
  findings: Finding[];
  error?: string;
}

/** A placeholder that templates can have: its name in templates, its label, and what it is for the person chosen. A block is
 * `block:ID`. */
export interface Placeholder {
  token: string;
  label: string;
  value: string;
}

/** What a view calls. */
export interface Calls {
  /** Something was changed; with the whole template's HTML. */
  changed(html: string): void;
  /** Something was asked for that the page does, such as `image`. */
  act(what: string): void;
  /** Makes HTML from elsewhere a template's. */
  clean(html: string): Promise<string>;
}
