"""The Medical Service Performance Index in every reading and variant of a study's options.

Belongs here: which direction an indicator takes under a reading, and the shape of the published tables.
Does not belong here: the formula (models_py/indices/standardised.py) and the balance of the panel (models_py/panel.py).
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from catalog import load_registry, load_tables
from catalog.base import refuse
from catalog.identity import variant_choices
from catalog.parts.performance_index import POOLED, Options, VolumeIndicator, Weighting
from models_py.indices.standardised import (
    IndexDataError,
    StandardisedIndex,
    entropy_weights,
    first_component_weights,
    standardised_index,
)
from models_py.panel import ENTITY, KEYS, Panel, balanced_panel, indicator_label
from models_py.parts.rows import of_entities, typed

INDEX = "mspi"
_VISITS = frozenset({"visits_per_resident", "outpatient_visits"})
_ADMISSIONS = frozenset({"admission_rate", "hospital_admissions"})
_REGISTERED = {"favourable": 1, "adverse": -1}
# Signs of visits and of admissions under a reading.
_UTILISATION = {"volume": (1, 1), "substitution": (-1, -1), "mixed": (1, -1)}


def index_tables(figures: pd.DataFrame, index: Options, panel: Panel, study: str) -> dict[str, pd.DataFrame]:
    """Tables performance_index and indicator_score: every reading, under the study's own choice and every variant.

    `figures`: entity_code, year and the index's indicators in canonical units; rows outside the panel's years are
    ignored. Values in standard deviations. Errors as `performance_index`.
    """
    value_frames, score_frames = [], []
    for variant in ("", *index.variants):
        chosen = index.model_copy(update={"baseline_years": None}) if variant == POOLED else index
        weighting: Any = variant_choices(variant).get("weighting", "equal")
        values, scores = performance_index(figures, chosen, panel, weighting)
        value_frames.append(values.assign(variant=variant, study=study))
        score_frames.append(scores.assign(variant=variant, study=study))
    tables = {
        "performance_index": of_entities(pd.concat(value_frames), "performance_index", panel),
        "indicator_score": typed(pd.concat(score_frames), "indicator_score"),
    }
    keys = {table: list(load_tables()[table].key) for table in tables}
    return {table: rows.sort_values(keys[table], kind="stable", ignore_index=True) for table, rows in tables.items()}


def performance_index(
    figures: pd.DataFrame, index: Options, panel: Panel, weighting: Weighting = "equal"
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """MSPI, SSI, QII and HMI per entity, year and reading, and the scores behind them: entity_code, year, reading ...

    Under volume_basis log_count the utilisation series are standardised in logarithms while `raw` stays in the
    indicator's unit.

    Domain sections 2.1 to 2.3: utilisation counts (+, +) under `volume`, (-, -) under `substitution` and (visits +,
    admissions -) under `mixed`; every other direction is the registry's. With `baseline_years` means and standard
    deviations (and, for entropy weights, minima and maxima) are those of these years. `weighting`: "equal" as
    published; "first_component", loadings of the first principal component; "entropy", entropy weights of the
    indicators in their directions.

    Raises PanelError when the panel has gaps, IndexDataError for an indicator without a direction or without
    variation, and for a count that has no logarithm.
    """
    pairs = index.pairs
    indicators = [indicator for _, indicator in pairs]
    balanced, _ = balanced_panel(figures, indicators, panel, allow_edge_fill=index.allow_edge_fill)
    utilisation = _utilisation_indicators(index)
    measured = balanced.copy()
    if index.volume_basis == "log_count":
        for indicator in (name for name in indicators if name in utilisation):
            measured[indicator] = _log(balanced, indicator, panel)
    dimensions: dict[str, list[str]] = {}
    for dimension, indicator in pairs:
        dimensions.setdefault(dimension, []).append(indicator)
    raw = balanced.melt(KEYS, indicators, "indicator", "raw")
    index_frames, score_frames = [], []
    for reading in index.readings:
        directions = {indicator: _direction(indicator, utilisation, reading) for indicator in indicators}
        result = _standardised(measured, directions, dimensions, index, weighting)
        index_frames.append(result.values.assign(reading=reading))
        score_frames.append(
            result.scores.drop(columns="raw").merge(raw, on=["indicator", *KEYS]).assign(reading=reading)
        )
    return pd.concat(index_frames, ignore_index=True), pd.concat(score_frames, ignore_index=True)


def _standardised(
    measured: pd.DataFrame,
    directions: dict[str, int],
    dimensions: Mapping[str, list[str]],
    index: Options,
    weighting: Weighting,
) -> StandardisedIndex:
    baseline = index.baseline_years
    make = partial(
        standardised_index,
        measured,
        directions,
        dimensions,
        entity=ENTITY,
        ddof=index.ddof,
        name=INDEX,
        baseline=baseline,
    )
    if weighting == "equal":
        return make()
    return make(weights=_weights(measured, make(), directions, weighting, baseline))


def _weights(
    measured: pd.DataFrame,
    equal: StandardisedIndex,
    directions: dict[str, int],
    weighting: Weighting,
    baseline: tuple[int, int] | None,
) -> dict[str, float]:
    """Weights from the baseline's rows alone, where there is one."""
    inside = measured["year"].between(*baseline) if baseline is not None else measured["year"].notna()
    if weighting == "entropy":
        table = entropy_weights(measured[inside], directions)
        return {str(k): float(v) for k, v in table.set_index("indicator")["weight"].items()}
    wide = equal.scores.pivot(index=KEYS, columns="indicator", values="score")[list(directions)]
    years = wide.index.get_level_values("year")
    kept = wide[(years >= baseline[0]) & (years <= baseline[1])] if baseline is not None else wide
    return first_component_weights(kept.to_numpy(), list(directions))


def _utilisation_indicators(index: Options) -> frozenset[str]:
    members = [m for group in index.dimensions.values() for m in group if isinstance(m, VolumeIndicator)]
    return frozenset(name for member in members for name in (member.per_capita, member.count))


def _direction(indicator: str, utilisation: frozenset[str], reading: str) -> int:
    if indicator not in utilisation:
        registered = load_registry().indicators[indicator].direction
        what = f"{indicator_label(indicator)} is {registered} in the registry: an index needs favourable or adverse"
        refuse((registered not in _REGISTERED, what), error=IndexDataError)
        return _REGISTERED[registered]
    of_visits, of_admissions = _UTILISATION[reading]
    known = indicator in _VISITS | _ADMISSIONS or of_visits == of_admissions
    refuse(
        (not known, f"the reading {reading!r} does not say how {indicator_label(indicator)} counts"),
        error=IndexDataError,
    )
    return of_admissions if indicator in _ADMISSIONS else of_visits


def _log(balanced: pd.DataFrame, indicator: str, panel: Panel) -> pd.Series:
    bad = balanced[balanced[indicator] <= 0].head(1)
    refuse(
        (
            [f"{value} in {panel.list_rows(bad)}" for value in bad[indicator]],
            f"{indicator_label(indicator)} has no logarithm: {{}}",
        ),
        error=IndexDataError,
    )
    return pd.Series(np.log(balanced[indicator].to_numpy()), index=balanced.index)
