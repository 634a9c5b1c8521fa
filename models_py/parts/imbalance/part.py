"""Structural imbalance between types of facility as a part: use and capacity, gaps, equipment (domain section 7).

Belongs here: what the part takes, makes and shows. Does not belong here: the figures' numbers (levels.py, gaps.py,
equipment.py), drawing (figure_*.py) and tables of text (tables.py).
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from catalog import Study
from catalog.base import Text
from catalog.parts.imbalance import Options
from models_py.figures.show import Picture
from models_py.parts.frame import Part, Replication, Seen, Show, Tables, Work

if TYPE_CHECKING:
    import pandas as pd

    from models_py.figures.table import ReportTable

USE = Text(en="Figures 3 and 5. Bed use and visits by type of facility", zh="图3、图5  按机构类型的病床使用与诊疗人次")
EQUIPMENT = Text(en="Figure 8. Equipment by value and type of facility", zh="图8  按价值分档的设备与机构类型")
CAPACITY = Text(en="Institutions and beds by level of facility", zh="按层级的机构数与床位数")
GAPS = Text(en="Gaps between types of facility, and H2b", zh="机构类型之间的差距与H2b")
TYPES = Text(en="Use and capacity by type of facility", zh="按机构类型的利用与资源")
INSURANCE = Text(en="Figure 4. Commercial insurance: what is known", zh="图4  商业医疗保险：已知部分")
WEAKNESSES = Text(en="Table 5. Weaknesses in the survey: what is known", zh="表5  调查中的薄弱环节：已知部分")


def compute(work: Work) -> Tables:
    """Tables imbalance, imbalance_gap and equipment_band."""
    import pandas as pd

    from models_py.parts.imbalance.equipment import equipment_rows
    from models_py.parts.imbalance.gaps import gap_rows
    from models_py.parts.imbalance.levels import imbalance_rows
    from models_py.parts.rows import as_table

    long, study = work.tables["figures_long"], {"study": work.study.id}
    levels = as_table([study | row for row in imbalance_rows(long, work.options, work.panel)], "imbalance")
    gaps = [] if levels.empty else gap_rows(pd.DataFrame(levels), work.options)
    return {
        "imbalance": levels,
        "imbalance_gap": as_table([study | row for row in gaps], "imbalance_gap"),
        "equipment_band": as_table([study | row for row in equipment_rows(long, work.panel)], "equipment_band"),
    }


def replicated(work: Work, made: Tables) -> Replication | None:
    """Sums, shares, ratios and gaps, for the scripts in replication/; None where nothing is known by type."""
    from models_py.parts.imbalance.replicate import replicate

    return replicate(work, made)


def says(seen: Seen, options: Options) -> "Iterator[Text]":
    """What is known of visits and bed use, first; then of capacity."""
    from models_py.parts.imbalance.summary import known_of

    rows = seen.rows("imbalance")
    if len(rows):
        yield known_of(rows)


def headline(study: Study, tables: Tables, options: Options) -> str:
    """What is known of visits and bed use, first; then of capacity."""
    from models_py.parts.imbalance.summary import known_of

    return f"{study.id}: {known_of(tables['imbalance']).en}"


def use(seen: Seen, options: Options) -> Iterator[Picture]:
    """Bed occupancy and share of visits of each type, nation and compared provinces; none without either."""
    from models_py.parts.imbalance.figure_use import use_figure, use_shown

    rows = use_shown(seen.rows("imbalance"), options)
    if len(rows):
        yield Picture("facility_use", USE, use_figure(rows, options, seen.panel, USE, seen.data_kind))


def equipment(seen: Seen, options: Options) -> Iterator[Picture]:
    """Each type's share of equipment in each band; none without any."""
    from models_py.parts.imbalance.figure_shares import equipment_figure, equipment_shown

    rows = equipment_shown(seen.rows("equipment_band"), options)
    if len(rows):
        yield Picture("equipment", EQUIPMENT, equipment_figure(rows, options, seen.panel, EQUIPMENT, seen.data_kind))


def capacity(seen: Seen, options: Options) -> Iterator[Picture]:
    """Share of institutions and beds at each level, by place, in the last year known."""
    from models_py.parts.imbalance.figure_shares import capacity_figure, capacity_shown

    rows = capacity_shown(seen.rows("imbalance"))
    if len(rows):
        known = seen.rows("imbalance")
        yield Picture("capacity", CAPACITY, capacity_figure(rows, known, seen.panel, CAPACITY, seen.data_kind))


def tables(seen: Seen, options: Options) -> "Iterator[ReportTable]":
    """Use and capacity by type in the year of the figures."""
    from models_py.parts.imbalance.tables import types_table

    yield from types_table(seen.rows("imbalance"), options, seen.panel, TYPES, seen.synthetic)


def gaps(seen: Seen, options: Options) -> "Iterator[ReportTable]":
    """Gaps between types, and their differences between places."""
    from models_py.parts.imbalance.tables import gaps_table

    yield from gaps_table(seen.rows("imbalance_gap"), options, seen.panel, GAPS, seen.synthetic)


def insurance(seen: Seen, options: Options) -> "Iterator[ReportTable]":
    """Figure 4 of the paper, as far as its text gives it; none in a study of another paper."""
    from models_py.parts.imbalance.tables import insurance_table

    yield from insurance_table(_printed(seen), INSURANCE)


def weaknesses(seen: Seen, options: Options) -> "Iterator[ReportTable]":
    """Table 5 of the paper, as far as its text gives it; none in a study of another paper."""
    from models_py.parts.imbalance.tables import weaknesses_table

    yield from weaknesses_table(_printed(seen), WEAKNESSES)


def _printed(seen: Seen) -> "pd.DataFrame":
    rows = seen.rows("published_figure")
    return rows[rows["paper"] == seen.study.paper]


PART = Part(
    summary=Text(
        en="Visits, bed use, capacity and equipment by type of health facility, and the gaps between types and places",
        zh="按机构类型的诊疗、病床使用、资源与设备，以及类型之间、地区之间的差距",
    ),
    needs=("figures_long",),
    makes=("imbalance", "imbalance_gap", "equipment_band"),
    whole=("imbalance", "imbalance_gap", "equipment_band"),
    compute=compute,
    replicate=replicated,
    shows=(
        Show("facility_use", "figure", USE, use),
        Show("facility_types", "table", TYPES, tables),
        Show("occupancy_gaps", "table", GAPS, gaps),
        Show("equipment", "figure", EQUIPMENT, equipment),
        Show("capacity", "figure", CAPACITY, capacity),
        Show("insurance", "table", INSURANCE, insurance, needs=("published_figure",)),
        Show("weaknesses", "table", WEAKNESSES, weaknesses, needs=("published_figure",)),
    ),
    headline=headline,
    says=says,
)
