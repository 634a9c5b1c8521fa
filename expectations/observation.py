"""What must hold for `observation`: known places and units, figures of a plausible size, the text they came from.

Belongs here: the checks on every row, and those on one indicator's figures (range, unit, change, rank and sum),
made from the registry alone; for an indicator in no file they find nothing to object to. And the columns
they read: per figure its level, its change, its rank, its sum.
Does not belong here: plausible ranges (catalog/indicators.yaml), the arithmetic of plausibility (plausibility.py),
relationships with other tables (dbt tests them) and how checks are run (suite.py).
"""

from catalog.indicators import BELOW_PROVINCE, Indicator, load_registry
from catalog.provinces import NATION_CODE, load_provinces
from catalog.tables import load_tables
from expectations import Frame, Series
from expectations.builders import between, equal, in_set, is_null
from expectations.place_levels import city_codes, levels_of
from expectations.plausibility import (
    change_factor,
    city_jump_factor,
    fitting_unit,
    jump_factor,
    rank_moves,
    repeated_shares,
    sum_tolerance,
    units_differ,
    units_of,
)
from expectations.suite import (
    Check,
    checks_of,
    in_words,
    indicators_known,
    key_unique,
    missing,
    required_complete,
    values_known,
    year_before,
)

TABLE = "observation"
# Lists of pilots, flows and maps without any figure of a place and year make a publication too.
MAY_BE_EMPTY = True
STATUSES = ("reported", "corrected", "interpolated", "carried")
FITS = "fits"
REQUIRED = (*load_tables()[TABLE].key, "entity_level", "value", "unit", "status", "raw_unit")
# Figures are compared within one edition only: a revision is no jump.
_PLACE = ["indicator", "vintage", "entity_code"]
_SERIES = [*_PLACE, "year"]
# Places a province may move in rank from one year to the next.
_RANK_PLACES = 15
# Share of the places whose figure may be that of the year before to the digit, and how many places tell.
REPEATED, _TELLING = 0.5, 8
_check = checks_of(TABLE)
_OF_ANY_ROW = (
    required_complete(TABLE, REQUIRED),
    key_unique(
        TABLE,
        "A place, year, indicator, vintage and file have only one row",
        "同一地区、年份、指标、版本与文件仅一行",
    ),
    values_known(TABLE, "statuses_known", ("status", "状态"), "status", STATUSES),
    _check(
        "entity_codes_known",
        "critical",
        f"Every code is {NATION_CODE} for the nation, or that of a place in some year",
        f"行政区划代码为全国（{NATION_CODE}）或某年某地的代码",
        is_null("unknown_code"),
    ),
    _check(
        "entity_levels_agree",
        "critical",
        "Every level (nation, province, city, county) is the one its code stands for",
        "行政级别与行政区划代码一致",
        equal("entity_level", "level_of_code"),
    ),
    indicators_known(TABLE),
    _check(
        "units_canonical",
        "critical",
        "Every unit is the canonical unit of its indicator",
        "单位均为指标的统一单位",
        equal("unit", "canonical_unit"),
    ),
    _check(
        "raw_units_measure",
        "critical",
        "Every unit the figure was read in measures the indicator's quantity",
        "原始单位均可换算为指标的统一单位",
        is_null("raw_unit_misfit"),
    ),
    _check(
        "raw_of_reported",
        "critical",
        "Every reported value has the text of its cell",
        "报告值均附单元格原文",
        between("raw_missing_reported", 0, 0),
    ),
    _check(
        "raw_of_corrected",
        "critical",
        "Every corrected value has the text it replaces; empty if the cell was empty, never NULL",
        "更正值均附被替换的原文；原单元格为空时为空文本，不得缺失",
        between("raw_missing_corrected", 0, 0),
    ),
)


def prepare(observation: Frame, places: Frame) -> Frame:
    """`observation` with the columns the checks read; places: the lake table `place`. Pure; rows and the given columns
    are kept.

    Adds required_missing (empty required fields of the row), level_of_code (level its code stands for, city for a
    municipality or a county directly under a province where the row says so; NULL for an unknown code), unknown_code
    (such a code, else NULL), canonical_unit (of its indicator; NULL for one that is not reported), raw_unit_misfit (a
    raw unit that does not measure the indicator, else NULL), raw_missing_reported and raw_missing_corrected (1 without
    the text of the cell, else 0; NULL for another status), and of reported indicators, under names that end in __ and
    are printed with the indicator's id behind them: value__ (provinces only; a corrected figure was judged when it was
    corrected or confirmed), jump__ (factor of change since the previous calendar year of the nation or province in the
    same vintage), rank__ (places the province moved in rank since then, among the provinces with both figures), sum__
    (national rows: sum of all provinces in the same file, vintage and year over the national figure, less 1; NULL
    unless all provinces are there), repeat__ (one row of each year, vintage and level: the share of at least 8 places
    whose figure is that of the year before to the digit; NULL for indicators that stay as they are), unit__ (one row
    of each table, i.e. of each file, vintage and raw unit: `fits`, or the unit that would fit its median over the
    provinces better; NULL where all its units are of one size), city_value__ and city_jump__ (the same of
    units below the province), and city_sum__ (the first row of each file, vintage, year and province: sum of its cities
    over the province's figure in that vintage, or else the chosen one, less 1).
    Raises KeyError for an absent column.
    """
    import pandas as pd

    # The row numbers keep rows apart even where the caller's index repeats.
    rows = observation.reset_index(drop=True)
    as_read = rows["value"].astype(float) / rows["link_factor"].astype(float).fillna(1)
    reported = {indicator.id: indicator for indicator in load_registry().reported}
    as_city = (rows["entity_level"] == "city") & rows["entity_code"].isin(city_codes(places))
    level = rows["entity_code"].map(levels_of(places)).mask(as_city, "city")
    raw, status, misfit = rows["raw"], rows["status"], _raw_unit_misfit(rows, reported)
    # A corrected cell may have been empty in the source: its text is then empty, but known.
    without_text = {"reported": raw.isna() | raw.astype(str).str.strip().eq(""), "corrected": raw.isna()}
    of_reported = rows["indicator"].isin(list(reported))
    cities, provinces = (rows[of_reported & (level == name)] for name in ("city", "province"))
    below = rows[of_reported & level.isin(BELOW_PROVINCE)]
    # Chained figures changed places' levels, each by its own factor: sizes, units and sums are judged as read.
    read = rows.assign(value=as_read)
    cities_read, provinces_read = read.loc[cities.index], read.loc[provinces.index]
    added = {
        "required_missing": missing(rows, REQUIRED),
        "level_of_code": level.astype(object),
        "unknown_code": rows["entity_code"].where(level.isna()),
        "canonical_unit": rows["indicator"].map({name: i.unit for name, i in reported.items()}).astype(object),
        "raw_unit_misfit": misfit,
        **{f"raw_missing_{name}": absent.astype(float).where(status == name) for name, absent in without_text.items()},
        "value__": _to_judge(provinces_read),
        "repeat__": _repeated(rows[of_reported], level[of_reported], reported),
        "jump__": _jumps(rows[of_reported].drop(below.index)),
        "rank__": _rank_moves(provinces),
        "sum__": _sum_gaps(read[of_reported & (rows["entity_code"] == NATION_CODE)], provinces_read),
        "unit__": _unit_verdicts(provinces_read[misfit[provinces.index].isna()], reported),
        "city_value__": _to_judge(read.loc[below.index]),
        "city_jump__": _jumps(below),
        "city_sum__": _city_sum_gaps(cities_read, provinces_read),
    }
    return pd.concat([observation, pd.DataFrame(added, index=rows.index).set_axis(observation.index)], axis=1)


def _raw_unit_misfit(rows: Frame, reported: dict[str, Indicator]) -> Series:
    import pandas as pd

    known = {(name, unit) for name, indicator in reported.items() for unit in units_of(indicator)}
    return pd.Series(
        [
            f"{unit} for {name}" if name in reported and pd.notna(unit) and (name, unit) not in known else None
            for name, unit in zip(rows["indicator"], rows["raw_unit"], strict=True)
        ],
        index=rows.index,
        dtype=object,
    )


def _in_order(rows: Frame) -> Frame:
    """So that the first row of a repeated key does not depend on the order rows came in."""
    return rows.sort_values([*_SERIES, "file_id"], kind="stable")


def _first(rows: Frame, key: list[str]) -> Frame:
    """One row per key: repeated keys are for another check to find."""
    return _in_order(rows).drop_duplicates(key)


def _beside(figures: Series, key: list[str], rows: Frame) -> Series:
    """The figure with the key of each row; NULL if there is none."""
    import pandas as pd

    return figures.reindex(pd.MultiIndex.from_frame(rows[key])).set_axis(rows.index).astype(float)


def _jumps(own: Frame) -> Series:
    import pandas as pd

    ordered = _in_order(own)
    now, before = ordered["value"].astype(float), year_before(ordered, _PLACE, ["value"])["value"]
    return pd.Series(change_factor(now.to_numpy(), before.to_numpy()), index=ordered.index)


def _to_judge(rows: Frame) -> Series:
    return rows["value"].astype(float).where(rows["status"] != "corrected")


def _repeated(rows: Frame, level: Series, reported: dict[str, Indicator]) -> Series:
    """The share of each year, in its first row. What is carried from year to year is meant to stay as it is."""
    changing = rows["indicator"].map({name: one.fill != "carry" for name, one in reported.items()}).astype(bool)
    of_files = rows["status"].isin(["reported", "corrected"])
    once = _first(rows[changing & of_files & (rows["entity_code"] != NATION_CODE)], _SERIES)
    before = year_before(once, _PLACE, ["value"])["value"]
    groups = [once["indicator"], once["vintage"], level[once.index], once["year"]]
    return repeated_shares(once["value"].astype(float), before, groups, _TELLING)


def _rank_moves(provinces: Frame) -> Series:
    once = _first(provinces, _SERIES)
    moves = rank_moves(
        once["value"].astype(float),
        year_before(once, _PLACE, ["value"])["value"],
        [once[name] for name in ("indicator", "vintage", "year")],
    )
    return _beside(moves.set_axis(once.set_index(_SERIES).index), _SERIES, provinces)


def _sum_gaps(nation: Frame, provinces: Frame) -> Series:
    table = ["indicator", "file_id", "vintage", "year"]
    groups = _first(provinces, [*table, "entity_code"]).groupby(table)["value"]
    totals = groups.sum().where(groups.count() == len(load_provinces()))
    return _beside(totals, table, nation) / nation["value"].astype(float) - 1


def _city_sum_gaps(cities: Frame, provinces: Frame) -> Series:
    """Not all cities of a province need be listed, so only an excess over the province is meaningful."""
    table = ["indicator", "file_id", "vintage", "year", "province"]
    once = _first(cities.assign(province=cities["entity_code"] // 10000 * 10000), [*table, "entity_code"])
    sums = once.groupby(table)["value"].sum()
    chosen = provinces[provinces["chosen"].fillna(False).astype(bool)]
    heads = once.drop_duplicates(table)
    # A revision of the province is no fault of the cities, so their own edition goes first where it has a figure.
    places = heads.assign(entity_code=heads["province"])
    of_edition, of_panel = (
        _beside(_first(rows, key).set_index(key)["value"], key, places)
        for rows, key in ((provinces, _SERIES), (chosen, ["indicator", "entity_code", "year"]))
    )
    return _beside(sums, table, heads) / of_edition.fillna(of_panel) - 1


def _unit_verdicts(provinces: Frame, reported: dict[str, Indicator]) -> Series:
    """A verdict on each table, in its first row."""
    import pandas as pd

    table = ["indicator", "file_id", "vintage", "raw_unit"]
    in_doubt = [name for name, indicator in reported.items() if units_differ(indicator)]
    rows = _in_order(provinces[provinces["indicator"].isin(in_doubt)])
    medians = rows["value"].astype(float).groupby([rows[name] for name in table]).transform("median")
    heads = rows.assign(median=medians).drop_duplicates(table).dropna(subset=["median"])
    return pd.Series(
        [
            _unit_verdict(reported[name], str(unit), median)
            for name, unit, median in zip(heads["indicator"], heads["raw_unit"], heads["median"], strict=True)
        ],
        index=heads.index,
        dtype=object,
    )


def _unit_verdict(indicator: Indicator, unit: str, median: float) -> str:
    better = fitting_unit(indicator, unit, median)
    return FITS if better == unit else f"{better} rather than {unit} (median {median:,.6g} {indicator.unit})"


def checks() -> tuple[Check, ...]:
    """All checks of the table, in a fixed order; names are unique and stable."""
    return (*_OF_ANY_ROW, *(item for indicator in load_registry().reported for item in _indicator_checks(indicator)))


def _indicator_checks(indicator: Indicator) -> list[Check]:
    """All checks on one indicator's figures, those of cities last."""
    name, label, factor, of_cities = indicator.id, indicator.label, jump_factor(indicator), indicator.city_range
    words, tolerance = in_words(indicator.range, indicator), sum_tolerance(indicator)
    of_unit = _check(
        "unit",
        "warning",
        f"{label.en}: no other catalogued unit explains the median of a table better than the declared one",
        f"{label.zh}：以声明的单位解释各表中位数，优于其他登记单位",
        in_set("unit__", [FITS], indicator=name),
        of=name,
    )
    return [
        _check(
            "range",
            "critical",
            f"{label.en}: {words.en} in every province",
            f"{label.zh}：各省均在{words.zh}之间",
            between("value__", *indicator.range, indicator=name),
            of=name,
        ),
        *([of_unit] if units_differ(indicator) else []),
        _check(
            "jump",
            "warning",
            f"{label.en}: changes from one year to the next by a factor of at most {factor:g}, within a vintage",
            f"{label.zh}：同一版本相邻年份变动不超过{factor:g}倍",
            between("jump__", None, factor, indicator=name),
            of=name,
        ),
        _check(
            "rank",
            "warning",
            f"{label.en}: a province's rank moves by at most {_RANK_PLACES} places from one year to the next",
            f"{label.zh}：相邻年份各省位次变动不超过{_RANK_PLACES}位",
            between("rank__", None, _RANK_PLACES, indicator=name),
            of=name,
        ),
        *([] if indicator.fill == "carry" else [_repeat_check(indicator)]),
        *([] if tolerance is None else [_sum_check(indicator, tolerance)]),
        *([] if of_cities is None else _city_checks(indicator, of_cities, tolerance)),
    ]


def _repeat_check(indicator: Indicator) -> Check:
    return _check(
        "repeat",
        "warning",
        f"{indicator.label.en}: not the figures of the year before again, in more than {REPEATED:.0%} of the places",
        f"{indicator.label.zh}：与上一年完全相同的地区不超过{REPEATED:.0%}（否则可能误抄上一年数据）",
        between("repeat__", None, REPEATED, indicator=indicator.id),
        of=indicator.id,
    )


def _sum_check(indicator: Indicator, tolerance: float) -> Check:
    return _check(
        "sum",
        "warning",
        f"{indicator.label.en}: the provinces' sum is within {tolerance:.0%} of the national figure of the same file",
        f"{indicator.label.zh}：各省合计与同一文件的全国数相差不超过{tolerance:.0%}",
        between("sum__", -tolerance, tolerance, indicator=indicator.id),
        of=indicator.id,
    )


def _city_checks(indicator: Indicator, bounds: tuple[float, float], tolerance: float | None) -> list[Check]:
    """Ranks are not checked: among 300 cities dozens change places."""
    name, label, factor, words = indicator.id, indicator.label, city_jump_factor(indicator), in_words(bounds, indicator)
    of_sum = _check(
        "city_sum",
        "warning",
        f"{label.en}: a province's cities together exceed the province's figure by at most {tolerance or 0:.0%}",
        f"{label.zh}：一省各地级单位合计超出该省数值不多于{tolerance or 0:.0%}",
        between("city_sum__", None, tolerance, indicator=name),
        of=name,
    )
    return [
        _check(
            "city_range",
            "critical",
            f"{label.en}: {words.en} in every prefecture-level unit",
            f"{label.zh}：各地级单位均在{words.zh}之间",
            between("city_value__", *bounds, indicator=name),
            of=name,
        ),
        _check(
            "city_jump",
            "warning",
            f"{label.en}: a city changes from one year to the next by a factor of at most {factor:g}, within a vintage",
            f"{label.zh}：同一版本各地级单位相邻年份变动不超过{factor:g}倍",
            between("city_jump__", None, factor, indicator=name),
            of=name,
        ),
        *([] if tolerance is None else [of_sum]),
    ]
