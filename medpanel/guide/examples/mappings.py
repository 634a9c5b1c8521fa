"""An example of a table no reader knows, described by a mapping file."""

from medpanel.guide.examples.example import NOTE, SHORT, LayoutExample, figure
from medpanel.office.table_files import csv_bytes

MAPPING = """\
# For a table with two years side by side under each indicator.
tables:
  - title: '表3.*各地区'
    header: {start: '地区', rows: 2, fill_right: true}
    regions: {down: 1}
    years: {across: '.* \\| (20\\d{2})年'}
    columns:
      - {header: '生产总值.*', indicator: gdp, unit: 亿元}
      - {header: '人口.*', indicator: resident_population, unit: 万人}
    set_aside_columns: ['备注.*']
"""


def mapped() -> LayoutExample:
    """Two years under each indicator."""
    rows = [[name, *(figure(i, j) for j in range(4)), ""] for i, name in enumerate(SHORT)]
    header = [["地区", "生产总值", "", "人口", "", "备注"], ["", "2013年", "2014年", "2013年", "2014年", ""]]
    return LayoutExample(
        "mapped",
        "mappings",
        "地方年鉴.csv",
        csv_bytes([["表3 各地区主要指标"], *header, *rows, [NOTE]]),
        {"mapping": "local_yearbook.yaml"},
        "A table of any arrangement (CSV, workbook, Stata, SPSS, HTML). A mapping file says where each table begins, "
        "where regions, years and indicators are printed, and what each header means from which year to which; no "
        "code is needed.",
        "任意版式的表格（CSV、工作簿、Stata、SPSS、HTML）。映射文件写明各表起点、地区、年份与指标的位置，"
        "以及各列标题在哪些年份是何含义；无须编写代码。",
        {"local_yearbook.yaml": MAPPING.encode()},
    )


EXAMPLES = (mapped,)
