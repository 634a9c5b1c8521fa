"""Statistics of networks: when a flow is a tie, what unlisted pairs may be, centrality, models of ties.

Belongs here: arithmetic and models of who is tied to whom, on labelled frames passed in. Does not belong here: what the
places are, studies, files, languages.
"""

from models_py.network.ergm import ErgmFit, fit_ergm, likelihood_ratio, wald_test
from models_py.network.gof import ergm_gof
from models_py.network.graph import DegenerateError, NetworkError
from models_py.network.monte_carlo import Sampling
from models_py.network.probability import tie_probability
from models_py.network.simulate import simulate_ergm

__all__ = [
    "DegenerateError",
    "ErgmFit",
    "NetworkError",
    "Sampling",
    "ergm_gof",
    "fit_ergm",
    "likelihood_ratio",
    "simulate_ergm",
    "tie_probability",
    "wald_test",
]
