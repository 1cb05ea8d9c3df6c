// Breaks lines and indents, with placeholders kept whole.

import { html_beautify } from "js-beautify/js/lib/beautify-html.js";

export function format(html: string): string {
  return html_beautify(html, {
    indent_size: 2,
    wrap_line_length: 0,
    preserve_newlines: true,
    max_preserve_newlines: 1,
    templating: ["django"],
    end_with_newline: false,
  });
}
