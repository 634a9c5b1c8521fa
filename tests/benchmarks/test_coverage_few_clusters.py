"""The small version of the coverage study for few clusters: intervals, verdicts and the advice can go wrong."""

from __future__ import annotations

import pandas as pd
import pytest

from benchmarks.coverage_few_clusters import collect, one_panel
from benchmarks.coverage_few_clusters_page import advice, by_method, report, summarise
from benchmarks.coverage_study import one_panel as earlier_study
from benchmarks.coverage_study import simulated_models
from models_py.econometrics.few_clusters.wild_bootstrap import wild_cluster_bootstrap

PANELS, DRAWS, CELLS = 12, 199, 30


@pytest.fixture(scope="module")
def results() -> pd.DataFrame:
    return collect(PANELS, DRAWS, workers=1)


def shrunk(results: pd.DataFrame, factor: float) -> pd.DataFrame:
    """Every interval drawn in towards its estimate."""
    low, high = (results["estimate"] + factor * (results[side] - results["estimate"]) for side in ("ci_low", "ci_high"))
    return results.assign(ci_low=low, ci_high=high, covered=(low <= results["truth"]) & (results["truth"] <= high))


def test_every_cell_covers_as_documented(results: pd.DataFrame) -> None:
    summary = summarise(results)
    assert len(summary) == CELLS and set(summary["panels"]) == {PANELS}
    assert summary["passed"].all(), summary.to_string()
    assert list(summary["method"].unique()) == ["cr1", "cr3", "wild_cluster"]
    assert dict(summary[["method", "documented"]].to_numpy()) == {"cr1": 0.93, "cr3": 0.95, "wild_cluster": 0.95}


def test_intervals_of_a_tenth_are_judged_failing_in_every_method(results: pd.DataFrame) -> None:
    summary = summarise(shrunk(results, 0.1))
    assert (summary.groupby("method")["passed"].sum() < CELLS / 3 / 2).all(), summary.to_string()


def test_the_intervals_are_the_published_ones(results: pd.DataFrame) -> None:
    """CR1's are those of the earlier study, the bootstrap's those of its function."""
    earlier = earlier_study(0).set_index(["reading", "term"])
    first = results[results["seed"] == 0].set_index(["method", "reading", "term"])
    for key, row in earlier.iterrows():
        cr1 = first.loc[("cr1", *key)]
        assert cr1["truth"] == row["truth"] and cr1["covered"] == row["covered"]
        assert cr1["estimate"] == pytest.approx(row["estimate"], rel=1e-12)
    reading, data, _ = next(simulated_models(0))
    peer = wild_cluster_bootstrap(data, "urbanization", weights="rademacher", draws=DRAWS, seed=0)
    row = first.loc[("wild_cluster", reading, "urbanization")]
    assert (row["ci_low"], row["ci_high"]) == (peer.ci_low, peer.ci_high)


def test_cr3_is_longer_than_cr1_everywhere(results: pd.DataFrame) -> None:
    lengths = summarise(results).set_index(["method", "reading", "term"])["length"]
    assert lengths["cr1"].to_numpy() == pytest.approx(1)
    assert (lengths["cr3"] > 1).all()


def test_processes_change_nothing(results: pd.DataFrame) -> None:
    """Rounding of sums may differ with the number of threads, counts may not."""
    here = results[results["seed"] == 1].reset_index(drop=True)
    pd.testing.assert_frame_equal(one_panel(1, DRAWS).reset_index(drop=True), here, rtol=1e-9)
    pd.testing.assert_frame_equal(collect(2, DRAWS, workers=2).tail(CELLS).reset_index(drop=True), here, rtol=1e-9)


def test_the_page_says_what_failed_and_what_is_synthetic(results: pd.DataFrame) -> None:
    good, bad = report(results, DRAWS), report(shrunk(results, 0.01), DRAWS)
    assert "30 of 30 cells pass." in good and "FAIL" not in good
    assert "Synthetic" in good and f"seeds 0 to {PANELS - 1}" in good
    assert f"Degenerate draws: 0 of {DRAWS * PANELS * 10:,}" in good
    assert "Failing: cr1 exposure (volume)" in bad and "| FAIL |" in bad
    assert "No other method passes in every cell" in bad


def test_the_advice_follows_the_figures(results: pd.DataFrame) -> None:
    methods = by_method(results, summarise(results))
    for name, mean in (("cr1", 0.93), ("cr3", 0.96), ("wild_cluster", 0.945)):
        methods[name] |= {"mean": mean, "passed": 10, "error": 0.004}
    lines = advice(methods)
    assert [line.rsplit(" it ", 1)[1] for line in lines] == [
        "under-covers.", "is not told from the nominal level.", "is conservative.",
    ]  # fmt: skip
    assert lines[1].startswith("- Use: wild cluster bootstrap") and lines[2].startswith("- Next: CR3")
    methods["wild_cluster"]["passed"] = 9
    assert [line[:10] for line in advice(methods)[1:]] == ["- Use: CR3"]
    methods["cr1"]["mean"] = 0.951
    assert "under-covers" not in advice(methods)[0]


def test_the_standard_error_of_the_mean_is_taken_over_panels(results: pd.DataFrame) -> None:
    method = by_method(results, summarise(results))["cr3"]
    shares = [rows["covered"].mean() for _, rows in results[results["method"] == "cr3"].groupby("seed")]
    assert method["mean"] == pytest.approx(sum(shares) / PANELS)
    assert method["error"] == pytest.approx(pd.Series(shares).std() / PANELS**0.5)
