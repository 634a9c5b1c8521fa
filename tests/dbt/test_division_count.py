"""division_count equals the year-end code lists it was compiled from."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest

MUNICIPALITIES = {11, 12, 31, 50}


@pytest.mark.parametrize("year", range(2010, 2025))
def test_equals_code_list(year: int, real_data: Path, tools: SimpleNamespace) -> None:
    text = (real_data / "admin" / "areacodes" / "data" / f"{year}.txt").read_text(encoding="utf-8")
    codes = [int(line.split()[0]) for line in text.splitlines() if line.strip()]
    provinces = {code // 10000 for code in codes if code % 10000 == 0} - {71, 81, 82}
    units, cities, counties = Counter[int](), Counter[int](), Counter[int]()
    for code in codes:
        province, middle, end = code // 10000, code // 100 % 100, code % 100
        if province in MUNICIPALITIES or middle == 90:
            counties[province] += end > 0
        elif middle > 0 and end == 0:
            units[province] += 1
            cities[province] += 1 <= middle <= 20 or 51 <= middle <= 70
    with (tools.project / "seeds" / "division_count.csv").open(encoding="utf-8", newline="") as stream:
        seed = {
            int(row["province_code"]) // 10000: tuple(int(row[key]) for key in list(row)[2:])
            for row in csv.DictReader(stream)
            if int(row["year"]) == year
        }
    assert seed == {p: (units[p], cities[p], counties[p]) for p in provinces}
    assert len(provinces) == 31
