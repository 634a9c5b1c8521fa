"""Examples of statistics-bureau exports: two generations, cut off, of one region, transposed, of one year."""

from medpanel.guide.examples.example import NAMES, NOTE, LayoutExample, figure
from medpanel.office.table_files import csv_bytes, text_bytes

_YEARS = ("2014年", "2013年", "2012年")
_DATABASE = "数据库：分省年度数据"
_SOURCE = "数据来源：国家统计局（仅仿其版式 imitates the layout only）"
_INDICATORS = ("地区生产总值(亿元)", "年末常住人口(万人)")


def _rows(columns: int = len(_YEARS)) -> list[str]:
    return [",".join([name, *(figure(i, j) for j in range(columns))]) for i, name in enumerate(NAMES)]


def named() -> LayoutExample:
    """The indicator is printed above the table."""
    lines = [_DATABASE, f"指标：{_INDICATORS[0]}", "时间：2012-2014", ",".join(["地区", *_YEARS])]
    return LayoutExample(
        "nbs_export",
        "exports",
        "分省年度数据.csv",
        text_bytes([*lines, *_rows(), NOTE, _SOURCE], "gb18030"),
        {},
        "One indicator, regions down, years across; the file names the indicator and its unit. CSV or workbook, GBK "
        "or UTF-8. Empty years at either end are passed over; years missing in between are declared with "
        "`years_absent`. Notes may stand anywhere. Tables of the 36 main cities say 主要城市年度数据 in the first "
        "line.",
        "单一指标，地区纵排、年份横排；文件注明指标与单位。CSV 或工作簿，GBK 或 UTF-8。首尾空白年份略过，"
        "中间缺年须以 years_absent 声明；注释位置不限。主要城市数据在首行注明“主要城市年度数据”。",
    )


def unnamed() -> LayoutExample:
    """The generation of 2026: a TAB before every comma, no indicator."""
    header = ["地区", "2015年", *_YEARS]
    rows = [[name, "", *(figure(i, j) for j in range(len(_YEARS)))] for i, name in enumerate(NAMES)]
    lines = [_DATABASE, "时间：2012年-2015年", *("".join(f"{cell}\t," for cell in row) for row in [header, *rows])]
    return LayoutExample(
        "nbs_export_2026",
        "exports",
        "分省年度数据_2026.csv",
        text_bytes([*lines, NOTE, _SOURCE], "utf-8-sig"),
        {"indicator": "gdp", "unit": "亿元"},
        "The generation of exports since 2026: UTF-8 with a byte-order mark and a TAB before every comma. The file "
        "names neither indicator nor unit, so both are declared. The newest year may still be empty.",
        "2026年起的新版导出：UTF-8（带 BOM），每个逗号前有制表符。文件不注明指标与单位，须声明；最新年份可为空。",
    )


def cut() -> LayoutExample:
    """The preamble is missing."""
    return LayoutExample(
        "nbs_export_cut",
        "exports",
        "地区生产总值_无表头.csv",
        csv_bytes([["地区", *_YEARS], *(row.split(",") for row in _rows()), [NOTE]]),
        {"indicator": "gdp", "unit": "亿元"},
        "The same table with its first lines cut off: indicator and unit are declared.",
        "同一导出表，缺少表前说明；指标与单位须声明。",
    )


def region() -> LayoutExample:
    """One region with many indicators."""
    lines = [_DATABASE, "地区：北京市", "时间：2012-2014", ",".join(["指标", *_YEARS])]
    rows = [",".join([name, *(figure(i, j) for j in range(len(_YEARS)))]) for i, name in enumerate(_INDICATORS)]
    return LayoutExample(
        "nbs_region",
        "exports",
        "北京市年度数据.csv",
        text_bytes([*lines, *rows, NOTE, _SOURCE]),
        {},
        "One region, indicators down, years across. Where the file does not name its region, the entry does: `export: "
        "{region: 北京市}`. The database 年度数据 is of the nation. Indicators not in the registry are left out by "
        "`set_aside_columns`.",
        "单一地区，指标纵排、年份横排。文件未注明地区时以 export: {region: …} 声明；“年度数据”为全国。"
        "未登记的指标以 set_aside_columns 舍去。",
    )


def transposed() -> LayoutExample:
    """Years down, regions across."""
    lines = [_DATABASE, f"指标：{_INDICATORS[0]}", "时间：2012-2014", ",".join(["时间", *NAMES])]
    rows = [",".join([year, *(figure(i, j) for i in range(len(NAMES)))]) for j, year in enumerate(_YEARS)]
    return LayoutExample(
        "nbs_transposed",
        "exports",
        "分省年度数据_转置.csv",
        text_bytes([*lines, *rows, NOTE, _SOURCE]),
        {},
        "Years down; regions across with one indicator, or indicators across with one region.",
        "年份纵排；横排为地区（单一指标）或指标（单一地区）。",
    )


def one_year() -> LayoutExample:
    """Regions by indicators in one year."""
    lines = [_DATABASE, "时间：2014年", ",".join(["地区", *_INDICATORS])]
    return LayoutExample(
        "nbs_one_year",
        "exports",
        "分省年度数据_2014.csv",
        text_bytes([*lines, *_rows(2), NOTE, _SOURCE]),
        {},
        "One year, regions down, indicators across. The year stands in the line 时间 or is declared with `year`; when "
        "both speak they must agree.",
        "单一年份，地区纵排、指标横排。年份见“时间”一行或以 year 声明，二者须一致。",
    )


EXAMPLES = (named, unnamed, cut, region, transposed, one_year)
