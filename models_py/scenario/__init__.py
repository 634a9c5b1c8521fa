"""What would follow from declared assumptions: scenarios, never estimates.

Belongs here: the arithmetic of a scenario, its break-even point, its sensitivity and the spread of its results.
Does not belong here: the assumptions themselves (catalog/studies) and anything estimated from data.
"""

from models_py.scenario.break_even import BreakEven, break_even
from models_py.scenario.sweeps import intervals, one_way, sampled, two_way
from models_py.scenario.triage import ScenarioError, TriageInputs, TriageResult, triage

__all__ = [
    "BreakEven",
    "ScenarioError",
    "TriageInputs",
    "TriageResult",
    "break_even",
    "intervals",
    "one_way",
    "sampled",
    "triage",
    "two_way",
]
