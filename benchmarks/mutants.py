"""The naive table: plain pytest runs all checks in one process, once in each counterfactual.

So do tools for mutation testing.  Nothing is isolated: what one check leaves behind, the next sees.
"""

import importlib
import subprocess
import sys
from collections.abc import Sequence

import pytest

from mkdocs_claims import Change

_IN = "in"
"""What stands before the one counterfactual that a process is for."""


def main(functions: str, names: Sequence[str]) -> int:
    """Run the checks whose names fit a pattern in each counterfactual, a process for each.

    Returns 0 if all ran to their end, whether or not checks failed there, and 1 otherwise.
    """
    for name in names:
        command = (sys.executable, "-P", __file__, functions, _IN, name)
        code = subprocess.run(command, check=False).returncode  # noqa: S603  # it is this script
        if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            return 1
    return 0


def run(functions: str, name: str) -> int:
    """Run all checks in one counterfactual, and return pytest's exit code."""
    sys.path.insert(0, "")
    getattr(importlib.import_module("verify.counterfactuals"), name)(Change())
    options = ("-q", "--tb=line", "-p", "no:claims", "-p", "no:cacheprovider")
    found = ("-o", "python_files=part_*.py", "-o", f"python_functions={functions}")
    return pytest.main([*options, *found, "verify"])


if __name__ == "__main__":
    pattern, *changed = sys.argv[1:]
    sys.exit(run(pattern, changed[1]) if changed[0] == _IN else main(pattern, changed))
