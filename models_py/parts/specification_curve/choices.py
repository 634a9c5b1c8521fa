"""The space of specifications: the options of every choice that applies, and which combinations are fitted.

Belongs here: which choices a study can vary, the study's own option of each, and the draw among combinations.
Does not belong here: what an option does to the data (columns.py) and estimation (engine.py).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from catalog import Study
from catalog.base import refuse
from catalog.parts import exposure, performance_index, regressions
from catalog.parts.regressions import ModelSpec
from catalog.parts.specification_curve import Options as CurveOptions
from models_py.parts.regressions.variables import StudyError

INDEX_CHOICES = ("utilisation", "volume_basis", "weighting", "ddof")
EXPOSURE_CHOICES = ("numerator", "denominator", "municipality", "direct_county", "timing", "denominator_year")
# In the order of the columns of table `specification`.
CHOICES = (*INDEX_CHOICES, *EXPOSURE_CHOICES, "controls", "transform", "effects", "lag", "winsorise", "sample")
ALL, NONE, WITHOUT = "all", "none", "without_"
_LARGEST = 2**62

Option = str | int | float
Options = Mapping[str, Option]


@dataclass(frozen=True)
class Space:
    """The model that is varied, its term, and the options of each choice that applies, the study's own first."""

    model: ModelSpec
    term: str
    options: Mapping[str, tuple[Option, ...]]

    @property
    def size(self) -> int:
        """Number of combinations."""
        return math.prod(len(options) for options in self.options.values())

    @property
    def varied(self) -> tuple[str, ...]:
        """Choices with more than one option."""
        return tuple(name for name, options in self.options.items() if len(options) > 1)

    def combination(self, number: int) -> dict[str, Option]:
        """The combination with this number, 0 to size - 1, in mixed radix; 0 is the study's own."""
        chosen: dict[str, Option] = {}
        for name, options in reversed(list(self.options.items())):
            number, digit = divmod(number, len(options))
            chosen[name] = options[digit]
        return {name: chosen[name] for name in self.options}

    def draw(self, at_most: int, seed: int) -> list[dict[str, Option]]:
        """All combinations, or the study's own and `at_most` - 1 others drawn evenly without replacement.

        Numbers are drawn, never a list of all combinations. Raises StudyError for more than can be numbered.
        """
        if self.size <= at_most:
            return [self.combination(number) for number in range(self.size)]
        refuse(
            (
                self.size > _LARGEST,
                f"{self.size} combinations of choices are more than can be drawn from; list fewer options",
            ),
            error=StudyError,
        )
        others = np.random.default_rng([seed, 0]).choice(self.size - 1, at_most - 1, replace=False)
        return [self.combination(int(number)) for number in [0, *np.sort(others + 1)]]

    def controls(self, option: Option) -> tuple[str, ...]:
        """Regressors beside the term under an option of `controls`, in the model's order."""
        controls = tuple(name for name in self.model.regressors if name != self.term)
        without = {f"{WITHOUT}{left_out}": tuple(n for n in controls if n != left_out) for left_out in controls}
        known = {ALL: controls, NONE: (), **without}
        where = f"{self.model.table_no} {self.model.model}"
        refuse(
            (option not in known, f"controls: {option!r} is not an option of {where}; known: {', '.join(known)}"),
            error=StudyError,
        )
        return known[str(option)]


def choice_space(study: Study, spec: CurveOptions) -> Space:
    """The options declared in the study file, each choice headed by the option of the study itself.

    Raises StudyError for a model or term that is not declared, a variable of the model made by a part that no choice is
    about, a choice listed that nothing in the model depends on, controls that are not the model's and two names for the
    same controls.
    """
    models = [m for m in study.options(regressions.Options).models if m.key == (spec.table_no, spec.model)]
    refuse(
        (not models, f"the specification curve names {spec.table_no} {spec.model}, which {study.id!r} lacks"),
        (
            all(spec.term not in model.regressors for model in models),
            f"the specification curve's term {spec.term!r} is not a regressor of {spec.table_no} {spec.model}",
        ),
        error=StudyError,
    )
    model = models[0]
    own, listed = _own(study, model, spec.term), {name: tuple(getattr(spec.choices, name)) for name in CHOICES}
    idle = [repr(name) for name in CHOICES if listed[name] and name not in own]
    refuse(
        (idle[:1], f"the choice {{}} changes nothing in {spec.table_no} {spec.model}; leave it out"), error=StudyError
    )
    options = {name: tuple(dict.fromkeys((own[name], *listed[name]))) for name in CHOICES if name in own}
    space = Space(model, spec.term, options)
    _check(study, space)
    return space


def _own(study: Study, model: ModelSpec, term: str) -> dict[str, Option]:
    """The study's own option of every choice that applies to the model; StudyError for a variable no choice covers."""
    makers = {name: study.offered[name] for name in model.used if name in study.offered}
    own: dict[str, Option] = {}
    for name, maker in makers.items():
        if isinstance(maker, performance_index.Options):
            own |= {"utilisation": maker.utilisation, "volume_basis": maker.volume_basis}
            own |= {"weighting": model.variant.get("weighting", "equal"), "ddof": maker.ddof}
        elif isinstance(maker, exposure.Options):
            own |= {choice: getattr(maker, choice) for choice in EXPOSURE_CHOICES}
        else:
            raise StudyError(f"the specification curve does not know how {name}, of the part {maker.part()}, is made")
    if len(makers) < len(model.used):
        own["transform"] = study.variables.transform
    return own | {
        "controls": ALL if len(model.regressors) > 1 else NONE,
        "effects": f"{'region_year' if model.region_years else 'year'}{'_trends' if model.trends else ''}",
        "lag": model.lags.get(term, 0),
        "winsorise": 0.0 if model.winsorise is None else model.winsorise,
        "sample": "without_municipalities" if "municipalities" in model.without else "all",
    }


def _check(study: Study, space: Space) -> None:
    seen: dict[tuple[str, ...], Option] = {}
    for option in space.options["controls"]:
        controls = space.controls(option)
        refuse(
            (controls in seen, f"controls: {option!r} and {seen.get(controls)!r} are the same; list one"),
            error=StudyError,
        )
        seen[controls] = option
    refuse(
        (
            "without_provisional" in space.options["sample"] and not study.provisional_years,
            f"sample: without_provisional needs provisional_years, which {study.id!r} does not declare",
        ),
        error=StudyError,
    )
