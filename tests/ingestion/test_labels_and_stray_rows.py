"""Labels that speak for several rows, rows that hold no data, and provinces declared absent, in every reader."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

import openpyxl
import pytest

from catalog.base import CatalogError
from ingestion import FileReading
from tests.ingestion.biff import xls_bytes
from tests.ingestion.conftest import PROVINCES, SHORT, codes, declared, nbs_text, workbook_bytes

Read = Callable[..., FileReading]
Rows = list[list[Any]]
YEARS = (2012, 2013, 2014)
LONG: dict[str, Any] = {"layout": "long_panel", "entity_column": "省份", "year_column": "年份"}
GDP: dict[str, Any] = {"columns": {"GDP": {"indicator": "gdp", "unit": "亿元"}}, "other_columns": "set_aside"}
HEAD = ["省份", "年份", "GDP", "人口"]


def panel(names: Sequence[str] = PROVINCES) -> Rows:
    """A header and three years of each place."""
    return [
        HEAD,
        *([name, year, 3000.5 + 50 * i + j, 900 + i] for i, name in enumerate(names) for j, year in enumerate(YEARS)),
    ]


def csv(rows: Rows) -> bytes:
    return "\n".join(",".join("" if cell is None else str(cell) for cell in row) for row in rows).encode()


def xlsx(rows: Rows, merged: Sequence[str] = ()) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    for area in merged:
        book.worksheets[0].merge_cells(area)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def once(rows: Rows, *columns: int) -> Rows:
    """The rows with the labels of these columns printed once, above their repeats."""
    last: dict[int, Any] = {}
    found = []
    for row in rows:
        found.append([None if n in columns and last.get(n) == cell else cell for n, cell in enumerate(row)])
        last = dict(enumerate(row))
    return found


def reason(reading: FileReading, code: str) -> str:
    return next(str(record["reason"]) for record in reading.rejected_row if record["code"] == code)


def figures(reading: FileReading) -> set[tuple[int, int, float]]:
    return {(r["entity_code"], r["year"], r["value"]) for r in reading.observation}


AREAS = tuple(f"A{row}:A{row + 2}" for row in range(2, 95, 3))


# Merged and once-printed labels


def test_a_merged_province_speaks_for_its_rows(read: Read) -> None:
    whole = figures(read(csv(panel()), "w.csv", **LONG, **GDP))
    reading = read(xlsx(once(panel(), 0), AREAS), "a.xlsx", **LONG, **GDP)
    assert codes(reading) == set()
    assert figures(reading) == whole and len(whole) == 93


def test_so_does_a_merged_year_and_a_merged_code(read: Read) -> None:
    rows = [["年份", "代码", "省份", "GDP"]]
    rows += [[year, "", name, 3000.5 + i] for year in YEARS for i, name in enumerate(PROVINCES)]
    areas = [f"A{first}:A{first + 30}" for first in (2, 33, 64)]
    reading = read(
        xls_bytes(once(rows, 0), merged=[(1, 31, 0, 0), (32, 62, 0, 0), (63, 93, 0, 0)]),
        "a.xls",
        key="name",
        **LONG,
        **GDP,
    )
    assert codes(reading) == set() and len(reading.observation) == 93
    assert len(read(xlsx(once(rows, 0), areas), "b.xlsx", key="name", **LONG, **GDP).observation) == 93


def test_a_merged_city_speaks_for_its_rows(read: Read) -> None:
    names = ["石家庄市", "唐山市"]
    keys = {**LONG, **GDP, "panel": {"entity_level": "city"}}
    reading = read(xlsx(once(panel(names), 0), ["A2:A4", "A5:A7"]), "a.xlsx", **keys)
    assert codes(reading) == set()
    assert sorted({r["entity_code"] for r in reading.observation}) == [130100, 130200]


def test_labels_printed_once_are_declared_and_else_said_to_be_empty(read: Read) -> None:
    content = csv(once(panel(), 0))
    reading = read(content, **LONG, **GDP)
    assert codes(reading) == {"empty_label"}
    assert "cell A3" in reason(reading, "empty_label") and "fill_down: [1]" in reason(reading, "empty_label")
    for column in (1, "省份"):
        reading = read(content, "b.csv", fill_down=[column], **LONG, **GDP)
        assert codes(reading) == set() and len(reading.observation) == 93
    assert codes(read(content, "c.csv", fill_down=["无此列"], **LONG, **GDP)) == {"column_missing"}


def test_a_figure_is_never_filled_down(read: Read) -> None:
    rows = panel()
    rows[2][2] = None
    reading = read(csv(rows), fill_down=["GDP"], **LONG, **GDP)
    assert codes(reading) == {"merged_cell"}
    assert "C2:C3" in reason(reading, "merged_cell")
    assert len(reading.observation) == 92


def block(name: str, start: float) -> Rows:
    return [[name, place, *(start + 50 * i + j for j in range(3))] for i, place in enumerate(PROVINCES)]


ROWS: Rows = [[None, None, *YEARS], *block("地区生产总值(亿元)", 3000.5), *block("年末常住人口(万人)", 900)]


def test_an_indicator_printed_once_above_its_rows(read: Read) -> None:
    content = xlsx(once(ROWS, 0))
    reading = read(content, "a.xlsx")
    assert codes(reading) == {"empty_label"} and "cell A3" in reason(reading, "empty_label")
    reading = read(content, "b.xlsx", fill_down=[1])
    assert codes(reading) == set() and len(reading.observation) == 186


def mapping(**header: Any) -> dict[str, Any]:
    columns = [
        {"header": "地区生产总值.*", "indicator": "gdp", "unit": "亿元"},
        {"header": "年末常住人口.*", "indicator": "resident_population", "unit": "万人"},
    ]
    axes = {"regions": {"down": 2}, "years": {"across": r"(20\d{2})"}, "indicators": {"down": 1}}
    table = {"header": {"rows": 1, "start": "2012", **header}, **axes, "columns": columns}
    return {"layout": "mapped", "mapping": {"name": "m.yaml", "tables": [table]}}


def test_a_label_printed_once_in_a_mapped_table(read: Read) -> None:
    content = csv(once(ROWS, 0))
    reading = read(content, **mapping())
    assert codes(reading) == {"mapping_empty_label"}
    assert "cell A3" in reason(reading, "mapping_empty_label") and "fill_down" in reason(reading, "mapping_empty_label")
    assert len(read(content, "b.csv", **mapping(fill_down=True)).observation) == 186
    merged = xlsx(once(ROWS, 0), ["A2:A32", "A33:A63"])
    assert len(read(merged, "c.xlsx", **mapping()).observation) == 186


def test_a_merged_region_that_cannot_stand_twice_is_named_with_its_area(read: Read) -> None:
    rows = [["地区", "2012年", "2013年"], *([name, 1.5 + i, 2.5 + i] for i, name in enumerate(PROVINCES))]
    rows.insert(2, [None, 7.5, 8.5])
    reading = read(xlsx(rows, ["A2:A3"]), "a.xlsx", indicator="gdp", unit="亿元")
    assert codes(reading) == {"repeated_province"}
    assert "A2:A3" in reason(reading, "repeated_province")


PILOTS: Rows = [
    ["programme", "batch", "label_year", "announced", "province", "prefecture", "place", "level", "status"],
    *(
        ["mohurd", 1, 2012, "2013-01-29", "河北省", None, place, "prefecture", "new"]
        for place in ("石家庄市", "唐山市", "秦皇岛市")
    ),
]


def test_merged_and_once_printed_labels_of_a_pilot_list(read: Read) -> None:
    columns = (0, 1, 2, 3, 4)
    merged = xlsx(once(PILOTS, *columns), [f"{letter}2:{letter}4" for letter in "ABCDE"])
    assert len(read(merged, "a.xlsx").pilot) == 3
    text = csv(once(PILOTS, *columns))
    reading = read(text)
    assert len(reading.pilot) == 1 and "fill_down: [1]" in reason(reading, "pilot_field")
    assert len(read(text, "b.csv", fill_down=["programme", "batch", "label_year", "announced", 5]).pilot) == 3


FLOW: dict[str, Any] = {
    "network": "people", "direction": "both", "unit": "persons", "period": "2020", "origin": "from",
    "destination": "to", "weight": "n",
}  # fmt: skip
FLOWS: Rows = [["from", "to", "n"], ["北京", "石家庄市", 5], ["北京", "唐山市", 7], ["天津", "唐山市", 9]]


def test_merged_and_once_printed_places_of_a_list_of_flows(read: Read) -> None:
    keys = {"layout": "flow_edges", "flow": FLOW}
    merged = read(xlsx(once(FLOWS, 0), ["A2:A3"]), "a.xlsx", **keys)
    assert codes(merged) == set() and len(merged.tables["flow"]) == 3
    text = csv(once(FLOWS, 0))
    alone = read(text, **keys)
    assert codes(alone) == {"flow_no_place"} and "fill_down" in reason(alone, "flow_no_place")
    assert len(alone.tables["flow"]) == 2
    assert len(read(text, "b.csv", fill_down=["from"], **keys).tables["flow"]) == 3
    assert codes(read(text, "c.csv", fill_down=["nowhere"], **keys)) == {"column_missing"}


def test_a_merged_figure_of_a_flow_is_no_figure_of_two(read: Read) -> None:
    rows = [*FLOWS[:2], ["北京", "唐山市", None], FLOWS[3]]
    reading = read(xlsx(rows, ["C2:C3"]), "a.xlsx", layout="flow_edges", flow=FLOW)
    assert len(reading.tables["flow"]) == 2


# Rows without data


@pytest.mark.parametrize(
    ("row", "place", "cell"),
    [
        ([None, None, "更多数据请关注公众号", None], 94, "C95"),
        ([None, None, None, "合计 12"], 94, "D95"),
        ([None, None, None, 99999], 94, "D95"),
        (["province", "year", "gdp", "population"], 1, "A2"),
        (["更多数据请关注公众号", None, None, None], 94, "A95"),
        (["新疆维", None, None, None], 94, "A95"),
        (["省份", "年份", "GDP", "人口"], 40, "A41"),
    ],
)
@pytest.mark.parametrize("write", [csv, xlsx])
def test_a_row_without_data_is_refused_alone(read: Read, row: list[Any], place: int, cell: str, write: Any) -> None:
    rows = panel()
    reading = read(write([*rows[:place], row, *rows[place:]]), "a.xlsx" if write is xlsx else "a.csv", **LONG, **GDP)
    assert codes(reading) == {"no_data_row"}
    [refused] = reading.rejected_row
    assert refused["row"] == place + 1 and f"cell {cell};" in refused["reason"].replace("：", ";").replace(": the", ";")
    assert reading.source_file["rows_loaded"] == 93


@pytest.mark.parametrize(("row", "cell"), [([None, None, None, "更多数据"], "D5"), (["city", "year", "g", "p"], "A5")])
def test_a_row_without_data_among_cities(read: Read, row: list[Any], cell: str) -> None:
    keys = {**LONG, "columns": {"人口": {"indicator": "resident_population", "unit": "万人"}}}
    reading = read(csv([*panel(["石家庄市"]), row]), panel={"entity_level": "city"}, other_columns="set_aside", **keys)
    assert codes(reading) == {"no_data_row"} and len(reading.observation) == 3
    assert f"cell {cell}" in reason(reading, "no_data_row")


def test_the_advice_for_a_row_without_data_works(read: Read) -> None:
    rows = [*panel(), [None, None, "更多 (数据) 请关注'公众号'", None]]
    told = reason(read(csv(rows), **LONG, **GDP), "no_data_row")
    pattern = told.split("set_aside_rows: ['")[1].split("']")[0].replace("''", "'")
    assert codes(read(csv(rows), "b.csv", set_aside_rows=[pattern], **LONG, **GDP)) == set()


def test_a_row_of_units_is_checked_against_the_declaration(read: Read) -> None:
    keys = {
        **LONG,
        "columns": {"GDP": {"indicator": "gdp"}, "人口": {"indicator": "resident_population", "unit": "万人"}},
    }
    rows = panel()
    reading = read(csv([HEAD, [None, None, "亿元", "（万人）"], *rows[1:]]), **keys)
    assert codes(reading) == set() and len(reading.observation) == 186, "a unit nobody declared is the one printed"
    assert reading.source_file["rows_set_aside"] == 2
    other = read(csv([HEAD, [None, None, "亿元", "人"], *rows[1:]]), "b.csv", **keys)
    assert codes(other) == {"contradicting_unit"} and "cell D2" in reason(other, "contradicting_unit")
    assert {r["indicator"] for r in other.observation} == {"gdp"}, "the other column loads"
    printed = [["省份", "年份", "GDP(亿元)", "人口"], [None, None, "万元", None], *rows[1:]]
    assert "several_units" in codes(
        read(csv(printed), "d.csv", **LONG, other_columns="set_aside", columns={"GDP(亿元)": {"indicator": "gdp"}})
    )


def test_a_row_that_may_be_another_header_refuses_the_table(read: Read) -> None:
    rows = panel()
    rows.insert(40, ["省份", "年份", "人口", "GDP"])
    reading = read(csv(rows), **LONG, **GDP)
    assert codes(reading) == {"second_header"} and not reading.observation
    assert "cell A41" in reason(reading, "second_header")


@pytest.mark.parametrize("text", ["更多数据请关注公众号,,", ",,更多数据请关注公众号", "新疆维,,"])
def test_a_row_without_data_in_other_tables(read: Read, text: str) -> None:
    export = nbs_text().split("注：")[0] + text + "\r\n"
    across = "\n".join(
        [
            ",".join(["年份", *PROVINCES]),
            *(",".join([str(y), *(f"{y}.{i}" for i in range(31))]) for y in YEARS),
            text + "," * 29,
        ]
    )
    for content, keys in ((export, {}), (across, {"indicator": "gdp", "unit": "亿元"})):
        reading = read(content, f"a{len(keys)}.csv", **keys)
        assert codes(reading) == {"no_data_row"}, reading.rejected_row[:3]
        assert reading.source_file["rows_rejected"] == 1


def test_a_row_without_data_in_a_yearbook_a_mapped_table_and_ordered_rows(read: Read) -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook_bytes()))
    book.worksheets[0].cell(40, 3, "更多数据请关注公众号")
    stream = io.BytesIO()
    book.save(stream)
    yearbook = read(stream.getvalue(), "a.xlsx")
    assert codes(yearbook) == {"no_data_row"} and len(yearbook.observation) == 64
    mapped = read(csv([*ROWS, [None, None, None, "更多数据", None]]), **mapping())
    assert codes(mapped) == {"no_data_row"} and len(mapped.observation) == 186
    ordered: Rows = [
        list(YEARS),
        *([1500.5 + i, 2000, 3000] for i in range(30)),
        ["…", "…", "…"],
        ["更多数据", None, None],
    ]
    reading = read(csv(ordered), "c.csv", indicator="gdp", unit="亿元", panel={"entity_order": "code_order"})
    assert codes(reading) == {"no_data_row"} and reading.source_file["rows_loaded"] == 31


def test_a_misspelt_province_without_figures_is_told_beside_the_missing_one(read: Read) -> None:
    rows = [["地区", "2012年", "2013年"], *([name, 1.5 + i, 2.5] for i, name in enumerate(PROVINCES))]
    rows[5] = ["内蒙古区", "…", "…"]
    assert codes(read(csv(rows), indicator="gdp", unit="亿元")) == {"no_data_row", "missing_provinces"}


def test_rows_without_data_in_lists(read: Read) -> None:
    advert = [None, None, None, None, None, None, "更多数据请关注公众号", None, None]
    pilots = read(csv([PILOTS[0], PILOTS[0], *PILOTS[1:], advert]))
    assert codes(pilots) == {"no_data_row"} and len(pilots.pilot) == 3
    assert [record["row"] for record in pilots.rejected_row] == [2, 6]
    flows = read(csv([*FLOWS, [None, None, "人次"]]), "b.csv", layout="flow_edges", flow=FLOW)
    assert codes(flows) == {"flow_no_data"} and len(flows.tables["flow"]) == 3
    assert "C5: 人次" in reason(flows, "flow_no_data")


def test_rows_without_data_in_a_list_of_doctors(read: Read) -> None:
    head = "doctor_id,title,hospital_grade,city,province"
    doctor = f"{'a1' * 16},主任医师,三甲,石家庄市,河北省"
    content = "\n".join([head, head, doctor, "更多数据请关注我们,,,,"]).encode()
    reading = read(content, "doctors.csv")
    assert codes(reading) == {"doctor_row"} and len(reading.tables["doctor"]) == 1
    assert "公众" not in str(reading.rejected_row) and "关注" not in str(reading.rejected_row)
    named = "\n".join([head, doctor, "王小明,,,,"]).encode()
    assert "doctor_identifier" in codes(read(named, "doctors.csv"))


# Misaligned files, and files cut off


@pytest.mark.parametrize("cities", [False, True])
def test_a_panel_all_of_whose_rows_are_shifted_is_told_so(read: Read, cities: bool) -> None:
    names = ["石家庄市", "唐山市"] if cities else PROVINCES
    rows = panel(names)
    content = csv([rows[0], *([*row, "1", "2"][: 5 + n % 2] for n, row in enumerate(rows[1:]))])
    keys = {**LONG, **GDP, **({"panel": {"entity_level": "city"}} if cities else {})}
    assert codes(read(content, **keys)) == {"row_width"}


def test_a_province_in_shifted_rows_is_not_called_missing(read: Read) -> None:
    rows = [[*row, 7] if row[0] == "河北省" else row for row in panel()]
    reading = read(csv(rows), **LONG, **GDP)
    assert codes(reading) == {"row_width"} and not reading.observation


@pytest.mark.parametrize("cities", [False, True])
def test_a_panel_without_rows(read: Read, cities: bool) -> None:
    keys = {**LONG, **GDP, **({"panel": {"entity_level": "city"}} if cities else {})}
    assert codes(read(csv([HEAD]), **keys)) == {"no_rows"}


def test_a_declared_indicator_cut_off_is_missed(read: Read) -> None:
    columns = {"地区生产总值(亿元)": {"indicator": "gdp"}, "年末常住人口(万人)": {"indicator": "resident_population"}}
    assert codes(read(csv(ROWS), columns=columns)) == set()
    reading = read(csv(ROWS[:32]), "b.csv", columns=columns)
    assert codes(reading) == {"indicator_absent"}
    assert "年末常住人口" in reason(reading, "indicator_absent") and "31 rows" in reason(reading, "indicator_absent")
    assert codes(read(csv(ROWS[:40]), "c.csv")) == {"missing_provinces"}


def test_a_partner_that_names_no_header_of_the_end_in_the_file_s_name(read: Read) -> None:
    spec = {
        **FLOW, "direction": "out", "period": None, "file_name": "(?P<place>[^_]+)_(?P<period>[0-9]+)", "origin": None,
        "partner": {"file": "b.csv"},
    }  # fmt: skip
    rows = csv([["to", "n"], *([name, 5 + n] for n, name in enumerate(SHORT[1:20]))])
    read(rows, "b.csv", not_read="the partner")
    reading = read(rows, "北京_2020.csv", layout="flow_edges", flow=spec)
    assert codes(reading) == {"flow_partner_file"} and "flow_not_declared" in reason(reading, "flow_partner_file")


# Provinces absent


THIRTY = [name for name in PROVINCES if name != "西藏自治区"]


@pytest.mark.parametrize("name", ["西藏", "西藏自治区", 540000, "Tibet"])
def test_provinces_declared_absent(read: Read, name: str | int) -> None:
    reading = read(csv(panel(THIRTY)), provinces_absent=[name], **LONG, **GDP)
    assert codes(reading) == {"provinces_absent"}
    assert len(reading.observation) == 90 and reading.absent == 0
    assert "西藏" in reason(reading, "provinces_absent")


def test_the_advice_for_a_missing_province_works_in_every_table(read: Read) -> None:
    across = [["年份", *THIRTY], *([year, *range(1000, 1030)] for year in YEARS)]
    gdp = {"indicator": "gdp", "unit": "亿元"}
    stub = [ROWS[0], *(row for row in ROWS[1:] if row[1] != "西藏自治区")]
    short = [name for name in SHORT if name != "西藏"]
    ordered: Rows = [list(YEARS), *([1500.5 + i, 2000, 3000] for i in range(30))]
    cases: list[tuple[bytes | str, str, dict[str, Any], int]] = [
        (csv(panel(THIRTY)), "a.csv", {**LONG, **GDP}, 90),
        (nbs_text(names=THIRTY), "b.csv", {}, 60),
        (csv(across), "c.csv", gdp, 90),
        (csv(stub), "d.csv", {}, 180),
        (csv(stub), "e.csv", mapping(), 180),
        (workbook_bytes(names=short), "f.xlsx", {}, 62),
    ]
    for content, name, keys, number in cases:
        told = reason(read(content, name, **keys), "missing_provinces")
        assert "provinces_absent: [西藏]" in told
        reading = read(content, name, provinces_absent=["西藏"], **keys)
        assert (codes(reading), len(reading.observation)) == ({"provinces_absent"}, number), name
    keys = {**gdp, "panel": {"entity_order": "code_order"}, "provinces_absent": ["西藏"]}
    assert len(read(csv(ordered), "g.csv", **keys).observation) == 90


def test_a_province_declared_absent_that_is_there(read: Read) -> None:
    reading = read(csv(panel()), provinces_absent=["西藏"], **LONG, **GDP)
    assert codes(reading) == {"province_not_absent"} and not reading.observation


def test_an_unknown_province_is_no_declaration() -> None:
    with pytest.raises((ValueError, CatalogError), match=r"provinces_absent\.0: unknown province '西域'"):
        declared(provinces_absent=["西域"])


def test_chinese_messages_list_missing_provinces_in_chinese(read: Read) -> None:
    few = [name for name in PROVINCES if name not in ("西藏自治区", "青海省")]
    [row] = [row for row in read(csv(panel(few)), **LONG, **GDP).rejected_row if row["code"] == "missing_provinces"]
    assert "发现“西藏、青海”" in row["reason_zh"] and "请补充：西藏、青海；" in row["reason_zh"]
    # What is to be pasted stays YAML.
    for language in ("reason", "reason_zh"):
        assert "provinces_absent: [西藏, 青海]" in row[language]
    assert "found '西藏, 青海'" in row["reason"]
    reading = read(csv(panel(few)), provinces_absent=["西藏", "青海"], **LONG, **GDP)
    [said] = [row["reason_zh"] for row in reading.rejected_row if row["code"] == "provinces_absent"]
    assert "除西藏、青海外的省份" in said


def test_a_label_that_spans_rows_of_a_document(read: Read) -> None:
    lines = ["<tr><td></td><td></td><td>2012</td><td>2013</td><td>2014</td></tr>"]
    for number, row in enumerate(ROWS[1:]):
        cells = [f"<td>{cell}</td>" for cell in row[1:]]
        first = [f'<td rowspan="31">{row[0]}</td>'] if number % 31 == 0 else []
        lines.append(f"<tr>{''.join([*first, *cells])}</tr>")
    content = f"<table>{''.join(lines)}</table>".encode()
    reading = read(content, "a.html", tables=[1], **mapping())
    assert codes(reading) == set() and len(reading.observation) == 186
    figure = content.replace(b"<td>3000.5</td>", b"<td colspan='2'>3000.5</td>").replace(b"<td>3001.5</td>", b"")
    spanned = read(figure, "b.html", tables=[1], **mapping())
    assert codes(spanned) == {"merged_cell"} and len(spanned.observation) == 184
    assert "1:2:3:1:2:4" in reason(spanned, "merged_cell")


def test_a_dialect_merged_over_its_places(read: Read) -> None:
    rows: Rows = [["city", "dialect"], ["石家庄市", "冀鲁官话"], ["唐山市", None], ["秦皇岛市", None]]
    reading = read(xlsx(rows, ["B2:B4"]), "a.xlsx")
    assert codes(reading) == set()
    assert [r["dialect"] for r in reading.tables["place_dialect"].to_pylist()] == ["冀鲁官话"] * 3


@pytest.mark.parametrize("rest", ["新疆维吾尔自治区,2015", '新疆维吾尔自治区,2015,"3,0', '"新疆维吾'])
def test_a_last_line_cut_off_is_refused_alone(read: Read, rest: str) -> None:
    reading = read(csv(panel()) + b"\n" + rest.encode(), **LONG, **GDP)
    assert codes(reading) <= {"row_width", "no_data_row", "not_a_number"} and len(reading.observation) == 93
    assert {record["row"] for record in reading.rejected_row} == {95}


def test_quotes_that_swallow_rows_are_no_cut_off_line(read: Read) -> None:
    lines = csv(panel()).decode().split("\n")
    lines[50] = '"' + lines[50]
    assert codes(read("\n".join(lines).encode(), **LONG, **GDP)) == {"unreadable"}
