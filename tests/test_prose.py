"""The prose of the site can be read: no page above grade 10, no sentence above 40 words.

The grade is that of Flesch and Kincaid, from words per sentence and syllables per word; pyphen
counts the syllables, by the places where a word may be hyphenated.
"""

import json
import re

import pytest
from pyphen import Pyphen

from tests.conftest import ROOT

PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in (ROOT / "docs").rglob("*")
    if path.suffix in {".md", ".ipynb"}
)
GRADE = 10
WORDS = 40

_LEFT_OUT = re.compile(
    r"\A---\n.*?\n---\n"  # front matter
    r"|^ *(?P<fence>`{3,}|~{3,}).*?^ *(?P=fence) *$"
    r"|^ *(?:#|\||///|<|!!!|\?\?\?|===).*?$",
    re.DOTALL | re.MULTILINE,
)
_MARKER = re.compile(r"^ *(?:[-*] |\d+\. |> |: )*", re.MULTILINE)
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)(?:\{[^}]*\})?")
_CODE = re.compile(r"(`+).+?\1")
_SENTENCE = re.compile(r"(?<=[.!?])[\"')*]*\s+")
_WORD = re.compile(r"[^\W_](?:[\w'\u2019-]*\w)?")
_HYPHENS = Pyphen(lang="en_US")


def sentences_of(text: str) -> list[str]:
    """Return the sentences of a Markdown text; code in a sentence counts as one short word.

    A line without a full stop at its end, as in a list, is a sentence of its own.
    """
    text = _LINK.sub(r"\1", _CODE.sub("it", _LEFT_OUT.sub("", text)))
    lines = (line.strip() for line in _MARKER.sub("", text).splitlines())
    found = [sentence for line in lines for sentence in _SENTENCE.split(line)]
    return [sentence for sentence in found if _WORD.search(sentence)]


def words_of(sentences: list[str]) -> list[str]:
    return [word for sentence in sentences for word in _WORD.findall(sentence)]


def grade_of(sentences: list[str]) -> float:
    """Return the school grade whose pupils can read the sentences."""
    words = words_of(sentences)
    syllables = sum(len(_HYPHENS.positions(word)) + 1 for word in words)
    return 0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59


def read(page: str) -> list[str]:
    """Return the sentences of a page or of the Markdown cells of a notebook."""
    text = (ROOT / page).read_text(encoding="utf-8")
    if page.endswith(".ipynb"):
        cells = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "markdown"]
        text = "\n\n".join("".join(cell["source"]) for cell in cells)
    return sentences_of(text)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_can_be_read_in_tenth_grade(page: str) -> None:
    sentences = read(page)

    assert sentences
    assert grade_of(sentences) <= GRADE


@pytest.mark.parametrize("page", PAGES)
def test_a_sentence_ends_before_its_reader_does(page: str) -> None:
    long = [sentence for sentence in read(page) if len(words_of([sentence])) > WORDS]

    assert [] == long


def test_hard_prose_is_told_from_easy() -> None:
    easy = sentences_of("The cat sat on the mat. It was a fat cat.")
    hard = sentences_of(
        "Notwithstanding considerable methodological heterogeneity, comparative evaluations "
        "consistently demonstrate substantial computational advantages in numerous applications."
    )

    assert grade_of(easy) < 0
    assert grade_of(hard) > 20


def test_only_prose_is_measured() -> None:
    page = (
        "---\ntitle: Not this\n---\n\n# Nor this\n\nA [link](a.md#b) to `some.long_code(x)`.\n"
        "- An item\n1. Another: *this*. And more\n\n| no | table |\n| --- | --- |\n\n"
        '```python title="no"\nx = 1. # No\n```\n\n    ```\n    no\n    ```\n\n'
        '/// claim | no\n///\n\n!!! note "No"\n\n    But this.\n'
    )

    assert [
        "A link to it.",
        "An item",
        "Another: *this*.",
        "And more",
        "But this.",
    ] == sentences_of(page)
    assert ["A", "link", "to", "it"] == words_of(["A link to it."])
