"""Re-assigned exposure paths against refitting the model on every re-assigned panel."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from models_py.econometrics import EstimationError, IdentityError
from models_py.econometrics.few_clusters.randomisation import randomisation_inference
from models_py.panel import panel_of
from tests.models_py.few_cluster_panels import CODES, KINDS, panel

G = len(CODES)


def orders(permutations, seed, positions):
    """Which province's path each province gets, by the documented generator."""
    order = np.tile(np.arange(G), (permutations, 1))
    order[:, positions] = np.random.default_rng(seed).permuted(order[:, positions], axis=1)
    return order


def with_paths(data, order):
    """The panel with province i's exposure taken from province order[i], year by year."""
    paths = data.frame.set_index(["entity_code", "year"])["x"]
    donor = data.frame["entity_code"].map(dict(zip(CODES, np.array(CODES)[order], strict=True)))
    moved = paths.reindex(pd.MultiIndex.from_arrays([donor, data.frame["year"]])).to_numpy()
    return replace(data, frame=data.frame.assign(x=moved))


@pytest.mark.parametrize("kind", KINDS)
def test_every_reassignment_equals_a_refit(kind):
    data = panel(kind)
    # The province whose row is absent in the unbalanced panels keeps its path.
    movable = [0, 1, 3, 4, 5] if kind.startswith("unbalanced") else list(range(G))
    result = randomisation_inference(data, "x", permutations=12, seed=4)
    own, refits = (
        data.fit(),
        [with_paths(data, order).fit() for order in orders(12, 4, movable)],
    )
    factor = np.sqrt(own.evidence["ssc_factor"])
    coefficients = np.array([fit.estimates["estimate"].iloc[0] for fit in refits])
    t = np.array([fit.estimates["statistic"].iloc[0] for fit in refits])
    np.testing.assert_allclose(result.coefficients, coefficients, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(result.statistics, t * factor, rtol=1e-8, atol=1e-10)
    estimate, statistic = own.estimates[["estimate", "statistic"]].iloc[0]
    assert result.estimate == pytest.approx(estimate, rel=1e-9)
    assert result.statistic == pytest.approx(statistic * factor, rel=1e-9)
    assert result.p_value == (1 + (np.abs(coefficients) >= abs(estimate) * (1 - 1e-9)).sum()) / 13
    assert result.p_value_t == (1 + (np.abs(t) >= abs(statistic) * (1 - 1e-9)).sum()) / 13
    assert result.fixed == ((130000,) if kind.startswith("unbalanced") else ())
    assert result.movable == len(movable)


def test_within_region_exchanges_only_there():
    """北京 天津 河北 辽宁 are the east; 山西 and 内蒙古, centre and west, have nobody to exchange with."""
    data = panel()
    result = randomisation_inference(data, "x", permutations=10, seed=1, within="region")
    assert result.movable == 6 - 2
    order = np.tile(np.arange(G), (10, 1))
    rng = np.random.default_rng(1)
    for group in ([3], [0, 1, 2, 5], [4]):
        order[:, group] = rng.permuted(order[:, group], axis=1)
    refits = [with_paths(data, one).fit().estimates["estimate"].iloc[0] for one in order]
    np.testing.assert_allclose(result.coefficients, refits, rtol=1e-8)


def test_a_row_dropped_for_another_column_leaves_the_path_whole():
    data = panel()
    data.frame.loc[3, "y"] = np.nan
    assert randomisation_inference(data, "x", permutations=9).fixed == ()
    data.frame.loc[3, "x"] = np.nan
    assert randomisation_inference(data, "x", permutations=9).fixed == (110000,)


def test_p_values_of_exchangeable_provinces_are_uniform():
    """Outcomes drawn without regard to exposure: 10 % of 100 panels below 0.1, to the 99.9 % binomial bound."""
    small = 0
    for seed in range(100):
        data = panel(seed=seed)
        noise = np.random.default_rng(seed + 1000).normal(size=len(data.frame))
        null = replace(data, frame=data.frame.assign(y=noise), regressors=("x",))
        small += randomisation_inference(null, "x", permutations=39, seed=seed).p_value <= 0.1
    low, high = stats.binom.ppf([0.0005, 0.9995], 100, 0.1)
    assert low <= small <= high


def test_a_strong_association_is_found():
    data = panel(codes=(*CODES, 220000, 230000, 310000), years=10)
    strong = replace(data, frame=data.frame.assign(y=data.frame["y"] + 40 * data.frame["x"]))
    result = randomisation_inference(strong, "x", permutations=199)
    assert max(result.p_value, result.p_value_t) <= 2 / 200


def test_identical_paths_tie_with_the_assignment_that_happened():
    """One exposed province of three: a third of the re-assignments leave it exposed and must count."""
    data = panel(codes=CODES[:3])
    exposed = (data.frame["entity_code"] == CODES[0]) & (data.frame["year"] >= 2016)
    data = replace(data, frame=data.frame.assign(x=exposed.astype(float)), regressors=("x",))
    result = randomisation_inference(data, "x", permutations=300)
    same = np.isclose(result.coefficients, result.estimate, rtol=1e-12)
    assert 60 < same.sum() < 140
    assert result.p_value >= (1 + same.sum()) / 301
    assert result.distinct_paths == 2


def test_a_reassignment_that_a_control_explains_is_counted():
    data = panel(codes=CODES[:2])
    swapped = with_paths(data, np.array([1, 0, 2, 3, 4, 5])).frame["x"]
    data = replace(data, frame=data.frame.assign(a=swapped), regressors=("x", "a"))
    with pytest.raises(EstimationError, match="collinear"):
        randomisation_inference(data, "x")  # two provinces: the swap is the negative, after year effects
    data = panel()
    swapped = with_paths(data, np.array([1, 0, 2, 3, 4, 5])).frame["x"]
    data = replace(data, frame=data.frame.assign(a=swapped), regressors=("x", "a"))
    result = randomisation_inference(data, "x", permutations=2000)
    hits = (orders(2000, 0, list(range(G))) == np.array([1, 0, 2, 3, 4, 5])).all(axis=1).sum()
    assert result.degenerate == hits > 0
    assert np.isinf(result.statistics).sum() == hits


def test_same_seed_same_result():
    one, same, other = (randomisation_inference(panel(), "x", permutations=50, seed=seed) for seed in (3, 3, 4))
    assert one.coefficients.tobytes() == same.coefficients.tobytes() != other.coefficients.tobytes()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"treatment": "z"}, "no regressor 'z'"),
        ({"permutations": 0}, "permutations"),
        ({"within": "coast"}, "within 'coast'"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(arguments, message):
    with pytest.raises(EstimationError, match=message):
        randomisation_inference(panel(), **{"treatment": "x", **arguments})


def test_exposure_without_variation_is_refused():
    data = panel()
    with pytest.raises(EstimationError, match="'x' is constant"):
        randomisation_inference(replace(data, frame=data.frame.assign(x=0.0)), "x")


def test_an_entity_without_a_region_is_named():
    data = panel(codes=(7, *CODES[1:]))
    assert randomisation_inference(data, "x", permutations=9).movable == G
    with pytest.raises(EstimationError, match="no region is known for 7"):
        randomisation_inference(data, "x", within="region")


def counties(region):
    """The six entities as counties of a made-up panel."""
    rows = pd.DataFrame({"entity_code": CODES, "name_zh": "甲县", "name_en": "County A", "region": region})
    return panel_of("county", rows, (2013, 2019))


def test_regions_are_those_of_the_panel():
    """Three in each of two regions, whatever the codes mean elsewhere."""
    data = replace(panel(), panel=counties(["north"] * 3 + ["south"] * 3))
    result = randomisation_inference(data, "x", permutations=10, seed=1, within="region")
    assert result.movable == G
    order = np.tile(np.arange(G), (10, 1))
    rng = np.random.default_rng(1)
    for group in ([0, 1, 2], [3, 4, 5]):
        order[:, group] = rng.permuted(order[:, group], axis=1)
    refits = [with_paths(data, one).fit().estimates["estimate"].iloc[0] for one in order]
    np.testing.assert_allclose(result.coefficients, refits, rtol=1e-8)


def test_a_panel_without_regions_has_nothing_within_them():
    data = replace(panel(), panel=counties(""))
    plain = randomisation_inference(data, "x", permutations=9)
    np.testing.assert_array_equal(
        plain.coefficients, randomisation_inference(panel(), "x", permutations=9).coefficients
    )
    with pytest.raises(EstimationError, match=r"demo, Table 0 \(1\): no region is known for any county"):
        randomisation_inference(data, "x", within="region")


def test_no_whole_path_is_refused():
    """Every province lacks its exposure in another year."""
    data = panel()
    lacking = data.frame["year"] - 2013 == data.frame["entity_code"].map(dict(zip(CODES, range(G), strict=True)))
    data.frame.loc[lacking, "x"] = np.nan
    with pytest.raises(EstimationError, match="no two provinces with a whole path"):
        randomisation_inference(data, "x")


def test_paths_that_do_not_differ_and_an_identity_are_refused():
    data = panel(codes=CODES[:4])
    # Different only in the province whose path is not whole.
    data.frame["x"] = (data.frame["year"] >= 2016).astype(float)
    data.frame.loc[0:2, "x"] = [0.5, 0.1, np.nan]
    with pytest.raises(EstimationError, match=r"demo, Table 0 \(1\): no two provinces"):
        randomisation_inference(data, "x")
    exact = replace(panel(), frame=panel().frame.assign(y=panel().frame["x"]))
    with pytest.raises(IdentityError):
        randomisation_inference(exact, "x")
