"""Joint inference against refitting by hand: every regression, every draw; statistics, gaps, level and power."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from catalog.panels import load_units
from models_py.econometrics import fit_two_way_fe
from models_py.parts.specification_curve.engine import Design, Grid, fit
from models_py.parts.specification_curve.joint import STATISTICS, joint_inference, refits

PROVINCES, YEARS = 12, 6
REGION = np.arange(PROVINCES) % 3 + 1


def grid_of(columns: np.ndarray) -> Grid:
    entity, year = np.repeat(np.arange(PROVINCES), YEARS), np.tile(np.arange(2013, 2013 + YEARS), PROVINCES)
    names = tuple(f"c{i}" for i in range(columns.shape[1]))
    return Grid(columns, names, entity, year, REGION[entity] * 10_000 + year, load_units()["province"])


@pytest.fixture(scope="module")
def grid() -> Grid:
    """0 outcome, 1 term, 2-3 controls, 4 control with holes, 5 outcome and 6 term without provinces 2, 5 and 2013."""
    rng = np.random.default_rng(3)
    columns = rng.normal(size=(PROVINCES * YEARS, 7)) + rng.normal(size=(PROVINCES, 7)).repeat(YEARS, axis=0)
    columns[:, 0] += 0.5 * columns[:, 1]
    columns[rng.random(len(columns)) < 0.15, 4] = np.nan
    grid = grid_of(columns)
    columns[np.isin(grid.entity, [2, 5]) | (grid.year == 2013), 5:] = np.nan
    return grid


DESIGNS = [
    Design(0, 1, ()),
    Design(0, 1, (2, 3)),
    Design(0, 1, (3, 2), region_years=True),
    Design(0, 1, (2,), trends=True),
    Design(0, 1, (2,), region_years=True, trends=True),
    Design(0, 1, (2, 4)),
    Design(0, 1, (4,), trends=True),
    Design(5, 1, (2,)),
    Design(5, 6, (2,), region_years=True),
]


def by_hand(grid: Grid, design: Design, order: np.ndarray):
    """The regression with the term's paths moved: the k-th kept province gets that of the k-th kept in the order."""
    names = list(grid.names)
    frame = pd.DataFrame(grid.columns, columns=names)
    frame["entity_code"], frame["year"], frame["region_year"] = grid.entity, grid.year, grid.region_year
    used = [names[c] for c in (design.outcome, design.term, *design.controls)]
    kept = frame.dropna(subset=used)
    provinces = kept["entity_code"].unique()
    donors = [p for p in order if p in provinces]
    paths = frame.set_index(["entity_code", "year"])[names[design.term]]
    source = dict(zip(provinces, donors, strict=True))
    keys = pd.MultiIndex.from_arrays([kept["entity_code"].map(source), kept["year"]])
    moved = kept.assign(**{names[design.term]: paths.reindex(keys).to_numpy()})
    time = "region_year" if design.region_years else "year"
    result = fit_two_way_fe(moved, used[0], used[1:], "entity_code", time, trends=design.trends)
    return result.estimates.iloc[0]


def test_refits_equal_refitting_by_hand(grid):
    fits = fit(grid, DESIGNS)
    assert not fits.reasons
    orders = np.array([np.random.default_rng(seed).permutation(PROVINCES) for seed in range(3)])
    estimate, t = refits(grid, fits, orders)
    for number, design in enumerate(DESIGNS):
        for draw, order in enumerate(orders):
            direct = by_hand(grid, design, order)
            np.testing.assert_allclose(estimate[number, draw], direct["estimate"], rtol=1e-9)
            np.testing.assert_allclose(t[number, draw], direct["statistic"], rtol=1e-9)


def test_the_order_drawn_first_gives_the_data_back(grid):
    fits = fit(grid, DESIGNS)
    estimate, t = refits(grid, fits, np.arange(PROVINCES)[None, :])
    np.testing.assert_allclose(estimate[:, 0], fits.estimate, rtol=1e-9)
    np.testing.assert_allclose(t[:, 0], fits.estimate / fits.std_error, rtol=1e-9)


def test_the_three_statistics(grid):
    fits = fit(grid, DESIGNS)
    joint = joint_inference(grid, fits, 40, 7)
    orders = np.array([g.permutation(PROVINCES) for g in [np.random.default_rng([7, 1])] for _ in range(40)])
    estimate, t = refits(grid, fits, orders)
    estimate, t = np.column_stack([fits.estimate, estimate]), np.column_stack([fits.estimate / fits.std_error, t])
    from scipy.stats import t as student

    rows = []
    for draw in range(41):
        p = np.array([2 * student.sf(abs(value), df) for value, df in zip(t[:, draw], fits.df, strict=True)])
        standardised = estimate[:, draw] * fits.scale
        sign = 1 if (standardised > 0).mean() >= 0.5 else -1
        z = np.sign(standardised) * norm.isf(p / 2)
        rows.append(
            (
                np.median(standardised),
                np.mean((np.sign(standardised) == sign) & (p < 0.05)),
                z.sum() / np.sqrt(len(z)),
            )
        )
    expected = np.array(rows)
    np.testing.assert_allclose(list(joint.observed.values()), expected[0], rtol=1e-8)
    np.testing.assert_allclose(joint.draws, expected[1:], rtol=1e-7, atol=1e-12)
    larger = (np.abs(expected[1:]) >= np.abs(expected[0]) - 1e-9).sum(axis=0)
    np.testing.assert_allclose(list(joint.p_value.values()), (1 + larger) / 41)
    assert tuple(joint.observed) == STATISTICS == tuple(joint.p_value)
    assert (joint.used, joint.with_gaps, joint.undefined) == (len(DESIGNS), 0, 0)


def test_seed_and_batches(grid, monkeypatch):
    fits = fit(grid, DESIGNS)
    first = joint_inference(grid, fits, 25, 0)
    monkeypatch.setattr("models_py.parts.specification_curve.joint._BATCH", 10)
    again = joint_inference(grid, fits, 25, 0)
    np.testing.assert_allclose(again.draws, first.draws, rtol=1e-9, atol=1e-12)
    assert again.p_value == first.p_value
    assert not np.allclose(joint_inference(grid, fits, 25, 1).draws, first.draws)


def test_gaps_in_the_path_leave_a_specification_out(grid):
    columns = grid.columns.copy()
    columns[8, 1] = np.nan
    holed = grid_of(columns)
    fits = fit(holed, [Design(0, 1, ()), Design(0, 3, ())])
    joint = joint_inference(holed, fits, 20, 0)
    assert (joint.used, joint.with_gaps) == (1, 1)
    alone = joint_inference(holed, fit(holed, [Design(0, 3, ())]), 20, 0)
    assert joint.p_value == alone.p_value
    nothing = joint_inference(holed, fit(holed, [Design(0, 1, ())]), 20, 0)
    assert (nothing.used, nothing.with_gaps, nothing.p_value) == (0, 1, {})


def test_a_path_that_may_lose_all_variation_is_counted(grid):
    columns = grid.columns.copy()
    # One path per region, so that re-assignments within regions are absorbed by region x year effects and others not.
    columns[:, 1] = np.where(grid.entity == 0, columns[:, 1], 0.0)
    columns[:, 2] = np.where(grid.entity == 1, columns[:YEARS, 1][grid.year - 2013], 0.0)
    few = grid_of(columns)
    fits = fit(few, [Design(0, 1, (2,)), Design(0, 1, (3,))])
    joint = joint_inference(few, fits, 60, 0)
    first = np.array(
        [o[1] for g in [np.random.default_rng([0, 1])] for o in (g.permutation(PROVINCES) for _ in range(60))]
    )
    # Where province 1 receives the only path, the term is the first design's control.
    assert joint.undefined == int((first == 0).sum()) > 0


def curve_of(seed: int, effect: float):
    rng = np.random.default_rng([seed, 99])
    start, share = rng.integers(1, YEARS, PROVINCES), rng.random(PROVINCES)
    path = np.where(np.arange(YEARS) >= start[:, None], share[:, None], 0.0).ravel()
    columns = rng.normal(size=(PROVINCES * YEARS, 4))
    columns[:, 1] = path
    columns[:, 0] += effect * path
    grid = grid_of(columns)
    designs = [Design(0, 1, c) for c in ((), (2,), (3,), (2, 3))]
    return joint_inference(grid, fit(grid, designs), 99, seed).p_value


def test_level_and_power():
    none = pd.DataFrame([curve_of(seed, 0.0) for seed in range(120)])
    # Exact tests at 10 %: 12 of 120 expected; 99.9 % binomial bounds.
    assert (none <= 0.1).sum().between(3, 24).all()
    strong = pd.DataFrame([curve_of(seed, 4.0) for seed in range(10)])
    assert (strong[["median_estimate", "stouffer_z"]] <= 0.05).mean().min() >= 0.9
