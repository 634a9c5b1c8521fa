"""What a workspace takes is counted as du counts it, and the page says when the limits are not met."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from benchmarks.space import Taken, one_figure_more, page, taken


def write(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_room_is_counted_as_du_does(tmp_path: Path) -> None:
    root = tmp_path / "data"
    picture = write(root / "publications" / "20260101T000000Z-real-a" / "p.png", os.urandom(300_000))
    write(root / "cache" / "report" / "own", os.urandom(50_000))
    (root / "cache" / "report" / "p.png").hardlink_to(picture)
    write(root / "dagster" / "runs.db", os.urandom(80_000))
    write(root / "work" / "warehouse.duckdb", os.urandom(20_000))
    found = taken(root)
    assert found.publications == 1
    assert found.cache < 0.1 < 0.3 <= found.published
    du = int(subprocess.run(["du", "-sk", root], check=True, capture_output=True, text=True).stdout.split()[0])
    assert found.all == pytest.approx(du * 1024 / 1e6)


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8-sig"])
def test_one_figure_changes_and_nothing_else(tmp_path: Path, encoding: str) -> None:
    text = "地区,2024年,2013年\r\n北京市,14805.2,8125.7\r\n天津市,1,2\r\n"
    path = write(tmp_path / "a.csv", text.encode(encoding))
    one_figure_more(path)
    assert path.read_bytes().decode(encoding) == text.replace("8125.7", "8126.7")
    with pytest.raises(ValueError, match="no row of 北京市"):
        one_figure_more(write(tmp_path / "b.csv", b"a,1\n"))


@pytest.mark.parametrize(
    ("publications", "megabytes", "said"), [(5, 250.0, "\nMet: "), (6, 250.0, "\nNOT met"), (5, 301.0, "\nNOT met")]
)
def test_the_page_judges_by_the_last_refresh(publications: int, megabytes: float, said: str) -> None:
    first, last = Taken(1, 400.0, 0.0, 0.0, 0.0), Taken(publications, megabytes - 3, 1.0, 1.0, 1.0)
    text = page([("none", first), ("a.csv", last)])
    assert said in text
    assert f"after 1 refreshes; found {publications} and {megabytes:.0f} MB" in text
