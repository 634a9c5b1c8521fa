"""What the specification curve shows of its published tables: order, signs, options along the curve, joint tests.

Belongs here: choosing and counting rows. Does not belong here: drawing (figure.py), words (texts.py), and fitting the
specifications (models_py/specification).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from catalog.labels import load_labels, option_key
from models_py.figures.show import demand
from models_py.figures.style import FigureError

SIGNIFICANT = 0.05
SHOWN_OPTIONS = 16
POSITIVE, NEGATIVE, NEITHER = "positive", "negative", "neither"
JOINT = ("median", "share", "stouffer")
_NUMBERS = ("estimate", "ci_low", "ci_high", "p_value", "n_obs")
_BINS = 160


@dataclass(frozen=True)
class Panel:
    """One choice: its share of the estimates' variance and its options, by key."""

    choice: str
    share: float
    options: tuple[str, ...]


@dataclass(frozen=True)
class Curve:
    """`rows`: specifications by size of the estimate, with rank (from 1), sign, and the key of each varied choice's
    option. `own`: the study's own among them. `lost`: specifications without an estimate. `panels`: the choices drawn
    below the curve; `hidden`: how many more there are.
    """

    rows: pd.DataFrame
    own: pd.Series
    lost: int
    panels: tuple[Panel, ...]
    hidden: int
    varied: tuple[str, ...]

    @property
    def n(self) -> int:
        """Number of specifications drawn."""
        return len(self.rows)

    def share(self, sign: str) -> float:
        """Share of the specifications that are significantly positive, negative, or neither."""
        return float((self.rows["sign"] == sign).mean())


def curve_shown(specification: pd.DataFrame, choices: pd.DataFrame) -> Curve:
    """The curve of one study's rows of `specification` and `specification_choice`.

    Raises FigureError for a missing column, when no estimate is there, and unless exactly one specification is the
    study's own.
    """
    demand(specification, ["spec_id", "preferred", *_NUMBERS], "specification")
    demand(choices, ["choice", "option", "position", "variance_share"], "specification_choice")
    demand(specification, sorted(set(choices["choice"].astype(str))), "specification")
    there = specification["estimate"].notna()
    rows = specification[there].sort_values(["estimate", "spec_id"], kind="stable").reset_index(drop=True)
    if rows.empty:
        raise FigureError("no estimate in the specification curve")
    if int(rows["preferred"].sum()) != 1:
        raise FigureError(f"{int(rows['preferred'].sum())} specifications are marked as the study's own; expected one")
    significant = rows["p_value"] < SIGNIFICANT
    sign = np.where(significant & (rows["estimate"] > 0), POSITIVE, NEITHER)
    sign = np.where(significant & (rows["estimate"] < 0), NEGATIVE, sign)
    found = set(choices["choice"])
    varied = tuple(name for name in load_labels().choices if name in found)
    keys = {name: rows[name].map(option_key) for name in varied}
    made = rows[[*_NUMBERS, "preferred"]].assign(rank=np.arange(1, len(rows) + 1), sign=sign, **keys)
    panels = _panels(choices)
    own = made[made["preferred"].astype(bool)].iloc[0]
    return Curve(made, own, int((~there).sum()), panels, len(found) - len(panels), varied)


def _panels(choices: pd.DataFrame) -> tuple[Panel, ...]:
    """The choices that move the estimate most, as many as fit."""
    panels: list[Panel] = []
    room = SHOWN_OPTIONS
    for (_, choice), part in choices.groupby(["position", "choice"], sort=True):
        options = tuple(option_key(option) for option in part["option"])
        if len(options) > room:
            break
        room -= len(options)
        panels.append(Panel(str(choice), float(part["variance_share"].iloc[0]), options))
    return tuple(panels)


def option_cells(curve: Curve, panel: Panel) -> pd.DataFrame:
    """option, start, end (ranks), share: how much of a stretch of the curve has the option; empty cells left out."""
    keys = curve.rows[panel.choice].to_numpy()
    edges = np.linspace(0.5, curve.n + 0.5, min(_BINS, curve.n) + 1)
    spot = np.clip(np.searchsorted(edges, curve.rows["rank"], side="right") - 1, 0, len(edges) - 2)
    sizes = np.bincount(spot, minlength=len(edges) - 1)
    shares = {o: np.bincount(spot[keys == o], minlength=len(sizes)) / np.maximum(sizes, 1) for o in panel.options}
    parts = [
        pd.DataFrame({"option": option, "start": edges[:-1], "end": edges[1:], "share": share})
        for option, share in shares.items()
    ]
    cells = pd.concat(parts, ignore_index=True)
    return cells[cells["share"] > 0].reset_index(drop=True)


def estimate_range(curve: Curve) -> tuple[float, float]:
    """Ends of the axis: all estimates and zero, and the intervals but for the widest 2 % on each side.

    A few enormous intervals would flatten the rest; the note says that they are cut.
    """
    rows = curve.rows
    intervals = [float(rows["ci_low"].quantile(0.02)), float(rows["ci_high"].quantile(0.98))]
    ends = [0.0, float(rows["estimate"].min()), float(rows["estimate"].max()), *filter(np.isfinite, intervals)]
    margin = 0.06 * (max(ends) - min(ends))
    return min(ends) - margin, max(ends) + margin


def joint_p_values(tests: pd.DataFrame) -> Mapping[str, float]:
    """p-values of the joint tests by median, share and stouffer, from rows of `spec_test`; those not there left out."""
    if tests.empty:
        return {}
    of_curve = tests[tests["table_no"].str.contains("specification", case=False) & tests["p_value"].notna()]
    found = {key: of_curve.loc[of_curve["test"].str.contains(key, case=False), "p_value"] for key in JOINT}
    return {key: float(values.iloc[0]) for key, values in found.items() if len(values) == 1}
