"""Printed figures beside the study's own: the rows of `published_comparison`, for any paper.

Belongs here: finding the counterpart of a printed figure in the tables of results, as catalog/papers declares, and
comparing the two. Does not belong here: facts that one paper alone prints (facts.py of the part its file names) and
what is odd in the printed figures (the findings).
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import pandas as pd

from catalog import Study, load_tables
from catalog.base import refuse
from catalog.papers import Cell, Paper, Place, paper_named
from catalog.parts import comparison, regressions
from models_py.panel import Panel
from models_py.parts.comparison.printed import ComparisonError, Figure, figure, in_printed_unit, paper_rows
from models_py.parts.regressions.identities import own_rows
from models_py.parts.rows import as_table

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
    """A study's own rows by their keys, and how to find its paper's figures in them.

    `tables`: the inputs and tables of results that facts and cells are taken from. Every method takes a printed
    figure's place, and raises ComparisonError if two rows correspond to it.
    """

    study: Study
    panel: Panel
    paper: Paper
    estimates: Rows
    fits: Rows
    summaries: Rows
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    def coefficient(self, place: Place, printed: Figure) -> Own:
        """A coefficient with its clustered standard error (cr1); without one if the model is an identity."""
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
        """1 if the formula's answer is yes, else 0."""
        row, pattern = self.fit(place), self.paper.flags[place[2]]
        return Own() if row is None else Own(float(re.search(pattern, str(row["formula"])) is not None))

    def statistic(self, place: Place, printed: Figure) -> Own:
        """A summary statistic, in the printed unit."""
        variable, name = self.paper.variables[place[2]], self.paper.statistic_columns[place[1]]
        row = self.summary(place, variable)
        if row is None:
            return Own()
        unit = None if printed.unit == self.paper.count_unit else printed.unit
        return Own(
            in_printed_unit(_number(row[name]), row["unit"], unit, self.paper.units, ", ".join(place)),
            signed=name in self.paper.signed.get(variable, ()),
        )

    def fact(self, place: Place, printed: Figure) -> Own:
        """A fact of the study as a whole, or a cell of its tables. Raises ComparisonError for an unknown fact."""
        declared = self.paper.fact(*place)
        assert declared is not None
        if declared.cell is not None:
            return self.cell(declared.cell, place)
        if declared.fact is None:
            return Own()
        known = known_facts(self.paper)
        refuse(
            (
                declared.fact not in known,
                f"{', '.join(place)}: unknown fact {declared.fact!r}; known: {', '.join(known)}",
            ),
            error=ComparisonError,
        )
        return known[declared.fact](self, place)

    def cell(self, declared: Cell, place: Place) -> Own:
        """A cell of a table of results, in the printed unit; with its error and interval if it is an estimate."""
        table = self.tables.get(declared.table)
        rows: Sequence[Mapping[Any, Any]] = [] if table is None else table.to_dict("records")
        found = [row for row in rows if all(str(row[name]) == str(value) for name, value in declared.where.items())]
        row = _one({(declared.table,): found}, (declared.table,), place)
        if row is None:
            return Own(signed=declared.signed)
        value = _number(row[declared.column]) * declared.scale
        if declared.column != "estimate":
            return Own(value, signed=declared.signed)
        error, low, high = (_number(row[name]) * declared.scale for name in ("std_error", "ci_low", "ci_high"))
        interval = None if math.isnan(low) or math.isnan(high) else (low, high)
        return Own(value, error, _number(row["p_value"]), interval, declared.signed)

    def fit(self, place: Place) -> Row | None:
        """The row of model_fit behind a printed column."""
        return _one(self.fits, self.paper.models[place[0]][place[1]], place)

    def summary(self, place: Place, variable: str) -> Row | None:
        """The row of summary_statistic of a variable in a printed table."""
        return _one(self.summaries, (self.paper.statistics[place[0]], variable), place)


Read = Callable[[Results, Place, Figure], Own]
Fact = Callable[[Results, Place], Own]


def _n_entities(results: Results, place: Place) -> Own:
    """Entities the headline rests on; those of the panel in a study without regressions."""
    if results.study.find(regressions.Options) is None:
        return Own(float(len(results.panel.entities)))
    headline = results.study.options(regressions.Options).headline
    row = _one(results.fits, (headline.table_no, headline.model), place)
    return Own() if row is None else Own(_number(row["n_clusters"]))


_COMMON: Mapping[str, Fact] = {
    "n_entities": _n_entities,
    "first_year": lambda results, place: Own(float(results.panel.years[0])),
    "last_year": lambda results, place: Own(float(results.panel.years[1])),
}


def known_facts(paper: Paper) -> Mapping[str, Fact]:
    """The facts a paper's figures may be compared with: those of every study, and those its own part knows.

    The part is imported when a fact is asked for, so that nothing here rests on the code of one paper.
    """
    own = import_module(f"models_py.parts.{paper.facts_from}.facts").FACTS if paper.facts_from else {}
    return {**_COMMON, **own}


def reader(paper: Paper, place: Place) -> Read | None:
    """The function that finds the counterpart of a printed figure; None if nothing is declared for it."""
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


def by_key(frame: pd.DataFrame | None, *key: str) -> Rows:
    """Rows of a frame by the values of the columns `key`; none if there is no frame."""
    if frame is None:
        return {}
    groups = frame.groupby(list(key), sort=False)
    return {tuple(map(str, values)): rows.to_dict("records") for values, rows in groups}  # type: ignore[misc]


def _one(rows: Rows, key: tuple[str, ...], place: Place) -> Row | None:
    found = rows.get(key, [])
    refuse(
        (len(found) > 1, f"{', '.join(place)}: two of the study's rows match it, {', '.join(key)}"),
        error=ComparisonError,
    )
    return found[0] if found else None


def _number(value: Any) -> float:
    return math.nan if pd.isna(value) else float(value)


TABLE = "published_comparison"
PLACE = ("table_no", "column_no", "term")
DATA_KINDS = ("real", "synthetic")


def published_comparison(
    published: pd.DataFrame, tables: Mapping[str, pd.DataFrame], study: Study, panel: Panel, data_kind: str
) -> pd.DataFrame:
    """Every printed figure of `study.paper` beside the study's own, as in table `published_comparison`.

    `published`: rows of published_figure; where the study says which printed tables it rebuilds, of those alone.
    `tables`: rows of estimate, model_fit and summary_statistic, those a study has, and of what facts and cells are
    taken from. Of `estimate` and `model_fit` the study's own rows are used (`own_rows`), of `estimate` those with
    effect coef and method cr1. A printed figure without a counterpart, because the study leaves it out, has `estimated`
    NULL.

    `same_sign`: of coefficients, correlations and the index, NULL where either is zero. `same_significance`: both or
    neither significant at the paper's weakest star level, NULL where no star is known. `within_95` and `matches`
    (within half a unit of the last printed decimal; domain section 1, ground rules) are NULL on synthetic data. Where
    the model is an exact identity its standard errors are rounding: they, significance and interval are NULL.

    Rows by key. Raises CatalogError for a paper whose counterparts are not declared; ComparisonError for one without
    rows, a table the paper does not print, a printed row that no counterpart names, units without a declared
    conversion, a figure that occurs twice and an unknown `data_kind`.
    """
    refuse(
        (data_kind not in DATA_KINDS, f"data_kind must be real or synthetic, found {data_kind!r}"),
        (study.paper is None, f"{study.id} names no paper to compare with"),
        error=ComparisonError,
    )
    paper = paper_named(str(study.paper))
    fitted = {name: own_rows(tables[name], study) for name in ("estimate", "model_fit") if name in tables}
    if "estimate" in fitted:
        coefficients = fitted["estimate"]
        fitted["estimate"] = coefficients[(coefficients["effect"] == "coef") & (coefficients["method"] == "cr1")]
    if "summary_statistic" in tables:
        summary = tables["summary_statistic"]
        fitted["summary_statistic"] = summary[summary["study"] == study.id]
    estimates, fits, summaries = (by_key(fitted.get(name), *key) for name, key in _KEYS.items())
    results = Results(study, panel, paper, estimates, fits, summaries, tables)
    found = _beside(_rebuilt(paper_rows(published, paper.paper), study), results, paper, data_kind)
    return as_table(found, TABLE).sort_values(list(load_tables()[TABLE].key), kind="stable", ignore_index=True)


_KEYS = {
    "estimate": ("table_no", "model", "term"),
    "model_fit": ("table_no", "model"),
    "summary_statistic": ("table_no", "variable"),
}


def _rebuilt(rows: pd.DataFrame, study: Study) -> pd.DataFrame:
    """The printed figures of the tables a study rebuilds. Raises ComparisonError for a table without any."""
    options = study.find(comparison.Options)
    wanted = () if options is None else options.tables
    printed = list(dict.fromkeys(rows["table_no"]))
    absent = [table for table in wanted if table not in printed]
    refuse(
        (absent, f"{study.id}: comparison: tables: {{}} has no printed figure; known: {', '.join(printed)}"),
        error=ComparisonError,
    )
    return rows[rows["table_no"].isin(wanted)] if wanted else rows


def _beside(rows: pd.DataFrame, results: Results, paper: Paper, data_kind: str) -> list[dict[str, object]]:
    """Each printed figure with its counterpart, in the order printed."""
    places = list(rows[list(PLACE)].itertuples(index=False, name=None))
    readers = {place: read for place in places if (read := reader(paper, place)) is not None}
    unknown = "; ".join(", ".join(place) for place in places if place not in readers)
    refuse((unknown, f"{paper.paper}: no counterpart is declared for {unknown}"), error=ComparisonError)
    found: list[dict[str, object]] = []
    for (_, row), place in zip(rows.iterrows(), places, strict=True):
        printed = figure(row)
        own = readers[place](results, place, printed)
        found.append(
            {
                "paper": paper.paper,
                **dict(zip(PLACE, place, strict=True)),
                "study": results.study.id,
                "published": printed.value,
                "estimated": own.value,
                "std_error": own.std_error,
                **_compared(printed, own, paper.level, data_kind),
            }
        )
    return found


def _compared(printed: Figure, own: Own, level: float | None, data_kind: str) -> dict[str, bool | None]:
    present = not math.isnan(own.value)
    signed = own.signed and present and printed.value != 0 and own.value != 0
    starred = level is not None and printed.starred is not None and not math.isnan(own.p_value)
    real, interval = data_kind == "real" and present, own.interval
    return {
        "same_sign": (printed.value > 0) == (own.value > 0) if signed else None,
        "same_significance": printed.starred == (own.p_value < (level or 0.0)) if starred else None,
        "within_95": interval[0] <= printed.value <= interval[1] if real and interval is not None else None,
        # The last bits of a decimal fraction must not decide a tie.
        "matches": abs(own.value - printed.value) <= printed.half_unit * (1 + 1e-9) if real else None,
    }
