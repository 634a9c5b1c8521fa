"""The small version of the coverage study of network models: networks as claimed, and verdicts that can fail."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import benchmarks.coverage_ergm as study
from benchmarks.coverage_ergm import SETTINGS, collect, drawn, log_odds, network, report, settled, summarise
from models_py.network import DegenerateError, fit_ergm

NETWORKS = 60
SMALL = {"dyads": replace(SETTINGS["dyads"], places=40), "pairs": replace(SETTINGS["pairs"], places=40)}


@pytest.fixture(scope="module")
def results() -> pd.DataFrame:
    return collect(dict.fromkeys(SMALL, NETWORKS), SMALL)


def narrowed(results: pd.DataFrame, factor: float) -> pd.DataFrame:
    """Every interval shrunk towards its estimate."""
    low, high = (results["estimate"] + factor * (results[end] - results["estimate"]) for end in ("ci_low", "ci_high"))
    return results.assign(covered=(low <= results["truth"]) & (results["truth"] <= high))


def test_pairs_are_in_each_state_as_often_as_its_weight_says() -> None:
    n, there, back, rho = 400, -1.0, 0.5, 0.8
    eta = np.where(np.triu(np.ones((n, n)), 1) > 0, there, back)
    ties = np.zeros((n, n), dtype=bool)
    ties[tuple(drawn(eta, rho, np.random.default_rng(0)).to_numpy().T)] = True
    i, j = np.triu_indices(n, 1)
    found = np.bincount(ties[i, j] + 2 * ties[j, i], minlength=4) / len(i)
    weights = np.exp([0.0, there, back, there + back + rho])
    assert not ties.diagonal().any()
    assert found == pytest.approx(weights / weights.sum(), abs=0.008)


@pytest.mark.parametrize("model", SETTINGS)
def test_the_known_coefficients_stand_in_the_order_and_under_the_names_of_a_fit(model: str) -> None:
    setting = replace(SETTINGS[model], places=40)
    here = study.world(40)
    fit = fit_ergm(here.nodes, drawn(log_odds(setting), 1.5, np.random.default_rng(0)), setting.terms, here.dyads,
                   estimator="pseudo")  # fmt: skip
    assert list(setting.truth) == list(fit.model.names)


def test_a_long_chain_forgets_where_it_began() -> None:
    setting, seeds = replace(SETTINGS["gwesp"], places=40), range(10)

    def start(seed: int, shift: float, rho: float = 0.0) -> pd.DataFrame:
        return drawn(log_odds(setting) + shift, rho, np.random.default_rng(seed))

    few, many = (
        np.array([len(settled(setting, start(seed, shift), seed)) for seed in seeds], dtype=float)
        for shift in (-2.0, 2.0)
    )
    assert abs(few.mean() - many.mean()) < 4 * np.sqrt((few.var(ddof=1) + many.var(ddof=1)) / len(seeds))
    without_partners = np.mean([len(start(seed, 0.0, 1.5)) for seed in seeds])
    assert min(few.mean(), many.mean()) > 1.2 * without_partners


def test_every_interval_of_every_network_is_judged(results: pd.DataFrame) -> None:
    summary = summarise(results)
    assert len(summary) == 5 + 6 and set(summary["networks"]) == {NETWORKS} == set(summary["fitted"])
    assert summary["passed"].all(), summary.to_string()
    assert summary["ratio"].between(0.6, 1.5).all() and (summary["bias"].abs() < summary["spread"]).all()
    text = report(results, SMALL)
    assert "11 of 11 cells pass." in text and "FAIL" not in text and "仅为模拟数据" in text
    assert f"- pairs: {NETWORKS} networks (numbers 0 to {NETWORKS - 1})" in text
    assert f"{NETWORKS} fitted, 0 refused, 0 degenerate." in text


def test_a_third_of_an_interval_is_judged_failing(results: pd.DataFrame) -> None:
    wrong = narrowed(results, 1 / 3)
    assert not summarise(wrong)["passed"].any(), summarise(wrong).to_string()
    text = report(wrong, SMALL)
    assert "0 of 11 cells pass. Failing: dyads edges" in text and "| FAIL |" in text


def test_intervals_around_other_coefficients_are_judged_failing(results: pd.DataFrame) -> None:
    shift = 3 * results["std_error"]
    low, high = results["ci_low"] + shift, results["ci_high"] + shift
    moved = results.assign(covered=(low <= results["truth"]) & (results["truth"] <= high))
    assert not summarise(moved)["passed"].any()


def test_a_network_that_cannot_be_fitted_is_a_miss_and_stands_on_the_page() -> None:
    empty = {"dyads": replace(SMALL["dyads"], edges=-60.0)}
    found = collect({"dyads": 12}, empty)
    assert set(found["outcome"]) == {"refused"} and not found["covered"].any() and len(found) == 12 * 5
    summary = summarise(found)
    assert set(summary["networks"]) == {12} and set(summary["fitted"]) == {0} and not summary["passed"].any()
    text = report(found, empty)
    assert "0 fitted, 12 refused, 0 degenerate." in text and "  - network 11, refused: " in text


def test_a_degenerate_model_is_counted_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    def degenerate(*_: object, **__: object) -> None:
        raise DegenerateError("simulated networks\nare complete", pd.DataFrame())

    monkeypatch.setattr(study, "fit_ergm", degenerate)
    found = collect({"pairs": 2}, SMALL)
    assert set(found["outcome"]) == {"degenerate"} and not found["covered"].any()
    assert "  - network 1, degenerate: simulated networks are complete" in report(found, SMALL)


def test_the_number_of_a_network_is_its_seed(results: pd.DataFrame) -> None:
    setting = SMALL["pairs"]
    again = study.one_network("pairs", setting, 3)
    same = results[(results["model"] == "pairs") & (results["network"] == 3)].reset_index(drop=True)
    pd.testing.assert_frame_equal(again, same)
    assert not network(setting, 3).equals(network(setting, 4))


def test_the_methods_page_says_what_the_study_found() -> None:
    rows = [line.strip("| ").split(" | ") for line in study.EVIDENCE.read_text(encoding="utf-8").splitlines()]
    cells = pd.DataFrame([row for row in rows if row[0] in SETTINGS])
    assert len(cells) == 5 + 6 + 5 and set(cells[8]) == {"pass"} and (cells[3] == cells[4]).all()
    told = {
        language: (study.PROJECT_DIR / "docs" / language / "methods" / "ergm.md").read_text(encoding="utf-8")
        for language in ("en", "zh")
    }
    for exact in (True, False):
        own = cells[(cells[0] != "gwesp") == exact]
        for column in (6, 11):
            low, high = own[column].min(), own[column].max()
            assert f"{low} to {high}" in told["en"].replace("\n", " "), (low, high)
            assert f"{low}至{high}" in told["zh"], (low, high)
    assert (cells[9].astype(float).abs() / cells[10].astype(float)).max() <= 0.17
