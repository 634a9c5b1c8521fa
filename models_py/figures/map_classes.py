"""What a map of provinces draws: values in quantile classes for one period or several, and their legend, or polygons.

Belongs here: where each province stands in the tile map (one square of equal size each, no boundary); classes, in which
equal values are never parted and one that nothing falls in is merged away; their colours, the rows of the map and of
its legend; the polygons of a user's map as features in kilometres in Albers' equal-area projection, every one of the
file, nothing trimmed or mended. Does not belong here: drawing (province_map.py), reading map files (ingestion).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from catalog.base import Text, refuse
from models_py.figures.style import BLACK, SEQUENCE, FigureError
from models_py.figures.text import number
from models_py.panel import lacking

# Row from the north, column from the west, by province code (GB/T 2260).
TILES: dict[int, tuple[int, int]] = {
    230000: (0, 7),  # 黑龙江
    210000: (1, 6),  # 辽宁
    220000: (1, 7),  # 吉林
    650000: (2, 1),  # 新疆
    640000: (2, 3),  # 宁夏
    150000: (2, 4),  # 内蒙古
    110000: (2, 5),  # 北京
    120000: (2, 6),  # 天津
    630000: (3, 1),  # 青海
    620000: (3, 2),  # 甘肃
    610000: (3, 3),  # 陕西
    140000: (3, 4),  # 山西
    130000: (3, 5),  # 河北
    370000: (3, 6),  # 山东
    540000: (4, 1),  # 西藏
    510000: (4, 2),  # 四川
    500000: (4, 3),  # 重庆
    410000: (4, 4),  # 河南
    340000: (4, 5),  # 安徽
    320000: (4, 6),  # 江苏
    310000: (4, 7),  # 上海
    530000: (5, 2),  # 云南
    520000: (5, 3),  # 贵州
    420000: (5, 4),  # 湖北
    360000: (5, 5),  # 江西
    330000: (5, 6),  # 浙江
    450000: (6, 3),  # 广西
    430000: (6, 4),  # 湖南
    440000: (6, 5),  # 广东
    350000: (6, 6),  # 福建
    460000: (7, 5),  # 海南
}


@dataclass(frozen=True)
class QuantileClasses:
    """`index`: class of each value, 0 the lowest, -1 for a missing one. `bounds`: smallest and largest value of each
    class left. `asked`: classes asked for; those left are `len(bounds)`. `cuts`: the upper ends of all classes left but
    the highest.
    """

    index: tuple[int, ...]
    bounds: tuple[tuple[float, float], ...]
    asked: int
    cuts: tuple[float, ...]

    def index_of(self, values: Sequence[float]) -> tuple[int, ...]:
        """The class of other values under the same cuts, -1 for a missing one."""
        numbers = np.asarray(values, dtype="float64")
        return tuple(int(i) for i in np.where(np.isnan(numbers), -1, np.searchsorted(self.cuts, numbers, side="left")))


def quantile_classes(values: Sequence[float], classes: int) -> QuantileClasses:
    """`values` in at most `classes` classes, cut at the quantiles 1/classes, 2/classes, ... of those present.

    Quantiles interpolate linearly between order statistics (Hyndman and Fan 1996, type 7); a value on a cut belongs to
    the class below it, so that equal values cannot be parted. Raises FigureError for fewer than 2 classes, an infinite
    value and when no value is present.
    """
    numbers = np.asarray(values, dtype="float64")
    present = ~np.isnan(numbers)
    refuse(
        (classes < 2, f"a map needs at least 2 classes, found {classes}"),
        (not present.any(), "no value to class"),
        (np.isinf(numbers).any(), "an infinite value cannot be classed"),
        error=FigureError,
    )
    cuts = np.quantile(numbers[present], np.arange(1, classes) / classes)
    raw = np.searchsorted(cuts, numbers, side="left")
    filled = np.unique(raw[present])
    index = np.where(present, np.searchsorted(filled, raw), -1)
    members = [numbers[index == i] for i in range(len(filled))]
    bounds = tuple((float(own.min()), float(own.max())) for own in members)
    return QuantileClasses(tuple(map(int, index)), bounds, classes, tuple(float(cut) for cut in cuts[filled[:-1]]))


@dataclass(frozen=True)
class MapData:
    """`rows`: province_code, period, value, class (-1: no figure), one for each of the 31 provinces and period, in
    order of TILES. `periods`: how the map names each, by what the slider counts in, a year. `classes`: of the period
    `shown` first, which print shows alone; the same cuts hold in all periods.
    """

    rows: pd.DataFrame
    shown: int
    periods: Mapping[int, Text]
    classes: QuantileClasses

    @property
    def first(self) -> pd.DataFrame:
        """Rows of the period shown first."""
        return self.rows[self.rows["period"] == self.shown].reset_index(drop=True)

    @property
    def present(self) -> int:
        """Provinces with a figure in that period."""
        return int(self.first["value"].notna().sum())


def map_data(values: Mapping[int, Mapping[int, float]], periods: Mapping[int, Text], shown: int, asked: int) -> MapData:
    """`values`: by period and province code; `shown`: the period print shows; `asked`: number of classes.

    Raises FigureError for a period without values, and as `quantile_classes`.
    """
    refuse(
        ([key for key in periods if key not in values], "no values for {}"),
        (shown not in periods, f"no values for {shown}"),
        error=FigureError,
    )
    own = {key: [values[key].get(code, np.nan) for code in TILES] for key in periods}
    classes = quantile_classes(own[shown], asked)
    parts = [
        pd.DataFrame({"province_code": list(TILES), "period": key, "value": of, "class": classes.index_of(of)})
        for key, of in own.items()
    ]
    return MapData(pd.concat(parts, ignore_index=True), shown, periods, classes)


def legend_rows(data: MapData, nothing: str, decimals: int | None = None) -> pd.DataFrame:
    """period, class, place (0: topmost), label: the classes from the highest down, with the range of the values in
    each and their number; at the end provinces without a figure, under the word `nothing`, in periods that have any.
    Without `decimals` as many as tell neighbouring classes apart.
    """
    refuse((lacking(data.rows, ["period", "class", "value"]), "the map lacks the columns {}"), error=FigureError)
    top = len(data.classes.bounds) - 1
    rows = []
    for period in data.periods:
        own = data.rows[data.rows["period"] == period]
        members = [own.loc[own["class"] == group, "value"] for group in range(top, -1, -1)]
        places = _decimals(members) if decimals is None else decimals
        labels = [f"{_span(values, places)}  ({len(values)})" for values in members]
        absent = int((own["class"] == -1).sum())
        labels += [f"{nothing}  ({absent})"] if absent else []
        rows += [(period, top - place, place, label) for place, label in enumerate(labels)]
    return pd.DataFrame(rows, columns=["period", "class", "place", "label"])


def class_colours(count: int) -> list[str]:
    """`count` colours of one hue, light to dark; the darkest is always the highest class."""
    places = np.linspace(0, len(SEQUENCE) - 1, count) if count > 1 else np.array([len(SEQUENCE) - 2])
    channels = [np.interp(places, range(len(SEQUENCE)), shades) for shades in zip(*map(_rgb, SEQUENCE), strict=True)]
    return ["#" + "".join(f"{round(shade):02X}" for shade in mixed) for mixed in zip(*channels, strict=True)]


def ink(colour: str) -> str:
    """Black or white, whichever is more legible on `colour` (relative luminance of WCAG 2)."""
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in _rgb(colour))]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#FFFFFF" if (luminance + 0.05) ** 2 < 1.05 * 0.05 else BLACK


def _rgb(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5))


def _span(values: pd.Series, decimals: int) -> str:
    if values.empty:
        return "–"
    low, high = (number(float(end), decimals) for end in (values.min(), values.max()))
    return low if values.min() == values.max() else f"{low} – {high}"


def _decimals(members: list[pd.Series]) -> int:
    """Fewest decimals, from 2 to 4, at which neighbouring classes, the highest first, print no bound twice."""
    bounds = [(float(values.min()), float(values.max())) for values in members if len(values)]
    ends = {places: [(number(low, places), number(high, places)) for low, high in bounds] for places in (2, 3)}
    fine = (places for places, own in ends.items() if all(above[0] != below[1] for above, below in pairwise(own)))
    return next(fine, 4)


# Radius of the sphere of equal surface in km; standard parallels and central meridian usual for maps of China.
RADIUS, SOUTH, NORTH, MERIDIAN, ORIGIN = 6371.007, 25.0, 47.0, 105.0, 0.0


def albers(coordinates: Any) -> np.ndarray:
    """(longitude, latitude) rows in degrees to (x, y) rows in km; a third coordinate is left out.

    Spherical form: Snyder 1987, Map Projections: A Working Manual, equations 14-1 to 14-6.
    """
    degrees = np.asarray(coordinates, dtype="float64")[:, :2]
    south, north, origin = np.radians([SOUTH, NORTH, ORIGIN])
    n = (np.sin(south) + np.sin(north)) / 2
    c = np.cos(south) ** 2 + 2 * n * np.sin(south)
    rho = RADIUS / n * np.sqrt(c - 2 * n * np.sin(np.radians(degrees[:, 1])))
    rho_0 = RADIUS / n * np.sqrt(c - 2 * n * np.sin(origin))
    theta = n * np.radians(degrees[:, 0] - MERIDIAN)
    return np.column_stack([rho * np.sin(theta), rho_0 - rho * np.cos(theta)])


# Kilometres keep two decimals, ten metres: far below a pixel.
_DECIMALS = 2


@dataclass(frozen=True)
class Polygons:
    """`features`: GeoJSON, properties code (None for an inset) and line; `approvals`: numbers of approval stated."""

    features: list[dict[str, Any]]
    approvals: tuple[str, ...]
    inset: bool
    box: tuple[float, float, float, float]

    def fitted(self, width: float) -> tuple[float, tuple[float, float], float]:
        """For a map `width` pixels wide, north up: pixels a kilometre, the shift of its origin, its height."""
        left, bottom, right, top = self.box
        scale = width / (right - left)
        return scale, (-scale * left, scale * top), scale * (top - bottom)

    @property
    def note(self) -> Text:
        """Number of approval (审图号), or that there is none; what the file lacks; projection."""
        zh, en = "审图号：文件未注明；未经审核不得公开发布。", "Approval number of the map: none stated."
        if self.approvals:
            zh, en = f"审图号：{'、'.join(self.approvals)}。", f"Approval number: {', '.join(self.approvals)}."
        if not self.inset:
            zh += "文件不含南海诸岛插图。"
            en += " The file has no inset of the South China Sea."
        return Text(
            zh=f"{zh}边界取自用户提供的文件，未作裁剪；灰色为无数据。投影：阿尔伯斯等积（25°、47°，105°E）。",
            en=f"{en} Boundaries as in the file supplied, nothing trimmed; grey: no figure. Albers equal-area "
            "projection (25, 47 N; 105 E).",
        )


def polygons_of(boundary: pd.DataFrame) -> Polygons:
    """The provinces and insets of one map file: Taiwan, Hong Kong, Macao and the South China Sea too.

    `boundary`: level, code, approval, wkb (lake table `boundary`), coordinates in degrees. Raises FigureError for a
    missing column and for a map that lacks one of the 31 provinces, has one twice or holds points.
    """
    import shapely  # type: ignore[import-untyped]

    refuse((lacking(boundary, ["level", "code", "approval", "wkb"]), "the map lacks the columns {}"), error=FigureError)
    shapes = boundary[boundary["level"].isin(["province", "inset"])]
    provinces = shapes["level"] == "province"
    codes = shapes.loc[provinces, "code"].astype(int)
    what = "give the features of one map file"
    refuse(
        (sorted(set(TILES) - set(codes)), f"the map lacks {{}}; {what}"),
        (codes.duplicated().any(), f"the map has a province twice; {what}"),
        error=FigureError,
    )
    drawn = shapely.from_wkb(shapes["wkb"].to_numpy())
    named = [int(code) if own else None for code, own in zip(shapes["code"], provinces, strict=True)]
    features = [feature for shape, code in zip(drawn, named, strict=True) for feature in _features(shape, code)]
    points = albers(shapely.get_coordinates(drawn))
    box = tuple(float(v) for v in (*points.min(axis=0), *points.max(axis=0)))
    approvals = tuple(sorted(set(shapes["approval"].dropna())))
    return Polygons(features, approvals, not bool(provinces.all()), box)  # type: ignore[arg-type]


def _features(shape: Any, code: int | None) -> list[dict[str, Any]]:
    """Areas as one feature, lines as another."""
    import shapely

    # Adding zero turns -0.0 into 0.0.
    flat = shapely.transform(shape, lambda points: np.round(albers(points), _DECIMALS) + 0.0)
    parts: dict[str, list[Any]] = {"Polygon": [], "LineString": []}
    for part in shapely.get_parts(flat):
        refuse(
            (part.geom_type not in parts, f"the map holds a {part.geom_type}; polygons and lines are drawn"),
            error=FigureError,
        )
        parts[part.geom_type].append(part.__geo_interface__["coordinates"])
    return [
        {
            "type": "Feature",
            "properties": {"code": code, "line": kind == "LineString"},
            "geometry": {"type": f"Multi{kind}", "coordinates": coordinates},
        }
        for kind, coordinates in parts.items()
        if coordinates
    ]
