"""Spatial statistics: places and weights in, statistics out.

Belongs here: estimators and tests on entities, their coordinates and a matrix of weights, all passed in.
Does not belong here: which entities are neighbours (a fact about a unit, known where the unit is), studies, files.
"""

from models_py.spatial.moran import MoranError, check_weights, moran, permutation_p

__all__ = ["MoranError", "check_weights", "moran", "permutation_p"]
