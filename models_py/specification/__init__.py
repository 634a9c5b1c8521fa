"""The specification curve: one estimate for each combination of defensible choices, and inference on all together.

Belongs here: choices, their data, the fast engine, joint inference, what each choice does.
Does not belong here: the picture (models_py/figures) and single regressions (models_py/econometrics).
"""

from models_py.specification.curve import Curve, specification_curve

__all__ = ["Curve", "specification_curve"]
