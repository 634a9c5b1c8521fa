"""The estimator against plain least squares with dummies, and its refusals."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from models_py.econometrics import EstimationError, fit_two_way_fe

TERMS = ["人均 GDP (元)", "x + z | ~"]


def random_panel(seed: int = 3, entities: int = 14, years: int = 9, holes: float = 0.15) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    grid = [(f"e{e:02d}", 2000 + t) for e in range(entities) for t in range(years)]
    frame = pd.DataFrame(grid, columns=["id", "t"])
    n = len(frame)
    frame["entity_effect"] = np.repeat(rng.normal(0, 30, entities), years)
    frame[TERMS[0]] = 1e5 + 1e4 * rng.normal(size=n) + 500 * frame["entity_effect"]
    frame[TERMS[1]] = 1e-4 * rng.normal(size=n)
    frame["y"] = frame["entity_effect"] + 2e-4 * frame[TERMS[0]] + 1e4 * frame[TERMS[1]] + rng.normal(size=n)
    frame["group"] = frame["id"].str[1:].astype(int) // 2
    return frame[rng.random(n) > holes].sample(frac=1, random_state=seed).reset_index(drop=True)


def dummies_ols(frame: pd.DataFrame, cluster: str, trends: bool) -> dict[str, np.ndarray | float]:
    """Textbook least squares on explicit dummies: coefficients, CR1, R2; no code shared."""
    frame = frame.sort_values(["id", "t"])
    ids, years = np.unique(frame["id"]), np.unique(frame["t"])
    x = np.column_stack([(frame[name] - frame[name].mean()) / frame[name].std() for name in TERMS])
    entity = np.column_stack([frame["id"] == i for i in ids]).astype(float)
    time = np.column_stack([frame["t"] == t for t in years[1:]]).astype(float)
    trend = entity[:, 1:] * (frame["t"].to_numpy() - years.mean())[:, None] if trends else np.empty((len(frame), 0))
    design = np.column_stack([x, trend, entity, time])
    y = frame["y"].to_numpy()
    assert np.linalg.matrix_rank(design) == design.shape[1]
    beta = np.linalg.lstsq(design, y, rcond=None)[0]
    residual = y - design @ beta
    bread = np.linalg.inv(design.T @ design)
    groups = frame[cluster].to_numpy()
    scores = np.array([design[groups == g].T @ residual[groups == g] for g in np.unique(groups)])
    n, count = len(y), len(scores)
    nested = all(frame.groupby("id")[cluster].nunique() == 1)
    k = 2 + trend.shape[1] + len(years) + (0 if nested else len(ids) - 1)
    factor = count / (count - 1) * (n - 1) / (n - k)
    covariance = factor * bread @ (scores.T @ scores) @ bread
    scale = np.array([frame[name].std() for name in TERMS])
    ssr = float(residual @ residual)
    within = y - frame.groupby("id")["y"].transform("mean").to_numpy()
    both = np.column_stack([entity, time])
    y_both = y - both @ np.linalg.lstsq(both, y, rcond=None)[0]
    log_likelihood = stats.norm(0, np.sqrt(ssr / n)).logpdf(residual).sum()
    return {
        "beta": beta[:2] / scale,
        "se": np.sqrt(np.diag(covariance)[:2]) / scale,
        "r2": 1 - ssr / np.sum((y - y.mean()) ** 2),
        "r2_within": 1 - ssr / np.sum(y_both**2),
        "r2_within_entity": 1 - ssr / np.sum(within**2),
        "log_likelihood": log_likelihood,
        "aic": -2 * log_likelihood + 2 * design.shape[1],
        "bic": -2 * log_likelihood + np.log(n) * design.shape[1],
        "df": count - 1,
    }


@pytest.mark.parametrize("trends", [False, True])
@pytest.mark.parametrize("holes", [0.0, 0.15])
@pytest.mark.parametrize("cluster", ["id", "group"])
def test_against_least_squares_with_dummies(trends, holes, cluster):
    frame = random_panel(holes=holes)
    expected = dummies_ols(frame, cluster, trends)
    result = fit_two_way_fe(frame, "y", TERMS, "id", "t", cluster=cluster, trends=trends)
    np.testing.assert_allclose(result.estimates["estimate"], expected["beta"], rtol=1e-9)
    np.testing.assert_allclose(result.estimates["std_error"], expected["se"], rtol=1e-9)
    for name in ("r2", "r2_within", "r2_within_entity", "log_likelihood", "aic", "bic"):
        assert result.fit[name] == pytest.approx(expected[name], rel=1e-9, abs=1e-9), name
    t = expected["beta"] / expected["se"]
    half = stats.t.ppf(0.975, expected["df"]) * expected["se"]
    np.testing.assert_allclose(result.estimates["p_value"], 2 * stats.t.sf(abs(t), expected["df"]), rtol=1e-7)
    np.testing.assert_allclose(result.estimates["ci_low"], expected["beta"] - half, rtol=1e-8)
    np.testing.assert_allclose(result.estimates["ci_high"], expected["beta"] + half, rtol=1e-8)
    assert result.evidence["df"] == expected["df"]
    assert result.evidence["n_trends"] == (13 if trends else 0)


@pytest.mark.parametrize("trends", [False, True])
def test_crv3_is_the_cluster_jackknife(trends):
    frame = random_panel(holes=0.1)
    full = dummies_ols(frame, "id", trends)["beta"]
    gaps = [dummies_ols(frame[frame["id"] != e], "id", trends)["beta"] - full for e in frame["id"].unique()]
    result = fit_two_way_fe(frame, "y", TERMS, "id", "t", vcov={"CRV3": "id"}, trends=trends)
    expected = np.sqrt(result.evidence["ssc_factor"] * np.sum(np.square(gaps), axis=0))
    np.testing.assert_allclose(result.estimates["std_error"], expected, rtol=1e-8)
    assert set(result.estimates["method"]) == {"cr3"}


def test_shape_of_the_result():
    result = fit_two_way_fe(random_panel(), "y", TERMS, "id", "t")
    assert result.estimates["term"].tolist() == TERMS
    assert set(result.estimates["effect"]) == {"coef"}
    assert set(result.estimates["method"]) == {"cr1"}
    assert set(result.estimates["ci_level"]) == {0.95}
    assert result.tests.columns.tolist() == ["test", "statistic", "df", "p_value"]
    assert result.tests.empty
    assert result.fit["n_clusters"] == 14
    assert result.evidence["seed"] is None
    assert json.loads(json.dumps(result.evidence))["clusters"] == {"id": 14}


def test_row_order_and_input_are_irrelevant_to_the_bit():
    frame = random_panel()
    before = frame.copy()
    first = fit_two_way_fe(frame, "y", TERMS, "id", "t")
    again = fit_two_way_fe(frame.sample(frac=1, random_state=9), "y", TERMS, "id", "t")
    pd.testing.assert_frame_equal(first.estimates, again.estimates, check_exact=True)
    pd.testing.assert_frame_equal(frame, before)


def test_units_do_not_matter():
    frame = random_panel()
    scaled = frame.assign(y=frame["y"] * 1e9 + 1e6, **{TERMS[1]: frame[TERMS[1]] * 1e-6})
    first = fit_two_way_fe(frame, "y", TERMS, "id", "t").estimates
    other = fit_two_way_fe(scaled, "y", TERMS, "id", "t").estimates
    np.testing.assert_allclose(other["estimate"], first["estimate"] * [1e9, 1e15], rtol=1e-8)
    np.testing.assert_allclose(other["p_value"], first["p_value"], rtol=1e-6)


def test_dropped_rows_are_counted_and_named():
    frame = random_panel().sort_values(["id", "t"]).reset_index(drop=True)
    frame.loc[4, TERMS[0]] = np.nan
    frame.loc[4, "y"] = np.nan
    frame.loc[20, TERMS[0]] = np.nan
    result = fit_two_way_fe(frame, "y", TERMS, "id", "t")
    assert result.fit["n_dropped"] == 2
    assert result.fit["n_obs"] == len(frame) - 2
    assert result.evidence["dropped_by_column"] == {"y": 1, TERMS[0]: 2}
    assert result.evidence["dropped_rows"] == [
        (frame.at[4, "id"], int(frame.at[4, "t"]), ("y", TERMS[0])),
        (frame.at[20, "id"], int(frame.at[20, "t"]), (TERMS[0],)),
    ]
    complete = fit_two_way_fe(frame.dropna(), "y", TERMS, "id", "t")
    pd.testing.assert_frame_equal(result.estimates, complete.estimates, check_exact=True)


def test_a_missing_cluster_drops_the_row():
    frame = random_panel()
    frame["group"] = frame["group"].astype("Int64")
    frame.loc[0, "group"] = pd.NA
    result = fit_two_way_fe(frame, "y", TERMS, "id", "t", cluster="group")
    assert result.evidence["dropped_by_column"] == {"group": 1}


def test_singletons_are_listed():
    frame = random_panel()
    alone = pd.concat([frame[frame["id"] != "e03"], frame[frame["id"] == "e03"].head(1)])
    assert fit_two_way_fe(alone, "y", TERMS, "id", "t").evidence["singletons"] == ["e03"]


def test_an_identity_has_no_likelihood():
    frame = random_panel()
    frame["y"] = 2 * frame[TERMS[1]] + frame["entity_effect"]
    result = fit_two_way_fe(frame, "y", [TERMS[1]], "id", "t")
    assert result.fit["r2"] == pytest.approx(1)
    assert result.fit["log_likelihood"] is None
    assert result.fit["aic"] is None


def duplicate(frame: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([frame, frame.head(1)])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: f.assign(y=4.0), "outcome 'y' is constant at 4.0"),
        (lambda f: f.assign(y=f["entity_effect"] + f["t"] ** 2), "outcome 'y' has no variation left"),
        (lambda f: f.assign(**{TERMS[0]: 1.5}), "GDP.* is constant at 1.5"),
        (lambda f: f.assign(**{TERMS[0]: f["entity_effect"] + f["t"] ** 2}), "GDP.* has no variation left"),
        (
            lambda f: f.assign(**{TERMS[1]: 3 * f[TERMS[0]] + f["t"] ** 2 + f["entity_effect"]}),
            r"'x \+ z \| ~' is collinear with '人均 GDP",
        ),
        (duplicate, "occur twice"),
        (lambda f: f.drop(columns=TERMS[0]), "absent from the data: '人均 GDP"),
        (lambda f: f.assign(**{TERMS[0]: "1"}), "is not numeric"),
        (lambda f: f.assign(y=f["y"].where(f.index != 7, np.inf)), "'y' is infinite in e"),
        (lambda f: f.assign(y=np.nan), "no complete row"),
        (lambda f: f.drop_duplicates("id"), "no variation left"),
        (lambda f: pd.concat([f, f[["y"]]], axis=1), "more than one column named 'y'"),
    ],
)
def test_refusals(change, message):
    with pytest.raises(EstimationError, match=message):
        fit_two_way_fe(change(random_panel()), "y", TERMS, "id", "t")


def test_a_regressor_that_is_an_entity_trend():
    frame = random_panel(holes=0)
    frame[TERMS[0]] = frame["entity_effect"] * frame["t"]
    assert fit_two_way_fe(frame, "y", TERMS, "id", "t").fit["n_obs"] == len(frame)
    with pytest.raises(EstimationError, match=r"no variation left after the .* and the entity trends"):
        fit_two_way_fe(frame, "y", TERMS, "id", "t", trends=True)


def test_trends_need_numeric_time():
    frame = random_panel().assign(t=lambda f: f["t"].astype(str))
    with pytest.raises(EstimationError, match="numeric time"):
        fit_two_way_fe(frame, "y", TERMS, "id", "t", trends=True)


def test_trends_need_more_than_two_periods():
    frame = random_panel(holes=0)
    with pytest.raises(EstimationError, match=r"no entity trend|no variation left|degrees of freedom"):
        fit_two_way_fe(frame[frame["t"] < 2002], "y", TERMS, "id", "t", trends=True)


def test_no_degrees_of_freedom():
    frame = random_panel(holes=0)
    small = frame[frame["id"].isin(["e00", "e01"]) & (frame["t"] < 2003)]
    with pytest.raises(EstimationError, match="degrees of freedom"):
        fit_two_way_fe(small, "y", TERMS, "id", "t")


def test_one_cluster():
    with pytest.raises(EstimationError, match="'group' needs at least 2 clusters"):
        fit_two_way_fe(random_panel().assign(group=1), "y", TERMS, "id", "t", cluster="group")


def test_crv3_without_identification():
    frame = random_panel()
    frame[TERMS[0]] = np.where(frame["id"] == "e05", frame[TERMS[0]], 0.0)
    with pytest.raises(EstimationError, match="CRV3: without one of the clusters '人均 GDP"):
        fit_two_way_fe(frame, "y", TERMS, "id", "t", vcov={"CRV3": "id"})


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"vcov": "HC3"}, "'HC3' is not offered"),
        ({"vcov": {"CRV2": "id"}}, "CRV2.* not offered"),
        ({"vcov": {"CRV3": "id+t"}}, "CRV3 takes one"),
        ({"cluster": ["id", "t", "group"]}, "one or two"),
        ({"cluster": []}, "one or two"),
        ({"cluster": "nowhere"}, "absent from the data: 'nowhere'"),
        ({"ssc": {"adj": True}}, r"unknown small-sample choices \['adj'\]"),
        ({"ssc": {"k_fixef": "nested"}}, "k_fixef must be one of"),
    ],
)
def test_choices_that_are_not_offered(choices, message):
    with pytest.raises(EstimationError, match=message):
        fit_two_way_fe(random_panel(), "y", TERMS, "id", "t", **choices)


@pytest.mark.parametrize(
    ("outcome", "regressors", "message"),
    [
        ("y", [], "at least one"),
        ("y", TERMS[0], "list of"),
        ("y", ["y"], "named more than once .* y"),
        ("y", [TERMS[0], TERMS[0]], "named more than once"),
    ],
)
def test_wrong_lists(outcome, regressors, message):
    with pytest.raises(EstimationError, match=message):
        fit_two_way_fe(random_panel(), outcome, regressors, "id", "t")


def test_entity_is_not_time():
    with pytest.raises(EstimationError, match="same column"):
        fit_two_way_fe(random_panel(), "y", TERMS, "id", "id")
