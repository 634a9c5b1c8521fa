"""Labels that speak for several rows: merged cells, and labels printed once, in every reader."""

from __future__ import annotations

from tests.ingestion.biff import xls_bytes
from tests.ingestion.conftest import PROVINCES, codes
from tests.ingestion.small_panels import (
    AREAS,
    FLOW,
    FLOWS,
    GDP,
    LONG,
    PILOTS,
    ROWS,
    YEARS,
    Read,
    Rows,
    csv,
    figures,
    mapping,
    once,
    panel,
    reason,
    xlsx,
)


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


def test_an_indicator_printed_once_above_its_rows(read: Read) -> None:
    content = xlsx(once(ROWS, 0))
    reading = read(content, "a.xlsx")
    assert codes(reading) == {"empty_label"} and "cell A3" in reason(reading, "empty_label")
    reading = read(content, "b.xlsx", fill_down=[1])
    assert codes(reading) == set() and len(reading.observation) == 186


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


def test_merged_and_once_printed_labels_of_a_pilot_list(read: Read) -> None:
    columns = (0, 1, 2, 3, 4)
    merged = xlsx(once(PILOTS, *columns), [f"{letter}2:{letter}4" for letter in "ABCDE"])
    assert len(read(merged, "a.xlsx").pilot) == 3
    text = csv(once(PILOTS, *columns))
    reading = read(text)
    assert len(reading.pilot) == 1 and "fill_down: [1]" in reason(reading, "pilot_field")
    assert len(read(text, "b.csv", fill_down=["programme", "batch", "label_year", "announced", 5]).pilot) == 3


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
