"""The real exports: values typed from the files by hand, and the estimate against plain least squares."""

from __future__ import annotations

import re

import duckdb
import numpy as np
import pytest

from catalog.base import PROJECT_DIR
from medpanel.publishing import resolve_current
from medpanel.workspace import Workspace
from tests.pipeline.conftest import rows

GDP = "province/tec_expenditure/分省年度数据_6.csv"
BUDGET = "province/tec_expenditure/分省年度数据_4.csv"
# Read off the files: province, year, indicator, file, cell, text.
TRACED = [
    (110000, 2024, "gdp", GDP, "C4", "49670.2"),
    (440000, 2019, "gdp", GDP, "H22", "110468.1"),
    (540000, 2012, "gdp", GDP, "O29", "721.1"),
    (310000, 2019, "budget_expenditure", BUDGET, "H12", "8179.28"),
    (540000, 2011, "budget_expenditure", BUDGET, "P29", "758.11"),
]


def documented_query() -> str:
    """The trace query as docs/querying.md prints it."""
    text = (PROJECT_DIR / "docs" / "querying.md").read_text(encoding="utf-8")
    match = re.search(r"```sql\n(WITH asked.*?)```", text, re.DOTALL)
    assert match is not None
    return match.group(1)


def trace(workspace: Workspace, province: int, year: int, indicator: str) -> list[dict[str, object]]:
    """Rows of the documented query for one cell of province_year."""
    sql, count = re.subn(
        r"VALUES \(.*?\)\n", f"VALUES ({province}, {year}, '{indicator}')\n", documented_query(), count=1
    )
    assert count == 1
    return rows(workspace, sql).to_dict("records")


@pytest.mark.parametrize(("province", "year", "indicator", "path", "cell", "raw"), TRACED)
def test_a_cell_traces_to_file_cell_and_text(
    real: Workspace, province: int, year: int, indicator: str, path: str, cell: str, raw: str
) -> None:
    [row] = trace(real, province, year, indicator)
    assert (row["path"], row["cell"], row["raw_text"]) == (path, cell, raw)
    assert row["published_value"] == row["input_value"] == float(raw)
    assert (row["input_unit"], row["raw_unit"], row["data_kind"]) == ("亿元", "亿元", "real")


def test_every_cell_of_province_year_traces(real: Workspace) -> None:
    database = str(resolve_current(real.root) / "medpanel.duckdb")
    everything = (
        "select province_code, year, indicator from (from province_year unpivot (value for indicator in "
        "(columns(* exclude (province_code, year, data_kind)))))"
    )
    sql = re.sub(r"VALUES \(.*?\)\n", f"{everything}\n", documented_query(), count=1)
    with duckdb.connect(database, read_only=True) as connection:
        traced = connection.execute(sql).df()
    assert len(traced) == 31 * 14 * 2
    assert traced["path"].notna().all()
    assert traced["cell"].notna().all()


def test_derived_cells_of_the_sample_trace_to_all_their_inputs(demo: Workspace) -> None:
    found = trace(demo, 420000, 2020, "gdp_per_capita")
    assert [row["input_indicator"] for row in found] == ["gdp", "resident_population"]
    values = [float(str(row["input_value"])) for row in found]
    assert found[0]["published_value"] == pytest.approx(values[0] / values[1] * 10000, rel=1e-12)


def test_the_panel_is_complete_and_real(real: Workspace) -> None:
    panel = rows(
        real, "select year, count(*) n, count(gdp) g, count(budget_expenditure) b from province_year group by year"
    )
    assert sorted(panel["year"]) == list(range(2011, 2025))
    assert set(panel["n"]) == set(panel["g"]) == set(panel["b"]) == {31}
    assert rows(real, "select data_kind from run_manifest")["data_kind"].iloc[0] == "real"
    notes = rows(real, "select notes from run_manifest")["notes"].iloc[0]
    for absent in ("pilot", "smart_exposure", "performance_index"):
        assert absent in notes


def test_the_estimate_equals_least_squares_with_dummies(real: Workspace) -> None:
    panel = rows(
        real, "select province_code, year, ln(gdp) x, ln(budget_expenditure) y from province_year order by all"
    )
    provinces, years = (np.unique(panel[name], return_inverse=True)[1] for name in ("province_code", "year"))
    dummies = np.hstack([np.eye(31)[provinces], np.eye(14)[years][:, 1:]])
    design = np.column_stack([panel["x"], dummies])
    beta = np.linalg.lstsq(design, panel["y"], rcond=None)[0]
    residual = panel["y"].to_numpy() - design @ beta
    inner = panel["x"] - dummies @ np.linalg.lstsq(dummies, panel["x"], rcond=None)[0]
    scores = np.array([(inner[provinces == p] * residual[provinces == p]).sum() for p in range(31)])
    n, k = 434, 1 + 13 + 1  # regressor, year effects, constant; province effects are nested in the clusters
    meat = (scores**2).sum() * 31 / 30 * (n - 1) / (n - k)
    published = rows(real, "from estimate where term = 'ln_gdp' and method = 'cr1'").iloc[0]
    assert published["estimate"] == pytest.approx(beta[0], abs=1e-8)
    assert published["std_error"] == pytest.approx(np.sqrt(meat) / (inner**2).sum(), rel=1e-8)
    assert (published["df"], published["data_kind"]) == (30, "real")
