"""What is published of a survey's network tells of no cell below the limit."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.models_py.parts.network.flows import Frames, inputs, made


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Frames:
    return made(tmp_path_factory.mktemp("moving"))


def of(tables: Frames, network: str) -> pd.DataFrame:
    return tables["centrality"].query(f"network == '{network}'").set_index("city_code")


def test_sums_below_the_limit_are_empty_and_others_rounded(tables: Frames) -> None:
    found = of(tables, "persons")
    # 44 arrive at 330106, 12 at 330102; 8 at 330203 are too few.
    assert found["in_strength"].fillna(-1).to_dict() == {330102: 10, 330106: 45, 330203: -1, 330212: 0, 330302: 0}
    assert found["out_strength"].fillna(-1).to_dict() == {330102: 25, 330106: 10, 330203: 15, 330212: 10, 330302: -1}
    assert found.loc[330106, "in_share"] == pytest.approx(45 / 55) and pd.isna(found.loc[330203, "in_share"])


def test_no_measure_of_ties_tells_where_a_withheld_cell_lies(tmp_path: Path, tables: Frames) -> None:
    given = inputs()
    edges = given["survey_edge"]
    # The four from 330302 to 330106 went to 330102 instead.
    moved = (edges["origin_code"] == 330302) & (edges["destination_code"] == 330106)
    edges.loc[moved, "destination_code"] = 330102
    assert moved.sum() == 1 and not edges.loc[moved, "shown"].any()
    full, other = of(tables, "persons"), of(made(tmp_path, given=given), "persons")
    of_ties = ["in_degree", "out_degree", "in_degree_std", "betweenness", "pagerank", "community"]
    pd.testing.assert_frame_equal(full[of_ties], other[of_ties])
    assert full["in_degree"].sum() == 3, "three cells are shown"


def test_only_the_named_setting_publishes_every_cell(tmp_path: Path) -> None:
    given = inputs(small_cells=0)
    given["survey_edge"]["shown"] = True
    found = of(made(tmp_path, given=given), "persons")
    assert found["in_strength"].to_dict() == {330102: 12, 330106: 44, 330203: 8, 330212: 0, 330302: 0}
    assert found["in_degree"].sum() == 7


def test_networks_of_services_have_all_measures(tables: Frames) -> None:
    found = of(tables, "day")
    assert found["in_share"].mean() == pytest.approx(1 / 6) and found["in_share"].sum() == pytest.approx(1)
    assert found["in_degree"].sum() == found["out_degree"].sum() == 8
    assert found["in_degree_std"].mean() == pytest.approx(8 / 30)
