"""What a map of provinces draws: values in quantile classes for one period or several, and their legend.

Belongs here: each province's place in the tile map (one square of equal size each, no boundary); classes, which never
separate equal values and are merged away if empty; their colours, the rows of the map and of
its legend. Does not belong here: drawing (province_map.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from catalog.base import Text
from models_py.figures.show import demand
from models_py.figures.style import BLACK, SEQUENCE, FigureError
from models_py.figures.text import number
from models_py.panel import refuse

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
        found = np.searchsorted(self.cuts, numbers, side="left")
        return tuple(int(i) for i in np.where(np.isnan(numbers), -1, found))


def quantile_classes(values: Sequence[float], classes: int) -> QuantileClasses:
    """`values` in at most `classes` classes, cut at the quantiles 1/classes, 2/classes, ... of those present.

    Quantiles interpolate linearly between order statistics (Hyndman and Fan 1996, type 7); a value on a cut belongs to
    the class below it, so that equal values cannot be parted. Raises FigureError for fewer than 2 classes, an infinite
    value and when no value is present.
    """
    numbers = np.asarray(values, dtype="float64")
    present = ~np.isnan(numbers)
    refuse(
        FigureError,
        (classes < 2, f"a map needs at least 2 classes, found {classes}"),
        (not present.any(), "no value to class"),
        (np.isinf(numbers).any(), "an infinite value cannot be classed"),
    )
    cuts = np.quantile(numbers[present], np.arange(1, classes) / classes)
    raw = np.searchsorted(cuts, numbers, side="left")
    filled = np.unique(raw[present])
    index = np.where(present, np.searchsorted(filled, raw), -1)
    members = [numbers[index == i] for i in range(len(filled))]
    bounds = tuple((float(own.min()), float(own.max())) for own in members)
    ends = tuple(float(cut) for cut in cuts[filled[:-1]])
    return QuantileClasses(tuple(map(int, index)), bounds, classes, ends)


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
        FigureError,
        ([key for key in periods if key not in values], "no values for {}"),
        (shown not in periods, f"no values for {shown}"),
    )
    own = {key: [values[key].get(code, np.nan) for code in TILES] for key in periods}
    classes = quantile_classes(own[shown], asked)
    parts = [
        pd.DataFrame({"province_code": list(TILES), "period": key, "value": of, "class": classes.index_of(of)})
        for key, of in own.items()
    ]
    return MapData(pd.concat(parts, ignore_index=True), shown, periods, classes)


def legend_rows(data: MapData, nothing: str) -> pd.DataFrame:
    """period, class, place (0: topmost), label: the classes from the highest down, with the range of the values in
    each and their number; at the end provinces without a figure, under the word `nothing`, in periods that have any.
    """
    demand(data.rows, ["period", "class", "value"], "the map")
    top = len(data.classes.bounds) - 1
    rows = []
    for period in data.periods:
        own = data.rows[data.rows["period"] == period]
        members = [own.loc[own["class"] == group, "value"] for group in range(top, -1, -1)]
        decimals = _decimals(members)
        labels = [f"{_span(values, decimals)}  ({len(values)})" for values in members]
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
