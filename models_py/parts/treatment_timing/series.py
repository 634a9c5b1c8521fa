"""Series of an event study: who is drawn beside whom, what all of them share and what each is called.

Belongs here: rows into series, and words about them. Does not belong here: drawing (figure_event_study.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

from catalog.base import Text
from catalog.identity import ALL, COLUMNS, variant_choices, variant_of
from catalog.labels import label_of
from models_py.figures.style import FigureError

TERM = re.compile(r"event_(-?\d+)")
# What a column says where there is nothing to be said.
_UNSAID = {"sample": ALL, "estimator": "twfe"}


@dataclass(frozen=True)
class Series:
    """`points`: rows with `k`, years since first exposure; `label`: what sets it apart; `method` of its intervals."""

    points: pd.DataFrame
    label: Text
    method: str


def series_of(rows: pd.DataFrame, own_reading: str) -> tuple[list[Series], Text]:
    """The series in the order of the rows, one for each identity and method; table and label of what they share.

    `rows`: rows of `estimate`; those whose term is event_<k> are used. Raises FigureError when there is none.
    """
    found = rows["term"].str.fullmatch(TERM)
    points = rows[found].assign(k=rows.loc[found, "term"].str.extract(TERM, expand=False).astype(int))
    if points.empty:
        raise FigureError("no row of an event study: terms are event_<years since first exposure>")
    groups = [part for _, part in points.groupby([*COLUMNS, "method"], sort=False)]
    columns = [{name: str(part[name].iloc[0]) for name in COLUMNS} for part in groups]
    shared, own = _apart(columns)
    label = label_of(shared, own_reading=own_reading)
    tables = "、".join(dict.fromkeys(column["table_no"] for column in columns))
    made = [
        Series(part, label_of(words, own_reading=own_reading), str(part["method"].iloc[0]))
        for part, words in zip(groups, own, strict=True)
    ]
    return made, Text(zh=f"{tables} {label.zh}".strip(), en=f"{tables} {label.en}".strip())


def _apart(columns: list[dict[str, str]]) -> tuple[dict[str, str], list[dict[str, str]]]:
    """Columns with what all series share, and for each series its model with what they do not."""
    choices = [variant_choices(column["variant"]) for column in columns]
    common = {key: value for key, value in choices[0].items() if all(each.get(key) == value for each in choices)}
    nothing = {name: _UNSAID.get(name, "") for name in COLUMNS}
    same = {name: value for name, value in columns[0].items() if len({column[name] for column in columns}) == 1}
    shared = {**nothing, **same, "variant": variant_of(common)}
    own = []
    for column, chosen in zip(columns, choices, strict=True):
        rest = {key: value for key, value in chosen.items() if key not in common}
        apart = {name: nothing[name] if name in same else value for name, value in column.items()}
        own.append({**apart, "model": column["model"], "variant": variant_of(rest)})
    return shared, own
