"""Types of facility and their measures, and the indicators made of them."""

from typing import Any

import pytest

from catalog.facilities import Facilities
from catalog.indicators import load_registry
from catalog.studies import Study, load_studies
from catalog.tables import load_tables

OWN = load_registry().facilities
WHOLE: dict[str, Any] = {"label": {"en": "all", "zh": "全部"}, "parts": "level"}
PART: dict[str, Any] = {"label": {"en": "clinics", "zh": "诊所"}, "part_of": "all"}
VISITS: dict[str, Any] = {"label": {"en": "Visits", "zh": "诊疗人次"}, "unit": "万人次", "range": [1, 100]}
GIVEN: dict[str, Any] = {"measures": {"visits": VISITS}, "types": {"all": WHOLE, "clinics": PART}}


def test_an_indicator_for_each_measure_and_type_but_those_that_are_there_already():
    made = Facilities.model_validate(GIVEN | {"types": {"all": WHOLE | {"already": {"visits": "v"}}, "clinics": PART}})
    assert made.by_indicator == {"v": ("visits", "all"), "visits_clinics": ("visits", "clinics")}
    [entry] = made.declared().values()
    assert (entry["label"].en, entry["label"].zh, entry["wide"]) == ("Visits, clinics", "诊所诊疗人次", False)
    assert entry["headers"] == [{"name": "诊所诊疗人次"}]


def test_undivided_types_do_not_overlap():
    leaves = OWN.leaves(OWN.all)
    assert len(set(leaves)) == len(leaves) == 9
    assert set(OWN.leaves("hospitals_all")) < set(leaves) and "first_level_hospitals" not in OWN.leaves(
        "primary_institutions"
    )


def test_figures_by_type_are_no_columns_of_the_panel():
    columns = load_tables()["province_year"].columns
    registry = load_registry()
    assert "hospital_beds" in columns and "visits_tertiary_hospitals" not in columns
    assert registry.indicators["visits_tertiary_hospitals"].range == OWN.measures["visits"].range
    variables = {"declared": {"visits": {"indicator": "visits_tertiary_hospitals"}}}
    study = load_studies()["expenditure_gdp"].model_dump() | {"variables": variables, "parts": []}
    with pytest.raises(ValueError, match="visits_tertiary_hospitals is kept by type of facility"):
        Study.model_validate(study)


def test_clinics_have_no_beds():
    with pytest.raises(ValueError, match="beds is not reported of other_primary"):
        OWN.indicator("beds", "other_primary")
    assert not OWN.reports("equipment_from_1m", "tertiary_hospitals")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"types": {"all": WHOLE, "clinics": PART | {"part_of": "some"}}}, "part_of names some, which is no type"),
        ({"types": {"all": WHOLE | {"parts": None}, "clinics": PART}}, "all: `parts` names the division"),
        ({"types": {"all": WHOLE, "clinics": PART | {"already": {"beds": "b"}}}}, "already: beds is no measure"),
        ({"measures": {"visits": VISITS | {"types": ["wards"]}}}, "types: wards is no type"),
        ({"types": {"all": WHOLE, "clinics": PART | {"headers": ["全部"]}}}, "two types are called 全部"),
    ],
)
def test_contradictions_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        Facilities.model_validate(GIVEN | changes)


def test_a_declared_measure_must_be_an_indicator_in_its_unit():
    data = load_registry().model_dump()
    data["facilities"]["types"]["all"]["already"]["visits"] = "gdp"
    with pytest.raises(ValueError, match="facilities: gdp is not in 万人次, as visits is"):
        type(load_registry()).model_validate(data)
