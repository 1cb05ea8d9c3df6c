// What the console needs beside its WASM: the chosen theme, a word where the WASM never comes, and the template editor.
(function () {
  "use strict";

  try {
    const theme = localStorage.getItem("paraph-theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch (_) {
    // Without storage the system's theme it is.
  }

  document.addEventListener("click", (event) => { if (event.target.id === "boot-retry") location.reload(); });
  setTimeout(() => {
    const note = document.getElementById("boot-note");
    if (note && document.querySelector(".boot")) note.hidden = false;
  }, 20000);

  let parts = null;

  /** A promise of the template editor's module (`editor/editor.ts`), which is loaded once a page asks for it. A failed load is tried again the next time. */
  globalThis.paraphEditor = () => {
    parts ??= import(document.querySelector("meta[name=editor]").content).catch((error) => {
      parts = null;
      throw error;
    });
    return parts;
  };
})();
