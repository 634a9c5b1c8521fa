"""Use and capacity by type of facility, on figures small enough to compute by hand."""

import math

import pandas as pd
import pytest

from catalog import NATION_CODE, load_registry
from catalog.base import CatalogError
from catalog.parts.imbalance import Options
from catalog.studies import Study, load_studies
from models_py.panel import province_panel
from models_py.parts.frame import Work
from models_py.parts.imbalance.gaps import gap_rows
from models_py.parts.imbalance.levels import ImbalanceError, imbalance_rows
from models_py.parts.imbalance.part import PART, headline
from models_py.parts.rows import as_table

PANEL = province_panel((2014, 2023))
STUDY = load_studies()["imbalance"]
OPTIONS = STUDY.options(Options)
FACILITIES = load_registry().facilities
# visits in 10,000; institutions, beds, physicians; bed occupancy in %.
TYPES = {
    "tertiary_hospitals": (200, 10, 100, 40, 90.0),
    "secondary_hospitals": (100, 20, 100, 30, 70.0),
    "first_level_hospitals": (30, 30, 50, 10, 50.0),
    "specialised_hospitals": (20, 5, 50, 10, 60.0),
    "ungraded_hospitals": (10, 5, 20, 5, 40.0),
    "community_centres": (80, 40, 10, 20, 30.0),
    "township_centres": (60, 60, 40, 30, 45.0),
    "other_primary": (150, 500, None, 50, None),
    "other_institutions": (50, 30, 30, 5, 55.0),
}
MEASURES = ("visits", "institutions", "beds", "physicians", "bed_occupancy")


def long(types=TYPES, code: int = NATION_CODE, year: int = 2021) -> pd.DataFrame:
    rows = [
        (code, year, FACILITIES.indicator(measure, kind), float(value))
        for kind, values in types.items()
        for measure, value in zip(MEASURES, values, strict=True)
        if value is not None
    ]
    return pd.DataFrame(rows, columns=["entity_code", "year", "indicator", "value"])


def of(frame: pd.DataFrame, options: Options = OPTIONS) -> pd.DataFrame:
    rows = as_table([{"study": STUDY.id} | row for row in imbalance_rows(frame, options, PANEL)], "imbalance")
    return rows.set_index(["scope", "facility_type"])


def without(types, *kinds: str):
    return {kind: values for kind, values in types.items() if kind not in kinds}


def test_the_two_splits_by_hand():
    rows = of(long())
    nation = rows.loc["nation"]
    assert nation.loc["all", "visits"] == 700
    # (a) hospitals by grade: third, second, first level, and the two without a grade.
    assert nation.loc["hospitals_all", "visits"] == 360
    assert nation.loc["first_level_hospitals", "visit_share"] == pytest.approx(30 / 360)
    # (b) the paper's tiers: first-level hospitals are primary care, and nowhere else.
    assert nation.loc["high_tier", "visits"] == 320
    assert nation.loc["primary", "visits"] == 170
    assert nation.loc["neither_tier", "visits"] == 210
    assert nation.loc["primary", "visit_share"] == pytest.approx(170 / 700)
    assert nation.loc["high_tier", "bed_occupancy"] == pytest.approx((100 * 90 + 100 * 70 + 50 * 60) / 250)
    assert nation.loc["primary", "bed_occupancy"] == pytest.approx((50 * 50 + 10 * 30 + 40 * 45) / 100)
    assert nation.loc["primary", "visits_per_institution"] == pytest.approx(170 * 10_000 / 130)
    assert nation.loc["primary", "visits_per_bed"] == pytest.approx(17_000)
    assert nation.loc["primary", "visits_per_physician"] == pytest.approx(170 * 10_000 / 60)
    # Share of visits 320/700, share of physicians 80/200.
    assert nation.loc["high_tier", "utilisation_quotient"] == pytest.approx((320 / 700) / (80 / 200))
    assert (nation["capacity"] == "physicians").all()


def test_shares_of_each_split_add_up_and_nothing_is_counted_twice():
    rows = of(long()).reset_index()
    for name in ("visit_share", "institution_share", "physician_share"):
        assert rows.groupby("split")[name].sum().tolist() == pytest.approx([1.0] * rows["split"].nunique())
    assert not rows.duplicated("facility_type").any()
    splits = rows.set_index("facility_type")["split"]
    assert splits["first_level_hospitals"] == "grade" and splits["primary"] == "paper"
    totals = rows.groupby("split")["visits"].sum()
    assert totals["paper"] == totals["level"] == totals["all"] == 700


def test_capacity_is_an_option():
    rows = of(long(), OPTIONS.model_copy(update={"capacity": "institutions"}))
    value = rows.loc[("nation", "high_tier"), "utilisation_quotient"]
    assert value == pytest.approx((320 / 700) / (35 / 700))


def test_what_has_no_denominator_is_absent_and_named():
    types = {kind: (visits, None, beds, None, used) for kind, (visits, _, beds, _, used) in TYPES.items()}
    rows = of(long(types))
    row = rows.loc[("nation", "tertiary_hospitals")]
    assert math.isnan(row["visits_per_institution"]) and math.isnan(row["utilisation_quotient"])
    assert row["visits_per_bed"] == 20_000
    assert row["note_en"] == "Not known: institutions, licensed (assistant) physicians."
    assert row["note_zh"] == "缺：机构数、执业(助理)医师数。"
    # Clinics have no beds by their nature: that is not something lacking.
    clinics = of(long()).loc[("nation", "other_primary")]
    assert clinics["note_en"] == "" and math.isnan(clinics["visits_per_bed"])


def test_no_beds_at_all_is_no_denominator():
    none = {
        kind: (visits, 1, 0.0 if kind != "other_primary" else None, 1, None) for kind, (visits, *_) in TYPES.items()
    }
    rows = of(long(none))
    assert rows["visits_per_bed"].isna().all() and rows["bed_share"].isna().all()
    assert rows["bed_occupancy"].isna().all()


def test_a_type_that_is_not_reported_leaves_its_sums_empty():
    rows = of(long(without(TYPES, "township_centres")))
    assert math.isnan(rows.loc[("nation", "primary_institutions"), "visits"])
    primary = rows.loc[("nation", "primary")]
    assert primary[["visits", "beds", "visit_share", "bed_occupancy", "utilisation_quotient"]].isna().all()
    assert "Not known: outpatient visits, institutions" in primary["note_en"]
    assert "Not reported: township health centres." in primary["note_en"]
    assert math.isnan(rows.loc[("nation", "hospitals_all"), "visit_share"])
    assert rows.loc[("nation", "high_tier"), "visits"] == 320


def test_the_high_tier_may_lack_specialised_hospitals_and_says_so():
    rows = of(long(without(TYPES, "specialised_hospitals")))
    row = rows.loc[("nation", "high_tier")]
    assert row["visits"] == 300
    assert "Without specialised hospitals without a grade, not reported." in row["note_en"]
    strict = of(long(without(TYPES, "specialised_hospitals")), OPTIONS.model_copy(update={"may_lack": ()}))
    assert math.isnan(strict.loc[("nation", "high_tier"), "visits"])


def test_printed_totals_stand_and_leave_the_rest():
    """As in the real files: all institutions, hospitals and primary institutions, no visits."""
    types = {
        "all": (None, 1000, 500, None, None),
        "hospitals_all": (None, 40, 300, None, None),
        "primary_institutions": (None, 900, 150, None, None),
    }
    frames = [long(types, code, 2020) for code in PANEL.codes]
    rows = of(pd.concat(frames))
    assert len(rows) == 32 * 4
    assert rows.loc[("330000", "other_institutions"), ["institutions", "beds"]].tolist() == [60, 50]
    assert rows.loc[("nation", "hospitals_all"), "beds"] == 31 * 300
    assert "sums of the provinces" in rows.loc[("nation", "hospitals_all"), "note_en"]
    assert rows["visits"].isna().all() and rows["visit_share"].isna().all()
    assert rows.loc[("330000", "hospitals_all"), "note_en"].startswith("Not known: outpatient visits")
    # One province without a figure: no sum for the nation.
    assert ("nation", "hospitals_all") not in of(pd.concat(frames[1:])).index


def test_first_level_hospitals_counted_in_primary_institutions_too_are_refused():
    """A printed hospital total that leaves first-level hospitals out is less than the grades add up to."""
    types = {**TYPES, "hospitals_all": (330, None, None, None, None)}
    message = "nation 2021, visits: .*first_level_hospitals.* = 360, more than hospitals_all, 330; expected parts"
    with pytest.raises(ImbalanceError, match=message):
        of(long(types))


def test_two_figures_of_one_kind_are_refused():
    with pytest.raises(ImbalanceError, match="two figures of 100000 2021 visits_tertiary_hospitals"):
        of(pd.concat([long(), long().head(1)]))


def test_places_of_which_only_a_total_is_known_have_no_row():
    total = pd.DataFrame([(330000, 2021, "outpatient_visits", 900.0)], columns=long().columns)
    assert set(of(pd.concat([long(), total])).reset_index()["scope"]) == {"nation"}


def test_gaps_and_their_difference_by_hand():
    zhejiang = {kind: (*values[:4], values[4] and values[4] - 10) for kind, values in TYPES.items()}
    zhejiang["tertiary_hospitals"] = (200, 10, 100, 40, 85.0)
    levels = of(pd.concat([long(), long(zhejiang, 330000)])).reset_index()
    gaps = pd.DataFrame(gap_rows(levels, OPTIONS)).set_index(["scope", "compared_with", "measure", "high_type"])
    own = ("bed_occupancy", "high_tier")
    assert gaps.loc[("nation", "", *own), "gap"] == pytest.approx(76 - 46)
    assert gaps.loc[("330000", "", *own), "gap"] == pytest.approx((100 * 85 + 100 * 60 + 50 * 50) / 250 - 36)
    difference = gaps.loc[("330000", "nation", *own)]
    assert difference["gap"] == pytest.approx((68 - 36) - (76 - 46))
    assert gaps.loc[("nation", "", "visit_share", "high_tier"), "gap"] == pytest.approx(100 * (320 - 170) / 700)


def test_a_gap_with_an_unknown_side_is_empty_and_says_which():
    levels = of(long(without(TYPES, "township_centres"))).reset_index()
    gaps = pd.DataFrame(gap_rows(levels, OPTIONS)).set_index(["measure", "high_type"])
    row = gaps.loc[("bed_occupancy", "high_tier")]
    assert math.isnan(row["gap"]) and row["note_en"] == "Not known: primary care, as the paper defines it."


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"primary": ["first_level_hospitals", "tertiary_hospitals"]}, "tertiary_hospitals is counted twice"),
        ({"primary": ["village_doctors"]}, "village_doctors is not an undivided type of facility; known: tertiary"),
        ({"primary": ["primary_institutions"]}, "primary_institutions is not an undivided type"),
        ({"may_lack": ["other_primary"]}, "may_lack: other_primary is in no tier"),
        ({"year": 2030}, "2030 lies outside"),
    ],
)
def test_options_that_would_count_twice_or_nothing_are_refused(changes, message):
    entry = {"imbalance": OPTIONS.model_dump() | changes}
    with pytest.raises((CatalogError, ValueError), match=message):
        Study.model_validate(STUDY.model_dump() | {"parts": [entry]})


def made(frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    work = Work(STUDY, OPTIONS, PANEL, {"figures_long": frame}, {}, "real", lambda figures: {})
    return dict(PART.compute(work))


def test_the_part_without_any_figure_makes_empty_tables_and_says_so():
    tables = made(long().head(0))
    assert [len(frame) for frame in tables.values()] == [0, 0, 0]
    assert headline(STUDY, tables, OPTIONS) == "imbalance: no figures by type of facility are in these data"


def test_the_headline_says_first_what_is_lacking():
    types = {kind: (None, *values[1:4], None) for kind, values in TYPES.items()}
    line = headline(STUDY, made(long(types)), OPTIONS)
    assert line.startswith(
        "imbalance: not in these data: visits, bed occupancy; known by type of facility: institutions"
    )


def test_equipment_shares_by_hand_and_without_a_type():
    rows = [
        (NATION_CODE, 2022, f"equipment_below_500k_{kind}", pieces)
        for kind, pieces in {"hospitals_all": 70.0, "primary_institutions": 20.0, "other_institutions": 10.0}.items()
    ]
    frame = pd.DataFrame(rows, columns=long().columns)
    bands = made(frame)["equipment_band"].set_index("facility_type")
    assert bands.loc["primary_institutions", "share"] == pytest.approx(0.2)
    partly = made(frame.head(2))["equipment_band"]
    assert partly["share"].isna().all() and set(partly["note_en"]) == {"Not known: other institutions."}
