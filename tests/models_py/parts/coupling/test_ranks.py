"""Ranks with indicators and weights drawn anew: the study's own D, every place and kind, the reading."""

import pandas as pd
import pytest

from models_py.figures.style import FigureError
from models_py.parts.coupling.figure_ranks import rank_figure, steadiness
from models_py.parts.coupling.ranks import rank_table
from models_py.parts.entropy_index.index import index_tables
from tests.models_py.parts.coupling.two_systems import PANEL, coupled, coupling, entropy, figures, good


def test_the_own_degree_and_rank_are_those_of_the_table_of_coupling() -> None:
    ranks, own = good()["coordination_rank"], good()["coupling"].query("variant == ''")
    assert set(ranks["variant"]) == {"resampled=indicators", "resampled=weights", "resampled=both"}
    assert sorted(ranks["year"].unique()) == [2012, 2018, 2023]
    assert len(ranks) == 3 * 3 * 31
    both = ranks.merge(own, on=["entity_code", "year"], suffixes=("", "_own"))
    assert both["coordination_degree"].to_numpy() == pytest.approx(
        both["coordination_degree_own"].to_numpy(), abs=1e-12
    )
    ranked = both.groupby(["variant", "year"])["coordination_degree_own"].rank(ascending=False, method="min")
    assert (ranked == both["rank"]).all()


def test_an_indicator_the_study_ranks_by_year_is_ranked_here_too() -> None:
    options = entropy(ranked=("telecom_volume",), weightings=(), rescales=(), rankings=(), windows={})
    own = coupled(index_tables(figures(), options, PANEL, "coupling")["system_index"])
    ranks = rank_table(figures(), options, coupling(draws=99), PANEL, "coupling")
    both = ranks.merge(own.query("variant == ''"), on=["entity_code", "year"], suffixes=("", "_own"))
    assert both["coordination_degree"].to_numpy() == pytest.approx(
        both["coordination_degree_own"].to_numpy(), abs=1e-12
    )


def test_indices_stretched_are_stretched_within_each_draw() -> None:
    made = rank_table(figures(), entropy(rescale="minmax"), coupling(draws=99), PANEL, "coupling")
    assert made["degree_high"].max() == pytest.approx(1) and made["degree_low"].min() == pytest.approx(0)


def test_the_reading_names_the_first_the_steadiest_and_the_least_steady() -> None:
    rows = pd.DataFrame(
        {
            "entity_code": [110000, 120000, 130000],
            "kind": "both",
            "rank": [1, 2, 3],
            "rank_low": [1.0, 1.0, 3.0],
            "rank_high": [2.0, 3.0, 3.0],
        }
    )
    said = steadiness(rows, PANEL)
    assert "half of the places span 1 steps" in said.en
    assert "Beijing, first here, ranks 1–2" in said.en and "steadiest is Hebei (3–3)" in said.en
    assert "least steady Tianjin (1–3)" in said.en and "居首的北京" in said.zh


def test_without_rows_there_is_no_figure() -> None:
    with pytest.raises(FigureError, match="no ranks"):
        rank_figure(good()["coordination_rank"].iloc[:0], PANEL, "real")
