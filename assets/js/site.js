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
// Wipes the registers of this device and their key, as journal.js does, without it.
function forgetRegisters() {
  return new Promise((done) => {
    const opening = indexedDB.open("ateliers");
    opening.onupgradeneeded = () => opening.transaction.abort(); // nobody kept anything
    opening.onerror = done;
    opening.onsuccess = () => {
      const tx = opening.result.transaction(["registers", "keys"], "readwrite");
      tx.objectStore("registers").clear();
      tx.objectStore("keys").delete("registers");
      tx.oncomplete = tx.onabort = done;
      opening.result.close();
    };
  });
}
// Who signs out leaves no register on this device; what was not sent yet is brought first, or they are asked.
const leaving = document.querySelector("form[data-leave]");
leaving?.addEventListener("submit", async (event) => {
  if (!isSecureContext || !navigator.locks || leaving.dataset.left) return;
  event.preventDefault();
  event.stopPropagation();
  let go = true;
  try {
    go = await (await import(leaving.dataset.leave)).leave(leaving);
  } catch {
    await forgetRegisters(); // the script of an older release is gone, or storage fails
  }
  if (!go) return;
  leaving.dataset.left = "yes";
  leaving.requestSubmit();
});
// The registers that somebody else opened on this device are not for who is signed in now.
if (leaving && isSecureContext && navigator.locks && localStorage.getItem("author") !== leaving.dataset.author) {
  import(leaving.dataset.leave).then(async ({ own }) => {
    await own(leaving.dataset.author);
    localStorage.setItem("author", leaving.dataset.author);
  }).catch(() => {}); // storage is off: nothing is kept here
}
