"""Every check of performance_index passes on good data and fails on data that breaks only its rule."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

import expectations.performance_index as suite
from catalog.provinces import load_provinces
from catalog.studies import Study, load_studies

STUDY = load_studies()["mspi"]
PREFIX = f"{STUDY.id}_"
CHECKS = {check.name.removeprefix(PREFIX): check for check in suite.checks(STUDY)}
YEARS = range(STUDY.years[0], STUDY.years[1] + 1)
Break = Callable[[pd.DataFrame], pd.DataFrame]


@pytest.fixture(scope="module")
def good() -> pd.DataFrame:
    """Both readings built from pooled z-scores of random series, by the definition written out by hand."""
    places = [(p.province_code, year) for p in load_provinces() for year in YEARS]
    z = np.random.default_rng(7).normal(size=(len(places), 7))
    z = (z - z.mean(axis=0)) / z.std(axis=0, ddof=1)
    frames = []
    for reading, sign in (("volume", 1.0), ("substitution", -1.0)):
        scores = np.column_stack([sign * z[:, :2], z[:, 2:]])
        frame = pd.DataFrame(places, columns=["province_code", "year"])
        frame.insert(0, "study", "mspi")
        frame["reading"] = reading
        frame["mspi"] = scores.mean(axis=1)
        frame["ssi"] = scores[:, :2].mean(axis=1)
        frame["qii"] = scores[:, 2:4].mean(axis=1)
        frame["hmi"] = scores[:, 4:].mean(axis=1)
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def volume(df: pd.DataFrame) -> pd.Series:
    return df["reading"] == "volume"


def cell(df: pd.DataFrame) -> pd.Series:
    return (df["province_code"] == 540000) & (df["year"] == 2020)


def shifted(df: pd.DataFrame, column: str, by: float) -> pd.DataFrame:
    """Row 0 moved up and row 1 down, so that only the row-wise rules can notice."""
    out = df.copy()
    out.loc[0, column] += by
    out.loc[1, column] -= by
    return out


def bound(score: str) -> tuple[Break, set[str]]:
    def violate(df: pd.DataFrame) -> pd.DataFrame:
        # Far out in one row, taken back in another, with the rest of the identity carried along.
        out = df.copy()
        weight = suite.weights(STUDY)
        moved = {"mspi": "qii"}.get(score, score)
        size = 6.5 / weight[moved] if score == "mspi" else 6.5 - out.loc[0, score]
        for row, step in ((0, size), (1, -size)):
            out.loc[row, moved] += step
            out.loc[row, "mspi"] += step * weight[moved]
        return out

    # mspi can only be moved through a dimension, and ssi only in one of its two readings.
    return violate, {"mspi": {"bounded_qii"}, "ssi": {"ssi_mirrored"}}.get(score, set())


def emptied(score: str) -> tuple[Break, set[str]]:
    return lambda df: df.assign(**{score: df[score].mask(cell(df) & volume(df))}), (
        # An absent mspi leaves a sum that is not zero any more.
        {"pooled_mean_zero"} if score == "mspi" else set()
    )


def late_year(df: pd.DataFrame) -> pd.DataFrame:
    extra = df[df["year"] == YEARS[-1]].assign(year=YEARS[-1] + 1, mspi=0.0, ssi=0.0, qii=0.0, hmi=0.0)
    return pd.concat([df, extra], ignore_index=True)


def unknown_province(df: pd.DataFrame) -> pd.DataFrame:
    extra = df[df["province_code"] == 110000].assign(province_code=710000, **dict.fromkeys(suite.SCORES, 0.0))
    return pd.concat([df, extra], ignore_index=True)


def duplicated(df: pd.DataFrame) -> pd.DataFrame:
    """One row of each reading twice, as all-zero rows so that the mean stays where it is."""
    out = df.copy()
    for row in (0, len(YEARS) * len(load_provinces())):
        out.loc[row, ["mspi", "ssi", "qii", "hmi"]] = 0.0
        for reading in [out.loc[row, "reading"]]:
            out.loc[out["reading"] == reading, "mspi"] -= out.loc[out["reading"] == reading, "mspi"].mean()
    out["hmi"] = (7 * out["mspi"] - 2 * out["ssi"] - 2 * out["qii"]) / 3
    twin = out.iloc[[0, len(YEARS) * len(load_provinces())]].assign(mspi=0.0, ssi=0.0, qii=0.0, hmi=0.0)
    return pd.concat([out, twin], ignore_index=True)


def uneven(df: pd.DataFrame) -> pd.DataFrame:
    """An extra row in one reading; outside the study's years, because inside it would be a duplicate."""
    extra = df.iloc[[0]].assign(year=YEARS[-1] + 1, mspi=0.0, ssi=0.0, qii=0.0, hmi=0.0)
    return pd.concat([df, extra], ignore_index=True)


def gap(df: pd.DataFrame) -> pd.DataFrame:
    """One cell absent in both readings, the mean restored through hmi."""
    out = df[~cell(df)].copy()
    out["mspi"] -= out.groupby("reading")["mspi"].transform("mean")
    out["hmi"] = (7 * out["mspi"] - 2 * out["ssi"] - 2 * out["qii"]) / 3
    return out


def with_mixed(df: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([df, df[volume(df)].assign(reading="mixed")], ignore_index=True)


def recentred(df: pd.DataFrame) -> pd.DataFrame:
    return df.assign(mspi=df["mspi"] + 3e-3, hmi=df["hmi"] + 7e-3)


def unmirrored(df: pd.DataFrame) -> pd.DataFrame:
    out = shifted(df, "ssi", 0.35)
    return shifted(out, "mspi", 0.1)


VIOLATIONS: dict[str, tuple[Break, set[str]]] = {
    "key_unique": (duplicated, set()),
    "province_codes_known": (unknown_province, set()),
    "years_of_study": (late_year, set()),
    "readings_present": (with_mixed, set()),
    "readings_equal_rows": (uneven, {"years_of_study"}),
    "panel_complete": (gap, set()),
    "identity": (lambda df: shifted(df, "hmi", 1e-9), set()),
    "pooled_mean_zero": (recentred, set()),
    "ssi_mirrored": (unmirrored, set()),
    **{f"complete_{score}": emptied(score) for score in suite.SCORES},
    **{f"bounded_{score}": bound(score) for score in suite.SCORES},
}


def test_good_data_passes_every_check(good: pd.DataFrame) -> None:
    result = suite.run(good, STUDY)
    assert result["check_name"].tolist() == [PREFIX + name for name in CHECKS]
    assert result.loc[~result["passed"], ["check_name", "observed"]].to_dict("records") == []


def test_every_check_has_a_violation_and_every_violation_a_check() -> None:
    assert set(VIOLATIONS) == set(CHECKS)
    assert len(CHECKS) == len(suite.checks(STUDY)) == 17


@pytest.mark.parametrize("name", CHECKS)
def test_a_violation_fails_exactly_its_check(good: pd.DataFrame, name: str) -> None:
    violate, companions = VIOLATIONS[name]
    result = suite.run(violate(good), STUDY)
    assert set(result.loc[~result["passed"], "check_name"]) == {PREFIX + n for n in {name} | companions}


def test_checks_of_two_studies_never_share_a_name() -> None:
    """Their outcomes stand in one table, whose key is the name and the table."""
    other = suite.checks(STUDY.model_copy(update={"id": "other"}))
    assert len(other) == len(CHECKS)
    assert {check.name for check in other}.isdisjoint(check.name for check in CHECKS.values())
    assert all(check.name.startswith("other_") and check.name.isidentifier() for check in other)


def test_a_single_reading_is_not_enough(good: pd.DataFrame) -> None:
    result = suite.run(good[volume(good)], STUDY).set_index("check_name")
    assert not result.loc["mspi_readings_present", "passed"]
    assert "substitution" in result.loc["mspi_readings_present", "observed"]


def test_a_third_reading_may_be_configured(good: pd.DataFrame) -> None:
    assert STUDY.index is not None
    mixed = STUDY.model_copy(update={"index": STUDY.index.model_copy(update={"utilisation": "mixed"})})
    assert suite.run(with_mixed(good), mixed)["passed"].all()
    assert not suite.run(good, mixed)["passed"].all()


def test_weights_follow_the_dimensions() -> None:
    assert suite.weights(STUDY) == pytest.approx({"ssi": 2 / 7, "qii": 2 / 7, "hmi": 3 / 7}, abs=1e-15)
    assert STUDY.index is not None
    dimensions = dict(STUDY.index.dimensions) | {"hmi": STUDY.index.dimensions["hmi"][:1]}
    smaller = STUDY.model_copy(update={"index": STUDY.index.model_copy(update={"dimensions": dimensions})})
    assert suite.weights(smaller) == pytest.approx({"ssi": 2 / 5, "qii": 2 / 5, "hmi": 1 / 5}, abs=1e-15)


def test_the_identity_is_judged_by_the_studys_dimensions(good: pd.DataFrame) -> None:
    assert STUDY.index is not None
    dimensions = dict(STUDY.index.dimensions) | {"hmi": STUDY.index.dimensions["hmi"][:1]}
    smaller = STUDY.model_copy(update={"index": STUDY.index.model_copy(update={"dimensions": dimensions})})
    result = suite.run(good, smaller).set_index("check_name")
    assert set(result.index[~result["passed"]]) == {"mspi_identity"}


def test_an_empty_table_fails_every_check(good: pd.DataFrame) -> None:
    assert not suite.run(good.iloc[:0], STUDY)["passed"].any()


def test_prepare_leaves_the_given_columns_alone(good: pd.DataFrame) -> None:
    before = good.copy()
    prepared = suite.prepare(good.iloc[::-1], STUDY)
    assert good.equals(before)
    assert prepared[list(good.columns)].equals(good.iloc[::-1])


def test_a_study_without_an_index_has_no_checks() -> None:
    other: Study = load_studies()["expenditure_gdp"]
    with pytest.raises(ValueError, match="expenditure_gdp has no index"):
        suite.checks(other)


def test_a_baseline_is_judged_over_its_own_years() -> None:
    """Frozen means need not be zero over the whole panel; both versions must be there."""
    from models_py.indices import performance_index

    data = STUDY.model_dump()
    data["index"]["baseline_years"] = [2013, 2018]
    frozen = Study.model_validate(data)
    rng = np.random.default_rng(1)
    panel = pd.DataFrame(
        [(p.province_code, year) for p in load_provinces() for year in YEARS], columns=["province_code", "year"]
    )
    for name in STUDY.indicators:
        panel[name] = rng.normal(size=len(panel)) + 0.2 * (panel["year"] - 2013)
    values, _ = performance_index(panel, frozen)
    assert suite.run(values, frozen)["passed"].all()
    only = suite.run(values[values["reading"].isin(["volume", "substitution"])], frozen)
    assert only[~only["passed"]]["check_name"].tolist() == ["mspi_readings_present"]
    moved = suite.run(values.assign(mspi=values["mspi"] + 0.1), frozen)
    assert "mspi_pooled_mean_zero" in set(moved[~moved["passed"]]["check_name"])
