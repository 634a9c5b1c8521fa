"""All files together, once each is read: downloads in line, corrections applied, contradictions and repeats refused.

Belongs here: the order of these steps, the same for a run (lake.py) and for looking at files beforehand
(medpanel/inspection). Does not belong here: the steps themselves, reading, and writing.
"""

import unicodedata
from collections.abc import Sequence

from catalog import Registry, Sources
from catalog.declarations.corrections import Correction
from ingestion.build.conflicts import refuse_conflicts, refuse_repeated_files
from ingestion.build.corrections import apply_corrections
from ingestion.build.supersession import put_in_line
from ingestion.readers import FILE_LAYOUTS
from ingestion.reading import FileReading, Record


def settled(
    readings: list[FileReading], sources: Sources, corrections: Sequence[Correction], registry: Registry
) -> tuple[list[FileReading], list[Record], dict[str, list[Record]]]:
    """The readings as they stand beside each other, a record of every correction, and tables made of many files.

    Changes the readings in place. Raises CatalogError for a correction that cannot be right.
    """
    refuse_repeated_files(readings)
    readings = put_in_line(readings, sources.downloads)
    applied = apply_corrections(readings, corrections, registry)
    again = apply_corrections(readings, _of_superseded(corrections, sources), registry)
    applied += [record for record in again if record["state"] == "applied"]
    made = _made_together(readings)
    refuse_conflicts(readings)
    return readings, applied, made


def _of_superseded(corrections: Sequence[Correction], sources: Sources) -> list[Correction]:
    """The corrections of a path once more for what stood there before, some of which may still be in use."""
    kept = [(path, row) for path, row in sources.downloads.readable.items() if row.state == "superseded"]
    return [
        correction.model_copy(update={"file": path})
        for correction in corrections
        for path, row in kept
        if unicodedata.normalize("NFC", correction.file) == row.path
    ]


def _made_together(readings: Sequence[FileReading]) -> dict[str, list[Record]]:
    """Lake tables that layouts make from all their files together; they refuse what repeats across these in place."""
    made: dict[str, list[Record]] = {}
    for layout in FILE_LAYOUTS:
        if layout.settle is not None:
            made |= layout.settle([one for one in readings if one.source_file["layout"] == layout.name])
    return made
