"""Regression tables in the field's layout: a column per model, coefficients with stars over standard errors.

Belongs here: which rows and columns they have. Does not belong here: what stands under the coefficients
(regression_rows.py) and how tables are written (formats.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from catalog import Study
from catalog.base import Text
from catalog.labels import load_labels, variable_label
from medpanel.report.columns import Column, columns_of
from models_py.figures.names import stem_of
from medpanel.report.regression_rows import choice_rows, statistic_rows, table_notes
from models_py.figures.table import (
    ReportTable,
    Row,
    chinese_number,
    fixed,
    number,
    stacked,
    stars,
)

METHOD = "cr1"
EVENT = re.compile(r"event_(-?\d+)")
# A fit this close to perfect leaves residuals that are rounding: an identity, not a finding.
_IDENTITY = 1 - 1e-9


def regression_tables(
    estimate: pd.DataFrame, model_fit: pd.DataFrame, study: Study, table_no: str, synthetic: bool
) -> list[ReportTable]:
    """A table's columns under the study's own reading; all readings side by side; further versions of the headline.

    The second and third only where there are any. Rows of `estimate` (method cr1) and `model_fit` of one study.
    """
    columns = columns_of(model_fit, study, table_no)
    own = [c for c in columns if c.reading is None and not c.variant]
    tables = [_table(estimate, model_fit, study, table_no, own, "", synthetic)] if own else []
    other = [c for c in columns if c.reading is not None]
    if other:
        named = {c.name for c in other}
        beside = [c for c in own if c.name in named] + other
        tables.append(_table(estimate, model_fit, study, table_no, beside, "readings", synthetic))
    variants = [c for c in columns if c.variant]
    if variants:
        of = {c.name for c in variants}
        beside = [c for c in own if c.name in of] + variants
        tables.append(_table(estimate, model_fit, study, table_no, beside, "versions", synthetic))
    return tables


def term_label(study: Study, term: str) -> Text:
    """A regressor's name; years since first exposure for event_<k>."""
    event = EVENT.fullmatch(term)
    if event is None:
        return variable_label(study, term)
    k = event[1].replace("-", "−")
    return Text(zh=f"首次暴露后{k}年", en=f"{k} years since first exposure")


_SUBTITLE = {
    "": Text(zh="双向固定效应回归", en="two-way fixed-effects regressions"),
    "readings": Text(zh="双向固定效应回归，各口径并列", en="two-way fixed-effects regressions, readings side by side"),
    "versions": Text(zh="双向固定效应回归，其他版本", en="two-way fixed-effects regressions, further versions"),
}


def _table(
    estimate: pd.DataFrame,
    model_fit: pd.DataFrame,
    study: Study,
    table_no: str,
    columns: Sequence[Column],
    part: str,
    synthetic: bool,
) -> ReportTable:
    rows = estimate[(estimate["table_no"] == table_no) & (estimate["method"] == METHOD)]
    rows = rows[rows["effect"] == "coef"].set_index(["model", "term"])
    fits = model_fit[model_fit["table_no"] == table_no].set_index("model")
    models = [c.model for c in columns]
    terms = list(dict.fromkeys(t for m in models if m in rows.index for t in rows.loc[m].index))
    terms.sort(key=lambda t: t != study.headline.term)
    identity = {m: bool(fits["r2_within"].astype("float64")[m] > _IDENTITY) for m in models}
    body = [
        Row(stacked(term_label(study, term)), tuple(_coefficient(rows, m, term, identity[m]) for m in models))
        for term in terms
    ]
    body += choice_rows(rows, columns, study, fits)
    body += statistic_rows(rows, columns, fits)
    outcome = [_outcome(study, c, fits) for c in columns]
    header = [tuple(map(stacked, outcome)), tuple(_shown(c, part) for c in columns)]
    if part == "readings" and study.index is not None:
        labels = load_labels().readings
        own = study.index.utilisation
        header.insert(0, tuple(stacked(labels[c.reading or own]) for c in columns))
    subtitle = _SUBTITLE[part]
    number_en = f"{table_no}. " if table_no.startswith("Table ") else f"{table_no}: "
    return ReportTable(
        stem=stem_of(table_no, part),
        title=Text(
            zh=f"{chinese_number(table_no)}  {study.title.zh}：{subtitle.zh}",
            en=f"{number_en}{study.title.en}: {subtitle.en}",
        ),
        header=tuple(header),
        rows=tuple(body),
        notes=table_notes(rows, columns, study, fits, identity),
        synthetic=synthetic,
    )


def _shown(column: Column, part: str) -> str:
    return column.model if part == "versions" else column.name


def _outcome(study: Study, column: Column, fits: pd.DataFrame) -> Text:
    formula = str(fits.at[column.model, "formula"])
    return variable_label(study, formula.split("~")[0].strip())


def _coefficient(rows: pd.DataFrame, model: str, term: str, identity: bool) -> str:
    if (model, term) not in rows.index:
        return ""
    row = rows[["estimate", "std_error", "p_value"]].astype("float64").loc[[(model, term)]]
    value, error, p_value = row.to_numpy()[0].tolist()
    if identity:
        return f"{fixed(value)}\n({fixed(error)})"
    return f"{number(value)}{stars(p_value)}\n({number(error)})"
