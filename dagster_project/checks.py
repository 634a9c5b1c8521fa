"""Expectation suites as Dagster asset checks, one each, blocking when critical. The suites are expectations/."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import dagster as dg

from catalog import Study, load_tables
from dagster_project.assets.studies import read_results, read_table
from dagster_project.writing import writing
from expectations.finder import TableSuite, suite_for
from expectations.suite import Check
from medpanel.runs.workspace import Workspace
from models_py.parts.registry import results_of

if TYPE_CHECKING:
    import pandas as pd

_SEVERITY = {"critical": dg.AssetCheckSeverity.ERROR, "warning": dg.AssetCheckSeverity.WARN}


@dataclass(frozen=True)
class Suite:
    """The checks of one table, or of a study's rows of it, and the function that reads these and runs them.

    `assets` hold the rows; the checks are shown on the first.
    """

    name: str
    assets: tuple[dg.AssetKey, ...]
    checks: Sequence[Check]
    run: "Callable[[Workspace], pd.DataFrame]"


def suites_of(studies: Sequence[Study]) -> list[Suite]:
    """Every suite of a workspace with these studies: those of whole tables first, then study by study."""
    tables = load_tables().values()
    found = [(table.origin, suite) for table in tables if (suite := suite_for(table.name)) is not None]
    whole = [_table_suite(suite) for _, suite in found if not suite.of_study]
    return whole + [
        _warehouse_suite(suite, study) if origin == "dbt" else _result_suite(suite, study)
        for study in studies
        for origin, suite in found
        if suite.of_study and (suite.judges(study) if origin == "dbt" else suite.table in results_of(study))
    ]


def _table_suite(suite: TableSuite) -> Suite:
    return Suite(
        suite.table,
        (dg.AssetKey(suite.table),),
        suite.checks(),
        lambda workspace: suite.run(read_table(workspace, suite.table)),
    )


def _warehouse_suite(suite: TableSuite, study: Study) -> Suite:
    """The study's rows of a table of the warehouse; all rows of one that knows no studies."""
    own = study.id if "study" in load_tables()[suite.table].columns else None
    return Suite(
        f"{study.id}_{suite.table}",
        (dg.AssetKey(suite.table),),
        suite.checks(study),
        lambda workspace: suite.run(read_table(workspace, suite.table, own), study, _kind(workspace)),
    )


def _result_suite(suite: TableSuite, study: Study) -> Suite:
    """A table of the study's results, whichever parts fill it."""
    names = results_of(study)[suite.table]
    return Suite(
        f"{study.id}_{suite.table}",
        tuple(dg.AssetKey([study.id, name]) for name in names),
        suite.checks(study),
        lambda workspace: suite.run(read_results(workspace, study.id, names), study, _kind(workspace)),
    )


def _kind(workspace: Workspace) -> str:
    return workspace.sources()[0].data_kind


def suite_as_checks(workspace: Workspace, suite: Suite) -> dg.AssetChecksDefinition:
    """One op that runs a suite; outcomes are kept for check_result before any is reported."""
    specs = [
        dg.AssetCheckSpec(
            check.name,
            asset=suite.assets[0],
            additional_deps=suite.assets[1:],
            blocking=check.severity == "critical",
            description=f"{check.description.en} / {check.description.zh}",
        )
        for check in suite.checks
    ]

    @dg.multi_asset_check(name=f"check_{suite.name}", specs=specs)
    def run(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        with writing(context, workspace, [key.to_user_string() for key in suite.assets], [f"checks/{suite.name}"]):
            outcomes = suite.run(workspace)
            folder = workspace.results / "checks"
            folder.mkdir(parents=True, exist_ok=True)
            outcomes.to_parquet(folder / f"{suite.name}.parquet", index=False)
        context.log.info(f"{suite.name}: {int(outcomes['passed'].sum())} of {len(outcomes)} checks passed")
        for row in outcomes.to_dict("records"):
            if not row["passed"]:
                context.log.warning(f"{row['check_name']} failed: {row['observed']}")
            yield dg.AssetCheckResult(
                asset_key=suite.assets[0],
                check_name=row["check_name"],
                passed=bool(row["passed"]),
                severity=_SEVERITY[row["severity"]],
                metadata={"observed": str(row["observed"])},
            )

    return run
