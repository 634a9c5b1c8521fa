"""What is refused before anything is fitted, each by name; the E-cases other programs let through."""

import itertools

import numpy as np
import pandas as pd
import pytest

from models_py.network import NetworkError, fit_ergm
from tests.models_py.network.networks import distances, drawn, places

NODES = places(24)
D = distances(NODES)
EDGES = drawn(NODES, np.full((24, 24), -1.0))


def refused(*arguments, **options) -> str:
    with pytest.raises(NetworkError) as error:
        fit_ergm(*arguments, **options)
    return str(error.value)


@pytest.mark.parametrize("term", ["nodeicov('c')", "nodecov('c')", "nodeocov('c')"])
@pytest.mark.parametrize("more", [[], ["mutual"]])
def test_a_constant_covariate_is_edges(term, more):
    """E2."""
    told = refused(NODES.assign(c=5.0), EDGES, ["edges", term, *more])
    assert "for every dyad: the same as edges" in told and term.split("(")[0] in told
    alone = fit_ergm(NODES.assign(c=5.0), EDGES, ["nodeicov('c')"])
    assert alone.theta[0] * 5 == pytest.approx(fit_ergm(NODES, EDGES, ["edges"]).theta[0])
    assert "is zero for every dyad" in refused(NODES.assign(c=0.0), EDGES, ["edges", "nodeicov('c')"])


@pytest.mark.parametrize("more", [[], ["mutual"], ["gwesp(0.5, fixed=True)"]])
def test_no_tie_between_groups(more):
    """E3."""
    group = NODES["g"]
    inside = EDGES[group[EDGES["origin"]].to_numpy() == group[EDGES["destination"]].to_numpy()]
    told = refused(NODES, inside, ["edges", "nodematch('g')", *more])
    between = sum(group.iloc[i] != group.iloc[j] for i, j in itertools.permutations(range(24), 2))
    assert f"nodematch.g has no finite coefficient, because 0 of {between} dyads with different g are ties" in told


@pytest.mark.parametrize(
    ("term", "cell"),
    [
        ("nodematch('g', diff=True)", "nodematch.g.1 has no finite coefficient, because 0 of 56 dyads within g=1"),
        ("nodemix('g', levels2=-1)", "mix.g.1.1 has no finite coefficient, because 0 of 56 dyads g=1.1"),
    ],
)
def test_no_tie_within_one_group(term, cell):
    inside = (NODES["g"][EDGES["origin"]].to_numpy() == 1) & (NODES["g"][EDGES["destination"]].to_numpy() == 1)
    assert cell in refused(NODES, EDGES[~inside], ["edges", term])


def test_every_dyad_of_a_cell_tied():
    one = NODES.index[NODES["g"] == 1]
    full = pd.DataFrame(list(itertools.permutations(one, 2)), columns=["origin", "destination"])
    edges = pd.concat([EDGES, full]).drop_duplicates()
    assert "56 of 56 dyads within g=1 are ties" in refused(NODES, edges, ["edges", "nodematch('g', diff=True)"])


@pytest.mark.parametrize("more", [[], ["mutual"]])
def test_a_number_that_tells_ties_apart(more):
    """Separation without a cell: every tie has a larger value than every other dyad, or two terms do it together."""
    high = pd.DataFrame(np.where(D > 1, D, np.minimum(D, 0)), D.index, D.columns)
    rows, columns = np.nonzero((D.to_numpy() > 1) & ~np.eye(24, dtype=bool))
    edges = pd.DataFrame({"origin": NODES.index[rows], "destination": NODES.index[columns]})
    assert "separation: edgecov.d tell ties and other dyads apart" in refused(
        NODES, edges, ["edges", "edgecov('d')", *more], {"d": high}
    )
    noise = distances(NODES, 9)
    told = refused(NODES, edges, ["edges", "edgecov('a')", "edgecov('b')", *more], {"a": D + noise, "b": noise})
    assert "separation" in told and "edgecov.a" in told and "edgecov.b" in told


@pytest.mark.parametrize("directed", [True, False])
@pytest.mark.parametrize("terms", [["edges"], ["edges", "gwesp(0.5, fixed=True)"]])
def test_empty_and_complete_networks(directed, terms):
    """E4."""
    pairs = itertools.permutations(NODES.index, 2) if directed else itertools.combinations(NODES.index, 2)
    full = pd.DataFrame(list(pairs), columns=["origin", "destination"])
    assert "the network is empty: 0 of" in refused(NODES, full.iloc[:0], terms, directed=directed)
    assert f"the network is complete: all {len(full)}" in refused(NODES, full, terms, directed=directed)


def test_observed_part_without_ties():
    known = pd.DataFrame(list(itertools.permutations(NODES.index[:4], 2)), columns=["origin", "destination"])
    assert "0 of 12 observed dyads" in refused(NODES, EDGES.iloc[:0], ["edges"], observed=known)
    assert "no dyad is observed" in refused(NODES, EDGES.iloc[:0], ["edges"], observed=known.iloc[:0])
    assert "ties outside the observed dyads" in refused(NODES, EDGES, ["edges"], observed=known)


def test_missing_attributes():
    """E5."""
    told = refused(NODES.assign(x=NODES["x"].mask(NODES.index.isin(["p3", "p7"]))), EDGES, ["edges", "nodeicov('x')"])
    assert "2 of 24 places have no 'x': p3, p7" in told
    endless = NODES.assign(x=NODES["x"].mask(NODES.index == "p3", np.inf))
    assert "'x' is infinite for p3" in refused(endless, EDGES, ["edges", "nodeicov('x')"])


def test_dyad_covariates_are_matched_by_label():
    """E6."""
    order = np.random.default_rng(4).permutation(24)
    fit = fit_ergm(NODES, EDGES, ["edges", "edgecov('d')"], {"d": D})
    turned = fit_ergm(NODES, EDGES, ["edges", "edgecov('d')"], {"d": D.iloc[order, order[::-1]]})
    np.testing.assert_array_equal(fit.theta, turned.theta)
    swapped = D.rename(index={"p1": "p2", "p2": "p1"}, columns={"p1": "p2", "p2": "p1"})
    assert fit_ergm(NODES, EDGES, ["edges", "edgecov('d')"], {"d": swapped}).theta[1] != fit.theta[1]


@pytest.mark.parametrize(
    ("frame", "told"),
    [
        (D.iloc[1:, 1:], "the rows of the dyad covariate 'd' lack p0"),
        (D.iloc[:, 1:], "the columns of the dyad covariate 'd' lack p0"),
        (D.rename(index={"p5": "p5x"}), "the rows of the dyad covariate 'd' lack p5 (nearest label: p5x)"),
        (pd.concat([D, D.iloc[:1]]), "the rows of the dyad covariate 'd' name p0 twice"),
        (pd.concat([D, D.iloc[:1].rename(index={"p0": "q"})]), "name places that are no node: q"),
        (D.mask(D.eq(D.loc["p3", "p4"])), "has no finite value for p3 - p4"),
        (D.to_numpy(), None),
    ],
)
def test_dyad_covariates_that_do_not_fit(frame, told):
    if told is None:
        plain = pd.DataFrame(frame)
        assert "lack p0" in refused(NODES, EDGES, ["edges", "edgecov('d')"], {"d": plain})
    else:
        assert told in refused(NODES, EDGES, ["edges", "edgecov('d')"], {"d": frame})


def test_an_undirected_network_needs_a_symmetric_covariate():
    pairs = EDGES[EDGES["origin"] < EDGES["destination"]]
    told = refused(NODES, pairs, ["edges", "edgecov('d')"], {"d": D}, directed=False)
    assert "the network is undirected, but the dyad covariate 'd' differs by direction: p0 - p1" in told


@pytest.mark.parametrize(
    ("edges", "told"),
    [
        (pd.DataFrame({"origin": ["p1"], "destination": ["p1"]}), "join a place with itself: p1"),
        (pd.DataFrame({"origin": ["p1", "p1"], "destination": ["p2", "p2"]}), "the edges have p1 - p2 twice"),
        (pd.DataFrame({"origin": ["p1"], "destination": ["p99"]}), "places that are no node: p99 (nearest label: p9)"),
        (pd.DataFrame({"from": ["p1"], "to": ["p2"]}), "the edges lack the columns origin, destination"),
    ],
)
def test_edges_that_do_not_fit(edges, told):
    assert told in refused(NODES, edges, ["edges"])


def test_nodes_that_do_not_fit():
    assert "the nodes name p0 twice" in refused(pd.concat([NODES, NODES.iloc[:1]]), EDGES, ["edges"])
    assert "at least three places, found 2" in refused(NODES.iloc[:2], EDGES.iloc[:0], ["edges"])
    both = pd.DataFrame({"origin": ["p1", "p2"], "destination": ["p2", "p1"]})
    assert "the edges have p1 - p2 twice" in refused(NODES, both, ["edges"], directed=False)


@pytest.mark.parametrize("more", [[], ["mutual"], ["gwesp(0.5, fixed=True)"]])
def test_collinear_terms_are_named(more):
    nodes = NODES.assign(z=2 * NODES["x"] + 1)
    told = refused(nodes, EDGES, ["edges", "nodeicov('x')", "nodeicov('z')", *more])
    assert "nodeicov.z is a combination of" in told and "nodeicov.x" in told
    told = refused(NODES, EDGES, ["edges", "nodeicov('x')", "nodeocov('x')", "nodecov('x')", *more])
    assert "nodecov.x is a combination of nodeicov.x, nodeocov.x" in told
    assert "(of nodemix, with levels2=-1)" in refused(NODES, EDGES, ["edges", "nodemix('g')", *more])


@pytest.mark.parametrize(
    ("edges", "term", "told"),
    [
        (EDGES[EDGES["origin"] < EDGES["destination"]], "mutual", "mutual: 0 of"),
        (EDGES, "isolates", "isolates is at its smallest possible value (0 of 24 places)"),
        (EDGES, "idegree(23)", "idegree23 is at its smallest possible value"),
        (pd.DataFrame({"origin": ["p0", "p1"], "destination": ["p1", "p2"]}), "gwesp(0, fixed=True)",
         "gwesp.OTP.fixed.0 is at its smallest possible value (no tie has a shared partner)"),
        (pd.DataFrame({"origin": ["p0", "p1"], "destination": ["p1", "p2"]}), "triangle",
         "no tie has a shared partner"),
        (pd.DataFrame({"origin": NODES.index, "destination": [*NODES.index[1:], "p0"]}), "odegree(1)",
         "odegree1 is at its largest possible value (24 of 24 places)"),
    ],
)  # fmt: skip
def test_a_statistic_at_its_extreme(edges, term, told):
    """E11: refused, so that no term is dropped and n stays the number of observed dyads."""
    assert told in refused(NODES, edges, ["edges", term])


def test_all_ties_answered():
    some = EDGES[EDGES["origin"] < EDGES["destination"]]
    back = some.rename(columns={"origin": "destination", "destination": "origin"})
    told = refused(NODES, pd.concat([some, back]), ["edges", "mutual"])
    assert f"mutual: all {len(some)} pairs with a tie are tied both ways" in told


@pytest.mark.parametrize("term", ["gwesp(0.5, fixed=True)", "triangle", "idegree(2)", "gwodegree(0.5, fixed=True)"])
def test_unknown_dyads_with_terms_beyond_pairs(term):
    known = pd.DataFrame(list(itertools.permutations(NODES.index, 2))[:-1], columns=["origin", "destination"])
    inside = EDGES.merge(known)
    told = refused(NODES, inside, ["edges", term], observed=known)
    assert told.startswith("`observed` with ") and "is not implemented" in told


def test_observed_dyads_are_the_n_of_bic():
    known = pd.DataFrame(list(itertools.permutations(NODES.index, 2))[:300], columns=["origin", "destination"])
    fit = fit_ergm(NODES, EDGES.merge(known), ["edges", "nodeicov('x')"], observed=known)
    assert fit.fit["n_obs"] == 300
    assert fit.fit["bic"] - fit.fit["aic"] == pytest.approx(2 * (np.log(300) - 2))


def test_options_are_checked():
    assert "estimator is likelihood or pseudo, found 'ml'" in refused(NODES, EDGES, ["edges"], estimator="ml")
    assert "terms is a list of texts" in refused(NODES, EDGES, "edges")
