"""Kernel densities: worked figures, the peak of a planted normal sample, areas, modes, refusals, rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from catalog import load_tables
from catalog.base import CatalogError
from catalog.parts.density import Options
from models_py.panel import ENTITY, province_panel
from models_py.parts.density.estimated import AREA, density_tables, groups_of
from models_py.parts.density.kernel import Density, DensityError, kernel_density, silverman
from tests.models_py.changing import with_part
from tests.models_py.parts.coupling.two_systems import PANEL, good, study

NORMAL = stats.norm.ppf((np.arange(400) + 0.5) / 400, loc=0.5, scale=0.05)


def values(x: np.ndarray, year: int = 2012) -> pd.DataFrame:
    return pd.DataFrame({ENTITY: list(PANEL.codes)[: len(x)], "year": year, "coordination_degree": x})


def test_silverman_by_hand() -> None:
    x = np.array([0.1, 0.2, 0.3, 0.4, 0.9])
    assert silverman(x) == pytest.approx(0.9 * min(x.std(ddof=1), 0.2 / 1.34) * 5 ** (-1 / 5))
    # Quartiles that are the same leave the standard deviation.
    assert silverman([0.2, 0.2, 0.2, 0.2, 0.7]) == pytest.approx(0.9 * np.std([0.2] * 4 + [0.7], ddof=1) * 5**-0.2)
    assert silverman([0.3, 0.3]) == 0 and silverman([0.3]) == 0


def test_densities_by_their_definition() -> None:
    x, h = np.array([0.2, 0.5, 0.6]), 0.05
    plain = kernel_density(x, boundary="none", bandwidth=h)
    assert plain.grid[0] == 0 and plain.grid[-1] == 1 and len(plain.grid) == 200
    np.testing.assert_allclose(plain.values, stats.norm.pdf((plain.grid[:, None] - x) / h).mean(axis=1) / h)
    other = kernel_density(x, kernel="epanechnikov", boundary="none", bandwidth=h)
    at = int(np.argmin(abs(other.grid - 0.2)))
    assert other.values[at] == pytest.approx(0.75 * (1 - ((other.grid[at] - 0.2) / h) ** 2) / (3 * h))
    assert other.values[int(np.argmin(abs(other.grid - 0.35)))] == 0


def test_the_peak_of_a_normal_sample_is_the_normals() -> None:
    """A normal sample smoothed with bandwidth h has the density of a normal with variance s2 + h2."""
    found = kernel_density(NORMAL)
    height, at = found.peak
    assert at == pytest.approx(0.5, abs=0.003) and found.modes == 1
    assert height == pytest.approx(stats.norm.pdf(0, scale=np.hypot(0.05, found.bandwidth)), rel=0.01)


@pytest.mark.parametrize("kernel", ["gaussian", "epanechnikov"])
def test_reflection_keeps_the_area_that_leaving_out_loses(kernel) -> None:
    x = np.array([0.0, 0.01, 0.02, 0.05, 0.97, 1.0])
    inside = kernel_density(x, kernel, "reflect", bandwidth=0.05)
    lost = kernel_density(x, kernel, "none", bandwidth=0.05)
    assert inside.area == pytest.approx(1, abs=AREA) and lost.area < 0.8
    assert inside.values[0] == pytest.approx(2 * lost.values[0])


def test_modes_count_ends_and_plateaus_once() -> None:
    grid = np.linspace(0, 1, 7)
    for heights, modes in (([1, 0, 1, 0, 1, 0, 1], 4), ([0, 1, 1, 1, 0, 0, 0], 1), ([3, 2, 1, 1, 2, 1, 0], 2)):
        assert Density(grid, np.array(heights, dtype=float), 0.1).modes == modes
    assert kernel_density(np.repeat([0.2, 0.8], 20), bandwidth=0.05).modes == 2


@pytest.mark.parametrize(
    ("x", "message"),
    [([0.2, 1.2], "found 1.2"), ([0.2, np.nan], "found nan"), ([-0.1, 0.3], "found -0.1"), ([0.4, 0.4], "do not vary")],
)
def test_values_without_a_density_are_refused(x, message) -> None:
    with pytest.raises(DensityError, match=message):
        kernel_density(x)


def test_tables_have_their_columns_and_every_year_and_region() -> None:
    for name in ("density_estimate", "density_summary"):
        frame, table = good()[name], load_tables()[name]
        assert frame.columns.tolist() == [column for column in table.columns if column != "data_kind"]
        assert not frame.duplicated(list(table.key)).any()
    summary = good()["density_summary"]
    assert len(summary) == 12 * 4 and len(good()["density_estimate"]) == 12 * 4 * 200
    assert dict(summary.groupby("region")["n"].first()) == {"nation": 31, "east": 11, "central": 8, "west": 12}
    assert summary["area"].between(1 - AREA, 1 + AREA).all() and (summary["note_en"] == "").all()


def test_rows_are_those_of_the_formula() -> None:
    own = good()["coupling"].query("variant == '' and year == 2020")
    x = own[own[ENTITY].isin(groups_of(PANEL)["central"])]["coordination_degree"]
    row = good()["density_summary"].query("region == 'central' and year == 2020").iloc[0]
    assert row["bandwidth"] == pytest.approx(silverman(x))
    assert row["peak_height"] == pytest.approx(kernel_density(x).peak[0])


def test_a_year_without_a_density_says_why() -> None:
    panel = province_panel((2012, 2012))
    same = density_tables(values(np.full(31, 0.4)), Options(), panel, "coupling")
    assert len(same["density_estimate"]) == 0 and set(same["density_summary"]["note_en"]) == {
        "All places have the same value: no density."
    }
    few = values(np.linspace(0.1, 0.9, 31))
    few.loc[few.index[2:], "coordination_degree"] = np.nan
    summary = density_tables(few, Options(), panel, "coupling")["density_summary"]
    assert set(summary["note_zh"]) == {"有数值的地区不足三个，无核密度。"}
    narrow = density_tables(values(0.5003 + np.linspace(0, 1e-4, 31)), Options(), panel, "coupling")["density_summary"]
    assert (abs(narrow["area"] - 1) > AREA).all() and narrow["note_en"].str.contains("the area is not 1").all()


def test_a_value_outside_names_variable_place_and_year() -> None:
    bad = values(np.linspace(0.1, 1.01, 31))
    with pytest.raises(DensityError, match=r"coordination_degree leaves \[0, 1\].*新疆.*2012"):
        density_tables(bad, Options(), province_panel((2012, 2012)), "coupling")


def test_unknown_variables_are_refused() -> None:
    for changed, message in (
        ({"variables": ("no_such",)}, "unknown variable 'no_such'"),
        ({"variables": ("u_health",) * 2}, "occurs twice"),
    ):
        with pytest.raises((CatalogError, ValueError), match=message):
            with_part(study(), Options, **changed)
