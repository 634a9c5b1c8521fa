"""Examples of health-yearbook tables: workbooks with merged headers, tables in scanned documents."""

from medpanel.guide.examples.example import NAMES, NOTE, SHORT, LayoutExample, figure
from medpanel.office.table_files import text_bytes, xlsx_bytes


def workbook() -> LayoutExample:
    """Merged bilingual headers, spaced names, subtotals."""
    spaced = [name if len(name) > 2 else "  ".join(name) for name in SHORT]
    body = [[name, 1000.5 + 37 * i, round(0.1 + i / 100, 2), 300.5 + 11 * i] for i, name in enumerate(spaced)]
    rows: list[list[object]] = [
        ["8-2-1 各地区门诊服务情况 (2013年)"],
        ["Outpatient Services by Region"],
        ["", "", "", "单位：万人次"],
        ["地区\nRegion", "医疗服务", "", ""],
        ["", "诊疗人次数", "急诊病死率(%)", "门急诊人次数"],
        ["", "Visits", "Fatality (%)", "Emergency"],
        ["总　计", 48211.5, 0.25, 14500.5],
        ["东  部", 18000.5, 0.21, 5000.5],
        *body,
        [NOTE],
    ]
    return LayoutExample(
        "yearbook_workbook",
        "yearbooks",
        "2014中国卫生健康统计年鉴.xlsx",
        xlsx_bytes(rows, "8-2-1", ("A4:A6", "B4:D4")),
        {"set_aside_columns": ["门急诊人次数"], "neutral_groups": ["医疗服务"]},
        ".xlsx or .xls, one or several tables on a sheet, one year each, indicators across. The data year is the one "
        "in the title, never the one in the file's name. The unit stands in the header or in the line 单位. A column "
        "that is no catalogued indicator is named in `set_aside_columns` (regular expressions) or refused; the others "
        "load. A group above a header changes its meaning: 3岁以下儿童 | 系统管理率 is not the mothers' rate. A "
        "header under a group loads only when group and header together are registered, or the group is declared in "
        "`neutral_groups`. Regional subtotals are set aside, the nation is kept. A figure in merged cells, a percent "
        "format outside columns in %, and a second region column are refused.",
        ".xlsx 或 .xls，一张工作表一个或多个表，每表一年，指标横排。数据年份取自表标题，不取文件名；单位见表头或“单位”"
        "行。未登记的列须以 set_aside_columns（正则表达式）声明，否则拒绝，其余各列照常读取。分组表头会改变含义，须连"
        "同分组登记，或声明 neutral_groups。地区小计舍去，全国保留；合并单元格内的数字、非百分比列的百分比格式、第二个"
        "地区列均拒绝。",
    )


def document() -> LayoutExample:
    """A table in a document."""
    header = "".join(f"<td>{year}</td>" for year in (2012, 2013, 2014))
    rows = [
        f"<tr><td>{name}</td>{''.join(f'<td>{figure(i, j)}</td>' for j in range(3))}</tr>"
        for i, name in enumerate(NAMES)
    ]
    lines = [f"<p>{NOTE}</p>", "<table>", f"<tr><td>地区</td>{header}</tr>", *rows, "</table>"]
    return LayoutExample(
        "html_tables",
        "yearbooks",
        "扫描年鉴.md",
        text_bytes(lines),
        {"layout": "html_tables", "tables": [1], "indicator": "gdp", "unit": "亿元"},
        "Tables in .md or .html, as text recognition of scanned yearbooks leaves them. `tables` says which ones, "
        "counted from 1, make up the table when it goes on over several pages; `header` replaces a header the scan "
        "made unreadable. A cell is addressed table:row:column.",
        ".md 或 .html 中的表格（如扫描年鉴的文字识别结果）。tables 列出组成该表的表格序号（从1起，可跨页）；"
        "header 替换无法辨认的表头。单元格写作 表:行:列。",
    )


EXAMPLES = (workbook, document)
