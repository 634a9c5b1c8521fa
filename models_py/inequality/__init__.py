"""How unevenly a resource is spread over units of unequal size: measures, their parts, their change, access.

Belongs here: formulas on arrays of units, a resource and a basis (people, area). Does not belong here: which resources,
units and years a study looks at (models_py/parts/inequality), reading data, drawing.
"""

from models_py.inequality.change import GiniChange, gini_change
from models_py.inequality.curves import lorenz_crossings, lorenz_curve
from models_py.inequality.intervals import Interval, intervals
from models_py.inequality.measures import atkinson, concentration_index, gini, theil, theil_by_group
from models_py.inequality.shares import InequalityError

__all__ = [
    "GiniChange",
    "InequalityError",
    "Interval",
    "atkinson",
    "concentration_index",
    "gini",
    "gini_change",
    "intervals",
    "lorenz_crossings",
    "lorenz_curve",
    "theil",
    "theil_by_group",
]
