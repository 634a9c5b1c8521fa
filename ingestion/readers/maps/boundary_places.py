"""Which place a feature of a map is: by the code it carries, held against its name, or by its name alone.

台湾, 香港 and 澳门 and the insets of the South China Sea belong to the map as the file has them, whether or not any
figure exists for them. Geometry: ingestion/readers/maps/geometry.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from catalog import NATION_CODE
from catalog.declarations.misc import MapSpec
from ingestion.places import Place, place_or_problem, same_territory, territory_now
from ingestion.problems import Problem
from ingestion.vocabulary.names import normalise

# Looked for in this order: DataV writes adcode, echarts id, Tianditu gb (156 + code).
CODE_KEYS = ("adcode", "id", "code", "gb", "区划代码", "行政区划代码", "代码")
NAME_KEYS = ("name", "NAME", "fullname", "名称", "地名")
_NOT_LISTED = {710000: ("台湾省", "台湾"), 810000: ("香港特别行政区", "香港"), 820000: ("澳门特别行政区", "澳门")}
_INSETS = frozenset({"南海诸岛", "南海十段线", "南海九段线", "十段线", "九段线", "境界线"})
_CODE = re.compile(r"(?:156)?([1-8][0-9]{5})(?:0{6})?(?:\.0)?")


@dataclass(frozen=True)
class MapPlace:
    """What a feature shows; `code` is None for an inset, whose level is `inset`.

    listed: whether the table of divisions has the code. Maps also show places that statistics number on their own,
    such as 加格达奇区 (232761) and 西沙群岛 (460321): left out they would be holes.
    """

    code: int | None
    level: str
    name: str
    listed: bool = True


def place_of(properties: Mapping[str, Any], identifier: Any, spec: MapSpec) -> MapPlace | Problem:
    """The place of one feature, or the problem without its row."""
    values = {"id": identifier} if identifier is not None else {}
    values |= {key: value for key, value in properties.items() if value is not None and value != ""}
    code_text = _first(values, (spec.code,) if spec.code else CODE_KEYS)
    name = _first(values, (spec.name,) if spec.name else NAME_KEYS)
    if normalise(name) in _INSETS or code_text.endswith("_JD"):
        return MapPlace(None, "inset", name)
    if not code_text:
        return _by_name(name, spec) if name else Problem("map_no_place", ", ".join(map(str, properties))[:80])
    match = _CODE.fullmatch(code_text)
    if not match:
        return Problem("map_code", code_text)
    if int(match.group(1)) == NATION_CODE:
        return MapPlace(NATION_CODE, "nation", name)
    return _by_code(int(match.group(1)), name)


def _first(values: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    return next((str(values[key]).strip() for key in keys if key in values), "")


def level_of(code: int) -> str:
    """The level a code tells by its zeros; a county directly under a province is a county."""
    return "province" if code % 10000 == 0 else "prefecture" if code % 100 == 0 else "county"


@cache
def _by_code(code: int, name: str) -> MapPlace | Problem:
    province = code // 10000 * 10000
    if province in _NOT_LISTED:
        own = code != province or not name or normalise(name) in _NOT_LISTED[province]
        return MapPlace(code, level_of(code), name) if own else Problem("map_contradiction", f"{code} {name}")
    known = place_or_problem(str(code))
    if isinstance(known, Problem):
        above = place_or_problem(str(code // 100 * 100))
        if code % 100 == 0 or isinstance(above, Problem):
            return known
        named = place_or_problem(name, province=province, level="county") if name else known
        # 西沙群岛 was 469031 and lies in 三沙市 (460300) today, as 460321 does.
        if not isinstance(named, Problem) and all(each // 100 != code // 100 for each in territory_now(named.code)):
            return Problem("map_contradiction", f"{code} {name}", f"{named.code} {named.name_zh}")
        return MapPlace(code, "county", name, listed=False)
    if name:
        named = _named(name, known)
        # A name nobody knows says nothing against the code: maps shorten names in their own ways.
        if not isinstance(named, Problem) and not same_territory(named.code, code):
            return Problem("map_contradiction", f"{code} {name}", f"{named.code} {named.name_zh}")
    return MapPlace(code, level_of(code), name or known.name_zh)


def _named(name: str, known: Place) -> Place | Problem:
    """The place called `name` nearest to `known`: in its city, or else in its province."""
    if known.level == "province":
        return place_or_problem(name, level="province")
    if known.level == "county" and known.city_code is not None:
        # Many cities have a 桥东区 or a 鼓楼区.
        near = place_or_problem(name, level="county", city=known.city_code)
        if not isinstance(near, Problem):
            return near
    return place_or_problem(name, level=known.level, province=known.province_code)


def _by_name(name: str, spec: MapSpec) -> MapPlace | Problem:
    for code, names in _NOT_LISTED.items():
        if normalise(name) in names:
            return MapPlace(code, "province", name)
    found = place_or_problem(name, level=spec.level)
    return found if isinstance(found, Problem) else MapPlace(found.code, level_of(found.code), name)
