"""The folders of one body of data: input, lake, working file, results and publications.

Belongs here: paths and the declaration that goes with them. Does not belong here: reading or writing data.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from catalog import Sources, Study, load_own_studies, load_sources, load_studies
from catalog.base import PROJECT_DIR, CatalogError
from catalog.declarations.corrections import Correction, load_corrections
from medpanel.program import command
from medpanel.reuse import files_sha256, fingerprint

DEFAULT_ROOT = PROJECT_DIR / "data"
REAL_ROOT = DEFAULT_ROOT / "real"
# What follows a ? databases take for options, and %41 for an A. The others make a path a pattern: Dagster would not
# find its settings, and report usage.
_NO_FOLDER = re.compile(r"[?*\[]|%[0-9A-Fa-f]{2}")
REAL_SOURCES = PROJECT_DIR / "catalog" / "inputs" / "real.yaml"


def real_data_folder() -> Path:
    """Folder of the real input files: MEDPANEL_REAL_DATA, by default ../shared/data beside the project."""
    return Path(os.environ.get("MEDPANEL_REAL_DATA") or PROJECT_DIR.parent / "shared" / "data").resolve()


@dataclass(frozen=True)
class Workspace:
    """One body of data. `root` holds everything written; `sources_path` is its sources.yaml."""

    root: Path
    sources_path: Path

    @classmethod
    def at(cls, root: Path | None = None, sources: Path | None = None) -> Workspace:
        """The workspace in `root` (default data/), declared by `sources` (default <root>/raw/sources.yaml).

        Raises CatalogError for a folder at whose path databases and Dagster cannot work.
        """
        root = (root or DEFAULT_ROOT).resolve()
        if bad := _NO_FOLDER.search(str(root)):
            raise CatalogError(
                f"{root}: the path of a workspace must not contain {bad[0]}; use another folder / "
                f"工作区路径不得含有 {bad[0]}，请改用其他文件夹"
            )
        return cls(root, (sources or root / "raw" / "sources.yaml").resolve())

    @classmethod
    def from_environment(cls) -> Workspace:
        """The workspace named by MEDPANEL_DATA and MEDPANEL_SOURCES, or the default one."""
        root, sources = os.environ.get("MEDPANEL_DATA"), os.environ.get("MEDPANEL_SOURCES")
        return cls.at(Path(root) if root else None, Path(sources) if sources else None)

    def named(self, *, sources: bool = True) -> list[str]:
        """What a command has to say of a workspace that is not the usual one."""
        usual = self.root / "raw" / "sources.yaml"
        said = [] if self.root == DEFAULT_ROOT else ["--data", str(self.root)]
        return said + ([] if not sources or self.sources_path == usual else ["--sources", str(self.sources_path)])

    @property
    def again(self) -> str:
        """The command that runs everything in this workspace once more."""
        return command("run", *self.named())

    def to_environment(self) -> dict[str, str]:
        """Variables that make another process, dbt or Dagster, work on this workspace."""
        return {
            "MEDPANEL_DATA": str(self.root),
            "MEDPANEL_SOURCES": str(self.sources_path),
            "MEDPANEL_REAL_DATA": str(real_data_folder()),
            "MEDPANEL_WAREHOUSE": str(self.warehouse),
            "DAGSTER_HOME": str(self.dagster_home),
            "MEDPANEL_EVENT_LOG": str(self.dagster_home / "history" / "runs"),
            "DAGSTER_EVENT_BATCH_SIZE": "1000",
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            "GX_ANALYTICS_ENABLED": "false",
            "DO_NOT_TRACK": "1",
        }

    @property
    def lake(self) -> Path:
        """Parquet files of the data read."""
        return self.root / "lake"

    @property
    def work(self) -> Path:
        """Private working files."""
        return self.root / "work"

    @property
    def service_lock(self) -> Path:
        """The file a service locks for as long as it runs."""
        return self.work / "service.lock"

    @property
    def warehouse(self) -> Path:
        """The private DuckDB file dbt builds in."""
        return self.work / "warehouse.duckdb"

    @property
    def results(self) -> Path:
        """Parquet files of statistics and checks."""
        return self.work / "results"

    @property
    def cache(self) -> Path:
        """Results of earlier runs, kept for runs that would make the same again (medpanel/reuse)."""
        return self.root / "cache"

    @property
    def files_read(self) -> Path:
        """What readers keep of each input file (ingestion/build/reading_cache.py)."""
        return self.lake / "files"

    @property
    def dbt_target(self) -> Path:
        """Where dbt puts its artefacts when it runs for this workspace."""
        return self.work / "dbt"

    @property
    def dagster_home(self) -> Path:
        """Dagster's own records of runs."""
        return self.root / "dagster"

    @property
    def lake_summary(self) -> Path:
        """What the last file reading did: timings, reuse, hash of the inputs."""
        return self.lake / "summary.json"

    def sources(self) -> tuple[Sources, Path]:
        """The declaration and the input folder. Raises CatalogError saying what to do if there is none."""
        if not self.sources_path.exists():
            raise CatalogError(
                f"{self.sources_path}: no such file. `medpanel demo` makes sample input; for your own files, put them "
                f"into one folder with a sources.yaml; `medpanel inspect FOLDER` writes one to complete. / 文件不存在。"
                "medpanel demo 生成样例；自有文件请与 sources.yaml 同放，medpanel inspect 可列出待补全的条目。"
            )
        os.environ.setdefault("MEDPANEL_REAL_DATA", str(real_data_folder()))
        return load_sources(self.sources_path, self.own_studies)

    def corrections(self) -> tuple[Correction, ...]:
        """The corrections the declaration names; none if it names no file. Raises CatalogError."""
        sources, _ = self.sources()
        if sources.corrections is None:
            return ()
        return load_corrections(self.sources_path.parent / sources.corrections)

    @property
    def own_studies(self) -> Path:
        """Study files of this workspace alone, beside its input."""
        return self.root / "studies"

    def known_studies(self) -> dict[str, Study]:
        """The studies this workspace may declare: the catalog's, and its own. Raises CatalogError."""
        return load_studies() | load_own_studies(self.own_studies)

    def studies(self) -> dict[str, Study]:
        """The studies this workspace declares; all it may declare until there is a declaration."""
        known = self.known_studies()
        if not self.sources_path.exists():
            return known
        return {name: known[name] for name in self.sources()[0].studies}

    def config_sha256(self) -> str:
        """Hash of everything declared: the catalog, its facts, this workspace's sources.yaml and its own facts."""
        catalog, seeds = PROJECT_DIR / "catalog", PROJECT_DIR / "dbt" / "seeds"
        facts = [*sorted(seeds.rglob("*.csv")), *sorted(catalog.rglob("*.csv"))]
        divisions = self.sources()[0].divisions
        return fingerprint(
            catalog=files_sha256([*sorted(catalog.rglob("*.yaml")), *facts], PROJECT_DIR),
            divisions=divisions.sha256 if divisions else "",
            sources=files_sha256([self.sources_path]),
            own_studies=files_sha256(sorted(self.own_studies.glob("*.yaml")), self.root),
            corrections=list(self.corrections()),
        )
