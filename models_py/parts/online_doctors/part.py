"""Online doctors as a part: where they are, beside people and the physicians offline.

Belongs here: what the part takes, makes and shows. Does not belong here: counts by place (places.py), catchments
(accessibility.py), measures (measures.py), drawing. Where no list was supplied its tables are empty, and the report
says so.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from catalog.base import Text
from catalog.parts.online_doctors import Options
from models_py.figures.show import Picture
from models_py.parts.frame import Part, Seen, Show, Tables, Work

if TYPE_CHECKING:
    from models_py.figures.table import ReportTable

MADE = ("online_doctor", "accessibility", "online_inequality")
MEASURES = Text(zh="在线医生分布的不均衡程度", en="How unevenly online doctors are spread")
PROVINCES = Text(zh="各省在线医生", en="Online doctors by province")
BUBBLES = Text(zh="各城市在线医生", en="Online doctors by city")


def compute(work: Work) -> Tables:
    """The three tables; empty where no list of doctors was supplied."""
    from models_py.parts.online_doctors.accessibility import accessibility
    from models_py.parts.online_doctors.measures import online_inequality
    from models_py.parts.online_doctors.places import doctors_of, online_doctor
    from models_py.parts.rows import as_table

    study, options = work.study.id, work.options
    doctors = doctors_of(work.tables, work.panel, options)
    if doctors is None:
        return {table: as_table([], table) for table in MADE}
    reach = accessibility(doctors, options, study)
    return {
        "online_doctor": online_doctor(doctors, study),
        "accessibility": reach,
        "online_inequality": online_inequality(doctors, reach, work.panel, options, study),
    }


def measures(seen: Seen, options: Options) -> "Iterator[ReportTable]":
    """The table of measures; without a list it says so."""
    from models_py.parts.online_doctors.tables import measures_table

    yield measures_table(seen.rows("online_inequality"), "online_inequality", MEASURES, seen.synthetic)


def provinces(seen: Seen, options: Options) -> "Iterator[ReportTable]":
    """The table of provinces; none without a list."""
    from models_py.parts.online_doctors.tables import provinces_table

    rows = seen.rows("online_doctor")
    if not rows.empty:
        yield provinces_table(rows, seen.panel, "online_doctor_provinces", PROVINCES, seen.synthetic)


def bubbles(seen: Seen, options: Options) -> Iterator[Picture]:
    """All doctors and those of high quality, city by city; none without a list."""
    from models_py.parts.online_doctors.figure_bubbles import doctor_bubbles
    from models_py.parts.online_doctors.places import CITY, LEVEL, city_names

    rows = seen.rows("online_doctor")
    if rows.empty:
        return
    names = city_names(seen.rows("city"), seen.panel)
    figure = doctor_bubbles(rows[rows[LEVEL] == CITY], names, BUBBLES, seen.data_kind)
    yield Picture("online_doctor_cities", BUBBLES, figure)


PART = Part(
    summary=Text(
        en="Online doctors by city and province: Gini, first-tier share, location quotients, two-step floating "
        "catchments; a description, not an effect",
        zh="在线医生的城市与省际分布：基尼系数、一线城市占比、区位商、两步移动搜寻法；仅为描述，不是效应",
    ),
    needs=("figures", "doctor_count", "city", "city_year"),
    makes=MADE,
    whole=MADE,
    compute=compute,
    shows=(
        Show("online_inequality", "table", MEASURES, measures),
        Show("online_doctor_provinces", "table", PROVINCES, provinces),
        Show("online_doctor_cities", "figure", BUBBLES, bubbles, needs=("city",)),
    ),
)
