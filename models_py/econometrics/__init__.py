"""Regressions on panels. Every result comes with the evidence of how it was made.

Belongs here: estimators and the studies' regressions.
Does not belong here: spatial models (models_py/spatial) and anything that reads or writes.
"""

from models_py.econometrics.fixed_effects import fit_two_way_fe
from models_py.econometrics.panel_study import StudyResult, fit_study
from models_py.econometrics.result import EstimationError, FitResult
from models_py.econometrics.timing.evidence import TimingEvidence, timing_evidence
from models_py.econometrics.variables import StudyError, prepare_variables
from models_py.econometrics.vintages import fit_vintages

__all__ = [
    "EstimationError",
    "FitResult",
    "StudyError",
    "StudyResult",
    "TimingEvidence",
    "fit_study",
    "fit_two_way_fe",
    "fit_vintages",
    "prepare_variables",
    "timing_evidence",
]
