"""The columns the checks of `observation` read, computed from its rows.

Belongs here: per figure, what the check of it needs to know: its level, its change, its rank, its sum.
Does not belong here: what is then demanded of them (observation.py, observation_indicators.py), and the arithmetic
of plausibility (plausibility.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from catalog.indicators import Indicator, load_registry
from catalog.provinces import MUNICIPALITIES, NATION_CODE, load_provinces
from catalog.tables import load_tables
from expectations.plausibility import change_factor, fitting_unit, rank_moves, sum_tolerance, units_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

FITS = "fits"
REQUIRED = (*load_tables()["observation"].key, "entity_level", "value", "unit", "status", "raw_unit")
# Figures are compared within one edition only: a revision is no jump.
_SERIES = ["vintage", "entity_code", "year"]


def prepare(observation: pd.DataFrame, indicators: Iterable[Indicator] | None = None) -> pd.DataFrame:
    """`observation` with the columns the checks read. Pure; rows and the given columns are kept.

    `indicators` limits those that get columns of their own; all reported ones by default.

    Adds required_missing (empty required fields of the row), level_of_code (level its code stands for, city for a
    municipality or a county directly under a province where the row says so; NULL for an unknown code),
    unknown_code (such a code, else NULL), canonical_unit (of its indicator; NULL for one that is not reported),
    raw_unit_misfit (a raw unit that does not measure the indicator, else NULL), raw_missing_reported and
    raw_missing_corrected (1 without the text of the cell, else 0; NULL for another status), and for each of the
    indicators, NULL in rows of others: value__<id> (provinces only), jump__<id> (factor of change since the
    previous calendar year of the nation or province in the same vintage), rank__<id> (places the province moved in
    rank since then, among the provinces with both figures), sum__<id> (national rows: sum of all provinces in the
    same file, vintage and year over the national figure, less 1; NULL unless all provinces are there), and
    unit__<id> (one row of each table, i.e. of each file, vintage and raw unit: `fits`, or the unit that would fit
    its median over the provinces better); for an indicator with a range for cities also city_value__<id> and
    city_jump__<id>, the same of prefecture-level units, and city_sum__<id> (the first row of each file, vintage,
    year and province: sum of its cities over the province's figure in that vintage, or else the chosen one, less 1).
    Raises KeyError for an absent column.
    """
    import pandas as pd

    # The row numbers keep rows apart even where the caller's index repeats.
    rows = observation.reset_index(drop=True)
    registry = load_registry()
    reported = {indicator.id: indicator for indicator in registry.reported}
    level = rows["entity_code"].map({code: level_of_code(code) for code in rows["entity_code"].dropna().unique()})
    level = level.mask(_is_own_city(rows), "city")
    raw, status = rows["raw"], rows["status"]
    added: dict[str, pd.Series] = {
        "required_missing": rows[list(REQUIRED)].isna().sum(axis=1),
        "level_of_code": level.astype(object),
        "unknown_code": rows["entity_code"].where(level.isna()),
        "canonical_unit": rows["indicator"].map({name: i.unit for name, i in reported.items()}).astype(object),
        "raw_unit_misfit": _raw_unit_misfit(rows, reported),
        "raw_missing_reported": (raw.isna() | raw.astype(str).str.strip().eq("")).astype(float),
        # A corrected cell may have been empty in the source: its text is then empty, but known.
        "raw_missing_corrected": raw.isna().astype(float),
    }
    for word in ("reported", "corrected"):
        name = f"raw_missing_{word}"
        added[name] = added[name].where(status == word)
    for indicator in reported.values():
        if indicators is not None and indicator not in indicators:
            continue
        own = rows[(rows["indicator"] == indicator.id).fillna(False)]
        cities, provinces = (own[level.loc[own.index] == name] for name in ("city", "province"))
        columns = {
            "value": provinces["value"].astype(float),
            "jump": _jumps(own.drop(cities.index)),
            "rank": _rank_moves(provinces),
            "sum": _sum_gaps(own[own["entity_code"] == NATION_CODE], provinces),
            "unit": _unit_verdicts(provinces[added["raw_unit_misfit"].loc[provinces.index].isna()], indicator),
        }
        if indicator.city_range is not None:
            columns["city_value"] = cities["value"].astype(float)
            columns["city_jump"] = _jumps(cities)
            if sum_tolerance(indicator) is not None:
                columns["city_sum"] = _city_sum_gaps(cities, provinces)
        for kind, values in columns.items():
            added[f"{kind}__{indicator.id}"] = values.reindex(rows.index)
    extra = pd.DataFrame(added).set_axis(observation.index)
    return pd.concat([observation, extra], axis=1)


def level_of_code(code: float) -> str | None:
    """Level of a GB/T 2260 code: nation, province, city or county; None when its province is not catalogued."""
    if code == NATION_CODE:
        return "nation"
    if code // 10000 * 10000 not in {p.province_code for p in load_provinces()}:
        return None
    if code % 10000 == 0:
        return "province"
    return "city" if code % 100 == 0 else "county"


def _is_own_city(rows: pd.DataFrame) -> pd.Series:
    """Rows of cities whose code is of another level: municipalities, and county units directly under a province."""
    codes = rows["entity_code"]
    own = codes.isin(MUNICIPALITIES) | ((codes // 100 % 100 == 90) & (codes % 100 > 0))
    return ((rows["entity_level"] == "city") & own).fillna(False).astype(bool)


def _raw_unit_misfit(rows: pd.DataFrame, reported: dict[str, Indicator]) -> pd.Series:
    known = {(name, unit) for name, indicator in reported.items() for unit in units_of(indicator)}
    import pandas as pd

    misfit = [
        f"{unit} for {name}" if name in reported and pd.notna(unit) and (name, unit) not in known else None
        for name, unit in zip(rows["indicator"], rows["raw_unit"], strict=True)
    ]
    return pd.Series(misfit, index=rows.index, dtype=object)


def _first(rows: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """One row per key, whatever order the rows came in: repeated keys are another check's finding."""
    return rows.sort_values([*_SERIES, "file_id"], kind="stable").drop_duplicates(key)


def _jumps(own: pd.DataFrame) -> pd.Series:
    import pandas as pd

    values = _first(own, _SERIES).set_index(_SERIES)["value"].astype(float)
    places = pd.MultiIndex.from_arrays([own["vintage"], own["entity_code"], own["year"] - 1])
    now = own["value"].astype(float).to_numpy()
    return pd.Series(change_factor(now, values.reindex(places).to_numpy()), index=own.index)


def _rank_moves(provinces: pd.DataFrame) -> pd.Series:
    import pandas as pd

    found = pd.Series(float("nan"), index=provinces.index)
    for _, rows in provinces.groupby("vintage"):
        wide = _first(rows, _SERIES).pivot(index="year", columns="entity_code", values="value")
        moves = rank_moves(wide.astype(float)).stack()
        places = pd.MultiIndex.from_frame(rows[["year", "entity_code"]])
        found.loc[rows.index] = moves.reindex(places).to_numpy(dtype=float)
    return found


def _sum_gaps(nation: pd.DataFrame, provinces: pd.DataFrame) -> pd.Series:
    import pandas as pd

    table = ["file_id", "vintage", "year"]
    once = _first(provinces, [*table, "entity_code"])
    groups = once.groupby(table)["value"]
    totals = groups.sum().where(groups.count() == len(load_provinces()))
    sums = totals.reindex(pd.MultiIndex.from_frame(nation[table])).to_numpy(dtype=float)
    return pd.Series(sums / nation["value"].to_numpy(dtype=float) - 1, index=nation.index)


def _city_sum_gaps(cities: pd.DataFrame, provinces: pd.DataFrame) -> pd.Series:
    """Not all cities of a province need be listed, so only an excess over the province means something."""
    import pandas as pd

    table = ["file_id", "vintage", "year", "province"]
    once = _first(cities.assign(province=cities["entity_code"] // 10000 * 10000), [*table, "entity_code"])
    sums = once.groupby(table)["value"].sum()
    chosen = _first(provinces[provinces["chosen"].fillna(False).astype(bool)], ["entity_code", "year"])
    own = _first(provinces, _SERIES).set_index(_SERIES)["value"].astype(float)
    standing = chosen.set_index(["entity_code", "year"])["value"].astype(float)
    heads = once.drop_duplicates(table)
    of_cities = sums.reindex(pd.MultiIndex.from_frame(heads[table])).to_numpy(dtype=float)
    # A revision of the province is no fault of the cities, so their own edition goes first where it has a figure.
    of_edition = own.reindex(pd.MultiIndex.from_frame(heads[["vintage", "province", "year"]])).to_numpy(dtype=float)
    of_panel = standing.reindex(pd.MultiIndex.from_frame(heads[["province", "year"]])).to_numpy(dtype=float)
    of_province = pd.Series(of_edition, heads.index).fillna(pd.Series(of_panel, heads.index))
    return pd.Series(of_cities, heads.index) / of_province - 1


def _unit_verdicts(provinces: pd.DataFrame, indicator: Indicator) -> pd.Series:
    """A verdict on each table, in its first row."""
    import pandas as pd

    found: dict[Any, str] = {}
    units = load_registry().units
    if len({units[symbol].factor for symbol in units_of(indicator)}) > 1:
        for (_, _, unit), rows in provinces.groupby(["file_id", "vintage", "raw_unit"]):
            median = float(rows["value"].astype(float).median())
            if pd.notna(median):
                better = fitting_unit(indicator, str(unit), median)
                text = f"{better} rather than {unit} (median {median:,.6g} {indicator.unit})"
                found[_first(rows, _SERIES).index[0]] = FITS if better == unit else text
    return pd.Series(found, dtype=object)
