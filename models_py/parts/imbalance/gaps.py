"""Gaps between types of facility, and differences of such gaps between places: the rows of table `imbalance_gap`.

Belongs here: differences of figures of table `imbalance`. Does not belong here: those figures (levels.py). A difference
in gaps (H2b) is one of the same types in both places; it is a comparison, not an effect.
"""

from collections.abc import Mapping

import pandas as pd

from catalog.base import Text
from catalog.parts.imbalance import HIGH, NATION, PRIMARY, Options
from models_py.parts.imbalance.levels import OCCUPANCY, type_label
from models_py.parts.rows import note

# (type on the higher side, type on the lower one): the paper's tiers, and hospitals beside primary care as official
# statistics define them.
PAIRS = ((HIGH, PRIMARY), ("hospitals_all", "primary_institutions"))
# Column of `imbalance`, and what turns a difference of it into percentage points.
MEASURES: Mapping[str, float] = {OCCUPANCY: 1.0, "visit_share": 100.0}


def gap_rows(rows: pd.DataFrame, options: Options) -> list[dict[str, object]]:
    """Gaps in percentage points of each scope and year, and of each compared province less the nation's (H2b).

    `rows`: those of table `imbalance`. With `compared_with` '' a gap is that of `high_type` less `low_type`; otherwise
    `high` and `low` are the gaps of the scope and of the one it is compared with, by the same types. A side that is not
    known leaves the gap empty, and the note names it; where neither side has a figure there is no row.
    """
    found: list[dict[str, object]] = []
    for measure, unit in MEASURES.items():
        wide = rows.pivot(index=["scope", "year"], columns="facility_type", values=measure) * unit
        for high, low in PAIRS:
            sides = wide.reindex(columns=[high, low]).dropna(how="all")
            gaps = {place: (above, below) for place, above, below in sides.itertuples(name=None)}
            found += [_row(place, "", measure, (high, low), both) for place, both in gaps.items()]
            found += _differences(gaps, measure, (high, low), options)
    return found


def _differences(
    gaps: Mapping[tuple[str, int], tuple[float, float]], measure: str, pair: tuple[str, str], options: Options
) -> list[dict[str, object]]:
    differences = {place: above - below for place, (above, below) in gaps.items()}
    return [
        _row((scope, year), NATION, measure, pair, (gap, differences[NATION, year]))
        for (scope, year), gap in differences.items()
        if scope in map(str, options.compared) and (NATION, year) in differences
    ]


def _row(
    place: tuple[str, int], compared_with: str, measure: str, pair: tuple[str, str], sides: tuple[float, float]
) -> dict[str, object]:
    labels = [Text(en=place[0], zh=place[0]), Text(en=compared_with, zh=compared_with)]
    labels = labels if compared_with else [type_label(kind) for kind in pair]
    absent = [label for label, value in zip(labels, sides, strict=True) if pd.isna(value)]
    lacking = (", ".join(label.en for label in absent), "、".join(label.zh for label in absent))
    return {
        "scope": place[0],
        "year": place[1],
        "compared_with": compared_with,
        "measure": measure,
        "high_type": pair[0],
        "low_type": pair[1],
        "high": sides[0],
        "low": sides[1],
        "gap": sides[0] - sides[1],
        **(note(f"Not known: {lacking[0]}.", f"缺：{lacking[1]}。") if absent else note("", "")),
    }
