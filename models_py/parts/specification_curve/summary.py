"""What a specification curve is published as: its estimates, and what each choice does to them.

Belongs here: the rows of `specification` and `specification_choice`. Does not belong here: fitting (engine.py) and the
words about the curve (notes.py).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from catalog import Study
from catalog.labels import option_key
from models_py.parts.rows import typed
from models_py.parts.specification_curve.choices import CHOICES, Options, Space
from models_py.parts.specification_curve.engine import Fits

ALPHA = 0.05


def specification_table(study: Study, space: Space, drawn: Sequence[Options], fits: Fits) -> pd.DataFrame:
    """Rows of table `specification`: those that could be estimated, numbered from 1 by size of the estimate.

    The study's own is `drawn[0]`. `estimate_sd` = estimate x sd(term) / sd(outcome), both over the rows of the
    specification. Choices with one option are NULL.
    """
    frame = pd.DataFrame(
        {
            "study": study.id,
            "preferred": np.arange(len(drawn)) == 0,
            "estimate": fits.estimate,
            "std_error": fits.std_error,
            "p_value": fits.p_value,
            "ci_low": fits.ci_low,
            "ci_high": fits.ci_high,
            "n_obs": fits.n_obs,
            "estimate_sd": fits.estimate * fits.scale,
        }
    )
    varied = set(space.varied)
    for name in CHOICES:
        frame[name] = [options[name] if name in varied else None for options in drawn]
    frame = frame[frame["estimate"].notna()].sort_values("estimate", kind="stable")
    frame["spec_id"] = np.arange(1, len(frame) + 1)
    table = typed(frame, "specification").reset_index(drop=True)
    return table.astype({"winsorise": "float64"})


def choice_table(study: Study, space: Space, specification: pd.DataFrame) -> pd.DataFrame:
    """Rows of table `specification_choice` for every choice that varies, the largest mover first.

    `variance_share` of a choice is (SSR without it - SSR) / SST from least squares of `estimate_sd` on dummies of the
    options of all choices (main effects; partial sums of squares, so that what other choices do is not counted, however
    unevenly options were drawn). With all combinations fitted it is eta squared, the variance between the option means
    over the whole variance. Shares need not sum to 1: the rest is what choices do together. Medians, ranges and shares
    are of `estimate_sd`, since outcomes can differ in scale.
    """
    shares = variance_shares(specification, space)
    order = sorted(shares, key=lambda name: -shares[name])
    rows = []
    for position, name in enumerate(order, start=1):
        for option in space.options[name]:
            with_it = specification[specification[name] == option]
            estimates = with_it["estimate_sd"]
            rows.append(
                {
                    "study": study.id,
                    "choice": name,
                    "option": option_key(option),
                    "position": position,
                    "variance_share": shares[name],
                    "specifications": len(with_it),
                    "median_estimate": estimates.median(),
                    "low": estimates.min(),
                    "high": estimates.max(),
                    "share_positive": (estimates > 0).mean(),
                    "share_significant": (with_it["p_value"] < ALPHA).mean(),
                }
            )
    columns = ["study", "choice", "option", "position", "variance_share", "specifications", "median_estimate"]
    frame = pd.DataFrame(rows, columns=[*columns, "low", "high", "share_positive", "share_significant"])
    return typed(frame, "specification_choice")


def variance_shares(specification: pd.DataFrame, space: Space) -> dict[str, float]:
    """Share of the variance of `estimate_sd` of each varied choice, as `choice_table` says; 0 where nothing varies."""
    y = specification["estimate_sd"].to_numpy(dtype="float64")
    y = y - y.mean()
    total = float(y @ y)
    dummies = {
        name: np.column_stack([(specification[name] == option).to_numpy(dtype="float64") for option in options[1:]])
        for name, options in space.options.items()
        if len(options) > 1
    }

    def unexplained(names: Sequence[str]) -> float:
        columns = np.column_stack([np.ones((len(y), 1)), *(dummies[name] for name in names)])
        rest = y - columns @ np.linalg.lstsq(columns, y, rcond=None)[0]
        return float(rest @ rest)

    # Differences of rounding size are no movement.
    if total <= 1e-20 * len(y):
        return dict.fromkeys(dummies, 0.0)
    full = unexplained(list(dummies))
    return {
        name: max((unexplained([other for other in dummies if other != name]) - full) / total, 0.0) for name in dummies
    }
