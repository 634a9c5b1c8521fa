"""The four statements of the Gini paper's abstract as yes-or-no facts (catalog/papers/gini.yaml, `facts`).

Belongs here: one function for each. Does not belong here: what decides them (claims.py).
"""

import math
from collections.abc import Callable, Mapping

from catalog.parts import gini_findings
from models_py.parts.comparison.comparison import Fact, Own, Place, Results
from models_py.parts.findings import Observation
from models_py.parts.gini_findings.claims import Evidence, accumulates, falls, first_tier, remote


def _fact(claim: Callable[[Evidence], Observation]) -> Fact:
    def fact(results: Results, place: Place) -> Own:
        options, rows = results.study.find(gini_findings.Options), results.tables.get("inequality")
        if options is None or rows is None:
            return Own()
        holds = claim(Evidence(rows, results.tables.get("online_inequality"), options.window)).holds
        return Own(math.nan if holds is None else float(holds))

    return fact


FACTS: Mapping[str, Fact] = {
    "gini_falls": _fact(falls),
    "west_more_even_online": _fact(remote),
    "high_quality_less_even": _fact(accumulates),
    "high_quality_in_first_tier": _fact(first_tier),
}
