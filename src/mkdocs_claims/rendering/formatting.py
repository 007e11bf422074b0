"""How superfences shows examples and outputs: highlighted as ever, and numbered for the census."""

import re
from collections.abc import Callable
from typing import Any

from markdown import Markdown
from markdown.preprocessors import Preprocessor
from pymdownx.highlight import HighlightExtension
from pymdownx.superfences import highlight_validator

from mkdocs_claims.info_strings import OURS, is_python, is_session
from mkdocs_claims.rendering import outputs
from mkdocs_claims.rendering.rendered import Rendered

__all__ = ["END", "Formatting"]

END = re.compile(r'<span data-claims-end="(?P<number>\d+)"></span>')
"""The mark below a numbered block, in whose place its output is put."""


class Formatting(Preprocessor):
    """Puts our formatters among those of superfences, whichever of the two was loaded first.

    `shown` receives the code of each block that is formatted; a block's number is its place there.
    """

    def __init__(self, md: Markdown, shown: list[str], rendered: Rendered | None) -> None:
        super().__init__(md)
        self.shown = shown
        self.highlighting = rendered.highlighting if rendered else None
        self.is_attached = False

    def run(self, lines: list[str]) -> list[str]:
        """Attach the formatters before the first page; the lines stay as they are."""
        if not self.is_attached:
            self.is_attached = True
            for extension in self.md.registeredExtensions:
                if isinstance(extension, HighlightExtension):
                    # The census knows Python by the class that this adds.
                    extension.setConfig("pygments_lang_class", value=True)
            fences: Any = self.md.preprocessors["fenced_code_block"]
            fences.get_hl_settings()
            fences.pygments_lang_class = True
            if self.highlighting:
                fences.highlighter = self.highlighting.kept_by(fences.highlighter)
            formatters = fences.extension.superfences
            formatters.append(_entry("claims", _runs, self._format, _validate))
            formatters.append(_entry("claims-output", _is_output, _format_output, _accept))
        return lines

    def _format(self, src: str, language: str, md: Markdown, **rest: Any) -> str:  # noqa: ANN401  # superfences' own
        shown = "pycon" if is_session(language) or src.lstrip().startswith(">>>") else "python"
        fences: Any = md.preprocessors["fenced_code_block"]
        html = fences.highlight(src=src, language=shown, md=md, **rest)
        number = len(self.shown)
        self.shown.append(src)
        end = f'<span data-claims-end="{number}"></span>'
        return f'<div class="claims-example" data-claims="{number}">{html}{end}</div>'


def _validate(
    language: str,
    inputs: dict[str, str],
    options: dict[str, Any],
    attributes: dict[str, str],
    md: Markdown,
) -> bool:
    """Accept our attributes beside those of superfences."""
    fences: Any = md.preprocessors["fenced_code_block"]
    fences.get_hl_settings()
    others = {key: value for key, value in inputs.items() if key not in OURS}
    return bool(highlight_validator(language, others, options, attributes, md))


def _format_output(src: str, **_: Any) -> str:  # noqa: ANN401  # superfences' own
    return outputs.output(src)


def _accept(*_: Any) -> bool:  # noqa: ANN401  # superfences' own
    return True


def _runs(language: str | None) -> bool:
    return is_python(language or "") or is_session(language or "")


def _is_output(language: str | None) -> bool:
    return language == "output"


def _entry(
    name: str,
    test: Callable[[str | None], bool],
    formatter: Callable[..., str],
    validator: Callable[..., bool],
) -> dict[str, Any]:
    return {
        "name": name,
        "test": test,
        "formatter": formatter,
        "validator": validator,
        "reset": None,
    }
