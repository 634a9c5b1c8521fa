"""A two-way spatial Durbin model and its effects beside bare numpy, and 2,843 places by 12 years.

Belongs here: timing both in one process, turn by turn, and writing the evidence. Data are simulated.

    python -m benchmarks.spatial_durbin
"""

import resource
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import minimize_scalar

from benchmarks.coverage_spatial_durbin import PERIODS, contiguity, simulated
from catalog.base import PROJECT_DIR
from medpanel import __version__
from models_py.spatial import fit_spatial_durbin

EVIDENCE = PROJECT_DIR / "docs" / "evidence" / "spatial_durbin.md"
ROUNDS, DRAWS, LIMIT, PLACES = 15, 1000, 2.1, 2843
SECONDS, GIB = 120.0, 6.0


def timed(work: Callable[[], Any]) -> float:
    """Seconds the work took."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def bare(y: np.ndarray, x: np.ndarray, w: np.ndarray, seed: int = 0) -> tuple[float, np.ndarray]:
    """The same by hand: no checks, no labels, no record. rho, and means of 1,000 draws of the effects.

    Demeaned data, eigenvalues, a bounded search, the inverse of the information matrix, one inverse a draw.
    """
    t, n = y.shape
    free = lambda a: a - a.mean(0, keepdims=True) - a.mean(1, keepdims=True) + a.mean((0, 1), keepdims=True)  # noqa: E731
    wx = np.einsum("ij,tjk->tik", w, x)
    wy = y @ w.T
    yf, wyf, xf = free(y).ravel(), free(wy).ravel(), free(np.concatenate([x, wx], axis=2)).reshape(t * n, -1)
    values = np.linalg.eigvals(w)
    inverse = np.linalg.inv(xf.T @ xf)
    b0, b1 = inverse @ (xf.T @ yf), inverse @ (xf.T @ wyf)
    e0, e1 = yf - xf @ b0, wyf - xf @ b1
    a, b, c = e0 @ e0, e0 @ e1, e1 @ e1
    m, count = t - 1, (n - 1) * (t - 1)

    def negative(rho: float) -> float:
        log_det = np.log(np.abs(1 - rho * values)).sum() - np.log(1 - rho)
        return float(count / 2 * np.log(a - 2 * rho * b + rho**2 * c) - m * log_det)

    low = 1 / values.real.min()
    rho = float(minimize_scalar(negative, bounds=(low, 1 - 1e-9), method="bounded", options={"xatol": 1e-12}).x)
    beta, s2 = b0 - rho * b1, (a - 2 * rho * b + rho**2 * c) / count
    g = w @ np.linalg.inv(np.eye(n) - rho * w)
    z = free(((xf @ beta).reshape(t, n)) @ g.T).ravel()
    centre = np.eye(n) - 1 / n
    gj = centre @ g @ centre
    k = xf.shape[1]
    info = np.zeros((k + 2, k + 2))
    info[:k, :k], info[:k, k], info[k, :k] = xf.T @ xf / s2, xf.T @ z / s2, xf.T @ z / s2
    info[k, k] = m * (np.sum(gj * gj.T) + np.sum(gj * gj)) + z @ z / s2
    info[k, k + 1] = info[k + 1, k] = m * np.trace(gj) / s2
    info[k + 1, k + 1] = count / (2 * s2**2)
    cov = np.linalg.inv(info)[: k + 1, : k + 1]
    drawn = np.random.default_rng(seed).multivariate_normal(np.append(beta, rho), cov, size=DRAWS)
    own, out = k // 2, np.empty((DRAWS, k // 2, 3))
    for row, one in enumerate(drawn):
        s = np.linalg.inv(np.eye(n) - one[k] * w)
        sw = s @ w
        for place in range(own):
            direct = (one[place] * np.trace(s) + one[own + place] * np.trace(sw)) / n
            total = (one[place] * s.sum() + one[own + place] * sw.sum()) / n
            out[row, place] = direct, total - direct, total
    return rho, out.mean(axis=0)


def in_rounds() -> tuple[list[tuple[float, float]], float]:
    """Seconds of ours and of the bare version, turn by turn, and the largest difference of rho."""
    panel, weights = simulated(0.4, 0), contiguity()
    names = list(weights.names)
    w = pd.DataFrame(weights.matrix, names, names)
    index = pd.MultiIndex.from_product([range(PERIODS), names], names=["year", "place"])
    frame = pd.DataFrame(
        {"y": panel.y.ravel(), "x1": panel.x[:, :, 0].ravel(), "x2": panel.x[:, :, 1].ravel()}, index=index
    )
    frame = frame.reset_index()

    def ours() -> Any:
        return fit_spatial_durbin(frame, "y", ["x1", "x2"], "place", "year", w, draws=DRAWS)

    def theirs() -> tuple[float, np.ndarray]:
        return bare(panel.y, panel.x[:, :, :2], weights.matrix)

    gap = abs(ours().optimum.rho - theirs()[0])
    return [(timed(ours), timed(theirs)) for _ in range(ROUNDS)], gap


def many_places() -> tuple[float, float, float]:
    """Seconds and peak memory (GiB) of 2,843 places by 12 years, weights by six nearest of random points, and rho."""
    from scipy.spatial import cKDTree

    random = np.random.default_rng(0)
    _, near = cKDTree(points := random.uniform(size=(PLACES, 2))).query(points, k=7)
    w = np.zeros((PLACES, PLACES))
    w[np.repeat(np.arange(PLACES), 6), near[:, 1:].ravel()] = 1 / 6
    x = random.normal(size=(12, PLACES, 2))
    mean = x @ np.array([1.0, -0.5]) + np.einsum("ij,tjk->tik", w, x, optimize=True) @ np.array([0.3, 0.2])
    y = np.linalg.solve(np.eye(PLACES) - 0.4 * w, (mean + random.normal(size=mean.shape)).T).T
    index = pd.MultiIndex.from_product([range(12), range(PLACES)], names=["year", "place"])
    frame = pd.DataFrame(
        {"y": y.ravel(), "x1": x[:, :, 0].ravel(), "x2": x[:, :, 1].ravel()}, index=index
    ).reset_index()
    weights, found = pd.DataFrame(w), []
    seconds = timed(lambda: found.append(fit_spatial_durbin(frame, "y", ["x1", "x2"], "place", "year", weights)))
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, found[0].optimum.rho


def main() -> int:
    """Run, write the evidence; exit code 1 when a limit is passed."""
    rounds, gap = in_rounds()
    ratio = median(ours / theirs for ours, theirs in rounds)
    seconds, memory, rho = many_places()
    passed = ratio <= LIMIT and seconds <= SECONDS and memory <= GIB and gap < 1e-6
    text = f"""# Spatial Durbin model: time

Synthetic data only: simulated panels, not statistics. 仅为模拟数据。

- Made by `python -m benchmarks.spatial_durbin`, medpanel {__version__}.
- 31 x 12, two-way, two regressors and their lags, fit and {DRAWS} draws of the effects, from data frame to result:
  {1000 * median(ours for ours, _ in rounds):.1f} ms against {1000 * median(other for _, other in rounds):.1f} ms of
  bare numpy (no checks, one inverse a draw), {ROUNDS} rounds turn by turn: {ratio:.2f} times; {LIMIT} allowed.
  rho differs by {gap:.1e}.
- {PLACES} places x 12 years, directed weights with complex eigenvalues, fit and 1,000 draws: {seconds:.0f} s,
  {memory:.1f} GiB at most ({SECONDS:.0f} s and {GIB:.0f} GiB allowed); rho {rho:.4f}, planted 0.4.
- Verdict: {"pass" if passed else "FAIL"}.
"""
    EVIDENCE.write_text(text, encoding="utf-8", newline="\n")
    sys.stdout.buffer.write(text.encode("utf-8"))
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
