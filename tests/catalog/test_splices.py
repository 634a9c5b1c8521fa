"""Declared splices: what sources.yaml may say, and the rows the warehouse is given."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from catalog import Sources, load_registry, load_sources
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
        {"indicator": name, "vintage": vintage, "reason": "r", "link": None}
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


def test_a_chained_splice_says_so_in_its_rows() -> None:
    rows = splice_rows(sources(splice(("telecom_volume",)) | {"link": "chain"}).splices)
    assert [(row["vintage"], row["link"]) for row in rows] == [("new", "chain"), ("old", "chain")]


@pytest.mark.parametrize(
    ("indicators", "key", "en", "zh"),
    [
        (
            ("gdp", "internet_penetration"),
            "link: chain",
            "shares and growth rates cannot be chained: internet_penetration (%); splice them without `link`",
            "比重与增速不能链接：internet_penetration (%)；请去掉 link",
        ),
        ("*", "indicators: '*'", "name the indicators to be chained", "请列出需要链接的指标"),
    ],
)
def test_what_cannot_be_chained_is_refused_with_key_and_line(
    tmp_path: Path, indicators: Any, key: str, en: str, zh: str
) -> None:
    entry = {"match": "*", "vintage": "new", "publisher": "p", "licence": "l", "accessed": "2026-01-01"}
    head = {"data_kind": "synthetic", "studies": [], "vintages": ["new", "old"]}
    chained = [splice(indicators) | {"vintages": ["new", "old"], "link": "chain"}]
    path = tmp_path / "sources.yaml"
    path.write_text(yaml.safe_dump({**head, "splices": chained, "files": [entry]}, sort_keys=False), encoding="utf-8")
    with pytest.raises(CatalogError) as refused:
        load_sources(path)
    line = next(n for n, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if key in text)
    name = key.partition(":")[0]
    assert f"line {line}: splices.0.{name}: {en}" in str(refused.value)
    assert f"第{line}行：splices.0.{name}：{zh}" in str(refused.value)


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
        ([splice() | {"link": "ratio"}], "link"),
        ([{"indicators": ["gdp"], "vintages": ["new", "old"]}], "reason"),
    ],
)
def test_contradictions_in_splices(splices: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(CatalogError, match=message):
        sources(*splices)
