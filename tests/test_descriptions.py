"""Every page says in its head what it is, in words that no other page has."""

import re
from collections import Counter

import pytest

from mkdocs_claims.environment import Environment
from mkdocs_claims.evidence import Evidence, Kind, Subject, Verdict
from mkdocs_claims.messages import Message
from mkdocs_claims.rendering.descriptions import described
from mkdocs_claims.reports import Report
from tests.conftest import Project

PATH = "docs/errors/page.md"
HTML = (
    "<h1>A</h1>\n<p>It <a href='#b'>is &lt;b&gt;</a>\n<code>\"so\"</code>. And so.</p><p>More.</p>"
)


def report_of(whole: str) -> Report:
    """Return a report with a page about a message, as an example on it was seen to give it."""
    subject = Subject(Kind.EXAMPLE, f"{PATH}:9", PATH, 9, "line-9", "", "")
    evidence = Evidence(subject, Verdict.HOLDS, raised=whole)
    message = Message(PATH, 2, "ValueError: no", "Do `this`.", "no")
    environment = Environment("3.11", "Linux x86_64", {}, "0.1")
    return Report(environment, evidence=[evidence], messages=[message])


@pytest.mark.parametrize(
    ("own", "path", "whole", "description"),
    [
        ('The "author\'s" own & more', PATH, "", "The &quot;author's&quot; own &amp; more"),
        ("already &amp; escaped", "docs/index.md", "", "already &amp; escaped"),
        (
            "",
            PATH,
            "ValueError: no, not\nthis (see it.)",
            "ValueError: no, not this (see it.) Do this.",
        ),
        ("", PATH, "ValueError: no, not this", "ValueError: no, not this. Do this."),
        ("", PATH, f"ValueError: no{' and no' * 99}", "ValueError: no. Do this."),
        ("", "docs/index.md", "", "It is &lt;b&gt; &quot;so&quot;. And so."),
    ],
)
def test_a_description_is_the_author_s_or_a_message_or_the_first_sentences(
    own: str, path: str, whole: str, description: str
) -> None:
    assert description == described(own, path, HTML, report_of(whole))


def test_first_sentences_end_before_they_are_too_many() -> None:
    html = f"<p>{'One is here. ' * 40}</p>"

    assert described("", "docs/index.md", html, report_of("")) == " ".join(["One is here."] * 23)
    assert described("", "docs/index.md", "<h1>A</h1>", report_of("")) == ""


def test_each_page_of_the_site_has_a_description_of_its_own(real_project: Project) -> None:
    paths = [path for path in real_project.site() if path.endswith(".html")]
    found = {path: real_project.html(path).select("meta[name=description]") for path in paths}

    texts = Counter(str(tags[0]["content"]) for tags in found.values())
    assert {1} == {len(tags) for tags in found.values()}
    assert {1} == set(texts.values())
    assert {} == {text: len(text) for text in texts if not 80 < len(text) < 450}


def test_a_description_is_escaped_once(real_project: Project) -> None:
    """By what writes it; the site's own template has it in two places."""
    paths = [path for path in real_project.site() if path.endswith(".html")]
    found = [
        str(tag["content"])
        for path in paths
        for tag in real_project.html(path).select("meta[content]")
    ]

    assert sum('"' in text for text in found) >= 8
    assert [] == [text for text in found if re.search(r"&(?:amp|quot|lt|gt|#\d+);", text)]
