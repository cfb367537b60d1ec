// The directory of schools answers as one types. It asks for the page that the search's button asks for, and takes the
// answer out of it; without a script the button does the same.
"use strict";

const input = document.getElementById("q");
const found = document.getElementById("trouves");
const schools = document.getElementById("etablissements");
const kept = document.querySelector('form.organisation input[type="hidden"][name="q"]');

let last = input.value.trim();
let timer;
let asked;

async function search() {
  clearTimeout(timer);
  const typed = input.value.trim();
  if (typed === last) return;
  last = typed;
  asked?.abort();
  asked = new AbortController();
  let page;
  try {
    const answer = await fetch(location.pathname + "?" + new URLSearchParams({ q: typed }), { signal: asked.signal });
    page = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    last = null; // a newer search took its place, or the network failed: the next letter asks again
    return;
  }
  const list = page.getElementById("etablissements");
  if (!list) return;
  const chosen = schools.querySelector("input:checked")?.value;
  const focused = schools.contains(document.activeElement);
  schools.replaceChildren(...list.childNodes);
  for (const choice of schools.querySelectorAll("input")) {
    choice.checked = choice.value === chosen;
  }
  if (focused) schools.querySelector("input:checked, input")?.focus();
  found.textContent = page.getElementById("trouves").textContent;
  kept.value = typed;
}

input.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(search, 200);
});
document.getElementById("annuaire").addEventListener("submit", (event) => {
  event.preventDefault();
  search();
});
