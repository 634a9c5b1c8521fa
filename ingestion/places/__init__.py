"""Places below the province: which unit a name or code means in which year, and where its territory has belonged since.

Belongs here: divisions as facts, names of units, the crosswalk between years. Province names in the region column of
a table: ingestion/vocabulary/names.py; reading files that list divisions: ingestion/readers.
"""

from ingestion.places.carry import at_year, prefecture_of, same_territory, territory_at, territory_now
from ingestion.places.facts import using, vintage
from ingestion.places.match import match_place, place_or_problem, unknown_place
from ingestion.places.units import (
    AmbiguousPlaceError,
    Place,
    PlaceError,
    SplitPlaceError,
    UnknownPlaceError,
)

__all__ = [
    "AmbiguousPlaceError",
    "Place",
    "PlaceError",
    "SplitPlaceError",
    "UnknownPlaceError",
    "at_year",
    "match_place",
    "place_or_problem",
    "prefecture_of",
    "same_territory",
    "territory_at",
    "territory_now",
    "unknown_place",
    "using",
    "vintage",
]
