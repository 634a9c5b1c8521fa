"""Small files of flows made in the test, and what came of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest

from catalog import Sources, load_registry
from ingestion import FileReading, read_file

# Five places under names and codes.
CITIES = {"北京": 110000, "天津": 120000, "石家庄": 130100, "唐山": 130200, "太原": 140100}
EDGES: dict[str, Any] = {
    "network": "test",
    "direction": "both",
    "unit": "index",
    "origin": "from",
    "destination": "to",
    "weight": "n",
    "period_column": "day",
}
Row = Sequence[Any]


def edge_text(rows: Sequence[Row], header: Row = ("from", "to", "n", "day")) -> str:
    """A comma-separated table."""
    return "\n".join(",".join(str(cell) for cell in row) for row in [header, *rows]) + "\n"


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., FileReading]:
    """Write a file (text in UTF-8) and read it as `layout`, with the keys of `flow:` given."""

    def _read(
        content: bytes | str | None, name: str = "a.csv", layout: str = "flow_edges", key: str = "code", **flow: Any
    ) -> FileReading:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if content is not None:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        declared = {k: v for k, v in (EDGES | flow if layout == "flow_edges" else flow).items() if v is not None}
        entry: dict[str, Any] = {
            "match": "*",
            "vintage": "v",
            "publisher": "p",
            "licence": "l",
            "accessed": "2026-01-01",
        }
        entry |= {"layout": layout, "flow": declared, "key": key}
        sources = Sources.model_validate(
            {"data_kind": "synthetic", "studies": (), "vintages": ("v",), "files": (entry,)}
        )
        reading = read_file(tmp_path, path, sources, load_registry())
        counts = reading.source_file
        assert counts["rows_read"] == counts["rows_loaded"] + counts["rows_rejected"] + counts["rows_set_aside"]
        for record in reading.rejected_row:
            assert record["reason"].isascii() or record["reason_zh"]
        return reading

    return _read


def parquet(path: Path, query: str) -> Path:
    """The rows of a query as a Parquet file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as con:
        con.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet, ROW_GROUP_SIZE 2048)")
    return path


def flows(reading: FileReading) -> dict[tuple[int, int], float]:
    """Flow by pair of codes."""
    return {(r["origin_code"], r["destination_code"]): r["flow"] for r in reading.tables["flow"].to_pylist()}


def lists(reading: FileReading) -> dict[int, dict[str, Any]]:
    """Record of flow_list by place."""
    return {record["city_code"]: record for record in reading.tables["flow_list"].to_pylist()}


def codes(reading: FileReading) -> list[str]:
    """Kinds of problem, one for each record."""
    return [record["code"] for record in reading.rejected_row]


def rows(reading: FileReading) -> tuple[int, int, int, int]:
    """Read, loaded, rejected, set aside."""
    counts = reading.source_file
    return tuple(counts[f"rows_{name}"] for name in ("read", "loaded", "rejected", "set_aside"))
