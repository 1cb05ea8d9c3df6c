// Loads the template editor's own parts when a page asks for them: they are several times as large as the studio.
(function () {
  "use strict";

  let parts = null;

  /** A promise of the editor's module (`editor/editor.ts`). A failed load is tried again the next time. */
  globalThis.paraphEditor = () => {
    parts ??= import(document.querySelector("meta[name=editor]").content).catch((error) => {
      parts = null;
      throw error;
    });
    return parts;
  };
})();
