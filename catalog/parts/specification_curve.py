"""Options of the specification curve: the model it varies and the options of each choice."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from catalog.base import Strict, repeated
from catalog.part_options import PartOptions
from catalog.parts import performance_index, regressions
from catalog.parts.performance_index import Reading, VolumeBasis, Weighting
from catalog.studies import Study, Transform
from catalog.study_rules import forbid


class Choices(Strict):
    """Options of each choice, the columns of table `specification`; the study's own option need not be repeated."""

    utilisation: tuple[Reading, ...] = ()
    volume_basis: tuple[VolumeBasis, ...] = ()
    weighting: tuple[Weighting, ...] = ()
    ddof: tuple[Literal[0, 1], ...] = ()
    numerator: tuple[Literal["covered", "prefecture_only", "fraction", "entries"], ...] = ()
    denominator: tuple[Literal["divisions", "cities"], ...] = ()
    municipality: tuple[Literal["districts", "one_city"], ...] = ()
    direct_county: tuple[Literal["own_unit", "exclude"], ...] = ()
    timing: tuple[Literal["half_year", "announcement", "label"], ...] = ()
    denominator_year: tuple[Literal["current", "fixed_2013"], ...] = ()
    # all: the model's; none; without_<name>: all but one.
    controls: tuple[str, ...] = ()
    transform: tuple[Transform, ...] = ()
    effects: tuple[Literal["year", "year_trends", "region_year"], ...] = ()
    lag: tuple[Literal[0, 1], ...] = ()
    winsorise: tuple[Annotated[float, Field(ge=0, lt=0.5)], ...] = ()
    sample: tuple[Literal["all", "without_municipalities", "without_provisional"], ...] = ()

    def _consistent(self) -> None:
        for name, options in self:
            forbid(repeated(options), "specification_curve.twice", key=name)


class Options(PartOptions):
    """All combinations are fitted, or `at_most` of them drawn with `seed` when there are more; the study's own
    specification is always among them. `draws`: re-assignments of the exposure in the joint inference. A choice that is
    not listed stays as the study has it.
    """

    zh: ClassVar[str] = (
        "拟合全部组合；组合多于 `at_most` 时按 `seed` 抽取其中一部分，本研究自身的规格始终包含在内。"
        "`draws`：联合推断中重新分配暴露的次数。未列出的选择保持本研究的设定。"
    )

    table_no: str
    model: str
    term: str
    choices: Choices
    at_most: int = Field(default=4000, ge=1)
    draws: int = Field(default=499, ge=99)
    seed: int = Field(default=0, ge=0)

    def indicators(self, study: Study) -> tuple[str, ...]:
        """Indicators an index needs under the bases of volume that are tried."""
        tried = [
            index.model_copy(update={"volume_basis": basis})
            for index in study.all(performance_index.Options)
            for basis in self.choices.volume_basis
        ]
        return tuple(indicator for index in tried for _, indicator in index.pairs)

    def check(self, study: Study) -> None:
        """Check that the model has the term and that every option is available."""
        found = {spec.key: spec for spec in study.options(regressions.Options).models}.get((self.table_no, self.model))
        regressors = found.regressors if found is not None else ()
        forbid(self.term not in regressors, "specification_curve.no_term")
        allowed = {"all", "none", *(f"without_{name}" for name in regressors if name != self.term)}
        unknown = sorted(set(self.choices.controls) - allowed)
        of_provinces = sorted({"without_municipalities", "region_year"} & {*self.choices.sample, *self.choices.effects})
        no_provisional = "without_provisional" in self.choices.sample and not study.panel.provisional_years
        forbid(no_provisional, "specification_curve.no_provisional")
        forbid(unknown, "specification_curve.controls", known=sorted(allowed))
        if study.panel.unit != "province":
            forbid(of_provinces, "specification_curve.provinces", unit=study.panel.unit)
