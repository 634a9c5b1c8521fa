"""The grid: every cell is the model it says, probabilities add up within an index, one figure shows all."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from catalog import Study, load_tables
from catalog.parts.weights_grid import GRID, Options
from medpanel.report.charts import chart_of
from models_py.econometrics.result import EstimationError
from models_py.figures.show import LANGS
from models_py.panel import province_panel
from models_py.parts.frame import Seen
from models_py.parts.registry import run_study
from models_py.parts.regressions.variables import prepare_variables
from models_py.parts.spatial_weights import made as weights_made
from models_py.parts.weights_grid.part import PART
from models_py.spatial import fit_spatial_durbin
from models_py.spatial.marginal import log_marginal
from tests.models_py.changing import with_part
from tests.models_py.figures.boxes import faults
from tests.models_py.figures.reading import CHINESE
from tests.models_py.parts import made_up
from tests.models_py.parts.spatial_durbin.made_up_space import PANEL, figures, run, study

WEIGHTS = ["contiguity", "knn_4", "inverse_distance_1000km"]
REGRESSORS = ["ln_gdp", "ln_urban"]


def of_grid(**options: Any) -> Study:
    own = {"outcome": "outcome", "regressors": REGRESSORS, "weights": WEIGHTS, **options}
    return study([{"weights_grid": own}])


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return run(of_grid())["weights_grid"]


def test_columns_and_key(rows: pd.DataFrame) -> None:
    table = load_tables()["weights_grid"]
    assert rows.columns.tolist() == [column for column in table.columns if column != "data_kind"]
    assert not rows.duplicated(list(table.key)).any() and len(rows) == 3 * 4


@pytest.mark.parametrize(("name", "model"), [("contiguity", "sdm"), ("knn_4", "sem"), ("knn_4", "slx")])
def test_a_cell_is_the_model_under_its_weights(rows: pd.DataFrame, name: str, model: str) -> None:
    matrix = weights_made(name, PANEL, {}, "")
    frame = prepare_variables(figures(), {}, study(), PANEL)
    fit = fit_spatial_durbin(frame, "outcome", REGRESSORS, "entity_code", "year", matrix, model=model)
    row = rows[(rows["weights"] == name) & (rows["estimator"] == model)].iloc[0]
    assert row["log_likelihood"] == pytest.approx(fit.fit["log_likelihood"], rel=1e-12)
    assert row["log_marginal"] == pytest.approx(log_marginal(fit.likelihood), rel=1e-12)
    term = {"sdm": "rho", "sem": "lambda"}.get(model)
    if term:
        assert row["rho"] == pytest.approx(fit.value(term), rel=1e-12)
    else:
        assert pd.isna(row["rho"])


def test_probabilities_add_up_and_follow_the_marginal_likelihood(rows: pd.DataFrame) -> None:
    fine = rows.dropna(subset=["log_marginal"])
    assert fine["posterior"].sum() == pytest.approx(1)
    odds = np.log(fine["posterior"].iloc[0] / fine["posterior"].iloc[1])
    assert odds == pytest.approx(fine["log_marginal"].iloc[0] - fine["log_marginal"].iloc[1], rel=1e-9)
    # The data were made by a spatial Durbin model under contiguity.
    best = fine.loc[fine["posterior"].idxmax()]
    assert (best["weights"], best["estimator"]) == ("contiguity", "sdm")


def test_weights_that_cannot_be_made_say_why(rows: pd.DataFrame) -> None:
    lost = rows[rows["weights"] == "inverse_distance_1000km"]
    assert lost["log_marginal"].isna().all() and lost["note_en"].str.contains("cannot be brought to sum 1").all()
    with pytest.raises(EstimationError, match="nothing could be estimated"):
        run(of_grid(weights=["inverse_distance_100km", "inverse_distance_200km"]))


def test_priors_are_printed(rows: pd.DataFrame) -> None:
    note = rows.loc[rows["weights"] == "contiguity", "note_en"].iloc[0]
    assert "Zellner's with g = 0.0047619" in note and "rho uniform on (-1.613, 1.000)" in note
    own = run(of_grid(g=0.01))["weights_grid"]
    assert "g = 0.01;" in own["note_en"].iloc[0] and own["log_marginal"].iloc[0] != rows["log_marginal"].iloc[0]


def with_constructions() -> tuple[Study, dict[str, pd.DataFrame]]:
    """A study whose outcome is an index that comes in several weightings."""
    full = made_up.mspi()
    index = next(part for part in full.parts if part.part() == "performance_index")
    index = type(index).model_validate({**index.model_dump(), "weightings": ["equal", "first_component", "entropy"]})
    grid = Options(
        outcome="mspi", regressors=("gdp_per_capita", "urbanization"), weights=GRID[:4], models=("sdm", "sar")
    )
    one = full.model_copy(update={"parts": (index, grid)})
    return one, made_up.mspi_inputs(full)


@pytest.fixture(scope="module")
def constructed() -> tuple[Study, dict[str, pd.DataFrame]]:
    one, inputs = with_constructions()
    return one, run_study(one, province_panel(one.years), inputs, "synthetic")


def test_every_construction_of_the_index_is_used(constructed: tuple[Study, dict[str, pd.DataFrame]]) -> None:
    rows = constructed[1]["weights_grid"]
    assert {"", "weighting=first_component", "weighting=entropy"} <= set(rows["variant"])
    assert rows.groupby("variant")["posterior"].sum().to_numpy() == pytest.approx(1)
    assert rows.groupby("variant")["log_likelihood"].first().nunique() == rows["variant"].nunique()


def test_one_figure_and_one_table_show_all(constructed: tuple[Study, dict[str, pd.DataFrame]]) -> None:
    one, tables = constructed
    seen = Seen(one, province_panel(one.years), tables, "synthetic")
    options = one.options(Options)
    [table] = PART.shows[0].make(seen, options)
    assert len(table.rows) == 4 and CHINESE.search(table.printed("zh").heading)
    assert not CHINESE.search(repr(table.printed("en")))
    [picture] = PART.shows[1].make(seen, options)
    for lang in LANGS:
        assert faults(chart_of(picture.figure, lang).svg) == []
    assert len(picture.figure.data) == 4 * 2 * tables["weights_grid"]["variant"].nunique()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"outcome": "nothing"}, "unknown variable 'nothing'"),
        ({"constructions": ["weighting=odd"]}, "no part makes the variant weighting=odd; known: none"),
        ({"weights": ["knn", "knn"]}, "knn stands twice"),
    ],
)
def test_options_that_do_not_fit_are_refused(options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        with_part(of_grid(), Options, **options)


def test_the_default_grid_has_a_dozen_matrices_that_can_be_made() -> None:
    assert len(GRID) >= 12
    for name in GRID:
        assert np.allclose(weights_made(name, PANEL, {"figures": figures()}, "gdp_per_capita").sum(axis=1), 1), name
