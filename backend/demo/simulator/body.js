// The body of the draft, as Outlook keeps it: what was typed, then the signature, then the quoted mail.
//
// HTML lives in a sandboxed frame without scripts, so that neither styles nor handlers leak out of a signature; plain text
// lives in a textarea. Both answer the same questions, so host.js never asks which one it has.

const SIGNATURE = "Signature"; // The id that Outlook on the web gives to the element around a signature.
const FORBIDDEN = "script, iframe, object, embed, form, link, meta, base, frame, frameset, noscript, style";
const PLACEHOLDER =
  "data:image/svg+xml," +
  encodeURIComponent(
    "<svg xmlns='http://www.w3.org/2000/svg' width='24' height='24'><rect width='23' height='23' x='.5' y='.5' fill='#f3f3f3' stroke='#bbb'/><path d='M7 7l10 10M17 7L7 17' stroke='#b33'/></svg>",
  );

const FRAME = `<!doctype html><html><head><title>Message body</title><style>
  html { color-scheme: light; background: #fff; color: #242424; }
  html.dark { background: transparent; filter: invert(.9) hue-rotate(180deg); }
  html.dark img { filter: invert(1) hue-rotate(180deg) brightness(1.05); }
  body { margin: 0; padding: 18px 20px 28px; min-height: calc(100vh - 46px); font: 15px/1.45 Aptos, Calibri, "Segoe UI", Carlito, system-ui, sans-serif; outline: none; overflow-wrap: anywhere; }
  table { overflow-wrap: normal; }
  img { max-width: 100%; }
  #${SIGNATURE} { margin-top: 18px; }
  #${SIGNATURE}.arrived { animation: arrive 1.4s ease-out; border-radius: 6px; }
  .quote { margin-top: 22px; padding-top: 14px; border-top: 1px solid #d1d1d1; }
  @keyframes arrive { 0% { opacity: 0; transform: translateY(6px); box-shadow: 0 0 0 8px #cfe4fa; background: #cfe4fa; } 25% { opacity: 1; transform: none; } 100% { box-shadow: 0 0 0 8px #cfe4fa00; background: #cfe4fa00; } }
  @media (prefers-reduced-motion: reduce) { #${SIGNATURE}.arrived { animation: none; } }
</style></head><body contenteditable="true" role="textbox" aria-multiline="true" aria-label="Message body"></body></html>`;

/** Loads the frame for HTML bodies once; resolves when its document may be used. */
export function prepare(frame) {
  return new Promise((resolve) => {
    frame.addEventListener("load", () => resolve(), { once: true });
    frame.srcdoc = FRAME;
  });
}

/** Markup without what a mail client never lets through. */
function clean(html) {
  const parsed = new DOMParser().parseFromString(html, "text/html");
  for (const element of parsed.querySelectorAll(FORBIDDEN)) element.remove();
  for (const element of parsed.body.querySelectorAll("*")) {
    for (const { name, value } of [...element.attributes]) {
      if (/^on/i.test(name) || (/^(href|src|action)$/i.test(name) && /^\s*javascript:/i.test(value)))
        element.removeAttribute(name);
    }
  }
  return parsed.body;
}

/** An HTML body in the prepared frame. `attachments()` gives the attachments that `cid:` addresses mean. */
export class HtmlBody {
  constructor(frame, { quote, prefixIds, attachments }) {
    this.document = frame.contentDocument;
    this.prefixIds = prefixIds;
    this.attachments = attachments;
    const body = (this.body = this.document.body);
    body.innerHTML = `<div><br></div>${quote ? `<div class="quote" id="divRplyFwdMsg">${quote}</div>` : ""}`;
    this.document.defaultView.scrollTo(0, 0);
  }

  get format() {
    return "html";
  }
  get signature() {
    return this.body.querySelector(`:scope > #${SIGNATURE}, :scope > div:not(.quote) #${SIGNATURE}`);
  }
  get quote() {
    return this.body.querySelector(":scope > .quote");
  }

  html() {
    // In a document of its own, where a `cid:` address is not fetched.
    const copy = document.implementation.createHTMLDocument().importNode(this.body, true);
    for (const image of copy.querySelectorAll("img[data-cid]")) {
      image.setAttribute("src", `cid:${image.dataset.cid}`);
      image.removeAttribute("data-cid");
    }
    for (const element of copy.querySelectorAll(".arrived")) element.removeAttribute("class");
    return copy.innerHTML;
  }

  text() {
    return this.body.innerText.replace(/\u00a0/g, " ").trim();
  }

  /** The draft as it was before its signature came. */
  before(type) {
    const copy = this.body.cloneNode(true);
    for (const own of copy.querySelectorAll(`#${SIGNATURE}`)) if (!own.closest(".quote")) own.remove();
    return type === "html" ? copy.innerHTML : copy.textContent.trim();
  }

  /** Replaces the signature, or puts the first one under the typed text and above the quoted mail. */
  setSignature(data) {
    let place = this.signature;
    if (!place) {
      place = this.document.createElement("div");
      place.id = SIGNATURE;
      this.body.insertBefore(place, this.quote);
    }
    place.replaceChildren(...this.#nodes(data));
    place.className = "";
    void place.offsetWidth; // Restarts the animation when a signature replaces another.
    place.className = "arrived";
    if (!place.childNodes.length) place.remove();
  }

  insertAtCursor(data) {
    const selection = this.document.getSelection();
    const range = selection.rangeCount ? selection.getRangeAt(0) : this.document.createRange();
    if (!selection.rangeCount) range.setStart(this.body.firstElementChild || this.body, 0);
    range.deleteContents();
    const fragment = this.document.createDocumentFragment();
    fragment.append(...this.#nodes(data));
    range.insertNode(fragment);
  }

  prepend(data) {
    this.body.prepend(...this.#nodes(data));
  }
  replaceAll(data) {
    this.body.replaceChildren(...this.#nodes(data));
  }
  removeSignature() {
    this.signature?.remove();
  }

  /** Types a line where a person would: above the signature and the quoted mail. */
  type(text) {
    let line = this.body.firstElementChild;
    if (!line || line.id === SIGNATURE || line.className === "quote" || line.textContent.trim()) {
      line = this.document.createElement("div");
      this.body.insertBefore(line, this.signature?.parentNode === this.body ? this.signature : this.quote);
    }
    line.textContent = text;
  }

  focus() {
    this.body.focus();
  }

  #nodes(data) {
    const parsed = clean(data);
    for (const element of parsed.querySelectorAll("*")) {
      if (this.prefixIds && element.id) element.id = `x_${element.id}`;
      if (this.prefixIds && element.className)
        element.className = [...element.classList].map((name) => `x_${name}`).join(" ");
    }
    for (const image of parsed.querySelectorAll('img[src^="cid:"]')) {
      const cid = image.getAttribute("src").slice(4);
      const file = this.attachments().find((one) => one.name === cid);
      image.dataset.cid = cid;
      image.setAttribute("src", file ? `data:${file.contentType};base64,${file.content}` : PLACEHOLDER);
    }
    return [...parsed.childNodes].map((node) => this.document.importNode(node, true));
  }
}

/** A plain-text body in a textarea. */
export class TextBody {
  #last = "";

  constructor(area, { quote, prepends }) {
    this.area = area;
    this.prepends = prepends;
    area.value = quote ? `\n\n${quote}` : "";
    this.quoteStart = quote ? quote.slice(0, 40) : "";
    area.setSelectionRange(0, 0);
    area.scrollTop = 0;
  }

  get format() {
    return "text";
  }
  html() {
    return `<pre>${this.area.value.replace(/[&<]/g, (c) => (c === "&" ? "&amp;" : "&lt;"))}</pre>`;
  }
  text() {
    return this.area.value;
  }

  /** The draft as it was before its signature came. */
  before() {
    return this.area.value.replace(this.#last, "");
  }

  /** On the web a plain-text signature is put on top each time, replacing nothing: a known limitation of Outlook (#2038). */
  setSignature(data) {
    const value = this.area.value;
    if (!this.prepends && this.#last && value.includes(this.#last)) this.#put(value.replace(this.#last, () => data));
    else if (this.prepends) this.#put(`\n\n${data}\n${value}`);
    else this.#insertAboveQuote(data);
    this.#last = data;
  }

  #insertAboveQuote(data) {
    const value = this.area.value;
    const at = this.quoteStart ? value.indexOf(this.quoteStart) : value.length;
    this.#put(`${value.slice(0, at).trimEnd()}\n\n${data}\n\n${value.slice(at)}`.trimEnd());
  }

  #put(value) {
    this.area.value = value;
    this.area.setSelectionRange(0, 0);
  }

  insertAtCursor(data) {
    this.area.setRangeText(data);
  }
  prepend(data) {
    this.#put(data + this.area.value);
  }
  replaceAll(data) {
    this.#put(data);
  }
  removeSignature() {
    this.#put(this.area.value.replace(this.#last, "").trimStart());
  }

  type(text) {
    this.#put(`${text}${this.area.value.startsWith("\n") ? "" : "\n"}${this.area.value}`);
  }
  focus() {
    this.area.focus();
  }
}
