"""Figures outside the plausible range that somebody confirmed (table `correction`): what the wide tables' checks see.

Belongs here: telling such cells, also those computed from them. Does not belong here: confirming
(catalog/declarations/corrections.py), and checks.
"""

from catalog.declarations.corrections import CONFIRMED
from catalog.indicators import load_registry
from expectations import Frame

# The wide tables whose figures can be confirmed, and the column of their place.
PLACES = {"province_year": "province_code", "city_year": "city_code", "county_year": "city_code"}


def judged(df: Frame, table: str, correction: Frame) -> Frame:
    """`df`, one of PLACES, with every confirmed figure, and every figure made from one, moved to the next bound of its
    range: it was judged when it was confirmed. Rows and columns are kept; other tables are returned as they are."""
    standing = correction[(correction["status"] == CONFIRMED) & (correction["state"] == "applied")]
    place = PLACES.get(table)
    if place is None or standing.empty:
        return df
    made, registry = df.copy(), load_registry()
    for row in standing.to_dict("records"):
        at = (made[place] == row["entity_code"]) & (made["year"] == row["year"])
        for one in registry.indicators.values():
            bounds = one.city_range if place == "city_code" else one.range
            if bounds is not None and one.id in made and row["indicator"] in (one.id, *one.inputs):
                made.loc[at, one.id] = made.loc[at, one.id].astype(float).clip(*bounds)
    return made
