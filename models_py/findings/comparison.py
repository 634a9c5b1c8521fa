"""Printed figures beside the study's own: the rows of `published_comparison`.

Belongs here: finding the counterpart of a printed figure, and comparing the two.
Does not belong here: the names themselves (counterparts.py) and what is odd in the printed figures (the findings).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from catalog import Study, load_tables
from catalog.studies import index_indicators
from models_py.findings.counterparts import COUNT_UNIT, COUNTERPARTS, Counterparts
from models_py.findings.printed import FindingError, Figure, figure, in_printed_unit, paper_rows
from models_py.findings.spread import implied_correlation

TABLE = "published_comparison"
DATA_KINDS = ("real", "synthetic")
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


def published_comparison(
    published: pd.DataFrame,
    estimate: pd.DataFrame,
    model_fit: pd.DataFrame,
    summary_statistic: pd.DataFrame,
    study: Study,
    data_kind: str,
    *,
    n_classes: int | None = None,
) -> pd.DataFrame:
    """Every printed figure of `study.paper` beside the study's own, as in table `published_comparison`.

    Inputs are rows of the tables of the same names; of `estimate` those with effect coef and method cr1 are used, of
    R2 the one within province with year dummies, the likeliest of three (the paper does not say). `n_classes`: classes
    left on the map of exposure. A printed figure without a counterpart, because the study leaves the model out,
    has `estimated` NULL.

    `same_sign`: of coefficients, correlations and the index, NULL where either is zero. `same_significance`: both or
    neither significant at the paper's weakest star level (10 %), NULL where no star is known. `within_95` and `matches`
    (within half a unit of the last printed decimal; domain section 1, ground rules) are NULL on synthetic data. Where
    the model is an exact identity its standard errors are rounding: significance and interval are NULL.

    An empty frame for a study without a paper. Rows by key. Raises FindingError for a paper that has no rows or no
    declared counterparts, a printed row that none names, units without a declared conversion, a figure that stands
    twice and an unknown `data_kind`.
    """
    if data_kind not in DATA_KINDS:
        raise FindingError(f"data_kind must be real or synthetic, found {data_kind!r}")
    columns = [name for name in load_tables()[TABLE].columns if name != "data_kind"]
    if study.paper is None:
        return _typed(pd.DataFrame(columns=columns))
    names = COUNTERPARTS.get(study.paper)
    if names is None:
        raise FindingError(f"{study.id}: no counterparts are declared for {study.paper!r}")
    rows = paper_rows(published, study.paper)
    places = list(rows[["table_no", "column_no", "term"]].itertuples(index=False, name=None))
    unknown = [", ".join(place) for place in places if _reader(names, *place) is None]
    if unknown:
        raise FindingError(f"{study.paper}: no counterpart is declared for {'; '.join(unknown)}")

    results = _Results(
        study,
        names,
        estimate[estimate["study"] == study.id],
        model_fit[model_fit["study"] == study.id],
        summary_statistic[summary_statistic["study"] == study.id],
        n_classes,
    )
    found = []
    for (_, row), place in zip(rows.iterrows(), places, strict=True):
        printed = figure(row)
        read = _reader(names, *place)
        assert read is not None
        own = read(results, place, printed)
        found.append(
            {
                "paper": study.paper,
                **dict(zip(("table_no", "column_no", "term"), place, strict=True)),
                "study": study.id,
                "published": printed.value,
                "estimated": own.value,
                "std_error": own.std_error,
                **_compared(printed, own, names.level, data_kind),
            }
        )
    frame = _typed(pd.DataFrame(found)[columns])
    return frame.sort_values(list(load_tables()[TABLE].key), kind="stable", ignore_index=True)


@dataclass(frozen=True)
class _Results:
    study: Study
    names: Counterparts
    estimate: pd.DataFrame
    model_fit: pd.DataFrame
    summary: pd.DataFrame
    n_classes: int | None

    def coefficient(self, place: tuple[str, str, str], printed: Figure) -> Own:
        table_no, model = self.names.models[place[:2]]
        term = self.names.coefficients[place[2]]
        row = _one(
            self.estimate, place, table_no=table_no, model=model, term=term, effect="coef", method="cr1"
        )
        fit = _one(self.model_fit, place, table_no=table_no, model=model)
        if row is None:
            return Own(signed=True)
        value = float(row["estimate"])
        if fit is not None and pd.isna(fit["log_likelihood"]):
            return Own(0.0 if abs(value) < _ROUNDING else value, float(row["std_error"]), signed=True)
        interval = (float(row["ci_low"]), float(row["ci_high"])) if math.isclose(row["ci_level"], 0.95) else None
        return Own(value, float(row["std_error"]), float(row["p_value"]), interval, signed=True)

    def fitted(self, place: tuple[str, str, str], printed: Figure) -> Own:
        table_no, model = self.names.models[place[:2]]
        row = _one(self.model_fit, place, table_no=table_no, model=model)
        return Own() if row is None else Own(_number(row[self.names.fit[place[2]]]))

    def flag(self, place: tuple[str, str, str], printed: Figure) -> Own:
        table_no, model = self.names.models[place[:2]]
        row = _one(self.model_fit, place, table_no=table_no, model=model)
        pattern = self.names.flags[place[2]]
        return Own() if row is None else Own(float(re.search(pattern, str(row["formula"])) is not None))

    def statistic(self, place: tuple[str, str, str], printed: Figure) -> Own:
        table, column, term = place
        variable, name = self.names.variables[term], self.names.statistic_columns[column]
        row = _one(self.summary, place, table_no=self.names.statistics[table], variable=variable)
        if row is None:
            return Own()
        value = _number(row[name])
        if printed.unit != COUNT_UNIT:
            value = in_printed_unit(value, row["unit"], printed.unit, f"{', '.join(place)}")
        return Own(value, signed=(variable, name) in self.names.signed)

    def fact(self, place: tuple[str, str, str], printed: Figure) -> Own:
        name = self.names.facts[place]
        index = self.study.index
        headline = self.study.headline
        if name == "implied_correlation":
            row = _one(self.summary, place, variable="mspi")
            if index is None or row is None or len(index_indicators(index)) < 2:
                return Own(signed=True)
            n = int(row["n"])
            variance = float(row["sd"]) ** 2 * (n - 1) / (n - index.ddof)
            return Own(implied_correlation(math.sqrt(variance), len(index_indicators(index))), signed=True)
        if name == "n_provinces":
            row = _one(self.model_fit, place, table_no=headline.table_no, model=headline.model)
            return Own() if row is None else Own(_number(row["n_clusters"]))
        known: dict[str, float | None] = {
            "n_classes": self.n_classes,
            "first_year": self.study.years[0],
            "last_year": self.study.years[1],
            "n_indicators": None if index is None else len(index_indicators(index)),
        }
        value = known[name]
        return Own() if value is None else Own(float(value))


_Read = Callable[[_Results, tuple[str, str, str], Figure], Own]


def _reader(names: Counterparts, table: str, column: str, term: str) -> _Read | None:
    """What finds the counterpart of a printed figure; None when nothing is declared for it."""
    if (table, column, term) in names.facts:
        return _Results.fact
    if table in names.statistics and column in names.statistic_columns and term in names.variables:
        return _Results.statistic
    if (table, column) not in names.models:
        return None
    kinds: tuple[tuple[Any, _Read], ...] = (
        (names.coefficients, _Results.coefficient),
        (names.fit, _Results.fitted),
        (names.flags, _Results.flag),
    )
    return next((read for declared, read in kinds if term in declared), None)


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


def _one(frame: pd.DataFrame, place: tuple[str, str, str], **key: str) -> pd.Series | None:
    rows = frame
    for column, value in key.items():
        rows = rows[rows[column] == value]
    if len(rows) > 1:
        raise FindingError(f"{', '.join(place)}: two of the study's rows answer to it: {key}")
    return None if rows.empty else rows.iloc[0]


def _number(value: Any) -> float:
    return math.nan if pd.isna(value) else float(value)


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    types = {"BOOLEAN": "boolean", "DOUBLE": "float64"}
    declared = {name: column.type for name, column in load_tables()[TABLE].columns.items() if name in frame.columns}
    return frame.astype({name: types[kind] for name, kind in declared.items() if kind in types})
