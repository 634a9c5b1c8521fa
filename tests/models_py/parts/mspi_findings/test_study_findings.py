"""The table of findings, what it says of the paper, and how it is shown."""

import pandas as pd
import pytest

from catalog import load_studies, load_tables
from catalog.parts import comparison, mspi_findings
from catalog.parts import exposure as exposure_part
from models_py.figures.show import LANGS
from models_py.parts.comparison.printed import ComparisonError
from models_py.parts.frame import Seen, Work
from models_py.parts.mspi_findings.part import PART
from models_py.parts.mspi_findings.study_findings import CHECKS, study_findings
from tests.models_py.changing import with_header, without_parts
from tests.models_py.parts.mspi_findings.planting import PANEL, build

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
        english, chinese = row[column], row[f"{column}_zh"]
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


def test_a_study_of_no_paper_prints_none(study, figures, exposure):
    copy = with_header(without_parts(study, comparison.Options), id="mine", paper=None)
    inputs = build(copy, figures, exposure.assign(study="mine"), data_kind="synthetic")
    found = study_findings(inputs)
    assert found["finding_id"].tolist() == IDS
    assert set(found["study"]) == {"mine"}
    assert found[["published", "implied"]].isna().all(axis=None)
    assert found.set_index("finding_id").loc["F-M2", "verdict"] == "holds"


def test_synthetic_samples_say_so_in_every_row(planted):
    found = study_findings(planted(data_kind="synthetic"))
    assert found["observed"].str.endswith("The sample is synthetic: nothing follows about the paper.").all()
    assert found["observed_zh"].str.endswith("样本为合成数据，不对论文作任何结论。").all()
    [table] = shown(found, "synthetic")
    page = " ".join(cell for lang in LANGS for row in table.printed(lang).rows for cell in (row.label, *row.cells))
    assert "match" not in page
    assert "吻合" not in page


def test_a_study_without_an_index_cannot_have_the_part():
    study = load_studies()["expenditure_gdp"]
    with pytest.raises(ValueError, match="mspi_findings: expenditure_gdp has no part performance_index"):
        with_header(study, parts=(*study.parts, mspi_findings.Options()))


def test_inputs_that_cannot_be(planted, published):
    with pytest.raises(ComparisonError, match="published_figure is not given"):
        planted(published_figure=None)
    with pytest.raises(ComparisonError, match="no row of 'MSPI paper'; papers there: other"):
        planted(published_figure=published.assign(paper="other"))
    with pytest.raises(ComparisonError, match="two rows of MSPI paper, Table 1, N, MSPI"):
        planted(published_figure=pd.concat([published, published[published["published_id"] == "MSPI-0001"]]))
    with pytest.raises(ComparisonError, match="found 'sample'"):
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


@pytest.fixture
def work(study, figures, exposure, published, base) -> Work:
    """What the part is handed."""
    entries = exposure.assign(numerator="entries", preferred=False, exposure=2.0)
    options = study.options(exposure_part.Options).model_dump(exclude={"name", "programmes", "map", "numerator"})
    variants = pd.concat([exposure.assign(numerator="covered", preferred=True), entries]).assign(**options)
    offered = {"performance_index": base.index, "exposure_variant": variants}
    given = {
        "figures": figures,
        "indicator_score": base.scores,
        "estimate": base.estimate,
        "summary_statistic": base.summary_statistic,
        "smart_exposure": exposure,
        "published_figure": published,
    }
    options = study.options(mspi_findings.Options)
    return Work(study, options, PANEL, {**given, **offered}, offered, "real", lambda figures: offered)


def test_the_part_makes_the_same_of_what_it_is_handed(work, rows):
    made = PART.compute(work)["finding"]
    others = made["finding_id"] != "F-M11"
    pd.testing.assert_frame_equal(made[others], rows[others])
    # Here the exposures of numerator entries are handed in.
    row = made.set_index("finding_id").loc["F-M11"]
    assert row["verdict"] == "holds"
    assert row["observed"].endswith("above 1 in 372 province-years of 31 provinces.")


def shown(rows: pd.DataFrame, data_kind: str) -> list:
    """What the part shows of rows of `finding`."""
    seen = Seen(load_studies()["mspi"], PANEL, {"finding": rows}, data_kind)
    [show] = PART.shows
    return list(show.make(seen, mspi_findings.Options()))


def test_the_table(rows):
    [table] = shown(rows.sample(frac=1, random_state=1), "real")
    assert table.stem == "findings"
    assert "SYNTHETIC" not in table.heading.en
    for lang, end in (("zh", "_zh"), ("en", "")):
        printed = table.printed(lang)
        assert [row.label.split()[0] for row in printed.rows] == IDS
        for row, source in zip(printed.rows, rows.to_dict("records"), strict=True):
            assert row.label == f"{source['finding_id']} {source[f'title_{lang}']}"
            assert row.cells[:3] == tuple(source[f"{name}{end}"] for name in ("published", "implied", "observed"))
    verdicts = {row.cells[3] for row in table.printed("en").rows}
    assert verdicts <= {"holds", "does not hold", "not testable"}
    assert len(table.header[0]) == len(table.rows[0].cells)
    assert "does not judge the paper" in table.notes[0].en
    assert "并非对论文的评判" in table.notes[0].zh


def test_the_table_of_a_synthetic_sample_says_so(rows):
    [table] = shown(rows, "synthetic")
    assert table.heading.en.startswith("[SYNTHETIC]")
    assert table.heading.zh.startswith("【合成数据")


def test_the_table_leaves_empty_what_is_not_printed(rows):
    nothing = dict.fromkeys(["published", "published_zh", "implied", "implied_zh"])
    [table] = shown(rows.assign(**nothing), "real")
    assert {row.cells[:2] for lang in LANGS for row in table.printed(lang).rows} == {("", "")}


def test_the_table_of_nothing_and_of_unknown_verdicts(rows):
    assert shown(rows.head(0), "real") == []
    with pytest.raises(KeyError, match="perhaps"):
        shown(rows.assign(verdict="perhaps"), "real")
