"""The printed table of products: effects and models by name, and what it must not be taken for."""

from typing import Any

import pytest

from catalog import Study, load_studies
from catalog.identity import Identity
from models_py.panel import province_panel
from models_py.parts.frame import Seen
from models_py.parts.registry import shows_of
from models_py.parts.rows import as_table

OWN = Identity("mspi", "Table 4b", "(2)", "volume")
OTHER = Identity("mspi", "Table 4b", "(2)", "substitution")
CELLS = [("ssi", "first"), ("ssi", "second"), ("ssi", "product"), ("exposure", "direct"), ("exposure", "total")]


@pytest.fixture(scope="module")
def study() -> Study:
    return load_studies()["mspi"]


def made(study: Study, unexplained: float) -> list[Any]:
    numbers = {"estimate": 0.06, "std_error": 0.01, "p_value": 0.004, "ci_low": 0.04, "ci_high": 0.08, "ci_level": 0.95}
    rows = [
        {**identity.columns, "term": term, "effect": effect, "method": "cluster_bootstrap", **numbers}
        for identity in (OWN, OTHER)
        for term, effect in CELLS
    ]
    # A row of another table is not of this one.
    rows.append({**rows[0], "table_no": "Table 2", "effect": "coef"})
    tests = [{**OWN.columns, "test": "identity", "subject": "", "statistic": unexplained}]
    tables = {"estimate": as_table(rows, "estimate"), "spec_test": as_table(tests, "spec_test")}
    return shown_of(Seen(study, province_panel(study.years), tables, "synthetic"))


def shown_of(view: Seen) -> list[Any]:
    return [item for one, show in shows_of(view.study) if one.id == "products" for item in show.make(view, one.options)]


def test_the_table_names_effects_and_models(study):
    [table] = made(study, 1e-16)
    assert table.stem == "table_4b" and table.heading.zh.startswith("表4b  ") and table.synthetic
    assert table.title.en == f"Products of coefficients: {study.title.en}" and table.number == "4b"
    assert len(table.rows) == 2 * len(CELLS)
    first, _, product, direct, _ = table.printed("en").rows[: len(CELLS)]
    assert first.label == "Service structure index\nof the treatment on it"
    assert product.label.endswith("product of the two") and direct.label.endswith("direct")
    assert product.cells == (
        "(2)", "Cluster bootstrap", "0.060***", "0.010", "[0.040, 0.080]", "0.004", "–",
    )  # fmt: skip
    assert table.printed("en").rows[-1].cells[0].endswith("(2) substitution reading (less use is higher)")


def test_what_is_said_of_them_follows_the_test_for_an_identity(study):
    [parts], [others] = made(study, 1e-16), made(study, 0.4)
    for table in (parts, others):
        assert "nothing here is a mechanism or mediation" in table.notes[-1].en and "不构成机制" in table.notes[-1].zh
    assert "the mediators are parts of the outcome" in parts.notes[-1].en
    assert "products of associations" in others.notes[-1].en


def test_its_name_is_known_before_and_nothing_is_shown_without_rows(study):
    [[(name, title)]] = [show.titled(study, one.options) for one, show in shows_of(study) if one.id == "products"]
    assert (name, title.en, title.zh) == ("table_4b", "Table 4b", "表4b")
    assert shown_of(Seen(study, province_panel(study.years), {}, "real")) == []
