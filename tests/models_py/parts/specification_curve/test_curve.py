"""The curve of a study against the study's own code, one combination at a time; published shape; refusals."""

import re

import numpy as np
import pandas as pd
import pytest

from catalog import load_studies, load_tables
from catalog.panels import PanelSpec
from catalog.parts import exposure, performance_index, regressions
from catalog.parts.specification_curve import Options
from models_py.econometrics import EstimationError
from models_py.panel import PanelError, panel_of, province_panel
from models_py.parts.performance_index.index import index_tables
from models_py.parts.regressions.panel_study import fit_study
from models_py.parts.regressions.study_models import ModelMaker
from models_py.parts.regressions.variables import StudyError
from models_py.parts.specification_curve.choices import CHOICES, EXPOSURE_CHOICES, choice_space
from models_py.parts.specification_curve.curve import specification_curve
from tests.models_py.parts.specification_curve.conftest import curve_options, model_of, study_with, with_model


@pytest.fixture(scope="module")
def curve(figures, exposures, study, panel):
    return specification_curve(figures, exposures, study, curve_options(study), panel)


def offered(figures, exposures, study, panel, own):
    """The tables of index and exposure, the exposure that of the options `own`."""
    chosen = (exposures[list(EXPOSURE_CHOICES)] == [own[name] for name in EXPOSURE_CHOICES]).all(axis=1)
    index = index_tables(figures, study.options(performance_index.Options), panel, study.id)["performance_index"]
    return {"performance_index": index, "exposure_variant": exposures[chosen].assign(preferred=True)}


def published(options, figures, exposures, study, panel):
    """What the study would publish with these options in its file."""
    index = {name: options[name] for name in ("utilisation", "volume_basis", "ddof")}
    weighting = options["weighting"]
    spec = model_of(study).model_copy(
        update={
            "regressors": ("exposure", *choice_space(study, curve_options(study)).controls(options["controls"])),
            "trends": options["effects"] == "year_trends",
            "region_years": options["effects"] == "region_year",
            "winsorise": options["winsorise"] or None,
            "lags": {"exposure": options["lag"]} if options["lag"] else {},
            "variant": {} if weighting == "equal" else {"weighting": weighting},
            "without": ("municipalities",) if options["sample"] == "without_municipalities" else (),
        }
    )
    changed = study.model_copy(
        update={"variables": study.variables.model_copy(update={"transform": options["transform"]})}
    ).with_options(study.options(performance_index.Options).model_copy(update=index))
    maker = ModelMaker(changed, panel, figures, offered(figures, exposures, changed, panel, options))
    left_out = study.provisional_years if options["sample"] == "without_provisional" else ()
    return maker.make(spec, options["utilisation"], without_years=left_out).data.fit()


def test_equal_to_what_the_study_would_publish(curve, figures, exposures, study, panel):
    space = choice_space(study, curve_options(study))
    table = curve["specification"].set_index("spec_id")
    unseen = {(name, option) for name in space.varied for option in space.options[name]}
    checked = 0
    for _, row in table.sort_values("preferred", ascending=False).iterrows():
        options = {name: row[name] if name in space.varied else space.options[name][0] for name in CHOICES}
        new = {pair for pair in options.items() if pair in unseen}
        if not new:
            continue
        unseen -= new
        checked += 1
        result = published(options, figures, exposures, study, panel)
        direct = result.estimates.iloc[0]
        assert direct["term"] == "exposure"
        for name in ("estimate", "std_error", "p_value", "ci_low", "ci_high"):
            np.testing.assert_allclose(row[name], direct[name], rtol=1e-10, atol=1e-13, err_msg=f"{name} {options}")
        assert row["n_obs"] == result.fit["n_obs"]
    assert not unseen
    assert checked >= 5


def test_the_own_specification_is_the_published_estimate(curve, figures, exposures, study, panel):
    own = study.options(exposure.Options).model_dump()
    maker = ModelMaker(study, panel, figures, offered(figures, exposures, study, panel, own))
    estimate = fit_study(maker).estimate
    one = (estimate["reading"] == "volume") & (estimate["sample"] == "all") & (estimate["variant"] == "")
    [row] = estimate[one & (estimate["term"] == "exposure")].to_dict("records")
    [preferred] = curve["specification"][curve["specification"]["preferred"]].to_dict("records")
    for name in ("estimate", "std_error", "p_value", "ci_low", "ci_high"):
        np.testing.assert_allclose(preferred[name], row[name], rtol=1e-10)
    assert preferred["sample"] == "all" and preferred["lag"] == 0


def test_published_shape(curve, study):
    for name in ("specification", "specification_choice", "spec_test"):
        table, frame = load_tables()[name], curve[name]
        assert frame.columns.tolist() == [c for c in table.columns if c != "data_kind"]
        assert not frame.duplicated(list(table.key)).any()
    table = curve["specification"]
    assert table["spec_id"].tolist() == list(range(1, 61))
    assert table["estimate"].is_monotonic_increasing
    assert table["preferred"].sum() == 1
    fixed = [name for name in CHOICES if name not in choice_space(study, curve_options(study)).varied]
    assert fixed == ["denominator", "municipality", "direct_county", "denominator_year"]
    assert table[fixed].isna().all(axis=None)
    assert table.drop(columns=fixed).notna().all(axis=None)
    assert set(table["n_obs"]) == {31 * 6, 27 * 6, 31 * 5}


def test_notes_in_both_languages(curve):
    rows = curve["spec_test"].set_index("test")
    notes, chinese = rows["note_en"], rows["note_zh"]
    assert notes.index.tolist() == [
        *("median_estimate", "share_significant", "stouffer_z"),
        *("specifications", "not_estimable", "largest_choice"),
    ]
    assert all(re.search(r"[A-Za-z]{5}", note) and not re.search(r"[一-鿿]", note) for note in notes)
    assert all(re.search(r"[一-鿿]{5}", note) for note in chinese)
    assert "CR1 by province" in notes["specifications"] and "按省份聚类" in chinese["specifications"]
    assert "T m" in notes["specifications"]
    assert "60 of 62208 combinations of 12 choices" in notes["specifications"]
    assert "associations, not effects" in notes["specifications"]
    assert "99 re-assignments" in notes["median_estimate"] and "seed 0" in notes["median_estimate"]
    first = curve["specification_choice"].iloc[0]
    assert first["position"] == 1
    assert f"{first['variance_share']:.0%} of the variance" in notes["largest_choice"]
    assert (curve["spec_test"]["table_no"] == "Specification curve").all() and (
        curve["spec_test"]["model"] == "m"
    ).all()
    # The reading is one of the choices, so the rows are of none.
    assert (curve["spec_test"][["reading", "subject"]] == "").all(axis=None)


def test_one_reading_is_named(figures, exposures, panel):
    study = study_with({"lag": [1]})
    curve = specification_curve(figures, exposures, study, curve_options(study), panel)
    assert (curve["spec_test"]["reading"] == "volume").all()


def test_row_order_is_irrelevant_to_the_bit(figures, exposures, panel):
    study = study_with({"weighting": ["entropy"], "lag": [1], "effects": ["region_year"], "winsorise": [0.05]})
    curve = specification_curve(figures, exposures, study, curve_options(study), panel)
    frames = [frame.sample(frac=1, random_state=1) for frame in (figures, exposures)]
    again = specification_curve(*frames, study, curve_options(study), panel)
    for name in ("specification", "specification_choice", "spec_test"):
        pd.testing.assert_frame_equal(again[name], curve[name], check_exact=True)


def test_what_the_data_refuse_is_counted_and_named(figures, exposures, panel):
    study = study_with({"volume_basis": ["log_count"], "numerator": ["fraction"], "effects": ["region_year"]})
    empty = figures.copy()
    empty.loc[7, "outpatient_visits"] = 0.0
    given = exposures[exposures["numerator"] == "covered"]
    curve = specification_curve(empty, given, study, curve_options(study), panel)
    assert len(curve["specification"]) == 2
    row = curve["spec_test"].set_index("test").loc["not_estimable"]
    assert row["statistic"] == 6
    assert "4: outpatient_visits" in row["note_en"] and "has no logarithm: 0.0 in 天津市 Tianjin" in row["note_en"]
    assert "(Basis of utilisation: ln count)" in row["note_en"]
    assert "2: the exposure is not given for numerator fraction" in row["note_en"]
    counts = curve["specification_choice"].set_index(["choice", "option"])["specifications"]
    assert counts["volume_basis", "log_count"] == 0 and counts["volume_basis", "per_capita"] == 2


def test_collinear_options_are_counted_and_named(figures, exposures, panel):
    study = study_with({"controls": ["none"]})
    same = figures.assign(urbanization_rate=np.log(figures["gdp_per_capita"]) * 3)
    options = curve_options(study)
    with pytest.raises(EstimationError, match="mspi, T m: urbanization is collinear with other controls"):
        specification_curve(same, exposures, study, options, panel)
    fine = with_model(study, regressors=("exposure", "gdp_per_capita"))
    assert len(specification_curve(same, exposures, fine, options, panel)["specification"]) == 2


def test_inputs_that_do_not_do(figures, exposures, panel):
    study = study_with({"lag": [1], "effects": ["region_year"]})
    spec = curve_options(study)
    with pytest.raises(StudyError, match="needs the input exposures"):
        specification_curve(figures, None, study, spec, panel)
    with pytest.raises(StudyError, match="exposures lacks the columns timing"):
        specification_curve(figures, exposures.drop(columns="timing"), study, spec, panel)
    with pytest.raises(StudyError, match="occurs twice: 北京市 Beijing"):
        specification_curve(figures, pd.concat([exposures, exposures.head(1)]), study, spec, panel)
    with pytest.raises(EstimationError, match="exposure is constant"):
        specification_curve(figures, exposures.assign(exposure=0.0), study, spec, panel)
    with pytest.raises(StudyError, match="exposure is infinite"):
        specification_curve(figures, exposures.assign(exposure=np.inf), study, spec, panel)
    holes = figures.copy()
    holes.loc[5, "newborn_visit_rate"] = np.nan
    with pytest.raises(PanelError, match="empty cells"):
        specification_curve(holes, exposures, study, spec, panel)
    curve = specification_curve(figures, exposures[exposures["year"] > 2012], study, spec, panel)
    assert len(curve["specification"]) == 2 and (curve["specification"]["lag"] == 0).all()
    row = curve["spec_test"].set_index("test").loc["not_estimable"]
    assert row["statistic"] == 2 and "needs the exposure of 2012" in row["note_en"]


def test_a_province_without_exposure_leaves_its_rows_out(figures, exposures, panel):
    study = study_with({"lag": [1], "effects": ["region_year"]})
    known = exposures.assign(exposure=exposures["exposure"].where(exposures["entity_code"] != 540000))
    curve = specification_curve(figures, known, study, curve_options(study), panel)
    assert set(curve["specification"]["n_obs"]) == {30 * 6}
    remark = curve["spec_test"].set_index("test").at["median_estimate", "note_en"]
    assert "over 4 specifications" in remark and "left out" not in remark


DIGITAL = {
    "controls": ["none", "without_urban_share"],
    "transform": ["z", "log", "raw"],
    "effects": ["year_trends", "region_year"],
    "lag": [1],
    "winsorise": [0.01],
    "sample": ["without_municipalities"],
}


def digital(choices, **changes):
    """The study of digital finance with a curve of these choices about its second model."""
    study = load_studies()["digital_finance"]
    own = study.options(regressions.Options).models[1]
    curve = {"table_no": own.table_no, "model": own.model, "term": "digital_finance", "choices": choices, "draws": 99}
    return study.with_options(Options.model_validate(curve)).model_copy(update=changes), own


def made_up(study, panel) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    years = range(panel.years[0], panel.years[1] + 1)
    frame = pd.DataFrame([(c, y) for c in panel.codes for y in years], columns=["entity_code", "year"])
    return frame.assign(**{name: np.exp(rng.normal(size=len(frame))) for name in study.indicators})


def test_a_study_without_exposure_and_index():
    study, own = digital(DIGITAL)
    panel = province_panel((2011, 2019))
    figures = made_up(study, panel)
    figures.loc[100, "urban_share"] = np.nan
    curve = specification_curve(figures, None, study, curve_options(study), panel)
    assert len(curve["specification"]) == 3 * 4 * 3 * 2 * 2 * 2
    maker = ModelMaker(study, panel, figures, {})
    estimate = fit_study(maker).estimate.set_index(["model", "term"]).loc["(2)", "digital_finance"]
    [preferred] = curve["specification"][curve["specification"]["preferred"]].to_dict("records")
    for name in ("estimate", "std_error", "p_value"):
        np.testing.assert_allclose(preferred[name], estimate[name], rtol=1e-10)
    # A lag of what is no exposure loses the first year; one empty cell loses its row.
    assert set(curve["specification"]["n_obs"]) == {
        *(p * t - hole for p in (31, 27) for t in (9, 8) for hole in (0, 1)),
    }
    lagged = own.model_copy(update={"lags": {"digital_finance": 1}, "winsorise": 0.01})
    made = maker.make(lagged).data.fit().estimates.iloc[0]
    rows = (
        curve["specification"]
        .query("lag == 1 and winsorise == 0.01 and controls == 'all' and transform == 'log_z' and effects == 'year'")
        .set_index("sample")
    )
    np.testing.assert_allclose(rows.loc["all", "estimate"], made["estimate"], rtol=1e-10)
    np.testing.assert_allclose(rows.loc["all", "std_error"], made["std_error"], rtol=1e-10)


def test_a_panel_of_counties():
    """Neither regions nor provinces: nine counties have a curve, told in their own words."""
    codes = range(1, 10)
    names = pd.DataFrame({"entity_code": codes, "name_zh": [f"县{i}" for i in codes], "name_en": [*"ABCDEFGHI"]})
    panel = panel_of("county", names, (2011, 2019))
    study, own = digital(
        {"controls": ["none"], "effects": ["year_trends"], "lag": [1]},
        panel=PanelSpec(unit="county", years=(2011, 2019)),
    )
    figures = made_up(study, panel)
    curve = specification_curve(figures, None, study, curve_options(study), panel)
    assert len(curve["specification"]) == 8
    direct = ModelMaker(study, panel, figures, {}).make(own).data.fit().estimates.iloc[0]
    [preferred] = curve["specification"][curve["specification"]["preferred"]].to_dict("records")
    np.testing.assert_allclose(preferred["std_error"], direct["std_error"], rtol=1e-10)
    rows = curve["spec_test"].set_index("test")
    assert "CR1 by county" in rows.loc["specifications", "note_en"]
    assert "among counties" in rows.loc["stouffer_z", "note_en"] and "县" in rows.loc["stouffer_z", "note_zh"]
    assert "按县聚类" in rows.loc["specifications", "note_zh"]
    assert not rows["note_en"].str.contains("provinces").any()
