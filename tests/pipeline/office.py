"""Three years of an office: what publishers offer each year, and the workspace the office keeps.

Belongs here: invented figures, the files they come in, the declarations of the first year. Does not belong here: what
is expected of them (test_three_years.py).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from catalog import load_provinces
from catalog.studies import STUDIES_DIR
from medpanel.office.files import text_bytes

# The study of the office begins here.
FIRST = 2011
CODES = {province.province_code: province.name_zh for province in load_provinces()}
GDP, EXPENDITURE = "地区生产总值(亿元)", "地方财政一般公共预算支出(亿元)"
# What the bureau calls GDP from 2026 on.
RENAMED = "地区生产总值初步核算数(亿元)"
PILOTS = {
    "石家庄市": ("河北省", 130100, "2013-01-29"),
    "唐山市": ("河北省", 130200, "2013-01-29"),
    "太原市": ("山西省", 140100, "2013-01-29"),
    "大连市": ("辽宁省", 210200, "2013-01-29"),
}
STRUCK, REDATED = "太原市", {"大连市": "2013-02-05"}
# One preferred edition of the population, and an older one behind it, which nothing may fall back to in silence.
SOURCES = """data_kind: synthetic
studies: [our_budget]
vintages: [bureau, list, older]
files:
  - {match: "synthetic_gdp*.csv", vintage: bureau, publisher: invented, licence: CC0-1.0}
  - {match: "synthetic_expenditure*.csv", vintage: bureau, publisher: invented, licence: CC0-1.0}
  - match: "synthetic_residents*.csv"
    vintage: bureau
    indicator: resident_population
    unit: 万人
    publisher: invented
    licence: CC0-1.0
  - {match: "synthetic_older*.csv", vintage: older, publisher: invented, licence: CC0-1.0}
  - {match: "synthetic_pilots*.csv", vintage: list, publisher: invented, licence: CC0-1.0}
"""


def gdp(told_in: int) -> Callable[[int, int], float]:
    """GDP in 亿元 by province and year; from 2025 on, the bureau tells 2022 and 2023 higher by 1 %."""

    def value(code: int, year: int) -> float:
        first = (code // 10000) * 120.0 * 1.06 ** (year - FIRST) * (1 + 0.02 * ((code // 10000 + year) % 5))
        return round(first * (1.01 if told_in >= 2025 and year in (2022, 2023) else 1.0), 1)

    return value


def expenditure(code: int, year: int) -> float:
    """Budget expenditure in 亿元."""
    return round(gdp(2024)(code, year) * (0.18 + 0.01 * ((code // 10000 + 2 * year) % 7)), 1)


def residents(code: int, year: int) -> float:
    """Residents in 万人."""
    return 400 + (code // 10000) * 60 + 3 * (year - FIRST)


def export(header: str, last: int, value: Callable[[int, int], float], unit: int = 1) -> bytes:
    """An export of the bureau, newest year first. `header`: the indicator with its unit; '' if it names neither."""
    years = range(last, FIRST - 1, -1)
    return text_bytes(
        [
            "数据库：分省年度数据",
            *([f"指标：{header}"] if header else []),
            f"时间：{FIRST}-{last}",
            ",".join(["地区", *(f"{year}年" for year in years)]),
            *(
                ",".join([name, *(f"{value(code, year) * unit:.1f}".removesuffix(".0") for year in years)])
                for code, name in CODES.items()
            ),
            "注：合成数据 synthetic data，不得当作统计数据。",
        ],
        "gb2312",
        "\r\n",
    )


def pilots(corrected: bool) -> bytes:
    """The list of pilots; the corrected one lacks an entry and dates another differently."""
    rows = [
        f"mohurd,1,2012,{REDATED.get(place, day) if corrected else day},{province},{place},{place},prefecture,"
        f"{code},,new,synthetic list 合成名单"
        for place, (province, code, day) in PILOTS.items()
        if not (corrected and place == STRUCK)
    ]
    header = (
        "programme,batch,label_year,announced,province,prefecture,place,level,prefecture_code,county_code,status,source"
    )
    return text_bytes([header, *rows])


def first_year() -> dict[str, bytes]:
    """The folder as the office sets it up in 2024: figures to 2023."""
    return {
        "sources.yaml": SOURCES.encode(),
        "synthetic_gdp_2024.csv": export(GDP, 2023, gdp(2024)),
        "synthetic_expenditure_2024.csv": export(EXPENDITURE, 2023, expenditure),
        "synthetic_residents.csv": export("", 2023, residents),
        "synthetic_older_residents.csv": export(
            "年末常住人口(万人)", 2019, lambda code, year: residents(code, year) - 5
        ),
        "synthetic_pilots.csv": pilots(corrected=False),
    }


def write_study(root: Path) -> None:
    """A study file of the office's own: the catalog's expenditure_gdp under another id."""
    text = (STUDIES_DIR / "expenditure_gdp.yaml").read_text(encoding="utf-8")
    assert "\nid: expenditure_gdp\n" in text
    path = root / "studies" / "our_budget.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(text.replace("id: expenditure_gdp", "id: our_budget", 1), encoding="utf-8")


def write(folder: Path, files: dict[str, bytes]) -> list[Path]:
    """Write the files into a folder; their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in files]
