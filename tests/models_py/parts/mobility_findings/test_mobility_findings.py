"""F-B1 to F-B7: arithmetic on printed figures, and the study's own tables."""

import math
from types import SimpleNamespace

import pandas as pd
import pytest

from catalog import load_studies
from models_py.parts.comparison.printed import read_printed
from models_py.parts.mobility_findings.checks import mobility_findings
from models_py.parts.mobility_findings.facts import FACTS
from models_py.parts.mobility_findings.paper_texts import (
    centrality,
    controls,
    counted_pairs,
    least_density,
    lowest,
    node_lists,
    parameters,
    visits,
)
from tests.models_py.parts.mspi_findings.planting import printed_figures

STUDY = load_studies()["imbalance"]
PUBLISHED = printed_figures()
PRINTED = read_printed(PUBLISHED, "mobility paper")


def levels(hospitals: float, graded: float, high: float, low: float) -> pd.DataFrame:
    """Visits in 10^8."""
    values = {"hospitals_all": hospitals, "tertiary_hospitals": graded - 1, "secondary_hospitals": 1.0}
    values |= {"high_tier": high, "primary": low}
    rows = [{"scope": "nation", "year": 2021, "facility_type": kind, "visits": v * 1e4} for kind, v in values.items()]
    return pd.DataFrame(rows)


def gaps(zhejiang: float, nation: float = 30.0) -> pd.DataFrame:
    key = {
        "scope": "330000",
        "year": 2021,
        "compared_with": "nation",
        "measure": "bed_occupancy",
        "high_type": "high_tier",
    }
    return pd.DataFrame([key | {"high": zhejiang, "low": nation, "gap": zhejiang - nation}])


def found(data_kind: str = "real", **tables: pd.DataFrame) -> pd.DataFrame:
    return mobility_findings(STUDY, data_kind, PUBLISHED, tables).set_index("finding_id")


def test_the_parameters_behind_the_printed_criteria():
    assert [
        round(parameters(*pair), 4) for pair in ((4403.4285, 4438.1447), (4308.3034, 4349.9629), (4304.2947, 4352.8974))
    ] == [5, 6, 7]


def test_the_least_density():
    assert least_density(4393.4285) == pytest.approx(0.0834, abs=5e-5)
    # At a density of p a network of n pairs has exactly this deviance.
    density, n = 0.2, 1000
    deviance = -2 * n * (density * math.log(density) + (1 - density) * math.log(1 - density))
    assert least_density(deviance, n) == pytest.approx(density, abs=1e-9)
    with pytest.raises(ValueError, match="no network of 10 ordered pairs has a deviance of 100"):
        least_density(100, 10)


def test_what_follows_from_the_printed_figures():
    published, implied = (text.en for text in centrality(PRINTED))
    assert "0.068" in published and "at least 0.083" in implied and "5.0000, 6.0000, 7.0000" in implied
    published, implied = (text.en for text in visits(PRINTED))
    assert "34.86" in published and "38.838" in implied and "42.5" in implied
    assert centrality(read_printed(PUBLISHED[PUBLISHED["term"] != "BIC"], "mobility paper")) is None


def test_without_figures_by_type_nothing_is_testable():
    rows = found()
    assert rows["verdict"].tolist() == ["not testable"] * 7
    assert rows.index.tolist() == [f"F-B{number}" for number in range(1, 8)]
    assert rows.loc["F-B4", "observed"] == rows.loc["F-B6", "observed"] == "The study has no network."
    for name in ("F-B1", "F-B2", "F-B3"):
        assert rows.loc[name, "observed"] == "The study has no network models of Table 4."
    assert rows.loc["F-B5", "observed"] == "Visits by type of facility are not in these data."
    assert rows["published"].notna().all()


@pytest.mark.parametrize(
    ("hospitals", "tiers", "verdict"), [(38.8, (35.0, 20.0), "holds"), (50.0, (30.0, 8.9), "does not hold")]
)
def test_both_splits_are_recomputed(hospitals, tiers, verdict):
    row = found(imbalance=levels(hospitals, 34.9, *tiers)).loc["F-B5"]
    assert row["verdict"] == verdict
    assert f"34.90 in second- and third-level hospitals, {hospitals - 34.9:.2f} in other hospitals" in row["observed"]
    assert f"together {sum(tiers):.2f}" in row["observed"]


def test_invented_totals_decide_nothing():
    row = found("synthetic", imbalance=levels(38.8, 34.9, 35.0, 20.0)).loc["F-B5"]
    assert row["verdict"] == "not testable" and row["observed"].endswith("nothing follows about the paper.")


@pytest.mark.parametrize(("zhejiang", "verdict"), [(31.0, "holds"), (29.0, "does not hold")])
def test_gaps_by_the_same_types(zhejiang, verdict):
    row = found(imbalance_gap=gaps(zhejiang)).loc["F-B7"]
    assert row["verdict"] == verdict
    assert "26.1 points and 33.61 points are gaps between different types" in row["implied"]
    assert found(imbalance_gap=gaps(math.nan)).loc["F-B7", "verdict"] == "not testable"


def fits(bics: tuple[float, float, float] = (4438.1447, 4349.9629, 4352.8974)) -> pd.DataFrame:
    """The three models of Table 4 with the printed AIC, and one that is none of them."""
    aics = (4403.4285, 4308.3034, 4304.2947)
    key = {"table_no": "Table 4", "estimator": "ergm", "variant": "", "n_obs": 7656, "formula": "edges + nodeicov.PCF"}
    rows = [key | {"model": f"Model {at + 1}", "aic": aics[at], "bic": bics[at]} for at in range(3)]
    return pd.DataFrame([*rows, key | {"model": "mutual", "aic": 1.0, "bic": 1.0}])


def networks(density: float = 0.1, nodes: int = 88) -> pd.DataFrame:
    own = {"network": "zhejiang_2017", "own": True, "n_nodes": nodes, "density": density}
    return pd.DataFrame([own, own | {"own": False, "density": 0.9}])


def divisions(counties: int) -> pd.DataFrame:
    """So many counties of Zhejiang in 2017, and one that is gone, one that came later, one elsewhere, one city."""
    key = {"level": "county", "province_code": 330000, "first_year": None, "last_year": None}
    others = [{"last_year": 2016}, {"first_year": 2018}, {"province_code": 320000}, {"level": "prefecture"}]
    return pd.DataFrame([key] * counties + [key | one for one in others])


def test_what_follows_from_the_printed_criteria():
    published, implied = (text.en for text in counted_pairs(PRINTED))
    assert "4,403.4285, 4,438.1447" in published
    assert "5.0000, 6.0000, 7.0000 at n = 88 x 87 = 7,656 ordered pairs, and 14." in implied
    assert lowest(PRINTED)[1].en.startswith("BIC: 4,438.1447, 4,349.9629, 4,352.8974: Model 2 has the lowest")
    assert "k = 5: edges, PCF, HTH, GDP and exactly 1 more" in controls(PRINTED)[1].en
    assert node_lists(PRINTED)[0].en == "288 cities in 2023, 88 county-level units in 2017"
    assert counted_pairs(read_printed(PUBLISHED[PUBLISHED["term"] != "AIC"], "mobility paper")) is None


def test_criteria_of_the_study_are_judged():
    rows = found(model_fit=fits())
    assert rows.loc["F-B1", "verdict"] == "holds" and "k = 5.0000, 6.0000, 7.0000" in rows.loc["F-B1", "observed"]
    assert rows.loc["F-B2", "verdict"] == "holds" and "lowest BIC: Model 2" in rows.loc["F-B2", "observed"]
    assert rows.loc["F-B3", "verdict"] == "not testable" and "edges + nodeicov.PCF" in rows.loc["F-B3", "observed"]
    other = found(model_fit=fits((4438.1447, 4352.9629, 4352.8974)))
    assert other.loc["F-B1", "verdict"] == "does not hold" and other.loc["F-B2", "verdict"] == "does not hold"


@pytest.mark.parametrize(("density", "verdict"), [(0.1, "holds"), (0.05, "does not hold")])
def test_mean_in_degree_is_the_density(density, verdict):
    row = found(network_summary=networks(density)).loc["F-B4"]
    assert row["verdict"] == verdict and f"{density:.3f}; mean share of inflow: 0.0114" in row["observed"]


@pytest.mark.parametrize(("counties", "verdict"), [(89, "holds"), (88, "does not hold")])
def test_nodes_are_counted_against_the_list_of_divisions(counties, verdict):
    row = found(network_summary=networks(), city=divisions(counties)).loc["F-B6"]
    assert row["verdict"] == verdict and f"end of 2017 in the list of divisions: {counties}" in row["observed"]


def test_facts_of_the_paper_are_read_from_the_fits():
    results = SimpleNamespace(tables={"model_fit": fits().assign(log_likelihood=-2000.0)})
    place = ("Table 4", "all", "")
    assert FACTS["lowest_in_table_4"](results, place).value == 0
    assert FACTS["parameters_of_model_2"](results, place).value == pytest.approx(6, abs=1e-4)
    assert FACTS["deviance_of_model_1"](results, place).value == 4000
    assert math.isnan(FACTS["lowest_in_table_3"](results, place).value)
    results.tables["model_fit"].loc[2, "bic"] = 4000.0
    assert FACTS["lowest_in_table_4"](results, place).value == 1
