"""Spatial statistics: places and weights in, statistics out.

Belongs here: estimators and tests on entities, their coordinates and a matrix of weights, all passed in.
Does not belong here: which entities are neighbours (a fact about a unit, known where the unit is), studies, files.
"""

from models_py.spatial.moran import MoranError, check_weights, moran, permutation_p
from models_py.spatial.spatial_durbin import SpatialFit, fit_spatial_durbin
from models_py.spatial.spatial_tests import panel_lm_tests
from models_py.spatial.weights import WeightsError

__all__ = [
    "MoranError",
    "SpatialFit",
    "WeightsError",
    "check_weights",
    "fit_spatial_durbin",
    "moran",
    "panel_lm_tests",
    "permutation_p",
]
