"""What the README shows is what happens."""

import re
from pathlib import Path

from tests.conftest import Project

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_refusal_it_shows_is_what_a_build_says(real_copy: Project) -> None:
    """The two changes that the README names, made in a copy of this repository."""
    claim = (
        "    assert inside.grad_fn is None\n    assert not inside.requires_grad\n    assert outside"
    )
    real_copy.replace("verify/inference_mode.py", claim, claim.replace("is None", "is not None"))
    example = real_copy.read("docs/modes/inference_mode.md")
    real_copy.write(
        "docs/modes/inference_mode.md",
        example.replace('raises="RuntimeError: Inference', 'raises="TypeError: Inference', 1),
    )
    shown = re.search(r"<!-- refusal -->\n```text\n(.*?)```\n<!-- /refusal -->", README, re.DOTALL)

    ended = Project(real_copy.root, {"CLAIMS_FRESH": "1"}).build("--strict", "-q")

    assert ended.code == 1
    assert shown is not None
    assert without_numbers(shown[1]) == without_numbers(ended.output)


def test_every_file_and_folder_that_it_names_exists() -> None:
    named = re.findall(r"^\| `([\w/]+/)` \|", README, re.MULTILINE)
    linked = re.findall(r"\]\((?!https?:|claim:)([\w/.-]+)\)", README)

    assert len(named) == 7
    assert [] == [path for path in (*named, *linked) if not (ROOT / path).exists()]


def test_the_claim_that_it_shows_stands_in_verify() -> None:
    shown = re.search(r"```python\n(@claim\(.*?\ndef .*?)```", README, re.DOTALL)

    assert shown is not None
    assert shown[1] in (ROOT / "verify" / "switches.py").read_text(encoding="utf-8")


def test_the_counterfactual_that_it_shows_stands_in_verify() -> None:
    shown = re.search(r"```python\n(@counterfactual\n.*?)```", README, re.DOTALL)

    assert shown is not None
    assert shown[1] in (ROOT / "verify" / "counterfactuals.py").read_text(encoding="utf-8")


def test_every_make_target_that_it_names_is_there() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))

    assert {"site", "test", "serve", "check", "bench", "format", "lock", "clean"} == set(
        re.findall(r"(?:`|    )make ([a-z]+)", README)
    )
    assert set(re.findall(r"(?:`|    )make ([a-z]+)", README)) <= targets


def without_numbers(text: str) -> str:
    """Leave out what changes with every line that somebody adds to a page, or with a release."""
    text = re.sub(r"(?<=[:-])\d+\b", "N", text)
    text = re.sub(r"\d+(?= (?:claims|shown|examples|snippets|notebooks?|holds|fails))", "N", text)
    return re.sub(r"; torch .*", "; ENVIRONMENT", text).strip()
