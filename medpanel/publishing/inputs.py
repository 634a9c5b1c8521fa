"""What a publication is made from, and the error that publishing raises. Making it: publication.py."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

import pandas as pd

from catalog import Study, load_studies
from catalog.base import refuse
from medpanel.reuse import Store
from models_py.figures.show import Lang

DataKind = Literal["real", "synthetic"]
# Folders of files in a study's results, and where they stand below report/<study>/ in a publication.
FOLDERS = {"report": ".", "replication": "replication"}


class PublishError(RuntimeError):
    """Publishing stopped; the last publication is unchanged. The message says what is wrong and where."""


@dataclass(frozen=True)
class RunInfo:
    """The run that publishes. `started_at` carries its time zone; the hashes are hexadecimal SHA-256.

    accepted_loss  the user's reason for publishing although something published before is gone; '' without one
    again          the command that runs the same once more, as a message advises it
    host … trigger how the run came about (medpanel/runs/provenance.py)
    """

    run_id: str
    started_at: dt.datetime
    version: str
    config_sha256: str
    inputs_sha256: str
    seeds: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    accepted_loss: str = ""
    again: str = "medpanel run"
    host: str = ""
    person: str = ""
    code_commit: str = ""
    code_sha256: str = ""
    trigger: str = ""

    def __post_init__(self) -> None:
        refuse(
            (self.started_at.tzinfo is None, "started_at has no time zone"),
            (not self.run_id, "run_id is empty"),
        )

    @property
    def started_utc(self) -> dt.datetime:
        """Start in UTC, without a zone, as the database stores it."""
        return self.started_at.astimezone(dt.UTC).replace(tzinfo=None)


@dataclass(frozen=True)
class Publication:
    """Everything `publish` reads.

    root       workspace folder; publications/ and the links are made in it
    warehouse  DuckDB file with dbt's tables in the schema main; opened read-only
    results    folder holding <study>/<table>.parquet, further parts of tables <study>/<table>__<part>.parquet and
               checks/<suite>.parquet, with the record of run_state
    generation the file reading everything must have been computed from
    studies    studies of this run; results of others are ignored
    suites     check suites the publication rests on; the outcome of each must be on record
    timings    columns step, seconds, reused
    warehouse_key  fingerprint of what the warehouse was built from; '' if unknown
    store      what earlier runs published, for reuse; None: every file is written afresh
    lake       Parquet files of the latest file reading, asked why something is gone; None: nothing is known of it
    langs      languages of the report site; without any there is none
    lock_wait_seconds  how long to wait for another process to let go of the warehouse
    """

    root: Path
    data_kind: DataKind
    warehouse: Path
    results: Path
    generation: str
    studies: tuple[str, ...]
    suites: tuple[str, ...]
    run: RunInfo
    timings: pd.DataFrame
    warehouse_key: str = ""
    store: Store | None = None
    lake: Path | None = None
    langs: tuple[Lang, ...] = ()
    lock_wait_seconds: float = 30.0
    known: Mapping[str, Study] = field(default_factory=load_studies)

    def __post_init__(self) -> None:
        kinds = get_args(DataKind)
        refuse((self.data_kind not in kinds, f"data_kind is {self.data_kind!r}, expected one of {kinds}"))

    @property
    def declared(self) -> list[Study]:
        """The declarations of those studies that are known."""
        return [self.known[study] for study in self.studies if study in self.known]

    @property
    def study_files(self) -> list[tuple[str, str, Path]]:
        """Study, name and folder of what accompanies the studies' tables: reports and replication bundles."""
        wanted = [(study, name, self.results / study / name) for study in self.studies for name in FOLDERS]
        return [found for found in wanted if found[2].is_dir()]

    @property
    def id(self) -> str:
        """Name of the publication's folder: start in UTC, kind of data, head of the run's id."""
        return f"{self.run.started_utc:%Y%m%dT%H%M%SZ}-{self.data_kind}-{self.run.run_id[:8]}"

    @property
    def version(self) -> str:
        """What the publication is cited by: the program's version, and as its build metadata the publication's id."""
        return f"{self.run.version}+{self.id}"
