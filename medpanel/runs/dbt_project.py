"""The dbt project from outside: making its manifest once, building from it, and the outcome of its tests.

Belongs here: calling dbt and reading its output. The models are in dbt/; the wiring is in dagster_project/.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.base import PROJECT_DIR, Text
from medpanel.reuse import files_sha256

if TYPE_CHECKING:
    import pandas as pd

DBT_DIR = PROJECT_DIR / "dbt"
TARGET_DIR = DBT_DIR / "target"
MANIFEST = TARGET_DIR / "manifest.json"
# The same, as dbt itself reads it.
_PARSED = TARGET_DIR / "partial_parse.msgpack"
_STAMP = TARGET_DIR / "manifest.sha256"


def dbt_executable() -> str:
    """dbt's program beside the running Python, so that no other installation on PATH is picked up."""
    found = shutil.which("dbt", path=str(Path(sys.executable).parent)) or shutil.which("dbt")
    if found is None:
        raise ManifestError("dbt is not installed in this environment; run `make setup`")
    return found


class ManifestError(RuntimeError):
    """The dbt manifest is absent or out of date."""


def project_sha256() -> str:
    """Hash of all source files of the dbt project."""
    kept, left = {".sql", ".yml", ".yaml", ".csv"}, {DBT_DIR / "target", DBT_DIR / "logs"}
    found = (path for path in sorted(DBT_DIR.rglob("*")) if path.suffix in kept)
    return files_sha256([path for path in found if left.isdisjoint(path.parents)], DBT_DIR)


def manifest_is_fresh() -> bool:
    """Whether the manifest was made from the present dbt project."""
    return MANIFEST.exists() and _STAMP.exists() and _STAMP.read_text(encoding="utf-8") == project_sha256()


def require_manifest() -> Path:
    """The manifest's path. Raises ManifestError saying what to do; never builds it, because definitions load often."""
    if not manifest_is_fresh():
        raise ManifestError(f"{MANIFEST} is absent or older than the dbt project: run `medpanel manifest`")
    return MANIFEST


def ensure_manifest() -> Path:
    """The manifest's path, made by `dbt parse` if absent or out of date. Raises ManifestError with dbt's own words."""
    if manifest_is_fresh():
        return MANIFEST
    sha256 = project_sha256()
    # In a folder of its own, then moved: another process may be loading the manifest, or making it as well.
    own = TARGET_DIR / f"parse-{os.getpid()}"
    own.mkdir(parents=True, exist_ok=True)
    command = [dbt_executable(), "parse", "--project-dir", str(DBT_DIR), "--profiles-dir", str(DBT_DIR)]
    environment = {
        **os.environ,
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DBT_TARGET_PATH": str(own),
        # Not opened; its name is that of every workspace's, so the manifest serves them all.
        "MEDPANEL_WAREHOUSE": str(own / "warehouse.duckdb"),
    }
    try:
        outcome = subprocess.run(command, cwd=DBT_DIR, env=environment, capture_output=True, text=True, check=False)
        if outcome.returncode != 0:
            raise ManifestError(f"dbt parse failed:\n{outcome.stdout}\n{outcome.stderr}")
        for name in (_PARSED.name, MANIFEST.name):
            (own / name).replace(TARGET_DIR / name)
    finally:
        shutil.rmtree(own, ignore_errors=True)
    _STAMP.write_text(sha256, encoding="utf-8")
    return MANIFEST


@dataclass(frozen=True)
class Built:
    """What `dbt build` did: the tables it made, and the outcome of every test with the columns of check_result."""

    success: bool
    tables: frozenset[str]
    tests: pd.DataFrame


def build(log: Path, selection: Sequence[str]) -> Built:
    """Run `dbt build` in this process, on the manifest as it is and the warehouse of MEDPANEL_WAREHOUSE.

    dbt's own output goes to `log`; its target folder is the one of `log`. A separate process would spend longer on
    starting, parsing and writing artefacts than on the SQL. Raises whatever stopped dbt itself.
    """
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner
    from dbt.contracts.graph.manifest import Manifest

    log.parent.mkdir(parents=True, exist_ok=True)
    manifest = Manifest.from_msgpack(_PARSED.read_bytes())
    folders = ["--project-dir", str(DBT_DIR), "--profiles-dir", str(DBT_DIR), "--target-path", str(log.parent)]
    quiet = ["--log-level", "none", "--log-level-file", "none", "--no-write-json", "--no-use-colors"]
    # dbt changes the working directory.
    with log.open("w", encoding="utf-8") as stream, contextlib.chdir(Path.cwd()):

        def say(event: Any) -> None:
            if event.info.level != "debug":
                print(event.info.ts.ToJsonString(), event.info.name, event.info.msg, file=stream, flush=True)

        try:
            outcome = dbtRunner(manifest, [say]).invoke(
                ["build", "--exclude-resource-type", "unit_test", *selection, *folders, *quiet]
            )
        finally:
            # The file has one owner at a time: others can read it only after dbt has let go of it.
            DuckDBConnectionManager.close_all_connections()
    if outcome.exception is not None:
        raise outcome.exception
    results = list(outcome.result)  # type: ignore[arg-type]
    tables = frozenset(result.node.name for result in results if result.status == "success")
    return Built(outcome.success, tables, _tests([result for result in results if result.node.resource_type == "test"]))


def _tests(results: Sequence[Any]) -> pd.DataFrame:
    import pandas as pd

    columns = ["check_name", "table_name", "passed", "severity", "observed", "description", "description_zh"]
    rows = pd.DataFrame([_test_row(result) for result in results], columns=columns)
    return rows.sort_values(["table_name", "check_name"], ignore_index=True)


def _test_row(result: Any) -> dict[str, Any]:
    node = result.node
    named = node.config.meta.get("dagster", {}).get("ref", {}).get("name")
    # Only generic tests are attached to a table and have a kind.
    attached = named or getattr(node, "attached_node", None) or node.depends_on.nodes[0]
    kind = node.test_metadata.name if hasattr(node, "test_metadata") else ""
    text = asserted(node.description, kind, getattr(node, "column_name", None) or "")
    return {
        "check_name": node.name,
        "table_name": attached.rsplit(".", 1)[-1],
        "passed": result.status == "pass",
        "severity": "critical" if node.config.severity.lower() == "error" else "warning",
        "observed": f"{result.failures or 0} rows violate it" if result.status != "error" else result.message,
        "description": text.en,
        "description_zh": text.zh,
    }


_KINDS = {
    "not_null": Text(en="never empty", zh="不得为空"),
    "unique": Text(en="no value twice", zh="取值唯一"),
    "unique_combination": Text(en="no key twice", zh="主键组合唯一"),
    "accepted_values": Text(en="known values only", zh="取值在规定范围内"),
    "relationships": Text(en="found in the table it refers to", zh="引用存在"),
}


def asserted(description: str, kind: str, column: str) -> Text:
    """What a test of dbt asserts: its own description, or what its kind means for a column."""
    english, _, chinese = description.partition(" / ")
    meant = _KINDS.get(kind, Text(en=kind or "test", zh=kind or "检验"))
    said = Text(en=f"{column}: {meant.en}", zh=f"{column}：{meant.zh}") if column else meant
    return Text(en=english or said.en, zh=chinese or said.zh)
