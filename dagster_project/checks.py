"""Expectation suites as Dagster asset checks, one a rule, blocking if critical. The suites are in expectations/."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg

from catalog import Study, load_tables
from catalog.base import Text
from dagster_project import offending
from dagster_project.assets.studies import (
    READING,
    in_window,
    put,
    read_results,
    read_table,
    results_sha256,
    rows_sha256,
    window_of,
)
from dagster_project.links import Site
from dagster_project.metadata import FAILED, SEVERITY
from dagster_project.offending import FAULTS, put_rows, shown_rows, write_rows
from dagster_project.telling import tell
from dagster_project.writing import filled, tell_done, writing
from expectations import confirmed
from expectations.finder import TableSuite, suite_for
from expectations.suite import EMPTY, NOTHING, Check
from medpanel.reuse import code_of, files_sha256, fingerprint
from medpanel.runs.workspace import Workspace
from models_py.parts.registry import results_of, what_parts_give

if TYPE_CHECKING:
    import pandas as pd

OUTCOMES = "outcomes.parquet"
# The lake table the readers' and the crosswalk's places are in.
_PLACES = "place.parquet"
CORRECTION = "correction"
SHOWN_CHECKS = 2
DESCRIPTIONS = ("description", "description_zh")


@dataclass(frozen=True)
class Suite:
    """The checks of one table, or of a study's rows of it, and the functions that read and hash these; `read` is given
    the study with its years known.

    `assets` hold the rows; the checks are shown on the first. `study`: as the checks see it, None for whole tables.
    """

    name: str
    assets: tuple[dg.AssetKey, ...]
    suite: TableSuite
    study: Study | None
    read: "Callable[[Workspace, Study | None], pd.DataFrame]"
    rows: Callable[[Workspace], str]

    @property
    def checks(self) -> Sequence[Check]:
        """All checks."""
        return self.suite.checks(self.study)

    def judged(self, workspace: Workspace) -> Study | None:
        """The study as the checks see it, with its years known."""
        return self.study and in_window(workspace, self.study)

    def key(self, workspace: Workspace) -> str:
        """Fingerprint of everything the outcomes depend on."""
        study = self.judged(workspace)
        return fingerprint(
            suite=self.name,
            study=None if study is None else study.content,
            rows=self.rows(workspace),
            places=files_sha256([workspace.lake / _PLACES]) if self.suite.asks_places else None,
            data_kind=workspace.sources()[0].data_kind,
            code=code_of(
                READING, self.suite.module.__name__, "expectations.finder", confirmed.__name__, offending.__name__
            ),
        )


def suites_of(studies: Sequence[Study]) -> list[Suite]:
    """Every suite of a workspace with these studies: those on whole tables first, then study by study."""
    tables = load_tables().values()
    found = [(table.origin, suite) for table in tables if (suite := suite_for(table.name)) is not None]
    whole = [_table_suite(suite, None) for _, suite in found if not suite.of_study]
    return whole + [
        _table_suite(suite, study) if origin == "dbt" else _result_suite(suite, study)
        for study in studies
        for origin, suite in found
        if suite.of_study and (suite.judges(study) if origin == "dbt" else suite.table in results_of(study))
    ]


def _table_suite(suite: TableSuite, study: Study | None) -> Suite:
    """A table of the warehouse: the study's rows, or all rows if the table is not by study."""
    own = study.id if study is not None and "study" in load_tables()[suite.table].columns else None
    beside = (CORRECTION,) if suite.table in confirmed.PLACES else ()

    def read(workspace: Workspace, study: Study | None) -> "pd.DataFrame":
        rows = within(read_table(workspace, suite.table, own), study if own else None)
        return confirmed.judged(rows, suite.table, read_table(workspace, CORRECTION)) if beside else rows

    return Suite(
        suite.table if study is None else f"{study.id}_{suite.table}",
        (*map(dg.AssetKey, (suite.table, *beside)), *(window_of(study) if study is not None else ())),
        suite,
        study and what_parts_give(study),
        read,
        lambda workspace: " ".join(
            [rows_sha256(workspace, suite.table, own), *(rows_sha256(workspace, name) for name in beside)]
        ),
    )


def within(rows: "pd.DataFrame", study: Study | None) -> "pd.DataFrame":
    """A study's rows of a table of the warehouse, up to its last year; all rows where they are of no study."""
    return rows if study is None else rows[rows["year"] <= study.years[1]].reset_index(drop=True)


def _result_suite(suite: TableSuite, study: Study) -> Suite:
    """A table of the study's results, from all parts that fill it."""
    names = results_of(study)[suite.table]
    return Suite(
        f"{study.id}_{suite.table}",
        (*(dg.AssetKey([study.id, name]) for name in names), *window_of(study)),
        suite,
        what_parts_give(study),
        lambda workspace, _: read_results(workspace, study.id, names),
        lambda workspace: results_sha256(workspace, study.id, names),
    )


def _told(outcomes: "pd.DataFrame") -> tuple[str, str]:
    """The line on a suite: how many checks passed and the first that did not; that a table is empty is said once."""
    if (outcomes["observed"] == NOTHING).all():
        return "empty: nothing to check", "空表，无可检查"
    if (outcomes["observed"] == EMPTY).all():
        return "empty, but must not be", "空表，但不应为空"
    passed, count = int(outcomes["passed"].sum()), len(outcomes)
    failed = [str(name) for name in outcomes.loc[~outcomes["passed"], "check_name"]]
    names = f": {', '.join(failed[:SHOWN_CHECKS])}{' …' if len(failed) > SHOWN_CHECKS else ''}" if failed else ""
    return (
        f"{passed} of {count} checks passed{f', {len(failed)} not{names}' if failed else ''}",
        f"{count}项检查中{passed}项通过{f'，{len(failed)}项未通过{names}' if failed else ''}",
    )


def suite_as_checks(workspace: Workspace, suite: Suite) -> dg.AssetChecksDefinition:
    """One op that runs a suite; outcomes are kept for check_result before any is reported.

    Dagster shows a check for each rule: a page of a thousand checks, one for each indicator, nobody reads, and keeping
    their events took a third of a run.
    """
    rules = _rules(suite.checks)
    specs = [
        dg.AssetCheckSpec(
            rule,
            asset=suite.assets[0],
            additional_deps=suite.assets[1:],
            blocking=any(check.severity == "critical" for check in checks),
            description=_described(checks).text,
        )
        for rule, checks in rules.items()
    ]

    def judge(folder: Path) -> None:
        import pandas as pd  # not when the definitions are loaded

        kind, study = workspace.sources()[0].data_kind, suite.judged(workspace)
        places = pd.read_parquet(workspace.lake / _PLACES) if suite.suite.asks_places else None
        found = suite.suite.judge(suite.read(workspace, study), study, kind, places)
        found.outcomes.to_parquet(folder / OUTCOMES, index=False)
        # Nobody sees the rows of an internal table.
        write_rows({} if load_tables()[suite.suite.table].internal else found.failed, folder / FAULTS, kind)

    @dg.multi_asset_check(name=f"check_{suite.name}", specs=specs)
    def run(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        with writing(context, workspace, [key.to_user_string() for key in suite.assets], [f"checks/{suite.name}"]):
            made = filled(context, workspace, "check", suite.key(workspace), judge)
            outcomes = put(made / OUTCOMES, workspace.results / "checks" / f"{suite.name}.parquet")
            rows = workspace.work / FAULTS / suite.name
            put_rows(made / FAULTS, rows)
        kind, quality = workspace.sources()[0].data_kind, Site.of(workspace).page("quality")
        tell_done(context, workspace, *_told(outcomes))
        for row in outcomes[~outcomes["passed"]].to_dict("records"):
            tell(context.log, f"{row['check_name']}: {row['observed']}", logging.DEBUG)
        told = {row["check_name"]: row for row in outcomes.to_dict("records")}
        for rule, checks in rules.items():
            failed = [check.name for check in checks if not told[check.name]["passed"]]
            beside = {**shown_rows(rows, failed, kind), **quality} if failed else {}
            yield result_of(suite.assets[0], rule, checks, told, beside)

    return run


def _rules(checks: Sequence[Check]) -> dict[str, list[Check]]:
    """The checks of each rule, in order."""
    found: dict[str, list[Check]] = {}
    for check in checks:
        found.setdefault(check.rule or check.name, []).append(check)
    return found


def _described(checks: Sequence[Check]) -> Text:
    """What a rule demands: its only check, or how many there are and the first of them."""
    first, count = checks[0].description, len(checks)
    if count == 1:
        return first
    return Text(en=f"{count} checks of this kind; the first: {first.en}", zh=f"同类检查{count}项，首项：{first.zh}")


def result_of(
    asset: dg.AssetKey,
    rule: str,
    checks: Sequence[Check],
    told: Mapping[str, Mapping[Any, Any]],
    beside: Mapping[str, Any] | None = None,
) -> dg.AssetCheckResult:
    """The outcome of a rule; each check that did not pass is a row of `failed`, critical ones first.

    `beside`: more of what failed, such as the rows.
    """
    failed = [one for check in checks if not (one := told[check.name])["passed"]]
    failed.sort(key=lambda one: one["severity"] != "critical")
    worst = failed[0]["severity"] if failed else checks[0].severity
    rows = [
        dg.TableRecord({name: str(one[name]) for name in ("check_name", "severity", "observed", *DESCRIPTIONS)})
        for one in failed
    ]
    return dg.AssetCheckResult(
        asset_key=asset,
        check_name=rule,
        passed=not failed,
        severity=SEVERITY[worst],
        description=None if failed else f"{len(checks)} passed / {len(checks)}项通过",
        metadata={FAILED: dg.MetadataValue.table(rows), **(beside or {})} if failed else {},
    )
