// The register on a tablet. Every tap is felt at once, kept on the tablet (journal.js) and brought to the server when there is
// one; without storage, and without this script, the forms of the page do the same, one page load each.
import { Tablet, able, ask, authorOf, came, fold, isHere, patience } from "./journal.js";

const version = /\/assets\/(\w+)\//.exec(import.meta.url)[1];
const main = document.querySelector("main");
// Who is signed in, or whose register is shown without a network.
let author = document.querySelector("form[data-leave]")?.dataset.author;
const pollEvery = 15_000;
const retryEvery = 5000;
const toldFor = 12_000;
const day = 24 * 3600_000;

// -- Words and hours ------------------------------------------------------------

// A text of the page's list with its blanks filled in. They are read once: a tap must be seen at once.
let texts;

function text(key, ...args) {
  texts ??= new Map([...document.querySelectorAll("#words [data-text]")].map((li) => [li.dataset.text, li.textContent]));
  return (texts.get(key) ?? "").replace(/\{(\d)\}/g, (_, n) => args[n] ?? "");
}

const plural = (key, n) => text(`${key}.${n < 2 ? "one" : "other"}`, n);

let zone = "Europe/Paris";
const lang = document.documentElement.lang;

let clock;

function clockParts(at) {
  clock ??= new Intl.DateTimeFormat(lang, { timeZone: zone, hour: "numeric", minute: "2-digit", hourCycle: "h23" });
  const parts = clock.formatToParts(new Date(at));
  const part = (type) => parts.find((p) => p.type === type).value;
  return [Number(part("hour")), part("minute")];
}

// « 14 h », « 14 h 05 », as the server writes it.
function hour(at) {
  const [hours, minutes] = clockParts(at);
  return minutes === "00" ? `${hours}\u00a0h` : `${hours}\u00a0h\u00a0${minutes}`;
}

const dateHour = (at) => `${new Intl.DateTimeFormat(lang, { timeZone: zone, dateStyle: "full" }).format(new Date(at))}, ${hour(at)}`;

// A name as a search by first letters reads it: its words without accents, each after a space.
const strokes = { ł: "l", ø: "o", đ: "d", ħ: "h", ŧ: "t", ı: "i", ß: "ss", æ: "ae", œ: "oe", þ: "th", ð: "d" };
const folded = (name) => name.toLowerCase().normalize("NFD").replace(/\p{Mn}/gu, "").replace(/[łøđħŧıßæœþð]/g, (c) => strokes[c]);
const nameWords = (name) => folded(name).match(/\p{L}+/gu) ?? [];

// Whether somebody of that name may be one to whom the child is not to be given (Care.IsBarred).
function barredBy(barred, name) {
  const typed = nameWords(name);
  const holds = (words, some) => some.every((word) => words.includes(word));
  return typed.length > 0 && barred.some((b) => holds(nameWords(b), typed) || holds(typed, nameWords(b)));
}

function element(tag, properties = {}, ...children) {
  const { dataset, ...rest } = properties;
  const made = Object.assign(document.createElement(tag), rest);
  Object.assign(made.dataset, dataset);
  made.append(...children);
  return made;
}

// -- One row --------------------------------------------------------------------

const tones = { "": "waiting", present: "done", late: "done", absent: "stopped", excused: "stopped", left: "info" };
const rare = { "": ["late", "excused"], present: ["late"], absent: ["late", "excused"], excused: ["late"] };

function stateLabel({ action, at, arrived, by, name }) {
  if (!action) return text("attendance.state.expected");
  let label = text(`attendance.state.${action}`, hour(isHere(action) ? arrived : at));
  if (by === "alone") label += `, ${text("attendance.left.alone")}`;
  else if (by) label += `, ${name ? text("attendance.left.with", name) : text("attendance.left.erased")}`;
  return label;
}

class Row {
  constructor(li) {
    const { row, first, found, family, journal, taken } = li.dataset;
    Object.assign(this, { li, id: row, first, found, family, taken: taken && JSON.parse(taken) });
    this.name = li.querySelector(".name").textContent;
    this.journal = new Map(JSON.parse(journal).map((e) => [e.key, e]));
    this.more = li.querySelector(".do > a");
    this.contradiction = li.querySelector(".contradiction");
  }

  get state() {
    return (this.folded ??= fold([...this.journal.values()]));
  }

  // Takes what is to be known of the child from the same row of a newer page.
  renew(li) {
    this.taken = li.dataset.taken && JSON.parse(li.dataset.taken);
    const marks = this.li.querySelector(".marks");
    for (const flag of marks.querySelectorAll(".flag")) flag.remove();
    for (const flag of li.querySelectorAll(".marks > .flag")) marks.append(" ", document.importNode(flag, true));
    const [shown, newer] = [this.li, li].map((row) => row.querySelector(".care"));
    if (!shown || !newer) return;
    const made = document.importNode(newer, true);
    made.open = shown.open;
    shown.replaceWith(made);
  }

  // Adds entries; tells whether that is news.
  learn(entries) {
    const before = this.journal.size;
    for (const e of entries) if (!this.journal.has(e.key)) this.journal.set(e.key, e);
    if (this.journal.size === before) return false;
    this.folded = null;
    return true;
  }

  // Takes an entry back; tells whether there was one.
  unlearn(key) {
    this.folded = null;
    return this.journal.delete(key);
  }

  // The row says what the journal says; it keeps its place.
  draw() {
    const { state, li } = this;
    li.classList.toggle("present", isHere(state.action));
    const badge = li.querySelector(".marks .badge");
    badge.className = `badge ${tones[state.action]}`;
    badge.textContent = stateLabel(state);
    const focused = li.querySelector(".do")?.contains(document.activeElement);
    const acts = [];
    if (!came(state.action)) acts.push(this.#act("present", "button"));
    if (!state.action) acts.push(this.#act("absent", "button secondary"));
    else acts.push(this.#act("annuler", "button secondary", state.key, stateLabel(state)));
    if (this.more) {
      const word = isHere(state.action) ? "leave" : state.action === "left" ? "left" : "marks";
      this.more.firstChild.textContent = text(`attendance.more.${word}`);
      acts.push(this.more);
    }
    li.querySelector(".do").replaceChildren(...acts);
    if (focused) li.querySelector(".do button").focus();
  }

  // One button in a form, as the server makes them.
  #act(act, kind, undoes = "", what = "") {
    const [field, who] = this.id.split(":");
    const label = text(`attendance.act.${act === "annuler" ? "undo" : act}`);
    const hidden = element("span", { className: "hidden" }, ` : ${this.name}${what && `, ${what}`}`);
    const form = element("form", {}, element("input", { type: "hidden", name: field, value: who }), element("input", { type: "hidden", name: "pointage", value: act }));
    if (undoes) form.append(element("input", { type: "hidden", name: "entree", value: undoes }));
    form.append(element("button", { className: kind }, label, hidden));
    return form;
  }

  // Shows what two tablets noted, and the buttons that settle it; nothing where they agree.
  contradict(said) {
    const before = this.contradiction?.querySelector("p").textContent;
    if (said && said.text === before) return;
    this.contradiction?.remove();
    this.contradiction = null;
    if (!said || said.keep.some((k) => [...this.journal.values()].some((e) => e.undoes === k.undoes))) return;
    this.contradiction = element("div", { className: "contradiction" }, element("p", {}, said.text));
    for (const { label, undoes } of said.keep) {
      const form = this.#act("annuler", "button secondary", undoes);
      form.querySelector("button").firstChild.textContent = label;
      this.contradiction.append(form);
    }
    this.li.insertBefore(this.contradiction, this.li.querySelector(".do"));
  }
}

// -- The register ---------------------------------------------------------------

class Register {
  constructor(list, tablet, sync) {
    Object.assign(this, { list, tablet, sync });
    const { session, token, send, states, booked } = list.dataset;
    Object.assign(this, { session: Number(session), token, to: send, states, booked: Number(booked) });
    Object.assign(this, { capacity: Number(list.dataset.capacity), blank: Number(list.dataset.blank) });
    this.rows = new Map([...list.children].map((li) => [li.dataset.row, new Row(li)]));
    this.dialog = document.getElementById("more");
    document.addEventListener("submit", (event) => this.#submitted(event), { capture: true });
    list.addEventListener("click", (event) => this.#clicked(event));
    // What is no mark goes to the server at once, or not at all.
    main.addEventListener("submit", (event) => {
      if (event.defaultPrevented || event.target.method !== "post" || this.sync.outcome !== "offline") return;
      event.preventDefault();
      event.stopPropagation(); // it was not sent, and may be later
      this.say(text("attendance.sync.needs_network"));
    });
    this.care = list.dataset.care;
    this.#search();
    this.#standby();
    this.#departures();
    this.#door();
    addEventListener("beforeprint", () => this.#paper());
  }

  // The row of a child. One who was let in here is known by that entry, until the server has given it a booking.
  row(id) {
    const [kind, key] = id.split(":");
    return this.rows.get(id) ?? (kind === "nouveau" ? [...this.rows.values()].find((row) => row.journal.has(key)) : undefined);
  }

  // Learns entries by row; a child who was let in here and is not on the page has a row made.
  recall(entries) {
    for (const e of entries) {
      if (!this.row(e.who) && e.added) this.#add(e.who, e.added);
      this.row(e.who)?.learn([e]);
    }
  }

  draw(rows = [...this.rows.values()]) {
    for (const row of rows) row.draw();
    this.#families(new Set(rows.map((row) => row.family)));
    this.#counts();
    this.#missing();
    this.marked++;
  }

  // Whom to call about children who have not come: nobody any more about those who have a mark.
  #missing() {
    const section = document.getElementById("pas-arrives");
    if (!section) return;
    const lines = [...section.querySelectorAll("li[data-rows]")];
    for (const li of lines) li.hidden = li.dataset.rows.split(" ").every((id) => this.row(id)?.state.action);
    section.hidden = lines.every((li) => li.hidden);
  }

  #counts() {
    const n = { present: 0, late: 0, absent: 0, excused: 0, left: 0 };
    for (const row of this.rows.values()) if (row.state.action) n[row.state.action]++;
    const figures = [["here", n.present + n.late], ["booked", this.#seats()], ["late", n.late], ["left", n.left], ["absent", n.absent], ["excused", n.excused]];
    const items = figures.filter(([key, count], i) => i < 2 || count > 0).map(([key, count]) =>
      element("li", {}, element("b", {}, String(count)), ` ${plural(`attendance.count.${key}`, count)}`));
    document.querySelector(".counts").replaceChildren(...items);
  }

  // One button for brothers and sisters of whom several are still to come, at the first of them.
  #families(drawn) {
    const families = new Map();
    for (const row of this.rows.values()) if (row.family && drawn.has(row.family)) families.set(row.family, [...(families.get(row.family) ?? []), row]);
    for (const rows of families.values()) {
      const expected = rows.filter((row) => !came(row.state.action));
      for (const row of rows) row.li.querySelector(".family")?.remove();
      if (expected.length < 2) continue;
      const form = element("form", { className: "family" }, ...expected.map((row) => element("input", { type: "hidden", name: "inscription", value: row.id.split(":")[1] })));
      const names = new Intl.ListFormat(lang).format(expected.map((row) => row.first));
      form.append(element("input", { type: "hidden", name: "pointage", value: "present" }), element("button", { className: "button secondary" }, text("attendance.family", names)));
      expected[0].li.insertBefore(form, expected[0].li.querySelector(".do"));
    }
  }

  #submitted(event) {
    const form = event.target;
    const act = form.elements.pointage?.value;
    if (!this.list.contains(form) || !act) return;
    event.preventDefault();
    event.stopPropagation(); // no page load, so no guard against a second one
    const values = new FormData(form);
    const ids = ["inscription", "eleve"].flatMap((field) => values.getAll(field).map((who) => `${field}:${who}`));
    const rows = ids.map((id) => this.row(id));
    this.mark(rows, act === "annuler" ? { action: "undo", undoes: values.get("entree") } : { action: act });
  }

  // Notes the same of some children: first on the screen, then in the queue, then on the server.
  async mark(rows, fields, begun = {}) {
    const made = rows.map((row) => Object.assign(this.#entry(row, fields), begun));
    this.#note(rows, made);
    this.sync.waits(made.length);
    try {
      for (const entry of made) await this.tablet.add(entry);
    } catch {
      await this.tablet.forget(made.map((e) => e.key)).catch(() => {});
      rows.forEach((row, i) => row.unlearn(made[i].key));
      this.draw(rows);
      this.say(text("attendance.sync.not_kept"));
      return;
    } finally {
      this.sync.kept(made.length);
    }
    await this.sync.now();
  }

  #entry(row, fields) {
    return this.tablet.entry({ ...fields, session: this.session, token: this.token, to: this.to, who: row.id, child: row.name }, row.state);
  }

  // Rows say what is noted of them.
  #note(rows, made) {
    rows.forEach((row, i) => {
      row.learn([made[i]]);
      row.contradict(null);
    });
    this.draw(rows);
    this.#tell(rows, made);
  }

  #tell(rows, made) {
    const names = new Intl.ListFormat(lang).format(rows.map((row) => row.first || row.name));
    if (made[0].action === "undo") return this.say(text("attendance.sync.undone", names));
    const undo = () => rows.forEach((row, i) => this.mark([row], { action: "undo", undoes: made[i].key }));
    this.say(text("attendance.sync.done", names, stateLabel(rows[0].state)), undo);
  }

  // Says what was just done, long enough to take it back (UX-F3); it stays while somebody is at it.
  say(what, undo) {
    const bar = document.getElementById("told");
    clearTimeout(this.silence);
    const content = [element("span", {}, what)];
    if (undo) {
      const button = element("button", { type: "button", className: "button quiet" }, text("attendance.act.undo"));
      button.addEventListener("click", () => {
        bar.replaceChildren();
        undo();
      });
      content.push(button);
    }
    bar.replaceChildren(...content);
    const hush = () => {
      if (bar.matches(":hover, :focus-within")) this.silence = setTimeout(hush, 2000);
      else bar.replaceChildren();
    };
    this.silence = setTimeout(hush, toldFor);
  }

  // Learns what other tablets noted. Rows keep their place.
  async poll() {
    const asked = Date.now();
    const told = await ask(this.states);
    if (typeof told === "string") return told;
    if (told.denied) {
      await this.tablet.drop(this.session); // handed over, or too late: not this person's to see any more
      return "refused";
    }
    await this.tablet.setClock(told.now, (asked + Date.now()) / 2);
    const news = [];
    const learnt = [];
    for (const [id, { journal, contradiction }] of Object.entries(told.rows)) {
      const row = this.row(id);
      if (!row) continue;
      const entries = journal.filter((e) => !row.journal.has(e.key));
      if (row.learn(entries)) news.push(row);
      row.contradict(contradiction);
      learnt.push(...entries.map((e) => ({ ...e, who: id })));
    }
    await this.tablet.learn(this.session, learnt);
    if (news.length > 0) this.draw(news);
    if (told.care !== this.care) await this.#renew();
    this.changed = Object.keys(told.rows).some((id) => !this.rows.has(id)) || [...this.rows.keys()].some((id) => !told.rows[id]);
    return "done";
  }

  // Asks for the page once more, and takes from it what is to be known of the children; what the tablet keeps is that page then.
  // Nobody who opens a row later is to read whom a child may leave with as it was.
  async #renew() {
    const page = await newer();
    const list = page?.getElementById("register");
    if (!list) return;
    for (const li of list.children) this.rows.get(li.dataset.row)?.renew(li);
    this.care = list.dataset.care;
    if (this.open && this.dialog.open) this.#choices(this.open);
    if (list.dataset.keep) await keepPage(this.tablet, list, new XMLSerializer().serializeToString(page.querySelector("main")));
  }

  // Whom to call instead of who does not come: how many seats there are for them is told by marks, so what the page says of it
  // is asked for again when it is read after a mark; where that cannot be, it says of when it is.
  #standby() {
    this.marked = 0;
    let known = 0;
    let section = document.getElementById("appels");
    if (!section) return;
    const asked = async () => {
      if (!section.open || known === this.marked || section.contains(document.activeElement?.closest("input, textarea"))) return;
      const now = this.marked;
      const made = this.sync.settled ? (await newer())?.getElementById("appels") : null;
      if (made) {
        known = now;
        section.querySelector("ol").replaceWith(document.importNode(made.querySelector("ol"), true));
        section.querySelector("[data-room]").replaceWith(document.importNode(made.querySelector("[data-room]"), true));
      }
      section.querySelector("[data-stale]").hidden = Boolean(made);
    };
    section.addEventListener("toggle", asked);
    this.heard = asked;
  }

  // What was refused is not so, whatever the row showed until now.
  drop(refused) {
    const dropped = refused.filter((e) => e.session === this.session && this.row(e.who)?.unlearn(e.key));
    if (dropped.length === 0) return;
    this.draw(dropped.map((e) => this.row(e.who)));
    const [last] = dropped.slice(-1);
    this.say(`${last.child} : ${last.refused}`);
  }

  // -- Search -------------------------------------------------------------------

  #search() {
    const form = document.querySelector("form.find");
    if (!form) return;
    const typed = form.elements.q;
    const here = form.elements.ici;
    const show = () => {
      const wanted = ` ${nameWords(typed.value).join(" ")}`;
      const onlyHere = here?.ariaPressed === "true";
      let shown = 0;
      for (const row of this.rows.values()) {
        row.li.hidden = (wanted !== " " && !row.found.includes(wanted)) || (onlyHere && !isHere(row.state.action));
        if (!row.li.hidden) shown++;
      }
      document.getElementById("found").textContent = shown === 0 ? text("attendance.find.none") : "";
    };
    form.querySelector("button:not([name])").hidden = true; // each letter searches
    typed.addEventListener("input", show);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (event.submitter === here) here.ariaPressed = String(here.ariaPressed !== "true");
      show();
    });
  }

  // -- Departures and the rarer marks -------------------------------------------

  #clicked(event) {
    const more = event.target.closest(".do > a");
    const row = more && this.row(more.closest("li").dataset.row);
    if (!row?.taken || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.#open(row);
  }

  #departures() {
    const form = this.dialog?.querySelector("form");
    if (!form) return;
    this.dialog.querySelector("[data-close]").addEventListener("click", () => this.dialog.close());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      event.stopPropagation();
      const row = this.open;
      const act = event.submitter.value;
      if (act !== "left") {
        this.dialog.close();
        this.mark([row], { action: act });
        return;
      }
      const taken = { ...JSON.parse(form.elements.taken.value || "{}"), reason: form.elements.reason.value.trim() };
      if (taken.by === "other") taken.name = form.elements.name.value.trim().replace(/\s+/g, " ");
      const wrong = departureError(row, taken);
      this.#refuse(wrong);
      if (!wrong) this.#depart(row, { action: "left", ...taken });
    });
    this.dialog.addEventListener("close", () => this.open?.more.focus());
  }

  #refuse(why) {
    const error = this.dialog.querySelector("p.error");
    error.hidden = !why;
    error.textContent = why;
  }

  // A departure is done once the server took it: whom the child must not leave with may have been told a moment ago. Where no
  // answer comes, it is kept like any mark, right by all that the tablet knows.
  async #depart(row, fields) {
    if (this.asking) return;
    const entry = this.#entry(row, fields);
    let told = {};
    if (this.sync.settled) {
      const status = this.dialog.querySelector("[data-asking]");
      this.asking = true;
      status.textContent = text("attendance.depart.asking");
      told = await this.tablet.bring(entry).catch(() => ({}));
      this.asking = false;
      status.textContent = "";
    }
    const inSight = this.dialog.open && this.open === row;
    if (told.refused) {
      if (inSight) this.#refuse(told.refused);
      else this.say(`${row.name} : ${told.refused}`);
      this.sync.now();
      return;
    }
    if (inSight) this.dialog.close();
    if (told.taken) this.#note([row], [entry]);
    else this.mark([row], fields, entry);
  }

  // The same choices as the child's own page: who may take the child away, or the marks that have no button.
  #open(row) {
    this.open = row;
    const { state } = row;
    const { dialog } = this;
    dialog.querySelector("form").reset();
    this.#refuse("");
    dialog.querySelector("h2").textContent = text("attendance.child.title", row.name);
    dialog.querySelector("[data-departure]").hidden = !isHere(state.action);
    dialog.querySelector("legend").textContent = text("attendance.depart.taken", row.first);
    this.#choices(row);
    const acts = (rare[state.action] ?? []).map((act) => element("button", { className: "button secondary", value: act }, text(`attendance.act.${act}`)));
    if (isHere(state.action)) acts.unshift(element("button", { className: "button", value: "left" }, text("attendance.depart.button")));
    dialog.querySelector("[data-acts]").replaceChildren(...acts);
    dialog.querySelector("[data-page]").href = row.more.href;
    dialog.showModal();
  }

  // With whom the child may leave, and must not.
  #choices({ taken }) {
    const { dialog } = this;
    const barred = dialog.querySelector("[data-barred]");
    barred.hidden = !taken.stop;
    barred.textContent = taken.stop ?? "";
    const choices = [
      ...taken.guardians.map((name) => [{ by: "guardian", name }, name, text("attendance.care.guardian")]),
      ...taken.persons.map((name) => [{ by: "person", name }, name, text("attendance.depart.named")]),
      [{ by: "alone", name: "" }, text("attendance.depart.alone"), text(`attendance.depart.alone.${taken.alone ? "allowed" : "call"}`)],
      [{ by: "other", name: "" }, text("attendance.depart.other"), text("attendance.depart.other.call")],
    ];
    dialog.querySelector(".answers").replaceChildren(...choices.map(([value, label, hint], i) => {
      const input = element("input", { type: "radio", id: `taken-${i}`, name: "taken", value: JSON.stringify(value) });
      input.toggleAttribute("data-reveals", value.by === "other");
      input.setAttribute("aria-describedby", `taken-${i}-hint`);
      return element("div", { className: "choice" }, input, element("label", { htmlFor: input.id }, label, element("small", { id: `taken-${i}-hint` }, hint)));
    }));
  }

  // -- A child at the door ------------------------------------------------------

  #seats() {
    return this.booked + [...this.rows.keys()].filter((id) => id.startsWith("nouveau:")).length;
  }

  // Online the page of the server lets a child in; without a network this does, and asks what can be asked here.
  #door() {
    const dialog = document.getElementById("door");
    const link = document.querySelector("[data-door]");
    if (!dialog || !link) return;
    const form = dialog.querySelector("form");
    const error = form.querySelector("p.error");
    const refuse = (why) => {
      error.hidden = !why;
      error.textContent = why;
    };
    link.addEventListener("click", (event) => {
      if (this.sync.outcome === "done") return;
      event.preventDefault();
      form.reset();
      refuse("");
      this.asked = false;
      dialog.showModal();
    });
    dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      event.stopPropagation();
      const typed = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, value.trim()]));
      const needed = ["first_name", "last_name", "birth_day", "birth_month", "birth_year", "phone"];
      if (needed.some((name) => !typed[name])) return refuse(text("attendance.walk_in.missing"));
      if (typed.health_text && !typed.health_consent) return refuse(text("walk_in.health.consent.missing"));
      if (this.#seats() >= this.capacity && !this.asked) {
        this.asked = true;
        return refuse(text("attendance.walk_in.full", this.#seats() + 1, this.capacity));
      }
      dialog.close();
      const name = `${typed.first_name} ${typed.last_name}`;
      const entry = this.tablet.entry({ action: "present" }, {});
      const row = this.#add(`nouveau:${entry.key}`, name);
      this.mark([row], { action: "present", added: name, walk_in: { ...typed, health: typed.health_text ? "yes" : "later" } }, entry);
    });
  }

  #add(id, name) {
    const [first] = name.split(" ");
    const link = element("a", { className: "button secondary", href: this.list.baseURI }, "", element("span", { className: "hidden" }, ` : ${name}`));
    const li = element("li", { dataset: { row: id, first, found: ` ${nameWords(name).join(" ")}`, journal: "[]", taken: '{"guardians":[],"persons":[],"alone":false,"barred":[]}' } },
      element("div", { className: "who" }, element("span", { className: "name" }, element("bdi", {}, name)),
        element("p", { className: "marks" }, element("span", { className: "badge" }), " ", element("span", { className: "badge info" }, text("attendance.walk_in.added")))),
      element("div", { className: "do" }, link));
    this.list.append(li);
    document.getElementById("nobody")?.remove();
    const row = new Row(li);
    this.rows.set(id, row);
    return row;
  }

  // -- Paper --------------------------------------------------------------------

  // What prints of this page is the sheet for the table: names and hours, nothing of health, and of when it is.
  #paper() {
    document.querySelector(".paper")?.remove();
    const keys = ["class.sheet.number", ...["name", "age", "arrival", "departure", "signature"].map((c) => `attendance.sheet.${c}`)];
    const columns = keys.map((key) => element("th", { scope: "col" }, text(key)));
    const lines = [...this.rows.values()].map(({ li, name, state }, i) => {
      const cells = [li.querySelector(".marks > span:not(.badge, .flag)")?.textContent ?? "", state.arrived && hour(state.arrived), state.action === "left" ? hour(state.at) : "", ""];
      return element("tr", {}, element("td", { className: "num" }, String(i + 1)), element("th", { scope: "row" }, element("bdi", {}, name)), ...cells.map((c) => element("td", {}, c)));
    });
    const blank = Array.from({ length: this.blank }, (_, i) =>
      element("tr", {}, element("td", { className: "num" }, String(lines.length + i + 1)), ...columns.slice(1).map(() => element("td"))));
    const table = element("table", { className: "sheet" }, element("caption", {}, text("attendance.sheet.caption")),
      element("thead", {}, element("tr", {}, ...columns)), element("tbody", {}, ...lines, ...blank));
    const leaders = [...document.querySelectorAll(".leaders .what bdi")].map((name) => name.textContent);
    const by = leaders.length > 0 ? text("attendance.sheet.led_by", new Intl.ListFormat(lang).format(leaders)) : text("attendance.sheet.led_by_nobody");
    main.append(element("section", { className: "paper" }, element("p", {}, `${by} · ${text("attendance.sync.as_of", dateHour(this.sync.asOf))}`), table));
  }
}

// What checkTaken would say of a departure; "" where it is right.
function departureError({ taken }, { by, name, reason }) {
  if (!by) return text("attendance.depart.taken.missing");
  if (by === "other" && !name) return text("attendance.depart.name.missing");
  if (by === "other" && barredBy(taken.barred, name)) return text("attendance.error.barred", name);
  if ((by === "other" || (by === "alone" && !taken.alone)) && !reason) return text("attendance.depart.reason.missing");
  return "";
}

// -- Bringing it to the server ---------------------------------------------------

class Sync {
  constructor(tablet) {
    this.tablet = tablet;
    this.bar = document.getElementById("sync");
    this.outcome = "";
    this.waiting = 0; // in the queue
    this.unkept = 0; // on the way there
    this.keeps = 0; // how often something came there
    this.refused = [];
    addEventListener("online", () => this.now());
    addEventListener("offline", () => this.show("offline"));
    document.addEventListener("visibilitychange", () => document.hidden || this.now());
    setInterval(() => document.hidden || this.now(), pollEvery);
    addEventListener("beforeunload", (event) => {
      if (this.waiting + this.unkept > 0 && !document.querySelector("form[data-left]")) event.preventDefault();
    });
  }

  // Sends what waits, then learns what others noted, but for a page that has just come; again soon where something still waits.
  async now(fresh = false) {
    if (this.going) {
      this.again = true;
      return;
    }
    this.going = true;
    clearTimeout(this.retry);
    try {
      await this.show();
      const sent = await this.tablet.send();
      const reached = sent !== "offline" && sent !== "signed_out";
      const heard = reached && this.register && !fresh ? await this.register.poll() : "done";
      await this.show(sent === "done" ? heard : sent);
      await this.register?.heard?.();
    } catch {
      // The storage was wiped at this very moment: journal.js opens it again, and the next turn goes on.
    } finally {
      this.going = false;
    }
    if (this.again) {
      this.again = false;
      this.now();
    } else if (this.waiting > 0) this.retry = setTimeout(() => this.now(), retryEvery);
  }

  // Whether the server has all that was tapped, and answers.
  get settled() {
    return this.outcome === "done" && this.waiting + this.unkept === 0;
  }

  // So many more actions wait, though they are not kept yet; then they are.
  waits(n) {
    this.unkept += n;
    this.#draw();
  }

  kept(n) {
    this.unkept -= n;
    this.waiting += n;
    this.keeps++;
  }

  // Looks what is kept, and shows it.
  async show(outcome = this.outcome) {
    this.outcome = outcome;
    let entries, before;
    do {
      before = this.keeps;
      entries = await this.tablet.entries();
    } while (before !== this.keeps);
    // What was refused to somebody else is for them to read and to export.
    this.refused = entries.filter((e) => e.refused && (!author || authorOf(e) === author));
    this.waiting = entries.filter((e) => !e.refused).length;
    if (outcome === "done") this.asOf = this.tablet.now();
    this.register?.drop(this.refused);
    this.#rejected();
    this.#draw();
  }

  // Says how many actions wait, and why; or since when all is on the server.
  #draw() {
    if (!this.bar) return;
    const { outcome, refused } = this;
    const why = ["offline", "signed_out", "refused"].includes(outcome) ? text(`attendance.sync.${outcome}`) : "";
    const spoken = document.getElementById("network"); // the bar changes every minute, and is not read aloud
    if (spoken && spoken.textContent !== why) spoken.textContent = why;
    const [hours, minutes] = clockParts(this.asOf ?? this.tablet.now());
    const badge = (tone, label) => element("span", { className: `badge ${tone}` }, label);
    const parts = [];
    const waiting = this.waiting + this.unkept;
    const old = this.tablet.now() - this.asOf > day;
    if (waiting > 0) parts.push(badge("waiting", plural("attendance.sync.waiting", waiting)));
    else if (outcome === "done") parts.push(badge("done", text("attendance.sync.fresh", `${String(hours).padStart(2, "0")}:${minutes}`)));
    if (outcome !== "done" && this.asOf && (old || waiting === 0)) parts.push(badge(old ? "warning" : "waiting", text(`attendance.sync.${old ? "old" : "as_of"}`, dateHour(this.asOf))));
    if (refused.length > 0) parts.push(badge("warning", plural("attendance.sync.rejected", refused.length)));
    if (why) parts.push(outcome === "signed_out" ? element("a", { href: `/connexion?suite=${encodeURIComponent(location.pathname)}` }, why) : why);
    if (why && waiting > 0) parts.push(text("attendance.sync.only_here"));
    if (this.register?.changed) parts.push(element("a", { href: "" }, text("attendance.sync.changed")));
    this.bar.hidden = parts.length === 0 || !(this.register || waiting > 0 || refused.length > 0); // the list of sessions has no more to say
    this.bar.replaceChildren(...parts.flatMap((p) => [p, " "]));
  }

  // What the server refused stays in sight with its reason until somebody takes it away.
  #rejected() {
    const { refused } = this;
    const section = document.getElementById("rejected");
    if (!section) return;
    section.hidden = refused.length === 0;
    const line = (e) => `${e.child}, ${text(`attendance.act.${e.action === "undo" ? "undo" : e.action}`) || text("attendance.more.leave")}, ${dateHour(e.at)}`;
    section.querySelector("ul").replaceChildren(...refused.map((e) => element("li", {}, `${line(e)} : ${e.refused}`)));
    section.querySelector("[data-export]").onclick = () => {
      const cell = (value) => `"${String(value ?? "").replaceAll('"', '""').replace(/^[=+\-@\t\r]/, "'$&")}"`;
      const rows = refused.map((e) => [e.at, e.child, e.action, e.by, e.name, e.reason, e.undoes, e.key, e.refused].map(cell).join(";"));
      const url = URL.createObjectURL(new Blob([`\ufeff${rows.join("\r\n")}\r\n`], { type: "text/csv" }));
      element("a", { href: url, download: "pointages-refuses.csv" }).click();
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    };
    section.querySelector("[data-forget]").onclick = async () => {
      await this.tablet.forget(refused.map((e) => e.key));
      await this.show();
    };
  }
}

// -- The page without a network ---------------------------------------------------

// Puts the register that is kept of this address into the empty page, or leads to those that are kept.
async function showKept(tablet, shell) {
  shell.querySelector("[data-retry]").addEventListener("click", () => location.reload());
  const [, session] = /^\/animation\/seances\/(\d+)$/.exec(location.pathname) ?? [];
  const kept = session && (await tablet.register(Number(session)));
  if (!kept) {
    const links = (await tablet.registers()).map((r) => element("li", {}, element("a", { href: `/animation/seances/${r.session}` }, r.title)));
    shell.querySelector("[data-none]").hidden = false;
    shell.querySelector("[data-kept]").hidden = links.length === 0;
    shell.querySelector(".people").replaceChildren(...links);
    return null;
  }
  const page = new DOMParser().parseFromString(kept.page.replace(/\/assets\/\w+\//g, `/assets/${version}/`), "text/html");
  main.replaceChildren(...[...page.querySelector("main").childNodes].map((node) => document.importNode(node, true)));
  document.title = kept.title;
  return kept;
}

// The page as the server has it now; null where it does not come.
async function newer() {
  try {
    const answer = await fetch(location.pathname, { redirect: "manual", signal: AbortSignal.timeout(patience) });
    return answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
  } catch {
    return null;
  }
}

// Keeps a page of the register as the server made it.
function keepPage(tablet, { children, dataset }, page) {
  const journals = Object.fromEntries([...children].map((li) => [li.dataset.row, JSON.parse(li.dataset.journal)]));
  return tablet.keep({ session: Number(dataset.session), author, until: Date.parse(dataset.keep), page, title: document.title, takenAt: tablet.now(), journals });
}

async function start() {
  const shell = document.getElementById("offline");
  const asServed = new XMLSerializer().serializeToString(main);
  navigator.serviceWorker.register(`/sw.js?v=${version}`, { scope: "/animation" }).catch(() => {}); // the page works without
  let tablet;
  try {
    tablet = await Tablet.open();
  } catch {
    return; // storage is off: the forms do the work
  }
  navigator.storage?.persist?.().catch(() => {}); // where a browser asks nothing of the disk, it wipes at will
  const served = document.getElementById("register");
  if (served) {
    const [loaded] = performance.getEntriesByType("navigation");
    await tablet.setClock(served.dataset.now, performance.timeOrigin + loaded.responseStart);
  }
  await tablet.sweep();
  if (author) await tablet.own(author);
  const kept = shell && (await showKept(tablet, shell));
  author ??= kept?.author;
  const list = document.getElementById("register");
  const sync = new Sync(tablet);
  if (list) {
    zone = list.dataset.zone;
    const register = new Register(list, tablet, sync);
    sync.register = register;
    if (kept) for (const [who, journal] of Object.entries(kept.journals)) register.recall(journal.map((e) => ({ ...e, who })));
    sync.asOf = kept ? kept.takenAt : tablet.now();
    sync.outcome = kept ? "offline" : "done";
    const waiting = (await tablet.waiting()).filter((e) => e.session === register.session);
    register.recall(waiting);
    register.draw();
    if (served && waiting.length === 0) register.marked = 0; // the page is of this moment
    if (served?.dataset.keep) await keepPage(tablet, served, asServed);
  }
  await sync.now(Boolean(served));
}

// -- Without all that ---------------------------------------------------------------

// A tap that loads the page anew comes back to the very place on the screen that it was made from, so that rows do not
// jump under the finger. Only a number is kept, for one page load.
function keepPlace() {
  const key = `place ${location.pathname}`;
  document.addEventListener("submit", () => sessionStorage.setItem(key, String(scrollY)));
  const place = sessionStorage.getItem(key);
  sessionStorage.removeItem(key);
  if (place === null || !location.hash) return;
  const back = () => scrollTo({ top: Number(place), behavior: "instant" });
  back();
  // The browser goes to the row once more when all is loaded.
  addEventListener("load", () => requestAnimationFrame(back));
}

keepPlace();
if (able()) start();
