"""How often the 95 % intervals of a network model hold the coefficients the networks were drawn from.

Belongs here: networks with known coefficients, their fits, the page. Does not belong here: the estimators
(models_py/network), the verdict's arithmetic (coverage_judgement.py).

    python -m benchmarks.coverage_ergm --networks 500 --simulated 200

Pairs are drawn here from their four states, so that nothing of the exact models is used to draw what they fit. Networks
with shared partners have no such form and come from `simulate_ergm`. Documented coverage is the nominal level, which
maximum likelihood promises in large networks. A network that cannot be fitted has no interval, and counts as a miss.
"""

import argparse
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.coverage_judgement import NOMINAL, judge
from catalog.base import PROJECT_DIR
from medpanel import __version__
from models_py.network import DegenerateError, ErgmFit, NetworkError, fit_ergm, simulate_ergm
from models_py.network.ergm import Solution
from models_py.network.graph import network_of
from models_py.network.model import model_of

EVIDENCE = PROJECT_DIR / "docs" / "evidence" / "coverage_ergm.md"
# Places, attributes and distances are the same in every network of a size; this seed makes them.
WORLD_SEED, ATTRIBUTES, SIDE = 20_240_101, 3, 40.0
# A chain that draws a network has other seeds than the chains that fit it.
CHAIN_SEEDS = 1_000_000
# Of a chain the last of so many networks is kept; `simulate_ergm` puts 20 proposals a tie between two of them.
STEPS = 200
OUTCOMES = ("fitted", "refused", "degenerate")
CELL = ["model", "term"]
FIGURES = ["estimate", "std_error", "ci_low", "ci_high"]


@dataclass(frozen=True)
class Setting:
    """A model and its known coefficients. `received`: of attributes x1, x2, ... of the receiver; `distance`: of L, the
    logarithm of the distance; `mutual`, `gwesp`: None where the model has no such term.
    """

    title: str
    places: int
    edges: float
    received: tuple[float, ...]
    distance: float
    mutual: float | None = None
    gwesp: float | None = None

    @property
    def truth(self) -> dict[str, float]:
        """Known coefficients by the name a fit prints."""
        known = {"edges": self.edges, **{f"nodeicov.x{at}": b for at, b in enumerate(self.received, start=1)}}
        further = {"edgecov.L": self.distance, "mutual": self.mutual, "gwesp.OTP.fixed.0.5": self.gwesp}
        return known | {name: value for name, value in further.items() if value is not None}

    @property
    def terms(self) -> list[str]:
        """Terms in the order of `truth`."""
        made = ["edges", *(f"nodeicov('x{at}')" for at in range(1, len(self.received) + 1)), "edgecov('L')"]
        further = {"mutual": self.mutual, "gwesp(0.5, fixed=True)": self.gwesp}
        return made + [term for term, value in further.items() if value is not None]


# Some 7 % of the dyads are ties in each, as in the reference case of 288 places with mutual.
SETTINGS = {
    "dyads": Setting("independent dyads, exact", 288, 0.5, (0.3, 0.2, -0.3), -1.2),
    "pairs": Setting("independent pairs, exact", 288, 0.2, (0.3, 0.2, -0.3), -1.2, mutual=1.5),
    "gwesp": Setting("shared partners, Monte Carlo", 60, -0.6, (0.3,), -1.0, mutual=1.5, gwesp=0.4),
}


@dataclass(frozen=True)
class World:
    """Places on a square with normal attributes, and the logarithm of their distances."""

    nodes: pd.DataFrame
    dyads: Mapping[str, pd.DataFrame]


@cache
def world(places: int) -> World:
    """The same for every network of a size, so that only ties are drawn."""
    rng = np.random.default_rng(WORLD_SEED)
    points, names = rng.uniform(0, SIDE, size=(places, 2)), pd.RangeIndex(places)
    nodes = pd.DataFrame({f"x{at}": rng.normal(size=places) for at in range(1, ATTRIBUTES + 1)}, index=names)
    apart = np.hypot(*(points[:, None] - points).transpose(2, 0, 1))
    np.fill_diagonal(apart, 1.0)
    return World(nodes, {"L": pd.DataFrame(np.log(apart), names, names)})


def log_odds(setting: Setting) -> np.ndarray:
    """Of a tie from row to column by its covariates alone."""
    here = world(setting.places)
    receiver = sum(b * here.nodes[f"x{at}"].to_numpy() for at, b in enumerate(setting.received, start=1))
    return np.asarray(setting.edges + receiver + setting.distance * here.dyads["L"].to_numpy())


def drawn(eta: np.ndarray, rho: float, rng: np.random.Generator) -> pd.DataFrame:
    """Ties of independent pairs: none, i -> j, j -> i, both, with weights 1, e^eta_ij, e^eta_ji,
    e^(eta_ij + eta_ji + rho). With rho zero the two ways are independent dyads.
    """
    i, j = np.triu_indices(len(eta), 1)
    there, back = eta[i, j], eta[j, i]
    weights = np.exp(np.stack([np.zeros_like(there), there, back, there + back + rho]))
    bounds = np.cumsum(weights / weights.sum(axis=0), axis=0)[:3]
    state = (rng.random(len(i)) >= bounds).sum(axis=0)
    one, other = (state == 1) | (state == 3), state >= 2
    return pd.DataFrame(
        {"origin": np.concatenate([i[one], j[other]]), "destination": np.concatenate([j[one], i[other]])}
    )


def settled(setting: Setting, start: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Ties a long chain at the known coefficients has come to from `start`."""
    here = world(setting.places)
    model = model_of(network_of(here.nodes, start, here.dyads), setting.terms)
    known = Solution(np.array(list(setting.truth.values())), None, None)
    networks = simulate_ergm(ErgmFit(model, known, pd.DataFrame(), {}, {}), STEPS, seed)
    return networks.loc[networks["simulation"] == STEPS - 1, ["origin", "destination"]]


def network(setting: Setting, number: int) -> pd.DataFrame:
    """Ties of a network; its number is its seed."""
    ties = drawn(log_odds(setting), setting.mutual or 0.0, np.random.default_rng(number))
    return ties if setting.gwesp is None else settled(setting, ties, CHAIN_SEEDS + number)


def fitted(setting: Setting, ties: pd.DataFrame, seed: int) -> tuple[str, str, pd.DataFrame]:
    """Which of OUTCOMES, the message of a refusal, and FIGURES by term (NaN without a fit)."""
    here, terms = world(setting.places), list(setting.truth)
    nothing = pd.DataFrame(np.nan, terms, FIGURES)
    try:
        fit = fit_ergm(here.nodes, ties, setting.terms, here.dyads, seed=seed)
    except DegenerateError as error:
        return "degenerate", str(error), nothing
    except NetworkError as error:
        return "refused", str(error), nothing
    return "fitted", "", fit.estimates.set_index("term").loc[terms, FIGURES].astype(float)


def one_network(model: str, setting: Setting, number: int) -> pd.DataFrame:
    """A row a coefficient: which intervals hold the truth. Without a fit every one misses."""
    ties = network(setting, number)
    outcome, message, figures = fitted(setting, ties, number)
    rows = figures.rename_axis("term").reset_index()
    rows = rows.assign(model=model, network=number, ties=len(ties), outcome=outcome, message=message)
    rows["truth"] = list(setting.truth.values())
    return rows.assign(covered=(rows["ci_low"] <= rows["truth"]) & (rows["truth"] <= rows["ci_high"]))


def collect(counts: Mapping[str, int], settings: Mapping[str, Setting] = SETTINGS) -> pd.DataFrame:
    """`one_network` of each model for the numbers 0 ... count - 1; none is left out."""
    return pd.concat(
        [one_network(model, settings[model], number) for model, count in counts.items() for number in range(count)],
        ignore_index=True,
    )


def summarise(results: pd.DataFrame) -> pd.DataFrame:
    """One row per cell: coverage over all networks and its verdict; of those fitted, bias, spread, and the mean
    standard error as a share of that spread.
    """
    groups = results.groupby(CELL, sort=False)
    rows = []
    for key, cell in groups:
        verdict = judge(int(cell["covered"].sum()), len(cell), groups.ngroups, NOMINAL)
        spread = float(cell["estimate"].std(ddof=1))
        rows.append(
            {
                **dict(zip(CELL, key, strict=True)),
                "truth": float(cell["truth"].iloc[0]),
                "networks": verdict.panels,
                "fitted": int((cell["outcome"] == "fitted").sum()),
                "covered": verdict.covered,
                "share": verdict.share,
                "low": verdict.low,
                "high": verdict.high,
                "passed": verdict.passed,
                "bias": float((cell["estimate"] - cell["truth"]).mean()),
                "spread": spread,
                "ratio": float(cell["std_error"].mean()) / spread,
            }
        )
    return pd.DataFrame(rows)


def outcomes(results: pd.DataFrame) -> list[str]:
    """For each model how its networks ended, and every one that was not fitted, with the message."""
    lines = []
    for model, rows in results.groupby("model", sort=False):
        each = rows.drop_duplicates("network")
        ends = [f"{(each['outcome'] == one).sum()} {one}" for one in OUTCOMES]
        ties = f"{each['ties'].min()} to {each['ties'].max()} ties, {each['ties'].mean():.0f} on average"
        lines.append(
            f"- {model}: {len(each)} networks (numbers 0 to {each['network'].max()}), {ties}: {', '.join(ends)}."
        )
        lines += [
            f"  - network {r.network}, {r.outcome}: {' '.join(str(r.message).split())}"
            for r in each[each["outcome"] != "fitted"].itertuples()
        ]
    return lines


def _described(model: str, setting: Setting) -> str:
    known = ", ".join(f"{name} {value:g}" for name, value in setting.truth.items())
    return f"- {model}: {setting.title}, {setting.places} places; {known}."


def report(results: pd.DataFrame, settings: Mapping[str, Setting] = SETTINGS) -> str:
    """The evidence page, Markdown."""
    summary = summarise(results)
    cells, failing = len(summary), summary[~summary["passed"]]
    sizes = results.groupby("model")["network"].nunique()
    asked = f"--networks {sizes.get('dyads', 0)} --simulated {sizes.get('gwesp', 0)}"
    lines = [
        "# Coverage of network models",
        "",
        "Synthetic data only: simulated networks, not statistics. 仅为模拟数据。",
        "",
        f"- Made by `make coverage-study` (`python -m benchmarks.coverage_ergm {asked}`), medpanel {__version__}.",
        *(_described(model, settings[model]) for model in results["model"].unique()),
        "- The number of a network is its seed. Places, attributes and distances stay; ties are drawn. Pairs are drawn "
        f"from their four states; with shared partners, a chain is run and the last of {STEPS} networks kept.",
        f"- Intervals: normal, nominal level {NOMINAL}. Documented coverage is that level, which maximum likelihood "
        "promises in large networks.",
        f"- A cell passes when the 99.9 % Clopper-Pearson interval around its coverage, Bonferroni over the {cells} "
        f"cells, contains {NOMINAL}. A network that was not fitted counts as a miss in every cell.",
        f"- Verdict: {cells - len(failing)} of {cells} cells pass."
        + (f" Failing: {', '.join(f'{r.model} {r.term}' for r in failing.itertuples())}" if len(failing) else ""),
        "",
        "## Networks",
        "",
        *outcomes(results),
        "",
        "## Every cell",
        "",
        "| model | term | truth | R | fitted | covered | share | interval | verdict | bias | sd | mean se / sd |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {r['model']} | {r['term']} | {r['truth']:g} | {r['networks']} | {r['fitted']} | {r['covered']} "
        f"| {r['share']:.3f} | {r['low']:.3f}-{r['high']:.3f} | {'pass' if r['passed'] else 'FAIL'} "
        f"| {r['bias']:+.4f} | {r['spread']:.4f} | {r['ratio']:.3f} |"
        for r in summary.to_dict("records")
    ]
    told = (
        "Bias: mean of estimate less truth; sd: standard deviation of the estimates; both, and the mean standard "
        "error, over the networks fitted. By chance alone a bias has a standard error of sd / √R, the last column one "
        "of about 1 / √(2R)."
    )
    return "\n".join([*lines, "", told, ""])


def main() -> int:
    """Run, write the evidence, print it; exit code 1 when a cell fails."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", type=int, default=500, help="networks of each exact model (numbers 0 .. R-1)")
    parser.add_argument("--simulated", type=int, default=200, help="networks of the model fitted by simulation")
    parser.add_argument("--output", type=Path, default=EVIDENCE, help="where the evidence is written")
    arguments = parser.parse_args()
    if min(arguments.networks, arguments.simulated) < 2:
        parser.error("--networks and --simulated must be at least 2")
    results = collect({"dyads": arguments.networks, "pairs": arguments.networks, "gwesp": arguments.simulated})
    text = report(results)
    arguments.output.write_text(text, encoding="utf-8", newline="\n")
    sys.stdout.buffer.write(text.encode("utf-8"))
    return 0 if summarise(results)["passed"].all() else 1


if __name__ == "__main__":
    sys.exit(main())
