"""Printed figures beside the study's own: the rows of `published_comparison`.

Belongs here: finding the counterpart of a printed figure, and comparing the two.
Does not belong here: the names themselves (counterparts.py) and what is odd in the printed figures (the findings).
"""

from __future__ import annotations

import math

import pandas as pd

from catalog import Study, load_tables
from models_py.parts.comparison.counterparts import COUNTERPARTS
from models_py.parts.comparison.own_figures import Own, Results, by_key, reader
from models_py.parts.comparison.printed import Figure, FindingError, figure, paper_rows

TABLE = "published_comparison"
DATA_KINDS = ("real", "synthetic")


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
    the model is an exact identity its standard errors are rounding: they, significance and interval are NULL.

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
    unknown = [", ".join(place) for place in places if reader(names, *place) is None]
    if unknown:
        raise FindingError(f"{study.paper}: no counterpart is declared for {'; '.join(unknown)}")

    own_rows = [frame[frame["study"] == study.id] for frame in (estimate, model_fit, summary_statistic)]
    coefficients = own_rows[0][(own_rows[0]["effect"] == "coef") & (own_rows[0]["method"] == "cr1")]
    results = Results(
        study,
        names,
        by_key(coefficients, "table_no", "model", "term"),
        by_key(own_rows[1], "table_no", "model"),
        by_key(own_rows[2], "table_no", "variable"),
        n_classes,
    )
    found = []
    for (_, row), place in zip(rows.iterrows(), places, strict=True):
        printed = figure(row)
        read = reader(names, *place)
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


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    types = {"BOOLEAN": "boolean", "DOUBLE": "float64"}
    declared = {name: column.type for name, column in load_tables()[TABLE].columns.items() if name in frame.columns}
    return frame.astype({name: types[kind] for name, kind in declared.items() if kind in types})
