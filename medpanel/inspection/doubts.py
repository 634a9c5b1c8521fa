"""What a run would warn of in files that load: figures that fit another unit better, a year copied from the one before.

Belongs here: which of the run's warnings (expectations/observation.py) single files already show, told in both
languages. Does not belong here: the arithmetic of the checks, refusals (ingestion/), and printing.
"""

from collections.abc import Sequence

import pandas as pd

from catalog import load_registry
from catalog.base import Text
from expectations import observation
from expectations.plausibility import fitting_unit
from ingestion import FileReading
from ingestion.places.records import place_records

_COLUMNS = (
    "file_id", "sheet", "row", "cell", "entity_code", "entity_level", "year", "indicator", "vintage", "unit", "raw",
    "raw_unit", "value", "status",
)  # fmt: skip


def doubts(readings: Sequence[FileReading]) -> dict[str, list[Text]]:
    """file_id -> what a run would warn of."""
    records = [record for reading in readings for record in reading.observation]
    if not records:
        return {}
    places = pd.DataFrame(place_records())
    # As read: only a run chains editions.
    read = pd.DataFrame(records, columns=list(_COLUMNS)).assign(chosen=True, link_factor=float("nan"))
    rows = observation.prepare(read, places)
    found: dict[str, list[Text]] = {}
    for file_id, text in [*_copied_years(rows), *_other_units(rows)]:
        found.setdefault(file_id, []).append(text)
    return found


def _copied_years(rows: pd.DataFrame) -> list[tuple[str, Text]]:
    copied = rows[rows["repeat__"] > observation.REPEATED]
    return [
        (
            str(row["file_id"]),
            Text(
                en=f"{row['indicator']}: {row['repeat__']:.0%} of the figures of {row['year']} are those of "
                f"{row['year'] - 1} to the digit; check that the year was not copied from the one before",
                zh=f"{_label(row['indicator'])}：{row['year']}年有{row['repeat__']:.0%}的数值与{row['year'] - 1}年"
                "完全相同；请核对是否误抄上一年数据",
            ),
        )
        for row in copied.to_dict("records")
    ]


def _other_units(rows: pd.DataFrame) -> list[tuple[str, Text]]:
    """One for each table whose figures of provinces another unit would explain better."""
    found, registry = [], load_registry()
    table = ["file_id", "indicator", "raw_unit"]
    doubtful = rows[rows["unit__"].notna() & (rows["unit__"] != observation.FITS)]
    for key, own in rows[rows["value__"].notna()].groupby(table):
        file_id, name, unit = map(str, key)
        if not (doubtful[table] == [file_id, name, unit]).all(axis=1).any():
            continue
        better = fitting_unit(registry.indicators[name], unit, float(own["value"].median()))
        found.append(
            (
                file_id,
                Text(
                    en=f"{name}: the figures, read in {unit}, would rather be in {better}; check the unit",
                    zh=f"{_label(name)}：按“{unit}”读取，但数值更像以“{better}”为单位；请核对单位",
                ),
            )
        )
    return found


def _label(name: str) -> str:
    return load_registry().indicators[name].label.zh
