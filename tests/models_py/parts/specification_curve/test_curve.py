"""The curve of a study against the study's own code, one combination at a time; published shape; refusals."""

import re

import numpy as np
import pandas as pd
import pytest

from catalog import load_studies, load_tables
from models_py.econometrics import EstimationError, StudyError, fit_study
from models_py.parts.regressions.study_models import ModelMaker
from models_py.indices import performance_index
from models_py.panel import PanelError
from models_py.parts.specification_curve import specification_curve
from models_py.parts.specification_curve.choices import CHOICES, EXPOSURE_CHOICES, choice_space
from tests.models_py.parts.specification_curve.conftest import study_with


@pytest.fixture(scope="module")
def curve(province_year, exposures, study):
    return specification_curve(province_year, exposures, study, study.specification_curve)


def published(options, province_year, exposures, study):
    """What the study would publish with these options in its file."""
    index = {name: options[name] for name in ("utilisation", "volume_basis", "ddof")}
    spec = study.models[0].model_copy(
        update={
            "regressors": ("exposure", *choice_space(study, study.specification_curve).controls(options["controls"])),
            "trends": options["effects"] == "year_trends",
            "region_years": options["effects"] == "region_year",
            "winsorise": options["winsorise"] or None,
            "lags": {"exposure": options["lag"]} if options["lag"] else {},
            "weighting": options["weighting"],
            "without": ("municipalities",) if options["sample"] == "without_municipalities" else (),
        }
    )
    changed = study.model_copy(
        update={
            "index": study.index.model_copy(update=index),
            "controls": study.controls.model_copy(update={"transform": options["transform"]}),
        }
    )
    chosen = (exposures[list(EXPOSURE_CHOICES)] == [options[name] for name in EXPOSURE_CHOICES]).all(axis=1)
    maker = ModelMaker(province_year, exposures[chosen], performance_index(province_year, changed)[0], changed)
    left_out = study.provisional_years if options["sample"] == "without_provisional" else ()
    return maker.make(spec, options["utilisation"], without_years=left_out).data.fit()


def test_equal_to_what_the_study_would_publish(curve, province_year, exposures, study):
    space = choice_space(study, study.specification_curve)
    table = curve.specification.set_index("spec_id")
    unseen = {(name, option) for name in space.varied for option in space.options[name]}
    checked = 0
    for _, row in table.sort_values("preferred", ascending=False).iterrows():
        options = {name: row[name] if name in space.varied else space.options[name][0] for name in CHOICES}
        new = {pair for pair in options.items() if pair in unseen}
        if not new:
            continue
        unseen -= new
        checked += 1
        result = published(options, province_year, exposures, study)
        direct = result.estimates.iloc[0]
        assert direct["term"] == "exposure"
        for name in ("estimate", "std_error", "p_value", "ci_low", "ci_high"):
            np.testing.assert_allclose(row[name], direct[name], rtol=1e-10, atol=1e-13, err_msg=f"{name} {options}")
        assert row["n_obs"] == result.fit["n_obs"]
    assert not unseen
    assert checked >= 5


def test_the_own_specification_is_the_published_estimate(curve, province_year, exposures, study):
    own = study.exposure.model_dump()
    chosen = (exposures[list(EXPOSURE_CHOICES)] == [own[name] for name in EXPOSURE_CHOICES]).all(axis=1)
    index, _ = performance_index(province_year, study)
    estimate = fit_study(province_year, exposures[chosen].assign(study="mspi"), index, study).estimate
    [row] = estimate[(estimate["model"] == "m") & (estimate["term"] == "exposure")].to_dict("records")
    [preferred] = curve.specification[curve.specification["preferred"]].to_dict("records")
    for name in ("estimate", "std_error", "p_value", "ci_low", "ci_high"):
        np.testing.assert_allclose(preferred[name], row[name], rtol=1e-10)
    assert preferred["sample"] == "all" and preferred["lag"] == 0


def test_published_shape(curve, study):
    for name in ("specification", "specification_choice", "spec_test"):
        table, frame = load_tables()[name], getattr(curve, name)
        assert frame.columns.tolist() == [c for c in table.columns if c != "data_kind"]
        assert not frame.duplicated(list(table.key)).any()
    table = curve.specification
    assert table["spec_id"].tolist() == list(range(1, 61))
    assert table["estimate"].is_monotonic_increasing
    assert table["preferred"].sum() == 1
    fixed = [name for name in CHOICES if name not in choice_space(study, study.specification_curve).varied]
    assert fixed == ["denominator", "municipality", "direct_county", "denominator_year"]
    assert table[fixed].isna().all(axis=None)
    assert table.drop(columns=fixed).notna().all(axis=None)
    assert set(table["n_obs"]) == {31 * 6, 27 * 6, 31 * 5}


def test_notes_in_both_languages(curve):
    notes = curve.spec_test.set_index("test")["note"]
    assert notes.index.tolist() == [
        *("median_estimate", "share_significant", "stouffer_z"),
        *("specifications", "not_estimable", "largest_choice"),
    ]
    assert all(re.search(r"[A-Za-z]{5}", note) and re.search(r"[一-鿿]{5}", note) for note in notes)
    assert "60 of 62208 combinations of 12 choices" in notes["specifications"]
    assert "associations, not effects" in notes["specifications"]
    assert "99 re-assignments" in notes["median_estimate"] and "seed 0" in notes["median_estimate"]
    first = curve.specification_choice.iloc[0]
    assert first["position"] == 1
    assert f"{first['variance_share']:.0%} of the variance" in notes["largest_choice"]
    assert (curve.spec_test["table_no"] == "Specification curve").all() and (curve.spec_test["model"] == "T m").all()


def test_row_order_is_irrelevant_to_the_bit(province_year, exposures):
    study = study_with({"weighting": ["entropy"], "lag": [1], "effects": ["region_year"], "winsorise": [0.05]})
    curve = specification_curve(province_year, exposures, study, study.specification_curve)
    frames = [frame.sample(frac=1, random_state=1) for frame in (province_year, exposures)]
    again = specification_curve(*frames, study, study.specification_curve)
    for name in ("specification", "specification_choice", "spec_test"):
        pd.testing.assert_frame_equal(getattr(again, name), getattr(curve, name), check_exact=True)


def test_what_the_data_refuse_is_counted_and_named(province_year, exposures):
    study = study_with({"volume_basis": ["log_count"], "numerator": ["fraction"], "effects": ["region_year"]})
    empty = province_year.copy()
    empty.loc[7, "outpatient_visits"] = 0.0
    given = exposures[exposures["numerator"] == "covered"]
    curve = specification_curve(empty, given, study, study.specification_curve)
    assert len(curve.specification) == 2
    row = curve.spec_test.set_index("test").loc["not_estimable"]
    assert row["statistic"] == 6
    assert "4: outpatient_visits" in row["note"] and "has no logarithm: 0.0 in 天津市 Tianjin" in row["note"]
    assert "(Basis of utilisation: ln count)" in row["note"]
    assert "2: the exposure is not given for numerator fraction" in row["note"]
    counts = curve.specification_choice.set_index(["choice", "option"])["specifications"]
    assert counts["volume_basis", "log_count"] == 0 and counts["volume_basis", "per_capita"] == 2


def test_collinear_options_are_counted_and_named(province_year, exposures):
    study = study_with({"controls": ["none"]})
    same = province_year.assign(urbanization_rate=np.log(province_year["gdp_per_capita"]) * 3)
    flipped = study.models[0].model_copy(update={"regressors": ("exposure", "gdp_per_capita")})
    curve_spec = study.specification_curve.model_copy(update={"choices": study.specification_curve.choices})
    with pytest.raises(EstimationError, match="mspi, T m: urbanization is collinear with other controls"):
        specification_curve(same, exposures, study, curve_spec)
    fine = study.model_copy(update={"models": (flipped,)})
    assert len(specification_curve(same, exposures, fine, curve_spec).specification) == 2


def test_inputs_that_do_not_do(province_year, exposures):
    study = study_with({"lag": [1], "effects": ["region_year"]})
    spec = study.specification_curve
    with pytest.raises(StudyError, match="needs the input exposures"):
        specification_curve(province_year, None, study, spec)
    with pytest.raises(StudyError, match="exposures lacks the columns timing"):
        specification_curve(province_year, exposures.drop(columns="timing"), study, spec)
    with pytest.raises(StudyError, match="stands twice: 北京市 Beijing"):
        specification_curve(province_year, pd.concat([exposures, exposures.head(1)]), study, spec)
    with pytest.raises(EstimationError, match="exposure is constant"):
        specification_curve(province_year, exposures.assign(exposure=0.0), study, spec)
    with pytest.raises(StudyError, match="exposure is infinite"):
        specification_curve(province_year, exposures.assign(exposure=np.inf), study, spec)
    holes = province_year.copy()
    holes.loc[5, "newborn_visit_rate"] = np.nan
    with pytest.raises(PanelError, match="empty cells"):
        specification_curve(holes, exposures, study, spec)
    curve = specification_curve(province_year, exposures[exposures["year"] > 2012], study, spec)
    assert len(curve.specification) == 2 and (curve.specification["lag"] == 0).all()
    row = curve.spec_test.set_index("test").loc["not_estimable"]
    assert row["statistic"] == 2 and "needs the exposure of 2012" in row["note"]


def test_a_province_without_exposure_leaves_its_rows_out(province_year, exposures):
    study = study_with({"lag": [1], "effects": ["region_year"]})
    known = exposures.assign(exposure=exposures["exposure"].where(exposures["province_code"] != 540000))
    curve = specification_curve(province_year, known, study, study.specification_curve)
    assert set(curve.specification["n_obs"]) == {30 * 6}
    assert curve.joint.with_gaps == 0 and curve.joint.used == 4


def test_a_study_without_exposure_and_index(province_year):
    rng = np.random.default_rng(1)
    study = load_studies()["digital_finance"]
    codes = province_year["province_code"].unique()
    panel = pd.DataFrame([(c, y) for c in codes for y in range(2011, 2020)], columns=["province_code", "year"])
    for name in study.indicators:
        panel[name] = np.exp(rng.normal(size=len(panel)))
    panel.loc[100, "urban_share"] = np.nan
    own = study.models[1]
    choices = {
        "controls": ["none", "without_urban_share"],
        "transform": ["z", "log", "raw"],
        "effects": ["year_trends", "region_year"],
        "lag": [1],
        "winsorise": [0.01],
        "sample": ["without_municipalities"],
    }
    spec = {"table_no": own.table_no, "model": own.model, "term": "digital_finance", "choices": choices, "draws": 99}
    study = type(study).model_validate({**study.model_dump(), "specification_curve": spec})
    curve = specification_curve(panel, None, study, study.specification_curve)
    assert len(curve.specification) == 3 * 4 * 3 * 2 * 2 * 2
    estimate = fit_study(panel, None, None, study).estimate.set_index(["model", "term"]).loc["(2)", "digital_finance"]
    [preferred] = curve.specification[curve.specification["preferred"]].to_dict("records")
    for name in ("estimate", "std_error", "p_value"):
        np.testing.assert_allclose(preferred[name], estimate[name], rtol=1e-10)
    # A lag of what is no exposure loses the first year; one empty cell loses its row.
    assert set(curve.specification["n_obs"]) == {
        *(p * t - hole for p in (31, 27) for t in (9, 8) for hole in (0, 1)),
    }
    lagged = own.model_copy(update={"lags": {"digital_finance": 1}, "winsorise": 0.01})
    made = ModelMaker(panel, None, None, study).make(lagged, None).data.fit().estimates.iloc[0]
    rows = curve.specification.query(
        "lag == 1 and winsorise == 0.01 and controls == 'all' and transform == 'log_z' and effects == 'year'"
    ).set_index("sample")
    np.testing.assert_allclose(rows.loc["all", "estimate"], made["estimate"], rtol=1e-10)
    np.testing.assert_allclose(rows.loc["all", "std_error"], made["std_error"], rtol=1e-10)
