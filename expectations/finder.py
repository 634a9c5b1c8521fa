"""Finds the suite of a table by looking through this folder; there is no list of suites.

A module with a function `checks` is a suite. Its TABLE names the table it judges; its function `prepare(df)`, if it has
one, adds the columns its checks read, and takes `places` if it asks what places there are; MAY_BE_EMPTY = True allows
no rows. `checks()` and `prepare(df)` of a suite whose table has rows of several studies also take `study` and, if they
need it, `data_kind`; the suite is then run for each study that makes the table. If no study makes it, `judges(study)`
may say for which it is run.
Belongs here: finding suites, and running them uniformly. Does not belong here: reading tables, and any check.
"""

import importlib
import inspect
import pkgutil
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import expectations
from catalog.studies import Study
from catalog.tables import load_tables
from expectations import Frame
from expectations.suite import Check, Judged, judged


class SuiteError(RuntimeError):
    """A module of this folder looks like a suite but is not one; the message names it and says why."""


@dataclass(frozen=True)
class TableSuite:
    """The suite of one table: its module, whose functions get only the arguments they take."""

    table: str
    module: ModuleType

    @property
    def of_study(self) -> bool:
        """Whether each study's rows are judged separately."""
        return "study" in inspect.signature(self.module.checks).parameters

    @property
    def may_be_empty(self) -> bool:
        """Whether the table may have no rows, according to the module."""
        return bool(getattr(self.module, "MAY_BE_EMPTY", False))

    @property
    def asks_places(self) -> bool:
        """Whether it reads the lake table `place` beside its own."""
        prepare = getattr(self.module, "prepare", None)
        return prepare is not None and "places" in inspect.signature(prepare).parameters

    def judges(self, study: Study) -> bool:
        """Whether it is run for the study: unless the module says otherwise, or has no check for such a study."""
        wanted = bool(self.module.judges(study)) if hasattr(self.module, "judges") else True
        return wanted and bool(self.checks(study))

    def checks(self, study: Study | None = None) -> tuple[Check, ...]:
        """All checks; of a suite of studies, those for one of them."""
        return tuple(self.module.checks(**_wanted(self.module.checks, study=study)))

    def run(
        self, df: Frame, study: Study | None = None, data_kind: str | None = None, places: Frame | None = None
    ) -> Frame:
        """The outcome of every check; see `judge`."""
        return self.judge(df, study, data_kind, places).outcomes

    def judge(
        self, df: Frame, study: Study | None = None, data_kind: str | None = None, places: Frame | None = None
    ) -> Judged:
        """Prepare the table and run every check; see `judged` of suite.py."""
        prepare = getattr(self.module, "prepare", None)
        if prepare is not None:
            df = prepare(df, **_wanted(prepare, study=study, data_kind=data_kind, places=places))
        return judged(self.checks(study), df, may_be_empty=self.may_be_empty)


def suite_for(table: str) -> TableSuite | None:
    """The suite that judges a table, or None. Raises SuiteError for a module that is not sound."""
    return _found().get(table)


def _found() -> dict[str, TableSuite]:
    suites: dict[str, TableSuite] = {}
    for name in sorted(module.name for module in pkgutil.iter_modules(expectations.__path__)):
        module = importlib.import_module(f"expectations.{name}")
        if not hasattr(module, "checks"):
            if hasattr(module, "run"):
                raise SuiteError(f"expectations/{name}.py has a function `run` but no function `checks`")
            continue
        table = getattr(module, "TABLE", None)
        if table not in load_tables():
            raise SuiteError(f"expectations/{name}.py judges {table!r}, which is not a table of catalog/tables.yaml")
        if table in suites:
            raise SuiteError(f"{table} is judged by two modules: {suites[table].module.__name__}, expectations.{name}")
        suites[table] = TableSuite(table, module)
    return suites


def _wanted(function: Any, **known: Any) -> dict[str, Any]:
    """Those of the known values that the function takes as arguments."""
    return {name: value for name, value in known.items() if name in inspect.signature(function).parameters}
