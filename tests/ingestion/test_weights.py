"""Weights matrices: what loads as links, what is remarked on, and every fault that refuses a matrix."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pandas as pd
import pytest

from catalog import load_provinces
from catalog.base import CatalogError
from catalog.declarations.misc import WeightsSpec
from catalog.provinces import load_adjacency
from ingestion import FileReading
from tests.ingestion.conftest import SHORT, codes

Read = Callable[..., FileReading]
CODES = [province.province_code for province in load_provinces()]
THREE = (110000, 120000, 130000)
LINKED = [[0, 1, 1], [1, 0, 1], [1, 1, 0]]


def spec(**keys: Any) -> dict[str, Any]:
    return {"name": "w", "kind": "contiguity", "order": THREE, **keys}


def matrix(
    cells: list[list[Any]] = LINKED, ids: tuple[Any, ...] = (1, 2, 3), labels: tuple[str, ...] | None = None
) -> str:
    labels = labels or tuple(f"v{i}" for i in ids)
    rows = [["id", *labels], *([unit, *row] for unit, row in zip(ids, cells, strict=True))]
    return "\n".join(",".join(str(cell) for cell in row) for row in rows)


def changed(row: int, column: int, value: Any) -> list[list[Any]]:
    cells: list[list[Any]] = [list(line) for line in LINKED]
    cells[row][column] = value
    return cells


def links(reading: FileReading) -> list[tuple[int, int | None, float | None, str]]:
    return [(r["code"], r["neighbour_code"], r["weight"], r["cell"]) for r in records(reading)]


def records(reading: FileReading) -> list[dict[str, Any]]:
    return reading.tables["spatial_weight"].to_pylist()


def national(pairs: frozenset[tuple[int, int]]) -> str:
    return matrix([[int((a, b) in pairs) for b in CODES] for a in CODES], tuple(range(1, 32)))


def test_a_matrix_of_the_provinces(read: Read) -> None:
    reading = read(national(load_adjacency()), weights=spec(order="provinces"))
    assert codes(reading) == set()
    assert reading.source_file["rows_loaded"] == 31
    assert {(r["code"], r["neighbour_code"]) for r in records(reading)} == load_adjacency()
    assert not any(r["row_standardised"] for r in records(reading))


def test_borders_unlike_the_reference_and_islands_are_remarked_on(read: Read) -> None:
    bridge = frozenset({(440000, 460000), (460000, 440000)})
    false = frozenset({(110000, 310000), (310000, 110000)})
    reading = read(national(load_adjacency() - bridge | false), weights=spec(order="provinces"))
    reasons = {r["code"]: r["reason"] for r in reading.rejected_row}
    assert set(reasons) == {"weights_island", "weights_border_extra", "weights_border_missing"}
    assert "'海南'" in reasons["weights_island"]
    assert "'北京-上海'" in reasons["weights_border_extra"]
    assert "'广东-海南'" in reasons["weights_border_missing"]
    assert reading.source_file["status"] == "loaded"
    assert (460000, None, None, "A22") in links(reading)


def test_ids_may_be_codes_or_names(read: Read) -> None:
    for ids in ((110000, 120000, 130000), ("北京", "天津市", "河北省"), (330100, "宁波市", "温州")):
        reading = read(matrix(ids=ids, labels=tuple(map(str, ids))), weights=spec(order="codes", kind="other"))
        assert codes(reading) == set()
        expected = [330100, 330200, 330300] if 330100 in ids else list(THREE)
        assert sorted({code for code, *_ in links(reading)}) == expected


def test_cells_and_row_standardisation(read: Read) -> None:
    halves: list[list[Any]] = [[0, 0.5, 0.5], ["5e-1", 0, ".5"], [0.25, 0.75, 0]]
    for standardised in ("row", None):
        reading = read(matrix(halves), weights=spec(standardised=standardised))
        assert all(r["row_standardised"] for r in records(reading))
    assert links(reading)[:2] == [(110000, 120000, 0.5, "C2"), (110000, 130000, 0.5, "D2")]
    assert links(reading)[-1] == (130000, 120000, 0.75, "C4")


def test_a_workbook(read: Read) -> None:
    book = openpyxl.Workbook()
    for row in matrix().split("\n"):
        book.worksheets[0].append([int(cell) if cell.isdigit() else cell for cell in row.split(",")])
    stream = io.BytesIO()
    book.save(stream)
    assert len(links(read(stream.getvalue(), name="a.xlsx", weights=spec()))) == 6


@pytest.mark.parametrize(
    ("text", "keys", "code", "place"),
    [
        (matrix(changed(0, 1, "")), {}, "weights_cell", "cell C2"),
        (matrix(changed(0, 1, "NaN")), {}, "weights_cell", "cell C2"),
        (matrix(changed(0, 1, "inf")), {}, "weights_cell", "cell C2"),
        (matrix(changed(0, 1, "1e999")), {}, "weights_cell", "cell C2"),
        (matrix(changed(0, 1, -1)), {}, "weights_cell", "cell C2"),
        (matrix(changed(1, 1, 1)), {}, "weights_diagonal", "cell C3"),
        (matrix(changed(0, 2, 0)), {}, "weights_one_way", "cell B4"),
        (matrix(ids=(1, 2, 4)), {}, "weights_id", "cell A4"),
        (matrix(ids=(1, 2, 2)), {}, "weights_repeated", "cell A3"),
        (
            matrix(ids=("北京", "北京市", "河北"), labels=("北京", "北京市", "河北")),
            {"order": "codes"},
            "weights_repeated",
            "A3",
        ),
        (
            matrix(ids=("北京", "没有", "河北"), labels=("北京", "没有", "河北")),
            {"order": "codes"},
            "unknown_place",
            "A3",
        ),
        (matrix(labels=("v1", "v3", "v2")), {}, "weights_header", "cell C1"),
        (matrix([row[:2] for row in LINKED], labels=("v1", "v2")), {}, "weights_shape", "3 × 2"),
        (matrix(LINKED[:2], (1, 2)), {}, "weights_shape", "2 × 3"),
        (matrix([row[:2] for row in LINKED[:2]], (1, 2)), {}, "weights_shape", "no unit 3"),
        (matrix(), {"order": "provinces"}, "weights_shape", "no unit 4"),
        (matrix(), {"standardised": "row"}, "weights_sum", "cell C2"),
        (
            matrix([[0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]]),
            {"standardised": "none"},
            "weights_sum",
            "every row",
        ),
    ],
)
def test_a_wrong_matrix_is_refused_whole(read: Read, text: str, keys: dict[str, Any], code: str, place: str) -> None:
    reading = read(text, weights=spec(**keys))
    assert codes(reading) == {code}
    assert place in reading.rejected_row[0]["reason"]
    assert "spatial_weight" not in reading.tables


def test_one_way_links_are_no_fault_of_other_kinds(read: Read) -> None:
    assert codes(read(matrix(changed(0, 2, 0)), weights=spec(kind="knn"))) == set()


GAL = "3\n1 2\n2 3\n2 2\n1 3\n3 2\n1 2\n"
GWT = "0 3 provinces code\n1 2 0.5\n1 3 0.5\n2 1 1\n\n3 1 1\n"


def test_lists_of_neighbours(read: Read) -> None:
    reading = read(GAL, name="a.gal", weights=spec())
    assert [link[:3] for link in links(reading)] == [(a, b, 1.0) for a in THREE for b in THREE if a != b]
    assert links(reading)[0][3] == "A3"
    assert (reading.source_file["rows_read"], reading.source_file["rows_loaded"]) == (7, 6)
    island = read("0 3 x code\n1 1\n2\n2 1\n1\n3 0\n\n", name="a.gal", weights=spec())
    assert "weights_island" in codes(island)
    assert links(island)[-1] == (130000, None, None, "A6")


def test_lists_of_pairs(read: Read) -> None:
    reading = read(GWT, name="a.gwt", weights=spec(kind="inverse_distance"))
    assert [link[:3] for link in links(reading)] == [
        (110000, 120000, 0.5),
        (110000, 130000, 0.5),
        (120000, 110000, 1.0),
        (130000, 110000, 1.0),
    ]
    assert (reading.source_file["rows_read"], reading.source_file["rows_set_aside"]) == (6, 2)
    # Pairs leave out units without neighbours: a declared order tells them, ids alone do not.
    missing = "0 3 provinces code\n1 2 1\n2 1 1\n"
    assert links(read(missing, name="a.gwt", weights=spec()))[-1][0:2] == (130000, None)
    coded = missing.replace("1 2 1", "110000 120000 1").replace("2 1 1", "120000 110000 1")
    assert codes(read(coded, name="a.gwt", weights=spec(order="codes"))) == {"weights_shape"}


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("a.gal", GAL.replace("3\n1 2\n2 3", "x\n1 2\n2 3", 1), "weights_line"),
        ("a.gal", GAL.replace("1 2\n2 3", "1 3\n2 3", 1), "weights_line"),
        ("a.gal", GAL.replace("1 2\n2 3", "1\n2 3", 1), "weights_line"),
        ("a.gal", GAL.replace("2 3\n", "2 4\n", 1), "weights_id"),
        ("a.gal", GAL.replace("1 2\n2 3", "1 2\n2 2", 1), "weights_repeated"),
        ("a.gal", GAL.replace("3\n", "4\n", 1), "weights_shape"),
        ("a.gal", "3\n", "weights_shape"),
        ("a.gwt", GWT.replace("1 2 0.5", "1 2"), "weights_line"),
        ("a.gwt", GWT.replace("1 2 0.5", "1 2 nan"), "weights_line"),
        ("a.gwt", GWT.replace("1 2 0.5", "1 1 0.5"), "weights_diagonal"),
        ("a.gwt", GWT.replace("1 3 0.5", "1 2 0.5"), "weights_repeated"),
        ("a.gwt", GWT.replace("0 3", "0 4"), "weights_shape"),
    ],
)
def test_wrong_lists(read: Read, name: str, text: str, code: str) -> None:
    assert code in codes(read(text, name=name, weights=spec(kind="other")))


def test_a_list_that_is_not_declared(read: Read) -> None:
    assert codes(read(GAL, name="a.gal")) == {"weights_undeclared"}


BARE = "0,1,1\n1,0,1\n1,1,0\n"


def book(rows: list[list[Any]]) -> bytes:
    made = openpyxl.Workbook()
    for row in rows:
        made.worksheets[0].append(row)
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def stata(names: list[str]) -> bytes:
    stream = io.BytesIO()
    pd.DataFrame(LINKED, columns=names).to_stata(stream, write_index=False, version=118)
    return stream.getvalue()


def test_bare_numbers_in_the_declared_order_in_any_container(read: Read) -> None:
    whole = [link[:3] for link in links(read(matrix(), weights=spec()))]
    forms: dict[str, bytes | str] = {
        "b.csv": BARE,
        "c.csv": "V1,V2,V3\n" + BARE,
        "d.csv": "北京,天津,河北\n" + BARE,
        "e.txt": BARE.replace(",", "\t"),
        "f.txt": "\n".join("  " + "   ".join(f"{cell:.7e}" for cell in row) for row in LINKED),
        "g.xlsx": book(LINKED),
        "h.dta": stata(["w1", "w2", "w3"]),
        "i.csv": BARE + "\n注：邻接,,\n",
    }
    for name, content in forms.items():
        reading = read(content, name, weights=spec())
        assert [link[:3] for link in links(reading)] == whole, name
        assert codes(reading) == ({"no_data_row"} if name == "i.csv" else set())
    assert [link[:3] for link in links(read(forms["d.csv"], "d.csv", weights=spec(order="codes")))] == whole


def test_bare_numbers_of_the_provinces_but_those_absent(read: Read) -> None:
    codes_left = [code for code in CODES if code != 540000]
    pairs = load_adjacency()
    bare = "\n".join(",".join(str(int((a, b) in pairs)) for b in codes_left) for a in codes_left)
    keys = {"weights": spec(order="provinces")}
    assert codes(read(bare, **keys)) == {"weights_shape"}
    reading = read(bare, "b.csv", provinces_absent=["西藏"], **keys)
    assert codes(reading) == {"provinces_absent"}
    assert {(one, other) for one, other, *_ in links(reading)} == {p for p in pairs if 540000 not in p}


@pytest.mark.parametrize(
    ("text", "order", "code"),
    [
        (BARE, "codes", "weights_shape"),
        (BARE, "provinces", "weights_shape"),
        ("0,1\n1,0\n", THREE, "weights_shape"),
        ("天津,北京,河北\n" + BARE, THREE, "weights_header"),
        (BARE + "2,2,2\n", THREE, "weights_shape"),
        (
            "province_i,province_j,距离(km)\n北京,天津,120\n天津,河北,260\n河北,北京,290\n北京,山西,500\n",
            "codes",
            "weights_distance",
        ),
        ("a,b,w\n北京,天津,x\n天津,河北,1\n河北,北京,1\n北京,山西,1\n", "codes", "weights_cell"),
        ("a,b,w\n北京,天津,1\n天津,某地,1\n河北,北京,1\n北京,山西,1\n", "codes", "unknown_place"),
    ],
)
def test_forms_that_are_not_read(read: Read, text: str, order: Any, code: str) -> None:
    reading = read(text, weights=spec(order=order, kind="other"))
    assert code in codes(reading) and "spatial_weight" not in reading.tables
    told = next(str(r["reason"]) for r in reading.rejected_row if r["code"] == code)
    assert code != "weights_shape" or ("order: provinces" in told and "list of pairs" in told)


PAIRS = [("北京", "天津"), ("天津", "北京"), ("北京", "河北"), ("河北", "北京"), ("天津", "河北"), ("河北", "天津")]


def test_a_list_of_pairs(read: Read) -> None:
    whole = [link[:3] for link in links(read(matrix(), weights=spec()))]
    rows: list[list[Any]] = [["province_i", "province_j"], *map(list, PAIRS)]
    text = "\n".join(map(",".join, rows))
    weighed = "\n".join([f"{rows[0][0]},{rows[0][1]},weight", *(f"{a},{b},1" for a, b in PAIRS)])
    numbered = "\n".join(f"{SHORT.index(a) + 1}\t{SHORT.index(b) + 1}\t1" for a, b in PAIRS)
    once = "\n".join(map(",".join, [rows[0], PAIRS[0], PAIRS[2], PAIRS[4], ("", "")]))
    forms: list[tuple[bytes | str, str, Any]] = [
        (text, "a.csv", "codes"), (weighed, "b.csv", "codes"), (numbered, "c.txt", THREE),
        (book(rows), "d.xlsx", "codes"), (once, "e.csv", "codes"),
    ]  # fmt: skip
    for content, name, order in forms:
        reading = read(content, name, weights=spec(order=order))
        assert codes(reading) == set(), name
        assert [link[:3] for link in links(reading)] == whole, name
    assert codes(read("\n".join(map(",".join, [*rows[:4], *rows[5:]])), "f.csv", weights=spec(order="codes"))) == {
        "weights_one_way"
    }


def test_distances_of_pairs_come_in_workbooks_and_below_a_header(read: Read) -> None:
    pairs = {"name": "km", "kind": "distance", "order": "codes", "pairs": {"value": 3, "width": 3}}
    rows: list[list[Any]] = [
        ["origin", "destination", "km"],
        ["石家庄市", "唐山市", 380.5],
        ["石家庄市", "保定市", 150],
    ]
    for content, name in ((book(rows), "a.xlsx"), ("\n".join(",".join(map(str, row)) for row in rows), "a.csv")):
        reading = read(content, name, weights=pairs)
        assert codes(reading) == set() and len(links(reading)) == 4
        assert (reading.source_file["rows_loaded"], reading.source_file["rows_set_aside"]) == (2, 1)


@pytest.mark.parametrize("keys", [{"order": ()}, {"order": (1, 1)}, {"kind": "distance"}, {"name": "W adj"}])
def test_wrong_declarations(keys: dict[str, Any]) -> None:
    with pytest.raises((ValueError, CatalogError)):
        WeightsSpec(**spec(**keys))
