"""Judging many demands at once: every suite finds what one plain expectation for each demand finds, word for word."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import pytest

import expectations.engine as engine
import expectations.suite
from catalog.indicators import load_registry
from catalog.provinces import MUNICIPALITIES, NATION_CODE, load_provinces
from catalog.studies import load_studies
from expectations.builders import Build, between, in_set, is_null, not_null, unique
from expectations.engine import Verdict
from expectations.finder import suite_for
from expectations.plausibility import middle
from ingestion.places.records import place_records

STUDY = load_studies()["mspi"]
REGISTRY = load_registry()
PROVINCES = [province.province_code for province in load_provinces()]
YEARS = range(2013, 2016)
PLACES = pd.DataFrame(place_records())


def observation() -> pd.DataFrame:
    """Three years of every reported indicator; cities where there is a range for them."""
    rows = [
        (code, level, year, indicator.id, middle(indicator) * scale * (1 + 0.01 * (year - YEARS[0])), indicator.unit)
        for indicator in REGISTRY.reported
        for year in YEARS
        for codes, level, scale in (
            ([NATION_CODE], "nation", 31.0),
            (PROVINCES, "province", 1.0),
            ([130100, 130200, 330100] if indicator.city_range else [], "city", 0.1),
        )
        for code in codes
    ]
    columns = ["entity_code", "entity_level", "year", "indicator", "value", "unit"]
    df = pd.DataFrame(rows, columns=columns).assign(vintage="v1", file_id="f1", status="reported", chosen=True)
    return df.assign(raw=df["value"].map("{:.4f}".format), raw_unit=df["unit"], link_factor=np.nan)


def province_year() -> pd.DataFrame:
    places = pd.MultiIndex.from_product([PROVINCES, YEARS], names=["province_code", "year"]).to_frame(index=False)
    drift = 1 + 0.001 * np.arange(len(places))
    return places.assign(
        **{one.id: one.range[0] + 0.2 * np.ptp(one.range) * drift for one in REGISTRY.indicators.values()}
    )


def city_year() -> pd.DataFrame:
    cities = [*MUNICIPALITIES, 429004, *(code + 100 for code in PROVINCES if code not in MUNICIPALITIES)]
    places = pd.MultiIndex.from_product([cities, YEARS], names=["city_code", "year"])
    drift = 1 + 0.001 * np.arange(len(places))
    figures = {one.id: np.mean(one.city_range or (0, 0)) * drift for one in REGISTRY.of_cities}
    return places.to_frame(index=False).assign(**figures)


def city_pair() -> pd.DataFrame:
    places = pd.MultiIndex.from_product([PROVINCES, PROVINCES], names=["origin_code", "destination_code"])
    df = places.to_frame(index=False).query("origin_code != destination_code").reset_index(drop=True)
    return df.assign(
        network="n", flow=np.arange(len(df)) + 1.0, unit="index", periods=1, rows=1, direction="out", censored=False,
        distance_km=400.0, reading_gap=0.01,
    )  # fmt: skip


def spoilt(df: pd.DataFrame) -> pd.DataFrame:
    """Some of everything wrong: figures too large, negative, zero, infinite and absent, words exchanged and absent."""
    rng, df = np.random.default_rng(0), df.copy()
    for column in df.columns:
        hit, gone = rng.random(len(df)) < 0.05, rng.random(len(df)) < 0.01
        if pd.api.types.is_float_dtype(df[column]):
            wrong = df[column] * rng.choice([1e3, -1.0, 0.0, np.inf], len(df))
            df[column] = df[column].mask(hit, wrong).mask(gone)
        elif pd.api.types.is_integer_dtype(df[column]) or column == "indicator":
            df[column] = df[column].mask(hit, rng.permutation(df[column].to_numpy()))
        elif not pd.api.types.is_bool_dtype(df[column]):
            df[column] = df[column].astype(object).mask(hit, "x").mask(gone, None)
    return pd.concat([df, df.iloc[[0, 0, 7]]], ignore_index=True)


def judge_some_singly(demands: Sequence[Build], df: pd.DataFrame) -> list[Verdict]:
    """Every verdict as always, but twenty of each stack by an expectation of their own, which takes long."""
    verdicts, stacks = engine.judge(demands, df), defaultdict(list)
    for number, demand in enumerate(demands):
        stacks[engine._alike(demand, df)].append(number)
    asked = [number for stack in stacks.values() for number in stack[:: -(-len(stack) // 20)]]
    assert len(asked) > 10
    for number, verdict in zip(asked, engine.judge_singly([demands[number] for number in asked], df), strict=True):
        verdicts[number] = verdict
    return verdicts


@pytest.mark.parametrize("spoil", [False, True], ids=["good", "spoilt"])
@pytest.mark.parametrize("make", [observation, province_year, city_year, city_pair], ids=lambda make: make.__name__)
def test_outcomes_are_those_of_one_expectation_for_each_check(
    monkeypatch: pytest.MonkeyPatch, make: Callable[[], pd.DataFrame], spoil: bool
) -> None:
    df, suite = spoilt(make()) if spoil else make(), suite_for(make.__name__)
    assert suite is not None
    at_once = suite.run(df, places=PLACES)
    monkeypatch.setattr(expectations.suite, "judge", judge_some_singly)
    pd.testing.assert_frame_equal(at_once, suite.run(df, places=PLACES))
    failed = at_once.loc[~at_once["passed"], "observed"]
    assert len(failed) > 5 if spoil else failed.empty
    assert failed.str.contains("; ...; ").any() == spoil


@pytest.fixture
def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "indicator": ["a", "a", "b", None, "b"],
            "figure": [1.0, 5.0, 9.0, 9.0, np.nan],
            "count": [1, 2, 3, 4, 5],
            "word": ["x", "y", None, "x", "z"],
            "fault": [None, None, "broken", None, None],
        }
    )


DEMANDS = (
    between("figure", 1, 5),
    between("count", 2, 4, above=True, below=True),
    between("figure", 1, 5, above=True, below=True),
    between("figure", 0, 4, indicator="a"),
    between("figure", 0, 4, indicator="b"),
    between("figure", 0, 4, indicator="c"),
    between("word", 0, 1),
    between("nowhere", 0, 1),
    in_set("word", ["x", "y"]),
    in_set("word", ["x", "y"], indicator="b"),
    in_set("indicator", ["a"]),
    is_null("fault"),
    is_null("word"),
    not_null("word"),
    not_null("count"),
    unique(["indicator", "word"]),
    unique(["count"]),
)


def test_every_demand_is_judged_as_by_itself(frame: pd.DataFrame) -> None:
    for one, other in zip(engine.judge(DEMANDS, frame), engine.judge_singly(DEMANDS, frame), strict=True):
        assert (one.passed, one.checked, one.error) == (other.passed, other.checked, other.error)
        assert list(one.rows or []) == list(other.rows or [])


def test_what_is_found_is_what_is_there(frame: pd.DataFrame) -> None:
    rows = [None if verdict.error else list(verdict.rows or []) for verdict in engine.judge(DEMANDS, frame)]
    assert rows[:6] == [[2, 3], [0, 1, 3, 4], [0, 1, 2, 3], [1], [2], []]
    assert rows[6:8] == [None, None]
    assert rows[8:15] == [[4], [4], [2, 4], [2], [0, 1, 3, 4], [2], []]


def test_demands_of_one_kind_cost_few_expectations(monkeypatch: pytest.MonkeyPatch) -> None:
    """All 284 checks of province_year are answered by fewer expectations than there are fingers on two hands."""
    suite, asked = suite_for("province_year"), []
    validate = engine._validate
    monkeypatch.setattr(engine, "_validate", lambda made, df: asked.extend(made) or validate(made, df))
    assert suite is not None
    assert len(suite.run(province_year())) > 200
    assert 0 < len(asked) < 10


def test_a_stack_that_cannot_be_evaluated_is_taken_apart(frame: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    validate = engine._validate

    def fail_on_stacks(made: list[object], df: pd.DataFrame) -> list[engine.Verdict]:
        broken = [engine.Verdict(False, error="no") for _ in made]
        return broken if engine._VALUE in df.columns else validate(made, df)

    expected = [verdict.passed for verdict in engine.judge(DEMANDS, frame)]
    monkeypatch.setattr(engine, "_validate", fail_on_stacks)
    assert [verdict.passed for verdict in engine.judge(DEMANDS, frame)] == expected


def test_no_finding_is_lost(frame: pd.DataFrame) -> None:
    demands = [between("figure", 0, 9), between("figure", 0, 9)]
    assert [verdict.passed for verdict in engine.judge_singly(demands, frame)] == [True, True]
    assert "nowhere" in str(engine.judge([between("nowhere", 0, 1)], frame)[0].error)
