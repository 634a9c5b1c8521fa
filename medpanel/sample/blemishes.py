"""What is wrong, harmlessly, with the sample's yearbook tables: the marks real tables carry.

Belongs here: choosing the cells and their text. Does not belong here: where a cell stands (workbooks.py),
files that must be refused (csv_files.py).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from medpanel.sample.panel import DECIMALS
from medpanel.sample.reference import YEARS

YEARBOOK_INDICATORS = (
    "outpatient_visits", "emergency_mortality_rate", "hospital_admissions", "inpatient_mortality_rate",
    "maternal_management_rate", "prenatal_examination_rate", "newborn_visit_rate",
)  # fmt: skip
MISSING_MARKS = ("", "-", "…")
FOOTNOTE_MARKS = ("①", "*")
N_MISSING, N_FOOTNOTES, N_THOUSANDS, N_WIDE_SPACES = 15, 6, 8, 4

Figure = tuple[str, int, int]  # indicator, province_code, year


def printed(indicator: str, value: float) -> str:
    """The figure with the decimals the files print."""
    return f"{value:.{DECIMALS[indicator]}f}"


def choose_blemishes(seed: int, figures: Mapping[Figure, float]) -> dict[Figure, tuple[str, str]]:
    """(kind, text of the cell) by figure.

    Kinds are missing, footnote, thousands_separator and full_width_space.

    Missing cells are interior, at most one in each series (province and indicator), so that linear
    interpolation is always between two reported neighbours.
    """
    rng = np.random.default_rng([seed, 3])
    provinces = sorted({code for _, code, _ in figures})
    series = [(name, code) for name in YEARBOOK_INDICATORS for code in provinces]
    order = iter([series[i] for i in rng.permutation(len(series))])
    chosen: dict[Figure, tuple[str, str]] = {}

    def year(first: int = 0, last: int = len(YEARS)) -> int:
        return YEARS[int(rng.integers(first, last))]

    for number in range(N_MISSING):
        name, code = next(order)
        chosen[name, code, year(1, len(YEARS) - 1)] = ("missing", MISSING_MARKS[number % len(MISSING_MARKS)])
    for number in range(N_FOOTNOTES):
        figure = (*next(order), year())
        mark = FOOTNOTE_MARKS[number % len(FOOTNOTE_MARKS)]
        chosen[figure] = ("footnote", printed(figure[0], figures[figure]) + mark)
    for _ in range(N_WIDE_SPACES):
        figure = (*next(order), year())
        chosen[figure] = ("full_width_space", f"\u3000{printed(figure[0], figures[figure])}\u3000")
    left = [code for name, code in order if name == "outpatient_visits"]
    for code in left[:N_THOUSANDS]:
        figure = ("outpatient_visits", code, year())
        chosen[figure] = ("thousands_separator", f"{figures[figure]:,.{DECIMALS[figure[0]]}f}")
    return chosen
