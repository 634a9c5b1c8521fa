"""Composite indices: values and the scores behind them.

Belongs here: formulas that turn indicators into one number per entity and year.
Does not belong here: reading data, choosing a study's configuration (catalog/studies/).
"""

from models_py.indices.coupling import coupling_coordination
from models_py.indices.standardised import (
    EntropyWeightError,
    IndexDataError,
    StandardisedIndex,
    entropy_weights,
    standardised_index,
)

__all__ = [
    "EntropyWeightError",
    "IndexDataError",
    "StandardisedIndex",
    "coupling_coordination",
    "entropy_weights",
    "standardised_index",
]
