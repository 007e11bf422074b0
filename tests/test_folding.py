"""Evidence is put aside while a page is read, and stands where it belongs when it is published."""

import json

from markdown import Markdown

from mkdocs_claims.rendering import ClaimsExtension
from mkdocs_claims.rendering.folding import KEY, fold, unfold
from mkdocs_claims.rendering.rendered import Rendered
from mkdocs_claims.settings import load
from tests.conftest import Project


def details(words: str, attributes: str = "") -> str:
    return f"<details{attributes}><summary>Evidence</summary>{words}</details>"


def test_what_has_the_key_is_put_aside_and_comes_back_to_its_place() -> None:
    first, second = (
        details(words, f' class="claims-evidence" {KEY}="" title="t"') for words in ("one", "two")
    )
    own = details("an author's own", ' class="claims-evidence"')
    aside = ["of another page"]

    folded = fold(f"<p>a</p>{first}{own}<p>b</p>{second}", aside)

    without_key = ' class="claims-evidence" title="t"'
    one, two = (details(words, without_key) for words in ("one", "two"))
    assert ["of another page", one, two] == aside
    assert folded == f"<p>a</p><!--{KEY}:1-->{own}<p>b</p><!--{KEY}:2-->"
    assert unfold(folded, aside) == f"<p>a</p>{one}{own}<p>b</p>{two}"


def test_a_built_page_has_its_evidence_and_the_search_has_none(built_decimal: Project) -> None:
    card = "#claim-sum-of-tenths-is-exact details.claims-evidence"
    (evidence,) = built_decimal.html("index.html").select(card)
    index = json.loads(built_decimal.read("site/search/search_index.json"))["docs"]

    assert "Run it alone" in evidence.text
    assert [evidence.attrs] == [{"class": ["claims-evidence"], "data-search-exclude": ""}]
    assert [] == [entry["title"] for entry in index if "Run it alone" in entry["text"]]


def test_an_engine_that_gathers_nothing_gets_the_evidence_at_once(project: Project) -> None:
    project.claims("check")
    rendered = Rendered()

    def converted(rendered: Rendered | None = None) -> str:
        claims = ClaimsExtension(settings=load(project.root), page="docs/p.md", rendered=rendered)
        return Markdown(extensions=[claims]).convert("/// claim | sum-of-tenths-is-exact\n///\n")

    project.write("docs/p.md", "/// claim | sum-of-tenths-is-exact\n///\n")
    whole, folded = converted(), converted(rendered)

    assert [1, 0] == [
        text.count('<details class="claims-evidence" data-') for text in (whole, folded)
    ]
    assert len(rendered.aside) == 1
    assert whole == unfold(folded, rendered.aside)
