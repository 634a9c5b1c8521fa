"""A small lake, and dbt run over it in this process.

Belongs here: making lakes and running dbt for the tests of this folder. What is asserted stands in the tests.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pandas as pd
import pytest

from catalog import load_studies
from catalog.base import PROJECT_DIR
from catalog.exposure_keys import exposure_rows
from catalog.lake import staged_tables
from catalog.provinces import load_provinces
from ingestion.places.records import division_counts, place_records
from ingestion.places.units import units_at

DBT_DIR = PROJECT_DIR / "dbt"
Rows = list[dict[str, Any]]


def source_file(file_id: str, rank: int | None, rejected: int = 0, status: str = "loaded") -> dict[str, Any]:
    return {
        "file_id": file_id, "path": f"{file_id}.csv", "sha256": "0" * 64, "bytes": 10, "vintage": f"v{rank}",
        "publisher": "p", "licence": "l", "accessed_on": dt.date(2026, 1, 2), "status": status,
        "rows_read": 5, "rows_loaded": 3 - rejected, "rows_rejected": rejected, "rows_set_aside": 2,
        "cells_loaded": 3, "cells_missing": 0, "cells_rejected": 0, "vintage_rank": rank, "download": 1,
    }  # fmt: skip


def cell(
    file_id: str, rank: int, entity: int, year: int, indicator: str, value: float | None, unit: str
) -> dict[str, Any]:
    row = {
        "file_id": file_id, "sheet": "", "row": year - 2000, "cell": f"B{year - 2000}", "entity_code": entity,
        "entity_level": "nation" if entity == 100000 else "province", "year": year, "indicator": indicator,
        "vintage": f"v{rank}", "unit": unit, "raw": "" if value is None else str(value), "raw_unit": unit,
        "header": indicator,
    }  # fmt: skip
    return row if value is None else {**row, "value": value, "status": "reported"}


def correction(cell_row: dict[str, Any], expected: str, state: str, found: str | None) -> dict[str, Any]:
    """The correction of a cell made by `cell`, to the value it holds."""
    return {
        **{key: cell_row[key] for key in ("sheet", "cell", "entity_code", "year", "indicator", "value")},
        "path": f"{cell_row['file_id']}.csv", "expected": expected, "found": found, "state": state,
        "reason": "misprint", "source": "the next edition", "status": "open",
    }  # fmt: skip


def pilot(
    unit: int, city: int | None, level: str, announced: str, batch: int = 1, status: str = "new",
    programme: str = "mohurd",
) -> dict[str, Any]:  # fmt: skip
    date = dt.date.fromisoformat(announced)
    return {
        "programme": programme, "batch": batch, "unit_code": unit, "unit_name": str(unit), "city_code": city,
        "province_code": unit // 10000 * 10000, "level": level, "status": status, "label_year": 2011 + batch,
        "announced_on": date, "source": "test", "file_id": "pilots", "row": 2,
    }  # fmt: skip


def division_list(year: int) -> Rows:
    """What a correct list of that year-end would be in the lake."""
    units = [(p.province_code, p.name_zh, "province") for p in load_provinces()]
    units += [(unit.code, unit.name, unit.level) for unit in units_at(year)]
    return [
        {"file_id": "divisions", "year": year, "code": code, "name": name, "level": level, "row": row}
        for row, (code, name, level) in enumerate(units, start=1)
    ]


def flow_between(file_id: str, direction: str, origin: int, destination: int, value: float) -> dict[str, Any]:
    """One pair of a day, as one of the two lists that name it has it."""
    return {
        "file_id": file_id, "network": "baidu", "direction": direction, "period_first": "2020-01-15",
        "period_last": "2020-01-15", "periods": 1, "precedence": 1, "unit": "index", "origin_code": origin,
        "destination_code": destination, "flow": value, "rows": 1, "first_row": 2,
    }  # fmt: skip


def good_lake() -> dict[str, Rows]:
    """Two vintages of one figure, one fillable gap, a constant reported once, two cities, a corrected cell, a stale and
    an unused correction, a refused row, a refused file, two readings of one flow, five pilots. A later download revises
    the nation's gdp and the first pilot list; the preferred file of land_area was refused.

    gdp and outpatient_visits stand in two vintages that are not spliced, hospital_admissions in two that are; of the
    last two the empty cell of 2014 has a figure of each vintage beside it. telecom_volume stands in three that are
    chained: 2015 at the prices of v1 is 0.75 times what it is at those of v2, and 2016 at those of v0 0.8 times."""
    corrected = cell("health", 0, 120000, 2014, "prenatal_examination_rate", 98.5, "%") | {"status": "corrected"}
    stale = cell("health", 0, 110000, 2016, "newborn_visit_rate", 69.0, "%")
    unused = cell("absent", 0, 110000, 2016, "gdp", 1.0, "亿元")
    return {
        "source_file": [
            source_file("gdp_new", 0, rejected=1),
            source_file("gdp_old", 1),
            source_file("telecom", 2),
            source_file("health", 0) | {"redistribution": "barred"},
            source_file("pilots", 0) | {"download": 2},
            source_file("pilots_before", 0) | {"superseded_by": "pilots"},
            source_file("gdp_newer", 0) | {"download": 2, "accessed_on": dt.date(2026, 3, 4)},
            source_file("divisions", 0),
            source_file("dialects_new", 0),
            source_file("dialects_old", 1),
            source_file("cities", 0),
            source_file("arrivals", 0),
            source_file("departures", 0),
            source_file("broken", None, status="refused")
            | {"rows_read": 0, "rows_loaded": 0, "rows_set_aside": 0, "vintage": None},
        ],
        "observation": [
            cell("gdp_new", 0, 110000, 2014, "gdp", 23000.0, "亿元"),
            cell("gdp_old", 1, 110000, 2014, "gdp", 22000.0, "亿元"),
            cell("gdp_old", 1, 110000, 2015, "gdp", 25000.0, "亿元"),
            cell("gdp_new", 0, 100000, 2014, "gdp", 640000.0, "亿元"),
            cell("gdp_newer", 0, 100000, 2014, "gdp", 643563.0, "亿元"),
            cell("gdp_new", 0, 110000, 2014, "resident_population", 2000.0, "万人"),
            cell("health", 0, 110000, 2013, "newborn_visit_rate", 90.0, "%"),
            cell("health", 0, 110000, 2016, "newborn_visit_rate", 96.0, "%"),
            cell("gdp_old", 1, 110000, 2015, "land_area", 16400.0, "平方公里"),
            cell("health", 0, 110000, 2013, "hospital_admissions", 100.0, "万人"),
            cell("gdp_old", 1, 110000, 2015, "hospital_admissions", 104.0, "万人"),
            cell("health", 0, 110000, 2013, "outpatient_visits", 1000.0, "万人次"),
            cell("gdp_old", 1, 110000, 2015, "outpatient_visits", 1200.0, "万人次"),
            cell("gdp_new", 0, 110000, 2016, "telecom_volume", 96.0, "亿元"),
            cell("gdp_old", 1, 110000, 2016, "telecom_volume", 120.0, "亿元"),
            cell("gdp_old", 1, 110000, 2015, "telecom_volume", 90.0, "亿元"),
            cell("telecom", 2, 110000, 2015, "telecom_volume", 120.0, "亿元"),
            cell("telecom", 2, 110000, 2014, "telecom_volume", 100.0, "亿元"),
            corrected | {"raw": "985"},
            # A municipality among the cities stands beside the province of its code.
            cell("cities", 0, 110000, 2014, "gdp", 22900.0, "亿元") | {"entity_level": "city"},
            cell("cities", 0, 130100, 2014, "gdp", 5000.0, "亿元") | {"entity_level": "city"},
            cell("cities", 0, 330106, 2014, "gdp", 900.0, "亿元") | {"entity_level": "county"},
        ],
        "declared_splice": [
            *(
                {"indicator": "hospital_admissions", "vintage": f"v{rank}", "reason": "one series"}
                for rank in (0, 1)
            ),
            *(
                {"indicator": "telecom_volume", "vintage": f"v{rank}", "reason": "other bases", "link": "chain"}
                for rank in (0, 1, 2)
            ),
        ],
        "correction": [
            correction(corrected, "985", "applied", "985"),
            correction(stale, "9.6", "stale", "96.0"),
            correction(unused, "10", "unused", None),
        ],
        "missing_cell": [
            cell("health", 0, 110000, 2014, "newborn_visit_rate", None, "%"),
            cell("health", 0, 110000, 2017, "newborn_visit_rate", None, "%"),
            cell("health", 0, 110000, 2014, "hospital_admissions", None, "万人"),
            cell("health", 0, 110000, 2014, "outpatient_visits", None, "万人次"),
        ],
        "rejected_row": [
            {"file_id": "gdp_new", "sheet": "", "row": 9, "cell": "", "code": "unknown_name", "reason": "no",
             "reason_zh": "否", "raw": "山陕省"},
            {"file_id": "broken", "sheet": "", "row": 0, "cell": "", "code": "empty", "reason": "no",
             "reason_zh": "否", "raw": None},
        ],
        "place": place_records(),
        "division_count": [dict(row) for row in division_counts()],
        "study_exposure": exposure_rows(load_studies().values()),
        "division": division_list(2018),
        "place_dialect": [
            {"file_id": "dialects_new", "city_code": 130100, "dialect": "冀鲁官话", "dialect_sub": "石济片", "row": 2},
            {"file_id": "dialects_old", "city_code": 130100, "dialect": "官话", "dialect_sub": None, "row": 2},
            {"file_id": "dialects_old", "city_code": 371200, "dialect": "官话", "dialect_sub": None, "row": 3},
        ],
        "flow": [
            flow_between("arrivals", "in", 110000, 130100, 5.0),
            flow_between("departures", "out", 110000, 130100, 4.0),
        ],
        "flow_list": [
            {"file_id": "arrivals", "network": "baidu", "direction": "in", "city_code": 130100, "lists": 1,
             "full_lists": 1, "partners": 1, "zeros": 0, "self_loops": 0, "repeats": 0, "not_loaded": 0,
             "censored": True, "smallest_flow": 5.0},
        ],
        "flow_scale": [
            {"file_id": "arrivals", "network": "baidu", "direction": "in", "unit": "index", "city_code": 130100,
             "period": "2020-01-15", "value": 3.5, "row": 2},
        ],
        "doctor_count": [
            {"year": 2018, "province_code": 130000, "city_code": 130100, "title": "主任医师",
             "hospital_grade": "三级甲等", "doctors": 3},
        ],
        "pilot": [
            pilot(110101, None, "district", "2013-01-29"),
            pilot(130100, 130100, "prefecture", "2013-01-29"),
            pilot(130281, 130200, "county", "2013-08-05", batch=2),
            pilot(419001, None, "county", "2015-04-07", batch=3),
            pilot(130100, 130100, "prefecture", "2013-08-05", batch=2, status="extension"),
            # What the list said before: one date less, and one place more.
            pilot(130100, 130100, "prefecture", "2012-01-29")
            | {"file_id": "pilots_before", "superseded_by": "pilots"},
            pilot(130200, 130200, "prefecture", "2013-01-29")
            | {"file_id": "pilots_before", "superseded_by": "pilots"},
        ],
        "refused_offer": [
            {"file_id": "broken", "indicator": "land_area", "entity_level": "province", "vintage": "v0",
             "vintage_rank": 0, "problem": "broken.csv: empty", "fallback": "allow"},
        ],
    }  # fmt: skip


def make_warehouse(folder: Path, lake: dict[str, Rows]) -> Path:
    """Parquet files, and a database whose schema `lake` holds views over them, as ingestion leaves them."""
    (folder / "lake").mkdir(parents=True)
    path = folder / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema lake")
        for name, table in staged_tables().items():
            columns = ", ".join(f"{column} {declared.type}" for column, declared in table.columns.items())
            frame = pd.DataFrame(lake.get(name, []), columns=list(table.columns), dtype=object)
            frame = frame.where(frame.notna(), None)
            parquet = (folder / "lake" / f"{name}.parquet").as_posix()
            connection.execute(f"create temp table {name} ({columns})")
            connection.execute(f"insert into {name} select * from frame")
            connection.execute(f"copy {name} to '{parquet}' (format parquet)")
            connection.execute(f"create view lake.{name} as select * from read_parquet('{parquet}')")
    return path


@dataclass
class Run:
    """One dbt invocation: the database, whether dbt calls it a success, and its results by node name."""

    warehouse: Path
    success: bool
    nodes: dict[str, Any] = field(default_factory=dict)

    @property
    def statuses(self) -> dict[str, str]:
        """Outcome by node name: success, pass, fail, error or skipped."""
        return {name: str(result.status) for name, result in self.nodes.items()}


def run_dbt(warehouse: Path, *arguments: str, project: Path = DBT_DIR) -> Run:
    """Run dbt on the warehouse. Target and log folders lie beside it, never in the project."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.artifacts.schemas.run import RunExecutionResult
    from dbt.cli.main import dbtRunner

    before = os.environ.get("MEDPANEL_WAREHOUSE")
    os.environ["MEDPANEL_WAREHOUSE"] = str(warehouse)
    folders = ["--project-dir", str(project), "--profiles-dir", str(project)]
    folders += [
        "--target-path",
        str(warehouse.parent / "target"),
        "--log-path",
        str(warehouse.parent / "logs"),
    ]
    try:
        outcome = dbtRunner().invoke([*arguments, *folders, "--quiet"])
    finally:
        DuckDBConnectionManager.close_all_connections()
        if before is None:
            del os.environ["MEDPANEL_WAREHOUSE"]
        else:
            os.environ["MEDPANEL_WAREHOUSE"] = before
    if outcome.exception is not None:
        raise outcome.exception
    assert isinstance(outcome.result, RunExecutionResult)
    return Run(warehouse, outcome.success, {result.node.name: result for result in outcome.result})


@pytest.fixture(scope="session")
def tools() -> SimpleNamespace:
    """The functions above, for tests that make their own lake."""
    return SimpleNamespace(
        run_dbt=run_dbt, make_warehouse=make_warehouse, good_lake=good_lake, pilot=pilot, cell=cell,
        source_file=source_file, project=DBT_DIR,
    )  # fmt: skip


@pytest.fixture(scope="session")
def good(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """`dbt build` of the project as committed over the good lake; altered in transactions only."""
    warehouse = make_warehouse(tmp_path_factory.mktemp("good"), good_lake())
    return run_dbt(warehouse, "build")


@pytest.fixture
def scratch(good: Run) -> Iterator[Callable[[str], duckdb.DuckDBPyConnection]]:
    """Run SQL on the good warehouse inside a transaction that is rolled back after the test."""
    connection = duckdb.connect(str(good.warehouse))
    connection.execute("begin")
    yield connection.execute
    connection.execute("rollback")
    connection.close()
