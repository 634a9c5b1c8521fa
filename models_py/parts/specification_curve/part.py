"""The specification curve as a part."""

from __future__ import annotations

from catalog.base import Text
from models_py.parts.frame import Part, Show, Tables, Work
from models_py.parts.specification_curve.shows import CHOICES, CHOICES_TITLE, CURVE, CURVE_TITLE, choices, curves


def compute(work: Work) -> Tables:
    """Tables specification and specification_choice, and a share of spec_test."""
    from models_py.parts.specification_curve.curve import specification_curve

    curve = specification_curve(
        work.tables["figures"], work.tables.get("exposure_variant"), work.study, work.options, work.panel
    )
    return {name: getattr(curve, name) for name in ("specification", "specification_choice", "spec_test")}


PART = Part(
    summary=Text(
        en="Specification curve: one estimate for each combination of declared choices, with joint inference",
        zh="规格曲线：所声明各设定组合的估计与联合推断",
    ),
    needs=("figures",),
    uses=("exposure_variant",),
    consults=("regressions",),
    makes=("specification", "specification_choice", "spec_test"),
    whole=("specification", "specification_choice"),
    compute=compute,
    shows=(
        Show(CURVE, "figure", CURVE_TITLE, curves),
        Show(CHOICES, "table", CHOICES_TITLE, choices),
    ),
)
