"""The evidence on one term, put together."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from catalog import load_provinces, load_tables
from catalog.parts.diagnostics import Options
from models_py.econometrics import EstimationError
from models_py.econometrics.model_data import ModelData
from models_py.panel import panel_of
from models_py.parts.diagnostics.influence import influence
from models_py.parts.diagnostics.part import fit_evidence
from models_py.spatial.conley import conley
from tests.models_py.few_cluster_panels import panel
from tests.models_py.spatial.test_conley import PLACES, opposite_neighbours

CODES = tuple(province.province_code for province in load_provinces())
OPTIONS = Options(cutoff_km=900.0)
CHINESE = "[\u4e00-\u9fff]"


def counties(lon: list[float]) -> ModelData:
    """Seven years of six counties on one parallel, 96 km to a degree."""
    codes = range(1, 7)
    names = {"entity_code": codes, "name_zh": [f"县{i}" for i in codes], "name_en": list("ABCDEF")}
    entities = pd.DataFrame({**names, "lon": lon, "lat": 30.0})
    return dataclasses.replace(panel(codes=tuple(codes)), panel=panel_of("county", entities, (2013, 2019)))


def assert_published(evidence: dict) -> None:
    for name in ("estimate", "spec_test", "influence"):
        frame, table = evidence[name], load_tables()[name]
        assert frame.columns.tolist() == [c for c in table.columns if c != "data_kind"]
        assert not frame.duplicated(list(table.key)).any()
        assert frame[list(table.key)].notna().all(axis=None)
        assert (frame[["study", "table_no", "model"]] == ["demo", "Table 0", "(1)"]).all(axis=None)


def test_all_tables():
    data = panel(codes=CODES)
    evidence = fit_evidence(data, "x", OPTIONS)
    assert_published(evidence)
    pd.testing.assert_frame_equal(evidence["influence"], influence(data, "x"))
    both = pd.concat([conley(data, PLACES, 900.0, kernel, ["x"]) for kernel in ("bartlett", "uniform")])
    pd.testing.assert_frame_equal(evidence["estimate"][both.columns], both.reset_index(drop=True), check_dtype=False)
    rows = evidence["spec_test"]
    assert {"influence_province_min", "moran_residual_pooled", "conley_pairs"} <= set(rows["test"])
    assert {"residual_autocorrelation", "minimum_detectable_coefficient_cr3"} <= set(rows["test"])
    assert rows["note_zh"].str.contains(CHINESE).all()
    # In the English only names of provinces are Chinese.
    assert not rows["note_en"].str.replace(r"\S+ [\w ]+ \(\d{6}\)", "", regex=True).str.contains(CHINESE).any()
    pairs = rows.set_index("test").loc["conley_pairs"]
    assert "of 465," in pairs["note_en"] and "共465对" in pairs["note_zh"]
    pd.testing.assert_frame_equal(fit_evidence(data, "x", OPTIONS)["spec_test"], rows)


def test_a_kernel_without_a_variance_is_named():
    evidence = fit_evidence(opposite_neighbours(), "x", OPTIONS.model_copy(update={"cutoff_km": 5000.0}))
    assert "conley_uniform" not in set(evidence["estimate"]["method"])
    row = evidence["spec_test"].set_index(["test", "subject"]).loc[("conley_not_available", "uniform")]
    assert pd.isna(row["statistic"]) and "is not positive" in row["note_en"] and "无标准误" in row["note_zh"]


def test_entities_without_coordinates_and_neighbours():
    evidence = fit_evidence(counties([100, 101, 102, 103, np.nan, 105]), "x", OPTIONS)
    assert_published(evidence)
    assert evidence["estimate"].empty
    rows = evidence["spec_test"].set_index(["test", "subject"])
    absent = rows.loc[("conley_not_available", "")]
    assert pd.isna(absent["statistic"]) and "no coordinates of E." in absent["note_en"]
    assert "县的坐标：县5" in absent["note_zh"]
    assert "which counties are neighbours is not declared" in rows.loc[("moran_residual", ""), "note_en"]
    assert set(evidence["influence"]["kind"]) == {"county", "year"}
    assert "each county left out" in rows.loc[("influence_county_min", "x"), "note_en"]
    texts = evidence["spec_test"][["note_en", "note_zh"]].to_numpy().ravel().tolist()
    assert not any("provinc" in text.lower() or "省" in text for text in texts)


def test_counties_with_coordinates_have_conley_standard_errors():
    evidence = fit_evidence(
        counties([100, 101, 102, 103, 104, 105]), "x", OPTIONS.model_copy(update={"cutoff_km": 150})
    )
    assert "conley_bartlett" in set(evidence["estimate"]["method"])
    row = evidence["spec_test"].set_index("test").loc["conley_pairs"]
    assert row["statistic"] == 5 and "Pairs of counties, of 15," in row["note_en"]


def test_refusals_reach_the_caller():
    data = panel(codes=CODES)
    with pytest.raises(EstimationError, match="'z' is not a regressor"):
        fit_evidence(data, "z", OPTIONS)
    with pytest.raises(EstimationError, match="identity"):
        exact = data.frame.assign(y=data.frame["x"] + data.frame["a"])
        fit_evidence(dataclasses.replace(data, frame=exact), "x", OPTIONS)
