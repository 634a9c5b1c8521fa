"""Printed figures beside the study's own."""

import math

import pandas as pd
import pytest

from catalog import load_studies, load_tables
from catalog.base import CatalogError
from catalog.papers import COMMON_FACTS, load_papers
from catalog.parts import comparison, performance_index, regressions
from models_py.parts.comparison.comparison import known_facts, published_comparison
from models_py.parts.comparison.part import PART
from models_py.parts.comparison.printed import ComparisonError, Figure
from models_py.parts.frame import Seen, Work
from tests.models_py.changing import with_header, with_part
from tests.models_py.parts.mspi_findings.planting import PANEL, small_exposure

COLUMNS = [name for name in load_tables()["published_comparison"].columns if name != "data_kind"]
KEY = list(load_tables()["published_figure"].key)


@pytest.fixture
def compare(study, published, fitted, summary):
    """The comparison with parts replaced."""

    def run(data_kind: str = "real", **parts) -> pd.DataFrame:
        given = {"published": published, "study": study, "panel": PANEL} | {
            name: parts.pop(name) for name in ("published", "study", "panel") if name in parts
        }
        own = {"estimate": fitted.estimate, "model_fit": fitted.model_fit, "summary_statistic": summary}
        return published_comparison(**given, tables=own | parts, data_kind=data_kind)

    return run


def cell(frame: pd.DataFrame, *place: str) -> pd.Series:
    """The row of a place (table, column, term)."""
    rows = frame[(frame[["table_no", "column_no", "term"]] == list(place)).all(axis=1)]
    assert len(rows) == 1
    return rows.astype(object).iloc[0]


def coefficient(fitted, table_no: str, model: str, term: str, **values: float) -> pd.DataFrame:
    """The estimates with one row's numbers replaced, that of the study's own reading."""
    frame = fitted.estimate.copy()
    row = (frame["table_no"] == table_no) & (frame["model"] == model) & (frame["term"] == term)
    row &= frame["reading"] == "volume"
    assert row.sum() == 1
    for column, value in values.items():
        frame.loc[row, column] = value
    return frame


def test_every_printed_figure_has_its_row(compare, published):
    frame = compare()
    assert frame.columns.tolist() == COLUMNS
    published = published[published["paper"] == "MSPI paper"]
    assert len(frame) == len(published) == 86
    assert not frame.duplicated(KEY).any()
    assert frame[KEY].equals(frame[KEY].sort_values(KEY, ignore_index=True))
    merged = frame.merge(published, on=KEY)
    assert (merged["published"] == merged["value"]).all()
    for name in ("same_sign", "same_significance", "within_95", "matches"):
        assert str(frame[name].dtype) == "boolean"


def volume(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[frame["reading"] == "volume"]


def test_the_counterparts(compare, fitted, summary):
    frame = compare(smart_exposure=small_exposure())
    estimates = volume(fitted.estimate).set_index(["table_no", "model", "term"])
    fits = volume(fitted.model_fit).set_index(["table_no", "model"])
    summary = summary.set_index("variable")
    for place, expected in {
        ("Table 2", "(2)", "smart_city_exposure"): estimates.loc[("Table 2", "(2)", "exposure"), "estimate"],
        ("Table 2", "(3)", "urbanization"): estimates.loc[("Table 2", "(3)", "urbanization"), "estimate"],
        ("Table 3", "SSI", "smart_city_exposure"): estimates.loc[("Table 3", "SSI", "exposure"), "estimate"],
        ("Table 4", "(1)", "QII"): estimates.loc[("Table 4", "(1)", "qii"), "estimate"],
        ("Table 2", "(1)", "R2"): fits.loc[("Table 2", "(1)"), "r2_within_entity"],
        ("Table 3", "HMI", "observations"): 372,
        ("Table 2", "(1)", "province_fe"): 1,
        ("Table 2", "(1)", "year_fe"): 1,
        ("Table 3", "SSI", "province_specific_trends"): 0,
        ("Table 3", "HMI", "province_specific_trends"): 1,
        ("Table 1", "mean", "urbanization_rate"): summary.loc["urbanization", "mean"],
        ("Table 1", "max", "fiscal_expenditure_per_capita"): summary.loc["fiscal_expenditure", "max"],
        ("Table 1", "sd", "MSPI"): summary.loc["mspi", "sd"],
        ("Figure 1", "map", "n_classes"): classes_left(small_exposure()),
        ("design", "panel", "provinces"): 31,
        ("design", "panel", "first_year"): 2013,
        ("design", "panel", "last_year"): 2024,
        ("design", "panel", "n_indicators"): 7,
        ("Table 1", "MSPI (derived)", "implied mean pairwise correlation of 7 indicators"): (
            7 * summary.loc["mspi", "sd"] ** 2 - 1
        )
        / 6,
    }.items():
        assert cell(frame, *place)["estimated"] == pytest.approx(expected, rel=1e-12), place
    row = cell(frame, "Table 2", "(2)", "smart_city_exposure")
    assert row["std_error"] == estimates.loc[("Table 2", "(2)", "exposure"), "std_error"]


def classes_left(exposure: pd.DataFrame) -> int:
    """Classes of the last year's exposure cut at its quintiles, those nothing falls in left out."""
    values = exposure.loc[exposure["year"] == 2024, "exposure"]
    cuts = values.quantile([0.2, 0.4, 0.6, 0.8]).tolist()
    return len({sum(value > cut for cut in cuts) for value in values})


def test_a_map_of_few_values_has_few_classes_and_without_exposure_there_is_none(compare):
    place = ("Figure 1", "map", "n_classes")
    exposure = small_exposure()
    halves = exposure.assign(exposure=(exposure["entity_code"] > 400000) * 0.5)
    assert cell(compare(smart_exposure=halves), *place)["estimated"] == 2
    assert math.isnan(cell(compare(), *place)["estimated"])


def test_the_implied_correlation_under_the_other_divisor(compare, study, summary):
    n, sd = 372, float(summary.set_index("variable").loc["mspi", "sd"])
    frame = compare(study=with_part(study, performance_index.Options, ddof=0))
    row = cell(frame, "Table 1", "MSPI (derived)", "implied mean pairwise correlation of 7 indicators")
    assert row["estimated"] == pytest.approx((7 * sd**2 * (n - 1) / n - 1) / 6, rel=1e-12)


def test_nothing_on_synthetic_data_is_within_or_matches(compare):
    frame = compare("synthetic")
    assert frame["within_95"].isna().all()
    assert frame["matches"].isna().all()
    assert frame["same_sign"].notna().any()
    assert frame["same_significance"].notna().any()
    real = compare("real")
    same = [name for name in COLUMNS if name not in ("within_95", "matches")]
    pd.testing.assert_frame_equal(frame[same], real[same])
    assert real["matches"].notna().sum() == real["estimated"].notna().sum()


@pytest.mark.parametrize(
    ("value", "matches"),
    [(0.135, True), (0.1355, True), (0.1345, True), (0.13551, False), (0.13449, False), (-0.135, False)],
)
def test_a_figure_matches_within_half_a_printed_unit(compare, fitted, value, matches):
    frame = compare(estimate=coefficient(fitted, "Table 2", "(2)", "exposure", estimate=value))
    row = cell(frame, "Table 2", "(2)", "smart_city_exposure")
    assert bool(row["matches"]) is matches
    assert bool(row["same_sign"]) is (value > 0)


@pytest.mark.parametrize(
    ("term", "p_value", "same"),
    [
        ("gdp_per_capita", 0.099, True),
        ("gdp_per_capita", 0.1, False),
        ("fiscal_expenditure", 0.05, True),
        ("population_density", 0.2, True),
        ("population_density", 0.05, False),
    ],
)
def test_significance_at_ten_percent_in_both_or_neither(compare, fitted, term, p_value, same):
    frame = compare(estimate=coefficient(fitted, "Table 2", "(2)", term, p_value=p_value))
    assert bool(cell(frame, "Table 2", "(2)", term)["same_significance"]) is same


def test_stars_that_are_not_known_give_no_answer(compare, published):
    unknown = published.assign(stars=published["stars"].where(published["published_id"] != "MSPI-0036"))
    row = cell(compare(published=unknown), "Table 2", "(2)", "smart_city_exposure")
    assert row["same_significance"] is pd.NA
    assert row["same_sign"] is not pd.NA


@pytest.mark.parametrize(("low", "high", "within"), [(0.1, 0.2, True), (0.135, 0.2, True), (0.136, 0.2, False)])
def test_the_interval(compare, fitted, low, high, within):
    frame = compare(estimate=coefficient(fitted, "Table 2", "(2)", "exposure", ci_low=low, ci_high=high))
    assert bool(cell(frame, "Table 2", "(2)", "smart_city_exposure")["within_95"]) is within
    other = coefficient(fitted, "Table 2", "(2)", "exposure", ci_level=0.9)
    assert cell(compare(estimate=other), "Table 2", "(2)", "smart_city_exposure")["within_95"] is pd.NA


def test_an_identity_has_no_significance(compare, fitted):
    assert volume(fitted.model_fit).set_index(["table_no", "model"])["log_likelihood"].isna()["Table 4", "(1)"]
    frame = compare()
    exposure = cell(frame, "Table 4", "(1)", "smart_city_exposure")
    assert exposure["estimated"] == 0
    assert math.isnan(exposure["std_error"])
    assert exposure[["same_sign", "same_significance", "within_95"]].isna().all()
    assert bool(exposure["matches"]) is False
    ssi = cell(frame, "Table 4", "(1)", "SSI")
    assert bool(ssi["same_sign"]) is True
    assert ssi["same_significance"] is pd.NA


def test_signs_only_where_one_is_possible(compare):
    frame = compare()
    signed = frame[frame["same_sign"].notna()]
    assert not signed["column_no"].isin(["N", "sd", "panel", "map"]).any()
    assert not signed["term"].isin(["R2", "observations", "province_fe", "year_fe", "gdp_per_capita_min"]).any()
    assert set(signed.loc[signed["table_no"] == "Table 1", "term"]) <= {
        "MSPI",
        "implied mean pairwise correlation of 7 indicators",
    }


def test_models_the_study_lacks_are_null(compare):
    frame = compare()
    absent = frame[frame["table_no"] == "Table 5"]
    assert len(absent) == 9
    assert absent["estimated"].isna().all()
    assert absent[["same_sign", "same_significance", "within_95", "matches"]].isna().all(axis=None)
    assert frame[~frame["table_no"].isin(["Table 5", "Figure 1"])]["estimated"].notna().all()


def test_other_methods_and_studies_are_left_out(compare, fitted):
    more = pd.concat(
        [
            fitted.estimate,
            fitted.estimate.assign(method="wild_cluster", estimate=9.0),
            fitted.estimate.assign(study="other", estimate=9.0),
        ]
    )
    pd.testing.assert_frame_equal(compare(estimate=more), compare())


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("reading", "substitution"),
        ("sample", "without 2024"),
        ("estimator", "did2s"),
        ("weights", "contiguity"),
        ("vintage", "2025"),
        ("variant", "weighting=entropy"),
    ],
)
def test_further_versions_of_a_model_are_left_out(compare, fitted, column, value):
    own = volume(fitted.estimate), volume(fitted.model_fit)
    estimate = pd.concat([own[0], own[0].assign(**{column: value}, estimate=9.0)])
    fits = pd.concat([own[1], own[1].assign(**{column: value}, r2_within_entity=9.0)])
    pd.testing.assert_frame_equal(compare(estimate=estimate, model_fit=fits), compare())
    only = compare(estimate=own[0].assign(**{column: value}), model_fit=own[1].assign(**{column: value}))
    assert only.loc[only["table_no"].isin(["Table 2", "Table 3", "Table 4"]), "estimated"].isna().all()


def test_row_order_is_irrelevant(compare, published, fitted, summary):
    shuffled = {
        "published": published,
        "estimate": fitted.estimate,
        "model_fit": fitted.model_fit,
        "summary_statistic": summary,
    }
    shuffled = {name: frame.sample(frac=1, random_state=5) for name, frame in shuffled.items()}
    pd.testing.assert_frame_equal(compare(**shuffled), compare())


def test_units_are_converted_or_refused(compare, summary):
    frame = summary.copy()
    row = frame["variable"] == "urbanization"
    frame.loc[row, ["mean", "sd", "min", "max"]] *= 100
    frame.loc[row, "unit"] = "%"
    before, after = compare(), compare(summary_statistic=frame)
    for column in ("mean", "sd", "min", "max"):
        place = ("Table 1", column, "urbanization_rate")
        assert cell(after, *place)["estimated"] == pytest.approx(cell(before, *place)["estimated"], rel=1e-12)
    frame.loc[row, "unit"] = "‰"
    with pytest.raises(ComparisonError, match=r"Table 1, mean, urbanization_rate: no conversion from '‰'"):
        compare(summary_statistic=frame)


def test_a_printed_row_that_nothing_names(compare, published):
    own = published[published["published_id"] == "MSPI-0036"]
    extra = own.assign(term="gdp_squared", published_id="MSPI-9998")
    column = own.assign(column_no="(9)", published_id="MSPI-9999")
    with pytest.raises(ComparisonError) as error:
        compare(published=pd.concat([published, extra, column]))
    assert "no counterpart is declared for Table 2, (2), gdp_squared; Table 2, (9), smart_city_exposure" in str(
        error.value
    )


def test_papers(compare, study, published):
    with pytest.raises(ValueError, match="comparison: paper: the study names none"):
        with_header(study, paper=None)
    with pytest.raises(ComparisonError, match="mspi names no paper to compare with"):
        compare(study=study.model_copy(update={"paper": None}))
    unknown = "no counterparts are declared for 'other paper'.*papers there: .*MSPI paper"
    with pytest.raises(ValueError, match=f"comparison: {unknown}"):
        with_header(study, paper="other paper")
    with pytest.raises(CatalogError, match=unknown):
        compare(study=study.model_copy(update={"paper": "other paper"}))
    with pytest.raises(ComparisonError, match="has no row of 'MSPI paper'"):
        compare(published=published.head(0))
    with pytest.raises(ComparisonError, match="two rows of MSPI paper, Table 1, N, MSPI"):
        compare(published=pd.concat([published, published[published["published_id"] == "MSPI-0001"]]))
    with pytest.raises(ComparisonError, match="found 'sample'"):
        compare("sample")


def test_a_figure_of_ours_that_stands_twice(compare, fitted):
    with pytest.raises(ComparisonError, match=r"Table 2, \(1\), smart_city_exposure: two of the study's rows"):
        compare(estimate=pd.concat([fitted.estimate, fitted.estimate]))


COMPARED = [
    study
    for study in load_studies().values()
    if study.find(comparison.Options) is not None and study.find(regressions.Options) is not None
]


@pytest.mark.parametrize("study", COMPARED, ids=[study.id for study in COMPARED])
def test_a_study_file_has_a_counterpart_for_every_printed_model(study):
    """No printed figure is NULL for want of a model, a variable or a fact of that name."""
    paper = load_papers()[study.paper]
    options = study.options(regressions.Options)
    declared = {spec.key: spec for spec in options.models}
    assert {model for columns in paper.models.values() for model in columns.values()} <= set(declared)
    assert {*paper.coefficients.values(), *paper.variables.values()} <= study.variable_names
    assert set(paper.statistics.values()) == {options.summary_table}
    assert {item.fact for item in paper.facts} <= set(known_facts(paper))
    assert set(COMMON_FACTS) <= set(known_facts(paper))


def test_a_fact_that_nothing_knows(compare, monkeypatch):
    paper = load_papers()["MSPI paper"]
    facts = [item.model_copy(update={"fact": "n_hospitals"}) for item in paper.facts[:1]]
    monkeypatch.setitem(load_papers(), "MSPI paper", paper.model_copy(update={"facts": (*facts, *paper.facts[1:])}))
    with pytest.raises(
        ComparisonError, match=r"MSPI .derived.*unknown fact 'n_hospitals'; known: n_entities, first_year"
    ):
        compare()


@pytest.mark.parametrize(
    ("figure", "text"),
    [
        (Figure(0.135, 3, "**", None), "0.135**"),
        (Figure(0.031, 3, "none", None), "0.031"),
        (Figure(14532.0, 0, None, "RMB"), "14,532"),
        (Figure(1.0, None, None, None), "1"),
    ],
)
def test_figures_as_printed(figure, text):
    assert str(figure) == text


@pytest.fixture
def tables(published, fitted, summary) -> dict[str, pd.DataFrame]:
    """What the part is handed."""
    return {
        "published_figure": published,
        "estimate": fitted.estimate,
        "model_fit": fitted.model_fit,
        "summary_statistic": summary,
        "smart_exposure": small_exposure(),
    }


def test_the_part_makes_the_table(study, tables, compare):
    work = Work(study, study.options(comparison.Options), PANEL, tables, {}, "real", lambda figures: {})
    made = PART.compute(work)
    assert list(made) == ["published_comparison"]
    pd.testing.assert_frame_equal(made["published_comparison"], compare(smart_exposure=small_exposure()))


def shown(study, rows: pd.DataFrame, published: pd.DataFrame, data_kind: str) -> list:
    """What the part shows of rows of `published_comparison`."""
    seen = Seen(study, PANEL, {"published_comparison": rows, "published_figure": published}, data_kind)
    [show] = PART.shows
    assert show.needs == ("published_figure",)
    return list(show.make(seen, comparison.Options()))


def test_the_table_prints_both_figures_alike(study, compare, published, fitted):
    value = coefficient(fitted, "Table 2", "(2)", "exposure", estimate=0.1352, std_error=0.04)
    rows = compare(estimate=value)
    [table] = shown(study, rows.sample(frac=1, random_state=3), published, "real")
    assert table.stem == "published_comparison"
    assert {len(row.cells) for row in table.rows} == {len(table.header[0])} == {6}
    by_label = {row.label: row.cells for row in table.printed("en").rows}
    assert len(by_label) == len(rows)
    own = by_label["Table 2 (2): Smart-city exposure"]
    assert own[:3] == ("0.135**", "0.135\n(0.040)", "same")
    assert own[5] == "yes"
    assert by_label["Table 2 (1): year effects"][:2] == ("yes", "yes")
    assert by_label["Table 3 SSI: province-specific trends"][:2] == ("no", "no")
    assert by_label["Design: first year"][:2] == ("2013", "2013")
    assert by_label["Table 1 min: Medical Service Performance Index"][0] == "−2.11"
    assert by_label["Table 5 (1): Smart-city exposure"] == ("0.167**", *["–"] * 5)
    labels = [row.label for row in table.printed("zh").rows]
    assert labels[0].startswith("表1 观测数")
    assert "图1：暴露度地图的组数" in labels


def test_the_table_counts_what_agrees(study, compare, published):
    rows = compare()
    [table] = shown(study, rows, published, "real")
    found, signs, matches = rows["estimated"].notna().sum(), rows["same_sign"], rows["matches"]
    counts = table.notes[0]
    assert counts.en.startswith(f"{found} of 86 printed figures have a counterpart here; ")
    assert f"same sign: {signs.sum()} of {signs.notna().sum()}; " in counts.en
    assert counts.en.endswith(f"equal to the printed decimals: {matches.sum()} of {matches.notna().sum()}.")
    assert counts.zh.startswith(f"论文刊印的86个数字中{found}个在本研究有对应数字；符号相同{signs.sum()}/")
    assert "clustered by province (CR1)" in table.notes[-1].en
    assert "按省份聚类" in table.notes[-1].zh


def test_the_table_of_a_synthetic_sample_says_what_can_be_compared(study, compare, published):
    [table] = shown(study, compare("synthetic"), published, "synthetic")
    assert {row.cells[4:] for row in table.rows} == {("–", "–")}
    assert {row.cells[2] for row in table.printed("en").rows} == {"same", "differs", "–"}
    assert "interval" not in table.notes[0].en
    assert table.notes[1].en.startswith("On synthetic data only sign and significance can be compared")
    assert table.notes[1].zh.startswith("合成数据只能比较符号与显著性")
    assert table.heading.en.startswith("[SYNTHETIC]")
    [real] = shown(study, compare(), published, "real")
    assert "ynthetic" not in " ".join(note.en for note in real.notes)


def test_no_rows_no_table(study, compare, published):
    assert shown(study, compare().head(0), published, "real") == []
