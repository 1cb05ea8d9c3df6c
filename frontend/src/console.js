// What the console needs before its WASM is there: the chosen theme, and a word where the WASM never comes.
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
})();
