"""The sample's yearbook workbooks, as bytes: one per data year, four tables with merged bilingual headers.

Belongs here: the layout of domain 9.2 and 9.3, byte-identical .xlsx files, and the harmless blemishes in their
cells: the marks found in real tables. Does not belong here: files that must be refused (files.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from catalog import load_provinces
from medpanel.office.files import workbook_bytes
from medpanel.sample.panel import DECIMALS
from medpanel.sample.randomness import random_stream, shuffled
from medpanel.sample.reference import YEARS

Figure = tuple[str, int, int]  # indicator, province_code, year
Figures = Mapping[Figure, float]
REGIONS = {"east": "东  部", "central": "中  部", "west": "西  部"}
NOTES = (
    "注：合成数据 synthetic data，由 medpanel 生成，种子 {seed}，不得当作统计数据。①和*系合成脚注。",
    "Note: Synthetic data made by medpanel, seed {seed}. Never to be read as statistics.",
)


@dataclass(frozen=True)
class SheetColumn:
    """A column: printed headers, the indicator it carries (None: one the registry does not know), decimals.

    `total`: a count, which adds up over provinces; a rate is averaged.
    """

    chinese: str
    english: str
    indicator: str | None
    total: bool = False
    decimals: int = 2


@dataclass(frozen=True)
class SheetSpec:
    """One table; `unit` is printed above it when columns without a unit of their own share it."""

    name: str
    number: str
    chinese: str
    english: str
    nation: str
    unit: str
    group_chinese: str
    group_english: str
    english_names: bool
    columns: tuple[SheetColumn, ...]

    @property
    def first_column(self) -> int:
        """The first column of figures, after those of names."""
        return 3 if self.english_names else 2


SHEETS = (
    SheetSpec(
        "门诊服务", "8-2-1", "各地区医疗卫生机构门诊服务情况",
        "Outpatient Services in Health Institutions by Region",
        "总　　计", "万人次", "医疗卫生机构门诊服务", "Outpatient Services", True,
        (
            SheetColumn("诊疗人次数", "Visits", "outpatient_visits", True),
            SheetColumn("门急诊人次数", "Outpatient and Emergency Visits", None, True),
            SheetColumn("急诊病死率(%)", "Emergency Case Fatality Rate (%)", "emergency_mortality_rate"),
        ),
    ),
    SheetSpec(
        "住院服务", "8-2-2", "各地区医疗卫生机构住院服务情况",
        "Inpatient Services in Health Institutions by Region",
        "总　　计", "", "住院", "Inpatients", False,
        (
            SheetColumn("入院人数(万人)", "Admissions (10 000)", "hospital_admissions", True),
            SheetColumn("出院人数(万人)", "Discharges (10 000)", None, True),
            SheetColumn("病死率(%)", "Case Fatality Rate (%)", "inpatient_mortality_rate"),
        ),
    ),
    SheetSpec(
        "孕产妇保健", "9-1-1", "各地区孕产妇保健情况", "Maternal Health Care by Region",
        "全  国", "", "孕产妇保健", "Maternal Care", True,
        (
            SheetColumn("活产数(人)", "Live Births", None, True, 0),
            SheetColumn("系统管理率(%)", "Systematic Management Rate (%)", "maternal_management_rate"),
            SheetColumn("产前检查率(%)", "Prenatal Examination Rate (%)", "prenatal_examination_rate"),
        ),
    ),
    SheetSpec(
        "儿童保健", "9-1-2", "各地区儿童保健情况", "Child Health Care by Region",
        "全  国", "%", "儿童保健", "Child Care", False,
        (
            SheetColumn("新生儿访视率", "Newborn Visit Rate", "newborn_visit_rate"),
            SheetColumn("3岁以下儿童系统管理率", "Management Rate, Children under 3", None),
        ),
    ),
)  # fmt: skip
# Indicators the registry knows, in the order printed.
YEARBOOK_INDICATORS = tuple(column.indicator for sheet in SHEETS for column in sheet.columns if column.indicator)
MISSING_MARKS = ("", "-", "…")
FOOTNOTE_MARKS = ("①", "*")
# How many cells of each kind.
COUNTS = {"missing": 15, "footnote": 6, "full_width_space": 4, "thousands_separator": 8}
# Titles, unit line and the header's three rows stand above the body.
_BODY = 7


def printed(indicator: str, value: float) -> str:
    """The figure with as many decimals as the files print."""
    return f"{value:.{DECIMALS[indicator]}f}"


def choose_blemishes(seed: int, figures: Figures) -> dict[Figure, tuple[str, str]]:
    """(kind, text of the cell) by figure; the kinds are those of COUNTS.

    Missing cells are interior, at most one in each series (province and indicator), so that linear
    interpolation is always between two reported neighbours.
    """
    rng = random_stream(seed, "blemishes")
    provinces = sorted({code for _, code, _ in figures})
    order = iter(shuffled(rng, [(name, code) for name in YEARBOOK_INDICATORS for code in provinces]))
    chosen = {}
    for kind, number in [(kind, number) for kind, count in COUNTS.items() for number in range(count)]:
        # Only visits are large enough for a separator.
        usable = YEARBOOK_INDICATORS if kind != "thousands_separator" else ("outpatient_visits",)
        name, code = next(series for series in order if series[0] in usable)
        margin = 1 if kind == "missing" else 0
        figure = (name, code, YEARS[int(rng.integers(margin, len(YEARS) - margin))])
        chosen[figure] = (kind, _marked(kind, number, name, figures[figure]))
    return chosen


def _marked(kind: str, number: int, indicator: str, value: float) -> str:
    """The text of a cell; `number` counts the cells of one kind, which take their marks in turn."""
    text = printed(indicator, value)
    return {
        "missing": MISSING_MARKS[number % len(MISSING_MARKS)],
        "footnote": text + FOOTNOTE_MARKS[number % len(FOOTNOTE_MARKS)],
        "full_width_space": f"\u3000{text}\u3000",
        "thousands_separator": f"{value:,.{DECIMALS[indicator]}f}",
    }[kind]


def workbook_name(year: int) -> str:
    """File name of the edition that prints `year`: editions are named for the year after (domain 1.4)."""
    edition = year + 1
    title = "卫生和计划生育统计年鉴" if edition <= 2017 else "卫生健康统计年鉴"
    return f"synthetic_中国{title}_{edition}.xlsx"


def yearbook(
    year: int,
    figures: Figures,
    weights: Mapping[int, float],
    blemishes: Mapping[Figure, tuple[str, str]],
    seed: int,
) -> tuple[bytes, list[dict[str, Any]]]:
    """The workbook of one data year and its blemishes with their places (sheet, cell).

    `weights` are residents (万人) by province, for averages of rates and for columns no indicator stands for.
    """
    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.creator = "medpanel"
    book.properties.title = "synthetic data 合成数据"
    places: list[dict[str, Any]] = []
    for spec in SHEETS:
        sheet = book.create_sheet(spec.name)
        _header(sheet, spec, year)
        places += _body(sheet, spec, year, figures, weights, blemishes)
        for text in NOTES:
            sheet.append([text.format(seed=seed)])
    return workbook_bytes(book), places


def _header(sheet: Worksheet, spec: SheetSpec, year: int) -> None:
    first, last = spec.first_column, spec.first_column + len(spec.columns) - 1
    centred = Alignment(horizontal="center", vertical="center", wrap_text=True)
    wide = [
        (1, 1, 1, last, f"{spec.number} {spec.chinese} ({year}年)"),
        (2, 1, 2, last, f"{spec.english} ({year})"),
        (4, 1, 6, 1, "地  区" if spec.english_names else "地  区 Region"),
        *([(4, 2, 6, 2, "Region")] if spec.english_names else []),
        (4, first, 4, last, f"{spec.group_chinese}\n{spec.group_english}"),
    ]
    for top, left, bottom, right, text in wide:
        sheet.cell(top, left, text).alignment = centred
        sheet.merge_cells(start_row=top, start_column=left, end_row=bottom, end_column=right)
    if spec.unit:
        sheet.cell(3, last, f"单位：{spec.unit}").alignment = Alignment(horizontal="right")
    for number, column in enumerate(spec.columns, start=first):
        sheet.cell(5, number, column.chinese).alignment = centred
        sheet.cell(6, number, column.english).alignment = centred
    for number in range(1, last + 1):
        sheet.column_dimensions[get_column_letter(number)].width = 22


def _body(
    sheet: Worksheet,
    spec: SheetSpec,
    year: int,
    figures: Figures,
    weights: Mapping[int, float],
    blemishes: Mapping[Figure, tuple[str, str]],
) -> list[dict[str, Any]]:
    lines = _lines(spec)
    for row, (name, english, _) in enumerate(lines, start=_BODY):
        sheet.cell(row, 1, name)
        if spec.english_names:
            sheet.cell(row, 2, english)
    places: list[dict[str, Any]] = []
    for number, column in enumerate(spec.columns, start=spec.first_column):
        values = {code: _value(column, code, year, figures, weights) for code in weights}
        for row, (_, _, members) in enumerate(lines, start=_BODY):
            cell = sheet.cell(row, number)
            figure = (str(column.indicator), members[0], year)
            if len(members) > 1 or figure not in blemishes:
                value = _aggregate(column, values, weights, members)
                cell.value = value if column.decimals else int(value)
                cell.number_format = "0." + "0" * column.decimals if column.decimals else "0"
                continue
            kind, text = blemishes[figure]
            cell.value = text or None
            places.append(
                {
                    "kind": kind,
                    "file": workbook_name(year),
                    "sheet": spec.name,
                    "cell": cell.coordinate,
                    "indicator": column.indicator,
                    "province_code": members[0],
                    "year": year,
                    "text": text,
                    "true_value": values[members[0]],
                }
            )
    return places


def _lines(spec: SheetSpec) -> list[tuple[str, str, list[int]]]:
    """Names in both languages and the provinces of every line: the nation, the regions, each province."""
    provinces = load_provinces()
    regions = [
        (text, key.capitalize(), [p.province_code for p in provinces if p.region == key])
        for key, text in REGIONS.items()
    ]
    nation = (spec.nation, "National Total", [p.province_code for p in provinces])
    # Yearbooks spread two characters over the width of three or four.
    spaced = [name if len(name) > 2 else "  ".join(name) for name in (p.short_zh for p in provinces)]
    own = [(name, p.name_en, [p.province_code]) for name, p in zip(spaced, provinces, strict=True)]
    return [nation, *regions, *own]


def _value(column: SheetColumn, code: int, year: int, figures: Figures, weights: Mapping[int, float]) -> float:
    if column.indicator is not None:
        return figures[column.indicator, code, year]
    # Columns the readers must set aside only have to look like what their headers say.
    source, factor = {
        "门急诊人次数": ("outpatient_visits", 0.95),
        "出院人数(万人)": ("hospital_admissions", 0.99),
        "3岁以下儿童系统管理率": ("newborn_visit_rate", 0.97),
        "活产数(人)": ("", 105.0),
    }[column.chinese]
    base = figures[source, code, year] if source else weights[code]
    return round(base * factor, column.decimals)


def _aggregate(
    column: SheetColumn, values: Mapping[int, float], weights: Mapping[int, float], members: list[int]
) -> float:
    if column.total:
        return round(sum(values[code] for code in members), column.decimals)
    people = sum(weights[code] for code in members)
    return round(sum(values[code] * weights[code] for code in members) / people, column.decimals)
