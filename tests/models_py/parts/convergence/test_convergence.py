"""Sigma and beta convergence: worked figures, planted speeds, the same errors as statsmodels, places left out."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pandas as pd
import pytest

from catalog import load_tables
from catalog.base import CatalogError
from catalog.parts.convergence import Options
from models_py.panel import ENTITY, KEYS, province_panel
from models_py.parts.convergence.formulas import (
    ConvergenceError,
    coefficient_of_variation,
    growth_on_initial,
    standard_deviation,
)
from models_py.parts.convergence.measured import convergence_tables
from models_py.parts.convergence.texts import beta_reading, sigma_reading
from tests.models_py.changing import with_part
from tests.models_py.parts.coupling.two_systems import good, study

RNG = np.random.default_rng(8)
FIRST = np.exp(RNG.normal(size=30))
LAST = FIRST * np.exp(0.4 - 0.3 * np.log(FIRST) + RNG.normal(0, 0.1, 30))
PANEL = province_panel((2012, 2023))


def panel_values(speed: float = 0.03) -> pd.DataFrame:
    """Gaps to a common path that shrink at a known rate a year."""
    frame = pd.DataFrame(itertools.product(PANEL.codes, range(2012, 2024)), columns=KEYS)
    gap = dict(zip(PANEL.codes, np.linspace(-0.5, 0.5, 31), strict=True))
    t = frame["year"] - 2012
    frame["d"] = np.exp(-1 + 0.02 * t + frame[ENTITY].map(gap) * np.exp(-speed * t))
    return frame.assign(control=frame[ENTITY].map(dict(zip(PANEL.codes, RNG.normal(size=31), strict=True))))


def made(values: pd.DataFrame, **changed):
    return convergence_tables(values, Options(variables=("d",), **changed), PANEL, "coupling")


def test_spreads_by_hand() -> None:
    x = np.array([1.0, 2.0, 3.0, 6.0])
    sd = standard_deviation(x)
    assert sd.value == pytest.approx(math.sqrt(14 / 3))
    left_out = [np.std(np.delete(x, i), ddof=1) for i in range(4)]
    error = math.sqrt(3 / 4 * sum((one - np.mean(left_out)) ** 2 for one in left_out))
    assert sd.high - sd.value == pytest.approx(3.182446305284263 * error) == sd.value - sd.low
    assert coefficient_of_variation(x).value == pytest.approx(math.sqrt(14 / 3) / 3)
    assert math.isnan(coefficient_of_variation(-x).value)
    with pytest.raises(ConvergenceError, match="at least three places, found 2"):
        standard_deviation(x[:2])


@pytest.mark.parametrize("vcov", ["hc1", "hc3"])
@pytest.mark.parametrize("controls", [None, RNG.normal(size=(30, 2))])
def test_slopes_and_errors_are_those_of_textbook_matrices(vcov, controls) -> None:
    slope = growth_on_initial(FIRST, LAST, 11, controls, vcov)
    x = np.column_stack([np.log(FIRST), np.ones(30), *([] if controls is None else [controls])])
    y = np.log(LAST / FIRST) / 11
    bread = np.linalg.inv(x.T @ x)
    b = bread @ x.T @ y
    e = y - x @ b
    h = np.diag(x @ bread @ x.T)
    weights = e**2 * 30 / (30 - x.shape[1]) if vcov == "hc1" else e**2 / (1 - h) ** 2
    error = math.sqrt((bread @ (x.T * weights) @ x @ bread)[0, 0])
    assert slope.estimate == pytest.approx(b[0]) and slope.std_error == pytest.approx(error)
    assert slope.df == 30 - x.shape[1]
    assert slope.r2 == pytest.approx(1 - e @ e / ((y - y.mean()) ** 2).sum())


def test_a_planted_speed_is_found_and_the_spread_shrinks_with_it() -> None:
    tables = made(panel_values(0.03))
    beta = tables["beta_convergence"].query("region == 'nation'").iloc[0]
    assert beta["speed"] == pytest.approx(0.03, rel=1e-9)
    assert beta["half_life"] == pytest.approx(math.log(2) / 0.03, rel=1e-9)
    assert beta["estimate"] == pytest.approx((math.exp(-0.03 * 11) - 1) / 11)
    sigma = tables["sigma_convergence"].query("region == 'nation'")
    assert (sigma["cv"].diff().dropna() < 0).all() and sigma["n"].eq(31).all()
    assert "half of a gap is gone in 23 years" in beta_reading(beta.to_dict()).en
    assert "fell from" in sigma_reading(sigma).en and "11 of 11 steps fall" in sigma_reading(sigma).en


def test_divergence_has_no_half_life() -> None:
    beta = made(panel_values(-0.03))["beta_convergence"].query("region == 'nation'").iloc[0]
    assert beta["estimate"] > 0 and beta["speed"] == pytest.approx(-0.03) and math.isnan(beta["half_life"])
    assert "started higher grew faster" in beta_reading(beta.to_dict()).en


def test_the_conditional_form_holds_controls_of_the_first_year() -> None:
    values = panel_values()
    table = made(values, controls=("control",))["beta_convergence"]
    assert list(table["form"].unique()) == ["absolute", "conditional"] and len(table) == 8
    row = table.query("region == 'nation' and form == 'conditional'").iloc[0]
    first, last = (values[values["year"] == year] for year in (2012, 2023))
    slope = growth_on_initial(first["d"].to_numpy(), last["d"].to_numpy(), 11, first[["control"]].to_numpy())
    assert row["std_error"] == pytest.approx(slope.std_error) and row["df"] == 28


def test_places_without_a_logarithm_are_left_out_and_named() -> None:
    values = panel_values()
    values.loc[(values[ENTITY] == 540000) & (values["year"] == 2012), "d"] = 0.0
    table = made(values)["beta_convergence"].set_index("region")
    assert table.loc["nation", "n"] == 30 and table.loc["west", "n"] == 11 and table.loc["east", "n"] == 11
    assert table.loc["nation", "note_en"].endswith("Tibet.") and "西藏" in table.loc["west", "note_zh"]
    assert table.loc["east", "note_en"] == ""


def test_what_cannot_be_estimated_says_why() -> None:
    values = panel_values().assign(d=0.4)
    row = made(values)["beta_convergence"].iloc[0]
    assert math.isnan(row["estimate"]) and "does not vary" in row["note_en"] and "初始值无差异" in row["note_zh"]
    two = panel_values().query("entity_code in (110000, 120000)")
    row = convergence_tables(two, Options(variables=("d",)), PANEL, "coupling")["beta_convergence"].iloc[0]
    assert row["n"] == 2 and "too few places" in row["note_en"] and "地区过少" in row["note_zh"]
    once = convergence_tables(
        panel_values().query("year == 2012"), Options(variables=("d",)), province_panel((2012, 2012)), "coupling"
    )
    assert once["beta_convergence"]["note_en"].eq("Not estimated: one year has no growth.").all()
    assert len(once["sigma_convergence"]) == 4
    few = panel_values().assign(control=lambda frame: frame["d"].where(frame["year"] == 2012).ffill())
    assert made(few, controls=("control",))["beta_convergence"]["n"].gt(0).all()
    with pytest.raises(ConvergenceError, match="2 places cannot carry 2 coefficients"):
        growth_on_initial(FIRST[:2], LAST[:2], 11)
    with pytest.raises(ConvergenceError, match="no logarithm"):
        growth_on_initial(np.append(FIRST, 0.0), np.append(LAST, 1.0), 11)
    with pytest.raises(ConvergenceError, match="controls explain it"):
        growth_on_initial(FIRST, LAST, 11, np.log(FIRST)[:, None])
    alone = np.zeros((30, 1))
    alone[3] = 1
    with pytest.raises(ConvergenceError, match="rests on one place"):
        growth_on_initial(FIRST, LAST, 11, alone)
    assert growth_on_initial(FIRST, LAST, 11, alone, "hc1").std_error > 0


def test_tables_have_their_columns() -> None:
    for name in ("sigma_convergence", "beta_convergence"):
        frame, table = good()[name], load_tables()[name]
        assert frame.columns.tolist() == [column for column in table.columns if column != "data_kind"]
        assert not frame.duplicated(list(table.key)).any()


def test_unknown_names_are_refused() -> None:
    for changed, message in (
        ({"controls": ("no_such",)}, "unknown variable 'no_such'"),
        ({"controls": ("coordination_degree",)}, "named twice"),
    ):
        with pytest.raises((CatalogError, ValueError), match=message):
            with_part(study(), Options, **changed)
