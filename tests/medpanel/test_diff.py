"""`medpanel diff`: publications by name, the summary on the screen, every row as CSV."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from catalog.base import Text
from medpanel.changes.summary import Revision
from medpanel.cli import app
from medpanel.diff import differing, find, show
from medpanel.publishing import PublishError
from tests.medpanel.changes.conftest import figure, write

NAMES = [f"2026010{day}T000000Z-synthetic-{day}bcdefgh" for day in (1, 2, 3)]
IDENTITY: dict[str, Any] = {
    "study": "mspi", "table_no": "Table 2", "model": "m", "reading": "", "sample": "all", "estimator": "twfe",
    "weights": "", "vintage": "", "variant": "", "term": "exposure", "effect": "coef", "method": "cr1",
}  # fmt: skip


def pilot(code: int, name: str, day: int) -> dict[str, Any]:
    """A place of a pilot list."""
    place = {"programme": "mohurd", "batch": 1, "unit_code": code, "unit_name": name}
    return place | {"label_year": 2012, "announced_on": f"2013-01-{day:02d}", "status": "new"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Three publications, each with one more figure; the last is current."""
    for day, name in enumerate(NAMES, start=1):
        manifest = {"inputs_sha256": str(day), "config_sha256": "1", "version": "1", "data_kind": "synthetic"}
        write(
            tmp_path / "publications" / name / "parquet",
            {
                "run_manifest": [{**manifest, "seeds": json.dumps({"sample": day // 3})}],
                "observation": [figure(2020 + n, float(day if n == 0 else n)) for n in range(day)],
                "estimate": [{**IDENTITY, "estimate": 1.0 - 1.5 * (day == 2), "p_value": 0.01 * day**3}],
                "check_result": [{"check_name": "c", "table_name": "t", "passed": day == 1}],
                "province": [{"province_code": 110000, "name_zh": "北京市", "name_en": "Beijing"}],
                "pilot": [pilot(1, "石家庄市", day), pilot(1 + day, ("唐山市", "大连市", "太原市")[day - 1], 1)],
                "performance_index": [
                    {
                        "study": "mspi",
                        "entity_code": 110000,
                        "year": 2020,
                        "reading": "volume",
                        "variant": "",
                        "mspi": 0.1 * day,
                    }
                ],
            },
        )
    (tmp_path / "current").symlink_to(Path("publications", NAMES[-1]))
    return tmp_path


def test_publications_are_found_by_id_by_head_and_by_word(root: Path) -> None:
    asked = ("current", "previous", NAMES[0], "20260101", "20260102T00")
    assert [find(root, name).name for name in asked] == [NAMES[2], NAMES[1], NAMES[0], NAMES[0], NAMES[1]]


@pytest.mark.parametrize(("name", "message"), [("2026", "fits 3 publications"), ("1999", "no publication is called")])
def test_a_name_that_fits_none_or_several_is_refused(root: Path, name: str, message: str) -> None:
    with pytest.raises(PublishError, match=message):
        find(root, name)


def test_the_summary_says_what_matters(root: Path) -> None:
    found, rows = differing(find(root, NAMES[0]), find(root, NAMES[1]), everything=True)
    screen = Console(file=io.StringIO(), width=80)
    show(found, screen)
    assert isinstance(screen.file, io.StringIO)
    said = screen.file.getvalue()
    for sentence in (
        "Figures revised: 1; the largest by relative change: Beijing 2020 gdp (亿元), 1 -> 2, +100.0%.",
        "New figures: 1.",
        "New years: 2021: 1 figures of gdp.",
        "Indices moved: mspi index (volume) 1 of 1, the most 110000 2020 0.1.",
        "Pilots: 1 new (大连市); 1 no longer listed (唐山市); 1 another date or status (石家庄市).",
        "Estimates that turned their sign: 1, their significance at 5 %: 1: mspi, Table 2 m: exposure (cr1).",
        "Checks that passed before and fail now: t.c.",
        "Why results may differ: other input files, new years (data+year).",
    ):
        assert sentence in said
    assert len(rows) == 9
    assert set(rows["reason"]) == {"data", "year", "data+year"}


@pytest.mark.parametrize(("after", "relative"), [(0.0, "-100.0%"), (1.0004, "+0.04%"), (1.000003, "+0.0003%")])
def test_a_small_revision_is_not_shown_as_none(after: float, relative: str) -> None:
    revision = Revision(Text(en="Beijing", zh="北京市"), 2020, "gdp", 1.0, after, "data")
    assert revision.relative == relative
    assert "地区生产总值（亿元）" in revision.said.zh


def test_the_command_writes_every_difference_as_safe_csv(root: Path, tmp_path: Path) -> None:
    words = ["diff", "20260101", "20260102", "--data", str(root), "--csv", str(tmp_path / "all.csv")]
    result = CliRunner().invoke(app, words, catch_exceptions=False)
    assert result.exit_code == 0
    assert "Figures revised: 1" in result.output
    lines = (tmp_path / "all.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 10
    assert any(",'-0.5," in line for line in lines), "text that begins like a formula is neutral"


def test_publications_of_other_random_numbers_are_refused(root: Path) -> None:
    with pytest.raises(PublishError, match="other random seeds"):
        differing(find(root, "previous"), find(root, "current"), everything=False)


def test_a_publication_does_not_differ_from_itself(root: Path) -> None:
    found, rows = differing(find(root, "current"), find(root, "current"), everything=True)
    assert rows.empty
    assert [text.en for text in found.sentences()] == ["Nothing differs between the two publications."]
