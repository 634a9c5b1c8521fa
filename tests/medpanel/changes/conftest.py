"""Tiny publications: a few tables of a few rows, as folders of Parquet files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from medpanel.changes.both import Both, side_by_side

Tables = dict[str, list[dict[str, Any]]]
Compare = Callable[..., AbstractContextManager[Both]]
LOADED = {
    "file_id": "f1", "path": "a.csv", "sha256": "1", "status": "loaded", "vintage": "new", "problem": None,
    "rows_loaded": 3,
}  # fmt: skip


def figure(year: int, value: float, code: int = 110000, indicator: str = "gdp", **other: Any) -> dict[str, Any]:
    """A row of observation, chosen and reported."""
    row = {
        "entity_code": code, "year": year, "indicator": indicator, "vintage": "new", "file_id": "f1",
        "entity_level": "province", "value": value, "status": "reported", "chosen": True, "sheet": "",
        "cell": f"B{year}",
    }  # fmt: skip
    return row | other


def refusal(code: str, reason: str, file_id: str = "f1", cell: str = "", row: int = 1) -> dict[str, Any]:
    """A row of rejected_row."""
    place = {"file_id": file_id, "sheet": "", "row": row, "cell": cell}
    return place | {"code": code, "reason": reason, "reason_zh": f"中文 {reason}", "raw": ""}


def write(folder: Path, tables: Tables) -> Path:
    """The tables as Parquet files."""
    folder.mkdir(parents=True)
    for name, rows in tables.items():
        pd.DataFrame(rows).to_parquet(folder / f"{name}.parquet", index=False)
    return folder


@pytest.fixture
def compared(tmp_path: Path) -> Compare:
    """Open two publications, and the lake if one is given."""

    @contextmanager
    def opened(earlier: Tables, later: Tables, lake: Tables | None = None) -> Iterator[Both]:
        sides = [write(tmp_path / "earlier", earlier), write(tmp_path / "later", later)]
        with side_by_side(*sides, None if lake is None else write(tmp_path / "lake", lake)) as both:
            yield both

    return opened
