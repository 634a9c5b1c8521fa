"""What must hold of `performance_index`: a complete panel of indices that satisfy their own definition.

Belongs here: the checks of that table and the columns they need; weights, years and readings are the study's.
Does not belong here: computing the index (models_py/indices) and how checks are run (suite.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.base import Text
from catalog.provinces import load_provinces
from catalog.studies import IndexSpec, Study
from catalog.tables import load_tables
from expectations.builders import Build, between, in_set, not_null, unique
from expectations.suite import Check, Severity, of_study, run_checks

if TYPE_CHECKING:
    import pandas as pd

TABLE = "performance_index"
MAY_BE_EMPTY = False
SCORES = ("mspi", "ssi", "qii", "hmi")
# The identity and the mirror hold exactly in real numbers; 1e-12 is the rounding of a dozen additions near 1.
_EXACT = 1e-12
_MEAN = 1e-9
# A mean of z-scores six deviations out is a slipped unit, not a province.
_BOUND = 6


def weights(study: Study) -> dict[str, float]:
    """Weight of each dimension in the index: its share of the indicators. Sums to 1.

    Raises ValueError for a study without an index.
    """
    sizes = {name: len(members) for name, members in _index(study).dimensions.items()}
    return {name: size / sum(sizes.values()) for name, size in sizes.items()}


def prepare(df: pd.DataFrame, study: Study) -> pd.DataFrame:
    """`df`, the table's rows of one study, with the columns the checks read. Pure; rows and columns are kept.

    Adds reading_rows_gap (rows of the row's reading less rows of the configured one), panel_cells (catalogued
    province x study year cells the reading fills), identity_gap (mspi less the weighted mean of its
    dimensions), pooled_mean (mean mspi of the reading over the years that standardise it) and mirror_gap (ssi of
    `volume` plus ssi of `substitution` in the same province and year; NULL where one is absent), in standard
    deviations.
    Raises ValueError for a study without an index and KeyError for an absent column.
    """
    import pandas as pd

    index = _index(study)
    rows = df.groupby("reading")["reading"].transform("size")
    years = range(study.years[0], study.years[1] + 1)
    codes = [p.province_code for p in load_provinces()]
    inside = df[df["province_code"].isin(codes) & df["year"].isin(list(years))]
    cells = inside.drop_duplicates(["reading", "province_code", "year"]).groupby("reading").size()
    composed = sum(weight * df[name] for name, weight in weights(study).items())
    added = {
        "reading_rows_gap": rows - int((df["reading"] == index.utilisation).sum()),
        "panel_cells": df["reading"].map(cells).fillna(0).astype(float),
        "identity_gap": df["mspi"] - composed,
        "pooled_mean": df["reading"].map(_means(df, index)),
        "mirror_gap": _ssi(df, "volume") + _ssi(df, "substitution"),
    }
    return pd.concat([df, pd.DataFrame(added, index=df.index)], axis=1)


def _means(df: pd.DataFrame, index: IndexSpec) -> dict[str, float]:
    """Mean mspi of each reading over the years whose mean it is standardised with."""
    means = {}
    for reading, rows in df.groupby("reading"):
        years = index.versions.get(str(reading))
        inside = rows if years is None else rows[rows["year"].between(*years)]
        means[str(reading)] = float(inside["mspi"].mean())
    return means


def _ssi(df: pd.DataFrame, reading: str) -> pd.Series:
    """SSI of `reading` for the province and year of every row."""
    import pandas as pd

    place = ["province_code", "year"]
    # A duplicated key is another check's finding; here its first row stands for the cell.
    values = df[df["reading"] == reading].drop_duplicates(place).set_index(place)["ssi"].astype(float)
    places = pd.MultiIndex.from_frame(df[place])
    return pd.Series(values.reindex(places).to_numpy(), index=df.index)


def checks(study: Study) -> tuple[Check, ...]:
    """All checks of the table for `study`, in fixed order; each name begins with the study's id.

    Raises ValueError for a study without an index.
    """
    index = _index(study)
    codes = [p.province_code for p in load_provinces()]
    first, last = study.years
    cells = len(codes) * (last - first + 1)
    readings = list(index.versions)
    sizes = {name: len(members) for name, members in index.dimensions.items()}
    formula = f"({' + '.join(f'{size} {name}' for name, size in sizes.items())}) / {sum(sizes.values())}"
    found = [
        _check(
            "key_unique",
            "critical",
            "A study, province, year and reading stand in one row only",
            "同一研究、省份、年份与口径仅一行",
            unique(load_tables()[TABLE].key),
        ),
        _check(
            "province_codes_known",
            "critical",
            f"Every province code is one of the {len(codes)} catalogued",
            f"省级代码均属登记的{len(codes)}个省份",
            in_set("province_code", codes),
        ),
        _check(
            "years_of_study",
            "critical",
            f"Every year lies within the study's years, {first} to {last}",
            f"年份均在研究期{first}至{last}之内",
            between("year", first, last),
        ),
        _check(
            "readings_present",
            "critical",
            f"The readings are exactly {', '.join(readings)}",
            f"口径恰为：{'、'.join(readings)}",
            lambda gxe: gxe.ExpectColumnDistinctValuesToEqualSet(column="reading", value_set=readings),
        ),
        _check(
            "readings_equal_rows",
            "critical",
            "Every reading has the same number of rows",
            "各口径行数相同",
            between("reading_rows_gap", 0, 0),
        ),
        _check(
            "panel_complete",
            "critical",
            f"Every reading fills all {cells} cells: {len(codes)} provinces, {first} to {last}",
            f"各口径均含{len(codes)}个省份{first}至{last}年全部{cells}个单元",
            between("panel_cells", cells, cells),
        ),
        _check(
            "identity",
            "critical",
            f"mspi = {formula} in every row, within {_EXACT:g}",
            f"逐行满足 mspi = {formula}，误差不超过{_EXACT:g}",
            between("identity_gap", -_EXACT, _EXACT),
        ),
        _check(
            "pooled_mean_zero",
            "critical",
            f"The mean of mspi over all provinces and the standardising years is 0 in every reading, within {_MEAN:g}",
            f"各口径mspi在标准化年份内的总体均值为0，误差不超过{_MEAN:g}",
            between("pooled_mean", -_MEAN, _MEAN),
        ),
        _check(
            "ssi_mirrored",
            "critical",
            f"ssi under substitution is the negative of ssi under volume, within {_EXACT:g}",
            f"替代口径的ssi为数量口径ssi的相反数，误差不超过{_EXACT:g}",
            between("mirror_gap", -_EXACT, _EXACT),
        ),
    ]
    for score in SCORES:
        found += _score_checks(score)
    return of_study(study, found)


def run(df: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Prepare `performance_index` of one study and run all its checks; see `run_checks` for the result."""
    return run_checks(checks(study), prepare(df, study))


def _score_checks(score: str) -> list[Check]:
    return [
        _check(
            f"complete_{score}",
            "critical",
            f"{score} is present in every row",
            f"{score}无缺失",
            not_null(score),
        ),
        _check(
            f"bounded_{score}",
            # One dimension rests on two or three series, so a single odd province can reach the bound.
            "critical" if score == "mspi" else "warning",
            f"{score} lies within {_BOUND} standard deviations of 0",
            f"{score}的绝对值小于{_BOUND}",
            lambda gxe: gxe.ExpectColumnValuesToBeBetween(
                column=score, min_value=-_BOUND, max_value=_BOUND, strict_min=True, strict_max=True
            ),
        ),
    ]


def _index(study: Study) -> IndexSpec:
    if study.index is None:
        raise ValueError(f"the study {study.id} has no index, so it has no {TABLE}")
    return study.index


def _check(name: str, severity: Severity, en: str, zh: str, build: Build) -> Check:
    return Check(name=name, table=TABLE, severity=severity, description=Text(en=en, zh=zh), build=build)
