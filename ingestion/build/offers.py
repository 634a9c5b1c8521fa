"""What files were to give and did not, because it was refused: a series must not slip to another vintage unnoticed.

Belongs here: which indicators a file had only refused figures of. What follows for a series: dbt/ and expectations/.
"""

from collections.abc import Iterable, Iterator

from catalog import Source, Sources
from catalog.lake import REFUSED
from ingestion.reading import FileReading, Record


def refused_offers(readings: Iterable[FileReading], sources: Sources) -> list[Record]:
    """One record of lake table `refused_offer` for each file, indicator and level of which no figure was loaded.

    Refused cells know their indicator; of a file refused as a whole its entry may. Files superseded or knowingly not
    read offer nothing.
    """
    found: list[Record] = []
    for reading in readings:
        source = sources.find(reading.source_file["path"])
        if source is not None and source.not_read is None and reading.source_file["superseded_by"] is None:
            found += _refused(reading, source)
    return found


def _refused(reading: FileReading, source: Source) -> Iterator[Record]:
    file = reading.source_file
    cells: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for record in reading.refused_cell:
        cells.setdefault((record["indicator"], record["entity_level"]), set()).add((record["sheet"], record["cell"]))
    if file["status"] == REFUSED:
        known = {indicator for indicator, _ in cells}
        cells |= {(indicator, source.level): set() for indicator in source.carries - known}
    loaded = {(record["indicator"], record["entity_level"]) for record in reading.observation}
    for (indicator, level), places in sorted(cells.items()):
        if (indicator, level) in loaded:
            continue
        causes = [record for record in reading.rejected_row if (record["sheet"], record["cell"]) in places]
        yield {
            "file_id": file["file_id"],
            "indicator": indicator,
            "entity_level": level,
            "vintage": file["vintage"],
            "vintage_rank": file["vintage_rank"],
            "problem": causes[0]["reason"] if causes else file["problem"],
            "fallback": source.fallback,
        }
