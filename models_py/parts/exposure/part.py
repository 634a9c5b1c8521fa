"""Exposure as a part: it is counted in SQL (dbt/models/intermediate/int_exposure_*.sql); here it becomes a variable.

Belongs here: what the part takes and shows: a map of one year, and every province over the years. Does not belong here:
drawing (figure_map.py, figure_heat.py).
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from catalog import Study
from catalog.base import Text
from catalog.parts.exposure import MapSpec, Options
from models_py.figures.names import stem_of
from models_py.figures.show import Picture
from models_py.parts.frame import Part, Seen, Show, Tables, Work

if TYPE_CHECKING:
    import pandas as pd


MAP_TITLE = Text(zh="各省智慧城市试点暴露度", en="Smart-city exposure by province")
MAP = "exposure_map"
OVER_TIME = "exposure_over_time"
OVER_TIME_TITLE = Text(zh="暴露度随时间的变化", en="Exposure over time")


def map_titles(study: Study, options: Options) -> list[tuple[str, Text]]:
    """The map, under its number in the paper; none if the study asks for none."""
    return [] if options.map is None else [_title(options.map)]


def maps(seen: Seen, options: Options) -> Iterator[Picture]:
    """The tile map, and the same on the user's polygons if there are any."""
    import pandas as pd

    from models_py.parts.exposure.figure_map import exposure_map

    exposure, spec = _exposure(seen), options.map
    if spec is None or exposure.empty:
        return
    provinces = pd.DataFrame(
        [{"province_code": e.code, "short_zh": e.short_zh, "name_en": e.name_en} for e in seen.panel.entities]
    )
    stem, title = _title(spec)
    yield Picture(stem, title, exposure_map(exposure, provinces, spec, title, seen.data_kind))
    if seen.boundary is not None and not seen.boundary.empty:
        named = Text(zh=f"{title.zh}（地图）", en=f"{title.en} (map)")
        yield Picture(
            f"{stem}_map", named, exposure_map(exposure, provinces, spec, title, seen.data_kind, seen.boundary)
        )


def over_time(seen: Seen, options: Options) -> Iterator[Picture]:
    """Every province over the years."""
    from models_py.parts.exposure.figure_heat import exposure_over_time

    exposure = _exposure(seen)
    if not exposure.empty:
        yield Picture(OVER_TIME, OVER_TIME_TITLE, exposure_over_time(exposure, seen.panel, seen.data_kind))


def _title(spec: MapSpec) -> tuple[str, Text]:
    """Name and title of the map, under its number in the paper if there is one."""
    if not spec.number:
        return MAP, MAP_TITLE
    printed = spec.number.replace("Figure ", "图")
    return stem_of(spec.number), Text(zh=f"{printed}  {MAP_TITLE.zh}", en=f"{spec.number}. {MAP_TITLE.en}")


def _exposure(seen: Seen) -> "pd.DataFrame":
    """Rows of smart_exposure in the study's years; entities are provinces, so the codes are province_code."""
    rows = seen.rows("smart_exposure").rename(columns={"entity_code": "province_code"})
    return rows if rows.empty else rows[rows["year"].between(*seen.study.years)]


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
