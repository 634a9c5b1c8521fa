"""Printed figures beside the study's own: the rows of `published_comparison`, for any paper.

Belongs here: finding the counterpart of a printed figure, and comparing the two.
Does not belong here: the names themselves (catalog/papers) and what is odd in the printed figures (the findings).
"""

from __future__ import annotations

import math

import pandas as pd

from catalog import Study, load_tables
from catalog.papers import Paper, paper_named
from models_py.panel import Panel
from models_py.parts.comparison.own_figures import Own, Results, by_key, reader
from models_py.parts.comparison.printed import ComparisonError, Figure, figure, paper_rows
from models_py.parts.regressions.identities import own_rows
from models_py.parts.rows import as_table

TABLE = "published_comparison"
DATA_KINDS = ("real", "synthetic")


def published_comparison(
    published: pd.DataFrame,
    estimate: pd.DataFrame,
    model_fit: pd.DataFrame,
    summary_statistic: pd.DataFrame,
    study: Study,
    panel: Panel,
    data_kind: str,
    *,
    exposure: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Every printed figure of `study.paper` beside the study's own, as in table `published_comparison`.

    Inputs are rows of the tables of the same names; of `estimate` and `model_fit` the study's own are used
    (`own_rows`), of `estimate` those with effect coef and method cr1. `exposure`: rows of smart_exposure (entity_code,
    year, exposure). A printed figure without a counterpart, because the study leaves the model out, has `estimated`
    NULL.

    `same_sign`: of coefficients, correlations and the index, NULL where either is zero. `same_significance`: both or
    neither significant at the paper's weakest star level, NULL where no star is known. `within_95` and `matches`
    (within half a unit of the last printed decimal; domain section 1, ground rules) are NULL on synthetic data. Where
    the model is an exact identity its standard errors are rounding: they, significance and interval are NULL.

    Rows by key. Raises CatalogError for a paper whose counterparts are not declared; ComparisonError for one without
    rows, a printed row that no counterpart names, units without a declared conversion, a figure that stands twice and
    an unknown `data_kind`.
    """
    if data_kind not in DATA_KINDS:
        raise ComparisonError(f"data_kind must be real or synthetic, found {data_kind!r}")
    if study.paper is None:
        raise ComparisonError(f"{study.id} names no paper to compare with")
    paper = paper_named(study.paper)
    coefficients = own_rows(estimate, study)
    coefficients = coefficients[(coefficients["effect"] == "coef") & (coefficients["method"] == "cr1")]
    results = Results(
        study,
        panel,
        paper,
        by_key(coefficients, "table_no", "model", "term"),
        by_key(own_rows(model_fit, study), "table_no", "model"),
        by_key(summary_statistic[summary_statistic["study"] == study.id], "table_no", "variable"),
        exposure,
    )
    found = _beside(paper_rows(published, study.paper), results, paper, data_kind)
    return as_table(found, TABLE).sort_values(list(load_tables()[TABLE].key), kind="stable", ignore_index=True)


def _beside(rows: pd.DataFrame, results: Results, paper: Paper, data_kind: str) -> list[dict[str, object]]:
    """Each printed figure with its counterpart, in the order printed."""
    places = list(rows[["table_no", "column_no", "term"]].itertuples(index=False, name=None))
    readers = [reader(paper, place) for place in places]
    unknown = [", ".join(place) for place, read in zip(places, readers, strict=True) if read is None]
    if unknown:
        raise ComparisonError(f"{paper.paper}: no counterpart is declared for {'; '.join(unknown)}")
    found: list[dict[str, object]] = []
    for (_, row), place, read in zip(rows.iterrows(), places, readers, strict=True):
        assert read is not None
        printed = figure(row)
        own = read(results, place, printed)
        found.append(
            {
                "paper": paper.paper,
                **dict(zip(("table_no", "column_no", "term"), place, strict=True)),
                "study": results.study.id,
                "published": printed.value,
                "estimated": own.value,
                "std_error": own.std_error,
                **_compared(printed, own, paper.level, data_kind),
            }
        )
    return found


def _compared(printed: Figure, own: Own, level: float, data_kind: str) -> dict[str, bool | None]:
    absent = math.isnan(own.value)
    sign = significance = within = matches = None
    if own.signed and not absent and printed.value != 0 and own.value != 0:
        sign = (printed.value > 0) == (own.value > 0)
    if printed.starred is not None and not math.isnan(own.p_value):
        significance = printed.starred == (own.p_value < level)
    if data_kind == "real" and not absent:
        if own.interval is not None:
            within = own.interval[0] <= printed.value <= own.interval[1]
        # The last bits of a decimal fraction must not decide a tie.
        matches = abs(own.value - printed.value) <= printed.half_unit * (1 + 1e-9)
    return {"same_sign": sign, "same_significance": significance, "within_95": within, "matches": matches}
