"""A random smart-city pilot list that matches every count known about the real one (domain section 3.1).

Belongs here: which places are listed, when, under which codes. Does not belong here: exposure (panel.py),
writing pilots.csv (files.py). None of its places exists: names say 合成, codes only look like GB/T 2260.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from medpanel.sample.randomness import random_stream, shuffled
from medpanel.sample.reference import DIRECT_COUNTY_PROVINCES, Divisions, stable_divisions

PILOT_COLUMNS = (
    "programme", "batch", "label_year", "announced", "province", "prefecture", "place", "level",
    "prefecture_code", "county_code", "status", "source",
)  # fmt: skip
SOURCE = "合成名单，非真实试点 / synthetic list, no real pilot"
JIANGSU, SHANDONG, GANSU = 320000, 370000, 620000

# (label_year, announced): the real announcement dates.
BATCHES = {1: (2012, "2013-01-29"), 2: (2013, "2013-08-05"), 3: (2014, "2015-04-07")}
SECOND_PROGRAMME = (2013, "2013-10-01")
N_BATCH_1, N_BATCH_2, N_BATCH_3, N_SECOND_PROGRAMME = 90, 103, 84, 20
N_BATCH_1_PREFECTURES, N_BATCH_1_TOWNS, N_BATCH_2_COUNTIES_TOWNS = 37, 3, 20
N_EXTENSIONS = {2: 9, 3: 13}
LARGEST, GANSU_BATCH_2 = 16, 5

_DISTRICTS = tuple(range(1, 9))
_COUNTIES = tuple(range(21, 29))


@dataclass(frozen=True)
class _Place:
    province: Divisions
    name: str
    level: str
    prefecture: str = ""
    prefecture_code: int | None = None
    county_code: int | None = None


def _place(province: Divisions, level: str, prefecture: int, county: int) -> _Place:
    """The place with these numbers in its code; level "direct" means a county directly under the province."""
    unit = {"direct": "市", "county": "县", "town": "县"}.get(level, "区")
    suffix = {"town": "合成镇", "zone": "合成开发区"}.get(level, "")
    code = province.province_code + prefecture * 100
    within = f"{province.short_zh}合成"
    if level == "direct":
        return _Place(province, f"{within}{prefecture}{county:02d}{unit}", "county", county_code=code + county)
    if province.municipality:
        return _Place(province, f"{within}{county:02d}{unit}{suffix}", level, county_code=code + county)
    name = f"{within}{prefecture:02d}{'州' if 21 <= prefecture <= 50 else '市'}"
    if level == "prefecture":
        return _Place(province, name, level, name, code)
    return _Place(province, f"{name}合成{county:02d}{unit}{suffix}", level, name, code, code + county)


def _unlisted(rng: np.random.Generator, province: Divisions) -> dict[str, Iterator[tuple[int, int]]]:
    """Numbers of the places of one province by level, in random order; levels that share places share an iterator."""
    cities = [(_city_number(i), 0) for i in range(province.cities)]
    every = cities + [(21 + i, 0) for i in range(province.other_divisions)]
    own = [i + 1 for i in range(province.county_units)]
    # The five entries of Gansu in batch 2 must be prefecture-level cities.
    prefectures = iter(shuffled(rng, cities if province.province_code == GANSU else every))
    inside = [(1, i) for i in own] if province.municipality else [(p, d) for p, _ in every for d in _DISTRICTS]
    districts = iter(shuffled(rng, inside))
    counties = iter(shuffled(rng, [(p, c) for p, _ in every for c in _COUNTIES]))
    direct = iter(shuffled(rng, [] if province.municipality else [(90, i) for i in own]))
    shared = {"district": districts, "zone": districts, "county": counties, "town": counties}
    return {"prefecture": prefectures, **shared, "direct": direct}


def _city_number(index: int) -> int:
    # GB/T 2260: prefecture-level cities are numbered 01 to 20, then from 51; 21 to 50 are other divisions.
    return index + 1 if index < 20 else 51 + index - 20


class _Drawer:
    """Draws provinces and places; one per list."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.provinces = {d.province_code: d for d in stable_divisions()}
        self.unlisted = {code: _unlisted(rng, units) for code, units in self.provinces.items()}
        self.batches: dict[int, list[_Place]] = {1: [], 2: [], 3: []}

    def draw(self) -> None:
        units = self.provinces.values()
        sizes = np.array([d.cities + d.other_divisions + d.county_units**0.5 for d in units])
        # Provinces differ in how keenly they applied: exposure ends anywhere between a tenth and all.
        keenness = self.rng.gamma(1.6, 1.0, len(units)) + 0.12
        weights = dict(zip(self.provinces, sizes * keenness, strict=True))
        self._batches_1_and_2(self._early_provinces(weights))
        self._batch_3(weights)

    def _early_provinces(self, weights: dict[int, float]) -> list[int]:
        """Provinces of the batch 1 and 2 entries other than Gansu's, in random order."""
        fixed = {JIANGSU: LARGEST, SHANDONG: LARGEST}
        others = {c: d for c, d in self.provinces.items() if c not in {*fixed, GANSU}}
        counts = {c: int(d.municipality) for c, d in others.items()}
        total = N_BATCH_1 + N_BATCH_2 - GANSU_BATCH_2 - sum(fixed.values()) - sum(counts.values())
        for code in self._spread(total, weights, {c: LARGEST - 1 - n for c, n in counts.items()}):
            counts[code] += 1
        return shuffled(self.rng, [code for code, n in {**counts, **fixed}.items() for _ in range(n)])

    def _spread(self, total: int, weights: dict[int, float], room: dict[int, int]) -> list[int]:
        """`total` provinces with probability proportional to weight, none more often than its room."""
        codes, drawn = list(room), []
        left = np.array([room[c] for c in codes])
        weight = np.array([weights[c] for c in codes])
        for u in self.rng.random(total):
            edges = np.cumsum(np.where(left > 0, weight, 0.0))
            index = int(np.searchsorted(edges, u * edges[-1], side="right"))
            left[index] -= 1
            drawn.append(codes[index])
        return drawn

    def _batches_1_and_2(self, provinces: list[int]) -> None:
        first, second = provinces[:N_BATCH_1], provinces[N_BATCH_1:]
        rest = self._take(1, first, N_BATCH_1_PREFECTURES, ("prefecture",))
        rest = self._take(1, rest, N_BATCH_1_TOWNS, ("town",))
        self._take(1, rest, len(rest), ("district", "county", "direct"))
        self._take(2, [GANSU] * GANSU_BATCH_2, GANSU_BATCH_2, ("prefecture",))
        rest = self._take(2, second, N_BATCH_2_COUNTIES_TOWNS, ("county", "town", "direct"))
        self._take(2, rest, len(rest), ("prefecture", "district"))

    def _batch_3(self, weights: dict[int, float]) -> None:
        # One directly administered county is certain, so that the list always exercises that case.
        self._take(3, shuffled(self.rng, DIRECT_COUNTY_PROVINCES), 1, ("direct",))
        listed = self._listed(1, 2, 3)
        room = {
            code: units.county_units - listed[code] if units.municipality else N_BATCH_3
            for code, units in self.provinces.items()
        }
        provinces = self._spread(N_BATCH_3 - 1, weights, room)
        self._take(3, provinces, len(provinces), ("prefecture", "district", "county", "zone", "direct"))

    def _listed(self, *batches: int) -> Counter[int]:
        """Entries of these batches by province."""
        return Counter(place.province.province_code for batch in batches for place in self.batches[batch])

    def _take(self, batch: int, provinces: Sequence[int], number: int, levels: tuple[str, ...]) -> list[int]:
        """List `number` places of these levels in `provinces`, in order; return the provinces passed over."""
        passed = list(provinces)
        places: list[_Place] = []
        for code in provinces:
            place = self._next_place(code, levels) if len(places) < number else None
            if place is not None:
                places.append(place)
                passed.remove(code)
        if len(places) < number:
            raise RuntimeError(f"batch {batch}: no room for {number} places of level {levels}")
        self.batches[batch] += places
        return passed

    def _next_place(self, code: int, levels: Sequence[str]) -> _Place | None:
        """The next unlisted place of the province at one of these levels, if any is left."""
        province = self.provinces[code]
        if province.municipality:
            # A municipality has districts only: they stand in for any level that counts districts.
            levels = [level for level in levels if level == "district"]
        else:
            levels = shuffled(self.rng, levels)
        for level in levels:
            if (numbers := next(self.unlisted[code][level], None)) is not None:
                return _place(province, level, *numbers)
        return None

    def extensions(self, batch: int) -> list[_Place]:
        """Earlier entries extended in `batch`; in batch 2 none that takes a province up to the largest."""
        order = shuffled(self.rng, [place for earlier in range(1, batch) for place in self.batches[earlier]])
        listed = self._listed(1, 2)
        chosen = []
        for place in order:
            code = place.province.province_code
            if batch == 3 or listed[code] < LARGEST - 1:
                chosen.append(place)
                listed[code] += 1
        return chosen[: N_EXTENSIONS.get(batch, 0)]


def draw_pilots(seed: int) -> pd.DataFrame:
    """A pilot list with the columns of pilots.csv, one row per entry, sorted.

    319 rows: 277 new entries and 22 extensions of programme `mohurd`, 20 entries of `most_sac`. `announced`
    is an ISO date, codes are nullable integers (NULL where pilots.csv leaves them empty).
    Same seed, same list.
    """
    rng = random_stream(seed, "pilots")
    drawer = _Drawer(rng)
    drawer.draw()
    rows = []
    for batch, dates in BATCHES.items():
        rows += [_row("mohurd", batch, *dates, place, "new") for place in drawer.batches[batch]]
        rows += [_row("mohurd", batch, *dates, place, "extension") for place in drawer.extensions(batch)]
    cities = [(units, _city_number(i)) for units in drawer.provinces.values() for i in range(units.cities)]
    rows += [
        _row("most_sac", 1, *SECOND_PROGRAMME, _place(units, "prefecture", number, 0), "new")
        for units, number in shuffled(rng, cities)[:N_SECOND_PROGRAMME]
    ]
    frame = pd.DataFrame(rows, columns=list(PILOT_COLUMNS))
    frame = frame.astype({"prefecture_code": "Int64", "county_code": "Int64"})
    unit = frame["county_code"].fillna(frame["prefecture_code"])
    order = frame.assign(unit=unit).sort_values(["programme", "batch", "unit"], kind="stable").index
    return frame.loc[order].reset_index(drop=True)


def _row(programme: str, batch: int, label: int, announced: str, place: _Place, status: str) -> tuple[object, ...]:
    return (
        programme, batch, label, announced, place.province.name_zh, place.prefecture, place.name, place.level,
        place.prefecture_code, place.county_code, status, SOURCE,
    )  # fmt: skip
