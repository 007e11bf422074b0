"""Pages of evidence: one for each check module, beside the page that lists all claims.

A plugin that can add pages to a site makes them; without one the list itself shows all evidence.
"""

from dataclasses import replace
from pathlib import PurePosixPath

from mkdocs_claims.citations import CLAIMS
from mkdocs_claims.evidence import Kind
from mkdocs_claims.rendering.addresses import Addresses
from mkdocs_claims.rendering.marks import title_of
from mkdocs_claims.reports import Report

__all__ = ["evidence_pages", "text_of"]


def evidence_pages(report: Report, verify: str) -> dict[str, str]:
    """Return the path of the page of each check module, by the module's path.

    `verify` is the folder of check modules.  There are none where no page lists all claims.
    """
    if not report.index:
        return {}
    listing = PurePosixPath(report.index)
    is_index = listing.stem in ("index", "README")
    folder = listing.with_name("evidence") if is_index else listing.with_suffix("")
    modules = {evidence.subject.path for evidence in report.of(Kind.CLAIM).values()}
    return {
        module: (folder / PurePosixPath(module).relative_to(verify)).with_suffix(".md").as_posix()
        for module in sorted(modules)
    }


def text_of(module: str, addresses: Addresses, about: str) -> str:
    """Return the Markdown of the page of a check module, which says this of itself."""
    title = title_of(module)
    page = replace(addresses, here=addresses.evidence_pages[module])
    claims = addresses.report.of(Kind.CLAIM).values()
    count = sum(evidence.subject.path == module for evidence in claims)
    many = "1 claim" if count == 1 else f"{count} claims"
    return (
        f"---\ntitle: '{title}: evidence'\n"
        f"description: The claims of {module}, each with its check, what refutes it, and how to "
        f"run it alone.\nsearch:\n  exclude: true\n---\n\n# {title}\n\n"
        f"{about}\n\n"
        f"{many}, checked by `{module}`; see also [all claims]({page.page(page.report.index)}).\n\n"
        f"/// {CLAIMS} | {module}\n///\n"
    )
