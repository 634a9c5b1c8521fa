"""The Medical Service Performance Index in every reading of a study's configuration.

Belongs here: which direction an indicator takes under a reading, and the shape of the published tables.
Does not belong here: the formula (indices/standardised.py) and the balance of the panel (panel.py).
"""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd

from catalog import Study, load_registry, load_tables
from catalog.studies import VolumeIndicator, Weighting, index_indicators
from models_py.indices.entropy import entropy_weights, first_component_weights
from models_py.indices.standardised import IndexDataError, StandardisedIndex, standardised_index
from models_py.panel import balanced_panel, indicator_label, province_label

_VISITS = frozenset({"visits_per_resident", "outpatient_visits"})
_ADMISSIONS = frozenset({"admission_rate", "hospital_admissions"})
_REGISTERED = {"favourable": 1, "adverse": -1}


def performance_index(
    province_year: pd.DataFrame, study: Study, weighting: Weighting = "equal"
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """MSPI, SSI, QII and HMI per province, year and reading, and the scores behind them.

    `province_year`: province_code, year and the study's index indicators in canonical units; rows outside the
    study's years are ignored. Returns the rows of tables `performance_index` and `indicator_score` (all
    columns but data_kind), values in standard deviations. Under volume_basis log_count the utilisation series
    are standardised in logarithms while `raw` stays in the indicator's unit.

    Domain sections 2.1 to 2.3: utilisation counts (+, +) under `volume`, (-, -) under `substitution` and
    (visits +, admissions -) under `mixed`; every other direction is the registry's. With `baseline_years` means and
    standard deviations (and, for entropy weights, minima and maxima) are those of these years; the reading
    "<reading> pooled" beside it takes them over the whole panel. `weighting`: "equal" as published;
    "first_component", loadings of the first principal component; "entropy", entropy weights of the indicators in
    their directions. Cells carried under
    allow_edge_fill are listed in `attrs["carried_cells"]` of both frames, an empty list when there are none.

    Raises PanelError when the panel has gaps, IndexDataError for an indicator without a direction or without
    variation, and for a count that has no logarithm.
    """
    index = study.index
    if index is None:
        raise IndexDataError(f"the study {study.id!r} declares no index")
    pairs = index_indicators(index)
    indicators = [indicator for _, indicator in pairs]
    panel, filled = balanced_panel(province_year, indicators, study.years, allow_edge_fill=index.allow_edge_fill)
    utilisation = _utilisation_indicators(study)
    measured = panel.copy()
    if index.volume_basis == "log_count":
        for indicator in (name for name in indicators if name in utilisation):
            measured[indicator] = _log(panel, indicator)
    dimensions: dict[str, list[str]] = {}
    for dimension, indicator in pairs:
        dimensions.setdefault(dimension, []).append(indicator)

    raw = panel.melt(["province_code", "year"], indicators, "indicator", "raw")
    index_frames, score_frames = [], []
    for reading, baseline in index.versions.items():
        directions = {indicator: _direction(indicator, utilisation, reading.split()[0]) for indicator in indicators}
        make = partial(
            standardised_index, measured, directions, dimensions, ddof=index.ddof, name="mspi", baseline=baseline
        )
        result = (
            make()
            if weighting == "equal"
            else make(weights=_weights(measured, make(), directions, weighting, baseline))
        )
        index_frames.append(result.values.assign(study=study.id, reading=reading))
        scores = result.scores.drop(columns="raw").merge(raw, on=["indicator", "province_code", "year"])
        scores = scores.rename(columns={"province_code": "entity_code"})
        score_frames.append(scores.assign(study=study.id, index_name=_index_name(reading, weighting)))

    carried = [{str(k): v for k, v in row.items()} for row in filled.to_dict("records")]
    frames = []
    for name, parts in (("performance_index", index_frames), ("indicator_score", score_frames)):
        table = load_tables()[name]
        frame = pd.concat(parts, ignore_index=True)
        frame = frame.reindex(columns=[column for column in table.columns if column != "data_kind"])
        frame = frame.sort_values(list(table.key), kind="stable").reset_index(drop=True)
        frame.attrs["carried_cells"] = carried
        frames.append(frame)
    return frames[0], frames[1]


def _index_name(reading: str, weighting: Weighting) -> str:
    return f"mspi:{reading}" if weighting == "equal" else f"mspi {weighting}:{reading}"


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
    wide = equal.scores.pivot(index=["province_code", "year"], columns="indicator", values="score")[list(directions)]
    years = wide.index.get_level_values("year")
    kept = wide[(years >= baseline[0]) & (years <= baseline[1])] if baseline is not None else wide
    return first_component_weights(kept.to_numpy(), list(directions))


def _utilisation_indicators(study: Study) -> frozenset[str]:
    assert study.index is not None
    members = [m for group in study.index.dimensions.values() for m in group if isinstance(m, VolumeIndicator)]
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


def _log(panel: pd.DataFrame, indicator: str) -> pd.Series:
    bad = panel[panel[indicator] <= 0]
    if len(bad):
        row = bad.iloc[0]
        raise IndexDataError(
            f"{indicator_label(indicator)} has no logarithm: {row[indicator]} in "
            f"{province_label(int(row['province_code']))} {int(row['year'])}"
        )
    return pd.Series(np.log(panel[indicator].to_numpy()), index=panel.index)
