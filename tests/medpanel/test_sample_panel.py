"""The simulated panel: marginals, ranges, and the planted coefficients found again by plain least squares."""

from __future__ import annotations

import dataclasses
import json
from decimal import Decimal
from functools import cache

import numpy as np
import pandas as pd
import pytest

from catalog import load_registry
from catalog.parts.performance_index import Options
from catalog.studies import load_studies
from medpanel.sample import outcomes as outcomes_module
from medpanel.sample import simulate_panel
from medpanel.sample.outcomes import (
    CONTROLS,
    OUTCOMES,
    TERMS,
    VARIANCE,
    SampleRangeError,
    reading_sign,
    require_inside,
    slopes,
)
from medpanel.sample.panel import DECIMALS, SimulatedPanel, require_plausible
from medpanel.sample.randomness import BOUND, autoregressive, bounded_normal, normal_scores
from medpanel.sample.reference import YEARS

READINGS = ("volume", "substitution")


def _z(values: pd.Series) -> pd.Series:
    return (values - values.mean()) / values.std(ddof=1)


def _regression(panel: SimulatedPanel, reading: str, index: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Table 2 (2) written out from the wide table, with dummies. Estimate, clustered SE, truth."""
    wide = panel.province_year
    adverse = {"emergency_mortality_rate", "inpatient_mortality_rate"}
    utilisation = {"visits_per_resident", "admission_rate"}
    members = {
        "ssi": ["visits_per_resident", "admission_rate"],
        "qii": sorted(adverse),
        "hmi": ["maternal_management_rate", "prenatal_examination_rate", "newborn_visit_rate"],
    }
    chosen = [k for name, part in members.items() if index in ("mspi", name) for k in part]
    signs = {k: -1 if k in adverse or (k in utilisation and reading == "substitution") else 1 for k in chosen}
    y = sum(_z(sign * wide[k]) for k, sign in signs.items()) / len(chosen)
    x = np.column_stack(
        [
            panel.exposure["exposure"],
            _z(np.log(wide["gdp_per_capita"])),
            _z(wide["urbanization_rate"] / 100),
            _z(np.log(wide["population_density"])),
            _z(np.log(wide["budget_expenditure_per_capita"])),
        ]
    )
    residualise = _residual_maker()
    x, y = residualise @ x, residualise @ np.asarray(y)
    inverse = np.linalg.inv(x.T @ x)
    estimate = inverse @ x.T @ y
    scores = pd.DataFrame(x * (y - x @ estimate)[:, None]).groupby(wide["province_code"]).sum().to_numpy()
    correction = 31 / 30 * (len(wide) - 1) / (len(wide) - 5 - len(YEARS))
    error = np.sqrt(np.diag(inverse @ scores.T @ scores @ inverse) * correction)
    truth = panel.truth["coefficients"][reading][index]
    return estimate, error, np.array([truth[term] for term in TERMS])


@cache
def _residual_maker() -> np.ndarray:
    """I - D (D'D)^- D' for the dummies of 31 provinces and 12 years, rows in province and year order."""
    dummies = np.hstack([np.kron(np.eye(31), np.ones((12, 1))), np.kron(np.ones((31, 1)), np.eye(12))])
    return np.eye(31 * 12) - dummies @ np.linalg.pinv(dummies)


@pytest.fixture(scope="module")
def panels() -> list[SimulatedPanel]:
    return [simulate_panel(seed) for seed in range(20)]


@pytest.mark.parametrize("index", ["mspi", "ssi", "qii", "hmi"])
@pytest.mark.parametrize("reading", READINGS)
def test_least_squares_finds_the_planted_coefficients(panels: list[SimulatedPanel], reading: str, index: str) -> None:
    estimate, error, truth = _regression(panels[0], reading, index)
    assert (np.abs(estimate - truth) < 4 * error).all()
    differences = np.array([np.subtract(*_regression(panel, reading, index)[::2]) for panel in panels])
    monte_carlo = differences.std(axis=0, ddof=1) / np.sqrt(len(panels))
    assert (np.abs(differences.mean(axis=0)) < 4 * monte_carlo).all()


def test_a_wrong_truth_would_be_noticed(panels: list[SimulatedPanel]) -> None:
    """Twenty panels tell the planted coefficient from zero, so the test above can fail."""
    estimates = [_regression(panel, "volume", "mspi")[0][0] for panel in panels]
    assert np.mean(estimates) > 4 * np.std(estimates, ddof=1) / np.sqrt(len(panels))


def test_planted_values_are_near_the_published_ones(panels: list[SimulatedPanel]) -> None:
    published = {"exposure": 0.135, "gdp_per_capita": 0.214, "urbanization": 0.165,
                 "population_density": 0.031, "fiscal_expenditure": 0.097}  # fmt: skip
    planted = [panel.truth["coefficients"]["volume"]["mspi"] for panel in panels]
    for term, value in published.items():
        assert np.mean([p[term] for p in planted]) == pytest.approx(value, rel=0.05)
    assert tuple(planted[0]) == TERMS


@pytest.mark.parametrize("reading", READINGS)
def test_truth_satisfies_the_identity_of_the_index(panels: list[SimulatedPanel], reading: str) -> None:
    planted = panels[0].truth["coefficients"][reading]
    for term in TERMS:
        parts = 2 * planted["ssi"][term] + 2 * planted["qii"][term] + 3 * planted["hmi"][term]
        assert planted["mspi"][term] == pytest.approx(parts / 7, abs=1e-14)


def test_truth_is_the_formula_on_the_realised_table(panels: list[SimulatedPanel]) -> None:
    panel = panels[1]
    expected = np.mean(
        [
            reading_sign(o, "volume") * slopes(o)["exposure"] / panel.province_year[o.indicator].std(ddof=1)
            for o in OUTCOMES
        ]
    )
    assert panel.truth["coefficients"]["volume"]["mspi"]["exposure"] == pytest.approx(expected, rel=1e-12)
    assert json.loads(json.dumps(panel.truth)) == panel.truth, "truth.json would not carry it as it is"


def test_marginals_follow_table_1(panels: list[SimulatedPanel]) -> None:
    # Published mean, sd, min, max and the relative tolerance of each, on the average over 20 seeds. Extremes
    # are near, not aimed at; 8.4 residents per km2 is an outlier the sample does not have.
    published = {
        "gdp_per_capita": ((67834, 0.05), (37215, 0.1), (14532, 0.3), (189332, 0.35)),
        "urbanization": ((0.612, 0.02), (0.124, 0.1), (0.35, 0.25), (0.89, 0.05)),
        "population_density": ((458.7, 0.05), (612.3, 0.1), (8.4, 1.5), (3847.6, 0.25)),
        "fiscal_expenditure": ((12654, 0.05), (5402, 0.1), (4133, 0.2), (34222, 0.2)),
    }
    average = sum(_table_1(panel.province_year) for panel in panels) / len(panels)
    for term, targets in published.items():
        for found, (target, tolerance) in zip(average.loc[term], targets, strict=True):
            assert found == pytest.approx(target, rel=tolerance), term
    exposure = pd.concat([panel.exposure["exposure"] for panel in panels])
    assert exposure.mean() == pytest.approx(0.412, abs=0.05)
    assert exposure.std() == pytest.approx(0.271, abs=0.04)
    assert exposure.max() <= 1
    spread = [np.std(_index(panel), ddof=1) for panel in panels]
    assert np.mean(spread) == pytest.approx(0.873, abs=0.03)


def _table_1(province_year: pd.DataFrame) -> pd.DataFrame:
    """Mean, sd, min and max of the controls in the units of Table 1 (urbanization as a share)."""
    frame = pd.DataFrame({term: province_year[indicator] for term, (indicator, _, _) in CONTROLS.items()})
    return frame.assign(urbanization=frame["urbanization"] / 100).agg(["mean", "std", "min", "max"]).T


def _index(panel: SimulatedPanel) -> np.ndarray:
    scores = [_z(reading_sign(o, "volume") * panel.province_year[o.indicator]) for o in OUTCOMES]
    return np.mean(scores, axis=0)


def test_every_control_varies_within_provinces_after_year_effects(panels: list[SimulatedPanel]) -> None:
    for panel in panels[:5]:
        for indicator, log, scale in CONTROLS.values():
            values = panel.province_year[indicator] * scale
            values = _z(np.log(values) if log else values).to_numpy().reshape(31, 12)
            within = values - values.mean(0) - values.mean(1, keepdims=True) + values.mean()
            assert within.std() > 0.02
            assert (within.std(axis=1) > 0.002).all(), "a province without a path of its own"


def test_figures_are_rounded_as_printed_and_derived_from_the_rounded(panels: list[SimulatedPanel]) -> None:
    wide = panels[0].province_year
    for name, decimals in DECIMALS.items():
        for value in wide[name]:
            assert float(Decimal(f"{value:.{decimals}f}")) == value
    assert (wide["gdp_per_capita"] == wide["gdp"] / wide["resident_population"] * 10000).all()
    assert (wide["admission_rate"] == wide["hospital_admissions"] / wide["resident_population"] * 100).all()
    expected = [name for name in load_registry().indicators if name in wide]
    assert list(wide.columns) == ["province_code", "year", *expected]
    assert set(DECIMALS) | set(load_studies()["mspi"].indicators) <= set(expected)
    assert not wide.isna().any().any()


def test_no_rate_can_leave_its_range() -> None:
    """The largest u the bounded parts can add up to, all at their bounds, fits inside every range."""
    rng = np.random.default_rng(0)
    largest_score = np.abs(normal_scores(rng, (31,))).max()
    path = BOUND * max(1.0, np.sqrt(1 - VARIANCE["rho"] ** 2) / (1 - VARIANCE["rho"]))
    for o in OUTCOMES:
        explained = sum(abs(s) for t, s in slopes(o).items() if t != "exposure") / o.scale * 4.0
        u = (
            abs(o.exposure) + explained
            + (VARIANCE["province_common"] + VARIANCE["province_own"]) * largest_score
            + (VARIANCE["year_common"] + VARIANCE["year_own"]) * BOUND
            + (VARIANCE["noise_common"] + VARIANCE["noise_own"]) * path
        )  # fmt: skip
        assert o.centre - o.scale * u > o.low
        assert o.centre + o.scale * u < o.high
    draws = bounded_normal(rng, (1000, 100))
    assert np.abs(draws).max() < BOUND
    assert draws.std() == pytest.approx(1, abs=0.02)
    noise = autoregressive(rng, (4000, 12), rho=0.4, sd=2.0)
    assert noise.std(axis=0) == pytest.approx(2.0, abs=0.15)
    assert np.corrcoef(noise[:, 3], noise[:, 4])[0, 1] == pytest.approx(0.4, abs=0.06)


def test_controls_stay_within_the_four_deviations_assumed(panels: list[SimulatedPanel]) -> None:
    for panel in panels:
        for indicator, log, _ in CONTROLS.values():
            values = panel.province_year[indicator]
            assert np.abs(_z(np.log(values) if log else values)).max() < 4


def test_a_value_out_of_range_stops_the_simulation(monkeypatch: pytest.MonkeyPatch) -> None:
    wild = (dataclasses.replace(OUTCOMES[0], scale=50.0), *OUTCOMES[1:])
    monkeypatch.setattr(outcomes_module, "OUTCOMES", wild)
    with pytest.raises(SampleRangeError, match="visits_per_resident"):
        simulate_panel(0)
    with pytest.raises(SampleRangeError, match="leaves"):
        require_inside(OUTCOMES[4], np.array([99.0, 100.0]))
    with pytest.raises(SampleRangeError, match="gdp"):
        require_plausible({"gdp": np.array([5.0, 1000.0])})


def test_same_seed_same_panel_and_given_pilots_are_used() -> None:
    one, two, other = simulate_panel(5), simulate_panel(5), simulate_panel(6)
    pd.testing.assert_frame_equal(one.province_year, two.province_year)
    assert one.truth == two.truth
    assert not one.province_year.equals(other.province_year)
    given = simulate_panel(6, pilots=one.pilots)
    pd.testing.assert_frame_equal(given.exposure, one.exposure)
    # Controls come from the seed alone, outcomes from the list as well.
    assert given.province_year["gdp"].equals(other.province_year["gdp"])
    assert not given.province_year["newborn_visit_rate"].equals(other.province_year["newborn_visit_rate"])


def test_the_generator_means_what_the_study_declares() -> None:
    study = load_studies()["mspi"]
    index = study.options(Options)
    assert study.years == (YEARS[0], YEARS[-1])
    assert study.variables.transform == "log_z"
    declared = {term: (v.indicator, v.log, v.scale) for term, v in study.variables.declared.items()}
    assert declared == CONTROLS
    assert [(o.dimension, o.indicator) for o in OUTCOMES] == list(index.pairs)
    registry = load_registry().indicators
    assert [o.adverse for o in OUTCOMES] == [registry[o.indicator].direction == "adverse" for o in OUTCOMES]
    assert (index.volume_basis, index.ddof) == ("per_capita", 1)
