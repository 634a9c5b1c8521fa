"""The study's own figure answering to a printed one, read from its tables of results.

Belongs here: looking it up as counterparts.py declares. Does not belong here: comparing the two (comparison.py).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from catalog import Study
from catalog.studies import index_indicators
from models_py.parts.comparison.counterparts import COUNT_UNIT, Counterparts
from models_py.parts.comparison.printed import Figure, FindingError, in_printed_unit
from models_py.parts.mspi_findings.spread import implied_correlation

Place = tuple[str, str, str]
Rows = Mapping[tuple[str, ...], Sequence[Mapping[str, Any]]]
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
    """Rows of one study by their keys, and how its paper's figures are found in them.

    Every method takes a printed figure's place, and raises FindingError when two rows answer to it.
    """

    study: Study
    names: Counterparts
    estimates: Rows
    fits: Rows
    summaries: Rows
    n_classes: int | None

    def coefficient(self, place: Place, printed: Figure) -> Own:
        """A coefficient with its clustered standard error (cr1); alone where the model is an identity."""
        model = self.names.models[place[:2]]
        row = _one(self.estimates, (*model, self.names.coefficients[place[2]]), place)
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
        row = _one(self.fits, self.names.models[place[:2]], place)
        return Own() if row is None else Own(_number(row[self.names.fit[place[2]]]))

    def flag(self, place: Place, printed: Figure) -> Own:
        """1 when the formula answers yes, else 0."""
        row = _one(self.fits, self.names.models[place[:2]], place)
        pattern = self.names.flags[place[2]]
        return Own() if row is None else Own(float(re.search(pattern, str(row["formula"])) is not None))

    def statistic(self, place: Place, printed: Figure) -> Own:
        """A summary statistic, in the printed unit."""
        table, column, term = place
        variable, name = self.names.variables[term], self.names.statistic_columns[column]
        row = _one(self.summaries, (self.names.statistics[table], variable), place)
        if row is None:
            return Own()
        value = _number(row[name])
        if printed.unit != COUNT_UNIT:
            value = in_printed_unit(value, row["unit"], printed.unit, ", ".join(place))
        return Own(value, signed=(variable, name) in self.names.signed)

    def fact(self, place: Place, printed: Figure) -> Own:
        """A fact of the study as a whole; raises KeyError for a name this does not know."""
        name, index = self.names.facts[place], self.study.index
        if name == "implied_correlation":
            return self._implied_correlation(place)
        if name == "n_provinces":
            headline = self.study.headline
            row = _one(self.fits, (headline.table_no, headline.model), place)
            return Own() if row is None else Own(_number(row["n_clusters"]))
        known: dict[str, float | None] = {
            "n_classes": self.n_classes,
            "first_year": self.study.years[0],
            "last_year": self.study.years[1],
            "n_indicators": None if index is None else len(index_indicators(index)),
        }
        value = known[name]
        return Own() if value is None else Own(float(value))

    def _implied_correlation(self, place: Place) -> Own:
        index = self.study.index
        row = _one(self.summaries, (self.names.statistics[place[0]], "mspi"), place)
        if index is None or row is None or len(index_indicators(index)) < 2:
            return Own(signed=True)
        # Summaries divide by n - 1, the scores have unit variance under the study's own divisor.
        variance = float(row["sd"]) ** 2 * (row["n"] - 1) / (row["n"] - index.ddof)
        return Own(implied_correlation(math.sqrt(variance), len(index_indicators(index))), signed=True)


Read = Callable[[Results, Place, Figure], Own]


def reader(names: Counterparts, table: str, column: str, term: str) -> Read | None:
    """What finds the counterpart of a printed figure; None when nothing is declared for it."""
    if (table, column, term) in names.facts:
        return Results.fact
    if table in names.statistics and column in names.statistic_columns and term in names.variables:
        return Results.statistic
    if (table, column) not in names.models:
        return None
    kinds: tuple[tuple[Any, Read], ...] = (
        (names.coefficients, Results.coefficient),
        (names.fit, Results.fitted),
        (names.flags, Results.flag),
    )
    return next((read for declared, read in kinds if term in declared), None)


def by_key(frame: pd.DataFrame, *key: str) -> Rows:
    """Rows of a frame by the values of the columns `key`."""
    found: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in frame.to_dict("records"):
        found.setdefault(tuple(str(row[name]) for name in key), []).append({str(k): v for k, v in row.items()})
    return found


def _one(rows: Rows, key: tuple[str, ...], place: Place) -> Mapping[str, Any] | None:
    found = rows.get(key, [])
    if len(found) > 1:
        raise FindingError(f"{', '.join(place)}: two of the study's rows answer to it, {', '.join(key)}")
    return found[0] if found else None


def _number(value: Any) -> float:
    return math.nan if pd.isna(value) else float(value)
