"""The specification curve as a part: the curve, and which choice moves the estimate most."""

from collections.abc import Iterator

from catalog.base import Text
from catalog.parts.specification_curve import Options
from models_py.figures.show import Picture
from models_py.figures.table import ReportTable
from models_py.parts.frame import Part, Seen, Show, Tables, Work

CURVE, CURVE_TITLE = "specification_curve", Text(zh="规格曲线", en="Specification curve")
CHOICES, CHOICES_TITLE = "specification_choice", Text(zh="各项设定的影响", en="What each choice moves")


def curves(seen: Seen, options: Options) -> Iterator[Picture]:
    """The curve with its joint tests; none if no choice varies."""
    from catalog.labels import variable_label
    from models_py.figures.coefficients import unit_of
    from models_py.parts.specification_curve.figure import specification_curve
    from models_py.parts.specification_curve.shown import joint_p_values

    rows, choices = seen.rows("specification"), seen.rows("specification_choice")
    if rows.empty or choices.empty:
        return
    joint, term = joint_p_values(seen.share("spec_test", options)), variable_label(seen.study, options.term)
    own = seen.rows("estimate")
    if len(own):
        own = own[
            (own["table_no"] == options.table_no) & (own["model"] == options.model) & (own["term"] == options.term)
        ]
    unit = unit_of(own) if len(own) else None
    drawn = specification_curve(rows, choices, seen.study, term, seen.data_kind, joint=joint, unit=unit)
    yield Picture(CURVE, CURVE_TITLE, drawn)


def choices(seen: Seen, options: Options) -> Iterator[ReportTable]:
    """The choices, the largest mover first."""
    from models_py.parts.specification_curve.shown import choices_table

    rows = seen.rows("specification_choice")
    if len(rows):
        yield choices_table(rows, seen.study, seen.synthetic)


def compute(work: Work) -> Tables:
    """Tables specification and specification_choice, and a share of spec_test."""
    from models_py.parts.specification_curve.curve import specification_curve

    return specification_curve(
        work.tables["figures"], work.tables.get("exposure_variant"), work.study, work.options, work.panel
    )


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
