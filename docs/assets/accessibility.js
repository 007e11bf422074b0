/* Names what Material leaves without a name, for those who cannot see where it stands. */

document$.subscribe(() => {
  // The switch that unfolds a section is an arrow beside the section's name, and names its list.
  for (const arrow of document.querySelectorAll(".md-nav__container > label")) {
    const name = document.createElement("span");
    name.className = "unseen";
    name.textContent = arrow.previousElementSibling.textContent.trim();
    arrow.append(name);
  }
  // Each block of code has one button, which is no region of the page that a name could tell apart.
  for (const buttons of document.querySelectorAll(".md-code__nav")) buttons.role = "none";
  // What a term means is told to a keyboard, too, where its line says that it can be pointed at.
  for (const term of document.querySelectorAll("abbr:not(.again)")) term.tabIndex = 0;
});
