"""Sensitivity bounds against the R package HonestDiD on its example data BCdata_EventStudy.

Coefficients, covariance and results as R prints them (recorded to ten digits in the test files of HonestDiD.jl and of
the Python port). R takes the folded-normal quantile from simulation and searches a grid, so its lengths are good to
about one in a thousand. Its sets under relative magnitudes use conditional tests with a least favourable hybrid; ours
are conservative by construction and must contain them.
"""

import numpy as np
import pytest

from models_py.econometrics.timing.parallel_trends import Path, relative_magnitudes_interval, smoothness_interval

BETA = (
    """0.006696351804 0.02934503369 -0.006472972222 0.0730149895 0.1959611177 0.3120639026 0.2395415455 0.1260425001"""
)
# Lower triangle, by rows.
SIGMA = """
0.0008428358124
0.0004768686777 0.0006425420288
0.0002618051076 0.0003987425007 0.0005229949602
0.0002354220342 0.0002435515198 0.000211768609 0.0003089595411
0.0001676371467 0.0002201960306 0.0001840722252 0.0001197866077 0.000359970436
0.0001128707663 0.0001804591157 0.000145852784 0.0001334081317 0.0002478818642 0.0004263949813
1.992816215e-05 3.84376508e-05 7.005197403e-05 0.0001016335009 0.0001749579242 0.0002171437809 0.0004886697861
-0.0001368265366 -2.960421989e-05 5.952994979e-05 0.0001079051726 0.0001654256921 0.0002892747871 0.0003805322049 \
0.000761739444
"""
FLCI = {
    0.0: (0.131411316, 0.2161696482),
    0.01: (0.1549652671, 0.2703845303),
    0.02: (0.1773010879, 0.3159564682),
    0.03: (0.1894044644, 0.3485477500),
    0.1: (0.1194440001, 0.4185082143),
    0.2: (0.01944400015, 0.5185082143),
}
# The upper end at 2 is cut off by R's default grid, hence not used.
RELATIVE = {
    0.5: (0.1181294858, 0.2715838660),
    1.0: (0.0672312508, 0.3186837253),
    1.5: (0.0132943151, 0.3695819603),
    2.0: (-0.0421619708, None),
}


@pytest.fixture(scope="module")
def path() -> Path:
    beta = np.array(BETA.split(), dtype=float)
    lower = np.zeros((8, 8))
    lower[np.tril_indices(8)] = np.array(SIGMA.split(), dtype=float)
    return Path(beta[:4], beta[4:], lower + np.tril(lower, -1).T, np.array([1.0, 0, 0, 0]))


def test_parallel_trends_give_the_original_interval(path):
    found = relative_magnitudes_interval(path, 0.0)
    assert (found.low, found.high) == pytest.approx((0.15877494280765, 0.233147292681241), abs=1e-9)


@pytest.mark.parametrize("bound", FLCI)
def test_fixed_length_intervals(path, bound):
    low, high = FLCI[bound]
    found = smoothness_interval(path, bound)
    assert found.high - found.low == pytest.approx(high - low, rel=1.5e-3)
    # The length is flat in the estimator around its optimum, the centre is not.
    assert found.estimate == pytest.approx((low + high) / 2, abs=0.02 * (high - low))


def test_the_estimator_of_least_bias(path):
    """At M = 0.1 R's optimal loads are the post coefficient plus the nearest lead, here exactly."""
    assert smoothness_interval(path, 0.1).estimate == pytest.approx(path.post[0] + path.pre[-1], abs=1e-9)


@pytest.mark.parametrize("bound", RELATIVE)
def test_relative_magnitudes_contain_the_conditional_sets_closely(path, bound):
    low, high = RELATIVE[bound]
    found = relative_magnitudes_interval(path, bound)
    assert low - 0.015 < found.low < low
    assert high is None or high < found.high < high + 0.015
