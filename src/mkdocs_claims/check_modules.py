"""A check module as pytest sees it, in the process that runs its checks."""

from collections.abc import Collection, Iterator
from typing import Any

import pytest
from _pytest.pathlib import import_path  # `pytest.Module` offers no way to choose the import mode

from mkdocs_claims.evidence import Subject

__all__ = ["CheckModule", "FaultyCheck"]


class CheckModule(pytest.Module):
    """A check module; collecting it imports it, and yields the checks that were selected."""

    def __init__(
        self,
        *,
        subjects: list[Subject],
        names: Collection[str],
        **kwargs: Any,  # noqa: ANN401  # pytest's own arguments
    ) -> None:
        super().__init__(**kwargs)
        self.subjects = {subject.name: subject for subject in subjects}
        self.selected = names
        """The names of selected runs of checks with parameters, where not all are."""

    def collect(self) -> Iterator[pytest.Item]:
        """Yield the checks, or what says why there are none."""
        try:
            found = list(super().collect())
        except BaseException as fault:  # noqa: BLE001  # an import may raise anything; it is told
            for subject in self.subjects.values():
                yield FaultyCheck.from_parent(self, name=subject.name, subject=subject, fault=fault)
            return
        for item in found:
            if not isinstance(item, pytest.Function):
                continue
            subject = self.subjects[item.originalname]
            wanted = [name for name in self.selected if name.startswith(f"{item.originalname}[")]
            if not wanted or item.name in wanted:
                item.subject = subject  # type: ignore[attr-defined]
                yield item

    def _getobj(self) -> Any:  # noqa: ANN401  # pytest's signature
        # In importlib mode a `verify/threading.py` does not shadow the standard library.
        return import_path(
            self.path,
            mode="importlib",
            root=self.config.rootpath,
            consider_namespace_packages=False,
        )

    def istestfunction(self, obj: object, name: str) -> bool:  # noqa: ARG002  # pytest's signature
        """Whether a function is a selected check."""
        return name in self.subjects

    def istestclass(self, obj: object, name: str) -> bool:  # noqa: ARG002  # pytest's signature
        """Whether a class holds checks: none does."""
        return False


class FaultyCheck(pytest.Item):
    """A check whose module could not be imported."""

    def __init__(
        self,
        *,
        subject: Subject,
        fault: BaseException,
        **kwargs: Any,  # noqa: ANN401  # as above
    ) -> None:
        super().__init__(**kwargs)
        self.subject = subject
        self.fault = fault

    def runtest(self) -> None:
        """Say what kept it from running."""
        raise self.fault

    def reportinfo(self) -> tuple[Any, int, str]:
        """Return the place and name that pytest shows."""
        return self.path, self.subject.line - 1, self.name
