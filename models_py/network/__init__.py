"""Statistics of networks: when a flow is a tie, what unlisted pairs may be, centrality, exponential random graph models.

Belongs here: arithmetic and models of who is tied to whom, on labelled frames passed in. Does not belong here: what the places are,
studies, files, languages.
"""

from models_py.network.ergm import ErgmFit, fit_ergm, likelihood_ratio, wald_test
from models_py.network.graph import DegenerateError, NetworkError
from models_py.network.monte_carlo import Sampling

__all__ = [
    "DegenerateError",
    "ErgmFit",
    "NetworkError",
    "Sampling",
    "fit_ergm",
    "likelihood_ratio",
    "wald_test",
]
