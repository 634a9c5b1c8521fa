"""Every check of performance_index passes on good data and fails on data that breaks only its rule."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

import expectations.performance_index as suite
from catalog.parts import performance_index
from catalog.provinces import load_provinces
from catalog.studies import Study, load_studies
from expectations.finder import TableSuite
from models_py.panel import province_panel
from models_py.parts.performance_index.index import index_tables
from tests.models_py.changing import only_parts, with_header, with_part

SUITE = TableSuite(suite.TABLE, suite)
STUDY = load_studies()["mspi"]
PREFIX = f"{STUDY.id}_"
CHECKS = {check.name.removeprefix(PREFIX): check for check in suite.checks(STUDY)}
YEARS = range(STUDY.years[0], STUDY.years[1] + 1)
Break = Callable[[pd.DataFrame], pd.DataFrame]


@pytest.fixture(scope="module")
def good() -> pd.DataFrame:
    """Both readings built from pooled z-scores of random series, by the definition written out by hand, with equal
    weights and with two other sets of them.
    """
    places = [(p.province_code, year) for p in load_provinces() for year in YEARS]
    rng = np.random.default_rng(7)
    z = rng.normal(size=(len(places), 7))
    z = (z - z.mean(axis=0)) / z.std(axis=0, ddof=1)
    frames = []
    for variant in ("", "weighting=first_component", "weighting=entropy"):
        for reading, sign in (("volume", 1.0), ("substitution", -1.0)):
            # Weights of a variant need not be the same under both readings.
            weight = rng.dirichlet(np.ones(7)) if variant else np.full(7, 1 / 7)
            scores = np.column_stack([sign * z[:, :2], z[:, 2:]])
            frame = pd.DataFrame(places, columns=["entity_code", "year"])
            frame.insert(0, "study", "mspi")
            frame = frame.assign(province_code=frame["entity_code"], entity_level="province")
            frame = frame.assign(reading=reading, variant=variant, mspi=scores @ weight)
            for name, own in (("ssi", slice(0, 2)), ("qii", slice(2, 4)), ("hmi", slice(4, 7))):
                frame[name] = scores[:, own] @ weight[own] / weight[own].sum()
            frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def volume(df: pd.DataFrame) -> pd.Series:
    """The study's own version."""
    return (df["reading"] == "volume") & (df["variant"] == "")


def cell(df: pd.DataFrame) -> pd.Series:
    return (df["entity_code"] == 540000) & (df["year"] == 2020)


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
    codes = {"province_code": 710000, "entity_code": 710000}
    extra = df[df["entity_code"] == 110000].assign(**codes, **dict.fromkeys(suite.SCORES, 0.0))
    return pd.concat([df, extra], ignore_index=True)


def duplicated(df: pd.DataFrame) -> pd.DataFrame:
    """One row of each version twice, as all-zero rows so that the mean stays where it is."""
    out = df.copy()
    first = list(range(0, len(out), len(YEARS) * len(load_provinces())))
    out.loc[first, ["mspi", "ssi", "qii", "hmi"]] = 0.0
    out = recomposed(out)
    twin = out.loc[first].assign(mspi=0.0, ssi=0.0, qii=0.0, hmi=0.0)
    return pd.concat([out, twin], ignore_index=True)


def recomposed(df: pd.DataFrame) -> pd.DataFrame:
    """The mean of every version brought back to zero, through hmi where the weights are equal."""
    out = df.assign(mspi=df["mspi"] - df.groupby(["reading", "variant"])["mspi"].transform("mean"))
    through = (7 * out["mspi"] - 2 * out["ssi"] - 2 * out["qii"]) / 3
    return out.assign(hmi=out["hmi"].where(out["variant"] != "", through))


def uneven(df: pd.DataFrame) -> pd.DataFrame:
    """An extra row in one version; outside the study's years, because inside it would be a duplicate."""
    extra = df.iloc[[0]].assign(year=YEARS[-1] + 1, mspi=0.0, ssi=0.0, qii=0.0, hmi=0.0)
    return pd.concat([df, extra], ignore_index=True)


def gap(df: pd.DataFrame) -> pd.DataFrame:
    """One cell absent in all versions, the mean restored through hmi."""
    return recomposed(df[~cell(df)])


def with_mixed(df: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([df, df[df["reading"] == "volume"].assign(reading="mixed")], ignore_index=True)


def recentred(df: pd.DataFrame) -> pd.DataFrame:
    return df.assign(mspi=df["mspi"] + 3e-3, hmi=df["hmi"] + 7e-3)


def unmirrored(df: pd.DataFrame) -> pd.DataFrame:
    out = shifted(df, "ssi", 0.35)
    return shifted(out, "mspi", 0.1)


VIOLATIONS: dict[str, tuple[Break, set[str]]] = {
    "key_unique": (duplicated, set()),
    "entity_level_of_study": (lambda df: df.assign(entity_level="city"), set()),
    "province_code_of_unit": (lambda df: df.assign(province_code=df["province_code"].mask(cell(df))), set()),
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
    result = SUITE.run(good, STUDY)
    assert result["check_name"].tolist() == [PREFIX + name for name in CHECKS]
    assert result.loc[~result["passed"], ["check_name", "observed"]].to_dict("records") == []


def test_every_check_has_a_violation_and_every_violation_a_check() -> None:
    assert set(VIOLATIONS) == set(CHECKS)
    assert len(CHECKS) == len(suite.checks(STUDY)) == 19


@pytest.mark.parametrize("name", CHECKS)
def test_a_violation_fails_exactly_its_check(good: pd.DataFrame, name: str) -> None:
    violate, companions = VIOLATIONS[name]
    result = SUITE.run(violate(good), STUDY)
    assert set(result.loc[~result["passed"], "check_name"]) == {PREFIX + n for n in {name} | companions}


def test_checks_of_two_studies_never_share_a_name() -> None:
    """Their outcomes stand in one table, whose key is the name and the table."""
    other = suite.checks(STUDY.model_copy(update={"id": "other"}))
    assert len(other) == len(CHECKS)
    assert {check.name for check in other}.isdisjoint(check.name for check in CHECKS.values())
    assert all(check.name.startswith("other_") and check.name.isidentifier() for check in other)


@pytest.mark.parametrize("variant", ["", "weighting=entropy"])
def test_every_variant_is_complete_in_every_reading(good: pd.DataFrame, variant: str) -> None:
    one = (good["reading"] == "substitution") & (good["variant"] == variant)
    assert not SUITE.run(good[~one], STUDY).set_index("check_name").loc["mspi_readings_present", "passed"]
    lacking = SUITE.run(good[~(one & cell(good))], STUDY).set_index("check_name")
    assert not lacking.loc["mspi_panel_complete", "passed"]
    assert not lacking.loc["mspi_readings_equal_rows", "passed"]


def test_identity_and_mirror_are_those_of_equal_weights(good: pd.DataFrame) -> None:
    prepared = suite.prepare(good, STUDY)
    assert (prepared[["identity_gap", "mirror_gap"]].notna().all(axis=1) == (good["variant"] == "")).all()


def test_a_panel_of_cities_is_judged_by_the_cities_it_has(good: pd.DataFrame) -> None:
    kept = only_parts(STUDY, performance_index.Options)
    cities = with_header(kept, paper=None, panel={**STUDY.panel.model_dump(), "unit": "city"})
    named = {check.name.removeprefix(PREFIX) for check in suite.checks(cities)}
    assert set(CHECKS) - named == {"province_codes_known"}
    rows = good.assign(province_code=None, entity_level="city", entity_code=good["entity_code"] + 100)
    assert SUITE.run(rows, cities)["passed"].all()
    lacking = SUITE.run(rows[~(rows["entity_code"] == 540100) | (rows["year"] != 2020)], cities).set_index("check_name")
    assert not lacking.loc["mspi_panel_complete", "passed"]
    result = SUITE.run(rows.assign(province_code=rows["entity_code"]), cities).set_index("check_name")
    assert set(result.index[~result["passed"]]) == {"mspi_province_code_of_unit"}


def test_a_single_reading_is_not_enough(good: pd.DataFrame) -> None:
    result = SUITE.run(good[good["reading"] == "volume"], STUDY).set_index("check_name")
    assert not result.loc["mspi_readings_present", "passed"]
    assert "substitution" in result.loc["mspi_readings_present", "observed"]


def test_a_third_reading_may_be_configured(good: pd.DataFrame) -> None:
    mixed = with_part(STUDY, performance_index.Options, utilisation="mixed")
    assert SUITE.run(with_mixed(good), mixed)["passed"].all()
    assert not SUITE.run(good, mixed)["passed"].all()


def test_weights_follow_the_dimensions() -> None:
    assert suite.weights(STUDY) == pytest.approx({"ssi": 2 / 7, "qii": 2 / 7, "hmi": 3 / 7}, abs=1e-15)
    own = STUDY.options(performance_index.Options).dimensions
    smaller = with_part(STUDY, performance_index.Options, dimensions={**own, "hmi": own["hmi"][:1]})
    assert suite.weights(smaller) == pytest.approx({"ssi": 2 / 5, "qii": 2 / 5, "hmi": 1 / 5}, abs=1e-15)


def test_the_identity_is_judged_by_the_studys_dimensions(good: pd.DataFrame) -> None:
    own = STUDY.options(performance_index.Options).dimensions
    smaller = with_part(STUDY, performance_index.Options, dimensions={**own, "hmi": own["hmi"][:1]})
    result = SUITE.run(good, smaller).set_index("check_name")
    assert set(result.index[~result["passed"]]) == {"mspi_identity"}


def test_an_empty_table_fails_every_check(good: pd.DataFrame) -> None:
    assert not SUITE.run(good.iloc[:0], STUDY)["passed"].any()


def test_prepare_leaves_the_given_columns_alone(good: pd.DataFrame) -> None:
    before = good.copy()
    prepared = suite.prepare(good.iloc[::-1], STUDY)
    assert good.equals(before)
    assert prepared[list(good.columns)].equals(good.iloc[::-1])


def test_a_study_without_an_index_has_no_checks() -> None:
    other: Study = load_studies()["expenditure_gdp"]
    with pytest.raises(ValueError, match="expenditure_gdp has no part performance_index"):
        suite.checks(other)


def test_a_baseline_is_judged_over_its_own_years() -> None:
    """Frozen means need not be zero over the whole panel; both versions must be there."""
    frozen = with_part(STUDY, performance_index.Options, baseline_years=(2013, 2018))
    rng = np.random.default_rng(1)
    panel = pd.DataFrame(
        [(p.province_code, year) for p in load_provinces() for year in YEARS], columns=["entity_code", "year"]
    )
    for name in STUDY.indicators:
        panel[name] = rng.normal(size=len(panel)) + 0.2 * (panel["year"] - 2013)
    options = frozen.options(performance_index.Options)
    values = index_tables(panel, options, province_panel(frozen.years), frozen.id)["performance_index"]
    assert SUITE.run(values, frozen)["passed"].all()
    only = SUITE.run(values[values["variant"] != "standardised=pooled"], frozen)
    assert only[~only["passed"]]["check_name"].tolist() == ["mspi_readings_present"]
    moved = SUITE.run(values.assign(mspi=values["mspi"] + 0.1), frozen)
    assert "mspi_pooled_mean_zero" in set(moved[~moved["passed"]]["check_name"])
