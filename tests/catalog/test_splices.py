"""Declared splices: what sources.yaml may say, and the rows the warehouse is given."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from catalog import Sources, load_registry
from catalog.base import CatalogError, validate
from catalog.declarations.splices import splice_rows


def sources(*splices: dict[str, Any]) -> Sources:
    entry = {"vintage": "new", "publisher": "p", "licence": "l", "accessed": "2026-01-01"}
    data = {
        "data_kind": "synthetic", "studies": [], "vintages": ["new", "middle", "old"],
        "files": [{"match": "*", **entry}], "splices": list(splices),
    }  # fmt: skip
    return validate(Sources, data, Path("sources.yaml"))


def splice(indicators: Any = ("gdp",), vintages: tuple[str, ...] = ("new", "old"), reason: str = "r") -> dict[str, Any]:
    return {"indicators": indicators if indicators == "*" else list(indicators), "vintages": vintages, "reason": reason}


def test_a_splice_gives_a_row_for_each_indicator_and_vintage() -> None:
    made = sources(splice(("gdp", "land_area")))
    assert splice_rows(made.splices) == [
        {"indicator": name, "vintage": vintage, "reason": "r"}
        for name in ("gdp", "land_area")
        for vintage in ("new", "old")
    ]
    assert splice_rows(sources().splices) == []


def test_a_star_stands_for_every_reported_indicator_no_other_entry_names() -> None:
    rows = splice_rows(sources(splice("*", reason="all"), splice(("gdp",), ("middle", "old"), "own")).splices)
    by_indicator = {row["indicator"]: row["reason"] for row in rows}
    assert by_indicator.pop("gdp") == "own"
    assert by_indicator == {i.id: "all" for i in load_registry().reported if i.id != "gdp"}
    assert [row["vintage"] for row in rows if row["indicator"] == "gdp"] == ["middle", "old"]


@pytest.mark.parametrize(
    ("splices", "message"),
    [
        ([splice(vintages=("new", "newest"))], "'newest' has no place in `vintages`"),
        ([splice(vintages=("old", "new"))], "in the order of `vintages`"),
        ([splice(vintages=("new", "new"))], "must each occur once"),
        ([splice(vintages=("new",))], "at least 2"),
        ([splice(("nothing",))], "'nothing' is not a reported indicator"),
        ([splice(("gdp_per_capita",))], "'gdp_per_capita' is not a reported indicator"),
        ([splice(), splice(("gdp", "land_area"), ("middle", "old"))], "more than one entry for gdp"),
        ([splice("*"), splice("*", ("middle", "old"))], r"more than one entry for \*"),
        ([splice(reason="")], "reason"),
        ([{"indicators": ["gdp"], "vintages": ["new", "old"]}], "reason"),
    ],
)
def test_contradictions_in_splices(splices: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(CatalogError, match=message):
        sources(*splices)
