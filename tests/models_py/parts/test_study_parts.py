"""The parts of a study, run one after another on small made-up panels: tables filled, repeatable, bad inputs named.

Belongs here: what parts promise together. Does not belong here: how they are found and ordered (test_registry.py) and
other units than provinces (test_other_units.py).
"""

import numpy as np
import pandas as pd
import pytest

from catalog import Study, load_tables
from catalog.identity import COLUMNS as IDENTITY
from catalog.parts import diagnostics, performance_index, regressions, specification_curve
from catalog.provinces import load_provinces
from models_py.econometrics import EstimationError
from models_py.indices import IndexDataError
from models_py.panel import PanelError
from models_py.parts.registry import parts_of, results_of
from models_py.parts.regressions.variables import StudyError
from tests.models_py.changing import with_header, with_part
from tests.models_py.parts.made_up import digital_finance, finance_inputs, mspi, mspi_inputs, run

TIBET, XINJIANG, BEIJING = 540000, 650000, 110000


@pytest.fixture(scope="module")
def study() -> Study:
    return mspi()


@pytest.fixture(scope="module")
def inputs(study) -> dict[str, pd.DataFrame]:
    return mspi_inputs(study)


@pytest.fixture(scope="module")
def made(study, inputs) -> dict[str, pd.DataFrame]:
    return run(study, inputs)


@pytest.fixture(scope="module")
def finance() -> Study:
    return digital_finance()


@pytest.fixture(scope="module")
def finance_made(finance) -> dict[str, pd.DataFrame]:
    return run(finance, finance_inputs(finance))


def altered(inputs: dict, change, *tables: str) -> dict:
    return {**inputs, **{name: change(inputs[name].copy()) for name in tables}}


def emptied(column: str, where, value: float = np.nan):
    def change(frame: pd.DataFrame) -> pd.DataFrame:
        frame[column] = frame[column].astype(float)
        frame.loc[where(frame), column] = value
        return frame

    return change


def own(frame: pd.DataFrame, table_no: str, model: str, sample: str = "all") -> pd.DataFrame:
    """Rows of a model under the study's own reading and choices."""
    kept = (frame["table_no"] == table_no) & (frame["model"] == model) & (frame["sample"] == sample)
    kept &= frame["reading"].isin(["", "volume"]) & (frame["variant"] == "") & (frame["vintage"] == "")
    return frame[kept & (frame["estimator"] == "twfe")].reset_index(drop=True)


def fit_of(made: dict[str, pd.DataFrame], table_no: str, model: str, sample: str = "all") -> pd.Series:
    """The row of model_fit of a model."""
    [row] = own(made["model_fit"], table_no, model, sample).to_dict("records")
    return pd.Series(row)


def assert_tables(study: Study, made: dict[str, pd.DataFrame]) -> None:
    models = {model.model for model in study.options(regressions.Options).models}
    for table, names in results_of(study).items():
        declared = load_tables()[table]
        columns = [name for name in declared.columns if name != "data_kind"]
        for name in names:
            assert list(made[name].columns) == columns, name
            assert len(made[name]), name
            assert set(made[name]["study"]) == {study.id}, name
            if declared.identity:
                identity = made[name][list(IDENTITY)]
                assert identity.notna().all(axis=None) and set(identity["sample"]) != {""}, name
                assert set(made[name]["model"]) <= models | {""}, name
        rows = pd.concat([made[name] for name in names])
        assert not rows.duplicated(list(declared.key)).any(), table
        assert rows[[name for name in declared.key if name in columns]].notna().all().all(), table


def assert_keys_unique(study: Study, made: dict[str, pd.DataFrame]) -> None:
    for table, names in results_of(study).items():
        rows = pd.concat([made[name] for name in names if name in made] or [pd.DataFrame()])
        if len(rows):
            assert not rows.duplicated(list(load_tables()[table].key)).any(), table


def test_every_part_fills_the_columns_of_its_tables(study, made):
    assert [one.id for one in parts_of(study)] == [
        "performance_index", "exposure", "regressions", "products", "few_clusters", "diagnostics", "treatment_timing",
        "specification_curve", "comparison", "mspi_findings",
    ]  # fmt: skip
    assert_tables(study, made)


def test_a_study_without_exposure_and_index_has_the_other_parts(finance, finance_made):
    assert [one.id for one in parts_of(finance)] == [
        "regressions", "few_clusters", "diagnostics", "specification_curve",
    ]  # fmt: skip
    assert_tables(finance, finance_made)
    versions = finance_made["model_fit"][["model", "reading", "vintage"]].itertuples(index=False, name=None)
    assert set(versions) == {("(1)", "", ""), ("(2)", "", ""), ("(2)", "", "old")}
    tests = own(finance_made["spec_test__few_clusters"], "Table 1", "(2)").set_index(["test", "subject"])
    note = tests.loc[("randomisation", "digital_finance")]
    assert "pilots" not in note["note_en"] and "试点" not in note["note_zh"]
    assert "digital_finance was not drawn by lot" in note["note_en"]


def test_the_same_inputs_give_the_same_results(study, inputs, made, finance, finance_made):
    again = run(study, inputs, "performance_index", "regressions", "diagnostics", "products", "specification_curve")
    for name, frame in {**again, **run(finance, finance_inputs(finance))}.items():
        expected = finance_made[name] if set(frame["study"]) == {finance.id} else made[name]
        pd.testing.assert_frame_equal(frame, expected, check_exact=True)


def test_estimates_do_not_depend_on_the_order_pyfixest_takes_the_effects_in(study, inputs, made, monkeypatch):
    from pyfixest.estimation.formula import utils

    found = []
    for turned in (False, True):
        # pyfixest iterates over a set of names, in an order that changes from process to process.
        def ordered(names, turned=turned):
            return sorted(names, reverse=turned)

        monkeypatch.setattr(utils, "set", ordered, raising=False)
        found.append(run(study, inputs, "performance_index", "regressions")["estimate"])
    pd.testing.assert_frame_equal(*found, check_exact=True)


def test_a_copy_under_another_id_gives_the_same_numbers(finance, finance_made):
    copy = with_header(finance, id="copy_of_it")
    again = run(copy, finance_inputs(copy), "regressions", "specification_curve")
    for name in ("estimate", "specification"):
        pd.testing.assert_frame_equal(
            again[name].drop(columns="study"), finance_made[name].drop(columns="study"), check_exact=True
        )


def test_an_identity_has_no_test(made):
    rows = own(made["estimate"], "Table 4", "(1)").set_index("term")
    np.testing.assert_allclose(rows.loc[["exposure", "ssi"], "estimate"], [0, 2 / 7], atol=1e-9)
    assert rows[["statistic", "p_value", "ci_low", "ci_high"]].isna().all().all()
    fit = fit_of(made, "Table 4", "(1)")
    assert "an identity: its errors are rounding" in fit["note_en"]
    assert "恒等式" in fit["note_zh"]


def test_conventions_say_what_a_smaller_sample_leaves_as_it_was(made):
    fewer = fit_of(made, "Table 5", "without municipalities", "without municipalities")
    assert "index and any z-scores are those of all provinces" in fewer["note_en"]
    shorter = fit_of(made, "Table 2", "(2)", "without 2024")
    assert "index and any z-scores of controls are still those of all years" in shorter["note_en"]
    assert "仍按全部年份计算" in shorter["note_zh"]


def test_the_weights_of_an_index_are_printed(made):
    scores = made["indicator_score"].query("variant == 'weighting=first_component' and reading == 'volume'")
    [weight] = scores[scores["indicator"] == "newborn_visit_rate"]["weight"].unique()
    text = fit_of(made, "Table 5", "(3)")["note_en"]
    assert f"newborn_visit_rate {weight:.3f}" in text
    assert ("A negative weight reverses" in text) == bool((scores["weight"] < 0).any())


def test_weights_stand_once_whatever_the_thresholds(made):
    tests = made["spec_test__treatment_timing"]
    versions = ["model", "reading", "variant"]
    expected = {("(2)", "volume", ""), ("(2)", "substitution", "")}
    negative = tests[tests["test"] == "negative weights"]
    assert set(negative[versions].itertuples(index=False, name=None)) == expected
    assert "threshold=0.4" in set(tests["variant"])
    assert set(made["twfe_weight"][versions].itertuples(index=False, name=None)) == expected


def test_estimates_say_what_they_rest_on(made):
    for name in ("estimate", "estimate__few_clusters", "estimate__diagnostics", "estimate__treatment_timing"):
        rows = made[name]
        assert rows["n_obs"].notna().all() and rows[["unit_en", "unit_zh"]].notna().all(axis=None), name
        assert not rows["unit_en"].str.contains(r"[\u4e00-\u9fff]").any(), name


def test_remarks_are_in_one_language_each(made, finance_made):
    for name, frame in {**made, **{f"finance {k}": v for k, v in finance_made.items()}}.items():
        if "note_en" not in frame:
            continue
        both = frame[["note_en", "note_zh"]].dropna()
        assert (frame["note_en"].isna() == frame["note_zh"].isna()).all(), name
        assert not both["note_en"].map(without_names).str.contains(r"[\u4e00-\u9fff]").any(), name
        assert both["note_zh"].str.contains(r"[\u4e00-\u9fff]").all(), name


def without_names(text: str) -> str:
    """A remark without the Chinese names of provinces, which stand in both languages."""
    for province in load_provinces():
        text = text.replace(province.name_zh, "")
    return text


def everywhere(frame: pd.DataFrame) -> pd.Series:
    return frame["year"] > 0


@pytest.mark.parametrize(
    ("part", "error", "message", "tables", "change"),
    [
        (
            "performance_index",
            PanelError,
            "3 empty cells: .*Xinjiang .650000. 2013",
            ["figures"],
            lambda f: f[(f["entity_code"] != XINJIANG) | (f["year"] > 2015)],
        ),
        ("performance_index", IndexDataError, "'newborn_visit_rate' is constant at 97.0", ["figures"],
         emptied("newborn_visit_rate", everywhere, 97.0)),
        ("performance_index", PanelError, "1 empty cells: .*Beijing .110000. 2018", ["figures"],
         emptied("newborn_visit_rate", lambda f: (f["entity_code"] == BEIJING) & (f["year"] == 2018))),
        ("performance_index", PanelError, "30 empty cells", ["figures"],
         lambda f: f[(f["entity_code"] == BEIJING) | (f["year"] != 2018)]),
        ("regressions", StudyError, "the exposure has no row of .*Tibet .540000. 2012",
         ["exposure_variant", "smart_exposure"], lambda f: f[f["entity_code"] != TIBET]),
        ("regressions", StudyError, "gdp_per_capita is infinite: .*Tibet .540000. 2018", ["figures"],
         emptied("gdp_per_capita", lambda f: (f["entity_code"] == TIBET) & (f["year"] == 2018), np.inf)),
        ("regressions", StudyError, "gdp_per_capita: no variation", ["figures"],
         emptied("gdp_per_capita", everywhere, 7.0)),
        ("regressions", StudyError, r"no file provides gdp_per_capita \(gdp, resident_population\), .* / 没有文件提供",
         ["figures"], emptied("gdp_per_capita", everywhere, np.nan)),
    ],
)  # fmt: skip
def test_bad_inputs_are_refused_by_name(study, inputs, part, error, message, tables, change):
    bad = altered(inputs, change, *tables)
    with pytest.raises(error, match=message):
        run(study, bad, "performance_index", part)


@pytest.mark.parametrize(
    "name", ["regressions", "few_clusters", "treatment_timing", "diagnostics", "products", "specification_curve"]
)
@pytest.mark.parametrize(
    ("message", "tables", "change"),
    [
        ("'?exposure'? is constant", ["exposure_variant", "smart_exposure"], emptied("exposure", everywhere, 0.5)),
        (
            "'?exposure'? has no variation left after the .*effects",
            ["exposure_variant", "smart_exposure"],
            lambda f: f.assign(exposure=(f["year"] >= 2015).astype(float)),
        ),
        (
            "'?fiscal_expenditure'? is collinear with",
            ["figures"],
            lambda f: f.assign(budget_expenditure_per_capita=3 * f["gdp_per_capita"]),
        ),
    ],
    ids=["constant exposure", "exposure absorbed by the effects", "collinear controls"],
)
def test_what_is_not_identified_is_named_by_every_part(study, inputs, name, message, tables, change):
    bad = altered(inputs, change, *tables)
    with pytest.raises(EstimationError, match=f"mspi, Table .*{message}"):
        run(study, bad, "performance_index", name)


def test_a_province_without_exposure_is_a_counted_drop(study, inputs):
    bad = altered(inputs, emptied("exposure", lambda f: f["entity_code"] == TIBET), "exposure_variant",
                  "smart_exposure")  # fmt: skip
    made = run(study, bad, "performance_index", "regressions", "treatment_timing", "diagnostics", "mspi_findings")
    fit = fit_of(made, "Table 2", "(2)")
    assert (fit["n_obs"], fit["n_dropped"], fit["n_clusters"]) == (360, 12, 30)
    assert "西藏自治区 Tibet (540000) 2013: exposure" in fit["note_en"]
    tests = made["spec_test__diagnostics"].set_index("test")["note_en"]
    assert "the exposure has no figure for 西藏自治区 Tibet" in tests["exposure_variation"]
    found = made["finding"].set_index("finding_id").loc["F-M10"]
    assert found["verdict"] == "not testable"
    assert "Tibet" in found["observed"]
    unknown = made["spec_test__treatment_timing"].query("test == 'unknown first exposure'")
    assert len(unknown) and unknown["statistic"].eq(1).all()
    assert unknown["note_en"].str.contains("Tibet").all() and unknown["note_zh"].str.contains("西藏").all()


def test_a_year_with_one_province_is_a_counted_drop(study, inputs):
    lacking = emptied("gdp_per_capita", lambda f: (f["year"] == 2018) & (f["entity_code"] != BEIJING))
    parts = ("performance_index", "regressions", "diagnostics", "products", "specification_curve")
    made = run(study, altered(inputs, lacking, "figures"), *parts)
    assert made["specification"].query("preferred")["n_obs"].tolist() == [342]
    fit = fit_of(made, "Table 2", "(2)")
    assert (fit["n_obs"], fit["n_dropped"]) == (342, 30)
    tests = own(made["spec_test__diagnostics"], "Table 2", "(2)").set_index(["test", "subject"])
    note = tests.loc[("moran_residual", "2018"), "note_en"]
    assert "Not computed" in note
    assert "4 are needed" in note
    draws = own(made["spec_test__products"], "Table 4b", "(2)").set_index("test")["note_en"]["bootstrap_draws"]
    assert "342 rows complete in every model, 30 others left out" in draws


def test_edges_carried_are_counted(study, inputs):
    allowed = with_part(study, performance_index.Options, allow_edge_fill=True)
    bad = altered(inputs, lambda f: f[(f["entity_code"] != XINJIANG) | (f["year"] > 2015)], "figures")
    made = run(allowed, bad, "performance_index", "regressions")
    assert fit_of(made, "Table 2", "(1)")["n_obs"] == 372
    assert fit_of(made, "Table 2", "(2)")["n_dropped"] == 3
    assert "21 index cells carried" in fit_of(made, "Table 2", "(1)")["note_en"]


def test_an_empty_outcome_is_dropped_and_named_by_every_part(finance):
    gap = emptied("child_management_rate", lambda f: (f["entity_code"] == TIBET) & (f["year"] < 2014))
    made = run(finance, altered(finance_inputs(finance), gap, "figures"))
    assert_tables(finance, made)
    fit = fit_of(made, "Table 1", "(2)")
    assert (fit["n_obs"], fit["n_dropped"]) == (276, 3)
    assert "Tibet (540000) 2012: child_management_rate" in fit["note_en"]
    assert made["spec_test__few_clusters"]["note_en"].str.contains("276 rows, 3 dropped").all()
    [preferred] = made["specification"].query("preferred").to_dict("records")
    assert preferred["n_obs"] == 276
    rows = own(made["estimate"], "Table 1", "(2)").set_index("term")
    assert preferred["estimate"] == pytest.approx(rows.at["digital_finance", "estimate"], rel=1e-9)


def test_two_provinces_have_no_clustered_error(finance):
    two = emptied("child_management_rate", lambda f: ~f["entity_code"].isin([BEIJING, TIBET]))
    bad = altered(finance_inputs(finance), two, "figures")
    for name in ("regressions", "few_clusters", "diagnostics"):
        with pytest.raises(EstimationError, match=r"digital_finance, Table 1 .*the cr1 variance of digital_finance"):
            run(finance, bad, name)


def called(study: Study, name: str) -> Study:
    """The study with its headline's model under another name."""
    options, curve = study.options(regressions.Options), study.options(specification_curve.Options)
    models = [m.model_copy(update={"model": name}) if m == options.headline_model else m for m in options.models]
    headline = options.headline.model_copy(update={"model": name})
    renamed = study.with_options(options.model_copy(update={"models": tuple(models), "headline": headline}))
    return with_header(renamed, parts=renamed.with_options(curve.model_copy(update={"model": name})).parts)


def test_a_headline_called_visit_volume_keeps_all_its_evidence(study, inputs, made):
    """`volume` is a reading too: a name is a name, whatever word it ends in."""
    renamed = called(study, "visit volume")
    again = run(renamed, inputs)
    assert set(again) == set(made)
    for name, frame in again.items():
        if "model" not in frame or name == "published_comparison":
            continue
        assert not frame["model"].isin(["(2) volume", "visit"]).any(), name
        ours = frame["model"] == "visit volume"
        theirs = (made[name]["model"] == "(2)") & (made[name]["table_no"] != "Table 5")
        assert ours.sum() == theirs.sum() > 0, name
        skipped = ["model", "configuration", "note_en", "note_zh"]
        pd.testing.assert_frame_equal(
            frame[ours].drop(columns=skipped, errors="ignore").reset_index(drop=True),
            made[name][theirs].drop(columns=skipped, errors="ignore").reset_index(drop=True),
            check_exact=True,
        )


def test_evidence_may_stand_twice_under_a_name(finance, finance_made):
    options = finance.options(diagnostics.Options)
    other = options.model_copy(update={"name": "near", "cutoff_km": 500.0})
    both = with_header(finance, parts=(*finance.parts, other))
    made = run(both, finance_inputs(both), "regressions", "diagnostics")
    assert_keys_unique(both, made)
    one, near = made["influence"], made["influence__diagnostics_near"]
    assert set(near["variant"]) == {"part=near"} and set(one["variant"]) == {""}
    pd.testing.assert_frame_equal(near.drop(columns="variant"), one.drop(columns="variant"), check_exact=True)
    assert {name for name in made if name.endswith("near")} == {
        "influence__diagnostics_near", "estimate__diagnostics_near", "spec_test__diagnostics_near"
    }  # fmt: skip
