"""Coupling of two systems: the identity, forms, levels, missing values, the planted degree."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from catalog import load_tables
from catalog.base import CatalogError
from catalog.parts.coupling import Options
from catalog.parts.entropy_index import Options as Entropy
from models_py.indices.coupling import LEVELS
from models_py.indices.standardised import IndexDataError
from models_py.panel import KEYS
from models_py.parts.coupling.texts import formula_note, levels_in_words, moved
from tests.models_py.changing import with_header, without_parts
from tests.models_py.parts.coupling.two_systems import (
    PANEL,
    coupled,
    coupling,
    entropy,
    figures,
    good,
    indices,
    simulated,
    study,
)


def test_columns_and_rows() -> None:
    table, frame = load_tables()["coupling"], good()["coupling"]
    assert frame.columns.tolist() == [column for column in table.columns if column != "data_kind"]
    assert not frame.duplicated(list(table.key)).any() and frame.notna().all(axis=None)
    assert set(frame["variant"]) == {"", *entropy().variants, *coupling().variants}
    assert len(frame.query("variant == ''")) == 31 * 12


def test_the_identity_holds_in_every_variant_of_the_standard_form() -> None:
    frame = good()["coupling"]
    own = frame[~frame["variant"].str.startswith("form=")]
    np.testing.assert_allclose(own["coordination_degree"], (own["u_digital"] * own["u_health"]) ** 0.25, atol=1e-12)
    mean = (own["u_digital"] + own["u_health"]) / 2
    np.testing.assert_allclose(own["coordination_index"], mean, atol=1e-15)
    half, plain = (frame.query("variant == @name") for name in ("form=half", ""))
    np.testing.assert_allclose(half["coupling_degree"].to_numpy() * 2, plain["coupling_degree"], atol=1e-12)


def test_the_planted_degree_is_found_without_noise() -> None:
    """The sample's indicators are affine in one latent a system: every weighting finds the planted D, to rounding."""
    frame = coupled(indices(figures(clean=True), weightings=("equal", "first_component"), rescales=())["system_index"])
    planted = simulated().planted.rename(columns={"province_code": "entity_code"}).set_index(KEYS)
    for variant in ("", "weighting=equal", "weighting=first_component"):
        own = frame.query("variant == @variant").set_index(KEYS)
        for name in planted.columns:
            np.testing.assert_allclose(own[name], planted[name].reindex(own.index), atol=1e-9, err_msg=variant)
    printed = good()["coupling"].query("variant == ''").set_index(KEYS)["coordination_degree"]
    gap = (printed - planted["coordination_degree"].reindex(printed.index)).abs()
    # With noise of a hundredth of each indicator's span D moves a little, most where it is near zero.
    assert 1e-4 < gap.median() < 0.01 and gap[planted["coordination_degree"] > 0.2].max() < 0.03


def test_levels_are_those_of_the_scale_asked_for() -> None:
    index = indices()["system_index"]
    for scale, levels in LEVELS.items():
        own = coupled(index, levels=scale, forms=()).query("variant == ''")
        lows = {level.id: level.low for level in levels}
        assert set(own["level"]) <= set(lows)
        assert (own["coordination_degree"] >= own["level"].map(lows) - 1e-12).all()


def test_a_system_without_a_value_is_refused() -> None:
    index = indices()["system_index"]
    with pytest.raises(IndexDataError, match=r"missing for .*110000.*2012"):
        coupled(index.drop(index.query("variant == '' and system == 'health'").index[:1]))
    with pytest.raises(IndexDataError, match="no index"):
        coupled(index.iloc[:0])


def test_coupling_needs_the_indices_beside_it() -> None:
    with pytest.raises((CatalogError, ValueError), match="entropy_index"):
        without_parts(study(), Entropy)
    assert with_header(study()).variable_names >= {"u_digital", "u_health", "coupling_degree", "coordination_degree"}


def rows(year: int, degrees: dict[int, float], levels: dict[int, str]) -> pd.DataFrame:
    codes = list(degrees)
    return pd.DataFrame(
        {
            "entity_code": codes,
            "year": year,
            "coordination_degree": list(degrees.values()),
            "level": [levels[code] for code in codes],
        }
    )


def test_words_by_hand() -> None:
    first = rows(
        2012,
        {110000: 0.55, 440000: 0.35, 540000: 0.25},
        {110000: "bare_coordination", 440000: "mild_disorder", 540000: "moderate_disorder"},
    )
    last = rows(
        2023,
        {110000: 0.58, 440000: 0.72, 540000: 0.15},
        {110000: "bare_coordination", 440000: "intermediate_coordination", 540000: "serious_disorder"},
    )
    said = moved(first, last, "ten", PANEL)
    assert "1 of 3 moved up a level or more, 1 stayed, 1 moved down" in said.en
    assert "least in Tibet (−0.100), most in Guangdong (0.370)" in said.en and "D fell in 1." in said.en
    assert "3个地区中1个上升一级或以上，1个不变，1个下降" in said.zh and "西藏" in said.zh
    assert levels_in_words(last, "ten").en == "intermediate coordination 1; bare coordination 1; serious disorder 1"
    assert levels_in_words(last, "ten").zh == "中级协调1；勉强协调1；严重失调1"
    risen = last.assign(coordination_degree=[0.6, 0.72, 0.3])
    assert "D rose everywhere" in moved(first, risen, "ten", PANEL).en


def test_the_form_that_squeezes_the_degree_is_said_to() -> None:
    frame = good()["coupling"].query("variant == 'form=half'")
    assert frame["coordination_degree"].max() < 0.7072
    assert "levels mean nothing here" in formula_note("half").en and "0.707" in formula_note("half").zh
    assert "levels" not in formula_note("wang").en


def test_other_forms_are_variants() -> None:
    assert Options(forms=("half", "standard")).variants == ("form=half",)
    wang = coupled(indices()["system_index"], form="wang", forms=("standard",))
    assert set(wang["variant"]) >= {"", "form=standard"}
