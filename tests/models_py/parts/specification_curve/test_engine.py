"""The fast engine against `fit_two_way_fe`, one regression at a time: figures and refusals."""

import numpy as np
import pandas as pd
import pytest

from catalog.panels import load_units
from models_py.econometrics import EstimationError, fit_two_way_fe
from models_py.parts.specification_curve.engine import Design, Grid, fit

PROVINCES, YEARS = 14, 7
REGION = np.arange(PROVINCES) % 3 + 1
# Columns of the grid: 0-1 outcomes, 2-4 terms, 5-8 controls; 9 has holes, 10 is missing for whole provinces and a year.
N_COLUMNS = 11


@pytest.fixture(scope="module")
def grid() -> Grid:
    rng = np.random.default_rng(5)
    entity, year = np.repeat(np.arange(PROVINCES), YEARS), np.tile(np.arange(2013, 2013 + YEARS), PROVINCES)
    columns = rng.normal(size=(PROVINCES * YEARS, N_COLUMNS)) + rng.normal(size=PROVINCES)[entity, None]
    columns[:, 5] = np.exp(columns[:, 5]) * 1e5
    columns[:, 0] += columns[:, 2] + 0.3 * columns[:, 6] + 0.2 * entity * year
    columns[rng.random(len(entity)) < 0.1, 9] = np.nan
    columns[(entity == 3) | (entity == 7) | (year == 2013), 10] = np.nan
    return grid_of(columns)


def grid_of(columns: np.ndarray) -> Grid:
    entity, year = np.repeat(np.arange(PROVINCES), YEARS), np.tile(np.arange(2013, 2013 + YEARS), PROVINCES)
    names = tuple(f"c{i}" for i in range(columns.shape[1]))
    return Grid(columns, names, entity, year, REGION[entity] * 10_000 + year, load_units()["province"])


def alone(grid: Grid, design: Design):
    frame = pd.DataFrame(grid.columns, columns=list(grid.names))
    frame["entity_code"], frame["year"], frame["region_year"] = grid.entity, grid.year, grid.region_year
    names = [grid.names[c] for c in (design.term, *design.controls)]
    time = "region_year" if design.region_years else "year"
    return frame, fit_two_way_fe(frame, grid.names[design.outcome], names, "entity_code", time, trends=design.trends)


def designs() -> list[Design]:
    rng = np.random.default_rng(8)
    drawn = []
    for number in range(36):
        controls = tuple(sorted(rng.choice(np.arange(5, 9), rng.integers(0, 5), replace=False).tolist()))
        controls += ((9,), (10,), (), ())[number % 4]
        effects = {"region_years": bool(number % 3 == 0), "trends": bool(number % 5 == 0)}
        drawn.append(Design(int(rng.integers(0, 2)), int(rng.integers(2, 5)), controls, **effects))
    return drawn


def test_equal_to_the_estimator_one_by_one(grid):
    drawn = designs()
    fits = fit(grid, drawn)
    assert not fits.reasons
    assert len({(d.region_years, d.trends) for d in drawn}) == 4
    assert len(set(fits.n_obs.tolist())) == 3
    for number, design in enumerate(drawn):
        frame, direct = alone(grid, design)
        row = direct.estimates.iloc[0]
        for name in ("estimate", "std_error", "p_value", "ci_low", "ci_high", "df"):
            np.testing.assert_allclose(getattr(fits, name)[number], row[name], rtol=1e-10, atol=1e-13, err_msg=name)
        assert fits.n_obs[number] == direct.fit["n_obs"]
        used = frame.dropna(subset=[grid.names[c] for c in (design.outcome, design.term, *design.controls)])
        ratio = used[grid.names[design.term]].std() / used[grid.names[design.outcome]].std()
        np.testing.assert_allclose(fits.scale[number], ratio, rtol=1e-12)


def test_batches_change_nothing(grid, monkeypatch):
    drawn = designs() + [Design(o, t, ()) for o in (0, 1) for t in (2, 3, 4)]
    whole = fit(grid, drawn)
    monkeypatch.setattr("models_py.parts.specification_curve.engine._BATCH", 2)
    parts = fit(grid, drawn)
    np.testing.assert_allclose(parts.estimate, whole.estimate, rtol=1e-12)
    np.testing.assert_allclose(parts.std_error, whole.std_error, rtol=1e-12)


def test_refusals_are_those_of_the_estimator(grid):
    rng = np.random.default_rng(2)
    extra = np.column_stack(
        [
            np.full(PROVINCES * YEARS, 2.0),  # 11 constant
            grid.entity * 1.5 + grid.year,  # 12 the effects explain it
            grid.columns[:, 5] * 2 - grid.columns[:, 6] * 1e5,  # 13 collinear with controls 5 and 6
            grid.entity * grid.year,  # 14 the trends explain it
            np.where(grid.entity < 2, rng.normal(size=PROVINCES * YEARS), np.nan),  # 15 two provinces
            np.where(grid.entity == 4, 1.0, np.nan) * grid.columns[:, 6],  # 16 one province
            REGION[grid.entity] * (grid.year - 2015.0) ** 2,  # 17 region x year effects explain it
            np.where(grid.year < 2015, rng.normal(size=PROVINCES * YEARS), np.nan),  # 18 two years
        ]
    )
    wide = grid_of(np.column_stack([grid.columns, extra]))
    expected = {
        Design(11, 2, ()): "the outcome c11 is constant",
        Design(12, 2, ()): "the outcome c12 has no variation left",
        Design(0, 11, ()): "c11 is constant",
        Design(0, 12, (5,)): "c12 has no variation left",
        Design(0, 2, (12,)): "c12 has no variation left",
        Design(0, 13, (5, 6)): "c13 is collinear with the controls",
        Design(0, 2, (5, 6, 13)): "c13 is collinear with other controls",
        Design(0, 14, (), trends=True): "c14 has no variation left",
        Design(0, 2, (5, 6, 7, 8, 15)): "leave no degrees of freedom",
        Design(0, 16, ()): "fewer than two provinces",
        Design(0, 17, (), region_years=True): "c17 has no variation left",
        Design(0, 18, (), trends=True): "no variation left",
        Design(14, 2, (5,), trends=True): "trends and controls explain the outcome c14",
        Design(13, 2, (5, 6)): "trends and controls explain the outcome c13",
    }
    good = [Design(0, 14, ()), Design(0, 17, ()), Design(0, 13, (5,)), Design(0, 2, (5, 6))]
    fits = fit(wide, [*expected, *good])
    assert sorted(fits.reasons) == list(range(len(expected)))
    for number, (design, part) in enumerate(expected.items()):
        assert part in fits.reasons[number][0]
        assert np.isnan(fits.estimate[number]) and np.isnan(fits.p_value[number])
        if "explain the outcome" not in part:  # fitted there, with figures of rounding size
            with pytest.raises(EstimationError):
                alone(wide, design)
    for place, design in enumerate(good):
        _, direct = alone(wide, design)
        np.testing.assert_allclose(fits.estimate[len(expected) + place], direct.estimates["estimate"][0], rtol=1e-10)
