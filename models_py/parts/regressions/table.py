"""Regression tables in the field's layout: a column per model, coefficients with stars over standard errors.

Belongs here: which fits stand side by side, and the coefficients. Does not belong here: what stands under them
(table_rows.py).
"""

from collections.abc import Sequence

import pandas as pd

from catalog import Study
from catalog.base import Text
from catalog.labels import label_of, load_labels, variable_label
from catalog.parts import regressions
from models_py.figures.names import chinese_number, stem_of
from models_py.figures.table import ReportTable, Row, fixed, number, stacked, stars
from models_py.panel import Panel
from models_py.parts.regressions.identities import Column, columns_of
from models_py.parts.regressions.table_rows import choice_rows, is_identity, statistic_rows, table_notes

_SUBTITLE = {
    "": Text(zh="双向固定效应回归", en="two-way fixed-effects regressions"),
    "readings": Text(zh="双向固定效应回归，各口径并列", en="two-way fixed-effects regressions, readings side by side"),
    "versions": Text(zh="双向固定效应回归，其他版本", en="two-way fixed-effects regressions, further versions"),
}


def regression_tables(
    estimate: pd.DataFrame, model_fit: pd.DataFrame, study: Study, panel: Panel, table_no: str, synthetic: bool
) -> list[ReportTable]:
    """A table's columns under the study's own reading; all readings side by side; further versions of the headline.

    The second and third only where there are any. Rows of `estimate` and `model_fit` of one study.
    """
    columns = columns_of(model_fit, estimate, study, table_no)
    plain = [column for column in columns if not column.further_version]
    own = [column for column in plain if column.of_own_reading]
    kinds: list[tuple[str, list[Column]]] = [("", own)] if own else []
    for kind, others in (
        ("readings", [column for column in plain if not column.of_own_reading]),
        ("versions", [column for column in columns if column.further_version]),
    ):
        if others:
            named = {column.spec.model for column in others}
            kinds.append((kind, [column for column in own if column.spec.model in named] + others))
    return [_table(kept, study, panel, table_no, kind, synthetic) for kind, kept in kinds]


def _table(
    columns: Sequence[Column], study: Study, panel: Panel, table_no: str, kind: str, synthetic: bool
) -> ReportTable:
    headline = study.options(regressions.Options).headline.term
    terms = list(dict.fromkeys(term for column in columns for term in column.terms.index))
    terms.sort(key=lambda term: term != headline)
    body = [
        Row(stacked(variable_label(study, term)), tuple(_coefficient(column, term) for column in columns))
        for term in terms
    ]
    body += choice_rows(columns, study, panel)
    body += statistic_rows(columns, panel)
    header = [
        tuple(stacked(variable_label(study, c.spec.outcome)) for c in columns),
        tuple(_shown(c, kind) for c in columns),
    ]
    if kind == "readings":
        labels = load_labels().readings
        header.insert(0, tuple(stacked(labels[column.reading]) for column in columns))
    subtitle = _SUBTITLE[kind]
    number_en = f"{table_no}. " if table_no.startswith("Table ") else f"{table_no}: "
    return ReportTable(
        stem=stem_of(table_no, kind),
        title=Text(
            zh=f"{chinese_number(table_no)}  {study.title.zh}：{subtitle.zh}",
            en=f"{number_en}{study.title.en}: {subtitle.en}",
        ),
        header=tuple(header),
        rows=tuple(body),
        notes=table_notes(columns, study, panel),
        synthetic=synthetic,
    )


def _shown(column: Column, kind: str) -> str:
    if kind != "versions":
        return column.spec.model
    return stacked(label_of(dict(column.fit), own_reading=column.own_reading))


def _coefficient(column: Column, term: str) -> str:
    if term not in column.terms.index:
        return ""
    row = column.terms.loc[term]
    value, error, p_value = (float(str(row[name])) for name in ("estimate", "std_error", "p_value"))
    if is_identity(column):
        return f"{fixed(value)}\n({fixed(error)})"
    return f"{number(value)}{stars(p_value)}\n({number(error)})"
