"""A network and the terms of a model of it: which coefficients are free, which fixed, and how far dyads depend.

Belongs here: that, and what is refused before anything is fitted. Does not belong here: estimation.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from catalog.base import refuse
from models_py.network.design import Design, design_of
from models_py.network.graph import Network, NetworkError
from models_py.network.logistic import refuse_empty
from models_py.network.terms import Coefficient, coefficients

Level = Literal["dyads", "pairs", "network"]


@dataclass(frozen=True)
class Model:
    """`free` coefficients, in the order of the terms; `offsets` with their `fixed` values."""

    network: Network
    free: tuple[Coefficient, ...]
    offsets: tuple[Coefficient, ...] = ()
    fixed: tuple[float, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the free coefficients."""
        return tuple(one.name for one in self.free)

    @property
    def level(self) -> Level:
        """What is independent of what: dyads, pairs of dyads, or nothing smaller than the network."""
        every = (*self.free, *self.offsets)
        if any(one.tables for one in every):
            return "network"
        return "pairs" if any(one.mutual for one in every) else "dyads"

    @cached_property
    def statistics(self) -> np.ndarray:
        """Statistics of the network, of the free coefficients."""
        return np.array([one.statistic(self.network) for one in self.free])

    @cached_property
    def design(self) -> Design:
        """The design of all free coefficients: of the likelihood when dyads are independent, else the pseudo-one."""
        return design_of(self.network, self.free, self.offsets, self.fixed)

    def part(self, keep: Callable[[Coefficient], bool]) -> "Model":
        """The model with some of its coefficients, free and fixed."""
        offsets = [(one, value) for one, value in zip(self.offsets, self.fixed, strict=True) if keep(one)]
        return Model(
            self.network,
            tuple(one for one in self.free if keep(one)),
            tuple(one for one, _ in offsets),
            tuple(value for _, value in offsets),
        )


def of_dyads(one: Coefficient) -> bool:
    """Whether the dyads of a coefficient are independent of each other."""
    return one.values is not None


def model_of(network: Network, terms: Sequence[str], offset_coefficients: Mapping[str, float] | None = None) -> Model:
    """The model of terms; each offset needs its value in `offset_coefficients`, by its name as printed.

    Raises NetworkError as `coefficients`, for offsets without a finite value or values without an offset, no free
    coefficient, and `observed` dyads with terms that depend on more than a pair.
    """
    made, given = coefficients(network, terms), dict(offset_coefficients or {})
    free, offsets = [one for one in made if not one.offset], [one for one in made if one.offset]
    names = [one.name for one in offsets]
    endless = [name for name in names if name in given and not np.isfinite(given[name])]
    refuse(
        (not free, "every term is an offset: there is nothing to estimate"),
        ([name for name in names if name not in given], "no coefficient for {}: give it in offset_coefficients"),
        ([name for name in given if name not in names], "offset_coefficients for {}, which is no offset of the model"),
        (endless, "the coefficient of {} is not finite; dyads that cannot be ties are left out of `observed`"),
        error=NetworkError,
    )
    deep = [one.name for one in made if one.tables]
    refuse(
        (
            deep if network.observed is not None else [],
            "`observed` with {}: unknown dyads change degrees and shared partners, and the likelihood that sums over "
            "them is not implemented; leave the term out, or say which unlisted dyads are no ties",
        ),
        error=NetworkError,
    )
    return Model(network, tuple(free), tuple(offsets), tuple(float(given[name]) for name in names))


def refuse_unidentified(model: Model) -> None:
    """Raise NetworkError where no finite estimate exists, naming the term, the cell and the numbers: an empty or
    complete network, a constant or collinear term, a statistic at its smallest or largest value, a cell without ties.
    """
    refuse_empty(model.design)
    for one in model.free:
        if one.mutual:
            _refuse_mutual(model.network)
        if one.tables:
            _refuse_extreme(model, one)
    _refuse_cells(model)
    alone = model.part(of_dyads)
    if alone.free:
        alone.design.refuse_collinear()


def _refuse_mutual(network: Network) -> None:
    seen = network.eligible & network.eligible.T
    both = int((network.ties & network.ties.T & seen).sum()) // 2
    either = int(((network.ties | network.ties.T) & seen).sum()) // 2
    refuse(
        (both == 0, f"mutual: 0 of {either} pairs with a tie are tied both ways; the coefficient has no finite value"),
        (
            both == either,
            f"mutual: all {both} pairs with a tie are tied both ways; the coefficient has no finite value",
        ),
        error=NetworkError,
    )


def _refuse_extreme(model: Model, one: Coefficient) -> None:
    """A statistic that no network could make smaller, or larger, has no finite coefficient."""
    n, found = model.network.n, one.statistic(model.network)
    shared = "otp" in one.tables or "itp" in one.tables
    (table, *_) = one.tables.values()
    reached = table if one.name == "isolates" else table[:n]
    lowest, highest = (0.0, np.inf) if shared else (n * float(reached.min()), n * float(reached.max()))
    counted = "no tie has a shared partner" if shared else f"{found:g} of {n} places"
    told = f"{one.name} is at its smallest possible value ({counted}): the coefficient has no finite value"
    refuse(
        (found <= lowest, told),
        (found >= highest, told.replace("smallest", "largest")),
        error=NetworkError,
    )


def _refuse_cells(model: Model) -> None:
    found, network, edges = model.design.moments, model.network, "edges" in model.names
    for at, one in enumerate(model.free):
        if one.cell is None:
            continue
        dyads, ties = int(found.cells[at]), int(found.tied[at])
        _refuse_cell(one, one.cell[0], dyads, ties)
        # What lies outside the cell has a coefficient of its own only through edges, if x is 0 or 1.
        if edges and found.high[at] == 1:
            _refuse_cell(one, one.cell[1], network.n_dyads - dyads, network.n_ties - ties)


def _refuse_cell(one: Coefficient, cell: str, dyads: int, ties: int) -> None:
    known = dyads > 0 and ties in (0, dyads)
    refuse(
        (
            known,
            f"separation: {one.name} has no finite coefficient, because {ties} of {dyads} {cell} are ties; "
            "leave the term out, or join groups",
        ),
        (dyads == 0, f"{one.name}: there are 0 {cell}; the term is constant"),
        error=NetworkError,
    )
