"""Intervals under bounded departures from parallel trends: limits, optimality, coverage, and the published rows."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import optimize, stats

from catalog import load_tables
from catalog.parts.treatment_timing import Options
from models_py.econometrics.timing.parallel_trends import (
    Path,
    folded_quantile,
    identified_set,
    relative_magnitudes_interval,
    shortest,
    smoothness_interval,
)
from models_py.parts.treatment_timing.event_study import event_study, pre_trend_tests
from models_py.parts.treatment_timing.honest import breakdown_value, honest_bounds
from tests.models_py.staggered_panels import NEVER, staggered

AVERAGE = (0.5, 0.5)


def path_of(pre: int = 3, post: int = 2, seed: int = 4, weights=AVERAGE, df: float = math.inf) -> Path:
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(pre + post, pre + post)) * 0.05 + 0.08
    return Path(rng.normal(0, 0.1, pre), rng.normal(0.5, 0.1, post), root @ root.T, np.array(weights), df=df)


def moved(path: Path, beta: np.ndarray) -> Path:
    k = len(path.pre)
    return Path(beta[:k], beta[k:], path.cov, path.weights, df=path.df)


@pytest.mark.parametrize("df", [math.inf, 6.0])
def test_no_relative_violation_is_the_plain_interval(df):
    path = path_of(df=df)
    found = relative_magnitudes_interval(path, 0.0)
    half = (stats.norm.ppf(0.975) if math.isinf(df) else stats.t.ppf(0.975, df)) * path.std_error(np.zeros(3))
    assert (found.low, found.high) == pytest.approx((path.target - half, path.target + half))
    assert identified_set(path, "relative_magnitudes", 0.0) == pytest.approx((path.target, path.target))


@pytest.mark.parametrize("df", [math.inf, 6.0])
def test_linear_trends_give_the_best_linear_extrapolation(df):
    """At M = 0: generalised least squares of post coefficients on a line through the reference year."""
    path = path_of(df=df)
    found = smoothness_interval(path, 0.0)
    # Minimise the variance of weights x post + loads x pre subject to no bias under a line (Lagrange).
    k = len(path.pre)
    years, slope = np.arange(-k, 0), path.weights @ [1, 2]
    system = np.block([[path.cov[:k, :k], years[:, None]], [years[None, :], np.zeros((1, 1))]])
    loads = np.linalg.solve(system, [*-(path.cov[:k, k:] @ path.weights), -slope])[:k]
    se = path.std_error(loads)
    half = (stats.norm.ppf(0.975) if math.isinf(df) else stats.t.ppf(0.975, df)) * se
    centre = path.target + loads @ path.pre
    assert (found.estimate, found.std_error) == pytest.approx((centre, se), rel=1e-8)
    assert (found.low, found.high) == pytest.approx((centre - half, centre + half), rel=1e-8)
    assert found.bias == 0


def test_one_lead_extrapolates_its_line():
    path = path_of(pre=1, post=2)
    found = smoothness_interval(path, 0.0)
    assert found.estimate == pytest.approx(path.target + 1.5 * path.pre[0])
    low, high = identified_set(path, "smoothness", 0.0)
    assert low == pytest.approx(high) == pytest.approx(found.estimate)


@pytest.mark.parametrize("bound", [0.02, 0.1, 0.5])
def test_no_other_affine_estimator_is_shorter(bound):
    path = path_of(pre=4)
    found = smoothness_interval(path, bound)
    rng = np.random.default_rng(0)
    years = np.arange(-4, 0)

    def length(free: np.ndarray) -> float:
        loads = np.append(free, 0.0)
        # The nearest lead takes up what a linear trend would leave.
        loads[-1] = loads @ years + 1.5
        # Worst bias by vertices: each second difference at +-1, written as a path of the gap.
        worst = 0.0
        for j in range(-3, 2):
            gap = np.array([max(j - t, 0) if t < 0 and j < 0 else max(t - j, 0) if j >= 0 else 0 for t in range(-4, 3)])
            worst += abs(loads @ gap[:4] + path.weights @ gap[5:])
        se = path.std_error(loads)
        return folded_quantile(path, bound * worst / se) * se

    starts = rng.normal(0, 0.5, (6, 3))
    best = min(optimize.minimize(length, s, method="Nelder-Mead", options={"xatol": 1e-8}).fun for s in starts)
    half = (found.high - found.low) / 2
    assert half <= best * (1 + 1e-6)
    assert half >= best * (1 - 1e-3)


def vertices(path: Path, rows: np.ndarray, limit: np.ndarray) -> tuple[float, float]:
    """Extremes of weights x post gap over {rows x gap <= limit}, by solving every square subset of constraints."""
    n = len(path.post)
    values = []
    for subset in itertools.combinations(range(len(rows)), n):
        a, b = rows[list(subset)], limit[list(subset)]
        if abs(np.linalg.det(a)) > 1e-9:
            gap = np.linalg.solve(a, b)
            if (rows @ gap <= limit + 1e-9).all():
                values.append(path.weights @ gap)
    return path.target - max(values), path.target - min(values)


@pytest.mark.parametrize("post", [1, 2, 3])
def test_linear_programme_against_vertices(post):
    path = path_of(pre=3, post=post, weights=np.arange(1, post + 1) / post)
    # Relative magnitudes: differences from the reference year (0) on.
    steps = np.eye(post) - np.eye(post, k=-1)
    largest = np.abs(np.diff([*path.pre, 0.0])).max()
    expected = vertices(path, np.vstack([steps, -steps]), np.full(2 * post, 1.3 * largest))
    assert identified_set(path, "relative_magnitudes", 1.3) == pytest.approx(expected, rel=1e-9)
    drift = 1.3 * largest * np.abs(np.cumsum(path.weights[::-1])).sum()
    assert expected == pytest.approx((path.target - drift, path.target + drift))
    # Smoothness: second differences that reach into the known years.
    bends = np.eye(post) - 2 * np.eye(post, k=-1) + np.eye(post, k=-2)
    known = np.zeros(post)
    known[0] = path.pre[-1]
    expected = vertices(path, np.vstack([bends, -bends]), np.concatenate([0.9 - known, 0.9 + known]))
    assert identified_set(path, "smoothness", 0.9) == pytest.approx(expected, rel=1e-9)


def test_smoothness_that_the_leads_violate_identifies_nothing():
    path = path_of()
    assert all(math.isnan(end) for end in identified_set(path, "smoothness", 1e-4))


def test_wider_with_every_bound():
    path = path_of()
    bounds = [0.0, 0.01, 0.05, 0.2, 1.0, 3.0]
    lengths = [(i := smoothness_interval(path, m)).high - i.low for m in bounds]
    assert all(b > a for a, b in itertools.pairwise(lengths))
    nested = [relative_magnitudes_interval(path, m) for m in bounds]
    assert all(b.low < a.low and b.high > a.high for a, b in itertools.pairwise(nested))


@pytest.mark.parametrize("df", [math.inf, 5.0])
def test_folded_quantile(df):
    path = path_of(df=df)
    draws = np.random.default_rng(1).standard_t(df if math.isfinite(df) else 1e9, 400_000)
    for bias in (0.0, 0.3, 2.0, 40.0):
        assert np.mean(np.abs(draws + bias) <= folded_quantile(path, bias)) == pytest.approx(0.95, abs=2e-3)


def simulated(path: Path, gap: np.ndarray, truth: np.ndarray, draws: int) -> np.ndarray:
    mean = gap + np.concatenate([np.zeros(len(path.pre)), truth])
    return np.random.default_rng(0).multivariate_normal(mean, path.cov, draws)


def worst_gap(path: Path, bound: float, kind: str) -> np.ndarray:
    """A gap in trends at the edge of the restriction, pushing the target up throughout."""
    k, n = len(path.pre), len(path.post)
    if kind == "relative_magnitudes":
        steps = np.array([0.02, -0.02, 0.1][-k:] + [0.1 * bound] * n)
        gap = np.concatenate([[0.0], np.cumsum(steps)])
    else:
        bends = np.array([bound] * (k + n - 1))
        gap = np.cumsum(np.concatenate([[0.0, 0.05], 0.05 + np.cumsum(bends)]))
    return np.delete(gap - gap[k], k)


@pytest.mark.parametrize("bound", [0.0, 0.5, 1.0])
def test_coverage_of_relative_magnitudes_at_its_edge(bound):
    """Judged with 99.9 % binomial intervals: never below 95 %; at bound 0 exactly 95 %."""
    path, truth, draws = path_of(pre=3), np.array([0.4, 0.6]), 2000
    gap = worst_gap(path, bound, "relative_magnitudes") if bound else np.zeros(5)
    found = [relative_magnitudes_interval(moved(path, b), bound) for b in simulated(path, gap, truth, draws)]
    hits = sum(i.low <= path.weights @ truth <= i.high for i in found)
    assert hits >= stats.binom.ppf(0.0005, draws, 0.95)
    if bound == 0:
        assert hits <= stats.binom.ppf(0.9995, draws, 0.95)


@pytest.mark.parametrize("bound", [0.0, 0.1, 0.2])
def test_coverage_of_smoothness_at_its_edge(bound):
    """As above. The estimator does not depend on the draw, so it is found once."""
    path, truth, draws = path_of(pre=3), np.array([0.4, 0.6]), 100_000
    best = shortest(path, bound)
    betas = simulated(path, worst_gap(path, bound, "smoothness"), truth, draws)
    error = betas @ np.concatenate([best.loads, path.weights]) - path.weights @ truth
    hits = int((np.abs(error) <= best.half).sum())
    assert hits >= stats.binom.ppf(0.0005, draws, 0.95)
    if bound == 0:
        assert hits <= stats.binom.ppf(0.9995, draws, 0.95)
    one = smoothness_interval(moved(path, betas[0]), bound)
    assert (one.low <= path.weights @ truth <= one.high) == (abs(error[0]) <= best.half)


def test_the_plain_interval_fails_there():
    """The gap that the intervals above withstand would be fatal without them."""
    path, truth = path_of(pre=3), np.array([0.4, 0.6])
    gap = worst_gap(path, 1.0, "relative_magnitudes") * 3
    plain = [relative_magnitudes_interval(moved(path, b), 0.0) for b in simulated(path, gap, truth, 300)]
    assert np.mean([i.low <= 0.5 <= i.high for i in plain]) < 0.9


@pytest.mark.parametrize("kind", ["relative_magnitudes", "smoothness"])
def test_breakdown_is_where_zero_enters(kind):
    path = path_of()
    strong = Path(path.pre, path.post + 2, path.cov, path.weights)
    value = breakdown_value(strong, kind)
    interval = relative_magnitudes_interval if kind == "relative_magnitudes" else smoothness_interval
    assert not interval(strong, value * (1 - 1e-5)).contains_zero
    assert interval(strong, value).contains_zero
    null = Path(path.pre, path.post * 0, path.cov, path.weights)
    assert breakdown_value(null, "relative_magnitudes") == 0


SPEC = Options(treatment="exposure", leads=4, lags=3, relative_magnitudes=(0.0, 1.0), smoothness=(0.0, 0.1))


@pytest.fixture(scope="module")
def study():
    return event_study(staggered({2016: 8, 2018: 8, NEVER: 8}, noise=0.2, slope=4.0), SPEC)


def test_published_rows(study):
    estimate, tests = honest_bounds(study, SPEC)
    for name, frame in (("estimate", estimate), ("spec_test", tests)):
        table = load_tables()[name]
        assert frame.columns.tolist() == [column for column in table.columns if column != "data_kind"]
        assert not frame.duplicated(list(table.key)).any()
    rows = estimate.set_index(["term", "method"])
    plain = rows.loc[("first_post | relative_magnitudes 0", "honest_conservative")]
    event = study.estimate.set_index("term").loc["event_0"]
    for column in ("estimate", "std_error", "ci_low", "ci_high", "df"):
        assert plain[column] == pytest.approx(event[column])
    # event_3 and event_-4 are binned: the average is over three years, the leads are two.
    mean = study.estimate.set_index("term").loc[["event_0", "event_1", "event_2"], "estimate"].mean()
    average = rows.loc[("average_post | smoothness 0.1", "honest_bounds")]
    assert average["estimate"] == pytest.approx(mean)
    assert math.isnan(average["std_error"])
    breakdown = tests.set_index(["test", "subject"])
    note = breakdown.at[("relative_magnitudes breakdown", "average_post"), "note_en"]
    assert "Leads used: year −3, year −2; years after: year 0, year 1, year 2" in note
    assert breakdown.at[("relative_magnitudes breakdown", "first_post"), "statistic"] > 0.5
    assert set(tests["df"]) == {23.0}


@pytest.mark.parametrize("starts", [{2014: 6, NEVER: 6}, {2014: 6, 2015: 1, NEVER: 6}, {2013: 6, NEVER: 6}])
def test_too_few_leads_are_a_note(starts):
    estimate, tests = honest_bounds(event_study(staggered(starts), SPEC), SPEC)
    assert estimate.empty
    assert len(tests) == 4
    assert tests["statistic"].isna().all()
    assert tests["note_en"].str.contains("Not computed: no lead of a single year").all()
    assert tests["note_zh"].str.contains("无法计算").all()


def test_a_singular_covariance_is_a_note(study):
    """As few clusters give: no interval, and no joint test of the leads, from coefficients that vary together."""
    flat = replace(study.joint, cov=np.ones_like(study.joint.cov))
    estimate, tests = honest_bounds(replace(study, joint=flat), SPEC)
    assert estimate.empty
    assert tests["note_en"].str.contains("covariance is singular").all()
    row = next(r for r in pre_trend_tests(study.data, flat, study.covers, SPEC.power) if r["test"] == "pre-trend F")
    assert "statistic" not in row
    assert "singular: too few clusters" in row["note_en"]
