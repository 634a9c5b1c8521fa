"""Examples of compiled panels: years across or down, long tables of provinces and of cities."""

from medpanel.guide.examples.example import NAMES, NOTE, LayoutExample, figure
from medpanel.office.table_files import csv_bytes, xlsx_bytes

_YEARS = (2012, 2013, 2014)


def across() -> LayoutExample:
    """Years down, provinces across."""
    rows = [[year, *(figure(i, j) for i in range(len(NAMES)))] for j, year in enumerate(_YEARS)]
    return LayoutExample(
        "provinces_across",
        "panels",
        "地区生产总值_省份横排.csv",
        csv_bytes([["年份", *NAMES], *rows]),
        {"indicator": "gdp", "unit": "亿元"},
        "Years down, provinces across, one indicator; the table names neither indicator nor unit, so both are "
        "declared.",
        "年份纵排、省份横排的单指标表；指标与单位须声明。",
    )


def indicator_rows() -> LayoutExample:
    """Region and indicator on the left, years across."""
    labels = ("地区生产总值(亿元)", "年末常住人口(万人)")
    rows = [
        [label, name, *(float(figure(i, j + 3 * k)) for j in range(len(_YEARS)))]
        for k, label in enumerate(labels)
        for i, name in enumerate(NAMES)
    ]
    merged = ("A2:A32", "A33:A63")
    return LayoutExample(
        "indicator_rows",
        "panels",
        "分省指标.xlsx",
        xlsx_bytes([["", "", *_YEARS], *rows, [NOTE]], merged=merged),
        {},
        "Years across, a row for each region and indicator, both named left of the figures in any order; an indicator "
        "may be merged over its rows. An indicator that was renamed stands under the name of its time: each name "
        "speaks only for the years it was in use.",
        "年份横排，每行一个地区和一个指标，名称在数字左侧，次序不限；指标名可跨行合并。更名的指标各名称只用于其使用年"
        "份。",
    )


def ordered() -> LayoutExample:
    """Years across, rows without names."""
    rows = [[figure(i, j) for j in range(len(_YEARS))] for i in range(len(NAMES))]
    return LayoutExample(
        "ordered_rows",
        "panels",
        "研发经费.csv",
        csv_bytes([list(_YEARS), *rows]),
        {
            "indicator": "industrial_rd_expenditure",
            "unit": "亿元",
            "panel": {"entity_order": "code_order"},
        },
        "Years across and a row for each province without its name. Such a table is read only in a declared order: "
        "the 31 names one by one, or `code_order`, the order of the provinces' codes; the number of rows must fit. "
        "Indicator and unit are declared too.",
        "年份横排、每省一行但没有省名。只有声明次序才读取：依次列出31个省名，或用 code_order（省级代码次序），行数必须"
        "相符；指标与单位亦须声明。",
    )


def long() -> LayoutExample:
    """One row per province and year."""
    rows = [
        [name, 99, year, figure(i, j), f"0.{500 + 10 * i + j}"]
        for i, name in enumerate(NAMES)
        for j, year in enumerate(_YEARS)
    ]
    return LayoutExample(
        "long_panel",
        "panels",
        "省级面板.csv",
        csv_bytes([["省份", "编号", "年份", "总人口", "城镇化率"], *rows]),
        {
            "layout": "long_panel",
            "entity_column": "省份",
            "year_column": "年份",
            "key": "name",
            "columns": {
                "总人口": {"indicator": "resident_population", "unit": "万人"},
                "城镇化率": {"indicator": "urban_share", "unit": "1"},
            },
            "other_columns": "set_aside",
        },
        "One row per province (or city) and year, as CSV, workbook, Stata or SPSS. The columns are named in the "
        "declaration. A `code_column` that contradicts the names refuses the file unless `key: name` says that the "
        "names decide. For cities see `panel: {entity_level: city, province_column: …, code_year: …}`; `filled_flags` "
        "leaves out cells another file marks as filled in, `filled_columns` those a column beside fills, `filled` "
        "those the entry names.",
        "每省（或市）每年一行，CSV、工作簿、Stata 或 SPSS；列的含义在声明中给出。code_column 与名称矛盾时拒绝，除非声"
        "明 key: name。城市面板用 panel: {entity_level: city, …}；filled_flags 可略去另一文件标明为插补的数值，"
        "filled_columns 略去旁列填补的数值，filled 略去条目指明的数值。",
    )


def cities() -> LayoutExample:
    """One row per city and year; the same layout as `long`, as another declaration."""
    rows = [
        ["河北省", name, code, year, 900 + 31 * i + j]
        for i, (name, code) in enumerate([("石家庄市", 130100), ("唐山市", 130200), ("保定市", 130600)])
        for j, year in enumerate(_YEARS)
    ]
    return LayoutExample(
        "long_panel",
        "panels",
        "城市面板.csv",
        csv_bytes([["省份", "城市", "代码", "年份", "户籍人口"], *rows]),
        {
            "layout": "long_panel",
            "entity_column": "城市",
            "code_column": "代码",
            "year_column": "年份",
            "panel": {"entity_level": "city", "province_column": "省份"},
            "columns": {"户籍人口": {"indicator": "registered_population", "unit": "万人"}},
        },
        "The same layout with a row per city and year.",
        "同一版式，每市每年一行。",
    )


EXAMPLES = (across, indicator_rows, ordered, long, cities)
