"""Small files that would unpack to gigabytes: refused before the memory is taken, and a good neighbour loads.

Memory is that of a process of its own without any bounds from outside (bounded.py): what is tested is that readers know
beforehand. That the bounds hold where they do not: tests/ingestion/test_bounds.py.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from catalog import Source, Sources
from ingestion import build_lake
from tests.ingestion.conftest import declared, nbs_text
from tests.ingestion.hostile.bounded import GIB, SECONDS, Reader
from tests.ingestion.hostile.makers import (
    R_NIL,
    r_deferred,
    r_file,
    r_list,
    r_sequence,
    spss,
    stata,
    topology,
    workbook_of,
)

MIB = 2**20
MAP: dict[str, Any] = {"map": {}}
DIALECTS: dict[str, Any] = {"dialects": {"place": "a", "dialect": "b"}}
PANEL = {
    "layout": "long_panel",
    "entity_column": "a",
    "year_column": "b",
    "columns": {"c": {"indicator": "gdp", "unit": "亿元"}},
}
# A ring of a thousand points that ends where it begins, so that it can follow itself.
RING = [[100 + number / 1000, 30 + number % 2] for number in range(1000)]
RING.append(RING[0])


def collection(features: bytes) -> bytes:
    return b'{"type":"FeatureCollection","features":[' + features + b"0]}"


def encoded(length: int) -> bytes:
    ring = {"type": "Polygon", "coordinates": ["@" * length], "encodeOffsets": [[100, 30]]}
    feature = {"type": "Feature", "properties": {"name": "北京"}, "geometry": ring}
    return json.dumps({"type": "FeatureCollection", "UTF8Encoding": True, "features": [feature]}).encode()


def same_rows(rows: int, columns: int, value: object) -> pd.DataFrame:
    # As objects, of which all rows share one: as texts pandas would copy each of them.
    dtype = object if isinstance(value, str) else None
    return pd.DataFrame({f"v{number}": pd.Series([value] * rows, dtype=dtype) for number in range(columns)})


# Kind -> members: suffix, content, keys of the entry, and the greatest size that counts as small.
Member = tuple[str, Callable[[], bytes], dict[str, Any], int]
KINDS: dict[str, dict[str, Member]] = {
    "R": {
        "one sequence": ("rda", lambda: r_file(r_sequence(2**31 - 1)), MAP, 200),
        "one sequence of decimals": ("rda", lambda: r_file(r_sequence(1e12, b"compact_realseq")), DIALECTS, 200),
        "many sequences": ("rda", lambda: r_file(r_list(r_sequence(1_500_000) * 300, 300)), MAP, 80_000),
        "numbers that become texts": ("rda", lambda: r_file(r_deferred(r_sequence(1_900_000))), MAP, 300),
        "a list of nothing": ("rda", lambda: r_file(r_list(R_NIL * 20_000_000, 20_000_000)), MAP, 80_000),
    },
    "SPSS": {
        "many cases": ("sav", lambda: spss(same_rows(3_000_000, 1, 1.0)), PANEL, 600_000),
        "many cells": ("zsav", lambda: spss(same_rows(90_000, 30, 1.0)), PANEL, 600_000),
        "cases it does not own up to": ("sav", lambda: spss(same_rows(300_000, 3, 1.0), claimed=-1), PANEL, 600_000),
        "wide texts": ("sav", lambda: spss(same_rows(6_000, 1, "a" * 30_000)), PANEL, 3_000_000),
    },
    "Stata": {
        "one long text in all rows": ("dta", lambda: stata(same_rows(500, 1, "a" * 10 * MIB), "v0"), PANEL, 12 * MIB),
        "one long text in all columns": (
            "dta",
            lambda: stata(same_rows(5, 40, "北" * MIB), *(f"v{number}" for number in range(40))),
            PANEL,
            12 * MIB,
        ),
    },
    "TopoJSON": {
        "a ring of one arc": ("json", lambda: topology([[[[0] * 200_000]]], RING), MAP, 2 * MIB),
        "many features of one arc": ("topojson", lambda: topology([[[[0]]] * 100] * 1_000, RING), MAP, 2 * MIB),
        "the arc backwards": ("json", lambda: topology([[[[-1] * 200_000]]], RING), MAP, 2 * MIB),
    },
    "JSON": {
        "numbers": ("json", lambda: collection(b"0," * 100 * MIB), MAP, 201 * MIB),
        "objects": ("geojson", lambda: collection(b"{}," * 20 * MIB), MAP, 64 * MIB),
        "keys": ("json", lambda: collection(b"{" + b'"%06d":0,' % 7 * 6_000_000 + b'"":0},'), MAP, 64 * MIB),
        "points in one text": ("json", lambda: encoded(8_000_000), MAP, 10 * MIB),
    },
    "workbook": {
        "a thousand sheets of one part": ("xlsx", lambda: workbook_of(1_000, 1), {}, 3 * MIB),
        "two sheets of one part": ("xlsx", lambda: workbook_of(2, 1), {}, MIB),
        "parts that are much together": ("xlsx", lambda: workbook_of(3, 3, 200 * MIB), {}, MIB),
    },
}
BOMBS = {f"{kind}: {name}": member for kind, own in KINDS.items() for name, member in own.items()}
CODES = {f"workbook: {name} sheets of one part": "unsafe_package" for name in ("a thousand", "two")}


@pytest.mark.parametrize("bomb", BOMBS)
def test_what_unpacks_to_gigabytes_is_refused_beforehand(tmp_path: Path, bounded: Reader, bomb: str) -> None:
    suffix, make, keys, most = BOMBS[bomb]
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(make())
    assert path.stat().st_size <= most
    outcome = bounded.read(path, **keys)
    path.unlink()
    assert outcome.codes == [CODES.get(bomb, "beyond_limits")], outcome.reasons
    assert outcome.loaded == 0
    assert outcome.peak < 0.7 * GIB
    assert outcome.seconds < SECONDS
    assert all(reason.startswith("a.") and "to do:" in reason for reason in outcome.reasons)


def test_one_of_each_kind_harms_no_neighbour(tmp_path: Path) -> None:
    raw, lake = tmp_path / "raw", tmp_path / "lake"
    raw.mkdir()
    lake.mkdir()
    whole = declared()
    entries = list(whole.files)
    for number, own in enumerate(KINDS.values()):
        suffix, make, keys, _ = next(iter(own.values()))
        (raw / f"bomb{number}.{suffix}").write_bytes(make())
        entries.insert(0, Source(**{**whole.files[0].model_dump(), "match": f"bomb{number}.{suffix}", **keys}))
    (raw / "good.csv").write_bytes(nbs_text().encode("gb18030"))
    sources = Sources(**{**whole.model_dump(exclude={"downloads"}), "files": entries})
    began = time.monotonic()
    build_lake(raw, sources, lake, lambda line: None)
    assert time.monotonic() - began < 3 * SECONDS
    found = pd.read_parquet(lake / "source_file.parquet").set_index("path")
    assert found.loc["good.csv", "status"] == "loaded"
    bombs = found.drop("good.csv")
    assert len(bombs) == len(KINDS) and set(bombs["status"]) == {"refused"}
    assert all(name in problem for name, problem in bombs["problem"].items())
