"""The table of findings, what it says of the paper, and its page."""

import pandas as pd
import pytest

from catalog import load_studies, load_tables
from models_py.parts.mspi_findings import FindingError, findings_markdown, study_findings
from models_py.parts.mspi_findings.study_findings import CHECKS
from tests.models_py.parts.mspi_findings.planting import build, changed

IDS = [f"F-M{number}" for number in range(1, 12)]


@pytest.fixture(scope="module")
def rows(base) -> pd.DataFrame:
    return study_findings(base)


def test_columns_and_order(rows):
    table = load_tables()["finding"]
    assert rows.columns.tolist() == [name for name in table.columns if name != "data_kind"]
    assert rows["finding_id"].tolist() == IDS
    assert set(rows["study"]) == {"mspi"}
    assert set(rows["verdict"]) <= {"holds", "does not hold", "not testable"}
    assert rows[["title_en", "title_zh", "observed", "observed_zh"]].notna().all(axis=None)
    assert rows["observed_zh"].str.contains("[\u4e00-\u9fff]").all()
    assert not rows["observed"].str.contains("synthetic").any()


def test_every_finding_of_the_paper_has_a_check(reference):
    listed = pd.read_json(reference.parent / "published.json", typ="series")["findings"]
    assert [f["id"] for f in listed if f["paper"] == "MSPI paper"] == [check.finding_id for check in CHECKS]


@pytest.mark.parametrize(
    ("finding", "printed", "follows"),
    [
        ("F-M1", ["0.873"], ["0.7225"]),
        ("F-M2", ["0.182***/0.135**/0.109*", "SSI -0.120***", "HMI 0.184***"], ["0.083", "0.152"]),
        ("F-M3", ["SSI 0.283***", "HMI 0.418***", "exposure 0.071", "R2 0.63"], ["2/7 = 0.286", "3/7 = 0.429"]),
        ("F-M4", ["direct 0.071", "0.135**"], ["0.0853", "0.156", "0.1533", "0.224"]),
        ("F-M5", ["-0.120***", "0.283***"], ["deterioration"]),
        ("F-M6", ["gdp per capita", "0.135** and 0.109*"], ["not named"]),
        ("F-M7", ["Health management index", "0.418***"], ["would be 1"]),
        ("F-M8", ["Table 2 (2) 0.135**", "QII 0.135***"], ["three decimals"]),
        ("F-M9", ["min 8.4", "min 0.350", "min 14,532", "max 34,222"], ["not 31 provinces"]),
        ("F-M10", ["7 April 2015"], ["three levels"]),
        ("F-M11", ["maximum 1.000"], ["16/13 = 1.23"]),
    ],
)
def test_printed_and_implied(rows, finding, printed, follows):
    """The implied figures are those of domain section 4.1."""
    row = rows.set_index("finding_id").loc[finding]
    for column, parts in (("published", printed), ("implied", follows)):
        english, chinese = row[column].rsplit(" / ", 1)
        assert all(part in english for part in parts)
        assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese)


def test_printed_figures_are_read_not_typed(planted, published):
    other = published.assign(value=published["value"].where(published["term"] != "smart_city_exposure", 0.5))
    found = study_findings(planted(published_figure=other)).set_index("finding_id")
    assert "0.500***/0.500**/0.500*" in found.loc["F-M2", "published"]
    assert "MSPI 0.500, or 0.214" in found.loc["F-M2", "implied"]
    assert "= 0.5075, so a total of 1.007" in found.loc["F-M4", "implied"]


def test_figures_that_are_not_printed_leave_no_text(planted, published):
    fewer = published[published["table_no"] != "Table 4"]
    found = study_findings(planted(published_figure=fewer)).set_index("finding_id")
    assert found.loc[["F-M3", "F-M4", "F-M5", "F-M7"], ["published", "implied"]].isna().all(axis=None)
    assert found.loc["F-M3", "verdict"] == "holds"
    unequal = published.assign(value=published["value"].where(published["published_id"] != "MSPI-0058", 0.136))
    found = study_findings(planted(published_figure=unequal)).set_index("finding_id")
    assert pd.isna(found.loc["F-M8", "published"])


def test_a_study_of_no_paper_prints_none(study, panel, exposure):
    copy = changed(study, id="mine", paper=None)
    inputs = build(copy, panel, exposure.assign(study="mine"), data_kind="synthetic")
    found = study_findings(inputs)
    assert found["finding_id"].tolist() == IDS
    assert set(found["study"]) == {"mine"}
    assert found[["published", "implied"]].isna().all(axis=None)
    assert found.set_index("finding_id").loc["F-M2", "verdict"] == "holds"


def test_synthetic_samples_say_so_in_every_row(planted):
    found = study_findings(planted(data_kind="synthetic"))
    assert found["observed"].str.endswith("The sample is synthetic: nothing follows about the paper.").all()
    assert found["observed_zh"].str.endswith("样本为合成数据，不对论文作任何结论。").all()
    page = findings_markdown(found, "synthetic")
    assert "match" not in page
    assert "吻合" not in page


def test_no_rows_for_a_study_without_an_index():
    study = load_studies()["expenditure_gdp"]
    empty = pd.DataFrame(columns=["study"])
    found = study_findings(type_inputs(study, empty))
    assert found.empty
    assert found.columns.tolist() == [name for name in load_tables()["finding"].columns if name != "data_kind"]


def type_inputs(study, empty):
    from models_py.parts.mspi_findings import FindingInputs

    return FindingInputs(study, "real", empty, empty, {}, empty, empty)


def test_inputs_that_cannot_be(planted, published):
    with pytest.raises(FindingError, match="published_figure is not given"):
        planted(published_figure=None)
    with pytest.raises(FindingError, match="no row of 'MSPI paper'; papers there: other"):
        planted(published_figure=published.assign(paper="other"))
    with pytest.raises(FindingError, match="two rows of MSPI paper, Table 1, N, MSPI"):
        planted(published_figure=pd.concat([published, published[published["published_id"] == "MSPI-0001"]]))
    with pytest.raises(FindingError, match="found 'sample'"):
        planted(data_kind="sample")


def test_row_order_is_irrelevant_to_the_letter(base, planted, rows):
    mixed = {
        name: getattr(base, name).sample(frac=1, random_state=1)
        for name in ("index", "scores", "estimate", "summary_statistic", "exposure", "published_figure")
    }
    again = study_findings(planted(lambda frame: frame.sample(frac=1, random_state=2), **mixed))
    pd.testing.assert_frame_equal(again, rows)


def test_rows_of_other_studies_are_left_out(base, planted, rows):
    doubled = {
        name: pd.concat([getattr(base, name), getattr(base, name).assign(study="other")])
        for name in ("index", "scores", "estimate", "summary_statistic", "exposure")
    }
    pd.testing.assert_frame_equal(study_findings(planted(**doubled)), rows)


def test_the_page(rows):
    page = findings_markdown(rows, "real")
    assert "Synthetic" not in page
    for row in rows.to_dict("records"):
        assert f"### {row['finding_id']} " in page
        assert row["title_zh"] in page
    assert page.count("- Verdict / 判定: **") == len(rows)
    assert page.count("- Published / 论文: ") == len(rows)
    assert "0.135\\*\\*\\*" in page
    counts = rows["verdict"].value_counts()
    assert f"{counts['holds']} holds / 成立" in page


def test_the_page_of_a_synthetic_sample_starts_with_that(rows):
    lines = findings_markdown(rows, "synthetic").splitlines()
    assert lines[2].startswith("> **Synthetic data: generated by medpanel")
    assert lines[3].startswith("> **合成数据")


def test_the_page_leaves_out_what_is_not_printed(rows):
    page = findings_markdown(rows.assign(published=None, implied=None), "real")
    assert "Published" not in page
    assert "Implied" not in page


def test_the_page_refuses(rows):
    assert findings_markdown(rows.head(0), "real") == ""
    with pytest.raises(FindingError, match="unknown verdicts: perhaps"):
        findings_markdown(rows.assign(verdict="perhaps"), "real")
    with pytest.raises(FindingError, match="data_kind"):
        findings_markdown(rows, "sample")
