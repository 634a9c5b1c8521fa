"""What must hold of `smart_exposure`: a complete panel of shares that only grow while their denominators stand still.

Belongs here: the checks of that table, per study, and the columns they need; years and the kind of numerator are
the study's.
Does not belong here: computing exposure (dbt/models/intermediate/int_exposure_*.sql) and how checks are run
(suite.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.base import Text
from catalog.parts import exposure
from catalog.provinces import load_provinces
from catalog.studies import Study
from catalog.tables import load_tables
from expectations.builders import Build, between, in_set, unique
from expectations.suite import Check, Severity, of_study, run_checks

if TYPE_CHECKING:
    import pandas as pd

TABLE = "smart_exposure"
# Without a pilot list nothing is known about exposure, and the table says so by having no rows.
MAY_BE_EMPTY = True
# Equal counts over equal totals are one and the same share; 1e-12 is the rounding of a division.
_EXACT = 1e-12
_REQUIRED = ("study", "province_code", "year", "pilot_units", "total_units", "exposure")


def judges(study: Study) -> bool:
    """Whether the study has an exposure; dbt makes the table, no part of a study does."""
    return study.find(exposure.Options) is not None


def prepare(df: pd.DataFrame, study: Study) -> pd.DataFrame:
    """The rows of `study` in `df` with the columns the checks read. Pure; other studies' rows are left out.

    Adds required_missing (empty required fields of the row), panel_cells (catalogued province x study year cells
    the rows fill), share_gap (exposure less pilot_units / total_units; infinite for a total of zero), units_over
    (pilot_units less total_units), units_part (pilot_units beyond the whole number below), units_change and
    exposure_change (since the province's previous calendar year; NULL without one and where the denominator moved).
    Raises ValueError for a study without an exposure and KeyError for an absent column.
    """
    import pandas as pd

    _spec(study)
    rows = df[df["study"] == study.id]
    pilots, totals = rows["pilot_units"].astype(float), rows["total_units"].astype(float)
    share = rows["exposure"].astype(float)
    inside = rows[rows["province_code"].isin(_codes()) & rows["year"].isin(_years(study))]
    cells = len(inside.drop_duplicates(["province_code", "year"]))
    place = ["province_code", "year"]
    # A duplicated key is another check's finding; here its first row stands for the year.
    figures = rows.drop_duplicates(place).set_index(place)[["pilot_units", "total_units", "exposure"]].astype(float)
    before = figures.reindex(pd.MultiIndex.from_arrays([rows["province_code"], rows["year"] - 1])).set_axis(rows.index)
    still = totals == before["total_units"]
    added = {
        "required_missing": rows[list(_REQUIRED)].isna().sum(axis=1),
        "panel_cells": pd.Series(cells, index=rows.index),
        "share_gap": (share - pilots / totals).mask(totals == 0, float("inf")),
        "units_over": pilots - totals,
        "units_part": pilots % 1,
        "units_change": (pilots - before["pilot_units"]).where(still),
        "exposure_change": (share - before["exposure"]).where(still),
    }
    return pd.concat([rows, pd.DataFrame(added, index=rows.index)], axis=1)


def checks(study: Study) -> tuple[Check, ...]:
    """All checks of the table for `study`, in fixed order; each name begins with the study's id.

    The upper bounds are absent where the numerator counts entries, which may exceed the units they lie in. Where it
    adds up shares of county-level units pilot units need not be whole, and those of the year may grow in number while
    the denominator stands still, so that a share falls.
    Raises ValueError for a study without an exposure.
    """
    spec = _spec(study)
    entries, shares = spec.numerator == "entries", spec.numerator == "fraction"
    codes, (first, last) = _codes(), study.years
    cells = len(codes) * len(_years(study))
    found = [
        _check(
            "required_complete",
            "critical",
            f"Every row has {', '.join(_REQUIRED)}",
            f"每行均有{'、'.join(_REQUIRED)}",
            between("required_missing", None, 0),
        ),
        _check(
            "key_unique",
            "critical",
            "A province and year stand in one row only",
            "同一省份同一年份仅一行",
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
            "panel_complete",
            "critical",
            f"All {cells} cells are filled: {len(codes)} provinces, {first} to {last}",
            f"含{len(codes)}个省份{first}至{last}年全部{cells}个单元",
            between("panel_cells", cells, cells),
        ),
        _check(
            "share_is_units_over_total",
            "critical",
            f"exposure = pilot_units / total_units in every row, within {_EXACT:g}",
            f"逐行满足 exposure = pilot_units / total_units，误差不超过{_EXACT:g}",
            between("share_gap", -_EXACT, _EXACT),
        ),
        _check(
            "exposure_bounds",
            "critical",
            "exposure is at least 0" if entries else "exposure lies within 0 and 1",
            "暴露度不小于0" if entries else "暴露度在0与1之间",
            between("exposure", 0, None if entries else 1),
        ),
        _check(
            "exposure_varies",
            "warning",
            "exposure is not one and the same value in every province and year",
            "暴露度并非处处相同",
            lambda gxe: gxe.ExpectColumnUniqueValueCountToBeBetween(column="exposure", min_value=2),
        ),
    ]
    if not (shares and spec.denominator_year == "current"):
        found += [
            _check(
                "units_not_lost",
                "critical",
                "A province's pilot units do not fall while its denominator stands still: a pilot stays one",
                "分母不变时，各省试点单位数不减少",
                between("units_change", 0, None),
            ),
            _check(
                "exposure_not_falling",
                "critical",
                "A province's exposure does not fall while its denominator stands still",
                "分母不变时，各省暴露度不下降",
                between("exposure_change", -_EXACT, None),
            ),
        ]
    if not shares:
        found.append(
            _check(
                "units_whole",
                "critical",
                "Pilot units are whole numbers",
                "试点单位数为整数",
                between("units_part", 0, 0),
            )
        )
    if not entries:
        found.append(
            _check(
                "units_within_total",
                "critical",
                "No province has more pilot units than units",
                "各省试点单位数不超过单位总数",
                between("units_over", None, 0),
            )
        )
    return of_study(study, found)


def run(df: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Prepare `smart_exposure` and run one study's checks; see `run_checks` for the result."""
    return run_checks(checks(study), prepare(df, study), may_be_empty=MAY_BE_EMPTY)


def _codes() -> list[int]:
    return [p.province_code for p in load_provinces()]


def _years(study: Study) -> range:
    return range(study.years[0], study.years[1] + 1)


def _spec(study: Study) -> exposure.Options:
    spec = study.find(exposure.Options)
    if spec is None:
        raise ValueError(f"the study {study.id} has no exposure, so it has no rows in {TABLE}")
    return spec


def _check(name: str, severity: Severity, en: str, zh: str, build: Build) -> Check:
    return Check(name=name, table=TABLE, severity=severity, description=Text(en=en, zh=zh), build=build)
