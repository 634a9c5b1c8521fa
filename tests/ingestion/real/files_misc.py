"""Maps, weights matrices and the partial pilot list."""

from __future__ import annotations

from typing import Any

from tests.ingestion.real.expected import Expected, Spot

_ECHARTS, _MAPCHINA, _WEIGHTS = "geo/echarts-4.9.0", "geo/mapchina", "weights/renjiyi163"


def _place(code: int, **what: Any) -> Spot:
    return Spot({"code": code}, what, "boundary")


def _weight(cell: str, code: int, neighbour: int, weight: float) -> Spot:
    return Spot({"cell": cell}, {"code": code, "neighbour_code": neighbour, "weight": weight}, "spatial_weight")


_NOT_READ = Expected(layout=None, rows=(0, 0, 0, 0), refused="not_read")

EXPECTED: dict[str, Expected] = {
    f"{_ECHARTS}/china.json": Expected(
        layout="map_json",
        rows=(34, 34, 0, 0),
        spots=(
            _place(710000, name="台湾", level="province", row=1, approval=None),
            _place(130000, name="河北", level="province", row=2),
            _place(820000, name="澳门", level="province", row=34),
        ),
        codes={"map_no_approval": 1},
    ),
    # 332 prefecture-level units of about 2015 (哈密 is still 652200), the municipalities, 28 counties directly under a
    # province; 台湾, 香港 and 澳门 are whole.
    f"{_ECHARTS}/china-cities.json": Expected(
        layout="map_json",
        rows=(367, 367, 0, 0),
        spots=(
            _place(340100, name="合肥", level="prefecture", row=1),
            _place(652200, name="哈密", level="prefecture"),
            _place(419001, name="济源", level="county"),
            _place(110000, name="北京", level="province"),
        ),
        codes={"map_no_approval": 1},
    ),
    f"{_ECHARTS}/zhejiang.json": Expected(
        layout="map_json",
        rows=(11, 11, 0, 0),
        spots=(
            _place(330100, name="杭州市", level="prefecture", row=1),
            _place(330900, name="舟山市", level="prefecture", row=9),
            _place(331100, name="丽水市", level="prefecture", row=11),
        ),
        codes={"map_no_approval": 1},
    ),
    f"{_ECHARTS}/LICENSE": _NOT_READ,
    f"{_ECHARTS}/NOTICE": _NOT_READ,
    # 自流井区 is the one polygon that is not valid: its ring touches itself at 104.7971158, 29.3425953.
    f"{_MAPCHINA}/china.rda": Expected(
        layout="map_rda",
        rows=(2901, 2901, 0, 0),
        spots=(
            _place(110101, name="东城区", level="county", row=1, invalid=None),
            _place(330106, name="西湖区", level="county", row=1123),
            _place(460321, name="西沙群岛", level="county"),
            _place(510302, invalid="Ring Self-intersection[104.7971158 29.3425953]"),
        ),
        codes={"map_unlisted": 1, "map_no_approval": 1},
    ),
    f"{_MAPCHINA}/DESCRIPTION": _NOT_READ,
    # 海南 has no neighbour; 青海-宁夏 is no border.
    f"{_WEIGHTS}/W_adj.csv": Expected(
        layout="spatial_weights",
        rows=(32, 31, 0, 1),
        spots=(
            _weight("C2", 110000, 120000, 0.5),
            _weight("B4", 130000, 110000, 0.1428571428571428),
            _weight("D5", 140000, 130000, 0.25),
            _weight("AD31", 640000, 630000, 0.25),
            Spot({"code": 460000}, {"neighbour_code": None, "weight": None}, "spatial_weight"),
        ),
        codes={"weights_island": 1, "weights_border_extra": 1, "weights_border_missing": 1},
    ),
    f"{_WEIGHTS}/W_econ.csv": Expected(
        layout="spatial_weights",
        rows=(32, 31, 0, 1),
        spots=(
            _weight("C2", 110000, 120000, 0.0106296555122597),
            _weight("J2", 110000, 310000, 0.8045563076314921),
            _weight("V3", 120000, 460000, 0.0188955932079154),
            _weight("B22", 460000, 110000, 0.0003305936525256),
        ),
    ),
    "smartcity/mohurd_pilots_partial.csv": _NOT_READ,
}
