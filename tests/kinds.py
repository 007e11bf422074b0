"""The kinds of page that the site has, each with one page that stands for it."""

__all__ = ["KINDS"]

KINDS = {
    "home": "index.html",
    "error page": "errors/cannot-register-a-hook-on-a-tensor/index.html",
    "index of errors": "errors/index.html",
    "mode": "modes/no_grad/index.html",
    "recipe": "recipes/ema/index.html",
    "notebook": "cost/memory/index.html",
    "all claims": "claims/index.html",
    "evidence": "claims/nesting/index.html",
    "audit": "sources/no-grad-versus-requires-grad/index.html",
    "glossary": "glossary/index.html",
    "myths": "myths/index.html",
    "verdicts": "verdicts/index.html",
    "missing page": "404.html",
}
"""The path of a page by what kind of page it is."""
