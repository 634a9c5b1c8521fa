"""A network as arrays: which places there are, who is tied to whom, which dyads were observed.

Belongs here: from labelled frames to arrays, matched by label, and everything refused about them. Does not belong
here: statistics of a network (terms.py), estimation.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from catalog.base import refuse
from models_py.econometrics.result import EstimationError
from models_py.panel import first_few, lacking, with_nearest

ENDS = ["origin", "destination"]


class NetworkError(EstimationError):
    """A network or a model of it that cannot be used; the message names the place, dyad, term or cell at fault."""


class DegenerateError(NetworkError):
    """A model that puts its weight on networks unlike the observed one. `statistics`: observed and simulated."""

    def __init__(self, message: str, statistics: pd.DataFrame) -> None:
        super().__init__(message)
        self.statistics = statistics


@dataclass(frozen=True)
class Network:
    """Places and ties. `ties` (n x n, bool) without loops, symmetric when undirected; `observed` likewise, None if
    every dyad is; `nodes` the attributes, a row for each place in order; `dyads` covariates (n x n) by name.
    """

    names: tuple[Hashable, ...]
    directed: bool
    ties: np.ndarray
    nodes: pd.DataFrame
    dyads: Mapping[str, np.ndarray] = field(default_factory=dict)
    observed: np.ndarray | None = None

    @property
    def n(self) -> int:
        """Number of places."""
        return len(self.names)

    @cached_property
    def eligible(self) -> np.ndarray:
        """Dyads that count (n x n, bool): observed, no loops; of an undirected network those above the diagonal."""
        free = ~np.eye(self.n, dtype=bool) if self.observed is None else self.observed.copy()
        return free if self.directed else np.triu(free)

    @cached_property
    def n_dyads(self) -> int:
        """Observed dyads: ordered pairs of a directed network, pairs of an undirected one."""
        return int(self.eligible.sum())

    @cached_property
    def n_ties(self) -> int:
        """Ties among the observed dyads."""
        return int((self.ties & self.eligible).sum())

    @property
    def density(self) -> float:
        """Ties as a share of the observed dyads."""
        return self.n_ties / self.n_dyads

    def edges(self) -> pd.DataFrame:
        """The ties as labels: origin, destination."""
        rows, columns = np.nonzero(self.ties if self.directed else np.triu(self.ties))
        labels = pd.Index(self.names)
        return pd.DataFrame({"origin": labels[rows], "destination": labels[columns]})


def network_of(
    nodes: pd.DataFrame,
    edges: pd.DataFrame,
    dyads: Mapping[str, pd.DataFrame] | None = None,
    directed: bool = True,
    observed: pd.DataFrame | None = None,
) -> Network:
    """The network of labelled frames; `nodes` is indexed by place, `edges` and `observed` have origin, destination.

    Raises NetworkError for a place that stands twice, fewer than three places, a loop, a tie that stands twice, a tie
    outside `observed`, and a label without a partner (with the nearest one), in whichever frame.
    """
    index = nodes.index
    refuse(
        (index.isna().any(), "a row of the nodes has no label"),
        (index[index.duplicated()].tolist()[:1], "the nodes name {} twice"),
        (len(index) < 3, f"a network needs at least three places, found {len(index)}"),
        error=NetworkError,
    )
    ties = _matrix(edges, index, directed, "edges")
    seen = None if observed is None else _matrix(observed, index, directed, "observed dyads")
    made = Network(
        tuple(index),
        directed,
        ties,
        nodes,
        {name: _covariate(name, frame, index, directed) for name, frame in (dyads or {}).items()},
        seen,
    )
    outside = [] if seen is None else _pairs(ties & ~seen, index)
    refuse(
        (seen is not None and not seen.any(), "no dyad is observed: `observed` is empty"),
        (outside, f"ties outside the observed dyads: {first_few(outside)}"),
        error=NetworkError,
    )
    return made


def _matrix(frame: pd.DataFrame, index: pd.Index, directed: bool, what: str) -> np.ndarray:
    """Dyads named by origin and destination, as an n x n matrix of bool."""
    places = positions(frame, index, what)
    rows, columns = places if directed else (np.minimum(*places), np.maximum(*places))
    loops, codes = rows == columns, rows * len(index) + columns
    twice = pd.Series(codes).duplicated().to_numpy()
    refuse(
        ([str(index[at]) for at in rows[loops]][:3], f"the {what} join a place with itself: {{}}"),
        (
            [f"{index[i]} - {index[j]}" for i, j in zip(rows[twice], columns[twice], strict=True)][:3],
            f"the {what} have {{}} twice",
        ),
        error=NetworkError,
    )
    found = np.zeros((len(index), len(index)), dtype=bool)
    found[rows, columns] = True
    return found if directed else found | found.T


def positions(frame: pd.DataFrame, index: pd.Index, what: str) -> tuple[np.ndarray, np.ndarray]:
    """Where origins and destinations of a frame stand in the index. Raises NetworkError naming those that do not."""
    refuse((lacking(frame, ENDS), f"the {what} lack the columns {{}}"), error=NetworkError)
    rows, columns = (np.asarray(index.get_indexer(pd.Index(frame[end]))) for end in ENDS)
    unknown = {str(name) for end, at in zip(ENDS, (rows, columns), strict=True) for name in frame[end][at < 0]}
    told = [with_nearest(name, index) for name in sorted(unknown)]
    refuse((told, f"the {what} name places that are no node: {first_few(told)}"), error=NetworkError)
    return rows, columns


def _covariate(name: str, frame: pd.DataFrame, index: pd.Index, directed: bool) -> np.ndarray:
    """A dyad covariate in the order of the nodes; the diagonal is not read."""
    for axis, labels in (("rows", frame.index), ("columns", frame.columns)):
        spare = [label for label in labels if label not in index]
        absent = [with_nearest(label, spare or labels) for label in index if label not in labels]
        refuse(
            (labels[labels.duplicated()].tolist()[:1], f"the {axis} of the dyad covariate {name!r} name {{}} twice"),
            (absent, f"the {axis} of the dyad covariate {name!r} lack {first_few(absent)}"),
            (
                spare,
                f"the {axis} of the dyad covariate {name!r} name places that are no node: "
                f"{first_few([with_nearest(label, index) for label in spare])}",
            ),
            error=NetworkError,
        )
    values = frame.loc[index, index].to_numpy(dtype="float64", na_value=np.nan).copy()
    np.fill_diagonal(values, 0.0)
    gone = _pairs(~np.isfinite(values), index)
    uneven = [] if directed else _pairs(np.triu(np.abs(values - values.T) > 1e-12 * np.abs(values).max()), index)
    refuse(
        (gone, f"the dyad covariate {name!r} has no finite value for {first_few(gone)}"),
        (uneven, f"the network is undirected, but the dyad covariate {name!r} differs by direction: "
         f"{first_few(uneven)}"),
        error=NetworkError,
    )  # fmt: skip
    return values


def _pairs(where: np.ndarray, index: pd.Index) -> list[str]:
    return [f"{index[i]} - {index[j]}" for i, j in np.argwhere(where)]
