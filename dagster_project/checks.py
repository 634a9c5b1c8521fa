"""Expectation suites as Dagster asset checks, one each, blocking when critical. The suites are expectations/."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import dagster as dg

from catalog import Study
from dagster_project.assets.studies import read_result, read_table
from dagster_project.writing import writing
from expectations import (
    city_pair,
    city_year,
    finding,
    observation,
    performance_index,
    province_year,
    published_comparison,
    series_break,
    series_vintage,
    smart_exposure,
    source_file,
    vintage_conflict,
)
from expectations.suite import Check
from medpanel.workspace import Workspace

if TYPE_CHECKING:
    from types import ModuleType

    import pandas as pd

_SEVERITY = {"critical": dg.AssetCheckSeverity.ERROR, "warning": dg.AssetCheckSeverity.WARN}


@dataclass(frozen=True)
class Suite:
    """The checks of one table, and the function that reads the table and runs them."""

    name: str
    asset: dg.AssetKey
    checks: Sequence[Check]
    run: "Callable[[Workspace], pd.DataFrame]"


def suites_of(studies: Sequence[Study]) -> list[Suite]:
    """Every suite of a workspace with these studies, in the order of the layers."""
    suites = [
        Suite(name, dg.AssetKey(name), module.checks(), lambda w, n=name, m=module: m.run(read_table(w, n)))  # type: ignore[misc]
        for name, module in {
            "source_file": source_file,
            "observation": observation,
            "vintage_conflict": vintage_conflict,
            "series_vintage": series_vintage,
            "province_year": province_year,
            "city_year": city_year,
            "city_pair": city_pair,
        }.items()
    ]
    for study in studies:
        suites.append(_break_suite(study))
        if study.exposure is not None:
            suites.append(_exposure_suite(study))
        if study.index is not None:
            suites.append(_index_suite(study))
            suites.append(_result_suite(study, "finding", finding))
        if study.paper is not None:
            suites.append(_result_suite(study, "published_comparison", published_comparison))
    return suites


def _break_suite(study: Study) -> Suite:
    return Suite(
        f"{study.id}_series_break",
        dg.AssetKey("series_break"),
        series_break.checks(study),
        lambda workspace: series_break.run(read_table(workspace, "series_break"), study),
    )


def _exposure_suite(study: Study) -> Suite:
    return Suite(
        f"{study.id}_smart_exposure",
        dg.AssetKey("smart_exposure"),
        smart_exposure.checks(study),
        lambda workspace: smart_exposure.run(read_table(workspace, "smart_exposure", study.id), study),
    )


def _index_suite(study: Study) -> Suite:
    return Suite(
        f"{study.id}_performance_index",
        dg.AssetKey([study.id, "performance_index"]),
        performance_index.checks(study),
        lambda workspace: performance_index.run(read_result(workspace, study.id, "performance_index"), study),
    )


def _result_suite(study: Study, table: str, module: "ModuleType") -> Suite:
    return Suite(
        f"{study.id}_{table}",
        dg.AssetKey([study.id, table]),
        module.checks(study),
        lambda w: module.run(read_result(w, study.id, table), study, w.sources()[0].data_kind),
    )


def suite_as_checks(workspace: Workspace, suite: Suite) -> dg.AssetChecksDefinition:
    """One op that runs a suite; outcomes are kept for check_result before any is reported."""
    specs = [
        dg.AssetCheckSpec(
            check.name,
            asset=suite.asset,
            blocking=check.severity == "critical",
            description=f"{check.description.en} / {check.description.zh}",
        )
        for check in suite.checks
    ]

    @dg.multi_asset_check(name=f"check_{suite.name}", specs=specs)
    def run(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        with writing(context, workspace, [suite.asset.to_user_string()], [f"checks/{suite.name}"]):
            outcomes = suite.run(workspace)
            folder = workspace.results / "checks"
            folder.mkdir(parents=True, exist_ok=True)
            outcomes.to_parquet(folder / f"{suite.name}.parquet", index=False)
        context.log.info(f"{suite.name}: {int(outcomes['passed'].sum())} of {len(outcomes)} checks passed")
        for row in outcomes.to_dict("records"):
            if not row["passed"]:
                context.log.warning(f"{row['check_name']} failed: {row['observed']}")
            yield dg.AssetCheckResult(
                asset_key=suite.asset,
                check_name=row["check_name"],
                passed=bool(row["passed"]),
                severity=_SEVERITY[row["severity"]],
                metadata={"observed": str(row["observed"])},
            )

    return run
