"""The seed of printed figures."""

import csv
import json
import os
from pathlib import Path

import pytest

from catalog import load_tables
from catalog.base import PROJECT_DIR

SEED = PROJECT_DIR / "dbt" / "seeds" / "published_figure.csv"
PAPERS = {"MSPI paper", "coupling paper", "mobility paper", "Gini paper"}
# What the mobility paper says in passing is not carried over.
_IN_PASSING = ("mobility paper", "text")


def carried(target: dict[str, object]) -> bool:
    """Whether the seed has a target: a single figure (it has no column for a range, and no row for one that is not
    printed) of a paper, not said in passing.
    """
    said = (target["paper"], target["table"]) == _IN_PASSING
    return target["paper"] in PAPERS and not said and isinstance(target["value"], int | float)


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    with SEED.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def targets(reference: Path) -> list[dict[str, object]]:
    """The list the seed was taken from; it stands beside the reference cases."""
    path = reference.parent / "published.json"
    if not path.is_file():
        assert not os.environ.get("CI"), f"{path} is absent"
        pytest.skip(f"{path} is absent")
    return json.loads(path.read_text(encoding="utf-8"))["targets"]


def test_columns_and_key(rows):
    table = load_tables()["published_figure"]
    assert list(rows[0]) == list(table.columns)
    keys = [tuple(row[name] for name in table.key) for row in rows]
    assert len(set(keys)) == len(keys)
    assert all(part for key in keys for part in key)
    assert len({row["published_id"] for row in rows}) == len(rows)
    assert {row["paper"] for row in rows} == PAPERS


def test_values_are_numbers_and_stars_are_stars(rows):
    for row in rows:
        float(row["value"])
        assert row["stars"] in ("", "none", "*", "**", "***")
        assert row["kind"] in ("published", "derived")
        assert row["decimals"] == "" or int(row["decimals"]) >= 0
    assert {"none", "*", "**", "***"} <= {row["stars"] for row in rows}


def test_every_paper_is_cited(rows):
    source = load_tables()["published_figure"].source
    for paper in {row["paper"] for row in rows}:
        assert f"{paper}: " in source
    assert "doi 10.3389/ijph.2026.1609627" in source
    assert "doi 10.1177/20552076251406655" in source
    assert "doi 10.3389/fpubh.2025.1613293" in source
    assert "doi 10.1016/j.hlpt.2025.101013" in source


def test_the_seed_is_the_list(rows, targets):
    """Every target of the papers carried over, figure by figure."""
    names = {"table": "table_no", "column": "column_no", "id": "published_id"}
    expected = [target for target in targets if carried(target)]
    # The seed stands in the order of its key, the list in that of the papers.
    rows = sorted(rows, key=lambda row: row["published_id"])
    expected = sorted(expected, key=lambda target: str(target["id"]))
    assert [row["published_id"] for row in rows] == [target["id"] for target in expected]
    for row, target in zip(rows, expected, strict=True):
        # A printed standard error has no column of its own.
        if target["se"] is not None:
            target = {**target, "note": f"standard error {target['se']}"}
        for name in ("paper", "table", "column", "term", "unit", "kind", "note", "id"):
            assert row[names.get(name, name)] == (target[name] or ""), (target["id"], name)
        assert float(row["value"]) == float(target["value"])
        assert row["decimals"] == ("" if target["decimals"] is None else str(target["decimals"]))
        assert row["n"] == ("" if target["n"] is None else str(target["n"]))
        assert row["stars"] == {None: "", "": "none"}.get(target["stars"], target["stars"])
        significant = {"": None, "none": False}.get(row["stars"], True)
        # The text says of some figures that they are significant, without stars; their note says so.
        assert target["significant"] == significant or ("significant" in row["note"] and target["stars"] is None)
