"""The study's own figure answering to a printed one, read from its tables of results.

Belongs here: looking it up as catalog/papers declares. Does not belong here: comparing the two (comparison.py), and
facts that one paper alone prints (facts.py of the part its file names).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import pandas as pd

from catalog import Study
from catalog.papers import Paper, Place
from catalog.parts import regressions
from models_py.panel import Panel
from models_py.parts.comparison.printed import ComparisonError, Figure, in_printed_unit

Row = Mapping[str, Any]
Rows = Mapping[tuple[str, ...], Sequence[Row]]
# Coefficients of an exact identity are zero, or not, up to rounding.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Own:
    """The study's figure; NaN where there is none. `signed`: it could have either sign."""

    value: float = math.nan
    std_error: float = math.nan
    p_value: float = math.nan
    interval: tuple[float, float] | None = None
    signed: bool = False


@dataclass(frozen=True)
class Results:
    """Own rows of one study by their keys, and how its paper's figures are found in them.

    `exposure`: rows of smart_exposure, for facts about it. Every method takes a printed figure's place, and raises
    ComparisonError when two rows answer to it.
    """

    study: Study
    panel: Panel
    paper: Paper
    estimates: Rows
    fits: Rows
    summaries: Rows
    exposure: pd.DataFrame | None = None

    def coefficient(self, place: Place, printed: Figure) -> Own:
        """A coefficient with its clustered standard error (cr1); alone where the model is an identity."""
        model = self.paper.models[place[0]][place[1]]
        row = _one(self.estimates, (*model, self.paper.coefficients[place[2]]), place)
        fit = _one(self.fits, model, place)
        if row is None:
            return Own(signed=True)
        value = float(row["estimate"])
        if fit is not None and pd.isna(fit["log_likelihood"]):
            return Own(0.0 if abs(value) < _ROUNDING else value, signed=True)
        interval = (float(row["ci_low"]), float(row["ci_high"])) if math.isclose(row["ci_level"], 0.95) else None
        return Own(value, float(row["std_error"]), float(row["p_value"]), interval, signed=True)

    def fitted(self, place: Place, printed: Figure) -> Own:
        """A figure of the fit."""
        row = self.fit(place)
        return Own() if row is None else Own(_number(row[self.paper.fit[place[2]]]))

    def flag(self, place: Place, printed: Figure) -> Own:
        """1 when the formula answers yes, else 0."""
        row, pattern = self.fit(place), self.paper.flags[place[2]]
        return Own() if row is None else Own(float(re.search(pattern, str(row["formula"])) is not None))

    def statistic(self, place: Place, printed: Figure) -> Own:
        """A summary statistic, in the printed unit."""
        variable, name = self.paper.variables[place[2]], self.paper.statistic_columns[place[1]]
        row = self.summary(place, variable)
        if row is None:
            return Own()
        value = _number(row[name])
        if printed.unit is not None and printed.unit != self.paper.count_unit:
            value = in_printed_unit(value, row["unit"], printed.unit, self.paper.units, ", ".join(place))
        return Own(value, signed=name in self.paper.signed.get(variable, ()))

    def fact(self, place: Place, printed: Figure) -> Own:
        """A fact of the study as a whole. Raises ComparisonError for one that nothing knows."""
        declared = self.paper.fact(*place)
        assert declared is not None
        name = declared.fact
        known = known_facts(self.paper)
        if name not in known:
            raise ComparisonError(f"{', '.join(place)}: unknown fact {name!r}; known: {', '.join(known)}")
        return known[name](self, place)

    def fit(self, place: Place) -> Row | None:
        """The row of model_fit behind a printed column."""
        return _one(self.fits, self.paper.models[place[0]][place[1]], place)

    def summary(self, place: Place, variable: str) -> Row | None:
        """The row of summary_statistic of a variable in a printed table."""
        return _one(self.summaries, (self.paper.statistics[place[0]], variable), place)


Read = Callable[[Results, Place, Figure], Own]
Fact = Callable[[Results, Place], Own]


def _n_entities(results: Results, place: Place) -> Own:
    """Entities the headline rests on."""
    headline = results.study.options(regressions.Options).headline
    row = _one(results.fits, (headline.table_no, headline.model), place)
    return Own() if row is None else Own(_number(row["n_clusters"]))


_COMMON: Mapping[str, Fact] = {
    "n_entities": _n_entities,
    "first_year": lambda results, place: Own(float(results.panel.years[0])),
    "last_year": lambda results, place: Own(float(results.panel.years[1])),
}


def known_facts(paper: Paper) -> Mapping[str, Fact]:
    """The facts a paper's figures may be held against: those of every study, and those its own part knows.

    The part is imported where a fact is asked for, so that nothing here rests on the code of one paper.
    """
    if paper.facts_from is None:
        return _COMMON
    return {**_COMMON, **import_module(f"models_py.parts.{paper.facts_from}.facts").FACTS}


def reader(paper: Paper, place: Place) -> Read | None:
    """What finds the counterpart of a printed figure; None when nothing is declared for it."""
    table, column, term = place
    if paper.fact(*place) is not None:
        return Results.fact
    if table in paper.statistics and column in paper.statistic_columns and term in paper.variables:
        return Results.statistic
    if paper.model(table, column) is None:
        return None
    kinds: tuple[tuple[Mapping[str, str], Read], ...] = (
        (paper.coefficients, Results.coefficient),
        (paper.fit, Results.fitted),
        (paper.flags, Results.flag),
    )
    return next((read for declared, read in kinds if term in declared), None)


def by_key(frame: pd.DataFrame, *key: str) -> Rows:
    """Rows of a frame by the values of the columns `key`."""
    found: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in frame.to_dict("records"):
        found.setdefault(tuple(str(row[name]) for name in key), []).append({str(k): v for k, v in row.items()})
    return found


def _one(rows: Rows, key: tuple[str, ...], place: Place) -> Row | None:
    found = rows.get(key, [])
    if len(found) > 1:
        raise ComparisonError(f"{', '.join(place)}: two of the study's rows answer to it, {', '.join(key)}")
    return found[0] if found else None


def _number(value: Any) -> float:
    return math.nan if pd.isna(value) else float(value)
