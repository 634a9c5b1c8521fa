"""What each term of a network model counts: one definition a term, from which statistic and change statistic follow.

Belongs here: the terms. Does not belong here: their notation (notation.py), estimation, the compiled sampler, which
reads the same definitions (sampler.py).

A coefficient has one of three forms, and every term is one of them:
    values   x_ij of each dyad; the statistic is the sum over ties (dyads are independent of each other)
    mutual   pairs tied both ways (pairs are independent of each other)
    tables   a number for each degree, summed over places, or for each count of shared partners, summed over ties
Shared partners of a tie i -> j: OTP, the k with i -> k -> j; ITP, the k with j -> k -> i. With P the square of the
ties, they are P_ij and P_ji, for any number of partners; no table is cut off.

Sources: Handcock and others (2008), J Stat Software 24(3); Hunter (2007), Social Networks 29(2): gw-weights
e^a (1 - (1 - e^-a)^s); names as statnet's ergm 4 prints them.
"""

import inspect
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

import numpy as np
import pandas as pd

from catalog.base import refuse
from models_py.network.graph import Network, NetworkError
from models_py.network.notation import Call, parse
from models_py.panel import first_few, with_nearest

Counted = Literal["in", "out", "degree", "otp", "itp"]
COUNTED: tuple[Counted, ...] = ("in", "out", "degree", "otp", "itp")
# x_ij of places i (rows) and j (columns), given by their positions.
Values = Callable[[np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Coefficient:
    """One parameter: its statistic as `values`, `mutual` or `tables` (see above). `cell`: in words, the dyads a term
    of zeros and ones marks, then those it does not; empty if it is no such term.
    """

    name: str
    values: Values | None = None
    mutual: bool = False
    tables: Mapping[Counted, np.ndarray] = field(default_factory=dict)
    cell: tuple[str, str] | None = None
    offset: bool = False

    def statistic(self, network: Network) -> float:
        """The statistic of the network."""
        ties, every = network.ties, np.arange(network.n)
        counted = ties if network.directed else np.triu(ties)
        if self.values is not None:
            return float(self.values(every, every)[counted].sum())
        if self.mutual:
            return float((ties & ties.T).sum()) / 2
        found = counts(network, self.tables)
        return float(
            sum(
                table[found[name] if found[name].ndim == 1 else found[name][counted]].sum()
                for name, table in self.tables.items()
            )
        )

    def changes(self, network: Network) -> np.ndarray:
        """Change statistics (n x n): statistic with the tie i -> j less that without it, all other ties as they are."""
        every = np.arange(network.n)
        if self.values is not None:
            return self.values(every, every)
        if self.mutual:
            return network.ties.T.astype(float)
        found, total = counts(network, self.tables), np.zeros((network.n, network.n))
        for name, table in self.tables.items():
            change = _shared_changes if name in ("otp", "itp") else _degree_changes
            total += change(network, name, np.diff(table, append=table[-1]), table, found[name])
        return total


def counts(network: Network, wanted: Mapping[Counted, Any]) -> dict[Counted, np.ndarray]:
    """Degrees (n) and shared partners (n x n) by what is counted."""
    ties = network.ties
    found: dict[Counted, np.ndarray] = {}
    if "otp" in wanted or "itp" in wanted:
        # Exact in floating point, and by far the fastest way.
        paths = np.rint(ties.astype(float) @ ties.astype(float)).astype(int)
        found |= {"otp": paths, "itp": paths.T}
    into, out = ties.sum(axis=0), ties.sum(axis=1)
    found |= {"in": into, "out": out, "degree": into + out if network.directed else out}
    return {name: found[name] for name in COUNTED if name in wanted}


def _degree_changes(
    network: Network, name: Counted, step: np.ndarray, _table: np.ndarray, found: np.ndarray
) -> np.ndarray:
    tie = network.ties.astype(int)
    sender, receiver = step[found[:, None] - tie], step[found[None, :] - tie]
    return {"out": sender, "in": receiver, "degree": sender + receiver}[name]


def _shared_changes(
    network: Network, name: Counted, step: np.ndarray, table: np.ndarray, found: np.ndarray
) -> np.ndarray:
    """A new tie i -> j has its own shared partners and is a step of two-paths that other ties share.

    Counts are those without the tie itself: where it stands, each of the others has one partner less.
    """
    ties, tie = network.ties.astype(float), network.ties
    without = table[found]
    for present, shift in ((False, 0), (True, 1)):
        other = ties * step[np.maximum(found - shift, 0)]
        # OTP: i -> k with i -> j -> k, and k -> j with k -> i -> j. ITP: k -> i and j -> k with j -> k -> i.
        added = other @ ties.T + ties.T @ other if name == "otp" else (ties @ other).T + (other @ ties).T
        without = without + np.where(tie == present, added, 0.0)
    return without


def coefficients(network: Network, terms: Sequence[str]) -> list[Coefficient]:
    """The coefficients of terms in statnet's notation, in order.

    Raises NetworkError naming the term: unknown, wrong arguments, of the other kind of network, an attribute absent or
    missing for places (named, with their number), a covariate absent, a level absent; a coefficient that stands twice.
    """
    refuse(
        (isinstance(terms, str), "terms is a list of texts, not one text"),
        (len(terms) == 0, "no terms"),
        error=NetworkError,
    )
    made = [one for text in terms for one in _coefficients(network, parse(text))]
    names = [one.name for one in made]
    refuse(
        ([name for name in dict.fromkeys(names) if names.count(name) > 1], "terms that stand twice: {}"),
        error=NetworkError,
    )
    return made


def _coefficients(network: Network, call: Call) -> list[Coefficient]:
    if call.name not in TERMS:
        told = with_nearest(call.name, TERMS)
        raise NetworkError(f"{call.text!r}: no term {told}; there are {', '.join(sorted(TERMS))}")
    build, kind = TERMS[call.name]
    wrong = {"directed": not network.directed, "undirected": network.directed}.get(kind, False)
    refuse((wrong, f"{call.text!r} is a term of {kind} networks, and this one is not"), error=NetworkError)
    try:
        bound = inspect.signature(build).bind(network, call, *call.positional, **call.named)
    except TypeError as error:
        names = ", ".join(list(inspect.signature(build).parameters)[2:])
        raise NetworkError(f"{call.text!r}: {error}; {call.name} takes ({names})") from None
    made = build(*bound.args, **bound.kwargs)
    if not call.offset:
        return made
    return [
        Coefficient(f"offset({one.name})", one.values, one.mutual, one.tables, one.cell, offset=True) for one in made
    ]


# --- attributes ---


def _attribute(network: Network, call: Call, name: Any) -> pd.Series:
    refuse((not isinstance(name, str), f"{call.text!r}: the attribute's name is a text, found {name!r}"),
           error=NetworkError)  # fmt: skip
    if name not in network.nodes.columns:
        raise NetworkError(f"{call.text!r}: the nodes have no attribute {with_nearest(name, network.nodes.columns)}")
    column = network.nodes[name]
    gone = [str(place) for place in column.index[column.isna()]]
    told = f"{call.text!r}: {len(gone)} of {network.n} places have no {name!r}: {first_few(gone)}"
    refuse((gone, told), error=NetworkError)
    return column


def _numbers(network: Network, call: Call, name: Any) -> np.ndarray:
    column = _attribute(network, call, name)
    refuse(
        (
            not pd.api.types.is_numeric_dtype(column),
            f"{call.text!r}: {name!r} is not numeric but {column.dtype}; of groups, nodefactor and nodematch are made",
        ),
        error=NetworkError,
    )
    values = column.to_numpy(dtype="float64")
    endless = [str(place) for place in column.index[np.isinf(values)]]
    refuse((endless, f"{call.text!r}: {name!r} is infinite for {first_few(endless)}"), error=NetworkError)
    return values


def _groups(network: Network, call: Call, name: Any) -> tuple[np.ndarray, list[Hashable]]:
    """Codes of the places and their levels, sorted."""
    column = _attribute(network, call, name)
    levels = sorted(column.unique(), key=lambda level: (isinstance(level, str), level))
    refuse((len(levels) < 2, f"{call.text!r}: all places have {name!r} = {levels[0]}"), error=NetworkError)
    return pd.Index(levels).get_indexer(pd.Index(column)), levels


def _chosen(call: Call, levels: Sequence[Any], wanted: Any, default: Sequence[int]) -> list[int]:
    """Positions of levels: by number from 1 (negative: all but these), by name, True for all."""
    if wanted is None:
        return list(default)
    if wanted is True:
        return list(range(len(levels)))
    asked = wanted if isinstance(wanted, tuple) else (wanted,)
    names = [str(level) for level in levels]
    if all(isinstance(one, str) for one in asked):
        absent = [with_nearest(one, names) for one in asked if one not in names]
        refuse((absent, f"{call.text!r}: no level {{}}"), error=NetworkError)
        return [names.index(one) for one in asked]
    numbers = all(isinstance(one, int) and 1 <= abs(one) <= len(levels) for one in asked)
    signs = {one > 0 for one in asked} if numbers else set()
    refuse(
        (len(signs) != 1, f"{call.text!r}: levels are names, or numbers from 1 to {len(levels)}, or all negative"),
        error=NetworkError,
    )
    places = [abs(one) - 1 for one in asked]
    return places if True in signs else [at for at in range(len(levels)) if at not in places]


def _number(call: Call, name: str, value: Any, least: float = 0.0) -> float:
    fine = isinstance(value, int | float) and not isinstance(value, bool) and least <= value < float("inf")
    refuse((not fine, f"{call.text!r}: {name} is a number of at least {least:g}, found {value!r}"), error=NetworkError)
    return float(value)


# --- terms whose dyads are independent ---


def _edges(network: Network, call: Call) -> list[Coefficient]:
    return [Coefficient("edges", lambda i, j: np.ones((len(i), len(j))))]


def _nodecov(network: Network, call: Call, attr: str, *, sends: bool, receives: bool) -> list[Coefficient]:
    x = _numbers(network, call, attr)
    values = {
        (True, True): lambda i, j: x[i][:, None] + x[j],
        (True, False): lambda i, j: np.repeat(x[i][:, None], len(j), axis=1),
        (False, True): lambda i, j: np.repeat(x[j][None, :], len(i), axis=0),
    }[sends, receives]
    return [Coefficient(f"{call.name}.{attr}", values)]


def _sum_of_nodes(network: Network, call: Call, attr: str) -> list[Coefficient]:
    return _nodecov(network, call, attr, sends=True, receives=True)


def _receiver(network: Network, call: Call, attr: str) -> list[Coefficient]:
    return _nodecov(network, call, attr, sends=False, receives=True)


def _sender(network: Network, call: Call, attr: str) -> list[Coefficient]:
    return _nodecov(network, call, attr, sends=True, receives=False)


def _nodefactor(network: Network, call: Call, attr: str, levels: Any = None) -> list[Coefficient]:
    codes, names = _groups(network, call, attr)

    def ends(level: int, i: np.ndarray, j: np.ndarray) -> np.ndarray:
        return (codes[i] == level)[:, None] * 1.0 + (codes[j] == level)

    kept = _chosen(call, names, levels, range(1, len(names)))
    return [
        Coefficient(
            f"nodefactor.{attr}.{names[at]}",
            partial(ends, at),
            cell=(f"dyads with an end in {attr}={names[at]}", f"dyads without an end in {attr}={names[at]}"),
        )
        for at in kept
    ]


def _nodematch(network: Network, call: Call, attr: str, diff: bool = False, levels: Any = None) -> list[Coefficient]:
    codes, names = _groups(network, call, attr)
    refuse((levels is not None and not diff, f"{call.text!r}: levels need diff=True"), error=NetworkError)
    if not diff:
        cell = (f"dyads with equal {attr}", f"dyads with different {attr}")
        return [Coefficient(f"nodematch.{attr}", lambda i, j: (codes[i][:, None] == codes[j]) * 1.0, cell=cell)]

    def within(level: int, i: np.ndarray, j: np.ndarray) -> np.ndarray:
        return (codes[i] == level)[:, None] * (codes[j] == level) * 1.0

    return [
        Coefficient(
            f"nodematch.{attr}.{names[at]}",
            partial(within, at),
            cell=(f"dyads within {attr}={names[at]}", f"dyads not within {attr}={names[at]}"),
        )
        for at in _chosen(call, names, levels, range(len(names)))
    ]


def _nodemix(network: Network, call: Call, attr: str, levels2: Any = None) -> list[Coefficient]:
    codes, names = _groups(network, call, attr)
    size = range(len(names))
    cells = [(a, b) for b in size for a in size if network.directed or a <= b]

    def mixed(a: int, b: int, i: np.ndarray, j: np.ndarray) -> np.ndarray:
        forward = (codes[i] == a)[:, None] & (codes[j] == b)
        return 1.0 * (forward if network.directed else forward | (codes[i] == b)[:, None] & (codes[j] == a))

    labels = [f"{names[a]}.{names[b]}" for a, b in cells]
    return [
        Coefficient(
            f"mix.{attr}.{labels[at]}",
            partial(mixed, *cells[at]),
            cell=(f"dyads {attr}={labels[at]}", f"dyads other than {attr}={labels[at]}"),
        )
        for at in _chosen(call, labels, levels2, range(len(cells)))
    ]


def _absdiff(network: Network, call: Call, attr: str, pow: float = 1) -> list[Coefficient]:
    x, power = _numbers(network, call, attr), _number(call, "pow", pow, 1e-3)
    name = f"absdiff.{attr}" if power == 1 else f"absdiff{power:g}.{attr}"
    return [Coefficient(name, lambda i, j: np.abs(x[i][:, None] - x[j]) ** power)]


def _edgecov(network: Network, call: Call, x: str) -> list[Coefficient]:
    if x not in network.dyads:
        raise NetworkError(f"{call.text!r}: no dyad covariate {with_nearest(x, network.dyads)} is given")
    matrix = network.dyads[x]
    zero_one = bool(np.isin(matrix, (0.0, 1.0)).all())
    cell = (f"dyads with {x}=1", f"dyads with {x}=0") if zero_one else None
    return [Coefficient(f"edgecov.{x}", lambda i, j: matrix[np.ix_(i, j)], cell=cell)]


# --- terms whose dyads are not ---


def _mutual(network: Network, call: Call) -> list[Coefficient]:
    return [Coefficient("mutual", mutual=True)]


def _with_degree(network: Network, call: Call, d: Any, *, counted: Counted) -> list[Coefficient]:
    wanted = d if isinstance(d, tuple) else (d,)
    fine = wanted and all(isinstance(one, int) and 0 <= one < network.n for one in wanted)
    refuse((not fine, f"{call.text!r}: degrees are whole numbers from 0 to {network.n - 1}, found {d!r}"),
           error=NetworkError)  # fmt: skip
    return [Coefficient(f"{call.name}{one}", tables={counted: 1.0 * (np.arange(network.n) == one)}) for one in wanted]


def _in_degree(network: Network, call: Call, d: Any) -> list[Coefficient]:
    return _with_degree(network, call, d, counted="in")


def _out_degree(network: Network, call: Call, d: Any) -> list[Coefficient]:
    return _with_degree(network, call, d, counted="out")


def _degree(network: Network, call: Call, d: Any) -> list[Coefficient]:
    return _with_degree(network, call, d, counted="degree")


def _isolates(network: Network, call: Call) -> list[Coefficient]:
    return [Coefficient("isolates", tables={"degree": 1.0 * (np.arange(2 * network.n) == 0)})]


def _weighted(call: Call, n: int, decay: Any, fixed: Any) -> tuple[np.ndarray, float]:
    """e^a (1 - (1 - e^-a)^s) for s = 0 .. n - 1; with a = 0 it is 1 from one on."""
    alpha = _number(call, "decay", decay)
    refuse(
        (fixed is not True, f"{call.text!r}: the decay is fixed here, not estimated; write fixed=True"),
        error=NetworkError,
    )
    return np.exp(alpha) * (1 - (1 - np.exp(-alpha)) ** np.arange(n)), alpha


def _weighted_degree(
    network: Network, call: Call, decay: Any, fixed: Any, counted: Counted, short: str
) -> list[Coefficient]:
    table, alpha = _weighted(call, network.n, decay, fixed)
    return [Coefficient(f"{short}.fixed.{alpha:g}", tables={counted: table})]


def _gwidegree(network: Network, call: Call, decay: Any, fixed: Any = False) -> list[Coefficient]:
    return _weighted_degree(network, call, decay, fixed, "in", "gwideg")


def _gwodegree(network: Network, call: Call, decay: Any, fixed: Any = False) -> list[Coefficient]:
    return _weighted_degree(network, call, decay, fixed, "out", "gwodeg")


def _gwdegree(network: Network, call: Call, decay: Any, fixed: Any = False) -> list[Coefficient]:
    return _weighted_degree(network, call, decay, fixed, "degree", "gwdeg")


def _gwesp(network: Network, call: Call, decay: Any, fixed: Any = False, type: Any = "OTP") -> list[Coefficient]:
    refuse((type not in ("OTP", "ITP"), f"{call.text!r}: type is 'OTP' or 'ITP', found {type!r}"), error=NetworkError)
    table, alpha = _weighted(call, network.n, decay, fixed)
    if not network.directed:
        return [Coefficient(f"gwesp.fixed.{alpha:g}", tables={"otp": table})]
    counted: Counted = "otp" if type == "OTP" else "itp"
    return [Coefficient(f"gwesp.{type}.fixed.{alpha:g}", tables={counted: table})]


def _ttriple(network: Network, call: Call) -> list[Coefficient]:
    return [Coefficient("ttriple", tables={"otp": 1.0 * np.arange(network.n)})]


def _triangle(network: Network, call: Call) -> list[Coefficient]:
    """Undirected: each triangle is a shared partner of three ties. Directed: transitive and cyclic triples."""
    once, thirds = 1.0 * np.arange(network.n), np.arange(network.n) / 3
    return [Coefficient("triangle", tables={"otp": once, "itp": thirds} if network.directed else {"otp": thirds})]


TERMS: dict[str, tuple[Callable[..., list[Coefficient]], str]] = {
    "edges": (_edges, ""),
    "nodecov": (_sum_of_nodes, ""),
    "nodeicov": (_receiver, "directed"),
    "nodeocov": (_sender, "directed"),
    "nodefactor": (_nodefactor, ""),
    "nodematch": (_nodematch, ""),
    "nodemix": (_nodemix, ""),
    "absdiff": (_absdiff, ""),
    "edgecov": (_edgecov, ""),
    "mutual": (_mutual, "directed"),
    "idegree": (_in_degree, "directed"),
    "odegree": (_out_degree, "directed"),
    "degree": (_degree, "undirected"),
    "isolates": (_isolates, ""),
    "gwidegree": (_gwidegree, "directed"),
    "gwodegree": (_gwodegree, "directed"),
    "gwdegree": (_gwdegree, "undirected"),
    "gwesp": (_gwesp, ""),
    "triangle": (_triangle, ""),
    "ttriad": (_ttriple, "directed"),
    "ttriple": (_ttriple, "directed"),
}
