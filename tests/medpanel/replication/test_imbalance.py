"""The scripts of imbalance: the Python script of the bundle finds what the part publishes, from made-up figures."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from catalog import NATION_CODE, load_registry, load_studies
from catalog.parts.imbalance import BANDS, Options
from models_py.panel import ENTITY, province_panel
from models_py.parts.frame import Replication
from models_py.parts.imbalance.part import compute
from models_py.parts.imbalance.replicate import KEYS, replicate
from tests.medpanel.replication.written import require_another_is_named, require_balanced, run, write

PANEL = province_panel((2020, 2022))
STUDY = load_studies()["imbalance"]
FACILITIES = load_registry().facilities
LEVELS = FACILITIES.parts_of("all")
LEAVES = FACILITIES.leaves("all")


def figures(*measures: str, kinds: tuple[str, ...], codes: tuple[int, ...], year: int = 2021) -> list[dict[str, Any]]:
    """Made-up figures of every place, measure and type that has one."""
    rng = np.random.default_rng([year, len(kinds), len(codes)])
    return [
        {ENTITY: code, "year": year, "indicator": FACILITIES.indicator(measure, kind), "value": rng.uniform(20, 90)}
        for code in codes
        for measure in measures
        for kind in kinds
        if FACILITIES.reports(measure, kind)
    ]


def given(rows: list[dict[str, Any]]) -> Replication | None:
    """What the scripts find again from the part's own tables."""
    tables = {"figures_long": pd.DataFrame(rows, columns=[ENTITY, "year", "indicator", "value"])}
    work: Any = SimpleNamespace(study=STUDY, options=STUDY.options(Options), panel=PANEL, tables=tables)
    return replicate(work, compute(work))


def everything() -> list[dict[str, Any]]:
    """Undivided types in two places, one without the types that may lack; another year's equipment in all provinces."""
    counts = ("visits", "institutions", "beds", "physicians", "bed_occupancy")
    without = tuple(kind for kind in LEAVES if kind not in ("specialised_hospitals", "township_centres"))
    rows = figures(*counts, kinds=LEAVES, codes=(NATION_CODE, 330000))
    rows += figures(*counts, kinds=without, codes=(440000,))
    rows += figures(*BANDS, kinds=LEVELS, codes=PANEL.codes, year=2022)
    rows += figures(BANDS[0], kinds=LEVELS[:2], codes=(NATION_CODE,), year=2020)
    whole = {ENTITY: 440000, "year": 2021, "indicator": FACILITIES.indicator("visits", "all"), "value": 9e3}
    return [*rows, whole]


def found(one: Replication) -> dict[tuple[Any, ...], float]:
    return one.expected.set_index(KEYS)["value"].to_dict()


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> tuple[Replication, Path]:
    """What is to be found again of everything, and its bundle."""
    one, folder = given(everything()), tmp_path_factory.mktemp("bundle")
    assert one is not None
    write("imbalance", one, folder)
    return one, folder


def test_the_python_script_finds_every_number(bundle: tuple[Replication, Path], capsys: Any) -> None:
    one, folder = bundle
    run("imbalance", folder)
    assert f"All {len(one.expected)} numbers were found again" in capsys.readouterr().out
    numbers = found(one)
    for measure in ("visits", "visit_share", "bed_share", "visits_per_bed", "utilisation_quotient", "bed_occupancy"):
        assert (330000, 2021, "primary", measure) in numbers
    assert (330000, 2021, "high_tier", "h2b_gap_bed_occupancy") in numbers
    # A whole that is given is not summed; primary care lacks a type it needs, the high tier one it may lack.
    assert numbers[440000, 2021, "all", "visits"] == 9e3 and (440000, 2021, "high_tier", "visit_share") in numbers
    assert (440000, 2021, "primary", "visits") not in numbers
    # The nation's equipment is that of all provinces; where a type is not known there is no share.
    assert (NATION_CODE, 2022, "hospitals_all", f"{BANDS[2]}_share") in numbers
    assert (NATION_CODE, 2020, "hospitals_all", BANDS[0]) in numbers
    assert (NATION_CODE, 2020, "hospitals_all", f"{BANDS[0]}_share") not in numbers
    # What is read is handed on as it is: no sum is among it.
    assert set(one.frames["figures"]["facility_type"]) == {*LEAVES, "all", *LEVELS}
    assert NATION_CODE not in set(one.frames["figures"].query("year == 2022")["province_code"])


def test_capacity_by_level_alone(tmp_path: Path, capsys: Any) -> None:
    """As the real files have it: institutions and beds of provinces, no type of hospital, nothing of visits."""
    rows = figures("institutions", "beds", kinds=("all", *LEVELS[:2]), codes=(110000, 330000))
    for row in rows:
        row["value"] += 200 if row["indicator"] in ("institutions", "beds") else 0
    one = given(rows)
    assert one is not None
    write("imbalance", one, tmp_path)
    run("imbalance", tmp_path)
    assert f"All {len(one.expected)} numbers" in capsys.readouterr().out
    assert set(one.expected["measure"]) == {"institutions", "beds", "institution_share", "bed_share"}
    assert (330000, 2021, "other_institutions", "bed_share") in found(one)


def test_another_number_is_named(bundle: tuple[Replication, Path]) -> None:
    names = ("primary bed_occupancy", "high_tier h2b_gap_visit_share", "hospitals_all visits_per_bed")
    require_another_is_named("imbalance", bundle[1], [f"330000 2021 {name}" for name in names])
    require_another_is_named("imbalance", bundle[1], ["100000 2022 hospitals_all equipment_from_1m_share"])


def test_without_figures_by_type_nothing_is_to_be_found() -> None:
    assert given([]) is None
    assert given(figures("beds", kinds=("all",), codes=(110000,))) is None


def test_the_do_file_is_balanced(bundle: tuple[Replication, Path]) -> None:
    require_balanced((bundle[1] / "synthetic_mspi_imbalance_replicate.do").read_text("utf-8"))
