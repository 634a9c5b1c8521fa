"""A random smart-city pilot list that satisfies every count known of the real one (domain section 3.1).

Belongs here: which places are listed, when, under which codes. Does not belong here: exposure (exposure.py),
writing pilots.csv (csv_files.py). No place in it exists: names say 合成, codes only look like GB/T 2260.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

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

    @property
    def unit_code(self) -> int:
        return self.county_code or self.prefecture_code or 0


class _Shuffled:
    """Items in random order, handed out once each."""

    def __init__(self, rng: np.random.Generator, items: Sequence[tuple[int, ...]]) -> None:
        self._items: Iterator[tuple[int, ...]] = iter([items[i] for i in rng.permutation(len(items))])

    def take(self) -> tuple[int, ...] | None:
        return next(self._items, None)


@dataclass
class _Pool:
    """The places of one province not listed yet."""

    province: Divisions
    rng: np.random.Generator
    prefectures: _Shuffled = field(init=False)
    districts: _Shuffled = field(init=False)
    counties: _Shuffled = field(init=False)
    direct: _Shuffled = field(init=False)

    def __post_init__(self) -> None:
        units = self.province
        cities = [(_city_number(i),) for i in range(units.cities)]
        others = [(21 + i,) for i in range(units.other_divisions)]
        every = cities + others
        # The five entries of Gansu in batch 2 must be prefecture-level cities.
        self.prefectures = _Shuffled(self.rng, cities if units.province_code == GANSU else every)
        if units.municipality:
            districts: list[tuple[int, ...]] = [(1, i + 1) for i in range(units.county_units)]
        else:
            districts = [(p, d) for (p,) in every for d in _DISTRICTS]
        self.districts = _Shuffled(self.rng, districts)
        self.counties = _Shuffled(self.rng, [(p, c) for (p,) in every for c in _COUNTIES])
        self.direct = _Shuffled(
            self.rng, [] if units.municipality else [(90, i + 1) for i in range(units.county_units)]
        )

    def place(self, level: str) -> _Place | None:
        """The next unlisted place of the level ("direct" is a county directly under the province), if any."""
        source = {
            "prefecture": self.prefectures,
            "district": self.districts,
            "zone": self.districts,
            "county": self.counties,
            "town": self.counties,
            "direct": self.direct,
        }[level]
        numbers = source.take()
        if numbers is None:
            return None
        base = self.province.province_code
        if level == "direct":
            name = f"{self.province.short_zh}合成90{numbers[1]:02d}市"
            return _Place(self.province, name, "county", county_code=base + 9000 + numbers[1])
        prefecture_code = base + numbers[0] * 100
        kind = "州" if 21 <= numbers[0] <= 50 else "市"
        prefecture = f"{self.province.short_zh}合成{numbers[0]:02d}{kind}"
        if level == "prefecture":
            return _Place(self.province, prefecture, level, prefecture, prefecture_code)
        county_code = prefecture_code + numbers[1]
        unit = "县" if level in ("county", "town") else "区"
        suffix = {"town": "合成镇", "zone": "合成开发区"}.get(level, "")
        if self.province.municipality:
            name = f"{self.province.short_zh}合成{numbers[1]:02d}{unit}{suffix}"
            return _Place(self.province, name, level, county_code=county_code)
        name = f"{prefecture}合成{numbers[1]:02d}{unit}{suffix}"
        return _Place(self.province, name, level, prefecture, prefecture_code, county_code)


def _city_number(index: int) -> int:
    # GB/T 2260: prefecture-level cities are numbered 01 to 20, then from 51; 21 to 50 are other divisions.
    return index + 1 if index < 20 else 51 + index - 20


class _Drawer:
    """Draws provinces and places; one per list."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.provinces = {d.province_code: d for d in stable_divisions()}
        self.pools = {code: _Pool(units, rng) for code, units in self.provinces.items()}
        self.batches: dict[int, list[_Place]] = {1: [], 2: [], 3: []}

    def draw(self) -> None:
        codes = list(self.provinces)
        units = self.provinces.values()
        sizes = np.array([d.cities + d.other_divisions + d.county_units**0.5 for d in units])
        # Provinces differ in how keenly they applied: exposure ends anywhere between a tenth and all.
        keenness = self.rng.gamma(1.6, 1.0, len(codes)) + 0.12
        weights = dict(zip(codes, sizes * keenness, strict=True))
        early = self._early_provinces(weights)
        self._batches_1_and_2(early)
        self._batch_3(weights)

    def _early_provinces(self, weights: dict[int, float]) -> list[int]:
        """Provinces of the batch 1 and 2 entries other than Gansu's, in random order."""
        fixed = {JIANGSU: LARGEST, SHANDONG: LARGEST}
        others = {c: d for c, d in self.provinces.items() if c not in {*fixed, GANSU}}
        counts = {c: int(d.municipality) for c, d in others.items()}
        total = N_BATCH_1 + N_BATCH_2 - GANSU_BATCH_2 - sum(fixed.values()) - sum(counts.values())
        for code in self._spread(total, weights, {c: LARGEST - 1 - n for c, n in counts.items()}):
            counts[code] += 1
        entries = [code for code, n in {**counts, **fixed}.items() for _ in range(n)]
        return [entries[i] for i in self.rng.permutation(len(entries))]

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
        order = self.rng.permutation(len(DIRECT_COUNTY_PROVINCES))
        self._take(3, [DIRECT_COUNTY_PROVINCES[i] for i in order], 1, ("direct",))
        room = dict.fromkeys(self.provinces, N_BATCH_3)
        for code, units in self.provinces.items():
            if units.municipality:
                listed = sum(p.province is units for places in self.batches.values() for p in places)
                room[code] = units.county_units - listed
        provinces = self._spread(N_BATCH_3 - 1, weights, room)
        self._take(3, provinces, len(provinces), ("prefecture", "district", "county", "zone", "direct"))

    def _take(self, batch: int, provinces: Sequence[int], number: int, levels: tuple[str, ...]) -> list[int]:
        """List `number` places of these levels in `provinces`, in order; return the provinces passed over."""
        passed: list[int] = []
        taken = 0
        for position, code in enumerate(provinces):
            if taken == number:
                return passed + list(provinces[position:])
            place = self._place(code, levels)
            if place is None:
                passed.append(code)
                continue
            self.batches[batch].append(place)
            taken += 1
        if taken < number:
            raise RuntimeError(f"batch {batch}: no room for {number} places of level {levels}")
        return passed

    def _place(self, code: int, levels: tuple[str, ...]) -> _Place | None:
        if self.provinces[code].municipality:
            # A municipality has districts only: they stand in for any level that counts districts.
            return self.pools[code].place("district") if "district" in levels else None
        for index in self.rng.permutation(len(levels)):
            place = self.pools[code].place(levels[index])
            if place is not None:
                return place
        return None

    def extensions(self, batch: int) -> list[_Place]:
        """Earlier entries enlarged in `batch`; in batch 2 none that takes a province up to the largest."""
        earlier = [p for b in range(1, batch) for p in self.batches[b]]
        order = [earlier[i] for i in self.rng.permutation(len(earlier))]
        if batch == 3:
            return order[: N_EXTENSIONS[batch]]
        counts = dict.fromkeys(self.provinces, 0)
        for b in (1, 2):
            for place in self.batches[b]:
                counts[place.province.province_code] += 1
        chosen: list[_Place] = []
        for place in order:
            if counts[place.province.province_code] < LARGEST - 1 and len(chosen) < N_EXTENSIONS[batch]:
                counts[place.province.province_code] += 1
                chosen.append(place)
        return chosen


def draw_pilots(seed: int) -> pd.DataFrame:
    """A pilot list with the columns of pilots.csv, one row per entry, sorted.

    319 rows: 277 new entries and 22 extensions of programme `mohurd`, 20 entries of `most_sac`. `announced`
    is an ISO date, codes are nullable integers (NULL where pilots.csv leaves them empty).
    Same seed, same list.
    """
    rng = np.random.default_rng([seed, 1])
    drawer = _Drawer(rng)
    drawer.draw()
    rows = []
    for batch, (label, announced) in BATCHES.items():
        extensions = drawer.extensions(batch) if batch in N_EXTENSIONS else []
        entries = [(p, "new") for p in drawer.batches[batch]] + [(p, "extension") for p in extensions]
        rows += [_row("mohurd", batch, label, announced, place, status) for place, status in entries]
    cities = [(d, i) for d in drawer.provinces.values() for i in range(d.cities)]
    for index in rng.permutation(len(cities))[:N_SECOND_PROGRAMME]:
        units, number = cities[index][0], _city_number(cities[index][1])
        name = f"{units.short_zh}合成{number:02d}市"
        place = _Place(units, name, "prefecture", name, units.province_code + number * 100)
        rows.append(_row("most_sac", 1, *SECOND_PROGRAMME, place, "new"))
    rows.sort(key=lambda row: row[:-1])
    frame = pd.DataFrame([row[-1] for row in rows], columns=list(PILOT_COLUMNS))
    return frame.astype({"prefecture_code": "Int64", "county_code": "Int64"})


def _row(
    programme: str, batch: int, label: int, announced: str, place: _Place, status: str
) -> tuple[str, int, int, tuple[object, ...]]:
    values = (
        programme, batch, label, announced, place.province.name_zh, place.prefecture, place.name, place.level,
        place.prefecture_code, place.county_code, status, SOURCE,
    )  # fmt: skip
    return programme, batch, place.unit_code, values
