"""The columns the checks of `observation` read, computed from its rows.

Belongs here: per figure, what the check of it needs to know: its level, its change, its rank, its sum.
Does not belong here: what is then demanded of them (observation.py), and the arithmetic
of plausibility (plausibility.py).
"""

from catalog.indicators import Indicator, load_registry
from catalog.provinces import MUNICIPALITIES, NATION_CODE, load_provinces
from catalog.tables import load_tables
from expectations import Frame, Series
from expectations.plausibility import change_factor, fitting_unit, rank_moves, units_differ, units_of
from expectations.suite import missing, year_before

FITS = "fits"
REQUIRED = (*load_tables()["observation"].key, "entity_level", "value", "unit", "status", "raw_unit")
# Figures are compared within one edition only: a revision is no jump.
_PLACE = ["indicator", "vintage", "entity_code"]
_SERIES = [*_PLACE, "year"]


def prepare(observation: Frame) -> Frame:
    """`observation` with the columns the checks read. Pure; rows and the given columns are kept.

    Adds required_missing (empty required fields of the row), level_of_code (level its code stands for, city for a
    municipality or a county directly under a province where the row says so; NULL for an unknown code),
    unknown_code (such a code, else NULL), canonical_unit (of its indicator; NULL for one that is not reported),
    raw_unit_misfit (a raw unit that does not measure the indicator, else NULL), raw_missing_reported and
    raw_missing_corrected (1 without the text of the cell, else 0; NULL for another status), and of reported
    indicators, under names that end in __ and are printed with the indicator's id behind them: value__ (provinces
    only), jump__ (factor of change since the previous calendar year of the nation or province in the same vintage),
    rank__ (places the province moved in rank since then, among the provinces with both figures), sum__ (national rows:
    sum of all provinces in the same file, vintage and year over the national figure, less 1; NULL unless all provinces
    are there), unit__ (one row of each table, i.e. of each file, vintage and raw unit: `fits`, or the unit that would
    fit its median over the provinces better; NULL where all its units are of one size), city_value__ and city_jump__
    (the same of prefecture-level units), and city_sum__ (the first row of each file, vintage, year and province: sum
    of its cities over the province's figure in that vintage, or else the chosen one, less 1).
    Raises KeyError for an absent column.
    """
    import pandas as pd

    # The row numbers keep rows apart even where the caller's index repeats.
    rows = observation.reset_index(drop=True)
    reported = {indicator.id: indicator for indicator in load_registry().reported}
    level = rows["entity_code"].map({code: level_of_code(code) for code in rows["entity_code"].dropna().unique()})
    level = level.mask(_is_own_city(rows), "city")
    raw, status, misfit = rows["raw"], rows["status"], _raw_unit_misfit(rows, reported)
    # A corrected cell may have been empty in the source: its text is then empty, but known.
    without_text = {"reported": raw.isna() | raw.astype(str).str.strip().eq(""), "corrected": raw.isna()}
    of_reported = rows["indicator"].isin(list(reported))
    cities, provinces = (rows[of_reported & (level == name)] for name in ("city", "province"))
    added = {
        "required_missing": missing(rows, REQUIRED),
        "level_of_code": level.astype(object),
        "unknown_code": rows["entity_code"].where(level.isna()),
        "canonical_unit": rows["indicator"].map({name: i.unit for name, i in reported.items()}).astype(object),
        "raw_unit_misfit": misfit,
        **{f"raw_missing_{name}": absent.astype(float).where(status == name) for name, absent in without_text.items()},
        "value__": provinces["value"].astype(float),
        "jump__": _jumps(rows[of_reported].drop(cities.index)),
        "rank__": _rank_moves(provinces),
        "sum__": _sum_gaps(rows[of_reported & (rows["entity_code"] == NATION_CODE)], provinces),
        "unit__": _unit_verdicts(provinces[misfit[provinces.index].isna()], reported),
        "city_value__": cities["value"].astype(float),
        "city_jump__": _jumps(cities),
        "city_sum__": _city_sum_gaps(cities, provinces),
    }
    return pd.concat([observation, pd.DataFrame(added, index=rows.index).set_axis(observation.index)], axis=1)


def level_of_code(code: float) -> str | None:
    """Level of a GB/T 2260 code: nation, province, city or county; None when its province is not catalogued."""
    if code == NATION_CODE:
        return "nation"
    if code // 10000 * 10000 not in {p.province_code for p in load_provinces()}:
        return None
    if code % 10000 == 0:
        return "province"
    return "city" if code % 100 == 0 else "county"


def _is_own_city(rows: Frame) -> Series:
    """Rows of cities whose code is of another level: municipalities, and county units directly under a province."""
    codes = rows["entity_code"]
    own = codes.isin(MUNICIPALITIES) | ((codes // 100 % 100 == 90) & (codes % 100 > 0))
    return ((rows["entity_level"] == "city") & own).fillna(False).astype(bool)


def _raw_unit_misfit(rows: Frame, reported: dict[str, Indicator]) -> Series:
    import pandas as pd

    known = {(name, unit) for name, indicator in reported.items() for unit in units_of(indicator)}
    misfit = [
        f"{unit} for {name}" if name in reported and pd.notna(unit) and (name, unit) not in known else None
        for name, unit in zip(rows["indicator"], rows["raw_unit"], strict=True)
    ]
    return pd.Series(misfit, index=rows.index, dtype=object)


def _in_order(rows: Frame) -> Frame:
    """So that the first row of a repeated key does not depend on the order rows came in."""
    return rows.sort_values([*_SERIES, "file_id"], kind="stable")


def _first(rows: Frame, key: list[str]) -> Frame:
    """One row per key: repeated keys are another check's finding."""
    return _in_order(rows).drop_duplicates(key)


def _beside(figures: Series, key: list[str], rows: Frame) -> Series:
    """The figure that has the key of each row; NULL without one."""
    import pandas as pd

    return figures.reindex(pd.MultiIndex.from_frame(rows[key])).set_axis(rows.index).astype(float)


def _jumps(own: Frame) -> Series:
    import pandas as pd

    ordered = _in_order(own)
    now, before = ordered["value"].astype(float), year_before(ordered, _PLACE, ["value"])["value"]
    return pd.Series(change_factor(now.to_numpy(), before.to_numpy()), index=ordered.index)


def _rank_moves(provinces: Frame) -> Series:
    once = _first(provinces, _SERIES)
    before = year_before(once, _PLACE, ["value"])["value"]
    moves = rank_moves(once["value"].astype(float), before, [once[name] for name in ("indicator", "vintage", "year")])
    return _beside(moves.set_axis(once.set_index(_SERIES).index), _SERIES, provinces)


def _sum_gaps(nation: Frame, provinces: Frame) -> Series:
    table = ["indicator", "file_id", "vintage", "year"]
    groups = _first(provinces, [*table, "entity_code"]).groupby(table)["value"]
    totals = groups.sum().where(groups.count() == len(load_provinces()))
    return _beside(totals, table, nation) / nation["value"].astype(float) - 1


def _city_sum_gaps(cities: Frame, provinces: Frame) -> Series:
    """Not all cities of a province need be listed, so only an excess over the province means something."""
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
    verdicts = [
        _unit_verdict(reported[name], str(unit), median)
        for name, unit, median in zip(heads["indicator"], heads["raw_unit"], heads["median"], strict=True)
    ]
    return pd.Series(verdicts, index=heads.index, dtype=object)


def _unit_verdict(indicator: Indicator, unit: str, median: float) -> str:
    better = fitting_unit(indicator, unit, median)
    return FITS if better == unit else f"{better} rather than {unit} (median {median:,.6g} {indicator.unit})"
