"""Facts of the study that the MSPI paper prints as single figures (catalog/papers/mspi.yaml, `facts`).

Belongs here: one function for each. Does not belong here: facts that any paper may print (comparison/comparison.py).
"""

import math
from collections.abc import Mapping

from catalog.parts import exposure, performance_index
from models_py.panel import ENTITY
from models_py.parts.comparison.comparison import Fact, Own, Place, Results
from models_py.parts.mspi_findings.identities import implied_correlation
from models_py.parts.mspi_findings.inputs import INDEX


def mean_correlation(results: Results, place: Place) -> Own:
    """Mean pairwise correlation of the indicators, implied by the standard deviation of the index."""
    index = results.study.find(performance_index.Options)
    row = results.summary(place, INDEX)
    if index is None or row is None or len(index.pairs) < 2:
        return Own(signed=True)
    # Summaries divide by n - 1, the scores have unit variance under the study's own divisor.
    variance = float(row["sd"]) ** 2 * (row["n"] - 1) / (row["n"] - index.ddof)
    return Own(implied_correlation(math.sqrt(variance), len(index.pairs)), signed=True)


def n_indicators(results: Results, place: Place) -> Own:
    """Number of indicators of the index."""
    index = results.study.find(performance_index.Options)
    return Own() if index is None else Own(float(len(index.pairs)))


def n_classes(results: Results, place: Place) -> Own:
    """Classes left on the map of exposure, where equal values share one."""
    options, rows = results.study.find(exposure.Options), results.tables.get("smart_exposure")
    if options is None or options.map is None or rows is None:
        return Own()
    from models_py.figures.map_classes import quantile_classes
    from models_py.parts.exposure.figure_map import values_of_year

    # A map is one of provinces, and asks for their codes.
    values = values_of_year(rows.assign(province_code=rows[ENTITY]), options.map)[0].values()
    return Own(float(len(quantile_classes(list(values), options.map.classes).bounds)))


FACTS: Mapping[str, Fact] = {
    "implied_correlation": mean_correlation,
    "n_indicators": n_indicators,
    "n_classes": n_classes,
}
