"""Exposure as a part: it is counted in SQL (dbt/models/intermediate/int_exposure_*.sql); here it becomes a variable."""

from __future__ import annotations

from catalog.base import Text
from models_py.parts.exposure.shows import MAP, MAP_TITLE, OVER_TIME, OVER_TIME_TITLE, map_titles, maps, over_time
from models_py.parts.frame import Part, Show, Tables, Work


def compute(work: Work) -> Tables:
    """No table of its own: smart_exposure is built with the warehouse."""
    return {}


PART = Part(
    summary=Text(
        en="Smart-city exposure: share of a province's units that are pilots, by the keys of the study",
        zh="智慧城市试点暴露度：省内试点单位占比，按研究所设口径",
    ),
    needs=("exposure_variant", "smart_exposure"),
    makes=(),
    offers=("exposure_variant",),
    compute=compute,
    shows=(
        Show(MAP, "figure", MAP_TITLE, maps, titles=map_titles, needs=("smart_exposure", "boundary")),
        Show(OVER_TIME, "figure", OVER_TIME_TITLE, over_time, needs=("smart_exposure",)),
    ),
)
