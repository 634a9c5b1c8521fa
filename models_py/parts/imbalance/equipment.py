"""Equipment by band of value and type of facility: the rows of table `equipment_band`.

Belongs here: the shares of each type in a band. Does not belong here: visits, beds and staff (levels.py).
"""

import pandas as pd

from catalog import load_registry
from catalog.base import Text
from catalog.parts.imbalance import BANDS, NATION
from models_py.panel import Panel
from models_py.parts.imbalance.levels import ALL, figures_by_place
from models_py.parts.rows import note


def equipment_rows(long: pd.DataFrame, panel: Panel) -> list[dict[str, object]]:
    """Pieces of equipment and each type's share of its band, by scope (the nation first), year, band and type.

    Types are those that all institutions consist of. Without one of them the whole is not known, nor are shares. Raises
    ImbalanceError as `figures_by_place`.
    """
    facilities, (by_place, _) = load_registry().facilities, figures_by_place(long, panel)
    kinds = facilities.parts_of(ALL)
    rows: list[dict[str, object]] = []
    for place in sorted(by_place, key=lambda place: (place.scope != NATION, place)):
        for band in BANDS:
            pieces = {kind: by_place[place][band, kind] for kind in kinds if (band, kind) in by_place[place]}
            absent = [facilities.types[kind].label for kind in kinds if kind not in pieces]
            lacking = Text(
                en=f"Not known: {', '.join(label.en for label in absent)}.",
                zh=f"缺：{'、'.join(label.zh for label in absent)}。",
            )
            total = sum(pieces.values())
            rows += [
                {
                    "scope": place.scope,
                    "province_code": place.province_code,
                    "year": place.year,
                    "band": band,
                    "facility_type": kind,
                    "pieces": value,
                    "share": None if absent or total == 0 else value / total,
                    **(note(lacking.en, lacking.zh) if absent else note("", "")),
                }
                for kind, value in pieces.items()
            ]
    return rows
