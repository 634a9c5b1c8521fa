"""Small survey files made in the test: nobody's answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat
import pytest

from catalog import Sources, load_registry
from ingestion import FileReading, read_file
from tests.ingestion.conftest import declared

# Hukou 330106 (杭州), living in 宁波 鄞州区: another prefecture of the province.
HOME = {"q101j1a": "330106", "q101j1b": "西湖区"}
THERE = {"C1": "浙江省", "C2": "宁波市", "C3": "鄞州区"}
PERSON = {**THERE, **HOME, "q101l1": 2.0, "q101m1y": 2010.0, "q101m1m": 3.0, "w_l": 1.5}


def people(*changes: dict[str, Any], times: int = 1) -> pd.DataFrame:
    """One person per dictionary of what differs from PERSON, each `times` times, with ids of their own."""
    rows = [{**PERSON, **change} for change in changes for _ in range(times)]
    return pd.DataFrame([{"newID": f"p{number:04d}", **row} for number, row in enumerate(rows)])


def survey(**keys: Any) -> Sources:
    """A declaration of a 2017 file; by default no cell is withheld."""
    source = {name: keys.pop(name) for name in ("encoding",) if name in keys}
    return declared(layout="cmds", survey={"wave": 2017, "fields": "cmds_2017", "small_cells": 0, **keys}, **source)


@pytest.fixture
def read_survey(tmp_path: Path) -> Callable[..., FileReading]:
    """Write a frame (or bytes) as .dta or .sav and read it."""

    def _read(frame: pd.DataFrame | bytes, name: str = "cmds.dta", **keys: Any) -> FileReading:
        path = tmp_path / name
        if isinstance(frame, bytes):
            path.write_bytes(frame)
        elif path.suffix == ".dta":
            pyreadstat.write_dta(frame, str(path))
        else:
            pyreadstat.write_sav(frame, str(path))
        reading = read_file(tmp_path, path, survey(**keys), load_registry())
        counts = reading.source_file
        assert counts["rows_read"] == counts["rows_loaded"] + counts["rows_rejected"] + counts["rows_set_aside"]
        # Whose record is refused stays private: what is published has counts, and no number of a record.
        assert all(record["row"] == 0 for record in reading.rejected_row)
        told = [record for record in reading.rejected_row if record["raw"]]
        assert all(record["code"] == "survey_refused" for record in told)
        assert sum(int(record["raw"]) for record in told) == (counts["rows_rejected"] if reading.tables else 0)
        return reading

    return _read


def edges(reading: FileReading, network: str = "cmds") -> dict[tuple[int, int], float]:
    """(origin, destination) -> flow of one network."""
    flow = reading.tables["flow"].to_pandas()
    flow = flow[flow["network"] == network]
    return {(o, d): f for o, d, f in zip(flow["origin_code"], flow["destination_code"], flow["flow"], strict=True)}


def reasons(reading: FileReading) -> list[tuple[int, str]]:
    """(row, code) of every refusal: of the respondents, else of the file."""
    if "refused_respondent" in reading.tables:
        refused = reading.tables["refused_respondent"].to_pandas()
        return sorted(zip(refused["row"], refused["code"], strict=True))
    return sorted((record["row"], record["code"]) for record in reading.rejected_row)
