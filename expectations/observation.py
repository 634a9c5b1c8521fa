"""What must hold of `observation`: known places and units, figures of a plausible size, the text they came from.

Belongs here: the checks of that table and the columns they need. Their set follows from the registry alone; an
indicator no file carries has checks that find nothing to object to.
Does not belong here: plausible ranges (catalog/indicators.yaml), the arithmetic of plausibility
(plausibility.py), relationships with other tables (dbt tests them) and how checks are run (suite.py).
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from catalog.base import Text
from catalog.indicators import Indicator, load_registry
from catalog.provinces import NATION_CODE, load_provinces
from catalog.tables import load_tables
from expectations.builders import Build, between, equal, in_set, is_null, unique
from expectations.plausibility import (
    change_factor,
    fitting_unit,
    jump_factor,
    rank_moves,
    sum_tolerance,
    units_of,
)
from expectations.suite import Check, Severity, run_checks

TABLE = "observation"
MAY_BE_EMPTY = False
STATUSES = ("reported", "corrected", "interpolated", "carried")
FITS = "fits"
_RANK_PLACES = 15
_REQUIRED = (*load_tables()[TABLE].key, "entity_level", "value", "unit", "status", "raw_unit")
# Figures are compared within one edition only: a revision is no jump.
_SERIES = ["vintage", "entity_code", "year"]


def prepare(observation: pd.DataFrame) -> pd.DataFrame:
    """`observation` with the columns the checks read. Pure; rows and the given columns are kept.

    Adds required_missing (empty required fields of the row), level_of_code (level its code stands for; NULL for an
    unknown code), unknown_code (such a code, else NULL), canonical_unit (of its indicator; NULL for one that is not
    reported), raw_unit_misfit (a raw unit that does not measure the indicator, else NULL), raw_missing_reported and
    raw_missing_corrected (1 without the text of the cell, else 0; NULL for another status), and for each reported
    indicator, NULL in rows of others: value__<id> (provinces only), jump__<id> (factor of change since the place's
    previous calendar year in the same vintage), rank__<id> (places the province moved in rank since then, among the
    provinces with both figures), sum__<id> (national rows: sum of all provinces in the same file, vintage and year
    over the national figure, less 1; NULL unless all provinces are there), and unit__<id> (one row of each table,
    i.e. of each file, vintage and raw unit: `fits`, or the unit that would fit its median over the provinces better).
    Raises KeyError for an absent column.
    """
    # The row numbers keep rows apart even where the caller's index repeats.
    rows = observation.reset_index(drop=True)
    registry = load_registry()
    reported = {indicator.id: indicator for indicator in registry.reported}
    level = rows["entity_code"].map({code: level_of_code(code) for code in rows["entity_code"].dropna().unique()})
    raw, status = rows["raw"], rows["status"]
    added: dict[str, pd.Series] = {
        "required_missing": rows[list(_REQUIRED)].isna().sum(axis=1),
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
        own = rows[(rows["indicator"] == indicator.id).fillna(False)]
        provinces = own[level.loc[own.index] == "province"]
        columns = {
            "value": provinces["value"].astype(float),
            "jump": _jumps(own),
            "rank": _rank_moves(provinces),
            "sum": _sum_gaps(own[own["entity_code"] == NATION_CODE], provinces),
            "unit": _unit_verdicts(provinces[added["raw_unit_misfit"].loc[provinces.index].isna()], indicator),
        }
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


def _raw_unit_misfit(rows: pd.DataFrame, reported: dict[str, Indicator]) -> pd.Series:
    known = {(name, unit) for name, indicator in reported.items() for unit in units_of(indicator)}
    misfit = [
        f"{unit} for {name}" if name in reported and pd.notna(unit) and (name, unit) not in known else None
        for name, unit in zip(rows["indicator"], rows["raw_unit"], strict=True)
    ]
    return pd.Series(misfit, index=rows.index, dtype=object)


def _first(rows: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """One row per key, whatever order the rows came in: repeated keys are another check's finding."""
    return rows.sort_values([*_SERIES, "file_id"], kind="stable").drop_duplicates(key)


def _jumps(own: pd.DataFrame) -> pd.Series:
    values = _first(own, _SERIES).set_index(_SERIES)["value"].astype(float)
    places = pd.MultiIndex.from_arrays([own["vintage"], own["entity_code"], own["year"] - 1])
    now = own["value"].astype(float).to_numpy()
    return pd.Series(change_factor(now, values.reindex(places).to_numpy()), index=own.index)


def _rank_moves(provinces: pd.DataFrame) -> pd.Series:
    found = pd.Series(float("nan"), index=provinces.index)
    for _, rows in provinces.groupby("vintage"):
        wide = _first(rows, _SERIES).pivot(index="year", columns="entity_code", values="value")
        moves = rank_moves(wide.astype(float)).stack()
        places = pd.MultiIndex.from_frame(rows[["year", "entity_code"]])
        found.loc[rows.index] = moves.reindex(places).to_numpy(dtype=float)
    return found


def _sum_gaps(nation: pd.DataFrame, provinces: pd.DataFrame) -> pd.Series:
    table = ["file_id", "vintage", "year"]
    once = _first(provinces, [*table, "entity_code"])
    groups = once.groupby(table)["value"]
    totals = groups.sum().where(groups.count() == len(load_provinces()))
    sums = totals.reindex(pd.MultiIndex.from_frame(nation[table])).to_numpy(dtype=float)
    return pd.Series(sums / nation["value"].to_numpy(dtype=float) - 1, index=nation.index)


def _unit_verdicts(provinces: pd.DataFrame, indicator: Indicator) -> pd.Series:
    """A verdict on each table, in its first row."""
    found: dict[Any, str] = {}
    if len(units_of(indicator)) > 1:
        for (_, _, unit), rows in provinces.groupby(["file_id", "vintage", "raw_unit"]):
            median = float(rows["value"].astype(float).median())
            if pd.notna(median):
                better = fitting_unit(indicator, str(unit), median)
                text = f"{better} rather than {unit} (median {median:,.6g} {indicator.unit})"
                found[_first(rows, _SERIES).index[0]] = FITS if better == unit else text
    return pd.Series(found, dtype=object)


def checks() -> tuple[Check, ...]:
    """All checks of the table, in a fixed order; names are unique and stable."""
    reported = load_registry().reported
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
            "A place, year, indicator, vintage and file stand in one row only",
            "同一地区、年份、指标、版本与文件仅一行",
            unique(load_tables()[TABLE].key),
        ),
        _check(
            "statuses_known",
            "critical",
            f"Every status is one of {', '.join(STATUSES)}",
            f"状态均为{'、'.join(STATUSES)}之一",
            in_set("status", STATUSES),
        ),
        _check(
            "entity_codes_known",
            "critical",
            f"Every code is {NATION_CODE} for the nation, or lies in a catalogued province",
            f"行政区划代码为全国（{NATION_CODE}）或属于登记的省份",
            is_null("unknown_code"),
        ),
        _check(
            "entity_levels_agree",
            "critical",
            "Every level (nation, province, city, county) is the one its code stands for",
            "行政级别与行政区划代码一致",
            equal("entity_level", "level_of_code"),
        ),
        _check(
            "indicators_known",
            "critical",
            "Every indicator is catalogued and reported, not derived",
            "指标均已登记且为原始指标，而非派生指标",
            in_set("indicator", [indicator.id for indicator in reported]),
        ),
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
            "Every reported value carries the text of its cell",
            "报告值均附单元格原文",
            between("raw_missing_reported", 0, 0),
        ),
        _check(
            "raw_of_corrected",
            "critical",
            "Every corrected value carries the text it replaces; empty when the cell was empty, never NULL",
            "更正值均附被替换的原文；原单元格为空时为空文本，不得缺失",
            between("raw_missing_corrected", 0, 0),
        ),
    ]
    for indicator in reported:
        found += _indicator_checks(indicator)
    return tuple(found)


def run(observation: pd.DataFrame) -> pd.DataFrame:
    """Prepare `observation` and run all its checks; see `run_checks` for the result."""
    return run_checks(checks(), prepare(observation), may_be_empty=MAY_BE_EMPTY)


def _indicator_checks(indicator: Indicator) -> list[Check]:
    name, (low, high), label = indicator.id, indicator.range, indicator.label
    factor, tolerance, unit = jump_factor(indicator), sum_tolerance(indicator), load_registry().units[indicator.unit]
    bounds = f"{low:,.12g}", f"{high:,.12g}"
    found = [
        _check(
            f"range_{name}",
            "critical",
            f"{label.en}: {bounds[0]} to {bounds[1]} {unit.en} in every province",
            f"{label.zh}：各省均在{bounds[0]}至{bounds[1]}{indicator.unit}之间",
            between(f"value__{name}", low, high),
        )
    ]
    if len(units_of(indicator)) > 1:
        found.append(
            _check(
                f"unit_{name}",
                "warning",
                f"{label.en}: no other catalogued unit explains the median of a table better than the declared one",
                f"{label.zh}：以声明的单位解释各表中位数，优于其他登记单位",
                in_set(f"unit__{name}", [FITS]),
            )
        )
    found += [
        _check(
            f"jump_{name}",
            "warning",
            f"{label.en}: changes from one year to the next by a factor of at most {factor:g}, within a vintage",
            f"{label.zh}：同一版本相邻年份变动不超过{factor:g}倍",
            between(f"jump__{name}", None, factor),
        ),
        _check(
            f"rank_{name}",
            "warning",
            f"{label.en}: a province's rank moves by at most {_RANK_PLACES} places from one year to the next",
            f"{label.zh}：相邻年份各省位次变动不超过{_RANK_PLACES}位",
            between(f"rank__{name}", None, _RANK_PLACES),
        ),
    ]
    if tolerance is not None:
        found.append(
            _check(
                f"sum_{name}",
                "warning",
                f"{label.en}: the provinces' sum is within {tolerance:.0%} of the national figure of the same file",
                f"{label.zh}：各省合计与同一文件的全国数相差不超过{tolerance:.0%}",
                between(f"sum__{name}", -tolerance, tolerance),
            )
        )
    return found


def _check(name: str, severity: Severity, en: str, zh: str, build: Build) -> Check:
    return Check(name=name, table=TABLE, severity=severity, description=Text(en=en, zh=zh), build=build)
