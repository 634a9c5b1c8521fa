"""What must hold for `smart_exposure`: a complete panel of shares that never fall while denominators are unchanged.

Belongs here: the checks of that table, per study, and the columns they need; years and the kind of numerator are
the study's.
Does not belong here: computing exposure (dbt/models/intermediate/int_exposure_*.sql) and how checks are run
(suite.py).
"""

from catalog.parts import exposure
from catalog.provinces import load_provinces
from catalog.studies import Study
from expectations import Frame
from expectations.builders import between
from expectations.suite import (
    Check,
    checks_of,
    key_unique,
    missing,
    of_study,
    province_codes_known,
    required_complete,
    year_before,
    years_of_study,
)

TABLE = "smart_exposure"
# Without a pilot list nothing is known about exposure, and the table says so by having no rows.
MAY_BE_EMPTY = True
# Equal counts over equal totals are one and the same share; 1e-12 is the rounding of a division.
_EXACT = 1e-12
_REQUIRED = ("study", "province_code", "year", "pilot_units", "total_units", "exposure")
_check = checks_of(TABLE)
_NOT_FALLING = (
    _check(
        "units_not_lost",
        "critical",
        "A province's pilot units do not fall while its denominator is unchanged: once a pilot, always a pilot",
        "分母不变时，各省试点单位数不减少",
        between("units_change", 0, None),
    ),
    _check(
        "exposure_not_falling",
        "critical",
        "A province's exposure does not fall while its denominator is unchanged",
        "分母不变时，各省暴露度不下降",
        between("exposure_change", -_EXACT, None),
    ),
)
_UNITS_WHOLE = _check(
    "units_whole", "critical", "Pilot units are whole numbers", "试点单位数为整数", between("units_part", 0, 0)
)
_UNITS_WITHIN_TOTAL = _check(
    "units_within_total",
    "critical",
    "No province has more pilot units than units",
    "各省试点单位数不超过单位总数",
    between("units_over", None, 0),
)


def judges(study: Study) -> bool:
    """Whether the study has an exposure; the table is made by dbt, not by a part of a study."""
    return study.find(exposure.Options) is not None


def prepare(df: Frame, study: Study) -> Frame:
    """The rows of `study` in `df` with the columns the checks read. Pure; other studies' rows are left out.

    Adds required_missing (empty required fields of the row), panel_cells (catalogued province x study year cells
    the rows fill), share_gap (exposure less pilot_units / total_units; infinite for a total of zero), units_over
    (pilot_units less total_units), units_part (pilot_units beyond the whole number below), units_change and
    exposure_change (since the province's previous calendar year; NULL without one and where the denominator moved).
    Raises ValueError for a study without an exposure and KeyError for an absent column.
    """
    study.options(exposure.Options)
    rows = df[df["study"] == study.id]
    pilots, totals = rows["pilot_units"].astype(float), rows["total_units"].astype(float)
    share = rows["exposure"].astype(float)
    codes = [province.province_code for province in load_provinces()]
    inside = rows[rows["province_code"].isin(codes) & rows["year"].isin(_years(study))]
    cells = len(inside.drop_duplicates(["province_code", "year"]))
    before = year_before(rows, ["province_code"], ["pilot_units", "total_units", "exposure"])
    still = totals == before["total_units"]
    return rows.assign(
        required_missing=missing(rows, _REQUIRED),
        panel_cells=cells,
        share_gap=(share - pilots / totals).mask(totals == 0, float("inf")),
        units_over=pilots - totals,
        units_part=pilots % 1,
        units_change=(pilots - before["pilot_units"]).where(still),
        exposure_change=(share - before["exposure"]).where(still),
    )


def checks(study: Study) -> tuple[Check, ...]:
    """All checks of the table for `study`, in fixed order; each name begins with the study's id.

    The upper bounds are absent where the numerator counts entries, which may exceed the units they lie in. Where it
    adds up shares of county-level units pilot units need not be whole, and those of the year may grow in number while
    the denominator stands still, so that a share falls.
    Raises ValueError for a study without an exposure.
    """
    return of_study(study, [*_panel_checks(study), *_share_checks(study.options(exposure.Options))])


def _panel_checks(study: Study) -> list[Check]:
    (first, last), provinces = study.panel.bounds, len(load_provinces())
    until, cells = study.panel.last_in_words, provinces * (last - first + 1)
    count, count_zh = ("", "") if study.panel.open else (f" {cells}", f"{cells}个")
    return [
        required_complete(TABLE, _REQUIRED),
        key_unique(TABLE, "A province and year have only one row", "同一省份同一年份仅一行"),
        province_codes_known(TABLE),
        years_of_study(TABLE, study),
        _check(
            "panel_complete",
            "critical",
            f"All{count} cells are filled: {provinces} provinces, {first} to {until.en}",
            f"含{provinces}个省份{first}至{until.zh}年全部{count_zh}单元",
            between("panel_cells", cells, cells),
        ),
    ]


def _share_checks(spec: exposure.Options) -> list[Check]:
    entries, shares = spec.numerator == "entries", spec.numerator == "fraction"
    return [
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
        *(() if shares and spec.denominator_year == "current" else _NOT_FALLING),
        *(() if shares else (_UNITS_WHOLE,)),
        *(() if entries else (_UNITS_WITHIN_TOTAL,)),
    ]


def _years(study: Study) -> range:
    return range(study.years[0], study.years[1] + 1)
