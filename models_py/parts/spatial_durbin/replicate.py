"""What scripts of the replication bundle find again: coefficients and effects of the study's own spatial model.

Belongs here: the data, the published numbers and the conventions. Does not belong here: the scripts (replication/),
what surrounds them (medpanel/replication).
"""

from __future__ import annotations

import pandas as pd

from catalog.base import Text
from catalog.labels import variable_label
from catalog.parts.spatial_durbin import Options
from models_py.panel import ENTITY
from models_py.parts.frame import Replication, Tables, Work
from models_py.parts.spatial_durbin.fits import YEAR, Maker, maker_of

KEYS = ["term", "effect"]
TOLERANCE = 1e-7
# Models without error dependence, and corrections of the likelihood itself, have the closed form the scripts use.
_MODELS, _CORRECTIONS = ("sdm", "sar", "slx"), ("transformation", "none")
_TITLE = Text(en="Spatial model: coefficients and effects", zh="空间模型：系数与效应")
_NOTES = (
    Text(
        en="Lags are taken first, effects removed afterwards; weights as in the file weights, not standardised again.",
        zh="先取空间滞后、再去效应；权重同文件 weights，不再标准化。",
    ),
    Text(
        en="rho maximises m ln|I - rho W| - m ln(1 - rho r) - n/2 ln S(rho) over the whole interval between the "
        "reciprocals of the smallest and largest real eigenvalue; S: squares left after X. correction "
        "transformation: n and m are what the effects leave, r = 1 with effects of years; none: n = N T, m = T, no r.",
        zh="ρ 在最小、最大实特征值倒数之间的整个区间上使 m ln|I-ρW| - m ln(1-ρr) - n/2 ln S(ρ) 最大，"
        "S为去除X后的平方和。transformation：n、m 为去效应后所余，含时间效应时 r=1；none：n=NT，m=T，无 r。",
    ),
    Text(
        en="Effects: S = (I - rho W)^-1 (beta I + theta W); direct: mean of the diagonal; total: mean of row sums.",
        zh="效应：S=(I-ρW)^-1(βI+θW)；直接为对角均值，总效应为行和均值。",
    ),
    Text(
        en="Standard errors, tests and other models are in the tables; the scripts do not repeat them.",
        zh="标准误、检验与其他模型见结果表，脚本不重现。",
    ),
)


def replicate(work: Work, made: Tables) -> Replication | None:
    """The published numbers of the study's own model and the data they were made from; None for a model with error
    dependence, the additive correction or a dynamic form, which have no such closed form.
    """
    maker, options = maker_of(work), work.options
    own = maker.own
    if own.model not in _MODELS or own.correction not in _CORRECTIONS:
        return None
    short = {name: f"x{at}" for at, name in enumerate(options.regressors, start=1)}
    labels = {
        YEAR: Text(en="Year", zh="年份"),
        "place": Text(en="Place", zh="地区"),
        "neighbour": Text(en="Place it receives from", zh="来源地区"),
        "weight": Text(en="Weight", zh="权重"),
        "y": variable_label(work.study, options.outcome),
        **{column: variable_label(work.study, name) for name, column in short.items()},
        "term": Text(en="rho, x1 ..., W_x1 ...", zh="rho、x1……、W_x1……"),
        "effect": Text(en="coef, direct, indirect or total", zh="系数、直接、间接或总效应"),
    }
    frame = maker.frame.rename(columns={ENTITY: "place", options.outcome: "y", **short})
    return Replication(
        title=_TITLE,
        panel=work.panel,
        frames={"panel": frame.sort_values([YEAR, "place"], ignore_index=True), "weights": _long(maker)},
        labels=labels,
        lists={
            "regressors": tuple(short.values()),
            "lagged": tuple(short[name] for name in _lagged(options)),
            "lag_of_outcome": (int(own.model != "slx"),),
            "effects": (own.effects.replace("-", "_"),),
            "correction": (own.correction,),
        },
        expected=_expected(made["estimate"], maker, short),
        notes=_NOTES,
    )


def _lagged(options: Options) -> tuple[str, ...]:
    if options.models[0] not in ("sdm", "slx"):
        return ()
    return options.regressors if options.lagged is None else options.lagged


def _long(maker: Maker) -> pd.DataFrame:
    """The weights, one row for each pair with one."""
    matrix = maker.weights[maker.own.weights]
    long = matrix.rename_axis("place").melt(ignore_index=False, var_name="neighbour", value_name="weight").reset_index()
    return long[long["weight"] != 0].sort_values(["place", "neighbour"], ignore_index=True)


def _expected(estimate: pd.DataFrame, maker: Maker, short: dict[str, str]) -> pd.DataFrame:
    identity = maker.identity(maker.own).columns
    own = estimate[(estimate[list(identity)] == list(identity.values())).all(axis=1)]
    own = own[own["method"] != "delta"]
    terms = {**short, **{f"W_{name}": f"W_{column}" for name, column in short.items()}}
    rows = own.assign(term=own["term"].replace(terms))[[*KEYS, "estimate"]].rename(columns={"estimate": "value"})
    scale = rows["value"].abs().clip(lower=1)
    return rows.assign(tolerance=TOLERANCE * scale).reset_index(drop=True)
