"""What an exception means where torch is under test, most of which is C and leaves no frame."""

from pathlib import Path

import pytest

from mkdocs_claims.evidence import Verdict
from mkdocs_claims.execution import execute
from mkdocs_claims.verdicts import find

HEAD = """\
import torch
from torch import nn

x = torch.ones(3)
w = torch.ones(3, requires_grad=True)
pair = [torch.ones(2), torch.ones(3)]
model = nn.Linear(2, 2)
with torch.inference_mode():
    frozen = torch.ones(3)
"""
FIRST = HEAD.count("\n") + 1


def _judged(code: str, folder: Path) -> tuple[Verdict, int, str]:
    """Return verdict, line (1 is the code's first) and type of what running the code raises."""
    file = folder / "check.py"
    file.write_text(f"{HEAD}{code}\n", encoding="utf-8")
    try:
        execute(f"{HEAD}{code}\n", file, 1, {"__name__": "check"})
    except Exception as error:  # noqa: BLE001  # what a check raises may be anything
        finding = find(error, str(file), "torch")
        return finding.verdict, finding.line - FIRST + 1, finding.seen.partition(":")[0]
    pytest.fail("nothing was raised")


@pytest.mark.parametrize(
    ("code", "line", "kind"),
    [
        pytest.param("torch.ones(2) @ torch.ones(3)", 1, "RuntimeError", id="product"),
        pytest.param("x + torch.ones(2)", 1, "RuntimeError", id="sum"),
        pytest.param("x == torch.ones(2)", 1, "RuntimeError", id="comparison"),
        pytest.param("-torch.tensor([True])", 1, "RuntimeError", id="sign"),
        pytest.param("w * frozen", 1, "RuntimeError", id="inference tensor saved for backward"),
        pytest.param("y = (\n    x\n    @ torch.ones(2)\n)", 2, "RuntimeError", id="two lines"),
        pytest.param("x += torch.ones(4)", 1, "RuntimeError", id="in-place sum"),
        pytest.param("w += 1", 1, "RuntimeError", id="in-place on a leaf"),
        pytest.param("frozen *= 2", 1, "RuntimeError", id="in-place on an inference tensor"),
        pytest.param("w[0] = 1", 1, "RuntimeError", id="assigned item"),
        pytest.param("frozen[0] += 1", 1, "RuntimeError", id="in-place on an item"),
        pytest.param("(w * 2).requires_grad = False", 1, "RuntimeError", id="assigned attribute"),
        pytest.param("x.data = 3", 1, "TypeError", id="attribute of another type"),
        pytest.param("x[7]", 1, "IndexError", id="index"),
        pytest.param("x[0][0]", 1, "IndexError", id="index of an index"),
        pytest.param("x.view(5)", 1, "RuntimeError", id="method"),
        pytest.param("x.view(\n    5,\n)", 1, "RuntimeError", id="method on three lines"),
        pytest.param("view = x.view\nview(5)", 2, "RuntimeError", id="bound method"),
        pytest.param("x.sum().backward()", 1, "RuntimeError", id="backward"),
        pytest.param("(2 * x).view(5)", 1, "RuntimeError", id="method of a product"),
        pytest.param("pair[0] + pair[1]", 1, "RuntimeError", id="tensors in a list"),
        pytest.param("pair[0].view(5)", 1, "RuntimeError", id="method of a tensor in a list"),
        pytest.param("{'a': x}['a'].view(5)", 1, "RuntimeError", id="method of one in a dict"),
        pytest.param("sum(pair)", 1, "RuntimeError", id="sum of a list"),
        pytest.param("torch.cat([x, torch.ones(2, 2)])", 1, "RuntimeError", id="function"),
        pytest.param("torch.ones(2, dtypo=1)", 1, "TypeError", id="wrong argument"),
        pytest.param("float(torch.ones(2, requires_grad=True))", 1, "ValueError", id="float"),
        pytest.param("len(torch.tensor(1.0))", 1, "TypeError", id="len"),
        pytest.param("list(torch.tensor(1.0))", 1, "TypeError", id="list"),
        pytest.param("for _ in torch.tensor(1.0):\n    pass", 1, "TypeError", id="loop"),
        pytest.param("bool(x)", 1, "RuntimeError", id="bool"),
        pytest.param("not x", 1, "RuntimeError", id="not"),
        pytest.param("if x:\n    pass", 1, "RuntimeError", id="condition"),
        pytest.param("if x > 0:\n    pass", 1, "RuntimeError", id="condition with a comparison"),
        pytest.param("assert x == 1", 1, "RuntimeError", id="asserted comparison"),
        pytest.param("print(x @ torch.ones(2))", 1, "RuntimeError", id="inside a print"),
        pytest.param("[each.view(5) for each in pair]", 1, "RuntimeError", id="comprehension"),
        pytest.param("é = 'é'; x.view(5)", 1, "RuntimeError", id="behind letters of two bytes"),
        pytest.param("w.numpy()", 1, "RuntimeError", id="numpy"),
        pytest.param("import copy\ncopy.deepcopy(w * 2)", 2, "RuntimeError", id="Python in torch"),
        pytest.param("nn.Linear(2)", 1, "TypeError", id="class in Python"),
        pytest.param("model(torch.ones(5))", 1, "RuntimeError", id="module of torch"),
        pytest.param("model.weight = 3", 1, "TypeError", id="parameter of another type"),
        pytest.param(
            "class Mine(nn.Module):\n"
            "    def forward(self, x):\n"
            "        return x @ torch.ones(7)\n\n"
            "Mine()(x)",
            3,
            "RuntimeError",
            id="forward of one's own module",
        ),
        pytest.param(
            "def helper(tensor):\n    return tensor.view(5)\n\nhelper(x)",
            2,
            "RuntimeError",
            id="in a helper",
        ),
    ],
)
def test_what_torch_raises_is_a_failure(code: str, line: int, kind: str, tmp_path: Path) -> None:
    assert (Verdict.FAILS, line, kind) == _judged(code, tmp_path)


@pytest.mark.parametrize(
    ("code", "line", "kind"),
    [
        pytest.param("torch.nope", 1, "AttributeError", id="name that torch does not have"),
        pytest.param("torch.nn.nope", 1, "AttributeError", id="name that its module has not"),
        pytest.param("x.nope", 1, "AttributeError", id="attribute that a tensor does not have"),
        pytest.param("x.nope()", 1, "AttributeError", id="method that a tensor does not have"),
        pytest.param("model.nope", 1, "AttributeError", id="name that a module does not have"),
        pytest.param("x.grad.view(3)", 1, "AttributeError", id="method of a gradient of None"),
        pytest.param("from torch import nope", 1, "ImportError", id="import"),
        pytest.param("import torch.nope", 1, "ModuleNotFoundError", id="import of a module"),
        pytest.param("len(3)", 1, "TypeError", id="Python's own function"),
        pytest.param("{'a': x}['b']", 1, "KeyError", id="key of a dict of tensors"),
        pytest.param("pair[2]", 1, "IndexError", id="index of a list of tensors"),
        pytest.param("a, b = x", 1, "ValueError", id="unpacking"),
        pytest.param("raise RuntimeError('mine')", 1, "RuntimeError", id="own exception"),
        pytest.param("raise torch.OutOfMemoryError('mine')", 1, "torch.OutOfMemoryError", id="own"),
        pytest.param(
            "import numpy as np\nnp.ones(2) @ np.ones(3)", 2, "ValueError", id="another package"
        ),
        pytest.param(
            "class Mine(nn.Module):\n"
            "    def forward(self, x):\n"
            "        return {}['a']\n\n"
            "Mine()(x)",
            3,
            "KeyError",
            id="forward of one's own module",
        ),
        pytest.param(
            "class Mine(torch.autograd.Function):\n"
            "    @staticmethod\n"
            "    def forward(ctx, x):\n"
            "        raise ValueError('mine')\n\n"
            "Mine.apply(x)",
            4,
            "ValueError",
            id="forward of one's own function",
        ),
    ],
)
def test_what_torch_did_not_raise_is_the_check_s_own_fault(
    code: str, line: int, kind: str, tmp_path: Path
) -> None:
    assert (Verdict.ERROR, line, kind) == _judged(code, tmp_path)
