// What a page gains from a script; every page works without it.
"use strict";

// The reader's place after a form: the summary of errors, else the title (ACC-8).
// Browsers without autofocus on a <div> need it.
const place = document.querySelector("[data-focus]");
if (place && !location.hash && document.activeElement === document.body) {
  place.focus({ preventScroll: place.tagName === "H1" });
}

// A second tap on the button of a form that is on its way does nothing: the form's key
// would catch it, but the page would load twice.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
});
// Printing needs a script, so its button shows with one only.
for (const button of document.querySelectorAll("[data-print]")) {
  button.closest("[hidden]").hidden = false;
  button.addEventListener("click", () => print());
}
// A page taken back from the browser's memory may be sent again.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});
