"""Newton's method for a log-likelihood, and the direction along which it grows for ever.

Belongs here: the iteration. Does not belong here: any likelihood.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

ROUNDS = 60


@dataclass(frozen=True)
class Height:
    """The log-likelihood at a place: `value`, `gradient` (k) and `information` (k x k), minus the Hessian."""

    value: float
    gradient: np.ndarray
    information: np.ndarray


class NoMaximumError(ValueError):
    """The log-likelihood has no maximum; `directions` are where it may have gone."""

    def __init__(self, place: np.ndarray, direction: np.ndarray) -> None:
        super().__init__("no maximum")
        self.directions = [one for one in (direction, place) if np.isfinite(one).all() and one.any()]


def maximise(likelihood: Callable[[np.ndarray], Height], start: np.ndarray) -> tuple[np.ndarray, Height]:
    """The maximum and what is known there.

    Newton steps, halved until they do not descend. A likelihood that only approaches its bound keeps taking steps of
    one length, while its gain vanishes; both must vanish at a maximum. Raises NoMaximumError.
    """
    place, here, step, last = start, likelihood(start), np.zeros_like(start), start
    for _ in range(ROUNDS):
        try:
            step = np.linalg.solve(here.information, here.gradient)
        except np.linalg.LinAlgError:
            break
        gain = float(here.gradient @ step)
        small = bool(np.abs(step).max() <= 1e-6 * (1 + np.abs(place).max()))
        # Nothing left to gain, yet steps of one length: the likelihood only approaches its bound.
        stride, before = np.abs(step).max(), np.abs(place - last).max()
        if not np.isfinite(gain) or (not small and abs(gain) < 1e-8 and stride > 0.5 * before > 0):
            break
        there = likelihood(place + step)
        if small and abs(gain) < 1e-8:
            # Convergence is quadratic: after this step nothing is left to gain.
            return place + step, there
        for _ in range(40):
            if there.value >= here.value - 1e-10 * abs(here.value):
                break
            step = step / 2
            there = likelihood(place + step)
        last, place, here = place, place + step, there
    raise NoMaximumError(place, step)
