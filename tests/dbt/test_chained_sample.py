"""The sample's volume of telecommunication, printed at three bases: chained it is the planted series, else it breaks.

The models' SQL is run on the good warehouse with the sample's lake under it, inside a transaction; nothing is built
anew.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from catalog import load_sources, load_studies
from expectations.finder import suite_for
from expectations.suite import Check, run_checks
from ingestion import build_lake
from medpanel.sample import DEFAULT_SEED, simulate_panel, write_sample
from medpanel.sample.coupling import PRICE_BASES, TELECOM, SimulatedCoupling, simulate_coupling

Execute = Callable[[str], duckdb.DuckDBPyConnection]
READ = ("observation", "source_file", "declared_splice")
MODELS = ("int_series_vintage", "series_link", "int_observation_reported", "vintage_conflict", "series_break")
# A hundredth is printed, of figures of 300 and more, and an overlap year has one too.
ROUNDING = 1e-4


@pytest.fixture(scope="module")
def planted() -> SimulatedCoupling:
    return simulate_coupling(DEFAULT_SEED, simulate_panel(DEFAULT_SEED).province_year)


@pytest.fixture(scope="module")
def lakes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The lake of the three files as the sample declares them, with the same splice but for `link`, and without one."""
    folder = tmp_path_factory.mktemp("chained")
    write_sample(folder / "raw")
    sources, root = load_sources(folder / "raw" / "sources.yaml")
    own = tuple(one for one in sources.files if one.match in {base.file for base in PRICE_BASES})
    assert len(own) == 3 and [one.link for one in sources.splices] == ["chain"]
    plain = sources.splices[0].model_copy(update={"link": None})
    made = {}
    for name, splices in {"chained": sources.splices, "spliced": (plain,), "apart": ()}.items():
        made[name] = folder / name
        made[name].mkdir()
        declared = sources.model_copy(update={"files": own, "scope": "declared", "splices": splices})
        build_lake(root, declared, made[name], say=lambda line: None, processes=1)
    return made


@pytest.fixture
def warehouse(good: Any, scratch: Execute, lakes: dict[str, Path]) -> Callable[[str], Execute]:
    def over(name: str) -> Execute:
        for table in READ:
            path = (lakes[name] / f"{table}.parquet").as_posix()
            scratch(f"create or replace view lake.{table} as select * from read_parquet('{path}')")
        for model in MODELS:
            node = good.nodes[model].node
            kind = "view" if node.config.materialized == "view" else "table"
            scratch(f"drop {kind} {model}")
            scratch(f"create {kind} {model} as {node.compiled_code}")
        return scratch

    return over


def series(execute: Execute) -> pd.Series:
    """The figures in use, by province and year."""
    rows = execute("select entity_code, year, value from int_observation_reported where chosen").df()
    return rows.set_index(["entity_code", "year"])["value"].sort_index()


def largest_change(values: pd.Series) -> float:
    """The largest factor between two years of a province, upwards or downwards."""
    steps = np.log(values.unstack()).diff(axis=1).abs()
    return float(np.exp(steps.max(axis=None)))


def warned(execute: Execute) -> set[int]:
    """The years of the breaks the coupling study is warned of in this series."""
    study = load_studies()["coupling"]
    suite = suite_for("series_break")
    assert suite is not None
    table = execute("from series_break").df()
    own: list[Check] = [check for check in suite.checks(study) if check.name == f"coupling_series_break_{TELECOM}"]
    prepared = suite.module.prepare(table, study=study)
    result = run_checks(own, prepared)
    years = set(prepared.loc[prepared[f"break__{TELECOM}"].notna(), "year"])
    assert bool(result.loc[0, "passed"]) is not bool(years)
    return years


def test_chained_the_series_is_the_planted_one(warehouse: Callable[[str], Execute], planted: SimulatedCoupling) -> None:
    execute = warehouse("chained")
    found = series(execute)
    printed = planted.figures.set_index(["province_code", "year"])[TELECOM].sort_index()
    assert found.index.tolist() == printed.index.tolist() and len(found) == 31 * 12
    np.testing.assert_allclose(found, printed, rtol=ROUNDING)
    assert not np.array_equal(found, printed)
    noise = found - planted.clean.set_index(["province_code", "year"])[TELECOM].sort_index()
    assert noise.std() == pytest.approx(planted.truth["indicators"][TELECOM]["noise_sd"], rel=0.15)
    factors = execute("select entity_code, vintage, factor from series_link").df()
    for base in PRICE_BASES[:2]:
        times = planted.truth["price_bases"][str(base.year)]["times"]
        own = factors[factors["vintage"] == f"synthetic_prices_{base.year}"]
        assert len(own) == 31
        np.testing.assert_allclose(own["factor"], 1 / own["entity_code"].astype(str).map(times), rtol=ROUNDING)
    assert largest_change(found) < 1.5 and warned(execute) == set()
    # In the year both print they are equal, which is no conflict that would ask for another panel.
    assert execute("from vintage_conflict").fetchall() == []


def test_spliced_without_a_link_the_series_breaks(warehouse: Callable[[str], Execute]) -> None:
    execute = warehouse("spliced")
    found = series(execute)
    assert len(found) == 31 * 12 and largest_change(found) > 2 and warned(execute) == {2016, 2021}
    assert len(execute("from vintage_conflict").fetchall()) == 2 * 31
    assert execute("from series_link").fetchall() == []


def test_without_a_splice_only_the_last_edition_stands(warehouse: Callable[[str], Execute]) -> None:
    execute = warehouse("apart")
    found = series(execute)
    assert set(found.index.get_level_values("year")) == {2020, 2021, 2022, 2023} and warned(execute) == {2016, 2021}
