"""Examples of files of flows between cities: edge lists, matrices, lists in cells and in JSON, scale indices."""

import json

from medpanel.guide.examples.example import LayoutExample
from medpanel.office.table_files import csv_bytes, xlsx_bytes

# origin, destination, figure; all invented
_FLOWS = (
    ("石家庄市", "保定市", 120.5),
    ("石家庄市", "唐山市", 30.25),
    ("保定市", "石家庄市", 101.75),
    ("保定市", "唐山市", 22.5),
    ("唐山市", "石家庄市", 28.0),
    ("唐山市", "保定市", 19.5),
    ("石家庄市", "邯郸市", 41.0),
    ("保定市", "邯郸市", 12.25),
    ("唐山市", "邯郸市", 9.75),
    ("邯郸市", "石家庄市", 55.5),
    ("邯郸市", "保定市", 14.0),
    ("邯郸市", "唐山市", 7.25),
)
_PROVINCE = "河北省"
_CODES = {"石家庄市": 130100, "唐山市": 130200, "保定市": 130600, "邯郸市": 130400}


def _arrivals() -> list[list[object]]:
    rows = sorted((destination, origin, figure) for origin, destination, figure in _FLOWS)
    return [["城市", "来源城市", "指数"], *([d, o, f] for d, o, f in rows)]


def edges() -> LayoutExample:
    """Lists of arrivals, with the lists of departures as partner."""
    departures: list[list[object]] = [["城市", "去向城市", "指数"], *([o, d, f] for o, d, f in _FLOWS)]
    partner = {"file": "20230115_out.csv", "origin": "城市", "destination": "去向城市"}
    return LayoutExample(
        "flow_edges",
        "flows",
        "20230115_in.csv",
        csv_bytes(_arrivals()),
        {
            "layout": "flow_edges",
            "flow": {
                "network": "example",
                "direction": "in",
                "origin": "来源城市",
                "destination": "城市",
                "weight": "指数",
                "unit": "index",
                "file_name": r"(?P<period>\d{8})_in",
                "top": 100,
                "partner": partner,
            },
        },
        "One flow in a row, as CSV, text, workbook or Parquet of any size; also the two-header files with one mode of "
        "transport each, and the list of one city named in the file's name (`file_name` with the group `place`). "
        "`direction: in` says that these are lists of arrivals of each destination. The partner file, which lists the "
        "same flows from their other end, is read to check it.",
        "每行一条流量，CSV、文本、工作簿或 Parquet，大小不限；也用于双表头的分交通方式文件及以文件名注明城市的名单。"
        "direction: in 表示各目的地的来源名单；partner 为同一流量的另一端名单，用于核对方向。",
        {"20230115_out.csv": csv_bytes(departures)},
    )


def amap_year() -> LayoutExample:
    """Amap's yearly file."""
    header = [
        "年份", "始发城市", "始发城市所属省份", "始发城市代码", "终点城市", "终点城市所属省份", "终点城市代码",
        "年度实际迁徙指数",
    ]  # fmt: skip
    rows = [[2023, o, _PROVINCE, _CODES[o], d, _PROVINCE, _CODES[d], f] for o, d, f in _FLOWS]
    return LayoutExample(
        "flow_amap_year",
        "flows",
        "年度迁徙明细.csv",
        csv_bytes([header, *rows]),
        {
            "layout": "flow_amap_year",
            "flow": {"network": "amap", "direction": "both", "unit": "index", "period_column": "年份"},
        },
        "Amap's yearly file with its own headers, which need not be declared. Names, codes and provinces must agree. "
        "Of its two indices the actual one is read unless `weight` names the other.",
        "高德年度迁徙明细，列名固定，无须声明。名称、代码与省份须一致；默认读取“年度实际迁徙指数”，可用 weight 改选。",
    )


def matrix() -> LayoutExample:
    """A square matrix."""
    cities = list(_CODES)
    flows = {(o, d): f for o, d, f in _FLOWS}
    rows = [[d, *(flows.get((o, d), "") for o in cities)] for d in cities]
    return LayoutExample(
        "flow_matrix",
        "flows",
        "迁入比例矩阵.csv",
        csv_bytes([["", *cities], *rows]),
        {
            "layout": "flow_matrix",
            "flow": {
                "network": "example_share",
                "direction": "in",
                "unit": "index",
                "period": "2023-01-15",
                "top": 100,
            },
        },
        "A row and a column for each place. Each row is the list of one place: with `direction: in` the row is the "
        "destination. An empty cell is a pair the service did not list, never a flow of zero.",
        "每地一行一列。每行为一地的名单：direction: in 时行为目的地。空单元格表示未列出，不是零。",
    )


def cells() -> LayoutExample:
    """A workbook with a list in each cell."""
    lists: dict[str, list[list[object]]] = {}
    for origin, destination, figure in _FLOWS:
        lists.setdefault(destination, []).append([origin, figure])
    rows = [["2023-01-15", city, json.dumps(pairs, ensure_ascii=False)] for city, pairs in lists.items()]
    return LayoutExample(
        "flow_cells",
        "flows",
        "迁入来源地.xlsx",
        xlsx_bytes([["日期", "城市", "来源"], *rows]),
        {
            "layout": "flow_cells",
            "flow": {
                "network": "example_lists",
                "direction": "in",
                "place": "城市",
                "origin": "name",
                "weight": "来源",
                "unit": "index",
                "period_column": "日期",
                "top": 100,
            },
        },
        "A row for each place (and period) and its whole list in one cell, as JSON or as Python prints a list; it is "
        "parsed, never evaluated. An empty list is no list of zeros.",
        "每地（每期）一行，整份名单写在一个单元格中（JSON 或 Python 列表）；只解析，不执行。空名单不等于零。",
    )


def json_lists() -> LayoutExample:
    """A JSON answer of one place."""
    items = [{"cityName": o, "provinceName": _PROVINCE, "value": f} for o, d, f in _FLOWS if d == "石家庄市"]
    document = {"errno": 0, "data": {"list": items}}
    return LayoutExample(
        "flow_json",
        "flows",
        "石家庄市_20230115.json",
        (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode(),
        {
            "layout": "flow_json",
            "flow": {
                "network": "example_daily",
                "direction": "in",
                "origin": "cityName",
                "weight": "value",
                "unit": "index",
                "file_name": r"(?P<place>.+)_(?P<period>\d{8})",
                "top": 100,
            },
        },
        "One place's list as a service answers it: an array of partners, or an object with one such array. Place and "
        "period stand in the file's name or in the document.",
        "服务返回的一地名单：数组，或含一个数组的对象；地点与时期见文件名或文档。",
    )


def scale() -> LayoutExample:
    """A city's index by period."""
    rows = [[f"2023-01-{day:02d}", 130100 + 100 * k, city, 5.5 + k + day / 10]
            for k, city in enumerate(("石家庄市", "唐山市"))
            for day in (14, 15, 16)]  # fmt: skip
    return LayoutExample(
        "flow_scale",
        "flows",
        "人口迁入指数.xlsx",
        xlsx_bytes([["日期", "城市ID", "城市名称", "指数"], *rows]),
        {
            "layout": "flow_scale",
            "flow": {
                "network": "example",
                "direction": "in",
                "unit": "index",
                "place": "城市名称",
                "place_code": "城市ID",
                "weight": "指数",
                "period_column": "日期",
            },
        },
        "The scale index of each city by period: a series, no flow between two places. Percentages of a city's list "
        "become comparable by it: `scale: {file: …, place: …, value: …, period: …}` under `flow:` of the lists.",
        "各城市各时期的规模指数：是序列，不是流量。名单中的百分比借此可比：在名单的 flow: 下声明 scale。",
    )


EXAMPLES = (edges, amap_year, matrix, cells, json_lists, scale)
