"""The Medical Service Performance Index in every reading and variant of a study's options.

Belongs here: which direction an indicator takes under a reading, and the shape of the published tables.
Does not belong here: the formula (models_py/indices/standardised.py) and the balance of the panel (models_py/panel.py).
"""

from collections.abc import Mapping
from functools import partial

import numpy as np
import pandas as pd

from catalog import load_registry, load_tables
from catalog.identity import variant_choices
from catalog.parts.performance_index import POOLED, Options, VolumeIndicator, Weighting, index_indicators
from models_py.indices.entropy import entropy_weights, first_component_weights
from models_py.indices.standardised import IndexDataError, StandardisedIndex, standardised_index
from models_py.panel import ENTITY, KEYS, Panel, balanced_panel, indicator_label
from models_py.parts.rows import of_entities, typed

INDEX = "mspi"
_VISITS = frozenset({"visits_per_resident", "outpatient_visits"})
_ADMISSIONS = frozenset({"admission_rate", "hospital_admissions"})
_REGISTERED = {"favourable": 1, "adverse": -1}


def index_tables(figures: pd.DataFrame, index: Options, panel: Panel, study: str) -> dict[str, pd.DataFrame]:
    """Tables performance_index and indicator_score: every reading, under the study's own choice and every variant.

    `figures`: entity_code, year and the index's indicators in canonical units; rows outside the panel's years are
    ignored. Values in standard deviations. Errors as `performance_index`.
    """
    made = {
        variant: performance_index(figures, _of_variant(index, variant), panel, _weighting(variant))
        for variant in ("", *index.variants)
    }
    values = pd.concat([pair[0].assign(variant=variant) for variant, pair in made.items()], ignore_index=True)
    scores = pd.concat([pair[1].assign(variant=variant) for variant, pair in made.items()], ignore_index=True)
    return {
        "performance_index": _published(of_entities(values.assign(study=study), "performance_index", panel)),
        "indicator_score": _published(typed(scores.assign(study=study), "indicator_score")),
    }


def _of_variant(index: Options, variant: str) -> Options:
    return index.model_copy(update={"baseline_years": None}) if variant == POOLED else index


def _weighting(variant: str) -> Weighting:
    return variant_choices(variant).get("weighting", "equal")  # type: ignore[return-value]


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
    indicators in their directions. Cells carried under allow_edge_fill are listed in `attrs["carried_cells"]` of both
    frames, an empty list when there are none.

    Raises PanelError when the panel has gaps, IndexDataError for an indicator without a direction or without
    variation, and for a count that has no logarithm.
    """
    pairs = index_indicators(index)
    indicators = [indicator for _, indicator in pairs]
    balanced, filled = balanced_panel(figures, indicators, panel, allow_edge_fill=index.allow_edge_fill)
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
        scores = result.scores.drop(columns="raw").merge(raw, on=["indicator", *KEYS])
        score_frames.append(scores.assign(reading=reading))
    carried = [{str(k): v for k, v in row.items()} for row in filled.to_dict("records")]
    frames = pd.concat(index_frames, ignore_index=True), pd.concat(score_frames, ignore_index=True)
    for frame in frames:
        frame.attrs["carried_cells"] = carried
    return frames


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


def _published(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows in the order of the table's key."""
    table = "indicator_score" if "indicator" in frame.columns else "performance_index"
    return frame.sort_values(list(load_tables()[table].key), kind="stable").reset_index(drop=True)


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
        if registered not in _REGISTERED:
            raise IndexDataError(
                f"{indicator_label(indicator)} is {registered} in the registry: an index needs favourable or adverse"
            )
        return _REGISTERED[registered]
    if reading == "volume":
        return 1
    if reading == "substitution":
        return -1
    if indicator in _VISITS:
        return 1
    if indicator in _ADMISSIONS:
        return -1
    raise IndexDataError(f"the reading 'mixed' does not say how {indicator_label(indicator)} counts")


def _log(balanced: pd.DataFrame, indicator: str, panel: Panel) -> pd.Series:
    bad = balanced[balanced[indicator] <= 0]
    if len(bad):
        raise IndexDataError(
            f"{indicator_label(indicator)} has no logarithm: {bad.iloc[0][indicator]} in {panel.list_rows(bad.head(1))}"
        )
    return pd.Series(np.log(balanced[indicator].to_numpy()), index=balanced.index)
