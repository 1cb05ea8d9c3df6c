// Shows the fields that the chosen type of database needs. Without this script, all are shown.
"use strict";
const kind = document.getElementById("kind");
const login = document.getElementById("login");
function show() {
  for (const part of document.querySelectorAll("[data-for]")) {
    const fits = part.dataset.for.split(" ").includes(kind.value);
    const hidden = part.dataset.login && login.value !== part.dataset.login && kind.value === "sqlserver";
    part.hidden = !fits || hidden;
  }
  const port = document.getElementById("port");
  port.placeholder = kind.selectedOptions[0].dataset.port;
}
if (kind) {
  kind.addEventListener("change", show);
  login.addEventListener("change", show);
  show();
  const sql = document.getElementById("sql");
  const test = document.getElementById("test");
  const allow = () => { test.disabled = sql.value.trim() === ""; };
  sql.addEventListener("input", allow);
  allow();
}
for (const form of document.forms) {
  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (button) {
      // Later, so that the form is sent with the button's value.
      setTimeout(() => { button.classList.add("busy"); button.disabled = true; });
    }
  });
}
