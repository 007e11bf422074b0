/* Lets the search take whole questions and pasted messages, and lets its index wait for them.

   Material loads the index, most of what a page would transfer, as soon as it starts.  Here that
   one request waits until someone is about to search.

   Material looks for every word that begins like a word typed, with "a" and "is" among them, so a
   question drowns in what it finds.  Here each word but the last one stands for itself, those that
   say nothing of the subject are left out if others are there, and two or three words in a row are
   also looked for as the one name they may be: "zero grad" is zero_grad.

   Material ranks a page by its best section alone, and here its other sections count as well: a
   page that is about the question throughout comes before one with a heading that is like it.
   A page whose title was typed, as a pasted message has it, comes first. */

const QUERY = 2; // the type of message by which Material asks its worker
const RESULT = 3; // that by which the worker answers: for each page a list of its sections
const SEPARATOR = /[^\p{L}\p{N}_]+/u;
const OF_NO_SUBJECT = new Set(
  `best better bug correct correctly didn different difference do does doesn doing don error errors
  every exactly expected explain find gives good happen happens help issue ll make makes making many
  mean means need needed needs please possible practice problem properly purpose python pytorch
  question reason right see should show simple someone still thing torch trouble trying understand
  unexpected use used useful user uses using ve way why without wondering work working works wrong`
    .split(/\s+/),
);

function wordsOf(text) {
  return text.split(SEPARATOR).filter(Boolean);
}

function asked(typed) {
  if (/["+*^~]|(^|\s)-/.test(typed) && !/\s.*\s.*\s/.test(typed)) return typed; // operators, meant
  const words = wordsOf(typed);
  const telling = words.filter((word) => !OF_NO_SUBJECT.has(word.toLowerCase()));
  const names = words.flatMap((_, at) =>
    [2, 3].map((count) => words.slice(at, at + count)).filter((name) => name.length > 1),
  );
  const last = /[\p{L}\p{N}_]$/u.test(typed) && words.length ? words.at(-1) : "";
  return [
    ...(telling.length ? telling : words).map((word) => `${word}^1`),
    ...new Set(names.map((name) => `${name.join("_")}^1`)),
    ...(last.length > 2 ? [last] : []),
  ].join(" ");
}

function worth(page) {
  const scores = page.map((section) => section.score).sort((one, other) => other - one);
  return scores.reduce((sum, score, at) => sum + score / 3 ** at, 0);
}

/* How many words of what was typed are the title of a page; one or two are a mere subject. */
function named(page, typed) {
  const { title } = page.find(({ location }) => !location.includes("#"));
  const words = wordsOf(title.replace(/<[^>]*>/g, "").replace(/&#?\w+;/g, " "));
  const isTyped = ` ${wordsOf(typed).join(" ")} `.includes(` ${words.join(" ")} `);
  return isTyped && words.length > 2 ? words.length : 0;
}

function rank(pages, typed) {
  const ranked = pages.map((page) => ({ page, named: named(page, typed), worth: worth(page) }));
  ranked.sort((one, other) => other.named - one.named || other.worth - one.worth);
  pages.splice(0, Infinity, ...ranked.map(({ page }) => page));
}

/* Material lists the words that a page lacks, which takes it half a minute for a long message: each
   that was made of two or three words is among them.  Those that a page has are marked on it, and
   of a word such as "in" every place where another one begins like it. */
function keepTelling(pages) {
  const isTelling = ([word, isFound]) => isFound && word.length > 2;
  for (const section of pages.flat()) {
    section.terms = Object.fromEntries(Object.entries(section.terms).filter(isTelling));
  }
}

// The class of the worker that Material makes, so this has to be loaded before Material is.
window.Worker = class extends Worker {
  constructor(...given) {
    super(...given);
    this.addEventListener("message", ({ data: { type, data } }) => {
      if (type !== RESULT) return;
      rank(data.items, this.typed);
      keepTelling(data.items);
    });
  }

  postMessage(message, ...rest) {
    const isQuery = message?.type === QUERY && typeof message.data === "string";
    if (isQuery) this.typed = message.data;
    super.postMessage(isQuery ? { ...message, data: asked(message.data) } : message, ...rest);
  }
};

/* Material follows keys alone, and a menu or a telephone pastes without one; on Enter it opens what
   has the best section, which need not be what it lists first. */
addEventListener("input", ({ target }) => {
  if (target.matches?.(".md-search__input")) target.dispatchEvent(new Event("keyup"));
});
addEventListener(
  "keydown",
  (event) => {
    const isMeant = event.key === "Enter" && !event.isComposing;
    if (!isMeant || !event.target.matches?.(".md-search__input")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    document.querySelector(".md-search-result__link")?.click();
  },
  { capture: true },
);

const wanted = new Promise((want) => {
  if (/[?&][qh]=/.test(location.search)) want(); // a shared search, or a page found by one
  for (const sign of ["focusin", "pointerover"]) {
    addEventListener(sign, ({ target }) => {
      if (target.closest?.(".md-search, [for=__search]")) want();
    });
  }
});

window.XMLHttpRequest = class extends XMLHttpRequest {
  open(method, address, ...rest) {
    this.isIndex = `${address}`.endsWith("/search_index.json");
    super.open(method, address, ...rest);
  }

  async send(...given) {
    if (this.isIndex) await wanted;
    super.send(...given);
  }
};

// From file:// Material loads the index as a script.
document.head.appendChild = function append(node) {
  const isIndex = node.src?.endsWith("/search_index.js");
  const put = () => Node.prototype.appendChild.call(this, node);
  if (isIndex) wanted.then(put);
  else put();
  return node;
};
