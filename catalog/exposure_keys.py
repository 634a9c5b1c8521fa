"""How each study counts pilots, as rows of the lake table study_exposure: the keys dbt counts exposure by.

Belongs here: combining a study's own options with those its specification curve declares. What the options mean:
catalog/parts/exposure.py. Counting: dbt/models.
"""

from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any

from catalog.panels import PanelSpec
from catalog.parts import exposure, specification_curve
from catalog.studies import Study

KEYS = ("numerator", "denominator", "municipality", "direct_county", "timing", "denominator_year")


def exposure_rows(studies: Iterable[Study]) -> list[dict[str, Any]]:
    """A row for each combination a study declares, its own, `preferred`, first; none for a study without exposure."""
    return [row for study in studies for spec in study.all(exposure.Options) for row in _combinations(study, spec)]


def _combinations(study: Study, spec: exposure.Options) -> Iterator[dict[str, Any]]:
    own = tuple(getattr(spec, key) for key in KEYS)
    curves = study.all(specification_curve.Options)
    declared = [[each for curve in curves for each in getattr(curve.choices, key)] for key in KEYS]
    first, last = _years(study.panel)
    # A choice that is not declared stays as the study has it.
    for options in product(*(dict.fromkeys((mine, *more)) for mine, more in zip(own, declared, strict=True))):
        yield {
            "study": study.id,
            "first_year": first,
            "last_year": last,
            "programmes": "|".join(spec.programmes),
            **dict(zip(KEYS, options, strict=True)),
            "preferred": options == own,
        }


def _years(panel: PanelSpec) -> tuple[int, int | None]:
    """First and last year; no last one where only the warehouse will show it."""
    return panel.years[0], None if panel.open else panel.bounds[1]
