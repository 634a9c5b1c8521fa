"""Regressions as a part: every model under every reading, the headline's further versions, summary statistics.

Belongs here: what the part takes, makes and shows. Does not belong here: layout (table.py, summary.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from catalog import Study
from catalog.base import Text
from catalog.labels import method_label, variable_label
from catalog.parts.regressions import Options
from models_py.figures.names import chinese_number, stem_of
from models_py.parts.frame import VARIABLES, Part, Seen, Show, Tables, Work, joined
from models_py.parts.regressions.identities import columns_of, own_identity, rows_of

if TYPE_CHECKING:
    import pandas as pd

    from models_py.figures.table import ReportTable
    from models_py.parts.regressions.study_models import StudyModel

# The interval to rely on with few clusters (docs/en/querying.md).
FEW = "wild_cluster"


def summary_titles(study: Study, options: Options) -> list[tuple[str, Text]]:
    """The table of summary statistics under its number."""
    return [(stem_of(options.summary_table), numbered(options.summary_table))]


def summaries(seen: Seen, options: Options) -> Iterator[ReportTable]:
    """Summary statistics."""
    from models_py.parts.regressions.summary import summary_table

    rows = seen.rows("summary_statistic")
    if len(rows):
        yield summary_table(rows, seen.study, seen.panel, options.summary_table, seen.synthetic)


def table_titles(study: Study, options: Options) -> list[tuple[str, Text]]:
    """Every table the models are declared under."""
    return [(stem_of(number), numbered(number)) for number in _numbers(options)]


def tables(seen: Seen, options: Options) -> Iterator[ReportTable]:
    """Every regression table: the study's own reading, all readings, further versions."""
    from models_py.parts.regressions.table import regression_tables

    estimate, fits = seen.rows("estimate"), seen.rows("model_fit")
    for number in _numbers(options):
        if len(fits) and (fits["table_no"] == number).any():
            yield from regression_tables(estimate, fits, seen.study, seen.panel, number, seen.synthetic)


def evidence(seen: Seen, options: Options) -> list[ReportTable]:
    """Tests and diagnostics of all parts, one table for each table number."""
    from models_py.parts.regressions.table import evidence_tables

    return evidence_tables(seen.rows("spec_test"), seen.study, seen.synthetic)


def says(seen: Seen, options: Options) -> Iterator[Text]:
    """The headline with its unit and interval; nothing where it was not estimated."""
    from models_py.figures.table import fixed, p_equals

    line, study, fits = options.headline, seen.study, seen.rows("model_fit")
    made = columns_of(fits, seen.rows("estimate"), study, line.table_no) if len(fits) else []
    own = [c for c in made if c.spec.model == line.model and c.of_own_reading and not c.further_version]
    for column in own[:1]:
        if line.term not in column.terms.index:
            continue
        row: dict[Any, Any] = dict(column.terms.loc[line.term])
        term = variable_label(study, line.term)
        low, high, n = fixed(row["ci_low"]), fixed(row["ci_high"]), f"{column.fit['n_obs']:,}"
        value, level, p_value = fixed(row["estimate"]), f"{row['ci_level']:.0%}", p_equals(row["p_value"])
        unit = [f" {row[name]}" if isinstance(row[name], str) else "" for name in ("unit_en", "unit_zh")]
        outcome, number = variable_label(study, column.spec.outcome), numbered(line.table_no)
        yield Text(
            en=f"{outcome.en} and {term.en}: {value}{unit[0]}, {level} interval {low} to {high} (p {p_value}, "
            f"n = {n}, {column.fit['n_clusters']} clusters; {number.en}, column {line.model}).",
            zh=f"{outcome.zh}与{term.zh}：{value}{unit[1]}，{level}区间{low}至{high}（p {p_value}，n = {n}，"
            f"{column.fit['n_clusters']}个聚类；{number.zh}，列{line.model}）。",
        )
        yield from _of_few_clusters(rows_of(seen.rows("estimate"), own_identity(study, column.spec)), line.term)


def _of_few_clusters(rows: pd.DataFrame, term: str) -> Iterator[Text]:
    """The interval that few clusters ask for, where the study has it."""
    from models_py.figures.table import fixed, p_equals

    for row in rows[(rows["term"] == term) & (rows["method"] == FEW)].to_dict("records"):
        name, low, high = method_label(FEW), fixed(row["ci_low"]), fixed(row["ci_high"])
        level, p_value = f"{row['ci_level']:.0%}", p_equals(row["p_value"])
        yield Text(
            en=f"{name.en}, which few clusters ask for: {level} interval {low} to {high} (p {p_value}).",
            zh=f"{name.zh}（聚类少时适用）：{level}区间{low}至{high}（p {p_value}）。",
        )


def headline(study: Study, tables: Tables, options: Options) -> str:
    """The headline with its unit, interval, p-value, method, observations and clusters."""
    line = options.headline
    columns = columns_of(tables["model_fit"], tables["estimate"], study, line.table_no)
    own = next(c for c in columns if c.spec.model == line.model and c.of_own_reading and not c.further_version)
    row = own.terms.loc[line.term]
    p_value = float(str(row["p_value"]))
    p_text = "p < 0.001" if p_value < 0.001 else f"p = {p_value:.3f}"
    return (
        f"{study.id} {line.table_no} {line.model} {line.term}: {row['estimate']:.3f}{_unit(row)} "
        f"[{row['ci_low']:.3f}, {row['ci_high']:.3f}] 95 %, {p_text}, {method_label(str(row['method'])).en}, "
        f"n = {own.fit['n_obs']}, "
        f"{own.fit['n_clusters']} clusters"
    )


def _unit(row: Any) -> str:
    return f" {row['unit_en']}" if isinstance(row["unit_en"], str) else ""


def numbered(table_no: str) -> Text:
    """A table's number in both languages."""
    return Text(en=table_no, zh=chinese_number(table_no))


def _numbers(options: Options) -> list[str]:
    return list(dict.fromkeys(model.table_no for model in options.models))


def compute(work: Work) -> Tables:
    """Tables estimate, model_fit and summary_statistic."""
    from models_py.parts.regressions.panel_study import fit_study, fit_vintages
    from models_py.parts.regressions.study_models import maker_of
    from models_py.parts.regressions.summary import summary_statistics

    made = maker_of(work)
    results = [fit_study(made), *fit_vintages(made, work.tables.get("figures_alternative"), work.remake).values()]
    return {
        "estimate": joined(result.estimate for result in results),
        "model_fit": joined(result.model_fit for result in results),
        "summary_statistic": summary_statistics(made),
    }


def models(work: Work) -> Sequence[StudyModel]:
    """The regressions a replication bundle contains."""
    from models_py.parts.regressions.study_models import maker_of, study_models

    return study_models(maker_of(work))


PART = Part(
    summary=Text(
        en="Two-way fixed-effects regressions with errors clustered by entity, and summary statistics",
        zh="双向固定效应回归（按地区聚类）与描述性统计",
    ),
    needs=("figures", VARIABLES),
    uses=("figures_alternative", "indicator_score"),
    makes=("estimate", "model_fit", "summary_statistic"),
    whole=("estimate", "model_fit", "summary_statistic"),
    compute=compute,
    shows=(
        Show("summary", "table", Text(en="Summary statistics", zh="描述性统计"), summaries, titles=summary_titles),
        Show("regressions", "table", Text(en="Regressions", zh="回归"), tables, titles=table_titles),
        # Tests of every part, so that they are shown whichever parts a study has.
        Show("design_evidence", "table", Text(en="Design evidence", zh="设计证据"), evidence),
    ),
    models=models,
    headline=headline,
    says=says,
)
