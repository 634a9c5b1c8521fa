"""Network models of a made-up study: fits against plain numpy, unlisted pairs, what is left out, words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from catalog import load_tables
from catalog.base import CatalogError
from catalog.identity import COLUMNS
from catalog.part_options import SettingError
from catalog.parts import ergm
from models_py.figures.table import ReportTable
from models_py.network.graph import NetworkError
from models_py.parts.ergm.prepared import NetworkError as Refused
from models_py.parts.frame import Seen
from models_py.parts.registry import parts_of, run_study, shows_of
from tests.models_py.parts.ergm.made_up_flows import (
    CITIES,
    COUNTIES,
    LISTED,
    STUDY,
    WITHOUT_LIST,
    Frames,
    city,
    figures,
    inputs,
    made,
    panel,
    study,
)

PAIRS = len(CITIES) * (len(CITIES) - 1)
SIMULATED = """        - table_no: Table 4
          title: {en: Counties, zh: 县}
          networks: [persons]
          dyads: {GeoProx: inverse_distance}
          models:
            Model 1: {terms: [edges, "nodeicov('HTH')"]}
            Model 2: {like: Model 1, terms: ["edgecov('GeoProx')"]}
            shared: {like: Model 2, terms: ["gwesp(0.25, fixed=True)"]}
          headline: Model 2
"""


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Frames:
    return made(tmp_path_factory.mktemp("tied"))


def rows(tables: Frames, table: str, **where: str) -> pd.DataFrame:
    frame = tables[table]
    for name, value in where.items():
        frame = frame[frame[name] == value]
    return frame


def coefficients(tables: Frames, effect: str = "coef", **where: str) -> pd.DataFrame:
    own = rows(tables, "estimate", effect=effect, **{"variant": "", **where})
    return own.set_index("term")[["estimate", "std_error"]]


def distances(codes: list[int]) -> np.ndarray:
    """Distances in km in Albers' projection of a sphere, written out (Snyder 1987, 14-1 to 14-6)."""
    placed = city().set_index("entity_code").loc[codes]
    south, north, origin = np.radians([25, 47, 0])
    n = (np.sin(south) + np.sin(north)) / 2
    c = np.cos(south) ** 2 + 2 * n * np.sin(south)
    rho = 6371.007 / n * np.sqrt(c - 2 * n * np.sin(np.radians(placed["lat"].to_numpy())))
    angle = n * np.radians(placed["lon"].to_numpy() - 105)
    x, y = rho * np.sin(angle), 6371.007 / n * np.sqrt(c - 2 * n * np.sin(origin)) - rho * np.cos(angle)
    return np.hypot(x[:, None] - x, y[:, None] - y)


def plain(codes: list[int], year: int, ties: np.ndarray, known: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Model 3 as a logistic regression in numpy: coefficients, errors, log-likelihood."""
    own = figures().query("year == @year").set_index("entity_code").loc[codes]
    n, province = len(codes), np.array(codes) // 10000
    apart = distances(codes)
    np.fill_diagonal(apart, np.inf)
    columns = [
        np.ones((n, n)), np.tile(own["hospitals"], (n, 1)), np.tile(own["gdp"], (n, 1)), 100 / apart,
        1.0 * (province[:, None] == province),
    ]  # fmt: skip
    x, y = np.column_stack([one[known] for one in columns]), ties[known].astype(float)
    size = np.abs(x).max(axis=0)
    x, b = x / size, np.zeros(x.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-x @ b))
        information = (x * (p * (1 - p))[:, None]).T @ x
        b = b + np.linalg.solve(information, x.T @ (y - p))
    p = 1 / (1 + np.exp(-x @ b))
    value = float(np.log(np.where(y > 0, p, 1 - p)).sum())
    return b / size, np.sqrt(np.diag(np.linalg.inv(information))) / size, value


def states() -> tuple[np.ndarray, np.ndarray]:
    """Ties of the day by its flows and lists, and which pairs are known: not those of the city without a list."""
    pairs = inputs()["city_pair"].query("network == 'day'")
    place = {code: at for at, code in enumerate(CITIES)}
    flow = np.zeros((len(CITIES),) * 2)
    for row in pairs.itertuples():
        flow[place[row.origin_code], place[row.destination_code]] = row.flow
    known = ~np.eye(len(CITIES), dtype=bool)
    known[place[WITHOUT_LIST]] = False
    return flow >= pairs["flow"].mean(), known


def test_tables_have_the_declared_columns_and_keys(tables: Frames) -> None:
    for name in ("estimate", "model_fit", "spec_test", "tie_probability", "goodness_of_fit"):
        table, frame = load_tables()[name], tables[name]
        assert list(frame.columns) == [column for column in table.columns if column != "data_kind"], name
        assert len(frame) and not frame.duplicated(list(table.key)).any(), name
        assert frame[list(table.key)].notna().all(axis=None), name
    own = tables["estimate"].query("estimator == 'ergm'")
    assert set(own["sample"]) == {"day", "later", "persons"} and own[list(COLUMNS)].notna().all(axis=None)


def test_an_exact_model_is_a_logistic_regression_of_the_known_pairs(tables: Frames) -> None:
    ties, known = states()
    b, errors, value = plain(CITIES, 2020, ties, known)
    found = coefficients(tables, model="Model 3", sample="day")
    assert found.index.tolist() == ["edges", "nodeicov.HTH", "nodeicov.GDP", "edgecov.GeoProx", "edgecov.SameProv"]
    np.testing.assert_allclose(found["estimate"], b, rtol=1e-6)
    np.testing.assert_allclose(found["std_error"], errors, rtol=1e-5)
    fit = rows(tables, "model_fit", model="Model 3", sample="day", variant="").iloc[0]
    assert fit["log_likelihood"] == pytest.approx(value, abs=1e-6)
    assert fit["n_obs"] == known.sum() == PAIRS - 23 and fit["n_dropped"] == 23
    assert fit["aic"] == pytest.approx(10 - 2 * value) and fit["bic"] == pytest.approx(5 * np.log(529) - 2 * value)
    assert "nothing was simulated" in fit["note_en"] and "23个状态不明的节点对按未知处理" in fit["note_zh"]


def test_treatments_of_unlisted_pairs_stand_beside_the_own_one(tables: Frames) -> None:
    ties, _ = states()
    fits = rows(tables, "model_fit", model="Model 3", sample="day").set_index("variant")["n_obs"]
    assert fits.to_dict() == {"": 529, "unlisted=all_zero": PAIRS, "unlisted=listed_only": 23 * LISTED}
    every = ~np.eye(len(CITIES), dtype=bool)
    found = rows(tables, "estimate", model="Model 3", sample="day", variant="unlisted=all_zero", effect="coef")
    np.testing.assert_allclose(found["estimate"], plain(CITIES, 2020, ties, every)[0], rtol=1e-6)
    # In a survey every pair is known.
    assert set(rows(tables, "model_fit", table_no="Table 4")["variant"]) == {""}


def test_odds_ratios_and_standard_deviations(tables: Frames) -> None:
    where = {"model": "Model 3", "sample": "day"}
    coef, odds, per_sd, odds_sd = (
        coefficients(tables, effect, **where) for effect in ("coef", "odds_ratio", "per_sd", "odds_ratio_sd")
    )
    _, known = states()
    hospitals = figures().query("year == 2020").set_index("entity_code").loc[CITIES, "hospitals"].to_numpy()
    sd = np.tile(hospitals, (len(CITIES), 1))[known].std()
    beta = coef.loc["nodeicov.HTH", "estimate"]
    assert odds.loc["nodeicov.HTH", "estimate"] == pytest.approx(np.exp(beta))
    assert per_sd.loc["nodeicov.HTH", "estimate"] == pytest.approx(beta * sd)
    assert odds_sd.loc["nodeicov.HTH", "estimate"] == pytest.approx(np.exp(beta * sd))
    assert "edges" not in odds.index and "edgecov.SameProv" not in per_sd.index and "edgecov.SameProv" in odds.index
    row = rows(tables, "estimate", effect="odds_ratio", variant="", term="nodeicov.HTH", **where).iloc[0]
    assert row["ci_low"] == pytest.approx(np.exp(beta - 1.959964 * coef.loc["nodeicov.HTH", "std_error"]), rel=1e-6)


def test_probabilities_are_averages_over_the_known_pairs(tables: Frames) -> None:
    ties, known = states()
    own = rows(tables, "tie_probability", model="Model 3", network="day").set_index(["quantity", "term"])["estimate"]
    # With edges the mean probability of a logit is the density.
    assert own["average", ""] == pytest.approx(ties[known].mean(), abs=1e-8)
    assert ("marginal_sd", "edgecov.SameProv") not in own.index and ("marginal", "edgecov.SameProv") in own.index
    assert own["marginal", "nodeicov.HTH"] > 0
    assert not set(tables["tie_probability"]["quantity"]) & {"marginal_effect", "mean_probability"}


def test_models_are_tested_against_the_one_within_them(tables: Frames) -> None:
    fits = rows(tables, "model_fit", sample="day", variant="").set_index("model")["log_likelihood"]
    tests = rows(tables, "spec_test", sample="day", variant="", test="lr_nested").set_index(["model", "subject"])
    for model, like in (("Model 2", "Model 1"), ("Model 3", "Model 2"), ("with mutual", "Model 3")):
        assert tests.loc[(model, like), "statistic"] == pytest.approx(2 * (fits[model] - fits[like]), abs=1e-6)
        assert tests.loc[(model, like), "df"] == 1
    assert tests.loc[("with mutual", "Model 3"), "p_value"] < 0.001


def test_a_model_too_long_to_simulate_is_left_out_and_said(tables: Frames, tmp_path: Path) -> None:
    left = rows(tables, "spec_test", test="not_simulated")
    assert left["sample"].tolist() == ["day", "later"] and set(left["statistic"]) == {24.0}
    assert "has 24 nodes, more than the 20" in left["note_en"].iloc[0] and "上限20" in left["note_zh"].iloc[0]
    assert rows(tables, "estimate", model="with shared partners").empty
    shown = tables_shown(tables, tmp_path)
    for lang, told in (
        ("en", "Left out: ties depend on more than their pair"),
        ("zh", "未运行：边的依赖超出所在节点对"),
    ):
        assert told in shown["table_3_day"].printed(lang).remarks


def test_one_run_may_simulate_larger_networks(tmp_path: Path) -> None:
    options = study(tmp_path).options(ergm.Options)
    assert options.for_run({"simulated_nodes": 300.0}).simulated_nodes == 300
    with pytest.raises(SettingError, match="simulated_nodes"):
        options.for_run({"simulated_nodes": -1.0})


def test_unknown_pairs_and_shared_partners_are_refused_in_words(tmp_path: Path) -> None:
    """Above the limit nothing is tried; below it the own treatment is refused, and the paper's way is simulated."""
    text = STUDY.replace("simulated_nodes: 20", "simulated_nodes: 24").replace("[day, later]", "[day]")
    text = text[: text.index("        - table_no: Table 4")] + text[text.index("      simulated_nodes") :]
    text = text[: text.index("  - goodness_of_fit")]
    tables = made(tmp_path, text)
    refused = rows(tables, "spec_test", test="not_estimable", variant="")
    assert refused["model"].tolist() == ["with shared partners"]
    assert "`observed` with gwesp.OTP.fixed.0.25" in refused["note_en"].iloc[0]
    done = rows(tables, "estimate", model="with shared partners", effect="coef")
    assert set(done["variant"]) == {"unlisted=all_zero"} and set(done["method"]) == {"mcmc"}


def test_a_simulated_model_has_its_diagnostics(tmp_path: Path) -> None:
    text = STUDY[: STUDY.index("        - table_no: Table 3")] + SIMULATED + "      simulated_nodes: 20\n"
    tables = made(tmp_path, text)
    found = rows(tables, "estimate", model="shared", effect="coef").set_index("term")
    assert found.loc["gwesp.OTP.fixed.0.25", "method"] == "mcmc" and (found["std_error"] > 0).all()
    tests = rows(tables, "spec_test", model="shared").set_index(["test", "subject"])["statistic"]
    assert (tests["mcmc_draws"] > 900).all() and (tests["mcmc_rhat"] < 1.1).all()
    assert (tests["mcmc_error"] < found["std_error"].reindex(tests["mcmc_error"].index)).all()
    fit = rows(tables, "model_fit", model="shared").iloc[0]
    assert "Monte Carlo maximum likelihood: 4 chains" in fit["note_en"] and len(COUNTIES) == 14


def test_z_scores_and_units_change_the_scale_alone(tables: Frames, tmp_path: Path) -> None:
    raw = coefficients(tables, model="Model 3", sample="day")
    z = made(tmp_path, short().replace("variables: {HTH", "scale: z, variables: {HTH"))
    sd = figures().query("year == 2020")["hospitals"].head(len(CITIES)).std(ddof=0)
    scaled = coefficients(z, model="Model 3", sample="day")
    assert scaled.loc["nodeicov.HTH", "estimate"] == pytest.approx(raw.loc["nodeicov.HTH", "estimate"] * sd)
    assert scaled.loc["edgecov.GeoProx", "estimate"] == pytest.approx(raw.loc["edgecov.GeoProx", "estimate"])
    per = made(tmp_path, short().replace("variables: {HTH", "scale: per_unit, per_unit: {GDP: 1000}, variables: {HTH"))
    unit = coefficients(per, model="Model 3", sample="day")
    assert unit.loc["nodeicov.GDP", "estimate"] == pytest.approx(1000 * raw.loc["nodeicov.GDP", "estimate"])
    row = rows(per, "estimate", model="Model 3", term="nodeicov.GDP", effect="coef").iloc[0]
    assert row["unit_en"].startswith("log-odds per 1000 × ")


def short() -> str:
    """The study with one network and models up to the third."""
    text = STUDY[: STUDY.index("            with mutual")] + "          headline: Model 3\n      unlisted: [observed]\n"
    return text.replace("[day, later]", "[day]")


@pytest.mark.parametrize(
    ("written", "instead", "message"),
    [
        ("networks: [day, later]", "networks: [day, night]", "night is no network of the part `network`"),
        ("like: Model 1, terms", "like: Model 9, terms", "like: 'Model 9' is no model that stands before it"),
        ("          headline: Model 3", "          headline: Model 4", "headline: 'Model 4' is none of the table's"),
        ("nodeicov('GDP')", "nodeicov('PCF')", "nodeicov('PCF'): no variable of nodes; known: GDP, HTH"),
        ("edgecov('SameProv')", "edgecov('Road')", "edgecov('Road'): no covariate of pairs; known: GeoProx, SameProv"),
        ("&has [hospitals, gdp]", "&has [gdp]", "hospitals is not among `having` of day, later"),
        ("table_no: Table 4", "table_no: Table 3", "tables: Table 3 stands twice"),
        ("nodal: {", "nodal: {per_unit: {GDP: 10}, ", "per_unit is declared for GDP, but scale is raw"),
        ("nodal: {", "nodal: {scale: per_unit, per_unit: {PCF: 10}, ", "per_unit: PCF is no variable"),
        ("nodal: {", "nodal: {scale: per_unit, per_unit: {GDP: 0}, ", "the unit of GDP must be above 0"),
        ("simulated_nodes: 20", "unlisted: [observed, observed]", "unlisted: observed stands twice"),
        ("Table 3: [Model 3,", "Table 3: [Model 7,", "models: Model 7 is no model of Table 3"),
        ("{models: {Table 3:", "{models: {Table 5:", "Table 5 is no table of the part `ergm`"),
        ("gravity: {tables: [Table 3,", "gravity: {tables: [Table 6,", "tables: Table 6 is no table of the part"),
        ("gravity: {", "gravity: {table_no: Table 3, ", "Table 3 is a table of the part `ergm`; take another"),
        ("gravity: {tables: [Table 3, Table 4]", "gravity: {tables: [Table 3, Table 3]", "Table 3 stands twice"),
    ],
)
def test_options_that_make_no_sense_are_refused(tmp_path: Path, written: str, instead: str, message: str) -> None:
    assert written in STUDY
    with pytest.raises(CatalogError) as error:
        study(tmp_path, STUDY.replace(written, instead, 1))
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("given", "column", "value", "message"),
    [
        ("city", "lon", np.nan, "day: 1 nodes have no coordinates: 110000"),
        ("city", "province_code", None, "day: 1 of 24 nodes have no province_code: 110000"),
    ],
)
def test_nodes_that_lack_what_a_model_needs_are_named(
    tmp_path: Path, given: str, column: str, value: Any, message: str
) -> None:
    frames = inputs()
    frame = frames[given]
    frames[given] = frame.assign(**{column: frame[column].astype(object).mask(frame["entity_code"] == 110000, value)})
    with pytest.raises(Refused, match=message):
        made(tmp_path, short(), frames)


def test_a_headline_without_an_estimate_stops_and_names_model_and_network(tmp_path: Path) -> None:
    frames = inputs()
    frames["figures"] = frames["figures"].assign(hospitals=5.0)
    with pytest.raises(NetworkError, match=r"Table 3 Model 3 \(day, ergm\): .*nodeicov.HTH"):
        made(tmp_path, short(), frames)


def tables_shown(tables: Frames, folder: Path) -> dict[str, ReportTable]:
    declared = study(folder)
    public = {name: frame for name, frame in tables.items() if not load_tables()[name].internal}
    seen = Seen(declared, panel(), {**inputs(), **public}, "synthetic")
    return {item.stem: item for one, show in shows_of(declared) for item in show.make(seen, one.options)}


def test_everything_is_shown_in_both_languages(tables: Frames, tmp_path: Path) -> None:
    declared, shown = study(tmp_path), tables_shown(tables, tmp_path)
    titled = {
        name
        for one, show in shows_of(declared)
        if one.id in ("ergm", "goodness_of_fit", "gravity")
        for name, _ in show.titled(declared, one.options)
    }
    # A survey has no lists; models that were not simulated have no picture.
    never = {name for name in titled if name.endswith("with_shared_partners")} | {"ergm_unlisted_table_4"}
    assert titled - never <= set(shown) and not never & set(shown)
    assert len(parts_of(declared)) == 4
    for name in titled - never:
        item = shown[name]
        if isinstance(item, ReportTable):
            for lang in ("en", "zh"):
                printed = item.printed(lang)
                assert item.synthetic and all(cell for row in printed.rows for cell in row.cells)
    drawn = [shown[name] for name in sorted(titled - never) if not isinstance(shown[name], ReportTable)]
    assert len(drawn) == 5
    for lang in ("en", "zh"):
        assert drawn[0].figure.chart_for(lang).to_dict()["vconcat"]


def test_words_are_made_of_the_numbers(tables: Frames, tmp_path: Path) -> None:
    shown = tables_shown(tables, tmp_path)
    odds = rows(tables, "estimate", model="Model 3", sample="day", variant="", term="nodeicov.HTH")
    odds = odds.set_index("effect")["estimate"]
    printed = {lang: shown["ergm_words_table_3_day"].printed(lang) for lang in ("en", "zh")}
    for lang in ("en", "zh"):
        words = printed[lang].rows[0].cells[0]
        assert f"{odds['odds_ratio']:.4f}" in words and f"{odds['odds_ratio_sd']:.4f}" in words
    last = printed["en"].rows[-1]
    assert last.label == "with mutual" and "against independent dyads, df 1, p < 0.001" in last.cells[0]
    assert "more of it would bring people" in printed["en"].remarks and "未能说明" in printed["zh"].remarks
    beside = shown["ergm_networks_table_3"].printed("en")
    assert beside.header == (("The day", "Another day"),)


def test_a_model_of_independent_dyads_misses_returned_ties(tables: Frames, tmp_path: Path) -> None:
    mutual = rows(tables, "goodness_of_fit", network="day", statistic="dyads", value="mutual").set_index("model")
    ties, _ = states()
    assert (mutual["observed"] == (ties & ties.T).sum() / 2).all() and (mutual["networks"] == 40).all()
    own, richer = mutual.loc["Model 3"], mutual.loc["with mutual"]
    assert (
        own["observed"] > own["simulated_high"]
        and richer["simulated_low"] <= richer["observed"] <= richer["simulated_high"]
    )
    said = tables_shown(tables, tmp_path)["goodness_of_fit_words"].printed("en").rows
    assert ": missed." in said[0].cells[0] and "ties do not depend on each other" in said[0].cells[0]
    assert ": reproduced." in said[1].cells[0] and "lets ties depend on each other" in said[1].cells[0]


def test_flows_are_those_of_a_poisson_regression(tables: Frames) -> None:
    """Both effects, by dummies in numpy; and what the first-order conditions say: totals of places are met."""
    pairs = inputs()["city_pair"].query("network == 'day'")
    place = {code: at for at, code in enumerate(CITIES)}
    flow = np.zeros((len(CITIES),) * 2)
    for row in pairs.itertuples():
        flow[place[row.origin_code], place[row.destination_code]] = row.flow
    _, known = states()
    apart = distances(CITIES)
    np.fill_diagonal(apart, np.inf)
    same = 1.0 * (np.array(CITIES)[:, None] // 10000 == np.array(CITIES) // 10000)
    i, j = np.nonzero(known)
    y = flow[i, j]
    x = np.column_stack([(100 / apart)[i, j], same[i, j], np.eye(len(CITIES))[i], np.eye(len(CITIES))[j][:, 1:]])
    x = x[:, np.abs(x).sum(axis=0) > 0]
    b = np.linalg.lstsq(x, np.log(y + 0.5), rcond=None)[0]
    for _ in range(60):
        mu = np.exp(x @ b)
        b = b + np.linalg.solve((x * mu[:, None]).T @ x, x.T @ (y - mu))
    found = coefficients(tables, table_no="Gravity", model="both effects", sample="day")
    np.testing.assert_allclose(found["estimate"], b[:2], rtol=1e-5)
    fit = rows(tables, "model_fit", table_no="Gravity", model="both effects", sample="day", variant="").iloc[0]
    assert fit["n_obs"] == known.sum() and "23 pairs that may be ties were left out" in fit["note_en"]
    listed = rows(tables, "model_fit", table_no="Gravity", model="both effects", sample="day").set_index("variant")
    assert listed.loc["unlisted=listed_only", "n_obs"] == 23 * LISTED


def test_the_same_inputs_give_the_same_tables(tables: Frames, tmp_path: Path) -> None:
    again = run_study(study(tmp_path), panel(), inputs(), "synthetic")
    for name in ("estimate", "model_fit", "spec_test", "tie_probability", "goodness_of_fit"):
        pd.testing.assert_frame_equal(again[name], tables[name])


def test_the_line_of_a_run_names_what_the_paper_is_about(tables: Frames, tmp_path: Path) -> None:
    declared = study(tmp_path)
    (one,) = [one for one in parts_of(declared) if one.id == "ergm"]
    line = one.part.headline(declared, {"estimate": tables["estimate"].sort_values("term")}, one.options)
    value = coefficients(tables, model="Model 3", sample="day").loc["nodeicov.HTH", "estimate"]
    assert f"Table 3 Model 3, day (529 pairs): nodeicov.HTH {value:.4g}, nodeicov.GDP" in line
