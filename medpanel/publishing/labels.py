"""The rows of the table `label`: what indicators, units and results are called, in both languages.

Belongs here: which ids of a publication get a label. Does not belong here: the words (catalog/labels.py, the parts).
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pandas as pd

from catalog import Study, load_registry
from catalog.base import Text
from catalog.labels import effect_label, identity_label, load_labels, method_label, variable_label
from models_py.parts.registry import parts_of

COLUMNS = ("kind", "of_study", "of_table", "id", "label_en", "label_zh")
# What is asked of `estimate`: where a term's or an effect's name may depend on.
USED = ("study", "table_no", "estimator", "sample", "term", "effect")
IDENTITY = ("reading", "sample", "estimator", "weights", "variant")
Row = tuple[str, str, str, str, Text]


def labels(estimates: pd.DataFrame, studies: Iterable[Study]) -> pd.DataFrame:
    """Rows of label, sorted by key. `estimates`: the columns of estimate that say what a row is about."""
    known = {study.id: study for study in studies}
    rows = [*_of_registry(), *_of_columns(estimates)]
    rows += [("study", "", "", study.id, study.title) for study in known.values()]
    for row in estimates[list(USED)].drop_duplicates().to_dict("records"):
        rows += _of_row({str(name): value for name, value in row.items()}, known)
    found = pd.DataFrame([(*key, text.en, text.zh) for *key, text in rows], columns=list(COLUMNS))
    key = list(COLUMNS[:4])
    return found.drop_duplicates(key).sort_values(key, ignore_index=True)


def _of_registry() -> Iterator[Row]:
    registry = load_registry()
    for indicator in registry.indicators.values():
        yield "indicator", "", "", indicator.id, indicator.label
    for symbol, unit in registry.units.items():
        yield "unit", "", "", symbol, Text(en=unit.en, zh=symbol)


def _of_columns(estimates: pd.DataFrame) -> Iterator[Row]:
    for method in estimates["method"].unique():
        yield "method", "", "", str(method), method_label(str(method))
    for column in IDENTITY:
        for value in estimates[column].unique():
            if value:
                yield column, "", "", str(value), identity_label(column, str(value))


def _of_row(row: Mapping[str, Any], known: Mapping[str, Study]) -> Iterator[Row]:
    """The names of a row's term and effect, which depend on the part that made it."""
    study, table, term, effect = (str(row[name]) for name in ("study", "table_no", "term", "effect"))
    if study not in known:
        return
    part, label = _label_of_term(known[study], row)
    yield "term", study, table, term, label
    of_part = load_labels().effects.get(part, {})
    yield "effect", study, table, effect, effect_label(part if effect in of_part else "regressions", effect)


def _label_of_term(study: Study, row: Mapping[str, Any]) -> tuple[str, Text]:
    """The part a row of `estimate` is of and what it calls the row's term; rows no part claims are of regressions."""
    for one in parts_of(study):
        label = one.part.term_label and one.part.term_label(study, one.options, row)
        if label:
            return one.id, label
    return "regressions", variable_label(study, str(row["term"]))
