"""The tables and the figure of the part: which published rows they are made from, and what they print."""

from typing import Any

import pandas as pd
import pytest

from catalog import Study, load_studies
from catalog.identity import Identity
from catalog.panels import load_units
from medpanel.report.charts import chart_of
from models_py.figures.show import Lang
from models_py.figures.style import FigureError
from models_py.panel import province_panel
from models_py.parts.few_clusters.figure_inference import inference_methods
from models_py.parts.frame import Seen
from models_py.parts.registry import shows_of
from models_py.parts.rows import as_table
from tests.models_py.figures.reading import caption, drawn_texts

OWN = Identity("mspi", "Table 2", "(2)", "volume")
SUBSTITUTION = Identity("mspi", "Table 2", "(2)", "substitution")
WITHOUT = Identity("mspi", "Table 2", "(2)", "volume", sample="without 2024")
# Method, p-value, bounds.
METHODS = [
    ("randomisation", 0.0604, None, None),
    ("cr3", 0.012, 0.05, 0.35),
    ("wild_cluster", 0.0001, -0.01, 0.41),
    ("cr1", 0.003, 0.1, 0.3),
]


@pytest.fixture(scope="module")
def study() -> Study:
    return load_studies()["mspi"]


def estimates(identity: Identity, methods: list[tuple[Any, ...]] = METHODS, value: float = 0.2) -> list[dict[str, Any]]:
    return [
        {
            **identity.columns,
            "term": "exposure",
            "effect": "coef",
            "method": method,
            "estimate": value,
            "p_value": p_value,
            "ci_low": low,
            "ci_high": high,
            "ci_level": None if low is None else 0.95,
        }
        for method, p_value, low, high in methods
    ]


def seen(study: Study, *rows: list[dict[str, Any]]) -> Seen:
    fits = [{**identity.columns, "n_obs": n, "n_clusters": 31} for identity, n in ((OWN, 372), (SUBSTITUTION, 1))]
    every = [row for given in rows for row in given]
    tables = {"estimate": as_table(every, "estimate"), "model_fit": as_table(fits, "model_fit")}
    return Seen(study, province_panel(study.years), tables, "synthetic")


def made(view: Seen, kind: str) -> list[Any]:
    return [
        item
        for one, show in shows_of(view.study)
        if one.id == "few_clusters" and show.kind == kind
        for item in show.make(view, one.options)
    ]


def figure_texts(figure: Any, lang: Lang = "en") -> str:
    """Caption and everything in the picture."""
    return " ".join([caption(figure, lang), *drawn_texts(chart_of(figure, lang).svg)])


def test_a_table_for_each_that_has_more_than_one_method(study):
    only = [METHODS[3]]
    others = [
        estimates(Identity("mspi", "Table 5", "(1)", "volume")),
        estimates(Identity("mspi", "Table 3", "SSI"), only),
    ]
    view = seen(study, estimates(OWN), estimates(SUBSTITUTION, only, 0.1), estimates(WITHOUT, only), *others)
    first, second = made(view, "table")
    assert (first.stem, second.stem) == ("table_2_inference", "table_5_inference")
    names = list(first.printed("en").header[0])
    assert names == [
        "Coefficient", "Clustered CR1", "Cluster jackknife CR3", "Wild cluster bootstrap (Rademacher)",
        "Randomisation inference",
    ]  # fmt: skip
    own, substitution, without = first.printed("en").rows
    assert own.label == "(2)"
    assert own.cells == (
        "0.200", "0.003\n[0.100, 0.300]", "0.012\n[0.050, 0.350]", "< 0.001\n[−0.010, 0.410]", "0.060\n–",
    )  # fmt: skip
    assert "substitution reading" in substitution.label and substitution.cells[2:] == ("–", "–", "–")
    assert without.label == "(2) without 2024"
    assert first.synthetic and "Associations, not effects" in first.notes[0].en


def test_names_are_known_before_anything_is_computed(study):
    named = {show.name: show.titled(study, one.options) for one, show in shows_of(study) if one.id == "few_clusters"}
    assert set(named) == {"inference_tables", "inference"}
    stems = [name for name, _ in named["inference_tables"]]
    assert stems == [f"table_{number}_inference" for number in ("2", "3", "4", "4a", "5")]
    assert [name for name, _ in named["inference"]] == ["inference"]


def test_nothing_is_shown_without_rows(study):
    empty = Seen(study, province_panel(study.years), {}, "real")
    assert made(empty, "table") == made(empty, "figure") == []
    single = seen(study, estimates(OWN, [METHODS[3]]))
    assert made(single, "table") == made(single, "figure") == []


def test_the_figure_is_the_headlines_under_its_own_reading(study):
    view = seen(study, estimates(SUBSTITUTION, value=0.1), estimates(OWN), estimates(WITHOUT, [METHODS[3]], 0.3))
    [picture] = made(view, "figure")
    assert (picture.stem, picture.title.en) == ("inference", "Inference by method")
    written = figure_texts(picture.figure)
    assert "N = 372 province-years, 31 clusters" in written
    assert "Table 2 (2). Dots" in written and "SYNTHETIC" in written
    labels = [
        "Clustered CR1", "Cluster jackknife CR3", "Wild cluster bootstrap (Rademacher)", "Randomisation inference",
    ]  # fmt: skip
    assert [text for text in drawn_texts(chart_of(picture.figure, "en").svg) if text in labels] == labels
    assert "p\u00a0=\u00a00.060" in written and "[–]" in written and "[−0.010, 0.410]" in written
    assert "372个省份" in figure_texts(picture.figure, "zh")


def test_the_figure_takes_one_model_and_one_row_a_method():
    label, county = load_studies()["mspi"].title, load_units()["county"]
    rows = as_table(estimates(OWN), "estimate")
    assert "372 county-years" in figure_texts(inference_methods(rows, label, county, "real", n_obs=372))
    for wrong in (pd.concat([rows, rows]), as_table([*estimates(OWN), *estimates(WITHOUT)], "estimate"), rows.iloc[:0]):
        with pytest.raises(FigureError):
            inference_methods(wrong, label, county, "real")
