"""Every check of this site, robbed of its assertions, is caught by the proof."""

import ast
import re

from mkdocs_claims.claims import read_claims
from tests.conftest import Project

TAME = '''
class _Tame:
    """Stands for what `pytest.raises` and `pytest.warns` catch, and takes anything."""

    def __init__(self, *_args, **_more):
        self.value = self.message = self.type = self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return True

    def __getitem__(self, _):
        return self
'''


class _Weaken(ast.NodeTransformer):
    """Lets every assertion hold: `assert` of anything, `pytest.raises` and `pytest.warns`."""

    def visit_Assert(self, _: ast.Assert) -> ast.Assert:  # ast's name
        # Not `assert True`, which is refused as no assertion before anything is run.
        return ast.Assert(ast.List([ast.Constant(value=True)], ast.Load()), None)

    def visit_Call(self, node: ast.Call) -> ast.AST:  # as above
        self.generic_visit(node)
        if ast.unparse(node.func) in ("pytest.raises", "pytest.warns"):
            return ast.Call(ast.Name("_Tame", ast.Load()), [], [])
        return node


def weakened(text: str) -> str:
    """Return a check module with all of its checks weakened."""
    tree = ast.parse(text)
    names = {claim.name for claim in read_claims(text, "verify/x.py")[0]}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name in names:
            _Weaken().visit(node)
            node.body.append(ast.parse("assert [True]").body[0])
    return ast.unparse(ast.fix_missing_locations(tree)) + "\n\n" + TAME


def test_each_check_that_is_weakened_is_caught(real_copy: Project) -> None:
    """All are weakened at once: each is run by itself, where its claim is false."""
    claims = set()
    for module in sorted((real_copy.root / "verify").glob("*.py")):
        text = module.read_text(encoding="utf-8")
        found, problems = read_claims(text, module.name)
        assert [] == problems
        if found:
            claims |= {claim.id for claim in found}
            module.write_text(weakened(text), encoding="utf-8")

    ended = real_copy.claims("check")

    named = re.findall(r"^\S+: claim ([\w-]+): not refuted$", ended.output, re.MULTILINE)
    assert 1 == ended.code
    assert claims - set(named) == set()
    held = real_copy.report(".claims/report.json")["counts"]
    assert (held["claims"], held["fails"], held["error"]) == (len(claims), 0, 0)


def test_a_weakened_module_is_what_it_was_but_for_its_assertions() -> None:
    text = (
        "import pytest\nfrom mkdocs_claims import claim\n\n\n@claim\ndef a() -> None:\n"
        '    """A."""\n    with pytest.raises(ValueError) as caught:\n        int("x")\n'
        "    assert caught.type is ValueError\n    print(caught.value)\n"
    )

    assert weakened(text).startswith(
        "import pytest\nfrom mkdocs_claims import claim\n\n@claim\ndef a() -> None:\n"
        '    """A."""\n    with _Tame() as caught:\n        int(\'x\')\n    assert [True]\n'
        "    print(caught.value)\n    assert [True]\n"
    )
