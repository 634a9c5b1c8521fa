"""The spatial weights a study asks for by name, made for the places of its panel.

Belongs here: from a name and what a part is given to a labelled matrix. Does not belong here: formulas
(models_py/spatial/weight_types.py), the meaning of names (catalog/spatial_weights.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from catalog.base import refuse
from catalog.provinces import load_adjacency
from catalog.spatial_weights import WeightsName, WeightsOptions, weights_name
from models_py.panel import ENTITY, Panel, full_grid
from models_py.spatial.weight_types import (
    contiguity,
    distances_km,
    economic,
    from_pairs,
    inverse_distance,
    knn,
    nested,
    row_standardised,
)
from models_py.spatial.weights import WeightsError

if TYPE_CHECKING:
    from models_py.parts.frame import Work


def weights_of_study(work: Work, options: WeightsOptions | None = None) -> dict[str, pd.DataFrame]:
    """Every matrix the part asks for, by name, in order; places are the codes of the panel's entities.

    Rows have sum 1, but those of `contiguity_binary`, and a user's matrix is taken as given. Raises WeightsError
    naming the matrix and the place that has no weights, border, coordinates or figure.
    """
    options = options or work.options
    return {name: made(name, work.panel, work.tables, options.economic_by) for name in options.weights}


def made(name: str, panel: Panel, tables: Mapping[str, pd.DataFrame], economic_by: str) -> pd.DataFrame:
    """One matrix; see `weights_of_study`."""
    asked = weights_name(name)
    try:
        if asked is None:
            return _supplied(name, panel, tables.get("spatial_weight"))
        raw = _of_kind(asked, panel, tables, economic_by)
        return raw if asked.kind == "contiguity_binary" else row_standardised(raw)
    except WeightsError as error:
        raise WeightsError(f"weights {name}: {error}") from error


def _of_kind(asked: WeightsName, panel: Panel, tables: Mapping[str, pd.DataFrame], economic_by: str) -> pd.DataFrame:
    if asked.kind in ("contiguity", "contiguity_binary"):
        return _contiguity(panel, asked.order)
    if asked.kind == "economic":
        return economic(_means(tables["figures"], economic_by, panel))
    distance = distances_km(_places(panel))
    if asked.kind == "knn":
        return knn(distance, asked.nearest)
    near = inverse_distance(distance, asked.power, asked.km)
    if asked.kind == "nested":
        return nested(near, economic(_means(tables["figures"], economic_by, panel)), asked.percent / 100)
    return near


def _contiguity(panel: Panel, order: int) -> pd.DataFrame:
    unit = panel.unit
    refuse(
        (
            unit.id != "province",
            f"which {unit.many.en} border on each other is not declared; supply a matrix as a file (weights: in "
            "sources.yaml) and give its name",
        ),
        error=WeightsError,
    )
    held = set(panel.codes)
    return contiguity(panel.codes, {pair for pair in load_adjacency() if set(pair) <= held}, order)


def _places(panel: Panel) -> pd.DataFrame:
    rows = [(entity.lon, entity.lat) for entity in panel.entities]
    places = pd.DataFrame(rows, index=list(panel.codes), columns=["lon", "lat"])
    absent = [panel.label(int(code)) for code in places.index[places.isna().any(axis=1)]]
    refuse((absent, "the panel gives no coordinates of {}"), error=WeightsError)
    return places


def _means(figures: pd.DataFrame, indicator: str, panel: Panel) -> pd.Series:
    """Mean over the years of each place, of the years there are."""
    values = full_grid(figures, [indicator], panel).groupby(ENTITY)[indicator].mean()
    absent = [panel.label(int(code)) for code in panel.codes if pd.isna(values.get(code))]
    refuse((absent, f"no figure of {indicator} for {{}}"), error=WeightsError)
    return values.reindex(list(panel.codes))


def _supplied(name: str, panel: Panel, pairs: pd.DataFrame | None) -> pd.DataFrame:
    known = [] if pairs is None else sorted(set(pairs["name"]))
    refuse(
        (
            name not in known,
            f"no file supplies a matrix of this name; supplied: {', '.join(known) or 'none'}. Declare it under "
            "`weights:` in sources.yaml, or take contiguity, inverse_distance, knn, economic or nested",
        ),
        error=WeightsError,
    )
    assert pairs is not None
    return from_pairs(pairs[pairs["name"] == name], panel.codes)
