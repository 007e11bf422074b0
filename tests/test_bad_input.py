"""Bad input gets a message with its place, never a traceback of ours, and costs nothing."""

import shutil

import pytest

from tests.conftest import Ended, Project

CLAIM = (
    'from mkdocs_claims import claim\n\n\n@claim\ndef {0}() -> None:\n    """A {0}."""\n    {1}\n'
)
CITED = "[one](claim:{0})\n"

FILES = {
    "a claim that does not exist": (
        "docs/id.md",
        CITED.format("division-by-zero-rises"),
        "1: there is no claim 'division-by-zero-rises', did you mean 'division-by-zero-raises'?",
    ),
    "a misspelt directive": (
        "docs/directive.md",
        "One\n\n/// clam | division-by-zero-raises\n///\n",
        "3: unknown directive '/// clam', did you mean 'claim'?",
    ),
    "a directive without an id": (
        "docs/nothing.md",
        "/// claim\n///\n",
        "1: '/// claim' names no claim; write '/// claim | the-id'",
    ),
    "a directive that is not closed": (
        "docs/open.md",
        "/// claim | division-by-zero-raises\n\nMore.\n",
        "1: '/// claim' must be closed by a line '///' right after it, with nothing between",
    ),
    "a misspelt kind of link": (
        "docs/scheme.md",
        "[zero](clam:division-by-zero-raises)\n",
        "1: 'clam:' is no kind of link, did you mean 'claim:'?",
    ),
    "a link that is none": (
        "docs/bare.md",
        "See claim:division-by-zero-raises.\n",
        (
            "1: 'claim:division-by-zero-raises' is no link; write "
            "[some words](claim:division-by-zero-raises)"
        ),
    ),
    "a misspelt attribute": (
        "docs/attribute.md",
        '```python raise="ValueError: x"\nx = 1\n```\n',
        "1: a Python fence has no attribute 'raise', did you mean 'raises'?",
    ),
    "an attribute without quotes": (
        "docs/unquoted.md",
        "```python raises=ValueError\nx = 1\n```\n",
        "1: cannot be read: 'raises=ValueError' on the line of the fence; expected key=\"value\"",
    ),
    "an attribute without a type": (
        "docs/untyped.md",
        '```python raises=": x"\nint("x")\n```\n',
        '1: cannot read raises; expected raises="Type: text", with the exception\'s qualified name',
    ),
    "a misspelt language": (
        "docs/language.md",
        "```pyton\nx = 1\n```\n",
        "1: 'pyton' would be shown as Python and never run; write python or pycon",
    ),
    "an unclosed fence": (
        "docs/unclosed.md",
        "One\n\n```python\nx = 1\n",
        (
            "3: this fence is never closed (the page ends first); expected a line '```' below it, "
            "as far indented"
        ),
    ),
    "an empty example": ("docs/empty.md", "```python\n```\n", "1: this example is empty"),
    "an output without an example": (
        "docs/output.md",
        "```output\n3\n```\n",
        "1: an output fence belongs right after the example that prints it",
    ),
    "a snippet section that does not exist": (
        "docs/section.md",
        '```python\n--8<-- "snippets/invoice.py:sum"\n```\n',
        "2: 'snippets/invoice.py' has no section 'sum'; mark it with '# --8<-- [start:sum]'",
    ),
    "a snippet that does not exist": (
        "docs/file.md",
        '```python\n--8<-- "snippets/receipt.py"\n```\n',
        "2: there is no snippet 'snippets/receipt.py'",
    ),
    "a syntax error in an example": (
        "docs/syntax.md",
        "One\n\n```python\nx = 1\nx = = 2\n```\n",
        "5: example: error",
    ),
    "an import that is missing from an example": (
        "docs/missing.md",
        "```python\nimport not_a_module_anywhere\n```\n",
        "2: example: error",
    ),
    "a page that is not UTF-8": (
        "docs/latin.md",
        "One\nTwo \udce9\n",
        "2: byte 0xe9 is not valid UTF-8; save the file as UTF-8",
    ),
    "a check module that is not UTF-8": (
        "verify/latin.py",
        "# \udce9\n",
        "1: byte 0xe9 is not valid UTF-8; save the file as UTF-8",
    ),
    "a syntax error in a check": (
        "verify/syntax.py",
        "x = 1\nx = = 2\n",
        "2: cannot be read as Python: invalid syntax",
    ),
    "a syntax error in a snippet": (
        "snippets/syntax.py",
        "x = 1\nx = = 2\n",
        "2: cannot be read as Python: invalid syntax",
    ),
    "a claim with arguments": (
        "verify/arguments.py",
        CLAIM.format("marked", "assert [] == []").replace("@claim", "@claim(1)"),
        (
            "5: claim 'marked' takes `refuted_by=[...]`, `rival=...` and `timeout=120`, and "
            "nothing else"
        ),
    ),
    "a coroutine": (
        "verify/coroutine.py",
        CLAIM.format("later", "assert [] == []").replace("def", "async def"),
        (
            "5: claim 'later' is a coroutine, which would be created and never run; make it a "
            "plain function"
        ),
    ),
}


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory, built_decimal: Project) -> Ended:
    """Return how the one build with every bad file ended; the site is as it was."""
    root = tmp_path_factory.mktemp("bad") / "decimal"
    shutil.copytree(built_decimal.root, root)
    project = Project(root)
    for path, text, _ in FILES.values():
        project.write(path, "")
        (root / path).write_bytes(text.encode("utf-8", "surrogateescape"))
    ended = project.build()
    assert ended.code == 1
    assert project.site() == built_decimal.site()
    assert "Traceback" not in ended.output
    return ended


@pytest.mark.parametrize("name", FILES)
def test_a_message_with_its_place_is_given_for(listed: Ended, name: str) -> None:
    path, _, expected = FILES[name]

    assert [line for line in listed.first_lines if line.startswith(f"{path}:")] == [
        f"{path}:{expected}"
    ]


def test_nothing_is_listed_but_the_bad_files(listed: Ended) -> None:
    paths = {line.partition(":")[0] for line in listed.first_lines}

    assert paths == {path for path, _, _ in FILES.values()}
