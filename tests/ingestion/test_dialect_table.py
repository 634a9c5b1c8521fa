"""Tables of dialects, as cells and in R data files: units of several rows must agree, and nothing in a file is run."""

from __future__ import annotations

import bz2
import gzip
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import rdata
from rdata.conversion.to_r import build_r_object, dataframe_constructor, rangeindex_constructor
from rdata.parser import RObjectType

from ingestion import FileReading
from tests.ingestion.conftest import codes

Read = Callable[..., FileReading]
PLAIN = "city,dialect,dialect_sub\n石家庄,冀鲁官话,石济片\n济南市,冀鲁官话,沧惠片\n130200,冀鲁官话,保唐片\n"
DECLARED = {"dialects": {"place": "code", "dialect": "language", "sub": "sub", "object": "region_data"}}


def table(reading: FileReading) -> dict[int, tuple[str, str | None, int]]:
    return {
        row["city_code"]: (row["dialect"], row["dialect_sub"], row["row"])
        for row in reading.tables["place_dialect"].to_pylist()
    }


def r_file(tmp_path: Any, objects: dict[str, Any]) -> bytes:
    path = tmp_path / "made.rda"
    rdata.write_rda(path, objects)
    return bytes(path.read_bytes())


def frame(rows: list[tuple[Any, str | None, str | None]]) -> pd.DataFrame:
    codes_, languages, subs = zip(*rows, strict=True)
    return pd.DataFrame(
        {
            "code": np.array(codes_, dtype=float),
            "language": pd.array(languages, dtype=pd.StringDtype("python")),
            "sub": pd.array(subs, dtype=pd.StringDtype("python")),
        },
        index=pd.RangeIndex(1, len(rows) + 1),
    )


def test_a_plain_table_is_read(read: Read) -> None:
    reading = read(PLAIN)
    assert reading.source_file["layout"] == "dialect_table" and not reading.rejected_row
    assert table(reading) == {
        130100: ("冀鲁官话", "石济片", 2),
        370100: ("冀鲁官话", "沧惠片", 3),
        130200: ("冀鲁官话", "保唐片", 4),
    }


def test_declared_columns(read: Read) -> None:
    text = "序号,地名,话\n1,吉林,东北官话\n2,思茅,西南官话\n"
    keys = {"layout": "dialect_columns", "dialects": {"place": "地名", "dialect": "话", "year": 2005}}
    assert set(table(read(text, **keys))) == {220200, 530800}


@pytest.mark.parametrize(
    ("header", "layout", "code"),
    [
        ("city,dialect,GDP", None, "no_layout"),
        ("city,name", None, "no_layout"),
        ("city,city_code,dialect", "dialect_table", "dialect_column"),
    ],
)
def test_other_tables_are_left_alone(read: Read, header: str, layout: str | None, code: str) -> None:
    reading = read(f"{header}\n石家庄,冀鲁官话,1\n")
    assert (reading.source_file["layout"], codes(reading)) == (layout, {code})
    assert not reading.tables


def test_a_declared_column_must_be_there(read: Read) -> None:
    keys = {"layout": "dialect_columns", "dialects": {"place": "地名", "dialect": "话"}}
    reading = read("地名,方言\n石家庄,冀鲁官话\n", **keys)
    assert codes(reading) == {"dialect_column"} and "话" in reading.rejected_row[0]["reason"]


def test_rows_of_one_unit_that_agree_are_one(read: Read) -> None:
    reading = read(PLAIN + "130100,冀鲁官话,张呼片\n石家庄市,冀鲁官话,石济片\n")
    assert table(reading)[130100] == ("冀鲁官话", "张呼片; 石济片", 2)
    assert reading.source_file["rows_loaded"] == 5


def test_rows_of_one_unit_that_contradict_are_all_refused(read: Read) -> None:
    reading = read(PLAIN + "130100,晋语,张呼片\n")
    assert 130100 not in table(reading) and len(table(reading)) == 2
    assert codes(reading) == {"dialect_conflict"} and [row["row"] for row in reading.rejected_row] == [2, 5]
    assert all(
        "冀鲁官话 (rows 2)" in row["reason"] and "晋语 (rows 5)" in row["reason"] for row in reading.rejected_row
    )


def test_districts_speak_for_their_municipality(read: Read) -> None:
    text = "city_code,dialect\n110101,北京官话\n110102,北京官话\n120101,冀鲁官话\n120102,北京官话\n130123,冀鲁官话\n"
    reading = read(text)
    assert table(reading) == {110000: ("北京官话", None, 2), 130123: ("冀鲁官话", None, 6)}
    assert codes(reading) == {"dialect_conflict"} and reading.source_file["rows_rejected"] == 2


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("石家庒,晋语,", "unknown_place"),
        ("Suzhou,吴语,", "ambiguous_place"),
        ("130000,冀鲁官话,", "dialect_province"),
        ("石家庄,,x", "dialect_blank"),
        (",晋语,", "dialect_blank"),
    ],
)
def test_rows_refused(read: Read, row: str, code: str) -> None:
    reading = read("city,dialect,dialect_sub\n济南,冀鲁官话,\n" + row + "\n")
    assert codes(reading) == {code} and set(table(reading)) == {370100}
    assert reading.rejected_row[0]["row"] == 3


def test_what_is_set_aside(read: Read) -> None:
    reading = read(PLAIN + ",,\n台湾省,闽语,\n810000,粤语,\n")
    assert not reading.rejected_row and reading.source_file["rows_set_aside"] == 4


@pytest.mark.parametrize("pack", [lambda data: data, gzip.compress, bz2.compress])
def test_an_r_data_file_is_read(read: Read, tmp_path: Any, pack: Callable[[bytes], bytes]) -> None:
    data = frame([(130100.0, "冀鲁官话", "石济片"), (130100.0, "冀鲁官话", None), (371200.0, "冀鲁官话", "石济片")])
    content = r_file(tmp_path, {"region_data": data, "other": np.array([1.0])})
    content = pack(gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content)
    reading = read(content, name="a.rda", **DECLARED)
    assert reading.source_file["layout"] == "dialect_rdata" and reading.source_file["rows_read"] == 3
    assert table(reading) == {130100: ("冀鲁官话", "石济片", 1), 371200: ("冀鲁官话", "石济片", 3)}


def test_refusals_in_an_r_data_file_name_row_and_column(read: Read, tmp_path: Any) -> None:
    data = frame([(130100.0, "冀鲁官话", None), (float("nan"), "粤语", None), (429008.0, "晋语", None)])
    reading = read(r_file(tmp_path, {"region_data": data}), name="a.rda", **DECLARED)
    assert codes(reading) == {"dialect_blank", "unknown_place"}
    assert [(row["sheet"], row["row"]) for row in reading.rejected_row] == [("region_data", 2), ("region_data", 3)]
    assert "429008" in reading.rejected_row[1]["reason"] and "3:code" in reading.rejected_row[1]["reason"]


def labelled(column: pd.Categorical, converter: Any) -> Any:
    """A vector of haven's class haven_labelled: numbers, and what each stands for."""
    named = {"labels": np.arange(1.0, 3.0), "class": np.array(["haven_labelled", "vctrs_vctr", "double"])}
    attributes = converter.convert_to_r_attributes(named)
    return build_r_object(RObjectType.REAL, value=column.codes + 1.0, is_object=True, attributes=attributes)


def test_factors_are_their_labels_and_labelled_codes_are_refused_by_name(read: Read, tmp_path: Any) -> None:
    data = frame([(130100.0, "晋语", None), (440100.0, "粤语", None)]).drop(columns="sub")
    data["language"] = pd.Categorical(["晋语", "粤语"])
    declared = {"dialects": {"place": "code", "dialect": "language", "object": "region_data"}}
    factors = read(r_file(tmp_path, {"region_data": data}), name="a.rda", **declared)
    assert codes(factors) == set() and {dialect for dialect, *_ in table(factors).values()} == {"晋语", "粤语"}
    rdata.write_rda(tmp_path / "made.rda", {"region_data": data}, constructor_dict={
        pd.DataFrame: dataframe_constructor, pd.RangeIndex: rangeindex_constructor, pd.Categorical: labelled,
    })  # fmt: skip
    reading = read((tmp_path / "made.rda").read_bytes(), name="a.rda", **declared)
    assert codes(reading) == {"labelled_codes"} and "found 'language'" in reading.rejected_row[0]["reason"]


def test_an_object_that_is_not_there(read: Read, tmp_path: Any) -> None:
    content = r_file(tmp_path, {"one": frame([(130100.0, "晋语", None)]), "two": frame([(130100.0, "晋语", None)])})
    reading = read(content, name="a.rda", **DECLARED)
    assert codes(reading) == {"dialect_object"} and "one, two" in reading.rejected_row[0]["reason"]


# What save(f, ascii = TRUE) writes of `f <- function(x) x` with the attribute a = "b": a pairlist of one closure with
# its attributes, its environment (the global one), its formals (x, missing) and its body (the symbol x again).
_CLOSURE = (
    "RDA2 A 2 262145 131840 1026 1 262153 1 f 1539 1026 1 262153 1 a 16 1 262153 1 b 254 253 "
    "1026 1 262153 1 x 251 254 1023 254"
)


def test_an_r_data_file_with_code_is_refused(read: Read) -> None:
    reading = read("\n".join([*_CLOSURE.split(), ""]).encode(), name="a.rda", **DECLARED)
    assert codes(reading) == {"r_code"}, reading.rejected_row
    assert not reading.tables


def test_pickled_objects_are_never_opened(read: Read, tmp_path: Any) -> None:
    marker = tmp_path / "opened"

    class Bomb:
        def __reduce__(self) -> tuple[Any, ...]:
            return marker.write_text, ("opened",)

    reading = read(pickle.dumps(Bomb()), name="a.rda", **DECLARED)
    assert codes(reading) == {"unreadable"} and not marker.exists()


def test_an_r_data_file_that_unpacks_to_too_much(read: Read) -> None:
    reading = read(gzip.compress(b"RDX3\nX\n" + bytes(200 * 2**20)), name="a.rda", **DECLARED)
    assert not reading.tables and len(reading.rejected_row) == 1
    assert codes(reading) == {"beyond_limits"}


def test_a_damaged_r_data_file(read: Read, tmp_path: Any) -> None:
    content = r_file(tmp_path, {"region_data": frame([(130100.0, "晋语", None)])})
    assert codes(read(content[: len(content) // 2], name="a.rda", **DECLARED)) == {"unreadable"}


def test_an_r_data_file_nobody_explained(read: Read, tmp_path: Any) -> None:
    content = r_file(tmp_path, {"region_data": frame([(130100.0, "晋语", None)])})
    assert not read(content, name="a.rda").tables
    reading = read(content, name="b.rda", layout="dialect_rdata")
    assert codes(reading) == {"layout_mismatch"}
