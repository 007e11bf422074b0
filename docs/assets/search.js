/* Lets the search take whole questions and pasted messages.

   Material looks for every word that begins like a word typed, with "a" and "is" among them, so a
   question drowns in what it finds.  Here each word but the last one stands for itself, those that
   say nothing of the subject are left out if others are there, and two or three words in a row are
   also looked for as the one name they may be: "zero grad" is zero_grad.

   Material ranks a page by its best section alone, and here its other sections count as well: a
   page that is about the question throughout comes before one with a heading that is like it. */

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

function asked(typed) {
  if (/["+*^~]|(^|\s)-/.test(typed) && !/\s.*\s.*\s/.test(typed)) return typed; // operators, meant
  const words = typed.split(SEPARATOR).filter(Boolean);
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

function rank({ data: { type, data } }) {
  if (type === RESULT) data.items.sort((one, other) => worth(other) - worth(one));
}

// The class of the worker that Material makes, so this has to be loaded before Material is.
window.Worker = class extends Worker {
  constructor(...given) {
    super(...given);
    this.addEventListener("message", rank);
  }

  postMessage(message, ...rest) {
    const isQuery = message?.type === QUERY && typeof message.data === "string";
    super.postMessage(isQuery ? { ...message, data: asked(message.data) } : message, ...rest);
  }
};
