"""Networks as a model takes them: nodes with their figures, ties, covariates of pairs, which pairs are known.

Belongs here: from tables of the warehouse and of the part network to labelled frames; what is refused of them. Does not
belong here: which pairs are ties (the part network), fitting (fits.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from catalog.base import refuse
from catalog.parts.ergm import Nodal, Pairwise, Unlisted
from catalog.parts.network import NetworkSpec
from models_py.figures.map_classes import albers
from models_py.network.graph import NetworkError
from models_py.panel import ENTITY, first_few
from models_py.parts.frame import Tables
from models_py.spatial.conley import great_circle_km

_ENDS = {"origin_code": "origin", "destination_code": "destination"}
_COMPLETE = "complete"
_HUNDRED_KM = 100.0


@dataclass(frozen=True)
class Prepared:
    """One network: `nodes` by code with scaled figures and places; `pairs`: origin, destination, flow, listed, tie (NA:
    unknown) of listed and unknown pairs; `listed_by`: whether a service lists flows, so that pairs may be unknown;
    `scales`: what each figure was divided by, after the mean `centres` was taken off.
    """

    id: str
    nodes: pd.DataFrame
    pairs: pd.DataFrame
    listed_by: bool
    centres: Mapping[str, float] = field(default_factory=dict)
    scales: Mapping[str, float] = field(default_factory=dict)

    @property
    def edges(self) -> pd.DataFrame:
        """The ties: origin, destination."""
        known = self.pairs[self.pairs["tie"].fillna(False).astype(bool)]
        return known[["origin", "destination"]].reset_index(drop=True)

    @property
    def unknown(self) -> int:
        """Pairs of which nobody knows whether they are ties."""
        return int(self.pairs["tie"].isna().sum())

    def observed(self, treatment: Unlisted) -> pd.DataFrame | None:
        """The pairs a model may use under a treatment of the others; None for all."""
        if treatment == "all_zero" or (treatment == "observed" and not self.unknown):
            return None
        if treatment == "listed_only":
            return self.pairs.loc[self.pairs["listed"].astype(bool), ["origin", "destination"]]
        codes = self.nodes.index.to_numpy()
        every = pd.MultiIndex.from_product([codes, codes])
        unknown = self.pairs.loc[self.pairs["tie"].isna(), ["origin", "destination"]]
        known = every.difference(pd.MultiIndex.from_frame(unknown), sort=False)
        frame = known.to_frame(index=False, name=["origin", "destination"])
        return frame[frame["origin"] != frame["destination"]].reset_index(drop=True)


def prepare(name: str, spec: NetworkSpec, nodal: Nodal, used: Sequence[str], tables: Tables) -> Prepared:
    """A network of the study with the figures of its nodes.

    `tables`: network_node, network_tie, city; figures and county_year for the figures. `used`: the variables its models
    name. Raises NetworkError for nodes without a figure or that do not vary under scale z.
    """
    own = tables["network_node"][tables["network_node"]["network"] == name]
    codes = pd.Index(own["city_code"].astype(int), name=ENTITY)
    ties = tables["network_tie"][tables["network_tie"]["network"] == name].rename(columns=_ENDS)
    places = tables["city"].drop_duplicates(ENTITY).set_index(ENTITY).reindex(codes)
    kept = ["lon", "lat", *(column for column in ("dialect", "dialect_sub", "province_code") if column in places)]
    figures = _figures(name, spec, {one: nodal.variables[one] for one in used}, codes, tables)
    centres, scales = _scaling(name, figures, nodal)
    scaled = (figures - pd.Series(centres)) / pd.Series(scales) if used else figures
    return Prepared(
        name,
        pd.concat([places[kept], scaled[list(used)]], axis=1),
        ties[["origin", "destination", "flow", "listed", "tie"]].reset_index(drop=True),
        bool((own["lists"] != _COMPLETE).any()),
        centres,
        scales,
    )


def _figures(name: str, spec: NetworkSpec, wanted: Mapping[str, str], codes: pd.Index, tables: Tables) -> pd.DataFrame:
    """Figures of the nodes in the year of the network, by the names of terms."""
    if not wanted:
        return pd.DataFrame(index=codes)
    frames = [tables[source] for source in ("figures", "county_year") if source in tables]
    rows = pd.concat([frame[frame["year"] == spec.year] for frame in frames])
    rows = rows[rows[ENTITY].isin(codes)].drop_duplicates(ENTITY).set_index(ENTITY).reindex(codes)
    absent = [indicator for indicator in wanted.values() if indicator not in rows]
    refuse((absent, f"{name}: no figures of {{}} in {spec.year}"), error=NetworkError)
    found = pd.DataFrame({one: rows[indicator].astype("float64") for one, indicator in wanted.items()})
    for one in found:
        gone = [str(code) for code in found.index[found[one].isna()]]
        told = f"{name}: {len(gone)} of {len(codes)} nodes have no {wanted[str(one)]} in {spec.year}: {first_few(gone)}"
        refuse((gone, told), error=NetworkError)
    return found


def _scaling(name: str, figures: pd.DataFrame, nodal: Nodal) -> tuple[dict[str, float], dict[str, float]]:
    """What is taken off each figure, and what it is then divided by."""
    columns = [str(one) for one in figures]
    if nodal.scale != "z":
        return dict.fromkeys(columns, 0.0), {one: float(nodal.per_unit.get(one, 1.0)) for one in columns}
    spreads = {one: float(figures[one].std(ddof=0)) for one in columns}
    refuse(
        ([one for one, spread in spreads.items() if spread == 0], f"{name}: all nodes have the same {{}}"),
        error=NetworkError,
    )
    return {one: float(figures[one].mean()) for one in columns}, spreads


def covariates(prepared: Prepared, wanted: Mapping[str, Pairwise]) -> dict[str, pd.DataFrame]:
    """Covariates of pairs by the name terms use. Raises NetworkError for nodes without a place or a dialect."""
    return {name: _covariate(prepared, kind) for name, kind in wanted.items()}


def _covariate(prepared: Prepared, kind: Pairwise) -> pd.DataFrame:
    nodes = prepared.nodes
    column = {"province": "province_code", "dialect": "dialect", "dialect_sub": "dialect_sub"}.get(kind)
    if column is not None:
        return _same(prepared, column)
    values = _apart(prepared, kind)
    if kind.startswith("inverse"):
        alike = np.argwhere(np.triu(values <= 0, 1))
        told = [f"{nodes.index[i]} and {nodes.index[j]}" for i, j in alike[:3]]
        refuse((told, f"{prepared.id}: two nodes have one place: {{}}"), error=NetworkError)
        np.fill_diagonal(values, np.inf)
        values = 1 / values
    return pd.DataFrame(values, index=nodes.index, columns=nodes.index)


def _same(prepared: Prepared, column: str) -> pd.DataFrame:
    nodes = prepared.nodes
    said = nodes[column] if column in nodes else pd.Series(pd.NA, index=nodes.index)
    gone = [str(code) for code in said.index[said.isna()]]
    told = f"{prepared.id}: {len(gone)} of {len(nodes)} nodes have no {column}: {first_few(gone)}"
    refuse((gone, told), error=NetworkError)
    spoken = said.to_numpy()
    return pd.DataFrame((spoken[:, None] == spoken[None, :]) * 1.0, index=nodes.index, columns=nodes.index)


def _apart(prepared: Prepared, kind: Pairwise) -> np.ndarray:
    """Distances of all pairs: hundreds of km, or degrees."""
    places = prepared.nodes[["lon", "lat"]].astype("float64")
    gone = [str(code) for code in places.index[places.isna().any(axis=1)]]
    told = f"{prepared.id}: {len(gone)} nodes have no coordinates: {first_few(gone)}"
    refuse((gone, told), error=NetworkError)
    if kind.endswith("great_circle"):
        return great_circle_km(places.reset_index(), list(places.index)) / _HUNDRED_KM
    plane = places.to_numpy() if kind == "inverse_degrees" else albers(places.to_numpy()) / _HUNDRED_KM
    return np.asarray(np.hypot(*(plane[:, None, :] - plane[None, :, :]).transpose(2, 0, 1)))
