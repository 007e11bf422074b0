"""A page: what its Markdown holds of examples, embedded snippets, skips and citations."""

import re
import textwrap
from dataclasses import dataclass, replace
from operator import attrgetter
from pathlib import Path

from mkdocs_claims.citations import CARD, Citation, Directive, read_directives, read_links
from mkdocs_claims.evidence import Kind, Skip, Subject
from mkdocs_claims.fences import Fence, scan
from mkdocs_claims.info_strings import TOLD, is_python, is_session, read_seconds
from mkdocs_claims.messages import Message, read_message
from mkdocs_claims.problems import Problem, read_text
from mkdocs_claims.snippets import section

__all__ = ["Embed", "Example", "Page", "normalized", "read_page"]

_EMBED = re.compile(r"^[ \t]*-{1,}8<-{1,}[ \t]+(?P<quote>[\"'])(?P<target>.+?)(?P=quote)[ \t]*$")
_EMBED_MARK = re.compile(r"^[ \t]*;?-+8<-+", re.MULTILINE)
_DOCTEST_SKIP = re.compile(r"#\s*doctest:.*\+SKIP")
_TOLD = re.compile(r"(?P<type>[A-Za-z_][\w.]*)(?::\s?(?P<text>.*))?$", re.DOTALL)


@dataclass(frozen=True)
class Example:
    """A fenced Python block that is run as part of its page."""

    subject: Subject
    fence: Fence
    raises: tuple[str, str] | None = None
    """The qualified name of the exception that must be raised, and how its text must begin."""
    warns: tuple[str, str] | None = None
    """The same of a warning that must be given."""
    output: str | None = None
    """What it must print, where an `output` fence follows it."""

    @property
    def line(self) -> int:
        """The line of its page on which its fence opens."""
        return self.fence.line

    @property
    def is_session(self) -> bool:
        """Whether it is written with prompts and outputs."""
        fence = self.fence
        return is_session(fence.language) or fence.body.lstrip().startswith(">>>")


@dataclass(frozen=True)
class Embed:
    """A fenced Python block whose body is a snippet, or a section of one."""

    path: str
    line: int
    snippet: str
    code: str


@dataclass(frozen=True)
class Page:
    """What one Markdown file holds."""

    path: str
    text: str
    examples: list[Example]
    embeds: list[Embed]
    skips: list[Skip]
    citations: list[Citation]
    directives: list[Directive]
    problems: list[Problem]
    message: Message | None = None
    """The message that it is about, if it is about one."""

    def has(self, directive: str) -> bool:
        """Whether a directive of a name stands on it."""
        return any(each.name == directive for each in self.directives)

    def blocks(self) -> list[Example | Embed | Skip]:
        """Return all its Python blocks, in the order in which readers meet them."""
        found: list[Example | Embed | Skip] = [*self.examples, *self.embeds, *self.skips]
        return sorted(found, key=attrgetter("line"))


def normalized(code: str) -> str:
    """Reduce a block's text to what can be compared after rendering."""
    return textwrap.dedent(code.expandtabs(4)).strip()


def read_page(text: str, path: str, root: Path) -> Page:
    """Read a page; `root` is where the paths of embedded snippets begin."""
    found = scan(text, path)
    problems: list[Problem] = []
    of_fences = list(found.problems)
    examples: list[Example] = []
    embeds: list[Embed] = []
    skips: list[Skip] = []
    outputs = {fence.line: fence for fence in found.fences if fence.language == "output"}
    for fence in found.fences:
        if not (is_python(fence.language) or is_session(fence.language)):
            continue
        if "skip" in fence.attributes:
            skips.append(Skip(path, fence.line, fence.attributes["skip"], fence.body))
        elif _EMBED_MARK.search(fence.body):
            embed = _embed(fence, path, root)
            if isinstance(embed, Problem):
                problems.append(embed)
            else:
                embeds.append(embed)
        else:
            following = outputs.pop(_next_line(text, fence), None)
            example = _example(fence, following, path)
            if isinstance(example, Problem):
                of_fences.append(example)
            else:
                examples.append(example)
    blocks: list[Example | Embed | Skip] = [*examples, *embeds, *skips]
    read = {block.line for block in blocks}
    problems += [replace(each, keeps_from_running=each.line not in read) for each in of_fences]
    problems.extend(
        Problem(path, line, "an output fence belongs right after the example that prints it")
        for line in outputs
    )
    links, wrong_links = read_links(found.prose, path)
    directives, wrong_directives = read_directives(found.prose, path)
    problems += wrong_links + wrong_directives
    cards = [
        Citation(each.argument, path, each.line, is_card=True)
        for each in directives
        if each.name == CARD
    ]
    citations = sorted([*links, *cards], key=attrgetter("line"))
    message = read_message(text, path)
    if isinstance(message, Problem):
        problems.append(message)
        message = None
    return Page(
        path, text, examples, embeds, skips, citations, directives, sorted(problems), message
    )


def _next_line(text: str, fence: Fence) -> int:
    """Return the line after a fence on which something stands."""
    after = text[fence.end :]
    blank = len(after) - len(after.lstrip("\n \t>"))
    return fence.end_line + after.count("\n", 0, blank)


def _example(fence: Fence, output: Fence | None, path: str) -> Example | Problem:
    told: dict[str, tuple[str, str]] = {}
    for key in fence.attributes.keys() & TOLD.keys():
        match = _TOLD.match(fence.attributes[key])
        if not match or fence.attributes[key] == key:
            wanted = f'{key}="Type: text", with the {TOLD[key]}\'s qualified name'
            return Problem(path, fence.line, f"cannot read {key}; expected {wanted}")
        told[key] = (match["type"], match["text"] or "")
    if not fence.body.strip():
        return Problem(path, fence.line, "this example is empty")
    subject = Subject(
        kind=Kind.EXAMPLE,
        id=f"{path}:{fence.line}",
        path=path,
        line=fence.line,
        name=f"line-{fence.line}",
        statement=fence.attributes.get("title", ""),
        code=fence.body,
        timeout=read_seconds(fence.attributes.get("timeout", "")),
    )
    example = Example(
        subject, fence, told.get("raises"), told.get("warns"), output.body if output else None
    )
    if example.is_session and (told or output):
        superfluous = " and ".join([*sorted(told), *(["the output fence"] if output else [])])
        wrong = f"a session shows its own outputs and exceptions; remove {superfluous}"
        return Problem(path, fence.line, wrong)
    if example.is_session and _DOCTEST_SKIP.search(fence.body):
        wrong = "a session's line is skipped and readers are not told; remove '# doctest: +SKIP'"
        return Problem(path, fence.line, wrong)
    return example


def _embed(fence: Fence, path: str, root: Path) -> Embed | Problem:
    match = _EMBED.match(fence.body.rstrip("\n"))
    if not match:
        message = (
            "a fence either embeds a snippet or holds code of its own; expected one line "
            '--8<-- "snippets/file.py:section" and nothing else'
        )
        return Problem(path, fence.line, message)
    if told := sorted(TOLD.keys() & fence.attributes.keys()):
        wrong = f"an embedded snippet runs by itself; remove {' and '.join(told)}"
        return Problem(path, fence.line, wrong)
    file, _, name = match["target"].partition(":")
    if not (root / file).is_file():
        return Problem(path, fence.line + 1, f"there is no snippet '{file}'")
    text = read_text(root / file, file)
    if isinstance(text, Problem):
        return Problem(path, fence.line + 1, str(text))
    code = section(text, name)
    if code is None:
        message = f"'{file}' has no section '{name}'; mark it with '# --8<-- [start:{name}]'"
        return Problem(path, fence.line + 1, message)
    return Embed(path, fence.line, file, code)
