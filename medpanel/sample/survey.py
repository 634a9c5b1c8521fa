"""A synthetic wave of the migrant survey: a Stata file with the real variables and planted flows.

Belongs here: real places as the survey prints them, who moves where, drawing respondents and writing their file. Does
not belong here: reading the file (ingestion). Not part of the default sample: `medpanel sample --survey` writes it.

The flows are of gravity type: an ordered pair of prefecture-level units has a weight of mass x mass x
exp(-distance / 400 km). How many respondents each pair gets is settled by largest remainders, not drawn: known exactly.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from catalog import load_provinces
from catalog.base import refuse
from catalog.provinces import MUNICIPALITIES
from ingestion.places import UnknownPlaceError, at_year
from ingestion.places.units import city_of, units_at
from medpanel.office.files import stata_bytes, write_changed
from medpanel.sample.randomness import bounded_normal, normal_scores, random_stream

SURVEY_FILE = "synthetic_cmds_2017.dta"
RESPONDENTS = 170_000
# Records with one fault each, so that refusals can be seen: kind -> how many.
FAULTS = {"no_code": 10, "hong_kong": 10, "no_scope": 10, "wrong_scope": 10}
_LABELS = {
    "newID": "respondent's id 受访者编号",
    "C1": "residence: province 现居住地：省",
    "C2": "residence: prefecture, cut at 20 bytes 现居住地：地级",
    "C3": "residence: county, cut at 20 bytes 现居住地：县级",
    "q101j1a": "household register: code of the county 户籍地代码",
    "q101j1b": "household register: name of the county 户籍地名称",
    "q101l1": "scope of the move 流动范围",
    "q101m1y": "year of arrival 流入年份",
    "q101m1m": "month of arrival 流入月份",
    "q101b1": "sex 性别",
    "q101c1y": "year of birth 出生年份",
    "q101e1": "schooling 受教育程度",
    "q101f1": "type of household register 户口性质",
    "w_l": "weight 权重",
}
SURVEY_ENTRY = f"""\
  # Edges of fewer than 10 respondents are withheld, as they must be in a real file. These respondents are nobody.
  - match: {SURVEY_FILE}
    layout: cmds
    survey:
      wave: 2017
      fields: cmds_2017
      networks:
        - {{name: cmds}}
        - {{name: cmds_zhejiang, level: county, province: 330000}}
      small_cells: 10
    vintage: synthetic_list
    publisher: medpanel, synthetic data 合成数据
    licence: CC0-1.0
    accessed: 2026-01-01
"""


@dataclass(frozen=True)
class SurveySample:
    """`content`: the .dta file.

    flows, county_flows: origin, destination, persons; everybody without a fault, moves within one unit included.
    """

    content: bytes
    flows: pd.DataFrame
    county_flows: pd.DataFrame


def sample_survey(seed: int, respondents: int = RESPONDENTS) -> SurveySample:
    """The file of a seed; the same seed gives the same bytes. Raises ValueError for too few respondents."""
    faulty = sum(FAULTS.values())
    refuse((respondents < 10 * faulty, f"at least {10 * faulty} respondents are needed, found {respondents}"))
    rng = random_stream(seed, "survey")
    units = cities()
    counts = planted_counts(rng, units, respondents - faulty)
    origin, destination = np.divmod(np.repeat(np.arange(counts.size), counts.ravel()), len(units))
    here, there = draw_counties(rng, units, origin, destination)
    printed = [(code, u.code, u.province_name, u.printed_as, name) for u in units for code, name in u.counties]
    places = pd.DataFrame(printed, columns=["code", "city", "C1", "C2", "C3"])
    flows, county_flows = (_summed(places[level].to_numpy(), here, there) for level in ("city", "code"))
    # The faulty ones have the places of others; the shuffle below mixes them in.
    extra = rng.integers(0, len(here), faulty)
    here, there = np.append(here, here[extra]), np.append(there, there[extra])
    frame = records(rng, places, here, there)
    _spoil(frame, first=respondents - faulty)
    frame = frame.iloc[rng.permutation(respondents)].reset_index(drop=True)
    return SurveySample(survey_bytes(frame), flows, county_flows)


def survey_bytes(frame: pd.DataFrame) -> bytes:
    """The .dta file of respondents, numbered in their order."""
    numbered = frame.assign(newID=[f"2017{number:06d}" for number in range(1, len(frame) + 1)])
    return stata_bytes(
        numbered[list(_LABELS)],
        data_label="SYNTHETIC respondents made by medpanel, nobody's answers 合成数据",
        variable_labels={name: f"synthetic 合成: {label}" for name, label in _LABELS.items()},
    )


def _summed(codes: np.ndarray, origin: np.ndarray, destination: np.ndarray) -> pd.DataFrame:
    frame = pd.DataFrame({"origin": codes[origin], "destination": codes[destination]})
    return frame.value_counts(sort=False).sort_index().rename("persons").reset_index()


def records(rng: np.random.Generator, places: pd.DataFrame, here: np.ndarray, there: np.ndarray) -> pd.DataFrame:
    """Everybody's answers, in the order they are drawn. `places`: code, city, C1, C2, C3; `here`, `there`: its rows."""
    size = len(here)
    now, city = places["code"].to_numpy()[here], places["city"].to_numpy()
    # Some are still registered under the code their county had before it was merged or renamed.
    before = pd.Series(now).map(old_codes()).to_numpy(dtype=float)
    registered = np.where(np.isfinite(before) & (rng.random(size) < 0.3), before, now).astype(np.int64)
    same_province = city[here] // 10000 == city[there] // 10000
    return pd.DataFrame(
        {
            **{name: places[name].to_numpy()[there] for name in ("C1", "C2", "C3")},
            "q101j1a": [f"{code:06d}" for code in registered],
            "q101j1b": places["C3"].to_numpy()[here],
            "q101l1": np.where(city[here] == city[there], 3.0, np.where(same_province, 2.0, 1.0)),
            "q101m1y": 2017 - np.floor(25 * rng.random(size) ** 2).astype(np.int16),
            "q101m1m": rng.integers(1, 13, size).astype(np.int8),
            "q101b1": rng.integers(1, 3, size).astype(np.int8),
            "q101c1y": rng.integers(1950, 2002, size).astype(np.int16),
            "q101e1": rng.integers(1, 8, size).astype(np.int8),
            "q101f1": rng.integers(1, 5, size).astype(np.int8),
            "w_l": np.round(1000 * (1 + 0.1 * bounded_normal(rng, (size,))), 3),
        }
    )


def _spoil(frame: pd.DataFrame, first: int) -> None:
    """Give the last records one fault each. Modifies the frame."""
    contradicted = frame["q101l1"].map({1.0: 2.0, 2.0: 1.0, 3.0: 1.0})
    faults: dict[str, tuple[str, pd.Series]] = {
        "no_code": ("q101j1a", pd.Series("", frame.index)),
        "hong_kong": ("q101j1a", pd.Series("810000", frame.index)),
        "no_scope": ("q101l1", pd.Series(np.nan, frame.index)),
        "wrong_scope": ("q101l1", contradicted),
    }
    for kind, count in FAULTS.items():
        column, answers = faults[kind]
        frame.loc[first : first + count - 1, column] = answers
        first += count


def write_survey(folder: Path, seed: int) -> Path:
    """Write the file into the folder of a sample, and add its entry to sources.yaml and its flows to truth.json."""
    sample = sample_survey(seed)
    path = write_changed(folder / SURVEY_FILE, sample.content)
    declared = folder / "sources.yaml"
    text = declared.read_text(encoding="utf-8")
    if f"match: {SURVEY_FILE}" not in text:
        declared.write_text(text + SURVEY_ENTRY, encoding="utf-8", newline="\n")
    truth_path = folder / "truth.json"
    truth = json.loads(truth_path.read_text(encoding="utf-8"))
    truth["survey"] = {
        "respondents": RESPONDENTS,
        "faults": FAULTS,
        "flows": sample.flows.to_numpy().tolist(),
        "county_flows_zhejiang": sample.county_flows[
            (sample.county_flows[["origin", "destination"]] // 10000 == 33).all(axis=1)
        ].to_numpy().tolist(),
    }  # fmt: skip
    truth_path.write_text(json.dumps(truth, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")
    return path


_KM_PER_DEGREE, _REACH_KM = 111.0, 400.0


def planted_counts(rng: np.random.Generator, units: tuple[City, ...], total: int) -> np.ndarray:
    """Respondents of each ordered pair (origin, destination), adding up to `total`: int64, units x units."""
    origin_mass = np.exp(normal_scores(rng, (len(units),)))
    destination_mass = np.exp(1.5 * normal_scores(rng, (len(units),)))
    lon, lat = (np.array([getattr(unit, axis) for unit in units]) for axis in ("lon", "lat"))
    east = (lon[:, None] - lon) * np.cos(np.radians((lat[:, None] + lat) / 2))
    distance = _KM_PER_DEGREE * np.hypot(east, lat[:, None] - lat)
    weight = origin_mass[:, None] * destination_mass * np.exp(-distance / _REACH_KM)
    # A move within a unit is one between two of its counties.
    weight[np.diag_indices(len(units))] *= [len(unit.counties) > 1 for unit in units]
    # Rounded, so that the last digit of exp() on another computer changes nobody.
    share = np.round(weight / weight.sum() * total, 6)
    counts = np.floor(share).astype(np.int64)
    rest = total - int(counts.sum())
    order = np.argsort(-(share - counts).ravel(), kind="stable")
    counts.ravel()[order[:rest]] += 1
    return counts


def draw_counties(
    rng: np.random.Generator, units: tuple[City, ...], origin: np.ndarray, destination: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of counties, counted through all units: a county of the origin and another one of the destination."""
    sizes = np.array([len(unit.counties) for unit in units])
    starts = np.append(0, np.cumsum(sizes)[:-1])
    here = (rng.random(len(origin)) * sizes[origin]).astype(np.int64)
    within = origin == destination
    there = (rng.random(len(origin)) * (sizes[destination] - within)).astype(np.int64)
    there += within & (there >= here)
    return starts[origin] + here, starts[destination] + there


WAVE = 2017
_NAME_BYTES = 20
_BEFORE = 2010
# Where the survey has no prefecture to print.
_DISTRICTS, _DIRECT = "市辖区", "省直辖县级行政区划"


@dataclass(frozen=True)
class City:
    """A prefecture-level unit; `counties`: (code, name printed), the unit itself where it has none."""

    code: int
    province_name: str
    printed_as: str
    lon: float
    lat: float
    counties: tuple[tuple[int, str], ...]


def cut(name: str) -> str:
    """The first 20 bytes of a name in the encoding of the survey's programs: ten Chinese characters."""
    return name.encode("gb18030")[:_NAME_BYTES].decode("gb18030", "ignore")


@cache
def cities() -> tuple[City, ...]:
    """All prefecture-level units: municipalities and units directly under a province among them."""
    provinces = {province.province_code: province for province in load_provinces()}
    names: dict[int, tuple[str, float | None, float | None]] = {
        code: (_DISTRICTS, provinces[code].lon, provinces[code].lat) for code in MUNICIPALITIES
    }
    counties: dict[int, list[tuple[int, str]]] = {code: [] for code in MUNICIPALITIES}
    for unit in units_at(WAVE):
        own = unit.code if unit.level == "prefecture" else city_of(unit.code) or unit.code
        if own == unit.code:
            names[own] = (cut(unit.name) if unit.level == "prefecture" else _DIRECT, unit.lon, unit.lat)
        if unit.level == "county":
            counties.setdefault(own, []).append((unit.code, cut(unit.name)))
    result = []
    for code, (printed, lon, lat) in sorted(names.items()):
        province = provinces[code // 10000 * 10000]
        where = (province.lon if lon is None else lon, province.lat if lat is None else lat)
        result.append(City(code, province.name_zh, printed, *where, tuple(counties.get(code) or [(code, printed)])))
    return tuple(result)


@cache
def old_codes() -> dict[int, int]:
    """Code of 2017 -> a code of 2010 whose territory it took over whole, and that is gone."""
    standing = {unit.code for unit in units_at(WAVE)}
    result: dict[int, int] = {}
    for unit in units_at(_BEFORE):
        if unit.level == "county" and unit.code not in standing:
            try:
                result.setdefault(at_year(unit.code, WAVE), unit.code)
            except UnknownPlaceError:
                continue  # divided: nobody could say which of its heirs a respondent comes from
    return result
