"""The declared direction is held against the file of the other direction."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from catalog import Sources
from ingestion import FileReading
from ingestion.build.reading_cache import reuse_key
from ingestion.companions import companions_key
from ingestion.places.units import units_at
from tests.ingestion.flows.conftest import codes, edge_text

Read = Callable[..., FileReading]
PLACES = [unit.code for unit in units_at(2020) if unit.level == "prefecture"][:12]
IN: dict[str, Any] = {"direction": "in", "partner": {"file": "out.csv", "origin": "to", "destination": "from"}}


def pairs(seed: int = 1, noise: float = 0.0) -> dict[tuple[int, int], float]:
    """Flows that are not symmetric; the noise does not change which pairs there are."""
    draw, shake = random.Random(7), random.Random(seed)
    return {(a, b): draw.lognormvariate(0, 1) * (1 + noise * shake.random()) for a in PLACES for b in PLACES if a != b}


def write_partner(folder: Path, flows: dict[tuple[int, int], float], name: str = "out.csv") -> None:
    """Departures: `from` is the partner, `to` the listed city, as the Baidu lists print them."""
    body = [(b, a, value, "2020-01-15") for (a, b), value in flows.items()]
    (folder / name).write_text(edge_text(body), encoding="utf-8")


def arrivals(flows: dict[tuple[int, int], float]) -> str:
    return edge_text([(a, b, value, "2020-01-15") for (a, b), value in flows.items()])


def test_a_partner_that_agrees_lets_the_file_load(read: Read, tmp_path: Path) -> None:
    write_partner(tmp_path, pairs(noise=0.05))
    assert codes(read(arrivals(pairs()), **IN)) == []


def test_the_wrong_direction_is_refused_with_both_correlations(read: Read, tmp_path: Path) -> None:
    write_partner(tmp_path, pairs(noise=0.05))
    swapped = IN | {"origin": "to", "destination": "from"}
    reading = read(arrivals(pairs()), **swapped)
    assert codes(reading) == ["flow_direction"]
    reason = reading.rejected_row[0]["reason"]
    assert "the other way round r = 0.99" in reason or "the other way round r = 1.00" in reason
    assert "132 common pairs" in reason
    assert "flow" not in reading.tables


def test_a_partner_of_other_flows_is_refused(read: Read, tmp_path: Path) -> None:
    other = {pair: random.Random(k).random() for k, pair in enumerate(pairs())}
    write_partner(tmp_path, other)
    found = codes(read(arrivals(pairs()), **IN))
    assert found in (["flow_disagreement"], ["flow_direction"])


def test_a_partner_with_nothing_in_common_proves_nothing(read: Read, tmp_path: Path) -> None:
    few = dict(list(pairs().items())[:5])
    write_partner(tmp_path, few)
    assert codes(read(arrivals(few), **IN)) == ["flow_partner_file"]


@pytest.mark.parametrize("content", [None, "a,b\n1,2\n"])
def test_a_partner_that_cannot_be_read_is_a_refusal(read: Read, tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "out.csv").write_text(content, encoding="utf-8")
    assert codes(read(arrivals(pairs()), **IN)) == ["flow_partner_file"]


def test_a_partner_outside_the_input_folder_is_not_opened(read: Read, tmp_path: Path) -> None:
    (tmp_path.parent / "outside.csv").write_text(arrivals(pairs()), encoding="utf-8")
    reading = read(arrivals(pairs()), direction="in", partner={"file": "../outside.csv"})
    assert codes(reading) == ["flow_partner_file"]


def test_the_partner_is_part_of_the_key_of_reuse(tmp_path: Path) -> None:
    flow = {"network": "n", "direction": "in", "unit": "index", "origin": "a", "destination": "b", "weight": "c",
            "period": "2020", "partner": {"file": "{stem}_out.csv"}}  # fmt: skip
    entry = {"match": "*", "vintage": "v", "publisher": "p", "licence": "l", "accessed": "2026-01-01",
             "layout": "flow_edges", "flow": flow}  # fmt: skip
    sources = Sources.model_validate({"data_kind": "synthetic", "studies": (), "vintages": ("v",), "files": (entry,)})
    path = tmp_path / "a.csv"
    path.write_text("a,b,c\n", encoding="utf-8")
    keys = [reuse_key(path, tmp_path, sources)]
    for content in ("x", "y"):
        (tmp_path / "a_out.csv").write_text(content, encoding="utf-8")
        keys.append(reuse_key(path, tmp_path, sources))
    assert len(set(keys)) == 3
    assert reuse_key(path, tmp_path, sources) == keys[-1]
    assert companions_key(path, tmp_path, None) == ""
