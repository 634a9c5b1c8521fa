"""Study files from before parts, converted: the same study, its comments kept, anything else refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from catalog import Study, load_studies, load_study
from catalog.base import CatalogError
from catalog.parts import exposure, performance_index, regressions
from catalog.studies import STUDIES_DIR
from medpanel.cli import app
from medpanel.migrate import migrated_study
from medpanel.migrate.study_text import comments_of

BEFORE = Path(__file__).parent / "before"
NAMES = ("digital_finance", "expenditure_gdp", "mspi")
Data = dict[str, Any]


def old_text(name: str) -> str:
    return (BEFORE / f"{name}.yaml").read_text(encoding="utf-8")


def written(folder: Path, text: str, name: str = "mspi") -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def changed(folder: Path, change: Callable[[Data], None], name: str = "mspi") -> Path:
    """An old file without comments, with its data changed."""
    data = yaml.safe_load(old_text(name))
    change(data)
    return written(folder, yaml.safe_dump(data, allow_unicode=True, sort_keys=False), name)


def loaded(folder: Path, old: Path) -> Study:
    """The study of the file written anew."""
    (folder / "new").mkdir(exist_ok=True)
    return load_study(written(folder / "new", migrated_study(old).text, old.stem))


def today(name: str) -> Study:
    """The project's study, ended where its old file ended if it has since been opened, and without the titles of its
    tables, which no old file had."""
    study = load_studies()[name]
    for part in study.all(regressions.Options):
        study = study.with_options(part.model_copy(update={"titles": {}}))
    return study.until(2024) if study.panel.open else study


@pytest.mark.parametrize("name", NAMES)
def test_the_projects_own_files_become_the_studies_they_are_today(tmp_path: Path, name: str) -> None:
    assert loaded(tmp_path, BEFORE / f"{name}.yaml") == today(name)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_from_data_alone_says_the_same(tmp_path: Path, name: str) -> None:
    assert loaded(tmp_path, changed(tmp_path, lambda data: None, name)) == today(name)


@pytest.mark.parametrize("name", NAMES)
def test_the_old_file_itself_is_refused_with_the_advice_to_migrate(tmp_path: Path, name: str) -> None:
    with pytest.raises(CatalogError, match="format used before parts; `medpanel migrate study FILE` converts it"):
        load_study(written(tmp_path, old_text(name), name))


@pytest.mark.parametrize("name", NAMES)
def test_comments_stay_and_what_is_lost_is_said(name: str) -> None:
    made = migrated_study(BEFORE / f"{name}.yaml")
    kept, before = comments_of(made.text), comments_of(old_text(name))
    assert list(made.lost) == [comment for comment in before if comment not in kept]
    # Only what stood inside the section of Figure 1, which is one line now.
    assert list(made.lost) == (["last | mean | a year"] if name == "mspi" else [])
    assert made.remarks == ()


def test_comments_stand_where_they_stood() -> None:
    text = migrated_study(BEFORE / "mspi.yaml").text
    for comment, then in (
        ("# Every key is a decision", "id: mspi"),
        ("# The printed tables these are compared with", "paper: MSPI paper"),
        ("  # Figures of these years may still be revised", "  provisional_years: [2024]"),
        ("      # Divisor of the standard deviation", "      ddof: 1"),
        ("        # The paper lists no further control in (3)", "        - {table_no: Table 2, model: (3), "),
        ("  # Table 4b: products of coefficients.", "  - products:"),
    ):
        lines = text.splitlines()
        [place] = [i for i, line in enumerate(lines) if line.startswith(comment)]
        assert lines[place + 1].startswith(then), comment
    assert "regressors: &all [" in text and "regressors: *all" in text
    assert "numerator: covered              # covered | prefecture_only" in text


HEAD = """# About this study.
id: small
title: {en: Small, zh: 小}
"""
REST = """years: [2013, 2015]
controls: {transform: raw, variables: {ln_gdp: {indicator: gdp, log: true}, debt: {indicator: budget_expenditure}}}
cluster: province_code
models: [{table_no: T, model: a, outcome: ln_gdp, regressors: [debt], weighting: equal}]
headline: {table_no: T, model: a, term: debt}
design: {}
inference: null
"""


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        (HEAD + REST, []),
        (HEAD + REST.replace("{table_no: T, model: a, outcome", "{weighting: equal, table_no: T, model: a, outcome")
         .replace("[debt], weighting: equal}", "[debt]}") + "# The end.\n", ["The end."]),
        ("---\n" + HEAD + REST, []),
        (HEAD + REST.replace("cluster:", "# By province.\ncluster:") + "# The end.\n", ["By province."]),
        ("\ufeff" + HEAD + REST.replace("\n", "\r\n"), []),
        (HEAD + REST.replace("years: [2013, 2015]", "? years\n: [2013, 2015]"), []),
        (HEAD + REST.replace("years: [2013, 2015]", "years:\n- 2013\n# Why not later.\n- 2015"), []),
        (
            HEAD + REST.replace(
                "models: [{table_no: T, model: a, outcome: ln_gdp, regressors: [debt], weighting: equal}]",
                "models:\n- weighting: equal\n  table_no: T\n  # Why.\n  model: a\n  outcome: ln_gdp\n  regressors:\n"
                "  - debt\n",
            ),
            [],
        ),
        (yaml.safe_dump(yaml.safe_load(HEAD + REST), default_flow_style=True, allow_unicode=True), []),
    ],
    ids=["braces", "opening braces", "document", "above what is gone", "windows", "key alone", "lists", "lines", "one"],
)  # fmt: skip
def test_any_way_of_writing_the_same_file_gives_the_same_study(tmp_path: Path, text: str, lost: list[str]) -> None:
    path = tmp_path / "small.yaml"
    path.write_bytes(text.encode("utf-8"))
    study = loaded(tmp_path, path)
    assert study == loaded(tmp_path, written(tmp_path, HEAD + REST, "small"))
    assert [part.part() for part in study.parts] == ["regressions", "diagnostics"]
    assert study.options(regressions.Options).models[0].variant == {}
    path.write_bytes(text.encode("utf-8"))
    made = migrated_study(path)
    assert list(made.lost) == lost
    assert ("# About this study." in made.text) == ("# About this study." in text)


def test_weights_given_by_reference_are_kept(tmp_path: Path) -> None:
    text = old_text("mspi")
    assert text.count("weighting: entropy") == text.count("weighting: first_component") == 1
    text = text.replace("weighting: first_component", "weighting: &w entropy").replace(
        "weighting: entropy", "weighting: *w"
    )
    models = loaded(tmp_path, written(tmp_path, text)).options(regressions.Options).models
    variants = {model.model: model.variant for model in models if model.variant}
    assert variants == {name: {"weighting": "entropy"} for name in ("(3)", "(3) entropy")}


def test_an_index_without_a_paper_has_no_findings_and_that_is_said(tmp_path: Path) -> None:
    path = changed(tmp_path, lambda data: data.pop("paper"))
    assert not {"comparison", "mspi_findings"} & {part.part() for part in loaded(tmp_path, path).parts}
    [remark] = migrated_study(path).remarks
    assert "mspi_findings" in remark.en and "mspi_findings" in remark.zh


def test_weights_of_the_index_are_those_models_use(tmp_path: Path) -> None:
    def equal(data: Data) -> None:
        for model in data["models"]:
            model.pop("weighting", None)

    study = loaded(tmp_path, changed(tmp_path, equal))
    assert study.options(performance_index.Options).weightings == ()
    assert all(model.variant == {} for model in study.options(regressions.Options).models)


def test_the_map_of_figure_1_becomes_one_of_the_exposure(tmp_path: Path) -> None:
    study = loaded(tmp_path, changed(tmp_path, lambda data: data["figure_1"].update(year="mean", classes=4)))
    shown = study.options(exposure.Options).map
    assert shown is not None and (shown.number, shown.year, shown.classes) == ("Figure 1", "mean", 4)
    bare = loaded(tmp_path, changed(tmp_path, lambda data: data.pop("figure_1")))
    assert bare.options(exposure.Options).map is None


def test_a_map_of_nothing_is_left_out_and_that_is_said(tmp_path: Path) -> None:
    path = changed(tmp_path, lambda data: data.update(figure_1={"year": "last", "classes": 5}), "digital_finance")
    assert loaded(tmp_path, path) == today("digital_finance")
    [remark] = migrated_study(path).remarks
    assert "figure_1 is left out" in remark.en


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            (STUDIES_DIR / "mspi.yaml").read_text(encoding="utf-8"),
            "already has today's format; nothing to do",
        ),
        ("- 1\n- 2\n", ": not a study file /"),
        ("", ": not a study file /"),
        ("id: x\nyears: [2013, 2014]\n", "it lacks title, controls, cluster, models, headline. Correct it first"),
        (old_text("mspi") + "colour: red\n", "it has colour. Correct it first"),
        (old_text("mspi").replace("headline:", "headlines:"), "it lacks headline; it has headlines"),
        ("id: x\nid: y\n", "the key 'id' occurs twice"),
        (HEAD + REST.replace("models: [{", "models: {a: {").replace("equal}]", "equal}}"), "a list of mappings"),
        (old_text("mspi").replace("indicator: gdp_per_capita", "indicator: gdp_percapita"), "unknown indicator"),
        (HEAD + REST + "index: [mspi]\nfigure_1: last\n", "index, figure_1 must be a mapping"),
        (HEAD + REST.replace("design: {}", "design: false"), "design must be a mapping, or left out"),
        (HEAD + REST.replace("cluster: province_code", "cluster: region"), "cluster is 'region'"),
        (HEAD + REST.replace("weighting: equal", "weighting: [equal]"), "`weighting` one word"),
    ],
)
def test_a_file_that_is_no_study_of_the_old_kind_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(CatalogError, match=message) as refusal:
        migrated_study(path)
    assert str(path) in str(refusal.value)
    with pytest.raises(CatalogError, match="no such file"):
        migrated_study(tmp_path / "nobody.yaml")


# The command


def invoke(*arguments: str | Path) -> Any:
    return CliRunner().invoke(app, ["migrate", "study", *map(str, arguments)])


def test_the_command_prints_the_new_file_and_leaves_the_old_one(tmp_path: Path) -> None:
    path = written(tmp_path, old_text("mspi"))
    result = invoke(path)
    assert result.exit_code == 0
    assert result.stdout == migrated_study(path).text
    assert "comment left out / 未保留的注释: last | mean | a year" in result.stderr
    assert path.read_text(encoding="utf-8") == old_text("mspi")


def test_the_command_writes_beside_or_in_place_when_told(tmp_path: Path) -> None:
    path = written(tmp_path, old_text("digital_finance"), "digital_finance")
    (tmp_path / "new").mkdir()
    beside = tmp_path / "new" / "digital_finance.yaml"
    assert invoke(path, "--out", beside).exit_code == 0
    assert load_study(beside) == today("digital_finance")
    again = invoke(path, "--out", beside)
    assert again.exit_code == 1 and "is not overwritten" in again.stderr
    assert path.read_text(encoding="utf-8") == old_text("digital_finance")
    both = invoke(path, "--in-place", "--out", tmp_path / "x.yaml")
    assert both.exit_code == 1 and "use either --in-place or --out, not both" in both.stderr
    assert invoke(path, "--in-place").exit_code == 0
    assert path.read_bytes() == beside.read_bytes()
    assert load_study(path) == today("digital_finance")


def test_a_refused_file_is_left_as_it_is(tmp_path: Path) -> None:
    text = (STUDIES_DIR / "mspi.yaml").read_text(encoding="utf-8")
    path = written(tmp_path, text)
    result = invoke(path, "--in-place")
    assert isinstance(result.exception, CatalogError)
    assert path.read_text(encoding="utf-8") == text
