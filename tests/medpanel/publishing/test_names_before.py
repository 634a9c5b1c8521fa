"""The table model_name_before: what stood in `model` before, for every identity there is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from catalog import Study, load_studies
from catalog.identity import COLUMNS, Identity
from catalog.parts import regressions
from catalog.tables import load_tables
from medpanel.publishing.names_before import CURVE, names_before
from models_py.panel import province_panel
from models_py.parts.registry import run_study
from tests.models_py.changing import with_part
from tests.models_py.parts import made_up

OWN = {"study": "mspi", "table_no": "Table 2", "model": "(2)", "reading": "volume"}


@pytest.fixture(scope="module")
def study() -> Study:
    return load_studies()["mspi"]


def named(identity: dict[str, str], *studies: Study) -> str:
    """The old name of one identity."""
    [row] = names_before(pd.DataFrame([Identity(**{**OWN, **identity}).columns]), studies).to_dict("records")
    return str(row["name_before"])


@pytest.mark.parametrize(
    ("identity", "before"),
    [
        ({}, "(2)"),
        ({"reading": "substitution"}, "(2) substitution"),
        ({"reading": "mixed"}, "(2) mixed"),
        ({"variant": "standardised=pooled"}, "(2) pooled"),
        ({"vintage": "before_2020_census"}, "(2) vintage before_2020_census"),
        ({"sample": "without 2024"}, "(2) without 2024"),
        ({"sample": "without 2023, 2024"}, "(2) without 2023, 2024"),
        ({"variant": "threshold=0.4"}, "(2) above 0.4"),
        ({"reading": "substitution", "variant": "threshold=0.4"}, "(2) substitution above 0.4"),
        ({"table_no": "Event study", "reading": "substitution"}, "(2) substitution"),
        ({"table_no": "Staggered adoption", "estimator": "did2s"}, "(2) did2s"),
        ({"table_no": "Staggered adoption", "estimator": "sun_abraham"}, "(2) sun_abraham"),
        ({"table_no": "Staggered adoption", "estimator": "did2s", "variant": "controls=none"}, "(2) did2s_no_controls"),
        (
            {
                "table_no": "Staggered adoption",
                "reading": "substitution",
                "estimator": "did2s",
                "variant": "controls=none, threshold=0.4",
            },
            "(2) substitution above 0.4 did2s_no_controls",
        ),
        ({"table_no": "Specification curve", "reading": ""}, "Table 2 (2)"),
        ({"table_no": "Table 5", "model": "without municipalities", "sample": "without municipalities"},
         "without municipalities"),
        ({"table_no": "Table 5", "model": "(3)", "reading": "substitution"}, "(3) substitution"),
        # Of a study that says nothing of readings, they are said.
        ({"study": "elsewhere"}, "(2) volume"),
        ({"study": "digital_finance", "reading": ""}, "(2)"),
    ],
)  # fmt: skip
def test_the_name_of_before(study: Study, identity: dict[str, str], before: str) -> None:
    assert named(identity, study, load_studies()["digital_finance"]) == before


def test_what_a_headline_leaves_out_by_declaration_went_unsaid_everywhere(study: Study) -> None:
    """The years it leaves out beside were said; results under other numbers are of the same model."""
    line = {"table_no": "Table 5", "model": "without municipalities", "term": "exposure"}
    other = with_part(study, regressions.Options, headline=line)
    own = {"table_no": "Table 5", "model": "without municipalities"}
    assert named({**own, "sample": "without municipalities, without 2024"}, other) == (
        "without municipalities without 2024"
    )
    assert named({**own, "table_no": "Event study", "sample": "without municipalities"}, other) == (
        "without municipalities"
    )


def test_every_identity_once_in_the_columns_of_the_table(study: Study) -> None:
    rows = pd.DataFrame([Identity(**OWN).columns, Identity(**{**OWN, "reading": "substitution"}).columns] * 2)
    made = names_before(rows, [study])
    assert list(made.columns) == [name for name in load_tables()["model_name_before"].columns if name != "data_kind"]
    assert made["name_before"].tolist() == ["(2) substitution", "(2)"]
    assert names_before(rows.iloc[:0], [study]).empty


def test_within_a_table_no_two_results_had_one_name() -> None:
    """Every identity of a whole study: with table and old name, it is found again."""
    whole = made_up.mspi()
    inputs: Any = made_up.mspi_inputs(whole)
    tables = run_study(whole, province_panel(whole.years), inputs, "synthetic")
    identities = pd.concat(
        [frame[list(COLUMNS)] for name, frame in tables.items() if load_tables()[name].identity], ignore_index=True
    )
    made = names_before(identities, [whole])
    assert len(made) == len(identities.drop_duplicates())
    assert not made.duplicated(["study", "table_no", "name_before"]).any()
    assert {"(2) substitution", "(2) without 2024", "(2) above 0.4", "Table 2 (2)"} <= set(made["name_before"])


def test_a_table_called_like_the_curve_of_a_study_without_one_keeps_its_models_names(tmp_path: Path) -> None:
    county = made_up.county_study(tmp_path)
    rows = pd.DataFrame([Identity(county.id, CURVE, "(2)").columns])
    assert names_before(rows, [county])["name_before"].tolist() == ["(2)"]
