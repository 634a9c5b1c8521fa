"""Figures by type of health facility, for the nation and one province: capacity, visits, bed use, equipment by value.

Belongs here: drawing them, their two workbooks, and the truth planted in them. Types add up to the visits and resources
of the panel, so that no other file is contradicted. Does not belong here: figures of places as a whole (panel.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from openpyxl import Workbook

from catalog import load_registry
from medpanel.office.files import workbook_bytes
from medpanel.sample.randomness import random_stream
from medpanel.sample.workbooks import NOTES, Figures

SERVICE_YEAR, EQUIPMENT_YEAR = 2021, 2022
SERVICE_FILE = f"synthetic_各类医疗卫生机构服务情况_{SERVICE_YEAR}.xlsx"
EQUIPMENT_FILE = f"synthetic_各类医疗卫生机构设备_{EQUIPMENT_YEAR}.xlsx"
PROVINCE = 330000
# Scope: name printed, English name, and its size beside the nation's.
SCOPES = {"nation": ("全国", "National", 1.0), str(PROVINCE): ("浙江省", "Zhejiang", 0.05)}


@dataclass(frozen=True)
class TypeSpec:
    """Typical figures of a type in the nation; `visits` is its share of all, None for what the others leave."""

    institutions: float
    beds: float | None
    physicians: float
    visits: float | None
    occupancy: float | None


# Round figures of the order usual in yearbooks, taken from none; drawn figures lie within a tenth of them.
TYPES = {
    "tertiary_hospitals": TypeSpec(3_000, 3_000_000, 1_100_000, 0.25, 84.0),
    "secondary_hospitals": TypeSpec(11_000, 2_700_000, 900_000, 0.15, 70.0),
    "first_level_hospitals": TypeSpec(12_500, 700_000, 250_000, 0.03, 54.0),
    "specialised_hospitals": TypeSpec(4_000, 250_000, 90_000, 0.01, 62.0),
    "ungraded_hospitals": TypeSpec(5_500, 400_000, 150_000, 0.02, 50.0),
    "community_centres": TypeSpec(36_000, 250_000, 260_000, 0.11, 44.0),
    "township_centres": TypeSpec(35_000, 1_400_000, 520_000, 0.14, 49.0),
    "other_primary": TypeSpec(900_000, None, 550_000, 0.24, None),
    "other_institutions": TypeSpec(14_000, 260_000, 190_000, None, 58.0),
}
# Band: pieces of equipment in the nation, share of primary institutions and of institutions that are neither.
BANDS = {
    "equipment_below_500k": (9_500_000, 0.20, 0.10),
    "equipment_500k_990k": (330_000, 0.12, 0.11),
    "equipment_from_1m": (300_000, 0.05, 0.10),
}
_COUNTS = ("institutions", "beds", "physicians")
_SERVICES = {
    "institutions": ("机构数(个)", "Institutions"),
    "beds": ("床位数(张)", "Beds"),
    "physicians": ("执业(助理)医师(人)", "Licensed (Assistant) Physicians"),
    "visits": ("诊疗人次数(万人次)", "Visits"),
    "bed_occupancy": ("病床使用率(%)", "Occupancy Rate of Beds"),
}
_EQUIPMENT = {
    "equipment_below_500k": ("50万元以下(台)", "Below 500 000 yuan"),
    "equipment_500k_990k": ("50-99万元(台)", "500 000 - 990 000 yuan"),
    "equipment_from_1m": ("100万元及以上(台)", "1 000 000 yuan and over"),
}
Rows = dict[str, dict[str, float]]


def facility_files(seed: int, figures: Figures) -> tuple[dict[str, bytes], dict[str, Any]]:
    """The two workbooks by name, and the truth behind them by scope.

    `figures`: printed figures of the panel, of which visits and resources of SERVICE_YEAR are used.
    """
    rng = random_stream(seed, "facilities")
    services = {scope: _services(rng, SCOPES[scope][2], _totals(figures, scope)) for scope in SCOPES}
    equipment = {scope: _equipment(rng, SCOPES[scope][2]) for scope in SCOPES}
    files = {
        SERVICE_FILE: _workbook("服务情况", "Services", SERVICE_YEAR, _SERVICES, services, seed),
        EQUIPMENT_FILE: _workbook("万元以上设备台数", "Equipment", EQUIPMENT_YEAR, _EQUIPMENT, equipment, seed),
    }
    return files, {scope: _truth(services[scope], equipment[scope]) for scope in SCOPES}


def _totals(figures: Figures, scope: str) -> dict[str, float]:
    """What the types of a scope must add up to, by indicator."""
    names = ("outpatient_visits", "institutions", "hospitals", "beds", "physicians")
    place = None if scope == "nation" else int(scope)
    own = [(name, v) for (name, code, year), v in figures.items() if year == SERVICE_YEAR and place in (None, code)]
    return {name: sum(v for other, v in own if other == name) for name in names}


def _services(rng: np.random.Generator, size: float, totals: Mapping[str, float]) -> Rows:
    total = totals["outpatient_visits"]
    rows: Rows = {}
    for kind, spec in TYPES.items():
        near = dict(zip((*_COUNTS, "visits", "bed_occupancy"), rng.uniform(0.9, 1.1, 5), strict=True))
        counts = {name: getattr(spec, name) for name in _COUNTS if getattr(spec, name) is not None}
        rows[kind] = {name: float(round(value * size * near[name])) for name, value in counts.items()}
        if spec.visits is not None:
            rows[kind]["visits"] = round(spec.visits * total * near["visits"], 2)
        if spec.occupancy is not None:
            rows[kind]["bed_occupancy"] = round(spec.occupancy * near["bed_occupancy"], 2)
    known = sum(row.get("visits", 0.0) for row in rows.values())
    rows["other_institutions"]["visits"] = round(total - known, 2)
    hospitals = [kind for kind in TYPES if kind.endswith("_hospitals")]
    others = [kind for kind in TYPES if kind not in hospitals]
    _scale(rows, hospitals, "institutions", totals["hospitals"])
    _scale(rows, others, "institutions", totals["institutions"] - totals["hospitals"])
    for name in ("beds", "physicians"):
        _scale(rows, [kind for kind in TYPES if name in rows[kind]], name, totals[name])
    return rows


def _scale(rows: Rows, kinds: list[str], name: str, total: float) -> None:
    """Bring the whole numbers of some types to a total; the first takes what rounding leaves."""
    factor = total / sum(rows[kind][name] for kind in kinds)
    for kind in kinds:
        rows[kind][name] = float(round(rows[kind][name] * factor))
    rows[kinds[0]][name] += total - sum(rows[kind][name] for kind in kinds)


def _equipment(rng: np.random.Generator, size: float) -> Rows:
    rows: Rows = {"hospitals_all": {}, "primary_institutions": {}, "other_institutions": {}}
    for band, (pieces, primary, other) in BANDS.items():
        total, *shares = np.array([pieces * size, primary, other]) * rng.uniform(0.9, 1.1, 3)
        rows["primary_institutions"][band], rows["other_institutions"][band] = (float(round(total * s)) for s in shares)
        rows["hospitals_all"][band] = float(round(total * (1 - sum(shares))))
    return rows


def _truth(services: Rows, equipment: Rows) -> dict[str, Any]:
    """Shares of visits, occupancy of the two tiers of the mobility paper, and shares of equipment in primary care."""
    visits = sum(row["visits"] for row in services.values())
    tiers = {
        "high_tier": ("tertiary_hospitals", "secondary_hospitals", "specialised_hospitals"),
        "primary": ("first_level_hospitals", "community_centres", "township_centres"),
    }
    occupancy = {tier: _weighted(services, kinds) for tier, kinds in tiers.items()}
    pieces = {band: sum(row[band] for row in equipment.values()) for band in BANDS}
    return {
        "visit_share": {kind: row["visits"] / visits for kind, row in services.items()},
        "tier_visit_share": {tier: sum(services[k]["visits"] for k in kinds) / visits for tier, kinds in tiers.items()},
        "bed_occupancy": occupancy,
        "occupancy_gap": occupancy["high_tier"] - occupancy["primary"],
        "primary_equipment_share": {band: equipment["primary_institutions"][band] / pieces[band] for band in BANDS},
    }


def _weighted(services: Rows, kinds: tuple[str, ...]) -> float:
    """Bed occupancy of several types, weighted by their beds."""
    beds = [services[kind]["beds"] for kind in kinds]
    return float(np.average([services[kind]["bed_occupancy"] for kind in kinds], weights=beds))


def _workbook(
    what: str, english: str, year: int, columns: Mapping[str, tuple[str, str]], by_scope: Mapping[str, Rows], seed: int
) -> bytes:
    """One sheet for each scope: titles, a header in two languages, a row for each type, a note."""
    types = load_registry().facilities.types
    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.creator, book.properties.title = "medpanel", "synthetic data 合成数据"
    for scope, rows in by_scope.items():
        chinese, name, _ = SCOPES[scope]
        sheet = book.create_sheet(chinese)
        sheet.append([f"5-9-{len(columns)} {chinese}各类医疗卫生机构{what} ({year}年)"])
        sheet.append([f"{english} of Health Institutions by Type, {name} ({year})"])
        sheet.append(["机构类别", *(header for header, _ in columns.values())])
        sheet.append(["Type of Institution", *(header for _, header in columns.values())])
        for kind, row in rows.items():
            sheet.append([types[kind].label.zh, *(row.get(measure, "-") for measure in columns)])
        for text in NOTES:
            sheet.append([text.format(seed=seed)])
    return workbook_bytes(book)
