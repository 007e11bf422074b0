/* Evidence at hand: what a claim says at its mark, cards that open, a list that can be filtered.

   Everything shown stands in the page already, and is there without this script, too: it fetches
   nothing, so it does the same from a folder as from a server. */

const SOON = 150; // milliseconds for which a pointer may leave the mark on its way to the popover
const GAP = 8; // pixels between the popover, its mark and the edges of the window

const popover = document.createElement("div");
popover.id = "claims-popover";
popover.setAttribute("role", "tooltip");
popover.popover = "manual";

let shown = null; // the mark whose claim the popover shows
let timer = 0;
let pointer = "";

function markAt(target) {
  return target.closest?.("a.claims-mark") ?? null;
}

function element(name, className, ...content) {
  const made = document.createElement(name);
  made.className = className;
  made.append(...content);
  return made;
}

function show(mark) {
  clearTimeout(timer);
  if (mark === shown) return;
  const claim = CSS.escape(mark.dataset.claim ?? "");
  const row = document.querySelector(`.claims-foot [data-claim="${claim}"]`);
  if (!row) return;
  hide();
  shown = mark;
  const statement = row.querySelector("a").cloneNode(true);
  const evidence = element("a", "claims-to-evidence", "Evidence");
  evidence.href = mark.href;
  // A keyboard is at the mark already, which leads to the same place.
  evidence.tabIndex = -1;
  popover.className = `claims-popover md-typeset ${row.className}`;
  popover.replaceChildren(
    element("p", "claims-statement", ...statement.childNodes),
    element(
      "p",
      "claims-told",
      row.querySelector(".claims-verdict").cloneNode(true),
      ` with ${row.closest(".claims-foot").dataset.environment} `,
      evidence,
    ),
  );
  document.body.append(popover);
  popover.showPopover();
  mark.setAttribute("aria-describedby", popover.id);
  place(mark);
}

function place(mark) {
  const at = [...mark.getClientRects()].at(-1); // where a link of several lines has its sign
  if (at.bottom < 0 || at.top > window.innerHeight) return hide();
  const { width, height } = popover.getBoundingClientRect();
  const left = Math.min(at.left, window.innerWidth - width - GAP);
  const isRoomBelow = at.bottom + GAP + height <= window.innerHeight;
  popover.style.left = `${Math.max(GAP, left)}px`;
  popover.style.top = `${isRoomBelow ? at.bottom + GAP : Math.max(GAP, at.top - GAP - height)}px`;
}

function hide() {
  clearTimeout(timer);
  if (!shown) return;
  shown.removeAttribute("aria-describedby");
  shown = null;
  popover.hidePopover();
}

function hideSoon() {
  clearTimeout(timer);
  timer = setTimeout(hide, SOON);
}

document.addEventListener("pointerover", ({ target, pointerType }) => {
  if (pointerType === "touch") return;
  const mark = markAt(target);
  if (mark) {
    clearTimeout(timer);
    timer = setTimeout(show, SOON, mark);
  } else if (popover.contains(target)) clearTimeout(timer);
  else if (shown && shown !== document.activeElement) hideSoon();
  else clearTimeout(timer);
});
document.addEventListener("focusin", ({ target }) => {
  const mark = markAt(target);
  if (mark?.matches(":focus-visible")) show(mark);
});
document.addEventListener("focusout", ({ target }) => markAt(target) && hideSoon());
document.addEventListener("pointerdown", ({ target, pointerType }) => {
  pointer = pointerType;
  if (!markAt(target) && !popover.contains(target)) hide();
});
document.addEventListener("click", (event) => {
  const mark = markAt(event.target);
  if (mark && pointer === "touch" && mark !== shown) {
    event.preventDefault(); // the first tap shows, as a pointer does by resting; the second follows
    show(mark);
  } else hide();
});
document.addEventListener("keydown", ({ key }) => key === "Escape" && hide());
document.addEventListener("scroll", () => shown && place(shown), { passive: true, capture: true });

/* A card to which the address leads is opened. */

function open() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const details = target?.querySelector(":scope > details.claims-evidence");
  if (details) details.open = true;
}

/* The filter of all claims; what it was set to stands in the address. */

function filter(form) {
  const rows = [...document.querySelectorAll(".claims-module li")].map((row) => ({
    row,
    words: `${row.textContent} ${row.id}`.toLowerCase(),
    subject: row.closest(".claims-module").dataset.subject,
    verdict: row.className,
    proof: row.dataset.proof.split("|"),
    source: row.dataset.source.split("|"),
  }));
  const links = [...document.querySelectorAll("nav li > a")];
  const modules = [...document.querySelectorAll(".claims-module")].map((module) => ({
    module,
    contents: links.filter(({ hash }) => hash === `#${module.querySelector("h2").id}`),
  }));
  const count = form.querySelector("output");

  function read() {
    const said = new URLSearchParams(location.search);
    for (const field of form.elements) if (field.name) field.value = said.get(field.name) ?? "";
  }

  function apply() {
    const said = new FormData(form);
    const words = said.get("words").toLowerCase().split(/\s+/).filter(Boolean);
    const fits = (item) =>
      words.every((word) => item.words.includes(word)) &&
      ["subject", "verdict"].every((name) => !said.get(name) || said.get(name) === item[name]) &&
      ["proof", "source"].every((name) => !said.get(name) || item[name].includes(said.get(name)));
    let found = 0;
    for (const item of rows) {
      item.row.hidden = !fits(item);
      found += item.row.hidden ? 0 : 1;
    }
    for (const { module, contents } of modules) {
      module.hidden = !module.querySelector("li:not([hidden])");
      for (const link of contents) link.parentElement.hidden = module.hidden;
    }
    const few = found ? `${found} of ${rows.length} claims` : `None of ${rows.length} claims fits`;
    count.value = found === rows.length ? `${found} claims` : few;
  }

  /* What is typed letter by letter is one step back. */
  let typedIn = null;

  function write(field) {
    const given = [...new FormData(form)].filter(([, value]) => value);
    const query = new URLSearchParams(given).toString();
    const address = `${location.pathname}${query && `?${query}`}`;
    if (address === `${location.pathname}${location.search}`) return;
    if (field && field === typedIn) history.replaceState(null, "", address);
    else history.pushState(null, "", address);
    typedIn = field?.type === "search" ? field : null;
  }

  form.addEventListener("input", ({ target }) => (apply(), write(target)));
  form.addEventListener("reset", () => setTimeout(() => (apply(), write())));
  form.addEventListener("submit", (event) => event.preventDefault());
  window.addEventListener("popstate", () => (read(), apply(), (typedIn = null)));
  read();
  apply();
}

window.addEventListener("hashchange", open);
open();
document.querySelectorAll("form.claims-filter").forEach(filter);
