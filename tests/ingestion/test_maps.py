"""Maps: each feature is the place its code and name say, or is refused; geometry is stored as it came."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import rdata
import shapely  # type: ignore[import-untyped]

from catalog import load_registry
from ingestion import FileReading, read_file
from tests.ingestion.conftest import codes, declared

Read = Callable[..., FileReading]
RING = [[100.0, 30.0], [101.0, 30.0], [101.0, 31.0], [100.0, 30.0]]


def feature(ring: Any = None, identifier: Any = None, **properties: Any) -> dict[str, Any]:
    geometry = {"type": "Polygon", "coordinates": [RING if ring is None else ring]}
    found: dict[str, Any] = {"type": "Feature", "properties": properties, "geometry": geometry}
    return found if identifier is None else {"id": identifier, **found}


def collection(*features: Any, **keys: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", **keys, "features": list(features)}, ensure_ascii=False).encode()


def places(reading: FileReading) -> list[tuple[int | None, str, str]]:
    return [(r["code"], r["level"], r["name"]) for r in reading.tables["boundary"].to_pylist()]


def test_codes_and_names_in_every_usual_key(read: Read) -> None:
    reading = read(
        collection(
            feature(adcode=330000, name="浙江省"),
            feature(identifier="340100", name="合肥"),
            feature(gb="156110000", name="北京市"),
            feature(code="330106", NAME="西湖区"),
            feature(identifier=7, adcode="419001", name="济源市"),
            feature(name="河北省"),
            feature(adcode=652200, name="哈密地区"),
        ),
        name="a.geojson",
    )
    assert codes(reading) == {"map_no_approval"}
    assert places(reading) == [
        (330000, "province", "浙江省"),
        (340100, "prefecture", "合肥"),
        (110000, "province", "北京市"),
        (330106, "county", "西湖区"),
        (419001, "county", "济源市"),
        (130000, "province", "河北省"),
        (652200, "prefecture", "哈密地区"),
    ]


def test_what_no_figure_exists_for_is_kept(read: Read) -> None:
    line = {"type": "MultiLineString", "coordinates": [[[110.0, 5.0], [111.0, 6.0]]]}
    dashes = {"type": "Feature", "properties": {"adcode": "100000_JD", "name": ""}, "geometry": line}
    reading = read(
        collection(
            feature(adcode=710000, name="台湾省"), feature(name="香港"), feature(name="南海诸岛"), dashes,
            feature(adcode=810001, name="中西区"), feature(adcode=100000, name="中华人民共和国"),
        ),
        name="a.json",
    )  # fmt: skip
    assert places(reading) == [
        (710000, "province", "台湾省"),
        (810000, "province", "香港"),
        (None, "inset", "南海诸岛"),
        (None, "inset", ""),
        (810001, "county", "中西区"),
        (100000, "nation", "中华人民共和国"),
    ]
    shape = shapely.from_wkb(reading.tables["boundary"]["wkb"][3].as_py())
    assert shape.geom_type == "MultiLineString"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (feature(adcode=330000, name="江苏省"), "map_contradiction"),
        (feature(adcode=330100, name="宁波市"), "map_contradiction"),
        (feature(adcode=330199, name="余杭区"), "unlisted"),
        (feature(adcode=330199, name="鄞州区"), "map_contradiction"),
        (feature(adcode=710000, name="福建省"), "map_contradiction"),
        (feature(adcode=339900, name="某市"), "unknown_place"),
        (feature(adcode="33", name="浙江省"), "map_code"),
        (feature(adcode="x"), "map_code"),
        (feature(name="没有这个地方"), "unknown_place"),
        (feature(name="吉林"), "ambiguous_place"),
        (feature(area=3), "map_no_place"),
        (feature(ring=RING[:3], adcode=320000), "map_geometry"),
        ({"type": "Feature", "properties": {"adcode": 320000}, "geometry": None}, "map_geometry"),
        ("no feature", "map_no_place"),
    ],
)
def test_a_wrong_feature_is_refused_and_the_others_load(read: Read, wrong: Any, code: str) -> None:
    reading = read(collection(feature(adcode=110000, name="北京市"), wrong), name="a.json")
    if code == "unlisted":
        # The name is one of the same city: the map numbers a part of it in its own way.
        assert codes(reading) == {"map_unlisted", "map_no_approval"}
        return
    assert codes(reading) == {code, "map_no_approval"}
    assert places(reading) == [(110000, "province", "北京市")]
    assert [r["row"] for r in reading.rejected_row if r["code"] == code] == [2]


def test_the_level_settles_an_ambiguous_name(read: Read) -> None:
    for level, code in (("province", 220000), ("prefecture", 220200)):
        assert places(read(collection(feature(name="吉林")), name="a.json", map={"level": level}))[0][0] == code


def test_declared_properties_replace_the_usual_ones(read: Read) -> None:
    text = collection(feature(adcode=1, name="x", PAC="330000", NAME_CH="浙江"))
    assert places(read(text, name="a.json", map={"code": "PAC", "name": "NAME_CH"})) == [(330000, "province", "浙江")]


def test_a_place_shown_twice_is_refused_both_times(read: Read) -> None:
    reading = read(collection(*(feature(adcode=code) for code in (110000, 330000, 110000))), name="a.json")
    assert [(r["row"], r["code"]) for r in reading.rejected_row if r["row"]] == [
        (1, "map_repeated"),
        (3, "map_repeated"),
    ]
    assert [code for code, *_ in places(reading)] == [330000]


@pytest.mark.parametrize("ring", [[[30.0, 100.0], [30.0, 101.0], [31.0, 101.0], [30.0, 100.0]], [[1e7, 4e6]] * 4])
def test_coordinates_outside_china_refuse_the_file(read: Read, ring: Any) -> None:
    reading = read(collection(feature(adcode=330000), feature(ring=ring, adcode=110000, name="北京市")), name="a.json")
    assert codes(reading) == {"map_outside"}
    assert "feature 2, 北京市" in reading.rejected_row[0]["reason"]
    assert "boundary" not in reading.tables


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (collection(), "map_empty"),
        (b'{"type": "FeatureCollection", "features": 3}', "map_kind"),
        (b'{"type": "FeatureCollection", "features": [', "unreadable"),
        (b'{"type": "FeatureCollection", "features": [NaN]}', "unreadable"),
        (b'{"type": "FeatureCollection", "a": ' + b"[" * 100000 + b"]" * 100000 + b"}", "unreadable"),
        (b'{"type": "Topology", "objects": {}, "arcs": []}', "map_topology"),
        (collection(feature(adcode=110000), UTF8Encoding=True, UTF8Scale=0), "map_kind"),
    ],
)
def test_files_that_are_no_map(read: Read, content: bytes, code: str) -> None:
    assert codes(read(content, name="a.json")) == {code}


def test_json_that_is_declared_a_map_but_is_none(read: Read) -> None:
    assert codes(read(b'{"type": "Feature"}', name="a.json", map={})) == {"map_kind"}


def test_the_approval_number_of_the_file_or_the_declaration(read: Read) -> None:
    stated = collection(feature(adcode=330000), 说明="审图号：GS(2019)1822号")
    reading = read(stated, name="a.json")
    assert codes(reading) == set()
    assert reading.tables["boundary"]["approval"].to_pylist() == ["GS(2019)1822号"]
    silent = collection(feature(adcode=330000, note="GS(2019)1822号"))
    assert read(silent, name="a.json").tables["boundary"]["approval"].to_pylist() == [None]
    reading = read(silent, name="a.json", map={"approval": "GS京(2022)1061号"})
    assert reading.tables["boundary"]["approval"].to_pylist() == ["GS京(2022)1061号"]


def test_geometry_is_stored_as_it_came(read: Read) -> None:
    crossing = [RING[0], RING[2], RING[1], [100.0, 31.0], RING[0]]
    reading = read(collection(feature(adcode=330000), feature(ring=crossing, adcode=110000)), name="a.json")
    records = reading.tables["boundary"].to_pylist()
    assert [shapely.get_coordinates(shapely.from_wkb(r["wkb"])).tolist() for r in records] == [RING, crossing]
    assert records[0]["invalid"] is None
    assert "Self-intersection" in records[1]["invalid"]


def test_topology_and_encoded_maps_are_read(read: Read) -> None:
    arcs = [[[100, 30], [101, 30], [101, 31], [100, 30]]]
    shape = {"type": "Polygon", "arcs": [[0]], "id": "330000", "properties": {"name": "浙江省"}}
    topology = {"type": "Topology", "arcs": arcs, "objects": {"china": shape, "other": shape}}
    assert codes(read(json.dumps(topology), name="a.json")) == {"map_topology"}
    one = read(json.dumps(topology), name="a.topojson", map={"object": "china"})
    encoded = {"type": "Polygon", "coordinates": ["@@B@@BA@"], "encodeOffsets": [[102400, 30720]]}
    other = read(
        collection({"id": "330000", "properties": {"name": "浙江"}, "geometry": encoded}, UTF8Encoding=True),
        name="b.json",
    )
    assert [code for code, *_ in places(one) + places(other)] == [330000, 330000]


def test_first_points_of_the_real_maps_decoded_by_hand(real_data: Path) -> None:
    """台湾 begins with @@°Ü from 122886, 24033; 杭州 with @@XB from 123188, 31253; each over 1024."""
    expected = {
        "china.json": [(122886, 24033), (122942, 24111)],
        "zhejiang.json": [(123188, 31253), (123200, 31254)],
        "china-cities.json": [(120014, 33315), (120016, 33309)],
    }
    for name, points in expected.items():
        path = real_data / "geo" / "echarts-4.9.0" / name
        reading = read_file(path.parent, path, declared(), load_registry())
        shape = shapely.from_wkb(reading.tables["boundary"]["wkb"][0].as_py())
        found = shapely.get_coordinates(shape)[:2].tolist()
        assert found == [[x / 1024, y / 1024] for x, y in points]


# Made when the test runs: the packed ones take seconds, and their bytes carry the time.
DAMAGED: dict[str, tuple[Callable[[], bytes], str]] = {
    "no R data": (lambda: b"no R data", "unreadable"),
    "head only": (lambda: b"RDX3\nX\n\x00\x00", "unreadable"),
    "packed head": (lambda: gzip.compress(b"RDX3\nX\n" + b"\x00" * 50), "unreadable"),
    "damaged gzip": (lambda: b"\x1f\x8b damaged", "unreadable"),
    "damaged bzip2": (lambda: b"BZh9 damaged", "unreadable"),
    # Small packed, far beyond the bound unpacked.
    "gzip bomb": (lambda: gzip.compress(b"RDX3\n" + bytes(2**28)), "beyond_limits"),
    "bzip2 bomb": (lambda: bz2.compress(b"RDX3\n" + bytes(2**28)), "beyond_limits"),
    "xz bomb": (lambda: lzma.compress(b"RDX3\n" + bytes(2**28), preset=0), "beyond_limits"),
}


@pytest.mark.parametrize("name", list(DAMAGED))
def test_damaged_r_data(read: Read, name: str) -> None:
    make, code = DAMAGED[name]
    content = make()
    assert codes(read(content, name="a.rda", map={})) == {code}


def test_r_data_without_polygons(read: Read, tmp_path: Path) -> None:
    rdata.write_rda(tmp_path / "x.rda", {"china": pd.DataFrame({"code": [330000.0]})}, compression="gzip")
    reading = read((tmp_path / "x.rda").read_bytes(), name="a.rda", map={})
    assert codes(reading) == {"map_kind"}
    assert "china (DataFrame)" in reading.rejected_row[0]["reason"]


def test_columns_of_r_data_that_are_declared_must_exist(real_data: Path) -> None:
    path = real_data / "geo" / "mapchina" / "china.rda"
    reading = read_file(path.parent, path, declared(map={"code": "Code_County", "name": "Name"}), load_registry())
    assert codes(reading) == {"column_missing"}
    assert "Name_County" in reading.rejected_row[0]["reason"]
