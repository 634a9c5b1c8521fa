"""Each term against a definition by loops, and its change statistic against adding the tie."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from models_py.network.graph import Network, NetworkError, network_of
from models_py.network.notation import parse
from models_py.network.terms import coefficients


def random_network(n: int, directed: bool, density: float, seed: int) -> Network:
    rng = np.random.default_rng(seed)
    names = [f"p{at}" for at in range(n)]
    nodes = pd.DataFrame(
        {"x": rng.normal(size=n), "g": rng.choice(["a", "b", "c"], size=n), "h": rng.integers(0, 2, size=n)},
        index=names,
    )
    nodes.loc["p0", "g"], nodes.loc["p1", "g"], nodes.loc["p2", "g"] = "a", "b", "c"
    nodes.loc["p0", "h"], nodes.loc["p1", "h"] = 0, 1
    d = rng.normal(size=(n, n))
    pairs = [(i, j) for i in range(n) for j in range(n) if i != j and (directed or i < j) and rng.random() < density]
    edges = pd.DataFrame([(names[i], names[j]) for i, j in pairs], columns=["origin", "destination"])
    return network_of(nodes, edges, {"d": pd.DataFrame(d + (0 if directed else d.T), names, names)}, directed)


def gw(s: int, a: float) -> float:
    return float(s > 0) if a == 0 else math.exp(a) * (1 - (1 - math.exp(-a)) ** s)


def otp(y, i, j):
    return sum(y[i][k] and y[k][j] for k in range(len(y)) if k not in (i, j))


def itp(y, i, j):
    return sum(y[j][k] and y[k][i] for k in range(len(y)) if k not in (i, j))


def ties_of(network: Network, y):
    n = len(y)
    return [(i, j) for i in range(n) for j in range(n) if y[i][j] and (network.directed or i < j)]


def over_ties(f):
    return lambda network, y: sum(f(network.nodes, network, y, i, j) for i, j in ties_of(network, y))


def over_places(f):
    def total(network, y):
        rows = range(len(y))
        return sum(f(sum(y[k][i] for k in rows), sum(y[i][k] for k in rows)) for i in rows)

    return total


def triples(network, y, which):
    n, total = len(y), 0
    for i, j, k in itertools.permutations(range(n), 3):
        if which == "transitive":
            total += y[i][j] and y[j][k] and y[i][k]
        elif which == "cyclic":
            total += (y[i][j] and y[j][k] and y[k][i]) / 3
        else:
            total += (y[i][j] and y[j][k] and y[i][k]) / 6
    return total


X = lambda nodes, at: nodes["x"].iloc[at]  # noqa: E731
G = lambda nodes, at: nodes["g"].iloc[at]  # noqa: E731
BOTH = {
    "edges": {"edges": over_ties(lambda nodes, net, y, i, j: 1)},
    "nodecov('x')": {"nodecov.x": over_ties(lambda nodes, net, y, i, j: X(nodes, i) + X(nodes, j))},
    "nodefactor('g')": {
        f"nodefactor.g.{g}": over_ties(lambda nodes, net, y, i, j, g=g: (G(nodes, i) == g) + (G(nodes, j) == g))
        for g in "bc"
    },
    "nodefactor('g', levels=-2)": {
        f"nodefactor.g.{g}": over_ties(lambda nodes, net, y, i, j, g=g: (G(nodes, i) == g) + (G(nodes, j) == g))
        for g in "ac"
    },
    "nodematch('g')": {"nodematch.g": over_ties(lambda nodes, net, y, i, j: G(nodes, i) == G(nodes, j))},
    "nodematch('g', diff=TRUE)": {
        f"nodematch.g.{g}": over_ties(lambda nodes, net, y, i, j, g=g: G(nodes, i) == g and G(nodes, j) == g)
        for g in "abc"
    },
    "absdiff('x')": {"absdiff.x": over_ties(lambda nodes, net, y, i, j: abs(X(nodes, i) - X(nodes, j)))},
    "absdiff('x', pow=2)": {"absdiff2.x": over_ties(lambda nodes, net, y, i, j: (X(nodes, i) - X(nodes, j)) ** 2)},
    "edgecov('d')": {"edgecov.d": over_ties(lambda nodes, net, y, i, j: net.dyads["d"][i, j])},
    "isolates": {"isolates": over_places(lambda into, out: into + out == 0)},
}
DIRECTED = {
    "nodeicov('x')": {"nodeicov.x": over_ties(lambda nodes, net, y, i, j: X(nodes, j))},
    "nodeocov('x')": {"nodeocov.x": over_ties(lambda nodes, net, y, i, j: X(nodes, i))},
    "nodemix('h')": {
        f"mix.h.{a}.{b}": over_ties(
            lambda nodes, net, y, i, j, a=a, b=b: nodes["h"].iloc[i] == a and nodes["h"].iloc[j] == b
        )
        for b in (0, 1)
        for a in (0, 1)
    },
    "nodemix('h', levels2=-1)": {
        f"mix.h.{a}.{b}": over_ties(
            lambda nodes, net, y, i, j, a=a, b=b: nodes["h"].iloc[i] == a and nodes["h"].iloc[j] == b
        )
        for a, b in ((1, 0), (0, 1), (1, 1))
    },
    "mutual": {"mutual": lambda net, y: sum(y[i][j] and y[j][i] for i in range(len(y)) for j in range(i))},
    "idegree(c(1, 3))": {f"idegree{d}": over_places(lambda into, out, d=d: into == d) for d in (1, 3)},
    "odegree(0:2)": {f"odegree{d}": over_places(lambda into, out, d=d: out == d) for d in (0, 1, 2)},
    "gwidegree(0.7, fixed=True)": {"gwideg.fixed.0.7": over_places(lambda into, out: gw(into, 0.7))},
    "gwodegree(0, fixed=True)": {"gwodeg.fixed.0": over_places(lambda into, out: gw(out, 0))},
    "gwesp(0.5, fixed=TRUE)": {"gwesp.OTP.fixed.0.5": over_ties(lambda nodes, net, y, i, j: gw(otp(y, i, j), 0.5))},
    "gwesp(0, fixed=True)": {"gwesp.OTP.fixed.0": over_ties(lambda nodes, net, y, i, j: otp(y, i, j) > 0)},
    "gwesp(0.25, fixed=True, type='ITP')": {
        "gwesp.ITP.fixed.0.25": over_ties(lambda nodes, net, y, i, j: gw(itp(y, i, j), 0.25))
    },
    "ttriad": {"ttriple": lambda net, y: triples(net, y, "transitive")},
    "triangle": {"triangle": lambda net, y: triples(net, y, "transitive") + triples(net, y, "cyclic")},
}
UNDIRECTED = {
    "nodemix('h')": {
        f"mix.h.{a}.{b}": over_ties(
            lambda nodes, net, y, i, j, a=a, b=b: {nodes["h"].iloc[i], nodes["h"].iloc[j]} == {a, b}
        )
        for a, b in ((0, 0), (0, 1), (1, 1))
    },
    "degree(c(1, 2))": {f"degree{d}": over_places(lambda into, out, d=d: out == d) for d in (1, 2)},
    "gwdegree(1.2, fixed=True)": {"gwdeg.fixed.1.2": over_places(lambda into, out: gw(out, 1.2))},
    "gwesp(0.5, fixed=True)": {"gwesp.fixed.0.5": over_ties(lambda nodes, net, y, i, j: gw(otp(y, i, j), 0.5))},
    "triangle": {"triangle": lambda net, y: triples(net, y, "any")},
}
CASES = [(directed, term) for directed, more in ((True, DIRECTED), (False, UNDIRECTED)) for term in (BOTH | more)]


@pytest.mark.parametrize(("directed", "term"), CASES)
def test_statistic_and_change_statistic_by_brute_force(directed, term):
    expected = (BOTH | (DIRECTED if directed else UNDIRECTED))[term]
    for seed, density in enumerate((0.3, 0.7)):
        network = random_network(6, directed, density, seed)
        made = coefficients(network, [term])
        assert [one.name for one in made] == list(expected)
        for one in made:
            count = expected[one.name]
            y = network.ties.astype(int).tolist()
            assert one.statistic(network) == pytest.approx(float(count(network, y)), abs=1e-10)
            changes = one.changes(network)
            for i, j in itertools.permutations(range(6), 2):
                values = []
                for tie in (1, 0):
                    other = [list(row) for row in y]
                    other[i][j] = tie
                    if not directed:
                        other[j][i] = tie
                    values.append(float(count(network, other)))
                assert changes[i, j] == pytest.approx(values[0] - values[1], abs=1e-10), (i, j)


def test_many_shared_partners_are_not_cut_off():
    network = random_network(100, True, 0.5, 3)
    (one,) = coefficients(network, ["gwesp(0.75, fixed=True)"])
    y = network.ties
    shared = [int((y[i] & y[:, j]).sum()) for i, j in np.argwhere(y)]
    assert max(shared) > 30
    assert one.statistic(network) == pytest.approx(sum(gw(s, 0.75) for s in shared), abs=1e-10 * len(shared))


def test_offset_keeps_the_statistic_and_says_so():
    network = random_network(6, True, 0.4, 1)
    (one,) = coefficients(network, ["offset(edgecov('d'))"])
    assert one.offset and one.name == "offset(edgecov.d)"
    assert one.statistic(network) == coefficients(network, ["edgecov('d')"])[0].statistic(network)


@pytest.mark.parametrize(
    ("directed", "term", "told"),
    [
        (True, "edge", "no term edge (nearest label: edges)"),
        (True, "nodecov(x)", "write x in quotation marks"),
        (True, "nodecov('y')", "the nodes have no attribute y"),
        (True, "nodecov('g')", "'g' is not numeric"),
        (True, "nodecov('x', 3)", "too many positional arguments; nodecov takes (attr)"),
        (True, "nodecov(", "is not a term in statnet's notation"),
        (True, "edges + mutual", "is not a term in statnet's notation"),
        (True, "nodematch('g', levels=1)", "levels need diff=True"),
        (True, "nodefactor('g', levels='z')", "no level z"),
        (True, "nodefactor('g', levels=c(1, -2))", "levels are names, or numbers from 1 to 3"),
        (True, "degree(1)", "is a term of undirected networks"),
        (False, "mutual", "is a term of directed networks"),
        (False, "nodeicov('x')", "is a term of directed networks"),
        (True, "gwesp(0.5)", "the decay is fixed here, not estimated; write fixed=True"),
        (True, "gwesp(-1, fixed=True)", "decay is a number of at least 0, found -1"),
        (True, "gwesp('a', fixed=True)", "decay is a number of at least 0, found 'a'"),
        (True, "gwesp(0.5, fixed=True, type='OSP')", "type is 'OTP' or 'ITP', found 'OSP'"),
        (True, "idegree(99)", "degrees are whole numbers from 0 to 5, found 99"),
        (True, "edgecov('e')", "no dyad covariate e"),
        (True, "offset(edges, mutual)", "offset(...) holds exactly one term"),
    ],
)
def test_a_term_that_is_wrong_is_named(directed, term, told):
    with pytest.raises(NetworkError) as error:
        coefficients(random_network(6, directed, 0.4, 1), ["edges", term])
    assert told in str(error.value) and (term.split("(")[0] in str(error.value))


def test_terms_that_stand_twice_and_no_terms():
    network = random_network(6, True, 0.4, 1)
    with pytest.raises(NetworkError, match="terms that stand twice: edges"):
        coefficients(network, ["edges", "edges"])
    with pytest.raises(NetworkError, match="no terms"):
        coefficients(network, [])


@pytest.mark.parametrize(("value", "name"), [(np.nan, "x"), (None, "g")])
def test_missing_attributes_are_named_and_counted(value, name):
    network = random_network(6, True, 0.4, 1)
    nodes = network.nodes.copy()
    nodes.loc[["p2", "p4"], name] = value
    term = f"{'nodecov' if name == 'x' else 'nodematch'}('{name}')"
    with pytest.raises(NetworkError, match=f"2 of 6 places have no '{name}': p2, p4"):
        coefficients(replace(network, nodes=nodes), [term])


def test_the_notation_reads_r_and_python_alike():
    assert parse("gwesp(0.5, fixed=TRUE)") == replace(parse("gwesp(0.5, fixed=True)"), text="gwesp(0.5, fixed=TRUE)")
    assert parse("degree(0:2)").positional == parse("degree(c(0, 1, 2))").positional == ((0, 1, 2),)
