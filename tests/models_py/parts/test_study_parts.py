"""The parts of a study, run one after another on small made-up panels: tables filled, repeatable, bad inputs named."""

import itertools

import numpy as np
import pandas as pd
import pytest

from catalog import Study, load_studies, load_tables
from catalog.base import PROJECT_DIR
from catalog.provinces import load_provinces
from models_py import study_parts
from models_py.econometrics import EstimationError, StudyError
from models_py.indices import IndexDataError
from models_py.panel import PanelError
from models_py.parts.specification_curve.choices import EXPOSURE_CHOICES
from models_py.study_parts import INPUTS, PARTS, earlier_results, needs_of, parts_of, results_of

TIBET, XINJIANG, BEIJING = 540000, 650000, 110000
KEPT = [("Table 2", "(1)"), ("Table 2", "(2)"), ("Table 4", "(1)")]
KEPT += [("Table 5", "(2)"), ("Table 5", "(3)"), ("Table 5", "without municipalities")]
CODES = [province.province_code for province in load_provinces()]


def small(full: Study, curve: dict, keep: list[tuple[str, str]] | None = None) -> Study:
    """The study with few draws, a short curve and, where given, only some of its models."""
    data = full.model_dump()
    data["inference"] |= {"draws": 99, "permutations": 99}
    data["specification_curve"] |= {"choices": curve, "at_most": 24, "draws": 99}
    if data["mediation"] is not None:
        data["mediation"] |= {"draws": 99}
        data["timing"] |= {"leads": 2, "lags": 2, "relative_magnitudes": (1.0,), "smoothness": (0.1,)}
    if keep is not None:
        data["models"] = [m for m in data["models"] if (m["table_no"], m["model"]) in keep]
    return Study.model_validate(data)


def mspi() -> Study:
    choices = {"numerator": ["entries"], "controls": ["none"], "effects": ["region_year"], "lag": [1]}
    return small(load_studies()["mspi"], {**choices, "utilisation": ["substitution"]}, KEPT)


def digital_finance() -> Study:
    choices = {"controls": ["none"], "effects": ["year_trends"], "lag": [1], "winsorise": [0.05]}
    return small(load_studies()["digital_finance"], {**choices, "sample": ["without_municipalities"]})


def mspi_inputs(study: Study) -> dict[str, pd.DataFrame]:
    """Two waves of pilots, one province never exposed; the outcome moves with the exposure."""
    rng = np.random.default_rng(5)
    rows = pd.DataFrame(itertools.product(CODES, range(2012, 2025)), columns=["province_code", "year"])
    start = dict(zip(CODES, [*([2014, 2015, 2016] * 10), 9999], strict=True))
    share = dict(zip(CODES, rng.integers(1, 11, 31), strict=True))
    rows["pilot_units"] = np.where(
        rows["year"] >= rows["province_code"].map(start), rows["province_code"].map(share), 0
    )
    rows = rows.assign(study=study.id, total_units=10, exposure=rows["pilot_units"] / 10)
    own = {name: getattr(study.exposure, name) for name in EXPOSURE_CHOICES}
    variants = [rows.assign(**{**own, "numerator": n}, preferred=n == own["numerator"]) for n in ("covered", "entries")]
    variants[1]["exposure"] *= 1.5
    window = rows[rows["year"] >= study.years[0]].reset_index(drop=True)
    frame = window[["province_code", "year"]].copy()
    level = np.repeat(rng.normal(size=31), 12)
    for name in study.indicators:
        frame[name] = np.exp(0.3 * level + rng.normal(size=len(frame)) + 0.4 * window["exposure"])
    figures = pd.read_csv(PROJECT_DIR / "dbt" / "seeds" / "published_figure.csv", keep_default_na=False, na_values=[""])
    return {
        "province_year": frame,
        "province_year_alternative": frame.head(0).assign(vintage=pd.Series(dtype="str")),
        "exposure_variant": pd.concat(variants, ignore_index=True),
        "smart_exposure": window,
        "published_figure": figures,
    }


def finance_inputs(study: Study) -> dict[str, pd.DataFrame]:
    """An index that rises everywhere, controls in logs, an outcome in per cent; another edition of one control."""
    rng = np.random.default_rng(6)
    frame = pd.DataFrame(itertools.product(CODES, range(2010, 2021)), columns=["province_code", "year"])
    level = np.repeat(rng.normal(size=31), 11)
    for name in study.indicators:
        frame[name] = np.exp(4 + 0.5 * level + rng.normal(0, 0.1, len(frame)))
    index = 30 + 28 * (frame["year"] - 2011) + 10 * level + rng.normal(0, 5, len(frame))
    frame["digital_finance_index"] = index.where(frame["year"] > 2010)
    frame["child_management_rate"] = 90 + 0.02 * index + level + rng.normal(0, 1, len(frame))
    other = frame.assign(
        vintage="old", gdp_per_capita=frame["gdp_per_capita"] * np.exp(rng.normal(0, 0.01, len(frame)))
    )
    return {"province_year": frame, "province_year_alternative": other}


def run(study: Study, inputs: dict[str, pd.DataFrame], *only: str) -> dict[str, pd.DataFrame]:
    """Results of the parts (all, or those named) by result name, each given what it needs and nothing else."""
    made: dict[str, pd.DataFrame] = {}
    for part in parts_of(study):
        if only and part.name not in only:
            continue
        given = {}
        for need in needs_of(study, part):
            names = () if need in INPUTS else [n for n in earlier_results(study, part, need) if n in made]
            given[need] = pd.concat([made[n] for n in names], ignore_index=True) if names else inputs[need]
        tables = part.compute(study, given, "synthetic")
        assert set(tables) == set(part.tables)
        made |= {part.result(table): tables[table] for table in part.tables}
    return made


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


def assert_tables(study: Study, made: dict[str, pd.DataFrame]) -> None:
    for table, names in results_of(study).items():
        declared = load_tables()[table]
        columns = [name for name in declared.columns if name != "data_kind"]
        for name in names:
            assert list(made[name].columns) == columns, name
            assert len(made[name]), name
            assert set(made[name]["study"]) == {study.id}, name
        rows = pd.concat([made[name] for name in names])
        assert not rows.duplicated(list(declared.key)).any(), table
        assert rows[[name for name in declared.key if name in columns]].notna().all().all(), table


def test_every_part_fills_the_columns_of_its_tables(study, made):
    assert [part.name for part in parts_of(study)] == [part.name for part in PARTS]
    assert_tables(study, made)


def test_a_study_without_exposure_and_index_has_the_other_parts(finance, finance_made):
    assert [part.name for part in parts_of(finance)] == ["regressions", "few_clusters", "design", "curve"]
    assert_tables(finance, finance_made)
    assert set(finance_made["model_fit"]["model"]) == {"(1)", "(2)", "(2) vintage old"}
    note = finance_made["spec_test__few_clusters"].set_index(["model", "test"])["note"]
    assert "pilots" not in note["(2)", "randomisation: digital_finance"]
    assert "digital_finance was not drawn by lot" in note["(2)", "randomisation: digital_finance"]


def test_the_same_inputs_give_the_same_results(study, inputs, made, finance, finance_made):
    again = run(study, inputs, "index", "regressions", "design", "products", "curve")
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
        found.append(run(study, inputs, "index", "regressions")["estimate"])
    pd.testing.assert_frame_equal(*found, check_exact=True)


def test_the_catalogs_parts_are_consistent():
    for full in load_studies().values():
        for one in (full, Study.model_validate({**full.model_dump(), "id": "copy_of_it"})):
            results = results_of(one)
            names = [name for group in results.values() for name in group]
            assert len(set(names)) == len(names)
            assert set(results) <= set(load_tables())
            seen: set[str] = set()
            for part in parts_of(one):
                for need in needs_of(one, part):
                    if need in INPUTS:
                        continue
                    before = earlier_results(one, part, need)
                    assert before == tuple(name for name in results[need] if name in seen)
                seen |= {part.result(table) for table in part.tables}
            assert seen == set(names)
            # Every table has at most one result of its own name.
            assert {group[0] for table, group in results.items() if table in group} <= set(results)


def test_what_nothing_makes_earlier_is_refused(study):
    [first] = [part for part in PARTS if part.name == "index"]
    with pytest.raises(KeyError, match="no part before index makes estimate"):
        earlier_results(study, first, "estimate")


def test_a_copy_under_another_id_gives_the_same_numbers(finance, finance_made):
    copy = Study.model_validate({**finance.model_dump(), "id": "copy_of_it"})
    again = run(copy, finance_inputs(copy), "regressions", "curve")
    for name in ("estimate", "specification"):
        pd.testing.assert_frame_equal(
            again[name].drop(columns="study"), finance_made[name].drop(columns="study"), check_exact=True
        )


def test_an_identity_has_no_test(made):
    rows = made["estimate"].query("table_no == 'Table 4' and model == '(1)'").set_index("term")
    np.testing.assert_allclose(rows.loc[["exposure", "ssi"], "estimate"], [0, 2 / 7], atol=1e-9)
    assert rows[["statistic", "p_value", "ci_low", "ci_high"]].isna().all().all()
    text = made["model_fit"].query("table_no == 'Table 4' and model == '(1)'")["convention"].iloc[0]
    assert "an identity: its errors are rounding" in text
    assert "恒等式" in text


def test_conventions_say_what_a_smaller_sample_leaves_as_it_was(made):
    text = made["model_fit"].set_index(["table_no", "model"])["convention"]
    assert "index and any z-scores are those of all provinces" in text["Table 5", "without municipalities"]
    assert "index and any z-scores of controls are still those of all years" in text["Table 2", "(2) without 2024"]
    assert "仍按全部年份计算" in text["Table 2", "(2) without 2024"]


def test_the_weights_of_an_index_are_printed(study, inputs, made):
    from models_py.indices import performance_index

    scores = performance_index(inputs["province_year"], study, "first_component")[1]
    [weight] = scores.query("index_name == 'mspi first_component:volume' and indicator == 'newborn_visit_rate'")[
        "weight"
    ].unique()
    text = made["model_fit"].set_index(["table_no", "model"])["convention"]["Table 5", "(3)"]
    assert f"newborn_visit_rate {weight:.3f}" in text
    weights = scores[scores["index_name"] == "mspi first_component:volume"]["weight"]
    assert ("A weight below zero turns" in text) == bool((weights < 0).any())


def test_weights_stand_once_whatever_the_thresholds(made):
    tests = made["spec_test__timing"]
    assert set(tests.loc[tests["test"] == "negative weights", "model"]) == {"(2)", "(2) substitution"}
    assert "(2) above 0.4" in set(tests["model"])
    assert set(made["twfe_weight"]["model"]) == {"(2)", "(2) substitution"}


def everywhere(frame: pd.DataFrame) -> pd.Series:
    return frame["year"] > 0


@pytest.mark.parametrize(
    ("part", "error", "message", "tables", "change"),
    [
        (
            "index",
            PanelError,
            "3 empty cells: .*Xinjiang .650000. 2013",
            ["province_year"],
            lambda f: f[(f["province_code"] != XINJIANG) | (f["year"] > 2015)],
        ),
        ("index", IndexDataError, "'newborn_visit_rate' is constant at 97.0", ["province_year"],
         emptied("newborn_visit_rate", everywhere, 97.0)),
        ("index", PanelError, "1 empty cells: .*Beijing .110000. 2018", ["province_year"],
         emptied("newborn_visit_rate", lambda f: (f["province_code"] == BEIJING) & (f["year"] == 2018))),
        ("index", PanelError, "30 empty cells", ["province_year"],
         lambda f: f[(f["province_code"] == BEIJING) | (f["year"] != 2018)]),
        ("regressions", StudyError, "the exposure has no row of .*Tibet .540000. 2012",
         ["exposure_variant", "smart_exposure"], lambda f: f[f["province_code"] != TIBET]),
        ("regressions", StudyError, "gdp_per_capita is infinite: .*Tibet .540000. 2018", ["province_year"],
         emptied("gdp_per_capita", lambda f: (f["province_code"] == TIBET) & (f["year"] == 2018), np.inf)),
        ("regressions", StudyError, "gdp_per_capita: no variation", ["province_year"],
         emptied("gdp_per_capita", everywhere, 7.0)),
    ],
)  # fmt: skip
def test_bad_inputs_are_refused_by_name(study, inputs, part, error, message, tables, change):
    bad = altered(inputs, change, *tables)
    with pytest.raises(error, match=message):
        run(study, bad, "index", part)


@pytest.mark.parametrize("name", ["regressions", "few_clusters", "timing", "design", "products", "curve"])
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
            ["province_year"],
            lambda f: f.assign(budget_expenditure_per_capita=3 * f["gdp_per_capita"]),
        ),
    ],
    ids=["constant exposure", "exposure absorbed by the effects", "collinear controls"],
)
def test_what_is_not_identified_is_named_by_every_part(study, inputs, name, message, tables, change):
    bad = altered(inputs, change, *tables)
    with pytest.raises(EstimationError, match=f"mspi, Table .*{message}"):
        run(study, bad, "index", name)


def test_a_province_without_exposure_is_a_counted_drop(study, inputs):
    bad = altered(inputs, emptied("exposure", lambda f: f["province_code"] == TIBET), "exposure_variant",
                  "smart_exposure")  # fmt: skip
    made = run(study, bad, "index", "regressions", "timing", "design", "findings")
    fit = made["model_fit"].set_index(["table_no", "model"]).loc[("Table 2", "(2)")]
    assert (fit["n_obs"], fit["n_dropped"], fit["n_clusters"]) == (360, 12, 30)
    assert "西藏自治区 Tibet (540000) 2013: exposure" in fit["convention"]
    tests = made["spec_test__design"].set_index("test")["note"]
    assert "the exposure has no figure for 西藏自治区 Tibet" in tests["exposure_variation"]
    found = made["finding"].set_index("finding_id").loc["F-M10"]
    assert found["verdict"] == "not testable"
    assert "Tibet" in found["observed"]
    unknown = made["spec_test__timing"].query("test == 'provinces with unknown first exposure'")
    assert unknown["statistic"].eq(1).all()
    assert unknown["note"].str.contains("Tibet").all()


def test_a_year_with_one_province_is_a_counted_drop(study, inputs):
    lacking = emptied("gdp_per_capita", lambda f: (f["year"] == 2018) & (f["province_code"] != BEIJING))
    made = run(study, altered(inputs, lacking, "province_year"), "index", "regressions", "design", "products", "curve")
    assert made["specification"].query("preferred")["n_obs"].tolist() == [342]
    fit = made["model_fit"].set_index(["table_no", "model"]).loc[("Table 2", "(2)")]
    assert (fit["n_obs"], fit["n_dropped"]) == (342, 30)
    note = made["spec_test__design"].query("model == '(2)'").set_index("test")["note"]["moran_residual_2018"]
    assert "Not computed" in note
    assert "4 are needed" in note
    draws = made["spec_test__products"].query("model == '(2)'").set_index("test")["note"]["bootstrap_draws"]
    assert "342 rows complete in every model, 30 others left out" in draws


def test_edges_carried_are_counted(study, inputs):
    allowed = study.model_copy(update={"index": study.index.model_copy(update={"allow_edge_fill": True})})
    bad = altered(inputs, lambda f: f[(f["province_code"] != XINJIANG) | (f["year"] > 2015)], "province_year")
    made = run(allowed, bad, "index", "regressions")
    fit = made["model_fit"].set_index(["table_no", "model"])
    assert fit.loc[("Table 2", "(1)"), "n_obs"] == 372
    assert fit.loc[("Table 2", "(2)"), "n_dropped"] == 3
    assert "21 index cells carried" in fit.loc[("Table 2", "(1)"), "convention"]


def test_an_empty_outcome_is_dropped_and_named_by_every_part(finance):
    gap = emptied("child_management_rate", lambda f: (f["province_code"] == TIBET) & (f["year"] < 2014))
    made = run(finance, altered(finance_inputs(finance), gap, "province_year"))
    assert_tables(finance, made)
    fit = made["model_fit"].set_index("model").loc["(2)"]
    assert (fit["n_obs"], fit["n_dropped"]) == (276, 3)
    assert "Tibet (540000) 2012: child_management_rate" in fit["convention"]
    assert made["spec_test__few_clusters"]["note"].str.contains("276 rows, 3 dropped").all()
    own = made["specification"].query("preferred").iloc[0]
    assert own["n_obs"] == 276
    assert own["estimate"] == pytest.approx(made["estimate"].set_index(["model", "term"]).at[
        ("(2)", "digital_finance"), "estimate"], rel=1e-9)  # fmt: skip


def test_two_provinces_have_no_clustered_error(finance):
    two = emptied("child_management_rate", lambda f: ~f["province_code"].isin([BEIJING, TIBET]))
    bad = altered(finance_inputs(finance), two, "province_year")
    for name in ("regressions", "few_clusters", "design"):
        with pytest.raises(EstimationError, match=r"digital_finance, Table 1 .*the cr1 variance of digital_finance"):
            run(finance, bad, name)


def test_inputs_are_tables_of_the_warehouse():
    assert set(study_parts.INPUTS) >= {need for part in PARTS for need in part.needs} - {
        table for part in PARTS for table in part.tables
    }
