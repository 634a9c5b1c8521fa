"""Examples of reference tables of places: lists and histories of divisions, dialects."""

from catalog import load_provinces
from ingestion.places.units import COUNTY_FIRST_YEAR, FIRST_YEAR, load_units, units_at
from ingestion.readers.divisions.divisions import HEADER
from medpanel.guide.examples.example import LayoutExample
from medpanel.office.table_files import csv_bytes, r_data_bytes, text_bytes

_LEVELS = {"province": "省级", "prefecture": "地级", "county": "县级"}
_FIRST = {"prefecture": FIRST_YEAR, "county": COUNTY_FIRST_YEAR}
_DIALECTS = (
    ("石家庄市", 130100, "冀鲁官话", "示例片甲"),
    ("济南市", 370100, "冀鲁官话", "示例片乙"),
    ("杭州市", 330100, "吴语", "示例片甲"),
    ("广州市", 440100, "粤语", "示例片乙"),
)


def division_list() -> LayoutExample:
    """Codes and names at one year-end, out of the product's own table of divisions."""
    provinces = {province.province_code: province.name_zh for province in load_provinces()}
    units = dict(sorted((provinces | {unit.code: unit.name for unit in units_at(2018)}).items()))
    return LayoutExample(
        "division_list",
        "places",
        "行政区划/2018.txt",
        text_bytes(f"{code} {name}" for code, name in units.items()),
        {"year_from_name": True},
        "Codes and names at a year-end, in one column or two, without a header or with 代码 and 名称. The year is "
        "declared (`year: 2018`) or stands in the file's name. The list is held against the reference table of "
        "divisions: a province with another number of units than it had that year refuses the list.",
        "某年末的代码与名称，一列或两列，可有“代码、名称”表头。年份以 year 声明或取自文件名。与区划沿革核对，"
        "某省单位数与该年不符则整表拒绝。",
    )


def division_history() -> LayoutExample:
    """Every code with the years it was in use, out of the product's own table of divisions."""
    rows = [
        [str(p.province_code), "", "", p.name_zh, "省级", "在用", str(FIRST_YEAR), "", ""] for p in load_provinces()
    ]
    for unit in load_units():
        state, end = ("弃用", str(unit.last_year + 1)) if unit.last_year else ("在用", "")
        after = ";".join(str(code) for code in unit.successors)
        first = str(unit.first_year or _FIRST[unit.level])
        rows.append([str(unit.code), "", "", unit.name, _LEVELS[unit.level], state, first, end, after])
    return LayoutExample(
        "division_history",
        "places",
        "行政区划沿革.csv",
        csv_bytes([list(HEADER), *sorted(rows)]),
        {"year": 2024},
        "One row for each code and name with the years it was in use and the codes that followed; recognised by "
        "exactly this header. `year` is the last year-end it speaks for. A change takes effect at the end of the year "
        "it is printed for.",
        "每个代码与名称一行，含启用、弃用年份及后继代码；表头须与此完全一致。year 为其覆盖的最后一个年末；变更以当年年"
        "末为准。",
    )


def dialect_table() -> LayoutExample:
    """A table that names its columns."""
    rows = [[name, dialect, sub] for name, _, dialect, sub in _DIALECTS]
    return LayoutExample(
        "dialect_table",
        "places",
        "方言.csv",
        csv_bytes([["城市", "方言", "方言片"], *rows]),
        {},
        "A place and its dialect in each row, under headers that say so (城市 or city_code, 方言 or dialect). Rows of "
        "one unit must agree, or all of them are refused. A district of a municipality speaks for the municipality.",
        "每行一个地点及其方言，表头为“城市、方言”等。同一单位的各行须一致，否则全部拒绝；直辖市的区归入该市。",
    )


def dialect_columns() -> LayoutExample:
    """A table with other headers."""
    rows = [[number, name, dialect] for number, (name, _, dialect, _) in enumerate(_DIALECTS, start=1)]
    return LayoutExample(
        "dialect_columns",
        "places",
        "方言调查.csv",
        csv_bytes([["序号", "地名", "话"], *rows]),
        {"layout": "dialect_columns", "dialects": {"place": "地名", "dialect": "话", "year": 2005}},
        "The same with other headers, which are declared. `year` says of which year-end the names or codes are.",
        "同上，列名不同时须声明；year 为地名或代码所属的年末。",
    )


def dialect_rdata() -> LayoutExample:
    """A data frame in an R data file."""
    import numpy as np
    import pandas as pd

    columns = {
        "code": np.array([code for _, code, _, _ in _DIALECTS], dtype=float),
        "language": pd.array([dialect for *_, dialect, _ in _DIALECTS], dtype=pd.StringDtype("python")),
        "sub": pd.array([sub for *_, sub in _DIALECTS], dtype=pd.StringDtype("python")),
    }
    frame = pd.DataFrame(columns, index=pd.RangeIndex(1, len(_DIALECTS) + 1))
    shown = tuple((str(code), dialect, sub) for _, code, dialect, sub in _DIALECTS)
    return LayoutExample(
        "dialect_rdata",
        "places",
        "方言.rda",
        r_data_bytes({"region_data": frame}),
        {"dialects": {"place": "code", "dialect": "language", "sub": "sub", "object": "region_data"}},
        "The same as a data frame in an .rda or .RData file. Nothing in the file is run: functions, calls and "
        "environments refuse it.",
        "同上，为 .rda 或 .RData 中的数据框。文件中的任何代码都不会执行：含函数、调用或环境者拒绝。",
        shown=(("code", "language", "sub"), *shown),
    )


EXAMPLES = (division_list, division_history, dialect_table, dialect_columns, dialect_rdata)
