/* Turns the table of answers on the first page into questions: which switch do I need?

   The table is all that it knows.  Each row is a path of two choices to the section that its link
   names, and that section itself is what the reader is shown, with its code that ran, its output
   and its copy button.  The address holds the choice, as an ordinary link to the section: without
   JavaScript it leads there all the same. */

{
  const chooser = document.currentScript.parentElement;
  const table = chooser.querySelector("table");
  const [what, which, take] = [...table.tHead.rows[0].cells].map((cell) => cell.textContent);

  function made(name, properties, ...children) {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  }

  const topics = [];
  const answers = [...table.tBodies[0].rows].map((row) => {
    const [topic, name, link] = [...row.cells].map((cell) => cell.querySelector("a") ?? cell.textContent);
    if (topic) topics.push({ id: topic.toLowerCase().replace(/\W+/g, "-"), name: topic });
    return { id: link.hash.slice(1), name, link, topic: topics.at(-1) };
  });

  // A section of a page from Markdown is a heading and what follows it.
  for (const answer of answers) {
    const heading = document.getElementById(answer.id);
    answer.section = made("section", {});
    heading.before(answer.section);
    do answer.section.append(answer.section.nextSibling);
    while (!answer.section.nextElementSibling.matches("h2, script"));
  }

  const stepOf = (question, group, choices) =>
    made(
      "fieldset",
      {},
      made("legend", {}, question),
      ...choices.map(({ id, name }) =>
        made("label", {}, made("input", { type: "radio", name: group, value: id }), name),
      ),
    );
  const first = stepOf(what, "topic", topics);
  for (const topic of topics) {
    topic.answers = answers.filter((answer) => answer.topic === topic);
    topic.step = stepOf(which, "case", topic.answers);
  }
  const again = made("button", { type: "reset" }, "Start again");
  const steps = made("form", { autocomplete: "off" }, first, ...topics.map((topic) => topic.step), again);

  const said = made("p", { role: "status" });
  const list = made("ul", {});
  const panel = made("div", { className: "chooser-answer" }, said, list);
  panel.append(...answers.map((answer) => answer.section));
  const all = made("details", {}, made("summary", {}, "All answers in one table"), table);
  chooser.prepend(steps, panel, all);

  function find(id) {
    const answer = answers.find((one) => one.id === id);
    return { answer, topic: answer?.topic ?? topics.find((one) => one.id === id) };
  }

  const copy = ({ link }) => [...link.childNodes].map((node) => node.cloneNode(true));
  const item = (answer, name) =>
    made("li", {}, made("span", {}, name), " ", made("a", { href: answer.link.hash }, ...copy(answer)));

  function show(id) {
    const { answer, topic } = find(id);
    for (const input of first.elements) input.checked = input.value === topic?.id;
    for (const one of topics) {
      one.step.hidden = one !== topic;
      for (const input of one.step.elements) input.checked = input.value === answer?.id;
    }
    for (const one of answers) one.section.hidden = one !== answer;
    again.hidden = !topic;
    list.hidden = Boolean(answer);
    chooser.dataset.step = answer ? "answer" : topic ? "case" : "topic";
    if (answer) {
      said.replaceChildren(`${take} `, ...copy(answer));
    } else if (topic) {
      said.replaceChildren("One of these");
      list.replaceChildren(...topic.answers.map((one) => item(one, one.name)));
    } else {
      said.replaceChildren("For example");
      const examples = topics.map(({ name, answers: [one] }) => item(one, `${name}: ${one.name}`));
      list.replaceChildren(...examples);
    }
    return answer ? panel : topic?.step;
  }

  // On a narrow screen what comes next stands below what was chosen, and above the table of all.
  function reveal(next, { isAbove }) {
    const top = next?.getBoundingClientRect().top ?? 0;
    if (isAbove ? top >= 0 && top < innerHeight * 0.6 : top < innerHeight * 0.6) return;
    const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
    next.scrollIntoView({ behavior: isStill ? "instant" : "smooth" });
  }

  // Arrow keys pass over choices: neither should Back lead through each of them, nor the page move.
  let isByKey = false;
  steps.addEventListener("keydown", () => (isByKey = true));
  steps.addEventListener("pointerdown", () => (isByKey = false));
  steps.addEventListener("change", ({ target }) => {
    const { step } = chooser.dataset;
    const next = show(target.value);
    const isPassing = isByKey && step === chooser.dataset.step;
    history[isPassing ? "replaceState" : "pushState"]({}, "", `#${target.value}`);
    if (!isByKey) reveal(next, { isAbove: false });
  });
  steps.addEventListener("reset", (event) => {
    event.preventDefault();
    history.pushState({}, "", location.pathname + location.search);
    show("");
    first.querySelector("input").focus();
  });
  let isFromList = false;
  list.addEventListener("click", () => (isFromList = true));
  addEventListener("hashchange", () => {
    const id = location.hash.slice(1);
    if (id && !find(id).topic) return;
    reveal(show(id), { isAbove: true });
    if (isFromList) steps.querySelector("[name=case]:checked")?.focus({ preventScroll: true });
    isFromList = false;
  });

  // Material writes the heading that was scrolled past into the address: here stands the choice.
  document.querySelector("[data-md-component=toc]")?.removeAttribute("data-md-component");

  show(location.hash.slice(1));
  chooser.classList.add("chooser-ready");
}

document.querySelector(".doors button").addEventListener("click", () => {
  const toggle = document.getElementById("__search");
  if (!toggle.checked) toggle.click();
  document.querySelector(".md-search__input").focus();
});
