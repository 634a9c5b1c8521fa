"""Every check of imbalance passes on good data and fails on data that breaks only its rule."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

import expectations.imbalance as suite
from catalog.indicators import load_registry
from catalog.studies import load_studies
from expectations.finder import TableSuite

SUITE = TableSuite(suite.TABLE, suite)
STUDY = load_studies()["imbalance"]
NAMES = {check.name.removeprefix(f"{STUDY.id}_") for check in suite.checks(STUDY)}
Break = Callable[[pd.DataFrame], pd.DataFrame]
COUNTS = {
    "visits": "visit_share",
    "institutions": "institution_share",
    "beds": "bed_share",
    "physicians": "physician_share",
}


@pytest.fixture(scope="module")
def good() -> pd.DataFrame:
    """Two places; in each division every type has the same share of a whole of 120."""
    rows = [
        {"study": STUDY.id, "scope": scope, "year": 2021, "split": split, "facility_type": kind, "bed_occupancy": 70.0}
        | {name: 120.0 / len(kinds) for name in COUNTS}
        | dict.fromkeys(COUNTS.values(), 1 / len(kinds))
        for scope in ("nation", "330000")
        for split, kinds in suite.divisions(load_registry().facilities).items()
        for kind in kinds
    ]
    return pd.DataFrame(rows)


def put(column: str, value: object, kind: str = "primary") -> Break:
    return lambda df: df.assign(
        **{column: df[column].mask((df["facility_type"] == kind) & (df["scope"] == "nation"), value)}
    )


def failed(df: pd.DataFrame) -> set[str]:
    outcome = SUITE.run(df, STUDY)
    return {name.removeprefix(f"{STUDY.id}_") for name in outcome.loc[~outcome["passed"], "check_name"]}


def test_good_data_pass(good):
    assert failed(good) == set()
    other = good.assign(study="other", year=1900)
    assert failed(pd.concat([good, other])) == set()


BREAKS: dict[str, Break] = {
    "key_unique": lambda df: pd.concat([df, df[df["facility_type"] == "all"]]),
    "years_of_study": put("year", 1999, "all"),
    "types_disjoint": put("split", "grade", "all"),
    **{f"sum_{share}": put(share, 0.5) for share in COUNTS.values()},
    **{f"range_{share}": put(share, 1.2, "first_level_hospitals") for share in COUNTS.values()},
    # First-level hospitals counted in both tiers.
    **{f"tiers_{name}": put(name, 90.0) for name in COUNTS},
    "occupancy_possible": put("bed_occupancy", -1.0),
    "occupancy_full": put("bed_occupancy", 101.0),
}


def test_every_check_is_broken_once():
    assert set(BREAKS) == NAMES


@pytest.mark.parametrize("name", sorted(BREAKS))
def test_a_check_fails_on_bad_data(name, good):
    assert name in failed(BREAKS[name](good))


def test_a_division_with_an_unknown_share_is_not_added_up(good):
    assert failed(put("visit_share", float("nan"))(good)) == set()
