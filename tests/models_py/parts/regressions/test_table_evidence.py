"""Which tests are printed as evidence on the design: the headline's and the study's own reading."""

import dataclasses

import pandas as pd

from catalog import load_studies
from catalog.base import Text
from catalog.identity import Identity
from catalog.parts import regressions
from models_py.panel import province_panel
from models_py.parts.frame import Seen
from models_py.parts.regressions.part import PART
from models_py.parts.regressions.table import evidence_tables
from models_py.parts.rows import as_table, note

STUDY = load_studies()["mspi"]
OWN = Identity("mspi", "Table 2", "(2)", "volume")
CURVE = Identity("mspi", "Specification curve", "(2)")
EVENTS = Identity("mspi", "Event study", "(2)", "volume")


def row(identity: Identity, test: str, subject: str = "", statistic: float | None = 0.25, **more: float) -> dict:
    words = note("What was computed.", "计算说明。")
    return {**identity.columns, "test": test, "subject": subject, "statistic": statistic, **more, **words}


def made(*rows: dict) -> dict:
    tables = evidence_tables(as_table(rows, "spec_test"), STUDY, True)
    return {table.stem: table for table in tables}


def test_the_headlines_and_the_own_readings():
    tables = made(
        row(OWN, "moran_residual", "2013", p_value=0.0001),
        row(OWN, "cr3", df=30.0),
        row(dataclasses.replace(OWN, reading="substitution"), "cr3"),
        row(dataclasses.replace(OWN, model="(1)"), "cr3"),
        row(dataclasses.replace(OWN, sample="without 2024"), "cr3"),
        row(OWN.varied(threshold=0.4), "cr3"),
        row(dataclasses.replace(OWN, vintage="2019"), "cr3"),
        row(dataclasses.replace(OWN, table_no="Table 3", model="SSI"), "cr3"),
        row(CURVE, "stouffer_z", statistic=-1.5, p_value=0.2),
        row(CURVE, "specifications", statistic=400.0),
    )
    assert list(tables) == ["design_evidence_table_2", "design_evidence_specification_curve"]
    assert [r.label for r in tables["design_evidence_table_2"].printed("en").rows] == [
        "Moran's I of the residuals: 2013",
        "Cluster jackknife CR3",
    ]
    computed = Text(zh="计算说明。", en="What was computed.")
    assert tables["design_evidence_table_2"].rows[0].cells == ("0.250", "–", "< 0.001", computed)
    assert tables["design_evidence_table_2"].rows[1].cells == ("0.250", "30", "–", computed)
    assert tables["design_evidence_specification_curve"].rows[-1].cells == ("400", "–", "–", computed)
    assert "Model: (2). " in tables["design_evidence_table_2"].notes[0].en
    assert (
        tables["design_evidence_table_2"].title.zh.startswith("设计证据与检验（表2）")
        and tables["design_evidence_table_2"].synthetic
    )


def test_models_of_one_table_are_told_apart():
    table = made(
        row(EVENTS, "pre_trend"),
        row(EVENTS.varied(threshold=0.4), "pre_trend"),
        row(dataclasses.replace(EVENTS, reading="substitution"), "pre_trend"),
        row(dataclasses.replace(EVENTS, estimator="did2s"), "compared", statistic=None),
    )["design_evidence_event_study"]
    english = [r.label.split("\n")[1] for r in table.printed("en").rows]
    assert english[0] == "(2)" and "above 0.4" in english[1] and "did2s" in english[2]
    assert [r.block for r in table.rows] == [0, 1, 2]
    assert table.rows[2].cells[0] == "–" and "above 0.4" in table.notes[0].en and "阈值0.4" in table.notes[0].zh


def test_a_part_that_stands_twice_is_not_another_model():
    table = made(row(OWN.varied(part="near"), "conley_pairs"), row(OWN.varied(part="far"), "conley_pairs"))
    assert [r.block for r in table["design_evidence_table_2"].rows] == [0, 1]


def test_shown_whichever_part_made_the_tests():
    [show] = [show for show in PART.shows if show.name == "design_evidence"]
    options, panel = STUDY.options(regressions.Options), province_panel(STUDY.years)
    rows = as_table([row(OWN, "cr3")], "spec_test")
    [table] = show.make(Seen(STUDY, panel, {"spec_test": rows}, "real"), options)
    assert table.stem == "design_evidence_table_2" and not table.synthetic
    assert list(show.make(Seen(STUDY, panel, {}, "real"), options)) == []
    assert list(show.make(Seen(STUDY, panel, {"spec_test": pd.DataFrame()}, "real"), options)) == []
