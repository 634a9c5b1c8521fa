"""The dbt project from outside: its manifest, made once, and the outcome of its tests.

Belongs here: calling dbt and reading its artefacts. The models are dbt/; the wiring is dagster_project/.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.base import PROJECT_DIR

if TYPE_CHECKING:
    import pandas as pd

DBT_DIR = PROJECT_DIR / "dbt"
TARGET_DIR = DBT_DIR / "target"
MANIFEST = TARGET_DIR / "manifest.json"
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
    """Hash of everything the dbt project is written in."""
    digest = hashlib.sha256()
    kept = {".sql", ".yml", ".yaml", ".csv"}
    for path in sorted(DBT_DIR.rglob("*")):
        relative = path.relative_to(DBT_DIR)
        if path.suffix in kept and relative.parts[0] not in {"target", "logs"}:
            digest.update(relative.as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def manifest_is_fresh() -> bool:
    """Whether the manifest was made from the dbt project as it stands."""
    return MANIFEST.exists() and _STAMP.exists() and _STAMP.read_text(encoding="utf-8") == project_sha256()


def require_manifest() -> Path:
    """The manifest's path. Raises ManifestError with what to do; never builds it, because definitions load often."""
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
    environment = {**os.environ, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "DBT_TARGET_PATH": str(own)}
    try:
        outcome = subprocess.run(command, cwd=DBT_DIR, env=environment, capture_output=True, text=True, check=False)
        if outcome.returncode != 0:
            raise ManifestError(f"dbt parse failed:\n{outcome.stdout}\n{outcome.stderr}")
        for name in ("partial_parse.msgpack", MANIFEST.name):
            (own / name).replace(TARGET_DIR / name)
    finally:
        shutil.rmtree(own, ignore_errors=True)
    _STAMP.write_text(sha256, encoding="utf-8")
    return MANIFEST


def test_results(target: Path) -> pd.DataFrame:
    """Outcome of every dbt test of the last run in `target`, with the columns of check_result."""
    import pandas as pd

    nodes = json.loads((target / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    results = json.loads((target / "run_results.json").read_text(encoding="utf-8"))["results"]
    rows = [_test_row(nodes[r["unique_id"]], r) for r in results if r["unique_id"].startswith("test.")]
    columns = ["check_name", "table_name", "passed", "severity", "observed", "description", "description_zh"]
    return pd.DataFrame(rows, columns=columns).sort_values(["table_name", "check_name"], ignore_index=True)


def _test_row(node: dict[str, Any], result: dict[str, Any]) -> dict[str, Any]:
    named = node["config"].get("meta", {}).get("dagster", {}).get("ref", {}).get("name")
    attached = named or node.get("attached_node") or node["depends_on"]["nodes"][0]
    english, _, chinese = (node.get("description") or "").partition(" / ")
    kind = (node.get("test_metadata") or {}).get("name", "")
    column = node.get("column_name") or ""
    return {
        "check_name": node["name"],
        "table_name": attached.rsplit(".", 1)[-1],
        "passed": result["status"] == "pass",
        "severity": "critical" if node["config"]["severity"].lower() == "error" else "warning",
        "observed": f"{result['failures'] or 0} rows violate it" if result["status"] != "error" else result["message"],
        "description": english or f"{kind} {column}".strip(),
        "description_zh": chinese or f"{_KINDS_ZH.get(kind, kind)} {column}".strip(),
    }


_KINDS_ZH = {
    "not_null": "不得为空",
    "unique": "取值唯一",
    "unique_combination": "主键组合唯一",
    "accepted_values": "取值在规定范围内",
    "relationships": "引用存在",
}
