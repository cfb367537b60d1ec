// What a tablet keeps of registers while it is alone, and how it brings that to the server: the queue of what was tapped,
// and the registers of today and tomorrow. All of it lies encrypted in IndexedDB; keys never leave the browser. The queue
// has a key of its own, so that wiping the registers cannot touch what was not sent yet.
import { openDB } from "./vendor/idb.js";

// How long a request may take before the tablet counts as alone, and how much goes into one: what a slow network carries by then.
export const patience = 3000;
const batchSize = 25;

// Whether this browser can keep anything; without, the forms of the page do the work.
export const able = () => isSecureContext && Boolean(globalThis.crypto?.subtle && globalThis.indexedDB && navigator.serviceWorker && navigator.locks);

export const isHere = (action) => action === "present" || action === "late";
export const came = (action) => isHere(action) || action === "left";

// Where a child stands, as attendance.Fold says it: of what nobody undid the latest entry counts, at one instant the one
// with the greater key. A test runs both on the same journals.
export function fold(journal) {
  const undone = new Set(journal.filter((e) => e.action === "undo").map((e) => e.undoes));
  const valid = journal.filter((e) => e.action !== "undo" && !undone.has(e.key));
  valid.sort((a, b) => Date.parse(a.at) - Date.parse(b.at) || (a.key < b.key ? -1 : Number(a.key > b.key)));
  const state = { action: "", at: "", key: "", by: "", name: "", arrived: "" };
  for (const { action, at, key, by = "", name = "" } of valid) {
    Object.assign(state, { action, at, key, by, name });
    if (!came(action)) state.arrived = "";
    else if (!state.arrived && isHere(action)) state.arrived = at;
  }
  return state;
}

// The part of an entry that every tablet may know; reasons go to the server only.
const shared = ({ key, action, undoes, at, by, name, added }) => ({ key, action, undoes, at, by, name, added });

export class Tablet {
  #db;
  #unsent = new Map(); // what this page knows to lie in the queue: storage can be wiped while it is open
  #offset = 0; // of the server's clock from ours, in milliseconds
  #last = 0; // the number in the last key

  static async open() {
    const tablet = new Tablet();
    await tablet.#connect();
    tablet.#offset = (await tablet.#db.get("notes", "offset")) ?? 0;
    tablet.device = await tablet.#once("notes", "device", () => crypto.randomUUID());
    return tablet;
  }

  async #connect() {
    this.#db = await openDB("ateliers", 1, {
      upgrade(db) {
        db.createObjectStore("keys");
        db.createObjectStore("notes");
        db.createObjectStore("queue", { keyPath: "key" });
        db.createObjectStore("registers", { keyPath: "session" });
      },
      terminated: () => this.#restore(),
    });
  }

  // Somebody wipes the storage, which takes a moment. What this page still knows is kept once more; what only lay there is lost.
  async #restore() {
    await new Promise((done) => { setTimeout(done, 500); });
    try {
      await this.#connect();
      await Promise.all([...this.#unsent.values()].map((e) => this.add(e)));
    } catch {
      await this.#restore();
    }
  }

  // What is kept under a name, made the first time; of two pages that make it at once the first one wins.
  async #once(store, name, make) {
    const found = await this.#db.get(store, name);
    if (found) return found;
    const made = await make();
    const tx = this.#db.transaction(store, "readwrite");
    const other = tx.store.get(name).then((first) => first ?? tx.store.put(made, name).then(() => undefined));
    const [first] = await Promise.all([other, tx.done]);
    return first ?? made;
  }

  #key(name) {
    return this.#once("keys", name, () => crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]));
  }

  async #seal(name, value) {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    return { iv, sealed: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await this.#key(name), new TextEncoder().encode(JSON.stringify(value))) };
  }

  async #unseal(name, { iv, sealed }) {
    return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, await this.#key(name), sealed)));
  }

  // The present by the server's clock.
  now() {
    return Date.now() + this.#offset;
  }

  // The server said what time it was at some instant of ours.
  async setClock(now, at) {
    this.#offset = Date.parse(now) - at;
    await this.#db.put("notes", this.#offset, "offset");
  }

  // A new entry, later than what is known of the child: whoever tapped saw that. Keys begin with the present, as those of
  // forms do, so that of two taps within a second the second one counts.
  entry(fields, known) {
    this.#last = Math.max(this.#last + 1, Math.floor(this.now() * 1000));
    let second = Math.floor(this.now() / 1000) * 1000;
    const key = `${String(this.#last).padStart(17, "0")}000-${crypto.randomUUID()}`;
    const before = known.key ? Date.parse(known.at) : 0;
    if (before > second || (before === second && known.key > key)) second = before + 1000;
    return { ...fields, key, at: new Date(second).toISOString().replace(".000Z", "Z") };
  }

  // Keeps an entry; once this is done, it lies on the disk of the tablet, and the browser may be killed.
  async add(entry) {
    this.#unsent.set(entry.key, entry);
    const sealed = { key: entry.key, ...(await this.#seal("queue", entry)) };
    const tx = this.#db.transaction("queue", "readwrite", { durability: "strict" });
    await Promise.all([tx.store.put(sealed), tx.done]);
  }

  // All that is not on the server, in the order of taps: what waits, and what was refused and is still to be read.
  async entries() {
    const all = await Promise.all((await this.#db.getAll("queue")).map((e) => this.#unseal("queue", e)));
    for (const entry of all) this.#unsent.set(entry.key, entry);
    return all;
  }

  async waiting() {
    return (await this.entries()).filter((e) => !e.refused);
  }

  async forget(keys) {
    for (const key of keys) this.#unsent.delete(key);
    const tx = this.#db.transaction("queue", "readwrite");
    await Promise.all([...keys.map((key) => tx.store.delete(key)), tx.done]);
  }

  // Brings all that waits, one page of the browser at a time. Only what the server has told that it took leaves the queue; what it
  // refused stays, with the reason. Tells "done", or why something still waits: "busy", "offline", "signed_out", "refused".
  send() {
    return navigator.locks.request("ateliers-journal", { ifAvailable: true }, (lock) => (lock ? this.#sendAll() : "busy"));
  }

  async #sendAll() {
    let outcome = "done";
    const waiting = await this.waiting();
    for (const token of new Set(waiting.map((e) => e.token))) {
      const own = waiting.filter((e) => e.token === token);
      while (own.length > 0) {
        const batch = own.splice(0, batchSize);
        const told = await this.#post(batch);
        if (told === "offline" || told === "signed_out") return told;
        if (told.denied) {
          // All of it, and for good: each entry says why, so that it can be read, exported and taken away.
          for (const entry of [...batch, ...own.splice(0)]) await this.add({ ...entry, refused: told.denied });
          break;
        }
        if (told === "refused") {
          outcome = told;
          break;
        }
      }
    }
    return outcome;
  }

  // Brings one entry while somebody waits for the answer, past the queue: tells that it was taken, or why it was refused;
  // neither where the server did not say.
  async bring(entry) {
    const told = await this.#ask([entry]);
    if (typeof told === "string" || told.denied) return { refused: told.denied };
    const [answer] = told.entries;
    if (answer.refused) return { refused: answer.refused };
    await this.learn(entry.session, [entry]);
    return { taken: true };
  }

  // What the server says of entries of one token, each in the order of the batch.
  async #ask(batch) {
    const entries = batch.map(({ key, who, action, undoes, at, by, name, reason, walk_in }) => ({ key, who, action, undoes, at, by, name, reason, walk_in }));
    const asked = Date.now();
    const body = new URLSearchParams({ jeton: batch[0].token, appareil: this.device, entrees: JSON.stringify(entries) });
    const told = await ask(batch[0].to, { method: "POST", body });
    if (typeof told === "string" || told.denied) return told;
    if (!Array.isArray(told.entries)) return "refused";
    await this.setClock(told.now, (asked + Date.now()) / 2);
    return told;
  }

  async #post(batch) {
    const told = await this.#ask(batch);
    if (typeof told === "string" || told.denied) return told;
    const refused = new Map(told.entries.filter((e) => e.refused).map((e) => [e.key, e.refused]));
    const answered = new Set(told.entries.map((e) => e.key));
    const taken = batch.filter((e) => answered.has(e.key) && !refused.has(e.key));
    // First the register that is kept knows of them, then the queue forgets: never neither.
    await this.learn(batch[0].session, taken);
    for (const entry of batch.filter((e) => refused.has(e.key))) await this.add({ ...entry, refused: refused.get(entry.key) });
    await this.forget(taken.map((e) => e.key));
    return taken.length + refused.size > 0 ? "done" : "refused";
  }

  // Keeps the register of a session until an instant: the page as the server made it, and the journals of its rows.
  async keep(register) {
    const { session, until, author } = register;
    await this.#db.put("registers", { session, until, author, ...(await this.#seal("registers", register)) });
  }

  // The register that is kept of a session, if one is. What cannot be read any more, because its key was wiped, is not kept.
  async register(session) {
    const kept = await this.#db.get("registers", session);
    if (!kept) return undefined;
    try {
      return await this.#unseal("registers", kept);
    } catch {
      await this.drop(session);
      return undefined;
    }
  }

  async registers() {
    const all = await Promise.all((await this.#db.getAllKeys("registers")).map((session) => this.register(session)));
    return all.filter(Boolean);
  }

  // Wipes the register of a session, which is not this person's to see any more.
  async drop(session) {
    await this.#db.delete("registers", session);
  }

  // Wipes the registers that somebody else opened here: whoever is signed in now sees their own.
  async own(author) {
    for (const kept of await this.#db.getAll("registers")) if (kept.author !== author) await this.drop(kept.session);
  }

  // Adds entries, each with the row it is of, to the register that is kept.
  async learn(session, entries) {
    if (entries.length === 0) return;
    const kept = await this.register(session);
    if (!kept) return;
    for (const entry of entries) {
      const journal = (kept.journals[entry.who] ??= []);
      if (!journal.some((e) => e.key === entry.key)) journal.push(shared(entry));
    }
    await this.keep(kept);
  }

  // Wipes the registers whose time is over, and their key with the last one.
  async sweep() {
    for (const { session, until } of await this.#db.getAll("registers")) if (until <= this.now()) await this.#db.delete("registers", session);
    if ((await this.#db.count("registers")) === 0) await this.#db.delete("keys", "registers");
  }

  // Wipes every register and their key. The queue stays.
  async wipe() {
    await this.#db.clear("registers");
    await this.#db.delete("keys", "registers");
  }
}

// Who wrote an entry: the number before the first point of the token that goes with it.
export const authorOf = (entry) => entry.token.split(".")[0];

// What the server answers in JSON, in time; or "offline", "signed_out", "refused" where it may be otherwise later; or, where it
// will not, what it says as denied.
export async function ask(path, options = {}) {
  try {
    const answer = await fetch(path, { ...options, redirect: "manual", signal: AbortSignal.timeout(patience) });
    if (answer.type === "opaqueredirect") return "signed_out";
    if ([403, 404, 410].includes(answer.status)) {
      // In a page of ours the server says why; anything else came from a network in between, and may pass.
      const said = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main#main p");
      if (said) return { denied: said.textContent.trim() };
    }
    if (!answer.ok || !answer.headers.get("Content-Type")?.startsWith("application/json")) return "refused";
    return await answer.json();
  } catch {
    return "offline";
  }
}

// Somebody is signed in on this device: what others opened here is not for them.
export async function own(author) {
  await (await Tablet.open()).own(author);
}

// Before somebody signs out: what waits is brought, or they are asked; then the registers are wiped. Tells whether to go on.
export async function leave(form) {
  const tablet = await Tablet.open();
  let waits = true;
  try {
    await tablet.send();
    waits = (await tablet.waiting()).length > 0;
  } catch {
    // What cannot be read now is not lost: the queue stays.
  }
  if (waits && !(await confirmed(form.dataset))) return false;
  await tablet.wipe();
  return true;
}

function confirmed({ ask: question, stay, go }) {
  const dialog = document.createElement("dialog");
  const text = document.createElement("p");
  text.id = "leave-question";
  text.textContent = question;
  dialog.setAttribute("aria-labelledby", text.id);
  const buttons = document.createElement("form");
  buttons.method = "dialog";
  buttons.className = "actions";
  for (const [value, label, kind] of [["", stay, "button"], ["go", go, "button secondary"]]) {
    buttons.append(Object.assign(document.createElement("button"), { value, textContent: label, className: kind }));
  }
  dialog.append(text, buttons);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((done) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      done(dialog.returnValue === "go");
    });
  });
}
