"""Regressions on panels. Every result comes with a record of how it was made.

Belongs here: estimators that know data frames. Does not belong here: the regressions of a study (models_py/parts),
spatial models (models_py/spatial) and anything that reads or writes.
"""

from models_py.econometrics.fixed_effects import fit_two_way_fe
from models_py.econometrics.result import EstimationError, FitResult, IdentityError

__all__ = ["EstimationError", "FitResult", "IdentityError", "fit_two_way_fe"]
