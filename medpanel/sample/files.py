"""The sample as a folder of files: exports, yearbooks, lists, tables of cities, sources.yaml and truth.json.

Belongs here: which files there are, writing them, and the layouts of the text files (domain 9.1 and 9.4): exports of
both generations and the pilot list. Does not belong here: what sources.yaml says of them (sources.yaml beside this
module), the layout of yearbooks (workbooks.py) or the figures in them (panel.py, cities.py, flows.py, facilities.py,
resources.py, doctors.py, coupling.py).
"""

import json
import shutil
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from string import Template

from catalog import load_provinces, load_registry
from catalog.base import refuse
from catalog.declarations.downloads import FOLDER
from medpanel.office.files import text_bytes, write_changed
from medpanel.sample.cities import city_files, simulate_cities
from medpanel.sample.coupling import coupling_files, simulate_coupling
from medpanel.sample.doctors import DOCTOR_FILE, doctor_file, simulate_doctors
from medpanel.sample.facilities import facility_files
from medpanel.sample.flows import flow_files, simulate_flows
from medpanel.sample.panel import simulate_panel
from medpanel.sample.pilots import PILOT_COLUMNS
from medpanel.sample.reference import NOTE, YEARS
from medpanel.sample.resources import RESOURCE_FILE, resource_file, simulate_resources
from medpanel.sample.workbooks import Figures, choose_blemishes, printed, workbook_name, yearbook

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
SOURCE_LINE = "数据来源：国家统计局（仅仿其版式；数据为合成）"
# Both are "shanxi" in pinyin, so such a file cannot be told apart and must be refused.
AMBIGUOUS = {140000: "Shanxi", 610000: "Shanxi"}
_SOURCES = Path(__file__).with_name("sources.yaml")


def sample_files(seed: int = DEFAULT_SEED) -> dict[str, bytes]:
    """Names and contents of all files of the sample, in the order they are written. Same seed, same bytes.

    Raises ValueError for a negative seed.
    """
    refuse((seed < 0, f"the seed must not be negative, found {seed}"))
    panel = simulate_panel(seed)
    long = panel.province_year.melt(["province_code", "year"], var_name="indicator")
    figures: Figures = {(name, code, year): value for code, year, name, value in long.itertuples(index=False)}
    files = {
        name: old_export(f"{header}({unit})", _rows(indicator, unit, figures), seed, {})
        for indicator, (name, header, unit) in OLD_EXPORTS.items()
    }
    files[UNNAMED_EXPORT] = export_2026(_rows("budget_expenditure", "亿元", figures), seed)
    files[REFUSED_FILE] = old_export("年末常住人口(万人)", _older_population(figures), seed, AMBIGUOUS)
    blemishes = choose_blemishes(seed, figures)
    places = []
    for year in YEARS:
        people = {code: figures["resident_population", code, year] for code in _names()}
        files[workbook_name(year)], found = yearbook(year, figures, people, blemishes, seed)
        places += found
    # Empty where a code does not apply; every row's source says it is synthetic.
    pilots = panel.pilots.to_csv(columns=list(PILOT_COLUMNS), index=False, lineterminator="\n")
    files[PILOT_FILE] = pilots.encode()
    now, older = simulate_cities(seed, panel.province_year)
    of_cities, city_places = city_files(seed, now, older)
    flows = simulate_flows(seed)
    of_flows, flow_places = flow_files(seed, flows)
    amounts, gini = simulate_resources(seed, panel.province_year)
    files[RESOURCE_FILE] = resource_file(amounts, seed)
    long = amounts.melt(["province_code", "year"], var_name="indicator")
    resources = {(name, code, year): float(value) for code, year, name, value in long.itertuples(index=False)}
    of_facilities, facilities = facility_files(seed, {**figures, **resources})
    files |= of_cities | of_flows | of_facilities
    files[DOCTOR_FILE], doctors = doctor_file(seed, simulate_doctors(seed))
    coupling = simulate_coupling(seed, panel.province_year)
    files |= coupling_files(coupling, seed)
    files["sources.yaml"] = Template(_SOURCES.read_text(encoding="utf-8")).substitute(seed=seed).encode()
    truth = {
        **panel.truth,
        "refused_files": [REFUSED_FILE],
        "blemishes": places,
        "cities": {"blemishes": city_places},
        "flows": {**flows.truth, "blemishes": flow_places},
        "gini_by_population": gini,
        "facilities": facilities,
        "doctors": doctors,
        "coupling": coupling.truth,
    }
    files["truth.json"] = (json.dumps(truth, ensure_ascii=False, indent=1) + "\n").encode()
    return files


def write_sample(folder: Path, seed: int = DEFAULT_SEED) -> list[Path]:
    """Write the sample into `folder` (created if absent) and return the path of each of its files.

    A file whose bytes would not change is not touched. Other files in the folder are left alone. Where any data file
    changes the world is another one: its downloads are no newer than the old world's, whose register goes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = sample_files(seed)
    data = {folder / name: content for name, content in files.items() if name not in {"sources.yaml", "truth.json"}}
    if any(path.is_file() and path.read_bytes() != content for path, content in data.items()):
        shutil.rmtree(folder / FOLDER, ignore_errors=True)
    return [write_changed(folder / name, content) for name, content in files.items()]


def _rows(indicator: str, unit: str, figures: Figures) -> dict[int, list[str]]:
    """Printed figures in `unit`, by province, oldest first. Division is decimal, so that it is exact."""
    factor = load_registry().conversion(unit, indicator)
    return {
        code: [format(Decimal(printed(indicator, figures[indicator, code, year])) / factor, "f") for year in YEARS]
        for code in _names()
    }


def _older_population(figures: Figures) -> dict[int, list[str]]:
    """Residents in an earlier edition: they differ from the edition in use by half a per cent."""
    return {code: [f"{figures['resident_population', code, year] * 0.995:.0f}" for year in YEARS] for code in _names()}


def old_export(header: str, rows: Mapping[int, Sequence[str]], seed: int, names: Mapping[int, str]) -> bytes:
    """An export as the bureau made it before 2026: GBK, CRLF, newest year first, indicator and unit named.

    `header` is the indicator with its unit, as 地区生产总值(亿元); `rows` the printed figures by province
    code, oldest year first; `names` what to print for a province instead of its full name.
    """
    table = [["地区", *(f"{year}年" for year in reversed(YEARS))]]
    table += [[names.get(code, name), *reversed(rows[code])] for code, name in _names().items()]
    lines = [
        "数据库：分省年度数据",
        f"指标：{header}",
        f"时间：{YEARS[0]}-{YEARS[-1]}",
        *map(",".join, table),
        NOTE.format(seed=seed),
        SOURCE_LINE,
    ]
    # The bureau's GBK files hold GB2312 characters only; encoding strictly keeps the sample's so.
    return text_bytes(lines, "gb2312", "\r\n")


def export_2026(rows: Mapping[int, Sequence[str]], seed: int) -> bytes:
    """An export of the 2026 generation: BOM, LF, a TAB before every comma, no indicator named.

    The year after the last is present but still empty, as in the real exports.
    """
    years = [*YEARS, YEARS[-1] + 1]
    table = [["地区", *(f"{year}年" for year in reversed(years))]]
    table += [[name, "", *reversed(rows[code])] for code, name in _names().items()]
    lines = [
        "数据库：分省年度数据 ",
        f"时间：{years[0]}年-{years[-1]}年 ",
        *("".join(f"{cell}\t," for cell in cells) for cells in table),
        NOTE.format(seed=seed).replace("注：", "注：1. "),
        SOURCE_LINE,
    ]
    return "\n".join(lines).encode("utf-8-sig")


def _names() -> dict[int, str]:
    return {province.province_code: province.name_zh for province in load_provinces()}
