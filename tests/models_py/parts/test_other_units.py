"""Studies of another unit than provinces, and of one part alone, run from a study file with nothing said in code.

Belongs here: forty made-up counties through every part that knows no unit. Does not belong here: numbers of the parts.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from catalog import load_study, load_tables
from catalog.studies import STUDIES_DIR
from models_py.figures.table import ReportTable
from models_py.panel import KEYS, province_panel
from models_py.parts.frame import Seen
from models_py.parts.registry import PartError, needs_of, parts_of, results_of, run_study, shows_of
from tests.models_py.parts.made_up import (
    CODES,
    COUNTIES,
    Frames,
    county_figures,
    county_panel,
    county_study,
)

PARTS = {
    "regressions": "",
    "few_clusters": "  - few_clusters: {draws: 99, permutations: 99}\n",
    "diagnostics": "  - diagnostics: {cutoff_km: 100}\n",
    "treatment_timing": (
        "  - treatment_timing: {treatment: reform, further_thresholds: [0.4], leads: 2, lags: 3, "
        "relative_magnitudes: [1.0], smoothness: [0.1]}\n"
    ),
    "products": (
        "  - products: {table_no: Table 4, outcome: visits, term: reform, mediators: [admissions], draws: 99}\n"
    ),
    "specification_curve": (
        "  - specification_curve: {table_no: Table 2, model: (2), term: reform, draws: 99, "
        "choices: {controls: [all, none], lag: [0, 1], winsorise: [0, 0.05], effects: [year, year_trends]}}\n"
    ),
}
# Words only a study of provinces may print. Codes of units are digits, so that names of columns stay out of it.
OF_PROVINCES = r"[Pp]rovinc|省|直辖市|municipalit"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Frames:
    """Every table of the counties' study, all parts together."""
    study = county_study(tmp_path_factory.mktemp("counties"), "".join(PARTS.values()))
    return run_study(study, county_panel(), {"figures": county_figures()}, "synthetic")


def texts_of(frame: pd.DataFrame) -> pd.Series:
    """Every text of a table in one column."""
    columns = [frame[name].dropna().astype(str) for name in frame if not pd.api.types.is_numeric_dtype(frame[name])]
    return pd.concat(columns) if columns else pd.Series(dtype="str")


def test_every_part_fills_its_tables_for_counties(made: Frames, tmp_path: Path) -> None:
    study = county_study(tmp_path, "".join(PARTS.values()))
    assert {one.id for one in parts_of(study)} == set(PARTS)
    assert set(made) == set(results_of(study))
    for name, frame in made.items():
        table = load_tables()[name]
        assert list(frame.columns) == [column for column in table.columns if column != "data_kind"], name
        assert len(frame) and set(frame["study"]) == {"counties"}, name
        assert not frame.duplicated(list(table.key)).any(), name
        assert frame[list(table.key)].notna().all(axis=None), name


def test_entities_are_named_by_code_and_level_and_no_province(made: Frames) -> None:
    of_entities = {name: frame for name, frame in made.items() if load_tables()[name].entity}
    assert "twfe_weight" in of_entities
    for name, frame in of_entities.items():
        of_units = frame[frame["entity_code"].notna()]
        assert len(of_units), name
        assert set(of_units["entity_code"]) <= set(COUNTIES["entity_code"]), name
        assert set(of_units["entity_level"]) == {"county"}, name
        assert frame["province_code"].isna().all(), name
    left_out = made["influence"].groupby("kind")["left_out"]
    assert set(left_out.groups) == {"county", "year"}
    assert set(left_out.get_group("county")) == set(COUNTIES["entity_code"])


@pytest.mark.parametrize("part", list(PARTS))
def test_no_text_speaks_of_provinces(tmp_path: Path, part: str) -> None:
    study = county_study(tmp_path, PARTS[part])
    tables = run_study(study, county_panel(), {"figures": county_figures()}, "synthetic")
    for name, frame in tables.items():
        texts = texts_of(frame)
        found = texts[texts.str.contains(OF_PROVINCES)]
        assert found.empty, (name, found.iloc[0])


def test_everything_shown_is_made_and_speaks_of_no_province(made: Frames, tmp_path: Path) -> None:
    study = county_study(tmp_path, "".join(PARTS.values()))
    seen = Seen(study, county_panel(), made, "synthetic")
    shown = [(one.id, item) for one, show in shows_of(study) for item in show.make(seen, one.options)]
    assert {part for part, _ in shown} == set(PARTS)
    for part, item in shown:
        said = repr(item) if isinstance(item, ReportTable) else repr(item.title)
        assert not re.search(OF_PROVINCES, said), (part, item.stem)


def test_what_is_said_speaks_of_counties_by_name(made: Frames) -> None:
    note = made["model_fit"].set_index(["model", "sample"])
    english, chinese = note.loc[("(2)", "all"), "note_en"], note.loc[("(2)", "all"), "note_zh"]
    assert (
        "40 counties x 10 years (2010-2019), 399 rows, 1 dropped (合成县01 Synthetic 01 (330102) 2017: visits)"
        in english
    )
    assert "Two-way fixed effects (county, year)" in english and "clustered by county, 40 clusters" in english
    assert "40个县×10年" in chinese and "按县聚类" in chinese
    assert ("(2)", "without 2019") in note.index
    assert "39 county-specific linear trends" in note.loc[("trends", "all"), "note_en"]
    extremes = made["summary_statistic"].set_index("variable").loc["visits", ["min_at", "max_at"]]
    assert extremes.str.contains("Synthetic").all()


def test_the_counties_regressions_are_least_squares_with_their_dummies(made: Frames) -> None:
    frame = county_figures().dropna().reset_index(drop=True)
    whole = county_figures()
    logs = np.log(whole["budget_expenditure_per_capita"])
    budget = ((logs - logs.mean()) / logs.std(ddof=1))[whole["visits_per_resident"].notna()].to_numpy()
    dummies = pd.get_dummies(frame[KEYS].astype(str), dtype=float)
    design = np.column_stack([frame["urban_share"] * 0.01, budget, dummies])
    beta = np.linalg.lstsq(design, np.log(frame["visits_per_resident"].to_numpy()), rcond=None)[0]
    rows = made["estimate"].query("model == '(2)' and sample == 'all' and method == 'cr1' and table_no == 'Table 2'")
    np.testing.assert_allclose(rows.set_index("term").loc[["reform", "budget"], "estimate"], beta[:2], rtol=1e-9)
    assert set(rows["n_obs"]) == {399}


def test_figures_of_other_counties_are_refused_by_the_panels_unit(tmp_path: Path) -> None:
    study = county_study(tmp_path)
    strange = county_figures().replace({"entity_code": {330102: 999999}})
    with pytest.raises(ValueError, match="none of the 40 counties: 999999"):
        run_study(study, county_panel(), {"figures": strange}, "synthetic")
    with pytest.raises(PartError, match="counties: the part regressions needs the input figures"):
        run_study(study, county_panel(), {}, "synthetic")


def test_counties_have_no_table_in_the_warehouse_so_their_figures_are_handed_in(tmp_path: Path) -> None:
    study = county_study(tmp_path)
    [one] = parts_of(study)
    with pytest.raises(PartError, match=r"needs figures, and .*names no table of it for counties; name one there"):
        needs_of(study, one)


# One part alone

INDEX = next(entry for entry in yaml.safe_load((STUDIES_DIR / "mspi.yaml").read_text(encoding="utf-8"))["parts"]
             if "performance_index" in entry)  # fmt: skip


def test_a_study_of_one_part_without_regressions_runs_from_a_file(tmp_path: Path) -> None:
    header = {"id": "index_alone", "title": {"en": "An index alone", "zh": "仅指数"}}
    data = {**header, "panel": {"unit": "province", "years": [2013, 2015]}, "parts": [INDEX]}
    path = tmp_path / "index_alone.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    study = load_study(path)
    rng = np.random.default_rng(8)
    figures = pd.DataFrame([(code, year) for code in CODES for year in (2013, 2014, 2015)], columns=KEYS)
    figures = figures.assign(**{name: np.exp(rng.normal(size=len(figures))) for name in study.indicators})
    made = run_study(study, province_panel(study.years), {"figures": figures}, "synthetic")
    assert set(made) == {"performance_index", "indicator_score"} == set(results_of(study))
    index = made["performance_index"]
    assert len(index) == 31 * 3 * 2 * 3 and set(index["study"]) == {"index_alone"}
    assert index["province_code"].tolist() == index["entity_code"].tolist()


def test_a_study_of_no_part_makes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "bare.yaml"
    path.write_text("id: bare\ntitle: {en: Bare, zh: 空}\npanel: {unit: city, years: [2013, 2015]}\n", encoding="utf-8")
    study = load_study(path)
    assert run_study(study, county_panel(), {}, "synthetic") == {} == results_of(study)
