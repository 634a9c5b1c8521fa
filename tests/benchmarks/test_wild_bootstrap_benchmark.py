"""The verdict on the bootstrap's time: it can fail, and draws that are not those of refits are no result at all."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.coverage_study import simulated_models
from benchmarks.wild_bootstrap import TERM, measure, report, require_exact
from models_py.econometrics.few_clusters.wild_bootstrap import draw_weights, scores
from models_py.econometrics.model_data import partial_out


@pytest.mark.parametrize(
    ("ours", "plain", "own", "passed"), [(0.5, 1.0, 1.0, True), (1.1, 1.0, 9.0, False), (1.1, 9.0, 1.0, False)]
)
def test_the_medians_decide(ours: float, plain: float, own: float, passed: bool) -> None:
    text, verdict = report([(ours, plain, own), (ours, plain, own), (50.0, plain, own)])
    assert verdict is passed
    assert ("FAIL" in text) is not passed
    assert f"{ours / plain:.3f} times 20 pyfixest fits" in text


def test_a_small_measurement_runs() -> None:
    rows = measure(rounds=1, draws=99)
    assert len(rows) == 1 and min(rows[0]) > 0


def test_a_draw_that_differs_is_noticed() -> None:
    _, data, _ = next(simulated_models(1))
    v, _ = draw_weights("webb", 31, 5, 0)
    statistics = scores(partial_out(data, TERM)).statistics(v)(0.0)
    require_exact(data, statistics, v)
    with pytest.raises(RuntimeError, match="differs"):
        require_exact(data, statistics * (1 + 1e-5), v)
    with pytest.raises(RuntimeError, match="differs"):
        require_exact(data, np.roll(statistics, 1), v)
