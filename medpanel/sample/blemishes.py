"""What is wrong, harmlessly, with the sample's yearbook tables: the marks real tables carry.

Belongs here: choosing the cells and their text. Does not belong here: where a cell stands (workbooks.py),
files that must be refused (files.py).
"""

from collections.abc import Mapping

from medpanel.sample.panel import DECIMALS
from medpanel.sample.randomness import random_stream, shuffled
from medpanel.sample.reference import YEARS

YEARBOOK_INDICATORS = (
    "outpatient_visits", "emergency_mortality_rate", "hospital_admissions", "inpatient_mortality_rate",
    "maternal_management_rate", "prenatal_examination_rate", "newborn_visit_rate",
)  # fmt: skip
MISSING_MARKS = ("", "-", "…")
FOOTNOTE_MARKS = ("①", "*")
# How many cells of each kind.
COUNTS = {"missing": 15, "footnote": 6, "full_width_space": 4, "thousands_separator": 8}

Figure = tuple[str, int, int]  # indicator, province_code, year


def printed(indicator: str, value: float) -> str:
    """The figure with the decimals the files print."""
    return f"{value:.{DECIMALS[indicator]}f}"


def choose_blemishes(seed: int, figures: Mapping[Figure, float]) -> dict[Figure, tuple[str, str]]:
    """(kind, text of the cell) by figure; the kinds are those of COUNTS.

    Missing cells are interior, at most one in each series (province and indicator), so that linear
    interpolation is always between two reported neighbours.
    """
    rng = random_stream(seed, "blemishes")
    provinces = sorted({code for _, code, _ in figures})
    order = iter(shuffled(rng, [(name, code) for name in YEARBOOK_INDICATORS for code in provinces]))
    chosen = {}
    for kind, number in [(kind, number) for kind, count in COUNTS.items() for number in range(count)]:
        # Only visits are large enough for a separator.
        usable = YEARBOOK_INDICATORS if kind != "thousands_separator" else ("outpatient_visits",)
        name, code = next(series for series in order if series[0] in usable)
        margin = 1 if kind == "missing" else 0
        figure = (name, code, YEARS[int(rng.integers(margin, len(YEARS) - margin))])
        chosen[figure] = (kind, _marked(kind, number, name, figures[figure]))
    return chosen


def _marked(kind: str, number: int, indicator: str, value: float) -> str:
    """The text of a cell; `number` counts the cells of one kind, which take their marks in turn."""
    text = printed(indicator, value)
    return {
        "missing": MISSING_MARKS[number % len(MISSING_MARKS)],
        "footnote": text + FOOTNOTE_MARKS[number % len(FOOTNOTE_MARKS)],
        "full_width_space": f"\u3000{text}\u3000",
        "thousands_separator": f"{value:,.{DECIMALS[indicator]}f}",
    }[kind]
