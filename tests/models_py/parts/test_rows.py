"""Rows of published tables: columns, types, entities, units, remarks."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from catalog import load_tables
from catalog.base import Text
from catalog.identity import COLUMNS, Identity
from models_py.econometrics.model_data import ModelData
from models_py.panel import Panel, panel_of, province_panel
from models_py.parts.frame import joined
from models_py.parts.rows import as_table, note, of_entities, of_model, typed

OWN = Identity("toys", "Table 1", "(1)").columns
PROVINCES = province_panel((2013, 2014))
COUNTIES = panel_of(
    "county", pd.DataFrame({"entity_code": [330102], "name_zh": ["甲县"], "name_en": ["A"]}), (2013, 2014)
)


def columns_of(table: str) -> list[str]:
    return [name for name in load_tables()[table].columns if name != "data_kind"]


def test_rows_become_the_table_in_its_order_and_types() -> None:
    rows = [{**OWN, "statistic": 1, "test": "t", "subject": ""}, {"df": 3, **OWN, "test": "u", "subject": "x"}]
    made = as_table(rows, "spec_test")
    assert made.columns.tolist() == columns_of("spec_test") and made.columns[: len(COLUMNS)].tolist() == list(COLUMNS)
    assert made["statistic"].tolist()[0] == 1.0 and np.isnan(made["statistic"][1])
    assert made["df"].dtype == "float64" and made["test"].dtype == "object"
    assert made["note_en"].isna().all()
    assert len(as_table([], "spec_test")) == 0 and as_table([], "spec_test").columns.tolist() == columns_of("spec_test")


def test_a_column_the_table_does_not_have_is_refused() -> None:
    with pytest.raises(KeyError, match=r"spec_test has no column \['colour', 'note'\]"):
        as_table([{**OWN, "note": "glued"}, {**OWN, "colour": "red"}], "spec_test")


def test_integers_are_plain_where_none_is_absent() -> None:
    full, gap = pd.DataFrame({"n_obs": [1, 2]}), pd.DataFrame({"n_obs": [1, None]})
    assert typed(full, "estimate")["n_obs"].dtype == "int64"
    assert typed(gap, "estimate")["n_obs"].dtype == "Int64"
    assert typed(gap, "estimate")["n_obs"].isna().tolist() == [False, True]
    with pytest.raises((TypeError, ValueError)):
        typed(pd.DataFrame({"n_obs": [1.5]}), "estimate")


@pytest.mark.parametrize(("panel", "code"), [(PROVINCES, 110000), (COUNTIES, 330102)], ids=["province", "county"])
def test_rows_of_entities_carry_their_unit(panel: Panel, code: int) -> None:
    frame = pd.DataFrame({"study": ["toys"], "entity_code": [code], "year": [2013], "reading": [""], "variant": [""]})
    [row] = of_entities(frame, "performance_index", panel).to_dict("records")
    assert (row["entity_code"], row["entity_level"]) == (code, panel.unit.id)
    if panel.unit.id == "province":
        assert row["province_code"] == code
    else:
        assert pd.isna(row["province_code"])


def test_estimates_carry_units_and_the_rows_they_rest_on() -> None:
    units = {"y": Text(en="SD", zh="标准差"), "x": Text(en="log point", zh="对数单位")}
    data = ModelData(Identity("toys", "Table 1", "(1)"), PROVINCES, pd.DataFrame(), "y", ("x", "z"), units=units)
    rows = as_table([{**OWN, "term": "x"}, {**OWN, "term": "lead 2", "n_obs": 7}, {**OWN, "term": "z"}], "estimate")
    made = of_model(rows, data, 372)
    assert made["unit_en"].tolist() == ["SD per log point", "SD", "SD"]
    assert made["unit_zh"].tolist() == ["标准差／对数单位", "标准差", "标准差"]
    assert made["n_obs"].tolist() == [372, 7, 372]
    assert of_model(rows, data)["n_obs"].isna().tolist() == [True, False, True]
    bare = ModelData(Identity("toys", "Table 1", "(1)"), PROVINCES, pd.DataFrame(), "y", ("x",))
    assert of_model(rows, bare)[["unit_en", "unit_zh"]].isna().all(axis=None)
    assert of_model(rows.head(0), data, 372).columns.tolist() == rows.columns.tolist()


def test_remarks_are_two_columns() -> None:
    assert note("so", "如此") == {"note_en": "so", "note_zh": "如此"}


def test_frames_are_joined_in_order() -> None:
    made = joined(as_table([{**OWN, "test": name}], "spec_test") for name in "ab")
    assert made["test"].tolist() == ["a", "b"] and made.index.tolist() == [0, 1]
