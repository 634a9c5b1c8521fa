"""Expectation suites as Dagster asset checks, one each, blocking when critical. The suites are expectations/."""

from collections.abc import Callable, Iterator, Sequence

import dagster as dg
import pandas as pd

import expectations.performance_index
import expectations.province_year
from catalog import Study
from dagster_project.assets.studies import read_result, read_table
from expectations.suite import Check, run_checks
from medpanel.workspace import Workspace

_SEVERITY = {"critical": dg.AssetCheckSeverity.ERROR, "warning": dg.AssetCheckSeverity.WARN}


def suite_as_checks(
    workspace: Workspace,
    name: str,
    asset: dg.AssetKey,
    checks: Sequence[Check],
    load: Callable[[], pd.DataFrame],
) -> dg.AssetChecksDefinition:
    """One op that runs a suite on what `load` returns; outcomes are kept for check_result before any is reported."""
    specs = [
        dg.AssetCheckSpec(
            check.name,
            asset=asset,
            blocking=check.severity == "critical",
            description=f"{check.description.en} / {check.description.zh}",
        )
        for check in checks
    ]

    @dg.multi_asset_check(name=f"check_{name}", specs=specs)
    def run(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        outcomes = run_checks(checks, load())
        folder = workspace.results / "checks"
        folder.mkdir(parents=True, exist_ok=True)
        outcomes.to_parquet(folder / f"{name}.parquet", index=False)
        context.log.info(f"{name}: {int(outcomes['passed'].sum())} of {len(outcomes)} checks passed")
        for row in outcomes.to_dict("records"):
            if not row["passed"]:
                context.log.warning(f"{row['check_name']} failed: {row['observed']}")
            yield dg.AssetCheckResult(
                asset_key=asset,
                check_name=row["check_name"],
                passed=bool(row["passed"]),
                severity=_SEVERITY[row["severity"]],
                metadata={"observed": str(row["observed"])},
            )

    return run


def province_year_checks(workspace: Workspace) -> dg.AssetChecksDefinition:
    """The suite of province_year."""
    return suite_as_checks(
        workspace,
        "province_year",
        dg.AssetKey("province_year"),
        expectations.province_year.checks(),
        lambda: expectations.province_year.prepare(read_table(workspace, "province_year")),
    )


def performance_index_checks(workspace: Workspace, study: Study) -> dg.AssetChecksDefinition:
    """The suite of one study's performance_index."""
    return suite_as_checks(
        workspace,
        f"{study.id}_performance_index",
        dg.AssetKey([study.id, "performance_index"]),
        expectations.performance_index.checks(study),
        lambda: expectations.performance_index.prepare(read_result(workspace, study.id, "performance_index"), study),
    )
