"""F-B4, F-B5 and F-B7: arithmetic on printed figures, and the study's own tables."""

import math

import pandas as pd
import pytest

from catalog import load_studies
from models_py.parts.comparison.printed import read_printed
from models_py.parts.mobility_findings.checks import mobility_findings
from models_py.parts.mobility_findings.paper_texts import centrality, least_density, parameters, visits
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
    return mobility_findings(STUDY, data_kind, PUBLISHED, **tables).set_index("finding_id")


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
    assert rows["verdict"].tolist() == ["not testable"] * 3
    assert rows.loc["F-B4", "observed"] == "The study has no network."
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
    row = found(gaps=gaps(zhejiang)).loc["F-B7"]
    assert row["verdict"] == verdict
    assert "26.1 points and 33.61 points are gaps between different types" in row["implied"]
    assert found(gaps=gaps(math.nan)).loc["F-B7", "verdict"] == "not testable"
