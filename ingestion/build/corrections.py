"""Applying the corrections file: in one place, after reading, to the exact cell and text it names or not at all.

The file and its permitted content: catalog/declarations/corrections.py.
"""

import unicodedata
from collections.abc import Sequence

from catalog import Registry
from catalog.base import CatalogError
from catalog.declarations.corrections import CONFIRMED, Correction
from ingestion.checks.plausibility import plausible_range
from ingestion.problems import require
from ingestion.reading import FileReading, Record, recount
from ingestion.row_account import convert
from ingestion.vocabulary.numbers import parse_number


def apply_corrections(
    readings: Sequence[FileReading], corrections: Sequence[Correction], registry: Registry
) -> list[Record]:
    """Turn each corrected cell into an observation of status `corrected` that keeps its text as received.

    Changes the readings in place. Returns one record of lake table `correction` for each: `applied`; `stale` when the
    cell holds another text or another figure, which `found` then shows; `unused` when no such cell was read. The
    value is in the unit the file prints. Raises CatalogError if a value to apply is implausible and not confirmed.
    """
    by_path = {reading.source_file["path"]: reading for reading in readings}
    return [_apply(by_path.get(unicodedata.normalize("NFC", c.file)), c, registry) for c in corrections]


def _apply(reading: FileReading | None, correction: Correction, registry: Registry) -> Record:
    found, state = None, "unused"
    cells = (*reading.observation, *reading.missing_cell, *reading.refused_cell) if reading is not None else ()
    cell = next((c for c in cells if (c["sheet"], c["cell"]) == (correction.sheet, correction.cell)), None)
    if reading is not None and cell is not None:
        found, state = cell["raw"], "applied"
        figure = (cell["entity_code"], cell["year"], cell["indicator"])
        level = "province" if cell["entity_level"] == "nation" else cell["entity_level"]
        if (*figure, level) != (correction.code, correction.year, correction.indicator, correction.level):
            found, state = f"{found} ({' '.join(str(part) for part in figure)})", "stale"
        elif found != correction.expect:
            state = "stale"
        else:
            _replace(reading, cell, _value(correction, cell, registry))
    return {
        "path": correction.file,
        "sheet": correction.sheet,
        "cell": correction.cell,
        "entity_code": correction.code,
        "year": correction.year,
        "indicator": correction.indicator,
        "expected": correction.expect,
        "found": found,
        "value": float(correction.value),
        "state": state,
        "reason": correction.reason,
        "source": correction.source,
        "status": correction.status,
    }


def _value(correction: Correction, cell: Record, registry: Registry) -> float:
    """The corrected value in the canonical unit.

    Raises CatalogError if it is outside the registry's range and not confirmed, and for a confirmed one that is not the
    figure as printed.
    """
    value = convert(correction.value, cell["raw_unit"], correction.indicator, registry)
    low, high = plausible_range(correction.indicator, cell["entity_level"], registry)
    at = f"correction of {correction.file} {correction.sheet} {correction.cell}"
    if correction.status == CONFIRMED:
        printed = parse_number(cell["raw"], percent=cell["raw_unit"].endswith("%"))
        require(
            printed == correction.value,
            CatalogError(
                f"{at}: {correction.value} is confirmed, and the cell prints {cell['raw']!r}; what is wrong is "
                f"corrected with another status / 确认的数值与原文“{cell['raw']}”不符"
            ),
        )
        return value
    require(
        low <= value <= high,
        CatalogError(
            f"{at}: {correction.value} {cell['raw_unit']} is {value:g} {cell['unit']}, outside the plausible range "
            f"{low:g} to {high:g}; the value is in the unit the file prints; if it is right, `status: confirmed` / "
            f"超出合理范围；数值以文件所用单位填写，如确属实情，请写 status: confirmed"
        ),
    )
    return value


def _replace(reading: FileReading, cell: Record, value: float) -> None:
    """Replace whatever the cell was with the corrected figure."""
    place = (cell["sheet"], cell["cell"])
    for records in (reading.observation, reading.missing_cell, reading.refused_cell, reading.rejected_row):
        records[:] = [record for record in records if (record["sheet"], record["cell"]) != place]
    reading.observation.append({**cell, "value": value, "status": "corrected"})
    recount(reading)
