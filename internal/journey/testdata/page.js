// What the tests look at in a page that axe does not see. Each function returns a list of complaints.
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const name = e => e.tagName.toLowerCase() + (e.id ? "#" + e.id : "") + (e.className && typeof e.className === "string" ? "." + e.className.trim().replace(/\s+/g, ".") : "") +
    ` « ${(e.innerText || e.value || "").trim().replace(/\s+/g, " ").slice(0, 40)} »`;
  // Shown to the eye: not folded away, and not one of the texts for screen readers, which are a pixel wide.
  const shown = e => {
    const box = e.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && e.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !e.closest(".hidden, .skip");
  };
  const rolls = e => {
    for (let p = e; p && p !== document.body; p = p.parentElement) {
      if (/auto|scroll/.test(getComputedStyle(p).overflowX) && p.tabIndex >= 0) return true;
    }
    return false;
  };

  // ACC-8: whoever has a keyboard alone comes to all that can be pressed or filled in, sees where they are, and nothing waits for a pointer. Tab was
  // the last key, so that the focus shows.
  const keyboard = () => {
    const wrong = [];
    const interactive = "a[href], button, input, select, textarea, summary, [role=button], [contenteditable]";
    for (const e of all(interactive).filter(e => !e.disabled && e.type !== "hidden" && shown(e.labels?.[0] || e))) {
      if (e.tabIndex < 0) wrong.push(`${name(e)} is not reached by Tab`);
      e.focus({ preventScroll: true });
      if (document.activeElement !== e) wrong.push(`${name(e)} takes no focus`);
      const styles = [e, e.labels?.[0], e.closest(".card")].filter(Boolean).map(x => getComputedStyle(x)).concat(getComputedStyle(e, "::after"));
      if (!styles.some(style => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2)) wrong.push(`the focus on ${name(e)} does not show`);
    }
    document.activeElement.blur(); // what has the focus may lie over something else
    for (const e of all("main *").filter(e => getComputedStyle(e).cursor === "pointer" && !e.closest(`${interactive}, label, option`))) wrong.push(`${name(e)} looks as if a pointer alone could press it`);
    return wrong;
  };

  // ACC-2 to 5: what a screen reader and a keyboard live on.
  const structure = () => {
    const wrong = [];
    const ids = all("[id]").map(e => e.id);
    for (const id of new Set(ids.filter((id, i) => ids.indexOf(id) !== i))) wrong.push(`id ${id} is there twice`);
    const english = /^\/en(\/|$)/.test(location.pathname);
    if (document.documentElement.lang !== (english ? "en" : "fr")) wrong.push(`lang is ${document.documentElement.lang}`);
    if (all("h1").length !== 1) wrong.push(`${all("h1").length} h1`);
    let before = 1;
    for (const h of all("h1, h2, h3, h4, h5, h6").filter(h => !h.closest(".error-summary"))) {
      const level = +h.tagName[1];
      if (level > before + 1) wrong.push(`${name(h)} after a heading of level ${before}`);
      before = level;
    }
    for (const [selector, count] of [["body > header", 1], ["main#main", 1], ["body > footer", 1], ["header nav", 1], ["footer nav", 1]]) {
      if (all(selector).length !== count) wrong.push(`${all(selector).length} times ${selector}`);
    }
    const labels = all("nav").map(n => n.getAttribute("aria-label"));
    if (new Set(labels).size !== labels.length) wrong.push(`two nav with the same label: ${labels}`);
    const summary = document.querySelector(".error-summary");
    if (document.title.startsWith(english ? "Error" : "Erreur") !== !!summary) wrong.push(`title « ${document.title} » does not fit the page`);
    if (!document.title.endsWith("– Les Ateliers d'Ada") && document.title !== "Les Ateliers d'Ada") wrong.push(`title « ${document.title} »`);
    const h1 = document.querySelector("h1");
    if (h1 && !h1.textContent.trim()) wrong.push("empty h1");
    const first = all("a[href], button, input:not([type=hidden]), select, textarea, [tabindex]").find(e => e.tabIndex >= 0);
    if (!first || !first.matches("a.skip[href='#main']")) wrong.push("the skip link is not first");
    for (const e of all("[tabindex]").filter(e => e.tabIndex > 0)) wrong.push(`${name(e)} has tabindex ${e.tabIndex}`);
    if (document.querySelector("meta[http-equiv=refresh]")) wrong.push("the page refreshes itself");
    for (const e of all("[style], script:not([src]):not([type='application/ld+json']), style")) wrong.push(`inline code: ${name(e)}`);
    for (const e of all("*")) {
      for (const a of e.attributes) if (a.name.startsWith("on")) wrong.push(`inline code: ${name(e)} ${a.name}`);
    }
    for (const e of all("[aria-describedby], [aria-labelledby], [aria-controls]")) {
      for (const attribute of ["aria-describedby", "aria-labelledby", "aria-controls"]) {
        for (const id of (e.getAttribute(attribute) || "").split(/\s+/).filter(Boolean)) {
          if (!document.getElementById(id)) wrong.push(`${name(e)}: ${attribute} names ${id}, which is not there`);
        }
      }
    }
    for (const a of all("a[href^='#']")) {
      if (a.getAttribute("href").length > 1 && !document.getElementById(a.getAttribute("href").slice(1))) wrong.push(`${name(a)} leads nowhere`);
    }
    for (const svg of all("svg")) if (!svg.hasAttribute("aria-hidden") && !svg.getAttribute("role")) wrong.push(`${name(svg)} is neither hidden nor named`);
    for (const img of all("img")) {
      if (!img.hasAttribute("alt")) wrong.push(`${name(img)} has no alt`);
      if (!img.hasAttribute("width") || !img.hasAttribute("height")) wrong.push(`${name(img)} has no width and height`);
    }
    for (const table of all("table")) {
      if (!table.caption) wrong.push("a table has no caption");
      for (const th of all("th", table)) if (!th.scope) wrong.push(`${name(th)} has no scope`);
    }
    // Required fields say so, optional ones too; nothing is checked by the browser instead of us.
    for (const form of all("main form[method=post]")) {
      const asks = all("input:not([type=hidden]), select, textarea", form).length > 0;
      if (asks && !form.noValidate) wrong.push(`form to ${form.getAttribute("action")} is not novalidate`);
      for (const e of all("[required]", form)) wrong.push(`${name(e)} is required: use aria-required`);
    }
    return wrong;
  };

  // ACC-4: what may be filled in by the browser, and what must not: a child's name is not the reader's.
  const tokens = ["on", "off", "name", "given-name", "family-name", "email", "tel", "postal-code", "street-address", "address-level2", "organization",
    "organization-title", "one-time-code", "current-password", "new-password", "username"];
  const autocomplete = () => {
    const wrong = [];
    for (const e of all("main input, main textarea")) {
      if (/^(hidden|radio|checkbox|submit|search|number|date|time|file)$/.test(e.type)) continue;
      const token = e.getAttribute("autocomplete");
      // What staff write of workshops and venues is nobody's own data.
      if (!token && location.pathname.startsWith("/inscription")) wrong.push(`${name(e)} (${e.name}) has no autocomplete`);
      else if (token && !tokens.includes(token)) wrong.push(`${e.name}: autocomplete ${token}`);
      if (/^(first_name|last_name|birth|pickup|health_text|child)/.test(e.name) && token !== "off") wrong.push(`${e.name} is a child's: autocomplete ${token}`);
    }
    return wrong;
  };

  // ACC-5: each wrong field is marked, tied to its message, and linked from the summary.
  const errors = () => {
    const wrong = [];
    const summary = document.querySelector(".error-summary");
    const messages = all(".field p.error");
    if (!summary) return messages.length ? ["messages without a summary"] : [];
    if (all(".error-summary").length !== 1 || summary.getAttribute("role") !== "alert") wrong.push("not one summary with role alert");
    const links = all("a", summary);
    const texts = links.map(a => a.textContent.trim());
    for (const m of messages) {
      if (!texts.includes(m.textContent.trim())) wrong.push(`not in the summary: ${m.textContent}`);
      const tied = document.querySelector(`[aria-describedby~="${m.id}"]`);
      if (!m.id || !tied) wrong.push(`tied to no field: ${m.textContent}`);
    }
    // What is wrong with the whole form has no field: its link leads to what explains it, which takes the focus.
    const places = links.filter(a => a.getAttribute("href").startsWith("#")).map(a => [a, document.getElementById(a.hash.slice(1))]);
    for (const [a, place] of places) if (!place?.matches("a[href], input, select, textarea, [tabindex]")) wrong.push(`the summary leads nowhere: ${a.hash}`);
    const fields = places.filter(([, place]) => place?.closest(".field")).length;
    if (fields !== messages.length) wrong.push(`${fields} links to fields for ${messages.length} messages`);
    if (messages.length && !document.querySelector("main [aria-invalid=true]")) wrong.push("no field is marked as wrong");
    for (const e of all("[aria-invalid=true]")) {
      if (!e.getAttribute("aria-describedby") && !e.closest("fieldset")?.getAttribute("aria-describedby")) wrong.push(`${name(e)} is wrong without a word`);
    }
    return wrong;
  };

  // UX-P18, ACC-2 (10.11): nothing to roll sideways, nothing too small to read or to make out.
  const layout = () => {
    const wrong = [];
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth > width) {
      wrong.push(`the page is ${document.documentElement.scrollWidth} px wide`);
      for (const e of all("body *")) {
        const box = e.getBoundingClientRect();
        if (box.right > width + 1 && shown(e) && !rolls(e)) wrong.push(`${name(e)} ends at ${Math.round(box.right)}`);
      }
    }
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const judged = new Set();
    for (let node; (node = walker.nextNode());) {
      const e = node.parentElement;
      if (judged.has(e) || !node.data.trim()) continue;
      judged.add(e);
      const size = parseFloat(getComputedStyle(e).fontSize);
      if (size < 16 && shown(e)) wrong.push(`${size} px: ${name(e)}`); // whether it is shown takes longest to find out
    }
    for (const e of all("input:not([type=hidden]), select, textarea, button")) {
      if (parseFloat(getComputedStyle(e).fontSize) < 16) wrong.push(`font of ${getComputedStyle(e).fontSize}: ${name(e)}`);
    }
    for (const img of all("img")) {
      const style = getComputedStyle(img);
      const drawn = img.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
      if (drawn < Math.min(100, img.naturalWidth / 3)) wrong.push(`a picture ${img.naturalWidth} px wide is drawn in ${drawn} px: ${img.alt}`);
    }
    return wrong;
  };

  // UX-P19: buttons and choices of 44 px; nothing that is touched under 24 px but links inside a sentence.
  const targets = () => {
    const wrong = [];
    const measure = (e, box, least) => {
      if (box.width < least - 0.5 || box.height < least - 0.5) wrong.push(`${Math.round(box.width)}×${Math.round(box.height)} px: ${name(e)}`);
    };
    for (const e of all("a[href], button, select, textarea, summary, input:not([type=hidden])")) {
      if (!shown(e)) continue;
      const box = e.getBoundingClientRect();
      if (e.matches("[type=radio], [type=checkbox]")) {
        const label = e.labels[0]?.getBoundingClientRect() || box;
        measure(e, { width: Math.max(box.right, label.right) - Math.min(box.left, label.left), height: Math.max(box.bottom, label.bottom) - Math.min(box.top, label.top) }, 44);
      } else if (e.matches("button, .button, select, textarea, input, summary")) measure(e, box, 44);
      else {
        const sentence = [...e.parentElement.childNodes].some(n => n.nodeType === 3 && n.data.trim().length > 1);
        if (!sentence) measure(e, box, 24);
      }
    }
    return wrong;
  };

  // ACC-2 (10.12, 10.4): with the spacing that readers may set, or with letters twice as large, nothing is cut or lost.
  const roomy = (css, where) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    document.adoptedStyleSheets.push(sheet);
    const wrong = [];
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth > width) {
      wrong.push(`${where}: the page is ${document.documentElement.scrollWidth} px wide`);
      for (const e of all("body *")) {
        const box = e.getBoundingClientRect();
        if (box.right > width + 1 && shown(e) && !rolls(e)) wrong.push(`${where}: ${name(e)} ends at ${Math.round(box.right)}`);
      }
    }
    for (const e of all("body *")) {
      const style = getComputedStyle(e);
      if (!/hidden|clip/.test(style.overflowX + style.overflowY) || !e.innerText?.trim() || !shown(e) || e.matches("input, select")) continue;
      if (e.scrollHeight > e.clientHeight + 2 || e.scrollWidth > e.clientWidth + 2) wrong.push(`${where}: cut off: ${name(e)}`);
    }
    document.adoptedStyleSheets.pop();
    return wrong;
  };
  const spacing = () => roomy("* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } p { margin-bottom: 2em !important }", "spaced");
  const largeText = () => roomy("html { font-size: 200% !important }", "letters twice as large");

  // UX-P18: on a screen with one question its button is in sight.
  const buttonInSight = () => {
    const button = document.querySelector("main form .button");
    return button && button.getBoundingClientRect().bottom <= innerHeight ? [] : [`the button is at ${button?.getBoundingClientRect().bottom} of ${innerHeight}`];
  };

  // What is shown at one width only: keep notes what is shown now, more tells whether something else is by now.
  const seen = new Set();
  const visible = () => all("body *").filter(e => e.checkVisibility({ visibilityProperty: true }));
  const keep = () => { for (const e of visible()) seen.add(e); };
  const more = () => visible().some(e => !seen.has(e));

  return { keep, more, structure, keyboard, autocomplete, errors, layout, targets, spacing, largeText, buttonInSight };
})()
