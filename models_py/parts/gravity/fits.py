"""Flows between places by Poisson pseudo-likelihood: the rows of estimate and model_fit.

Belongs here: the frame of pairs, the two models, their rows. Does not belong here: printing and words (table.py).

E(flow) = exp(a_i + b_j + x_ij'beta) with effects of origins and destinations, which take up everything about a place;
and exp(a_i + z_j'gamma + x_ij'beta), where figures of the destination stand in for its effect. Consistent whatever the
variance, zeros included (Santos Silva and Tenreyro 2006, Review of Economics and Statistics 88(4)).
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from catalog.base import Text, refuse
from catalog.identity import Identity, variant_of
from catalog.parts import ergm, network
from catalog.parts.ergm import TableSpec
from catalog.parts.gravity import Options, UnlistedFlow
from models_py.econometrics.result import CI_LEVEL, EstimationError
from models_py.parts.ergm.fits import Maker, variables_of
from models_py.parts.ergm.prepared import Prepared, covariates
from models_py.parts.ergm.words import Names
from models_py.parts.findings import both
from models_py.parts.frame import Tables, Work
from models_py.parts.rows import as_table, note, together

ESTIMATOR, METHOD = "ppml", "cluster"
BOTH, ORIGIN = "both effects", "origin effects"
RATIO_SD = "flow_ratio_sd"


@dataclass(frozen=True)
class Flows:
    """Pairs of one network: origin, destination, flow, unknown and a column for each term, unscaled."""

    frame: pd.DataFrame
    terms: Mapping[str, tuple[str, ...]]


def gravity_tables(work: Work) -> Tables:
    """Shares of estimate and model_fit. Raises EstimationError for a network without flows."""
    declared, options = work.study.options(ergm.Options), work.options
    maker = Maker(work.study, declared, work.study.options(network.Options), work.tables)
    estimates: list[dict[str, Any]] = []
    fits: list[dict[str, Any]] = []
    for table in declared.tables:
        for name in table.networks if table.table_no in options.tables else ():
            prepared, names = maker.prepared[name], Names(declared.nodal, table)
            flows = flows_of(prepared, table, variables_of(table, declared.nodal, table.headline))
            for treatment in options.unlisted if prepared.listed_by else options.unlisted[:1]:
                for model in (BOTH, ORIGIN):
                    identity = _identity(work, options, name, model, treatment)
                    rows, fit = _fitted(flows, model, treatment, prepared, names, identity)
                    estimates.extend(rows)
                    fits.append(fit)
    return {"estimate": as_table(estimates, "estimate"), "model_fit": as_table(fits, "model_fit")}


def _identity(work: Work, options: Options, name: str, model: str, treatment: UnlistedFlow) -> Identity:
    varied = {} if treatment == options.unlisted[0] else {"unlisted": treatment}
    return Identity(
        work.study.id, options.table_no, model, sample=name, estimator=ESTIMATOR, variant=variant_of(varied)
    )


def flows_of(prepared: Prepared, table: TableSpec, variables: list[str]) -> Flows:
    """Every ordered pair of a network: flow (NaN where no list names it), unknown (it may be a tie or not)."""
    codes = prepared.nodes.index
    i, j = np.nonzero(~np.eye(len(codes), dtype=bool))
    frame = pd.DataFrame({"origin": codes[i], "destination": codes[j]})
    named = prepared.pairs.assign(unknown=prepared.pairs["tie"].isna())
    frame = frame.merge(named[["origin", "destination", "flow", "unknown"]], on=["origin", "destination"], how="left")
    frame["unknown"] = frame["unknown"].fillna(False).astype(bool)
    pairwise = {f"edgecov.{name}": values for name, values in covariates(prepared, table.dyads).items()}
    for term, values in pairwise.items():
        frame[term] = values.to_numpy()[i, j]
    nodal = {f"nodeicov.{name}": prepared.nodes[name].to_numpy(dtype=float)[j] for name in variables}
    frame = frame.assign(**nodal)
    refuse((not (frame["flow"] > 0).any(), f"{prepared.id}: no flow is above zero"), error=EstimationError)
    return Flows(frame, {BOTH: tuple(pairwise), ORIGIN: (*nodal, *pairwise)})


def _fitted(
    flows: Flows, model: str, treatment: UnlistedFlow, prepared: Prepared, names: Names, identity: Identity
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    frame, terms = flows.frame, flows.terms[model]
    keep = frame["flow"].notna() if treatment == "listed_only" else ~frame["unknown"]
    used = frame[keep].assign(flow=frame.loc[keep, "flow"].fillna(0.0))
    found, spreads = ppml(used, terms, model == BOTH)
    rows = list(_rows(found, terms, spreads, names, identity))
    kept, deviance = int(found._N), float(found.deviance)
    said = _said(prepared, treatment, len(used), kept, model)
    fit = {
        **identity.columns,
        "n_obs": kept,
        "n_dropped": len(frame) - kept,
        "n_clusters": min(used["origin"].nunique(), used["destination"].nunique()),
        "formula": f"flow ~ {' + '.join(terms)} | {'origin + destination' if model == BOTH else 'origin'}",
        **note(said.en, said.zh),
        "configuration": json.dumps({"unlisted": treatment, "deviance": round(deviance, 6)}, sort_keys=True),
    }
    return rows, fit


def ppml(frame: pd.DataFrame, terms: tuple[str, ...], two_way: bool) -> tuple[Any, np.ndarray]:
    """The fit on terms divided by their standard deviations, and these. Raises EstimationError for a constant term."""
    import pyfixest
    from pyfixest.demeaners import LsmrDemeaner

    values = frame[list(terms)].to_numpy(dtype=float)
    spreads = values.std(axis=0)
    refuse(([term for term, sd in zip(terms, spreads, strict=True) if sd == 0], "{} is the same for all pairs"),
           error=EstimationError)  # fmt: skip
    columns = [f"x{at}" for at in range(len(terms))]
    scaled = pd.DataFrame(values / spreads, columns=columns).assign(
        flow=frame["flow"].to_numpy(dtype=float),
        origin=frame["origin"].to_numpy(),
        destination=frame["destination"].to_numpy(),
    )
    effects = "origin + destination" if two_way else "origin"
    with warnings.catch_warnings():
        # It tells of places without flows, which n_dropped and the note do too.
        warnings.simplefilter("ignore", UserWarning)
        found = pyfixest.fepois(
            f"flow ~ {' + '.join(columns)} | {effects}",
            data=scaled,
            vcov={"CRV1": "origin + destination"},
            # Alternating projections do not get there on flows that a few places dominate.
            demeaner=LsmrDemeaner(),
        )
    lost = [term for term, column in zip(terms, columns, strict=True) if column not in found._coefnames]
    refuse((lost, "{} cannot be told apart from the effects or the other terms"), error=EstimationError)
    return found, spreads


def _rows(
    found: Any, terms: tuple[str, ...], spreads: np.ndarray, names: Names, identity: Identity
) -> Iterator[dict[str, Any]]:
    """Coefficients per unit, and the ratio of expected flows per standard deviation of a covariate."""
    intervals = found.confint(alpha=1 - CI_LEVEL).to_numpy()
    values = zip(terms, spreads, found.coef(), found.se(), found.tstat(), found.pvalue(), intervals, strict=True)
    for term, sd, value, error, statistic, p_value, (low, high) in values:
        unit = names.unit_of(term)
        per = both("1", "1") if unit is None else unit
        base = {**identity.columns, "term": term, "statistic": float(statistic), "p_value": float(p_value),
                "ci_level": CI_LEVEL, "n_obs": int(found._N)}  # fmt: skip
        yield base | {
            "effect": "coef", "method": METHOD, "estimate": value / sd, "std_error": error / sd, "ci_low": low / sd,
            "ci_high": high / sd, "unit_en": f"log of flow per {per.en}", "unit_zh": f"流量对数／{per.zh}",
        }  # fmt: skip
        if not names.binary(term):
            ratio = float(np.exp(value))
            yield base | {
                "effect": RATIO_SD, "method": "delta", "estimate": ratio, "std_error": ratio * error,
                "ci_low": float(np.exp(low)), "ci_high": float(np.exp(high)), "unit_en": "ratio of flows",
                "unit_zh": "流量之比",
            }  # fmt: skip


def _said(prepared: Prepared, treatment: UnlistedFlow, used: int, kept: int, model: str) -> Text:
    """How a model was fitted, on what."""
    effects = both("origins and destinations", "起点与终点") if model == BOTH else both("origins", "起点")
    texts = [
        both(
            f"Poisson pseudo-likelihood of flows with effects of {effects.en}; errors clustered by origin and by "
            "destination. An association, not an effect.",
            f"流量的泊松拟似然，含{effects.zh}效应；标准误按起点与终点双向聚类。结果为关联，非因果效应。",
        )
    ]
    if prepared.listed_by:
        texts.append(
            both(
                "Flows that no list names count as zero; each is at most the smallest entry of a full list. "
                f"{prepared.unknown} pairs that may be ties were left out.",
                f"未列出的流量计为零，实际不超过已满名单的最小值；可能成边的{prepared.unknown}个节点对已剔除。",
            )
            if treatment == "known_zero"
            else both("Only listed flows: this selects on the outcome.", "仅限已列出的流量：属于按结果选样。")
        )  # fmt: skip
    if used > kept:
        texts.append(
            both(
                f"{used - kept} pairs of places without any flow say nothing and were left out.",
                f"无任何流量的地点涉及的{used - kept}个节点对不含信息，已剔除。",
            )
        )
    return together(texts)
