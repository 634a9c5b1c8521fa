"""Study files: a header and a list of parts; what contradicts itself is refused with the place named."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from catalog import Study, load_studies, load_study
from catalog.base import CatalogError, Text
from catalog.part_options import PartOptions, known_parts
from catalog.parts import diagnostics, exposure, performance_index, regressions
from catalog.parts.performance_index import POOLED
from catalog.studies import STUDIES_DIR

Data = dict[str, Any]
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


def study_data(name: str = "mspi") -> Data:
    return yaml.safe_load((STUDIES_DIR / f"{name}.yaml").read_text(encoding="utf-8"))


def part(data: Data, name: str) -> Data:
    """The options of a part in a study's data, to be changed in place."""
    for entry in data["parts"]:
        if isinstance(entry, dict) and name in entry:
            return entry[name]
    raise KeyError(name)


def without(data: Data, *names: str) -> Data:
    data["parts"] = [entry for entry in data["parts"] if not set(entry) & set(names)]
    return data


def load(folder: Path, data: Data, name: str = "mspi") -> Study:
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    return load_study(path)


def refused(folder: Path, data: Data, message: str) -> None:
    with pytest.raises(CatalogError, match=message) as refusal:
        load(folder, data)
    assert "Value error" not in str(refusal.value)
    english, chinese = str(refusal.value).splitlines()[:2]
    for line in (english, chinese):
        assert line.startswith(str(folder / "mspi.yaml")), line
    assert not _CHINESE.search(english), english
    assert _CHINESE.search(re.sub(r"^ 第\d+行", "", chinese.partition("mspi.yaml")[2])), chinese


@pytest.mark.parametrize(
    ("section", "change", "message"),
    [
        ("exposure", {"numerator": "half"}, "exposure: numerator"),
        ("exposure", {"timing": "someday"}, "exposure: timing"),
        ("exposure", {"programmes": []}, "exposure: programmes"),
        ("performance_index", {"ddof": 2}, "performance_index: ddof"),
        ("performance_index", {"utilisation": "both"}, "performance_index: utilisation"),
        ("performance_index", {"weightings": ["heavy"]}, "performance_index: weightings"),
        (
            "performance_index",
            {"dimension": {}},
            "performance_index: dimension: unknown key; did you mean",
        ),
        ("regressions", {"headline": {"table_no": "Table 2", "model": "(9)", "term": "exposure"}}, "headline"),
        ("regressions", {"headline": {"table_no": "Table 2", "model": "(2)", "term": "ssi"}}, "is not a regressor"),
        ("performance_index", {"baseline_years": [2012, 2020]}, "baseline_years"),
        ("performance_index", {"baseline_years": [2020, 2015]}, "baseline_years"),
        ("treatment_timing", {"treatment": "weather"}, "weather"),
        ("treatment_timing", {"treatment": "mspi"}, "not a regressor of the headline"),
        ("exposure", {"map": {"year": 2030}}, "exposure: map.year 2030 lies outside"),
        ("specification_curve", {"choices": {"winsorise": [0.5]}}, "specification_curve: choices.winsorise"),
        ("products", {"mediators": ["weather"]}, "products: unknown variable 'weather'"),
        ("products", {"mediators": ["urbanization"]}, "products: urbanization: a control of the headline's model"),
        ("specification_curve", {"model": "(9)"}, "not declared"),
        ("specification_curve", {"term": "weather"}, "a term"),
        ("specification_curve", {"choices": {"controls": ["without_weather"]}}, "without_weather"),
        ("specification_curve", {"choices": {"lag": [0, 0]}}, "twice"),
        ("few_clusters", {"draws": 50}, "few_clusters: draws: Input should be greater than or equal to 99"),
        ("few_clusters", {"name": "More draws"}, "few_clusters: name: Text should match pattern"),
        ("few_clusters", {"seed": -1}, "few_clusters: seed: Input should be greater than or equal to 0"),
        ("products", {"seed": -1}, "products: seed: Input should be greater than or equal to 0"),
        ("specification_curve", {"seed": -1}, "specification_curve: seed: Input should be greater than or equal to 0"),
        ("diagnostics", {"cutoff_km": float("inf")}, "diagnostics: cutoff_km: Input should be a finite number"),
        ("treatment_timing", {"threshold": float("nan")}, "treatment_timing: threshold: Input should be a finite"),
        (
            "treatment_timing",
            {"further_thresholds": [0.4, 0.4]},
            "treatment_timing: further_thresholds, with threshold",
        ),
        ("treatment_timing", {"further_thresholds": [0]}, r"a number occurs twice in \[0.0, 0.0\]"),
        ("treatment_timing", {"smoothness": [0.1, 0.1]}, "treatment_timing: smoothness: a number occurs twice"),
        ("treatment_timing", {"relative_magnitudes": [-1]}, "departures is not negative"),
        ("products", {"mediators": ["ssi", "ssi"]}, "products: ssi: named twice among outcome, term and mediators"),
        ("products", {"mediators": ["mspi"]}, "products: mspi: named twice"),
        ("products", {"table_no": "Table 3"}, "products: table_no: 'Table 3' is a table of regressions"),
    ],
)
def test_contradictions_in_a_part(tmp_path: Path, section: str, change: Data, message: str) -> None:
    data = study_data()
    part(data, section).update(change)
    refused(tmp_path, data, message)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d["panel"].update(years=[2024, 2013]), r"panel: years must be \[first, last\]"),
        (lambda d: d["panel"].update(provisional_years=[2025]), "provisional_years must lie in 2013-2024"),
        (lambda d: d["panel"].update(provisional_years=0), "provisional_years"),
        (lambda d: d["panel"].update(provisional_years=[2024, 2024]), "provisional_years: a year occurs twice"),
        (lambda d: d["panel"].update(provisional_years=list(range(2013, 2025))), "provisional_years are all years"),
        (lambda d: d["variables"]["declared"]["urbanization"].update(scale=0), "urbanization.scale"),
        (lambda d: d["parts"].append({"diagnostics": False}), "diagnostics: Input should be keys with values"),
        (lambda d: d["panel"].update(unit="planet"), "unknown panel unit 'planet'; known: province, city, county"),
        (lambda d: d.update(title={"en": "x"}), "zh"),
        (lambda d: d.update(surprise=1), "surprise"),
        (lambda d: d["variables"].update(transform="sqrt"), "variables.transform"),
        (lambda d: d["variables"]["declared"].update(mspi={"indicator": "gdp"}), "the name mspi is reserved"),
        (lambda d: d["variables"]["declared"].update(entity_code={"indicator": "gdp"}), "entity_code is reserved"),
        (
            lambda d: d["variables"]["declared"]["gdp_per_capita"].update(indicator="gdp_per_head"),
            "unknown indicator 'gdp_per_head'",
        ),
        (
            lambda d: d["variables"]["declared"]["gdp_per_capita"].update(
                deflate={"indicator": "consumer_price_index", "base_year": 2012}
            ),
            "base_year 2012 lies outside",
        ),
        (lambda d: part(d, "performance_index")["dimensions"]["qii"].append("gdp"), "gdp is neutral in the registry"),
        (
            lambda d: part(d, "performance_index")["dimensions"]["qii"].append("newborn_visit_rate"),
            "dimensions: newborn_visit_rate occurs more than once",
        ),
        (
            lambda d: part(d, "regressions")["models"][0].update(regressors=["astrology"]),
            "unknown variable 'astrology'",
        ),
        (lambda d: part(d, "regressions")["models"][1]["regressors"].append("exposure"), "a variable is named twice"),
        (lambda d: part(d, "regressions")["models"][1].update(lags={"exposure": 2}), "1 is the most"),
        (
            lambda d: part(d, "regressions")["models"][0].update(lags={"urbanization": 1}),
            r"Table 2 \(1\): 'urbanization' is lagged but is not a regressor",
        ),
        (
            lambda d: part(d, "regressions")["models"].append({**part(d, "regressions")["models"][0]}),
            "two models share one table_no and model",
        ),
        (
            lambda d: part(d, "regressions")["models"][0].update(variant={"weighting": "heavy"}),
            "no variable comes in the variant weighting=heavy; known: .*weighting=entropy",
        ),
        (lambda d: d["panel"].update(provisional_years=[]), "specification_curve: without_provisional needs"),
    ],
)
def test_a_study_that_could_not_be_run_is_refused_when_it_is_loaded(
    tmp_path: Path, change: Callable[[Data], None], message: str
) -> None:
    data = study_data()
    change(data)
    refused(tmp_path, data, message)


def test_the_file_has_the_name_of_the_study(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="expected the file's name"):
        load(tmp_path, study_data(), "other")


def test_a_variant_nothing_comes_in_is_refused_without_an_index_too(tmp_path: Path) -> None:
    data = study_data("expenditure_gdp")
    part(data, "regressions")["models"][0]["variant"] = {"weighting": "entropy"}
    with pytest.raises(CatalogError, match="no variable comes in the variant weighting=entropy; known: none"):
        load(tmp_path, data, "expenditure_gdp")


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"regresions": {}}, "unknown part 'regresions'; known: regressions"),
        ("alchemy", "unknown part 'alchemy'"),
        ({"diagnostics": {}, "products": {}}, "each part is written as `- id: {options}`"),
        (7, "each part is written as"),
        ({"diagnostics": {}}, "diagnostics occurs twice; give one of them a name"),
        (
            {"exposure": {**part(study_data(), "exposure"), "name": "again"}},
            "exposure occurs twice, and its results could not be told apart",
        ),
    ],
)
def test_entries_that_are_no_part(tmp_path: Path, entry: Any, message: str) -> None:
    data = study_data()
    data["parts"].append(entry)
    refused(tmp_path, data, message)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"few_clusters": {"name": "seed_1", "seed": 1}}, "few_clusters occurs twice, and its results could not"),
        ({"regressions": {**part(study_data(), "regressions"), "name": "b"}}, "regressions occurs twice"),
        ({"diagnostics": {"name": ""}}, "diagnostics occurs twice; give one of them a name"),
    ],
)
def test_a_second_part_of_a_kind_must_be_told_apart(tmp_path: Path, entry: Any, message: str) -> None:
    data = study_data()
    data["parts"].append(entry)
    refused(tmp_path, data, message)


def test_a_first_part_of_a_kind_has_no_name(tmp_path: Path) -> None:
    data = study_data()
    part(data, "few_clusters")["name"] = "b"
    refused(tmp_path, data, "few_clusters has the name 'b'; only a second one of a kind has one")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.update(id="everything"), "everything is the name of the job that runs every study"),
        (lambda d: d.update(title={"en": "x", "zh": " "}), "a study is called something in both languages"),
        (lambda d: d["panel"].update(years=[0, 99999]), "expected 1949 to 2100"),
        (lambda d: part(d, "regressions")["models"][0].update(model=""), "at least 1 character"),
        (lambda d: part(d, "performance_index")["dimensions"].pop("qii"), "qii has no indicator"),
        (lambda d: part(d, "performance_index")["dimensions"].update(ssi=[]), "ssi has no indicator"),
        (
            lambda d: part(d, "performance_index")["dimensions"].update(ssi=["visits_per_resident"]),
            "visits_per_resident is not a utilisation series with two bases",
        ),
    ],
)
def test_what_could_only_fail_later_is_refused(tmp_path: Path, change: Any, message: str) -> None:
    data = study_data()
    change(data)
    refused(tmp_path, data, message)


def test_a_part_may_stand_twice_under_a_name_and_bare_without_options(tmp_path: Path) -> None:
    data = study_data()
    data["parts"] += [{"diagnostics": {"name": "near", "cutoff_km": 500}}]
    [comparison] = [entry for entry in data["parts"] if "comparison" in entry]
    data["parts"][data["parts"].index(comparison)] = "comparison"
    study = load(tmp_path, data)
    assert [options.name for options in study.all(diagnostics.Options)] == ["", "near"]
    assert study.options(diagnostics.Options).cutoff_km == 1000
    assert "comparison" in [options.part() for options in study.parts]


@pytest.mark.parametrize(
    ("absent", "message"),
    [
        (("regressions",), "has no part regressions; its parts: performance_index, exposure"),
        (("performance_index",), "unknown variable 'mspi'"),
        (("exposure",), "unknown variable 'exposure'"),
    ],
)
def test_parts_that_rest_on_one_the_study_lacks(tmp_path: Path, absent: tuple[str, ...], message: str) -> None:
    refused(tmp_path, without(study_data(), *absent), message)


def test_no_part_is_required(tmp_path: Path) -> None:
    data = {**study_data(), "parts": []}
    assert load(tmp_path, data).parts == ()
    assert load(tmp_path, {key: data[key] for key in ("id", "title", "panel")}).indicators == ()


def test_parts_of_one_unit_are_refused_for_another(tmp_path: Path) -> None:
    data = without(study_data(), "comparison", "mspi_findings")
    data["panel"]["unit"] = "county"
    refused(tmp_path, data, "exposure is a share of a province's units; the panel's unit is county")
    for change, message in (
        ({"without": ["municipalities"]}, "municipalities are provinces; the panel's unit is county"),
        ({"region_years": True}, "region x year effects need regions, which only provinces have"),
    ):
        county = study_data("expenditure_gdp")
        county["panel"]["unit"] = "county"
        part(county, "regressions")["models"][0].update(change)
        with pytest.raises(CatalogError, match=message):
            load(tmp_path, county, "expenditure_gdp")


def test_a_comparison_needs_a_paper(tmp_path: Path) -> None:
    data = study_data()
    del data["paper"]
    refused(tmp_path, data, "comparison: paper: the study names none")


@pytest.mark.parametrize("key", ["years", "controls", "models", "index", "exposure", "headline", "cluster"])
def test_a_file_of_the_kind_before_parts_is_refused_with_what_helps(tmp_path: Path, key: str) -> None:
    refused(
        tmp_path, {"id": "mspi", "title": {"en": "e", "zh": "z"}, key: {}}, "`medpanel migrate study FILE` converts it"
    )
    refused(tmp_path, {"id": "mspi", "title": {"en": "e", "zh": "z"}, key: {}}, "旧格式")


def test_the_volume_basis_picks_the_series() -> None:
    index = load_studies()["mspi"].options(performance_index.Options)
    assert [name for _, name in index.pairs][:2] == ["visits_per_resident", "admission_rate"]
    counts = index.model_copy(update={"volume_basis": "count"})
    assert [name for _, name in counts.pairs][:2] == ["outpatient_visits", "hospital_admissions"]
    assert index.readings == ("volume", "substitution")
    assert index.model_copy(update={"utilisation": "mixed"}).readings == ("mixed", "volume", "substitution")
    assert index.variants == ("weighting=first_component", "weighting=entropy")
    frozen = index.model_copy(update={"baseline_years": (2013, 2020), "weightings": ("equal",)})
    assert frozen.variants == (POOLED,) == ("standardised=pooled",)


def test_the_indicators_of_a_study_are_those_of_its_variables_and_parts() -> None:
    study = load_studies()["mspi"]
    declared = study.variables.indicators
    assert study.indicators[: len(declared)] == declared
    # The curve tries other bases of volume, which need their own series.
    assert {"visits_per_resident", "outpatient_visits", "hospital_admissions"} <= set(study.indicators)
    plain = study.model_copy(update={"parts": study.all(performance_index.Options)})
    assert "outpatient_visits" not in plain.indicators and "visits_per_resident" in plain.indicators


def test_the_summary_gives_way_to_a_regression_table_of_its_number() -> None:
    studies = load_studies()
    assert studies["mspi"].options(regressions.Options).summary_table == "Table 1"
    assert studies["digital_finance"].options(regressions.Options).summary_table == "Summary statistics"


def test_finding_and_changing_the_options_of_a_part() -> None:
    study = load_studies()["mspi"]
    finance = load_studies()["digital_finance"]
    assert finance.find(exposure.Options) is None
    with pytest.raises(
        CatalogError, match="digital_finance has no part exposure; its parts: regressions, few_clusters"
    ):
        finance.options(exposure.Options)
    changed = study.with_options(study.options(diagnostics.Options).model_copy(update={"power": 0.9}))
    assert changed.options(diagnostics.Options).power == 0.9
    assert [options.part() for options in changed.parts] == [options.part() for options in study.parts]
    assert changed.with_options(study.options(diagnostics.Options)) == study


def test_names_a_model_may_use() -> None:
    study = load_studies()["mspi"]
    assert {name: options.part() for name, options in study.offered.items()} == {
        "mspi": "performance_index", "ssi": "performance_index", "qii": "performance_index",
        "hmi": "performance_index", "exposure": "exposure",
    }  # fmt: skip
    assert study.variable_names == {*study.offered, *study.variables.declared}


def test_a_study_survives_being_written_and_read() -> None:
    for study in load_studies().values():
        entries = [{options.part(): options.model_dump(mode="json")} for options in study.parts]
        data = {**study.model_dump(mode="json"), "parts": entries}
        assert Study.model_validate(data) == study


def test_every_part_is_found_by_the_name_of_its_module() -> None:
    folder = Path(performance_index.__file__).parent
    assert set(known_parts()) == {path.stem for path in folder.glob("*.py")} - {"__init__"}
    for name, options in known_parts().items():
        assert issubclass(options, PartOptions) and options.part() == name
        assert (options.__doc__ or "").strip() not in ("", (PartOptions.__doc__ or "").strip()), name


def test_a_part_without_options_of_its_own_offers_nothing() -> None:
    class Options(PartOptions):
        """A toy."""

    study = Study(
        id="toy", title=Text(en="t", zh="t"), panel={"years": (2000, 2001)}, parts=(Options(),)
    )  # fmt: skip
    made = study.parts[0]
    assert (made.offers, made.readings, made.variants, made.indicators(study)) == ((), (), (), ())
    assert study.offered == {} and study.variable_names == frozenset()


@pytest.mark.parametrize(
    ("declared", "found", "versions"),
    [({}, (2013, 2020), 1), ({"baseline_years": [2014, 2022]}, (2014, 2022), 1), ({"baseline_years": None}, None, 0)],
)
def test_an_index_that_goes_on_with_the_data_has_a_baseline_that_does_not_move(
    tmp_path: Path, declared: Data, found: tuple[int, int] | None, versions: int
) -> None:
    data = study_data("mspi_latest")
    part(data, "performance_index").update(declared)
    study = load(tmp_path, data, "mspi_latest")
    for last in (2024, 2030):
        index = study.until(last).fitting().options(performance_index.Options)
        assert index.baseline_years == found
        assert index.variants.count(POOLED) == versions


def test_an_index_of_declared_years_has_a_baseline_only_if_it_says_so() -> None:
    assert load_studies()["mspi"].options(performance_index.Options).baseline_years is None


def test_the_office_s_study_is_the_paper_s_but_for_its_years() -> None:
    """What is computed does not differ where the two files say the same."""
    paper, office = load_studies()["mspi"], load_studies()["mspi_latest"].until(2024)
    assert (office.years, office.provisional_years) == (paper.years, paper.provisional_years)
    assert office.variables == paper.variables
    own = {"map": None, "weightings": (), "baseline_years": None}
    for kind in (exposure.Options, performance_index.Options):
        ours, theirs = (dict(study.options(kind)) for study in (office, paper))
        assert {**ours, **{key: own[key] for key in own if key in ours}} == {
            **theirs, **{key: own[key] for key in own if key in theirs},
        }  # fmt: skip


def test_a_fingerprint_of_a_study_tells_its_last_year() -> None:
    office = load_studies()["mspi_latest"]
    assert len({*map(str, (office.content, office.until(2024).content, office.until(2025).content))}) == 3


@pytest.mark.parametrize(
    ("name", "section", "change", "message"),
    [
        ("mspi_latest", "exposure", {"map": {"year": 2012}}, r"map.year 2012 lies outside \[2013, 'latest'\]"),
        ("mspi_latest", "performance_index", {"baseline_years": [2012, 2020]}, "within 2013-latest"),
    ],
)
def test_what_an_open_study_can_never_hold_is_refused(
    tmp_path: Path, name: str, section: str, change: Data, message: str
) -> None:
    data = study_data(name)
    part(data, section).update(change)
    with pytest.raises(CatalogError, match=message):
        load(tmp_path, data, name)
    part(data, section).update({"map": {"year": 2030}} if section == "exposure" else {"baseline_years": [2013, 2030]})
    with pytest.raises(CatalogError, match=r"mspi_latest, 2013-2024: .*(outside|within)"):
        load(tmp_path, data, name).until(2024).fitting()


def test_every_table_of_regressions_says_what_it_is_for() -> None:
    for study in load_studies().values():
        for options in study.all(regressions.Options):
            assert set(options.titles) == {model.table_no for model in options.models}, study.id
