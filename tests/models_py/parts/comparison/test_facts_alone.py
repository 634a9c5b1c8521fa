"""A study without regressions compared by cells of its tables and by facts, yes-or-no ones too."""

import pandas as pd
import pytest

from catalog import load_studies
from catalog.papers import Cell, FactPlace, Paper, load_papers
from catalog.parts import comparison
from models_py.panel import province_panel
from models_py.parts.comparison.comparison import Own, known_facts, published_comparison
from models_py.parts.comparison.part import PART
from models_py.parts.comparison.printed import ComparisonError
from models_py.parts.comparison.table import comparison_table
from models_py.parts.registry import needs_of, parts_of
from tests.models_py.parts.mspi_findings.planting import printed_figures

STUDY = load_studies()["imbalance"]
PANEL = province_panel(STUDY.years)
KEY = ["table_no", "column_no", "term"]
SHARE = ("Figure 8", "2022", "primary care share, >= 1 million yuan")


def levels(**values: float) -> pd.DataFrame:
    rows = [("high_tier", 350_000.0, 78.24), ("primary", 39_780.0, 52.1)]
    frame = pd.DataFrame(rows, columns=["facility_type", "visits", "bed_occupancy"])
    return frame.assign(study=STUDY.id, scope="nation", year=2021, **values)


def bands(share: float = 0.0649) -> pd.DataFrame:
    row = {"study": STUDY.id, "scope": "nation", "year": 2022, "band": "equipment_from_1m", "share": share}
    return pd.DataFrame([row | {"facility_type": "primary_institutions"}])


def compared(data_kind: str = "real", study=STUDY, published=None, **tables: pd.DataFrame) -> pd.DataFrame:
    published = printed_figures() if published is None else published
    given = {"imbalance": levels(), "equipment_band": bands()} | tables
    return published_comparison(published, given, study, PANEL, data_kind).set_index(KEY)


def test_cells_in_the_printed_unit_and_rounding():
    rows = compared()
    assert len(rows) == 12 and set(rows.reset_index()["table_no"]) == set(STUDY.options(comparison.Options).tables)
    visits = rows.loc[("Figure 3", "2021", "patients, high-tier hospitals")]
    assert visits["published"] == 34.86 and visits["estimated"] == pytest.approx(35.0)
    assert not visits["matches"]
    occupancy = rows.loc[("Figure 3", "2021", "bed occupancy, high-tier")]
    # 78.24 is 78.2 to one decimal; 6.49 is 6 to none.
    assert occupancy["matches"] and rows.loc[SHARE, "matches"]
    assert rows.loc[SHARE, "estimated"] == pytest.approx(6.49)
    assert not compared(equipment_band=bands(0.0651)).loc[SHARE, "matches"]
    # Nothing in the tables, and nothing declared: no counterpart.
    assert pd.isna(rows.loc[("Figure 5", "Zhejiang 2021", "bed occupancy, clinics"), "estimated"])
    assert pd.isna(rows.loc[("Table 5", "survey 2016-2022", "quality of medical equipment lacking"), "estimated"])
    assert rows[["std_error", "same_sign", "same_significance", "within_95"]].isna().all().all()


def test_synthetic_data_match_nothing():
    rows = compared("synthetic")
    assert rows["matches"].isna().all() and rows["within_95"].isna().all()
    assert rows["estimated"].notna().any()


def test_two_rows_for_one_cell_are_refused():
    twice = pd.concat([levels(), levels()])
    with pytest.raises(ComparisonError, match=r"Figure 3, 2021, patients.*: two of the study's rows match it"):
        compared(imbalance=twice)


def test_a_table_the_paper_does_not_print_is_refused():
    study = STUDY.with_options(comparison.Options(tables=("Figure 3", "Figure 9")))
    with pytest.raises(ComparisonError, match="tables: Figure 9 has no printed figure; known: design, Table 3"):
        compared(study=study)


QUALITATIVE = Paper(
    paper="MSPI paper",
    facts_from="mspi_findings",
    facts=(
        FactPlace(
            table_no="abstract", column_no="claims", term="falls", fact="falls", label={"en": "falls", "zh": "下降"}
        ),
        FactPlace(table_no="abstract", column_no="units", term="n", fact="n_entities", label={"en": "n", "zh": "数"}),
    ),
)


@pytest.mark.parametrize(("answer", "matches"), [(1.0, True), (0.0, False)])
def test_yes_or_no_facts_match_if_the_answer_is_the_same(monkeypatch, answer, matches):
    monkeypatch.setitem(load_papers(), "MSPI paper", QUALITATIVE)
    own = {**known_facts(QUALITATIVE), "falls": lambda results, place: Own(answer)}
    monkeypatch.setattr("models_py.parts.comparison.comparison.known_facts", lambda paper: own)
    published = printed_figures().head(2).assign(
        paper="MSPI paper", table_no="abstract", column_no=["claims", "units"], term=["falls", "n"], value=[1.0, 31.0],
        decimals=[pd.NA, 0], stars=None, unit=None, published_id=["a", "b"],
    )  # fmt: skip
    study = STUDY.model_copy(update={"paper": "MSPI paper"}).with_options(comparison.Options())
    rows = compared(study=study, published=published)
    assert bool(rows.loc[("abstract", "claims", "falls"), "matches"]) is matches
    assert rows.loc[("abstract", "units", "n"), ["estimated", "matches"]].tolist() == [31.0, True]
    table = comparison_table(rows.reset_index(), published, study, PANEL, False)
    assert table.printed("en").rows[0].cells[:2] == ("yes", "yes" if answer else "no")


def test_the_part_is_given_the_tables_its_paper_names():
    [one] = [one for one in parts_of(STUDY) if one.id == "comparison"]
    assert needs_of(STUDY, one) == ("published_figure", "imbalance", "equipment_band")
    assert PART.needs == ("published_figure",)
    order = [one.id for one in parts_of(STUDY)]
    assert order.index("imbalance") < order.index("comparison")


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"table": "imbalances", "where": {}, "column": "visits"}, "'imbalances' is not a table of results"),
        ({"table": "imbalance", "where": {"place": "nation"}, "column": "visits"}, "imbalance has no column place"),
        ({"table": "imbalance", "where": {}, "column": "split"}, "imbalance.split holds no numbers"),
    ],
)
def test_a_cell_of_no_table_is_refused(entry, message):
    with pytest.raises(ValueError, match=message):
        Cell.model_validate(entry)


def test_a_place_has_a_fact_or_a_cell():
    cell = Cell(table="imbalance", where={}, column="visits")
    with pytest.raises(ValueError, match="give fact or cell, not both"):
        FactPlace(table_no="a", column_no="b", term="c", fact="n_entities", cell=cell, label={"en": "a", "zh": "甲"})
