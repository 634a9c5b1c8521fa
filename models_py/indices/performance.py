"""The Medical Service Performance Index in every reading of a study's configuration.

Belongs here: which direction an indicator takes under a reading, and the shape of the published tables.
Does not belong here: the formula (indices/standardised.py) and the balance of the panel (panel.py).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from catalog import Study, load_registry, load_tables
from catalog.studies import Reading, VolumeIndicator, index_indicators
from models_py.indices.standardised import IndexDataError, standardised_index
from models_py.panel import balanced_panel, indicator_label, province_label

_VISITS = frozenset({"visits_per_resident", "outpatient_visits"})
_ADMISSIONS = frozenset({"admission_rate", "hospital_admissions"})
_REGISTERED = {"favourable": 1, "adverse": -1}


def performance_index(province_year: pd.DataFrame, study: Study) -> tuple[pd.DataFrame, pd.DataFrame]:
    """MSPI, SSI, QII and HMI per province, year and reading, and the scores behind them.

    `province_year`: province_code, year and the study's index indicators in canonical units; rows outside the
    study's years are ignored. Returns the rows of tables `performance_index` and `indicator_score` (all
    columns but data_kind), values in standard deviations. Under volume_basis log_count the utilisation series
    are standardised in logarithms while `raw` stays in the indicator's unit.

    Domain sections 2.1 to 2.3: utilisation counts (+, +) under `volume`, (-, -) under `substitution` and
    (visits +, admissions -) under `mixed`; every other direction is the registry's. Cells carried under
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
    for reading in index.readings:
        directions = {indicator: _direction(indicator, utilisation, reading) for indicator in indicators}
        result = standardised_index(measured, directions, dimensions, ddof=index.ddof, name="mspi")
        index_frames.append(result.values.assign(study=study.id, reading=reading))
        scores = result.scores.drop(columns="raw").merge(raw, on=["indicator", "province_code", "year"])
        scores = scores.rename(columns={"province_code": "entity_code"})
        score_frames.append(scores.assign(study=study.id, index_name=f"mspi:{reading}"))

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


def _utilisation_indicators(study: Study) -> frozenset[str]:
    assert study.index is not None
    members = [m for group in study.index.dimensions.values() for m in group if isinstance(m, VolumeIndicator)]
    return frozenset(name for member in members for name in (member.per_capita, member.count))


def _direction(indicator: str, utilisation: frozenset[str], reading: Reading) -> int:
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
