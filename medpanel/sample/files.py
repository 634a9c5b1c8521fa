"""The sample as a folder of files: exports, yearbooks, a pilot list, tables of cities, sources.yaml and truth.json.

Belongs here: which files there are, and writing them. Does not belong here: their layouts (csv_files.py,
workbooks.py, city_files.py, flow_files.py) or the figures in them (panel.py, city_panel.py, city_flows.py).
"""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

from catalog import load_provinces, load_registry
from medpanel.sample.blemishes import YEARBOOK_INDICATORS, Figure, choose_blemishes, printed
from medpanel.sample.city_files import city_entries, city_files
from medpanel.sample.city_flows import simulate_flows
from medpanel.sample.city_panel import simulate_cities
from medpanel.sample.csv_files import AMBIGUOUS, export_2026, old_export, pilot_list
from medpanel.sample.flow_files import flow_entries, flow_files
from medpanel.sample.panel import SimulatedPanel, simulate_panel
from medpanel.sample.reference import YEARS
from medpanel.sample.workbooks import SET_ASIDE_COLUMNS, SHEETS, workbook_name, yearbook

DEFAULT_SEED = 20260101
# Indicator: (name of the file, header printed, unit printed).
OLD_EXPORTS = {
    "gdp": ("synthetic_分省年度数据_地区生产总值.csv", "地区生产总值", "亿元"),
    "resident_population": ("synthetic_分省年度数据_年末常住人口.csv", "年末常住人口", "万人"),
    "urban_population": ("synthetic_分省年度数据_城镇人口.csv", "城镇人口", "万人"),
    "land_area": ("synthetic_分省年度数据_土地面积.csv", "土地面积", "万平方公里"),
}
UNNAMED_EXPORT = "synthetic_分省年度数据_2026.csv"
REFUSED_FILE = "synthetic_分省年度数据_拼音地名_refuse.csv"
PILOT_FILE = "synthetic_pilots.csv"

_SOURCES = """\
# Written by medpanel with the sample; synthetic data 合成数据. It shows what such a file has to say.
data_kind: synthetic
studies: [mspi]
# Every file of the folder must be declared below, or it is refused.
scope: all
# Editions of the figures, preferred first.
vintages:
  [synthetic_nbs, synthetic_nbs_2026, synthetic_yearbook, synthetic_list, synthetic_old, synthetic_city,
   synthetic_city_old, synthetic_flows]
seeds: {{sample: {seed}}}
files:
  # Must be refused: 山西 and 陕西 both stand in it as Shanxi. It would load otherwise, as an older edition.
  - match: {refused}
    vintage: synthetic_old
{who}
  # This generation of exports names neither indicator nor unit.
  - match: {unnamed}
    indicator: budget_expenditure
    unit: 亿元
    vintage: synthetic_nbs_2026
{who}
  # These name both themselves.
  - match: synthetic_分省年度数据_*.csv
    vintage: synthetic_nbs
{who}
  # One workbook per data year. Columns that are no catalogued indicator are declared, or would be refused.
  - match: synthetic_中国卫生*统计年鉴_*.xlsx
    vintage: synthetic_yearbook
    set_aside_columns: [{set_aside}]
    # Group headers that do not narrow the headers below them to some institutions or some children.
    neutral_groups: [{neutral}]
{who}
  - match: {pilots}
    vintage: synthetic_list
{who}
{cities}{flows}"""
_WHO = """\
    publisher: medpanel, synthetic data 合成数据
    licence: CC0-1.0
    accessed: 2026-01-01"""


def sample_files(seed: int = DEFAULT_SEED) -> dict[str, bytes]:
    """Name and content of every file of the sample, in the order they are written. Same seed, same bytes.

    Raises ValueError for a negative seed.
    """
    if seed < 0:
        raise ValueError(f"the seed must not be negative, found {seed}")
    panel = simulate_panel(seed)
    figures = _figures(panel)
    files = {
        name: old_export(f"{header}({unit})", _rows(indicator, unit, figures), seed, {})
        for indicator, (name, header, unit) in OLD_EXPORTS.items()
    }
    files[UNNAMED_EXPORT] = export_2026(_rows("budget_expenditure", "亿元", figures), seed)
    files[REFUSED_FILE] = old_export("年末常住人口(万人)", _older_population(figures), seed, AMBIGUOUS)
    yearbook_figures = {key: value for key, value in figures.items() if key[0] in YEARBOOK_INDICATORS}
    blemishes = choose_blemishes(seed, yearbook_figures)
    codes = [province.province_code for province in load_provinces()]
    places = []
    for year in YEARS:
        people = {code: figures["resident_population", code, year] for code in codes}
        files[workbook_name(year)], found = yearbook(year, figures, people, blemishes, seed)
        places += found
    files[PILOT_FILE] = pilot_list(panel.pilots)
    now, older = simulate_cities(seed, panel.province_year)
    of_cities, city_places = city_files(seed, now, older)
    flows = simulate_flows(seed)
    of_flows, flow_places = flow_files(seed, flows)
    files |= of_cities | of_flows
    files["sources.yaml"] = _sources(seed)
    truth = {
        **panel.truth,
        "refused_files": [REFUSED_FILE],
        "blemishes": places,
        "cities": {"blemishes": city_places},
        "flows": {**flows.truth, "blemishes": flow_places},
    }
    files["truth.json"] = (json.dumps(truth, ensure_ascii=False, indent=1) + "\n").encode()
    return files


def _sources(seed: int) -> bytes:
    return _SOURCES.format(
        seed=seed, refused=REFUSED_FILE, unnamed=UNNAMED_EXPORT, pilots=PILOT_FILE, who=_WHO,
        set_aside=", ".join(SET_ASIDE_COLUMNS), neutral=", ".join(spec.group_chinese for spec in SHEETS),
        cities=city_entries(_WHO), flows=flow_entries(_WHO),
    ).encode()  # fmt: skip


def write_sample(folder: Path, seed: int = DEFAULT_SEED) -> list[Path]:
    """Write the sample into `folder` (made if absent) and return the path of every file of it.

    A file whose bytes would not change is not touched. Other files in the folder are left alone.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, content in sample_files(seed).items():
        path = folder / name
        if not path.is_file() or path.read_bytes() != content:
            path.write_bytes(content)
        paths.append(path)
    return paths


def _figures(panel: SimulatedPanel) -> dict[Figure, float]:
    frame = panel.province_year
    keys = list(zip(frame["province_code"].tolist(), frame["year"].tolist(), strict=True))
    reported = [indicator.id for indicator in load_registry().reported if indicator.id in frame]
    return {
        (name, code, year): value
        for name in reported
        for (code, year), value in zip(keys, frame[name].tolist(), strict=True)
    }


def _rows(indicator: str, unit: str, figures: dict[Figure, float]) -> dict[int, list[str]]:
    """Printed figures in `unit`, by province, oldest first. Division is decimal, so that it is exact."""
    factor = load_registry().conversion(unit, indicator)
    result = {}
    for province in load_provinces():
        texts = [printed(indicator, figures[indicator, province.province_code, year]) for year in YEARS]
        if factor != 1:
            texts = [format(Decimal(text) / factor, "f") for text in texts]
        result[province.province_code] = texts
    return result


def _older_population(figures: dict[Figure, float]) -> dict[int, list[str]]:
    """Residents of an earlier edition: other figures than those of the edition in use, by half a percent."""
    return {
        p.province_code: [f"{figures['resident_population', p.province_code, y] * 0.995:.0f}" for y in YEARS]
        for p in load_provinces()
    }
