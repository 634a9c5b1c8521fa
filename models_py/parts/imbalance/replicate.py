"""What scripts of the replication bundle find again: sums, shares and ratios by type of facility, gaps, equipment.

Belongs here: the data, the rules of the sums, the published numbers and the conventions. Does not belong here: the
scripts (replication/), what surrounds them (medpanel/replication).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pandas as pd

from catalog import NATION_CODE, load_registry
from catalog.base import Text
from catalog.parts.imbalance import BANDS, COUNTS, HIGH, NATION, NEITHER, PRIMARY
from models_py.parts.frame import Replication, Tables, Work, joined
from models_py.parts.imbalance.gaps import PAIRS
from models_py.parts.imbalance.levels import ALL, OCCUPANCY, divisions, figures_by_place

if TYPE_CHECKING:
    from catalog.parts.imbalance import Options
    from models_py.panel import Panel

CODE = "province_code"
KEYS = [CODE, "year", "facility_type", "measure"]
# Largest difference allowed, as a share of the number; absolute below one.
TOLERANCE = 1e-9
_COUNTED = (*COUNTS, *BANDS)
_SIDES = ("high", "low", "gap")
_TITLE = Text(en="Use, capacity and equipment by type of facility", zh="按机构类型的利用、资源与设备")
_LABELS = {
    CODE: Text(en=f"Province (GB/T 2260); {NATION_CODE}: the nation", zh=f"省级代码；{NATION_CODE}为全国"),
    "year": Text(en="Year", zh="年份"),
    "facility_type": Text(en="Type of facility, or tier", zh="机构类型或层级"),
    "whole": Text(en="What the type is a share of", zh="所属总体"),
    "low_type": Text(en="Type subtracted from facility_type", zh="被减去的类型"),
    "step": Text(en="Order of the sums", zh="计算次序"),
    "target": Text(en="Type that is the sum", zh="合计所得类型"),
    "weight": Text(en="1 added, -1 subtracted", zh="1为加，-1为减"),
    "bedless": Text(en="1: has no beds by its nature", zh="1为本无床位"),
    "may_lack": Text(en="1: left out where nothing is reported", zh="1为无任何数值时不计"),
    "measure": Text(en="Measure", zh="指标"),
}
_NOTES = (
    Text(
        en="Figures are as read. A count of the nation that is not reported is the sum of all provinces, if each has "
        "it.",
        zh="figures 为读入原值。全国未报告的数量，若各省俱全，取各省之和。",
    ),
    Text(
        en="Sums are made in the order of step, only where the type itself has no figure and every part has one; "
        "what is left of a whole is at least 0.",
        zh="按 step 次序求和：仅当该类型本身无值且各部分俱全；余数不小于0。",
    ),
    Text(
        en="Bed occupancy of a sum is weighted by beds; it is not computed for what is left of a whole.",
        zh="合并的病床使用率按床位加权；余数不计算使用率。",
    ),
    Text(
        en="Visits per institution, bed and physician are single visits (visits are in 10,000). Utilisation quotient: "
        "share of visits divided by share of capacity.",
        zh="每机构、每床、每医师诊疗以人次计（诊疗原单位为万人次）。利用商为诊疗占比÷资源占比。",
    ),
    Text(
        en="gap_: facility_type less low_type of frame pairs, in percentage points; h2b_: the place's gap less the "
        "nation's of the same year. A comparison, not an effect.",
        zh="gap_ 为 facility_type 减 pairs 中的 low_type（百分点）；h2b_ 为该地差距减同年全国差距，仅为比较而非效应。",
    ),
)


def replicate(work: Work, made: Tables) -> Replication | None:
    """The published numbers that are known, the figures as read, and the rules of the sums; None without any."""
    expected = _expected(made)
    if expected.empty:
        return None
    kinds = [(kind, whole) for _, whole, parts in divisions(load_registry().facilities) for kind in parts]
    rules = pd.DataFrame(_rules(work.options), columns=["step", "target", "facility_type", "weight"])
    types = load_registry().facilities.types
    bedless = [kind in types and types[kind].bedless for kind in rules["facility_type"]]
    rules["bedless"] = pd.Series(bedless).astype("int32")
    rules["may_lack"] = rules["facility_type"].isin(work.options.may_lack).astype("int32")
    return Replication(
        title=_TITLE,
        panel=work.panel,
        frames={
            "figures": _as_read(work.tables["figures_long"], work.panel),
            "rules": rules.astype({"step": "int32", "weight": "int32"}),
            "divisions": pd.DataFrame(kinds, columns=["facility_type", "whole"]),
            "pairs": pd.DataFrame(PAIRS, columns=["facility_type", "low_type"]),
        },
        labels=_LABELS | {name: _label(name) for name in (*_COUNTED, OCCUPANCY)},
        lists={
            "counts": _COUNTED,
            "capacity": (work.options.capacity,),
            "nation": (NATION_CODE,),
            "provinces": (len(work.panel.codes),),
            "steps": tuple(sorted(set(rules["step"].tolist()))),
        },
        expected=expected,
        notes=_NOTES,
    )


def _as_read(long: pd.DataFrame, panel: Panel) -> pd.DataFrame:
    """One row for each place, year and type with a figure; a column for each measure."""
    by_place, summed = figures_by_place(long, panel)
    rows = [
        (place.province_code or NATION_CODE, place.year, kind, measure, value)
        for place, figures in by_place.items()
        for (measure, kind), value in figures.items()
        if (place, measure, kind) not in summed
    ]
    frame = pd.DataFrame(rows, columns=[*KEYS, "value"]).pivot(index=KEYS[:3], columns="measure", values="value")
    wide = frame.reindex(columns=[*_COUNTED, OCCUPANCY]).astype("float64").reset_index().rename_axis(columns=None)
    return wide.astype({CODE: "int32", "year": "int32"})


def _rules(options: Options) -> Iterator[tuple[int, str, str, int]]:
    """(step, sum, part, 1 or -1): each whole from its parts, what they leave of it, the tiers, what is in neither."""
    facilities, step = load_registry().facilities, 0
    sums: list[tuple[str, tuple[str, ...], tuple[str, ...]]] = []
    for whole in reversed([name for name, item in facilities.types.items() if item.parts]):
        parts = facilities.parts_of(whole)
        rest = [part for part in parts if facilities.types[part].residual and not facilities.parts_of(part)]
        sums += [(part, (whole,), tuple(other for other in parts if other != part)) for part in rest]
        sums.append((whole, parts, ()))
    tiers = options.tiers
    sums += [(HIGH, tiers[HIGH], ()), (PRIMARY, tiers[PRIMARY], ())]
    sums += [(NEITHER, (ALL,), (HIGH, PRIMARY)), (NEITHER, tiers[NEITHER], ())]
    for step, (target, added, subtracted) in enumerate(sums, start=1):
        yield from ((step, target, part, 1) for part in added)
        yield from ((step, target, part, -1) for part in subtracted)


def _label(measure: str) -> Text:
    entry = load_registry().facilities.measures[measure]
    return Text(en=f"{entry.label.en} [{entry.unit}]", zh=f"{entry.label.zh}（{entry.unit}）")


def _expected(made: Tables) -> pd.DataFrame:
    """The numbers of the published tables, one row each; those not known are left out."""
    levels, gaps, equipment = made["imbalance"], made["imbalance_gap"], made["equipment_band"]
    place = ["scope", "year", "facility_type"]
    numbers = [str(name) for name in levels.select_dtypes("float64").columns]
    rows = [levels.melt(place, numbers, "measure", "value")]
    prefix = gaps["compared_with"].map(lambda other: "h2b_" if other else "")
    sides = gaps.rename(columns={"high_type": "facility_type"}).assign(measure=prefix + "{}_" + gaps["measure"])
    rows += [_named(sides, place, side, side) for side in _SIDES]
    bands = equipment.assign(measure=equipment["band"])
    rows += [
        _named(bands, place, "pieces", ""),
        _named(bands.assign(measure=bands["band"] + "_share"), place, "share", ""),
    ]
    found = joined(rows).dropna(subset="value").astype({"value": "float64"})
    found[CODE] = found["scope"].replace(NATION, str(NATION_CODE)).astype("int32")
    found["tolerance"] = TOLERANCE * found["value"].abs().clip(lower=1)
    return found.astype({"year": "int32"})[[*KEYS, "value", "tolerance"]]


def _named(rows: pd.DataFrame, place: list[str], column: str, side: str) -> pd.DataFrame:
    """The numbers of one column; `{}` in the name of their measure is the side."""
    return rows.assign(measure=[name.replace("{}", side) for name in rows["measure"]], value=rows[column])[
        [*place, "measure", "value"]
    ]
