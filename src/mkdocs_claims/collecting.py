"""Collecting: reading every subject from the files of a project, without running any of them."""

import os
from collections.abc import Iterator
from pathlib import Path

from mkdocs_claims.citations import AUDIT
from mkdocs_claims.claims import Claim, read_claims
from mkdocs_claims.collection import Collection
from mkdocs_claims.counterfactuals import Counterfactual, read_counterfactuals
from mkdocs_claims.evidence import Kind, Subject
from mkdocs_claims.notebooks import read_notebook
from mkdocs_claims.pages import Page, read_page
from mkdocs_claims.problems import Problem, place, read_text, suggestion
from mkdocs_claims.requirements import canonical, name_of, read_requirements
from mkdocs_claims.settings import Settings
from mkdocs_claims.snippets import wrong_with
from mkdocs_claims.sources import read_source

__all__ = ["collect", "sources"]


def collect(settings: Settings) -> Collection:
    """Read all pages, notebooks, snippets and check modules of a project."""
    found = Collection()
    for folder in (settings.docs, settings.verify, settings.snippets):
        if not (settings.root / folder).is_dir() and folder != settings.snippets:
            found.problems.append(Problem(folder, 0, "there is no such folder"))
    _collect_checks(settings, found)
    for path, text in _texts(settings, f"{settings.verify}/sources", ".toml", found):
        source, problems = read_source(text, path, settings.package)
        found.problems.extend(problems)
        if source:
            found.sources[source.name] = source
    _collect_snippets(settings, found)
    for path, text in _texts(settings, settings.docs, ".md", found):
        page = read_page(text, path, settings.root)
        found.pages[path] = page
        found.problems.extend(page.problems)
        found.problems.extend(_stray_embeds(page, found))
        if page.examples:
            found.subjects[path] = [example.subject for example in page.examples]
    for path, text in _texts(settings, settings.docs, ".ipynb", found):
        notebook = read_notebook(text, path)
        found.notebooks[path] = notebook
        found.problems.extend(notebook.problems)
        found.subjects[path] = [notebook.subject]
    found.problems.extend(_about_sources(settings, found))
    found.problems.extend(_about_requirements(settings, found))
    found.problems.extend(_emptiness(settings, found))
    found.problems.sort()
    return found


def sources(settings: Settings, folder: str, suffix: str) -> list[str]:
    """Return the paths of the files of a folder; what stands under a dot is not the project's own.

    Folders are followed into those that are links, too, as MkDocs does it.
    """
    top, root = str(settings.root / folder), str(settings.root)
    files = [
        f"{base}{os.sep}{name}"
        for base, _, names in os.walk(top, followlinks=True)
        for name in names
        if os.path.splitext(name)[1] == suffix  # noqa: PTH122  # of thousands
    ]
    inside = [tuple(file[len(top) + 1 :].split(os.sep)) for file in files]  # noqa: PTH206  # as above
    return [
        file[len(root) + 1 :].replace(os.sep, "/")
        for parts, file in sorted(zip(inside, files, strict=True))
        if not any(part.startswith(".") or part == "__pycache__" for part in parts)
    ]


def _texts(
    settings: Settings, folder: str, suffix: str, found: Collection
) -> Iterator[tuple[str, str]]:
    """Read the files of a folder."""
    for path in sources(settings, folder, suffix):
        text = read_text(settings.root / path, path)
        if isinstance(text, Problem):
            found.problems.append(text)
        else:
            yield path, text


def _collect_checks(settings: Settings, found: Collection) -> None:
    """Read the check modules: claims, and what refutes them."""
    for path, text in _texts(settings, settings.verify, ".py", found):
        claims, problems = read_claims(text, path)
        found.problems.extend(problems)
        for claim in claims:
            first = found.claims.setdefault(claim.id, claim)
            found.problems.extend(_clash(f"claim id '{claim.id}'", claim, first))
        if claims:
            found.subjects[path] = [_subject(claim) for claim in claims]
        counterfactuals, problems = read_counterfactuals(text, path)
        found.problems.extend(problems)
        for item in counterfactuals:
            known = found.counterfactuals.setdefault(item.name, item)
            found.problems.extend(_clash(f"counterfactual '{item.name}'", item, known))
    found.problems.extend(_about_refutations(settings, found))


def _collect_snippets(settings: Settings, found: Collection) -> None:
    """Read the snippets, and what they need."""
    for path, text in _texts(settings, settings.snippets, ".py", found):
        if wrong := list(wrong_with(text, path)):
            found.problems.extend(wrong)
            continue
        requirements = read_requirements(text, path)
        if isinstance(requirements, Problem):
            found.problems.append(requirements)
            continue
        if requirements:
            found.requirements[path] = requirements
        name = Path(path).name
        found.subjects[path] = [Subject(Kind.SNIPPET, path, path, 1, name, "", text)]


def _clash(
    what: str, item: Claim | Counterfactual, first: Claim | Counterfactual
) -> Iterator[Problem]:
    if first is not item:
        message = (
            f"{what} is already taken at {place(first.path, first.line)}; "
            "rename one of the two functions"
        )
        yield Problem(item.path, item.line, message)


def _about_refutations(settings: Settings, found: Collection) -> Iterator[Problem]:
    """Compare the counterfactuals that claims name with those that there are."""
    unread = found.unread()
    wrong: list[Problem] = []
    for claim in found.claims.values():
        for name in claim.refuted_by:
            if name not in found.counterfactuals.keys() | unread:
                near = suggestion(name, list(found.counterfactuals))
                message = f"there is no counterfactual '{name}'{near}"
                wrong.append(Problem(claim.path, claim.line, message))
        if settings.falsify and not claim.refuted_by and not claim.rival:
            message = (
                f"nothing is said to refute claim '{claim.id}'; add refuted_by=[...] or rival=... "
                f"to its @claim ('claims falsify {claim.id}' shows in which it fails)"
            )
            wrong.append(Problem(claim.path, claim.line, message))
    yield from wrong
    if wrong or unread:  # what is mended may name any of them
        return
    named = {name for claim in found.claims.values() for name in claim.refuted_by}
    for name, item in found.counterfactuals.items():
        if settings.falsify and name not in named:
            message = f"no claim names counterfactual '{name}'; let one do so, or remove it"
            yield Problem(item.path, item.line, message)


def _subject(claim: Claim) -> Subject:
    return Subject(
        kind=Kind.CLAIM,
        id=claim.id,
        path=claim.path,
        line=claim.line,
        name=claim.name,
        statement=claim.statement,
        code=claim.code,
        timeout=claim.timeout,
    )


def _stray_embeds(page: Page, found: Collection) -> Iterator[Problem]:
    for embed in page.embeds:
        if not found.problems_of(embed.snippet) and not any(
            subject.kind is Kind.SNIPPET for subject in found.subjects.get(embed.snippet, [])
        ):
            message = f"'{embed.snippet}' is not among the snippets, so nothing would run it"
            yield Problem(page.path, embed.line + 1, message)


def _about_sources(settings: Settings, found: Collection) -> Iterator[Problem]:
    """Compare the sources with the claims that settle them, and the pages that show them."""
    shown = set()
    is_any_astray = False
    for path, page in found.pages.items():
        for directive in page.directives:
            if directive.name != AUDIT:
                continue
            shown.add(directive.argument)
            file = f"{settings.verify}/sources/{directive.argument}.toml"
            if directive.argument not in found.sources and not found.problems_of(file):
                is_any_astray = True
                near = suggestion(directive.argument, list(found.sources))
                message = f"there is no source '{directive.argument}'{near}"
                yield Problem(path, directive.line, message)
    unread = found.unread()
    for name, source in found.sources.items():
        if name not in shown and not is_any_astray:  # else that page may mean this one
            message = f"source '{name}' is on no page; show it with '/// {AUDIT} | {name}'"
            yield Problem(source.path, 0, message)
        for assertion in source.assertions:
            for claim in assertion.claims:
                if claim not in found.claims and claim.replace("-", "_") not in unread:
                    near = suggestion(claim, list(found.claims))
                    message = f"there is no claim '{claim}'{near}"
                    yield Problem(source.path, assertion.line, message)


def _about_requirements(settings: Settings, found: Collection) -> Iterator[Problem]:
    """Compare what may be lacking with what snippets need."""
    if not settings.may_lack:
        return
    folder = f"{settings.snippets}/"
    is_any_unread = any(problem.path.startswith(folder) for problem in found.problems)
    needed = {name_of(each) for several in found.requirements.values() for each in several}
    for name in settings.may_lack:
        if canonical(name) not in needed and not is_any_unread:
            near = suggestion(canonical(name), sorted(needed))
            message = f"[tool.claims] may_lack names '{name}', which no snippet needs{near}"
            yield Problem("pyproject.toml", 0, message)


def _emptiness(settings: Settings, found: Collection) -> Iterator[Problem]:
    if not found.pages and not found.notebooks and (settings.root / settings.docs).is_dir():
        yield Problem(settings.docs, 0, "there is no page in this folder")
    if not found.claims and (settings.root / settings.verify).is_dir():
        message = "there is no claim in this folder; a run that finds none must not pass"
        yield Problem(settings.verify, 0, message)
