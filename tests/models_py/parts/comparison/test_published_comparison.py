"""Printed figures beside the study's own."""

import math

import pandas as pd
import pytest

from catalog import load_studies, load_tables
from models_py.parts.mspi_findings import FindingError, published_comparison
from models_py.parts.comparison.printed import Figure
from tests.models_py.parts.mspi_findings.planting import changed

COLUMNS = [name for name in load_tables()["published_comparison"].columns if name != "data_kind"]
KEY = list(load_tables()["published_figure"].key)


@pytest.fixture
def compare(study, published, fitted, base):
    """The comparison with parts replaced."""

    def run(data_kind: str = "real", **parts) -> pd.DataFrame:
        n_classes = parts.pop("n_classes", None)
        given = {
            "published": published,
            "estimate": fitted.estimate,
            "model_fit": fitted.model_fit,
            "summary_statistic": base.summary_statistic,
            "study": study,
        } | parts
        return published_comparison(**given, data_kind=data_kind, n_classes=n_classes)

    return run


def cell(frame: pd.DataFrame, *place: str) -> pd.Series:
    """The row of a place (table, column, term)."""
    rows = frame[(frame[["table_no", "column_no", "term"]] == list(place)).all(axis=1)]
    assert len(rows) == 1
    return rows.astype(object).iloc[0]


def coefficient(fitted, table_no: str, model: str, term: str, **values: float) -> pd.DataFrame:
    """The estimates with one row's numbers replaced."""
    frame = fitted.estimate.copy()
    row = (frame["table_no"] == table_no) & (frame["model"] == model) & (frame["term"] == term)
    assert row.sum() == 1
    for column, value in values.items():
        frame.loc[row, column] = value
    return frame


def test_every_printed_figure_has_its_row(compare, published):
    frame = compare()
    assert frame.columns.tolist() == COLUMNS
    assert len(frame) == len(published) == 86
    assert not frame.duplicated(KEY).any()
    assert frame[KEY].equals(frame[KEY].sort_values(KEY, ignore_index=True))
    merged = frame.merge(published, on=KEY)
    assert (merged["published"] == merged["value"]).all()
    for name in ("same_sign", "same_significance", "within_95", "matches"):
        assert str(frame[name].dtype) == "boolean"


def test_the_counterparts(compare, fitted, base):
    frame = compare(n_classes=4)
    estimates = fitted.estimate.set_index(["table_no", "model", "term"])
    fits = fitted.model_fit.set_index(["table_no", "model"])
    summary = base.summary_statistic.set_index("variable")
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
        ("Figure 1", "map", "n_classes"): 4,
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


def test_the_implied_correlation_under_the_other_divisor(compare, study, base):
    n, sd = 372, float(base.summary_statistic.set_index("variable").loc["mspi", "sd"])
    frame = compare(study=changed(study, index={"ddof": 0}))
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
    assert fitted.model_fit.set_index(["table_no", "model"])["log_likelihood"].isna()["Table 4", "(1)"]
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


def test_row_order_is_irrelevant(compare, published, fitted, base):
    shuffled = {
        "published": published,
        "estimate": fitted.estimate,
        "model_fit": fitted.model_fit,
        "summary_statistic": base.summary_statistic,
    }
    shuffled = {name: frame.sample(frac=1, random_state=5) for name, frame in shuffled.items()}
    pd.testing.assert_frame_equal(compare(**shuffled), compare())


def test_units_are_converted_or_refused(compare, base):
    frame = base.summary_statistic.copy()
    row = frame["variable"] == "urbanization"
    frame.loc[row, ["mean", "sd", "min", "max"]] *= 100
    frame.loc[row, "unit"] = "%"
    before, after = compare(), compare(summary_statistic=frame)
    for column in ("mean", "sd", "min", "max"):
        place = ("Table 1", column, "urbanization_rate")
        assert cell(after, *place)["estimated"] == pytest.approx(cell(before, *place)["estimated"], rel=1e-12)
    frame.loc[row, "unit"] = "‰"
    with pytest.raises(FindingError, match=r"Table 1, mean, urbanization_rate: no conversion from '‰'"):
        compare(summary_statistic=frame)


def test_a_printed_row_that_nothing_names(compare, published):
    own = published[published["published_id"] == "MSPI-0036"]
    extra = own.assign(term="gdp_squared", published_id="MSPI-9998")
    column = own.assign(column_no="(9)", published_id="MSPI-9999")
    with pytest.raises(FindingError) as error:
        compare(published=pd.concat([published, extra, column]))
    assert "no counterpart is declared for Table 2, (2), gdp_squared; Table 2, (9), smart_city_exposure" in str(
        error.value
    )


def test_papers(compare, study, published):
    assert compare(study=changed(study, paper=None)).columns.tolist() == COLUMNS
    assert compare(study=changed(study, paper=None)).empty
    with pytest.raises(FindingError, match="no counterparts are declared for 'Gini paper'"):
        compare(study=changed(study, paper="Gini paper"))
    with pytest.raises(FindingError, match="has no row of 'MSPI paper'"):
        compare(published=published.head(0))
    with pytest.raises(FindingError, match="two rows of MSPI paper, Table 1, N, MSPI"):
        compare(published=pd.concat([published, published[published["published_id"] == "MSPI-0001"]]))
    with pytest.raises(FindingError, match="found 'sample'"):
        compare("sample")


def test_a_figure_of_ours_that_stands_twice(compare, fitted):
    with pytest.raises(FindingError, match=r"Table 2, \(1\), smart_city_exposure: two of the study's rows"):
        compare(estimate=pd.concat([fitted.estimate, fitted.estimate]))


def test_the_study_file_has_a_counterpart_for_every_printed_model(published):
    """No printed column is NULL for want of a model of that name."""
    declared = {(m.table_no, m.model) for m in load_studies()["mspi"].models}
    tables = published[published["table_no"].str.match(r"Table [2-5]")]
    assert set(zip(tables["table_no"], tables["column_no"], strict=True)) <= declared


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
