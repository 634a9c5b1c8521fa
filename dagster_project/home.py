"""Dagster's folder in a workspace: its settings, written before Dagster is first asked.

Belongs here: composing and writing dagster.yaml. Where records are kept, and what is asked of PostgreSQL: postgres.py.
"""

import os
from pathlib import Path

from catalog.base import CatalogError
from dagster_project import postgres
from medpanel.runs.workspace import Workspace

_HERE = Path(__file__).parent
_POSTGRES = "storage_postgres.yaml"


def prepare_dagster_home(workspace: Workspace) -> Path:
    """The workspace's Dagster folder with its settings written: telemetry off, one run at a time.

    Raises CatalogError where PostgreSQL is to keep the records and cannot, or did before and is no longer named.
    """
    workspace.dagster_home.mkdir(parents=True, exist_ok=True)
    settings, address = workspace.dagster_home / "dagster.yaml", os.environ.get(postgres.VARIABLE, "")
    before = settings.read_bytes() if settings.exists() else b""
    if address:
        # For Dagster here and in every process it starts.
        os.environ[postgres.VARIABLE] = postgres.claim(address, workspace.dagster_home)
    elif postgres.VARIABLE.encode() in before:
        raise CatalogError(
            f"{workspace.root} keeps Dagster's records in PostgreSQL, but {postgres.VARIABLE} is not set. Set it as "
            f"the service has it, or remove {settings} to begin new records in files / "
            f"该工作区的 Dagster 记录存于 PostgreSQL，但未设置 {postgres.VARIABLE}。请设为与服务相同的值，"
            "或删除上述文件，改在文件中重新开始记录。"
        )
    content = (_HERE / "dagster.yaml").read_bytes()
    content += (_HERE / (_POSTGRES if address else "storage_sqlite.yaml")).read_bytes()
    if before != content:
        # Another process may be reading it: never half a file.
        fresh = settings.with_name(f"{settings.name}.{os.getpid()}.tmp")
        fresh.write_bytes(content)
        fresh.replace(settings)
    return workspace.dagster_home
