"""The spellings under which a module can reach a decorator of this package."""

import ast

__all__ = ["bound_names", "spellings_of"]

_PACKAGE = "mkdocs_claims"


def spellings_of(decorator: str, tree: ast.Module) -> set[str]:
    """Return what a module can write for a decorator: `claim`, `mkdocs_claims.claim`, `c.claim`.

    `decorator` is its name; it stands in the package, and in the module named as its plural.
    """
    module = f"{decorator}s"
    homes = (_PACKAGE, f"{_PACKAGE}.{module}")
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module in homes:
            for alias in node.names:
                name = alias.asname or alias.name
                names |= {decorator: {name}, module: {f"{name}.{decorator}"}}.get(alias.name, set())
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name in homes:
                    names.add(f"{alias.asname or alias.name}.{decorator}")
                    names.add(f"{alias.asname or _PACKAGE}.{decorator}")
    return names


def bound_names(tree: ast.Module) -> set[str]:
    """Return the names that a module imports, defines or assigns."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    return names
