"""From files as received to observations with provenance: bytes in, observations and refusals out.

Belongs here: recognising layouts, reading them, matching names and units, accounting for every row.
Does not belong here: correcting, choosing between vintages, filling gaps (dbt/) or statistics (models_py/).
"""

from ingestion.build.lake import LakeSummary, build_lake
from ingestion.reading import FileReading, read_file

__all__ = ["FileReading", "LakeSummary", "build_lake", "read_file"]
