"""The sample's list of online doctors: nobody's, with titles and grades spelled as services spell them.

Belongs here: how many doctors, and how many of high quality, each city has (settled, not drawn: known exactly), and
the file. Does not belong here: reading it (ingestion), and what is computed from it.
"""

import hashlib
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from catalog import load_provinces
from catalog.provinces import MUNICIPALITIES
from ingestion.places.units import units_at
from medpanel.office.files import csv_bytes
from medpanel.sample.cities import CITY_CODES
from medpanel.sample.randomness import normal_scores, random_stream, shuffled

DOCTOR_FILE = "synthetic_doctors.csv"
YEAR = 2023
DOCTORS = 3000
# Listed a second time further down.
REPEATED = 6
FIRST_TIER = (110000, 310000, 440100, 440300)
# A county directly under its region, founded too late for the coordinates the project has: 胡杨河市.
WITHOUT_COORDINATES = 659010
# Against other cities: how many times as many doctors. Of them, the share of high quality there and elsewhere.
FIRST_TIER_WEIGHT = 4.0
HIGH_SHARE = {True: 0.6, False: 0.3}
_SPREAD = 0.5
_TITLES = {
    "主任医师": ("主任医师",),
    "副主任医师": ("副主任医师",),
    "主治医师": ("主治医师", "主治医生"),
    "医师": ("医师", "住院医师", "执业医师"),
    "unknown": ("",),
}
_GRADES = {
    "三级甲等": ("三级甲等", "三甲", "三级甲等医院"),
    "三级": ("三级", "三级乙等", "三乙"),
    "二级": ("二级", "二甲", "二级医院"),
    "一级": ("一级", "一级医院"),
    "unknown": ("未知", "", "未评级"),
}
_HIGH = tuple((title, "三级甲等") for title in ("主任医师", "副主任医师"))
_OTHERS = tuple((title, grade) for title in _TITLES for grade in _GRADES if (title, grade) not in _HIGH)
_DEPARTMENTS = ("内科", "外科", "儿科", "妇产科", "皮肤科", "中医科")
_HEADER = ("医生编号", "职称", "科室", "医院", "医院等级", "城市", "省份", "在线问诊量", "价格", "评分", "入驻日期")


@dataclass(frozen=True)
class DoctorCity:
    """A city of the list, with the names it prints and how many doctors it has."""

    code: int
    name: str
    province_name: str
    doctors: int
    high_quality: int


def simulate_doctors(seed: int) -> tuple[DoctorCity, ...]:
    """The cities of a seed, in order of their codes. Pure; same seed, same numbers, which add up to DOCTORS."""
    rng = random_stream(seed, "doctors")
    first = np.isin(_codes(), FIRST_TIER)
    weight = np.exp(_SPREAD * normal_scores(rng, (len(first),))) * np.where(first, FIRST_TIER_WEIGHT, 1.0)
    exact = DOCTORS * weight / weight.sum()
    counts = np.floor(exact).astype(int)
    counts[np.argsort(counts - exact, kind="stable")[: DOCTORS - counts.sum()]] += 1
    high = [round(HIGH_SHARE[bool(tier)] * n) for tier, n in zip(first, counts, strict=True)]
    names = _names()
    return tuple(DoctorCity(code, *names[code], int(n), k) for code, n, k in zip(_codes(), counts, high, strict=True))


def doctor_file(seed: int, cities: tuple[DoctorCity, ...]) -> tuple[bytes, dict[str, Any]]:
    """The list, and what is planted in it."""
    rng = random_stream(seed, "doctor_file")
    rows = [row for city in cities for row in _rows(rng, city)]
    rows = shuffled(rng, rows)
    ids = [hashlib.sha256(f"synthetic doctor {seed} {number}".encode()).hexdigest() for number in range(len(rows))]
    listed: list[list[object]] = [[name, *row] for name, row in zip(ids, rows, strict=True)]
    listed += [listed[place] for place in rng.choice(len(rows), REPEATED, replace=False)]
    truth = {
        "year": YEAR,
        "repeated": REPEATED,
        "cities": {str(city.code): {"doctors": city.doctors, "high_quality": city.high_quality} for city in cities},
    }
    return csv_bytes([list(_HEADER), *listed], "utf-8-sig"), truth


def _rows(rng: np.random.Generator, city: DoctorCity) -> list[list[object]]:
    """A city's doctors, those of high quality first, all columns but the identifier."""
    high, others = city.high_quality, city.doctors - city.high_quality
    kinds = [_HIGH[i] for i in rng.integers(0, len(_HIGH), high)]
    kinds += [_OTHERS[i] for i in rng.integers(0, len(_OTHERS), others)]
    spelling, asked, price, rating, month = rng.integers((0, 5, 1, 80, 0), (6, 5000, 30, 101, 96), (city.doctors, 5)).T
    return [
        [
            _TITLES[title][spelling[i] % len(_TITLES[title])],
            _DEPARTMENTS[spelling[i]],
            f"合成医院 synthetic {city.code}-{1 + i % 5}",
            _GRADES[grade][spelling[i] // 2 % len(_GRADES[grade])],
            city.name,
            city.province_name,
            int(asked[i]),
            int(price[i]) * 10,
            f"{rating[i] / 10:.1f}",
            f"{2015 + month[i] // 12}-{1 + month[i] % 12:02d}-15",
        ]
        for i, (title, grade) in enumerate(kinds)
    ]


@cache
def _codes() -> tuple[int, ...]:
    """The sample's cities, a city of every other province, and one without coordinates."""
    there = {code // 10000 for code in CITY_CODES}
    others = [p.province_code for p in load_provinces() if p.province_code // 10000 not in there]
    seats = [code if code in MUNICIPALITIES else code + 100 for code in others]
    return tuple(sorted((*CITY_CODES, *seats, WITHOUT_COORDINATES)))


@cache
def _names() -> dict[int, tuple[str, str]]:
    """Names of a city and of its province, as the list prints them, by the city's code."""
    provinces = {province.province_code: province.name_zh for province in load_provinces()}
    names = {unit.code: unit.name for unit in units_at(YEAR)} | {code: provinces[code] for code in MUNICIPALITIES}
    return {code: (names[code], provinces[code // 10000 * 10000]) for code in _codes()}
