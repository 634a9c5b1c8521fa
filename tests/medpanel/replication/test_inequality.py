"""The scripts of inequality: the Python script of the bundle finds numbers made here by other formulas."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from catalog import load_studies
from catalog.parts.inequality import Options
from medpanel.replication import Computed, scripts_of, write_bundle
from models_py.panel import ENTITY, province_panel
from models_py.parts.inequality.replicate import KEYS, replicate
from models_py.parts.registry import all_parts, replicated_of, run_study, work_of
from tests.medpanel.replication.written import require_balanced

PANEL = province_panel((2019, 2021))
RESOURCES = ("beds", "physicians")
BASIS = {"population": "resident_population", "area": "land_area"}


def options(**changes: Any) -> SimpleNamespace:
    """As the options of the part have them."""
    theil = SimpleNamespace(form=changes.pop("form", "L"), log=changes.pop("log", "e"))
    given = {"resources": RESOURCES, "basis": BASIS, "groups": "region", "ranked_by": "gdp_per_capita"}
    return SimpleNamespace(**{**given, "theil": theil, "atkinson": (0.5, 1.0, 2.0), **changes})


@pytest.fixture(scope="module")
def figures() -> pd.DataFrame:
    """Made-up figures of all provinces: one gap, ties in rank, a province without any physicians in 2021."""
    rng = np.random.default_rng(11)
    rows = pd.DataFrame(product(PANEL.codes, range(2019, 2022)), columns=[ENTITY, "year"])
    for name in (*RESOURCES, *BASIS.values()):
        rows[name] = np.exp(rng.normal(3, 1, len(rows)))
    rows["gdp_per_capita"] = rng.integers(1, 12, len(rows)).astype(float)
    rows.loc[4, "beds"] = np.nan
    rows.loc[(rows[ENTITY] == 540000) & (rows["year"] == 2021), "physicians"] = 0.0
    return rows


def published(figures: pd.DataFrame, asked: SimpleNamespace) -> dict[str, pd.DataFrame]:
    """The part's tables with the numbers scripts look for, by formulas of pairs and of moments."""
    regions = {entity.code: entity.region for entity in PANEL.entities}
    scale = np.log(10) if asked.theil.log == "10" else 1.0
    whole, measures, groups = [], [], []
    for resource, (basis, indicator), year in product(asked.resources, asked.basis.items(), range(2019, 2022)):
        one = figures[figures["year"] == year].dropna(subset=[resource, indicator])
        w = one[indicator].to_numpy() / one[indicator].sum()
        x = one[resource].to_numpy() / one[indicator].to_numpy()
        region, rank = one[ENTITY].map(regions).to_numpy(), one[asked.ranked_by].to_numpy()
        place = {"resource": resource, "basis": basis, "year": year}
        mld, t = mean_log_deviation(w, x), theil_t(w, x)
        among_w = np.array([w[region == name].sum() for name in np.unique(region)])
        among_x = np.array([(w * x)[region == name].sum() for name in np.unique(region)]) / among_w
        between = {"L": mean_log_deviation(among_w, among_x), "T": theil_t(among_w, among_x)}
        pairs = (np.outer(w, w) * abs(x[:, None] - x)).sum() / (2 * (w * x).sum())
        row = {**place, "n": len(one), "gini": pairs, "theil": mld, "theil_within": mld - between["L"]}
        whole.append({**row, "theil_between": between["L"]})
        lower = np.array([(w * (rank < own)).sum() + (w * (rank == own)).sum() / 2 for own in rank])
        mean = (w * x).sum()
        covariance = (w * (x - mean) * (lower - (w * lower).sum())).sum()
        found = {"gini": pairs, "theil_l": mld / scale, "theil_t": t / scale, "concentration": 2 / mean * covariance}
        for aversion in asked.atkinson:
            found[f"atkinson_{aversion:g}"] = 1 - equally_spread(w, x, aversion) / mean
        found["gini_change"] = 99.0
        measures += [{**place, "measure": name, "value": value} for name, value in found.items()]
        index = mean_log_deviation if asked.theil.form == "L" else theil_t
        for number, name in enumerate(np.unique(region)):
            own, at = index(w[region == name], x[region == name]), region == name
            share = among_w[number] if asked.theil.form == "L" else (w * x)[at].sum() / mean
            ratio = among_x[number] / mean
            term = -among_w[number] * np.log(ratio) if asked.theil.form == "L" else share * np.log(ratio)
            made = {"theil": own / scale, "within": share * own / scale, "between": term / scale}
            groups.append({**place, "group_name": name, **made})
    tables = {"inequality": whole, "inequality_measure": measures, "inequality_group": groups}
    made = {name: pd.DataFrame(rows) for name, rows in tables.items()}
    # What is not defined is published without a value.
    return {name: frame.replace([np.inf, -np.inf], np.nan) for name, frame in made.items()}


def mean_log_deviation(w: np.ndarray, x: np.ndarray) -> float:
    """ln of the mean less the mean of ln."""
    with np.errstate(divide="ignore"):
        return float(np.log(np.average(x, weights=w)) - np.average(np.log(x), weights=w))


def theil_t(w: np.ndarray, x: np.ndarray) -> float:
    ratio = x / np.average(x, weights=w)
    return float(np.average(ratio * np.log(np.where(ratio > 0, ratio, 1)), weights=w))


def equally_spread(w: np.ndarray, x: np.ndarray, aversion: float) -> float:
    """The level that, had by all, is worth as much."""
    with np.errstate(divide="ignore"):
        if aversion == 1:
            return float(np.exp((w * np.log(x)).sum()))
        return float((w * x ** (1 - aversion)).sum() ** (1 / (1 - aversion)))


def bundle(figures: pd.DataFrame, folder: Path, **changes: Any) -> pd.DataFrame:
    """Writes the bundle; the expected numbers."""
    asked = options(**changes)
    work: Any = SimpleNamespace(options=asked, panel=PANEL, tables={"figures": figures})
    given = replicate(work, published(figures, asked))
    nothing = pd.DataFrame()
    one = Computed("inequality", given, scripts_of("inequality"))
    write_bundle([], nothing, nothing, load_studies()["mspi"], "synthetic", folder, computed=[one])
    return given.expected


def run(folder: Path) -> subprocess.CompletedProcess[str]:
    """The script as a user runs it, in a Python of its own that cannot see the project."""
    command = [sys.executable, "-I", "synthetic_mspi_inequality_replicate.py"]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", cwd=folder)


@pytest.mark.parametrize("changes", [{}, {"form": "T", "log": "10"}])
def test_the_python_script_finds_every_number(figures, tmp_path, changes):
    expected = bundle(figures, tmp_path, **changes)
    done = run(tmp_path)
    assert done.returncode == 0, done.stderr
    assert f"All {len(expected)} numbers were found again" in done.stdout and done.stderr == ""
    # Theil's L has no value where a province has none; its T and the rest do.
    last = expected[
        (expected["resource"] == "physicians") & (expected["year"] == 2021) & (expected["group_name"] == "all")
    ]
    assert set(last["measure"]) >= {"n", "gini", "theil_t", "atkinson_0.5", "atkinson_1", "atkinson_2", "concentration"}
    assert not {"theil", "theil_l", "theil_within"} & set(last["measure"])
    assert (
        expected[(expected["measure"] == "n") & (expected["resource"] == "beds")]["value"].tolist() == [31, 30, 31] * 2
    )
    assert set(expected["group_name"]) == {"all", "east", "central", "west"} and not expected.duplicated(KEYS).any()


@pytest.mark.parametrize(
    ("measure", "name"),
    [("gini", "beds area 2020 all gini"), ("group_within", "physicians population 2019 west group_within")],
)
def test_another_number_is_named(figures, tmp_path, measure, name):
    bundle(figures, tmp_path)
    path = tmp_path / "synthetic_mspi_inequality_expected.csv"
    rows = pd.read_csv(path)
    assert (rows["name"] == name).sum() == 1 and name.endswith(measure)
    rows.loc[rows["name"] == name, "value"] += 2e-9
    rows.to_csv(path, index=False)
    done = run(tmp_path)
    assert done.returncode == 1 and f"1 not found again, the first: {name}, " in done.stderr


def test_the_numbers_of_the_part_itself_are_found(figures, tmp_path):
    """What the part publishes, from its own options; and no part promises scripts that are not there."""
    for part in [name for name, part in all_parts().items() if part.replicate is not None]:
        assert scripts_of(part).keys() == {"do", "R", "py"}
    study = load_studies()["inequality"]
    changes = {"resources": RESOURCES, "atkinson": (0.5, 1), "draws": 99}
    part = study.options(Options).model_copy(update=changes)
    study = study.model_copy(update={"parts": (part,)})
    made = run_study(study, PANEL, {"figures": figures}, "synthetic")
    [one] = replicated_of(study)
    given = one.part.replicate(work_of(one, study, PANEL, {"figures": figures}, "synthetic"), made)
    assert {"n", "gini", "theil", "theil_t", "atkinson_0.5", "group_within"} <= set(given.expected["measure"])
    computed = Computed(one.key, given, scripts_of(one.id))
    write_bundle([], pd.DataFrame(), pd.DataFrame(), study, "synthetic", tmp_path, computed=[computed])
    runpy.run_path(str(tmp_path / "synthetic_inequality_inequality_replicate.py"), run_name="__main__")


def test_groups_and_ranks_not_asked_for(figures, tmp_path):
    """One group of all units has the whole inside it; the numbers of ranks are not expected."""
    asked = options(groups="none", ranked_by=None)
    work: Any = SimpleNamespace(options=asked, panel=PANEL, tables={"figures": figures})
    made = published(figures, options())
    made["inequality_measure"] = made["inequality_measure"].query("measure != 'concentration'")
    made["inequality_group"] = made["inequality_group"].head(1).assign(group_name="")
    given = replicate(work, made)
    assert set(given.frames["units"]["group_name"]) == set(given.expected["group_name"]) == {"all"}
    assert given.frames["units"]["ranked_by"].isna().all() and set(given.frames["units"].columns) <= set(given.labels)
    one = Computed("inequality", given, scripts_of("inequality"))
    nothing = pd.DataFrame()
    write_bundle([], nothing, nothing, load_studies()["mspi"], "synthetic", tmp_path, computed=[one])


def test_the_do_file_is_balanced(figures, tmp_path):
    """Stata is not at hand: quotes, braces and brackets close, and every local is one that the file sets."""
    bundle(figures, tmp_path)
    text = (tmp_path / "synthetic_mspi_inequality_replicate.do").read_text("utf-8")
    require_balanced(text)
    made = set(re.findall(r"^.*(?:generate(?: double| byte)?|egen double) (\w+)", text, re.M))
    assert {"m_gini", "m_theil_within", "g_group_between", "resource", "basis", "group_name"} <= made
