"""Who runs what, where and why: the columns of run_manifest that say how a publication came about.

Belongs here: host, person, commit of the code. Does not belong here: what started the run (dagster_project/tags.py),
what it reads or makes. Names of people and machines stay in the workspace: nothing sends them anywhere.
"""

import getpass
import os
import platform
import subprocess
from pathlib import Path

from catalog.base import PROJECT_DIR
from medpanel.reuse.code import ROOMS

PERSON = "MEDPANEL_PERSON"
# Appended to the commit if the code is not that of the commit.
CHANGED = " + changes"
_GIT_SECONDS = 10.0


def host() -> str:
    """Name of this machine."""
    return platform.node()


def person() -> str:
    """MEDPANEL_PERSON, else the user of the operating system, by number if that user has no name."""
    try:
        return os.environ.get(PERSON) or getpass.getuser()
    except (KeyError, OSError, ImportError):
        return f"uid {os.getuid()}" if hasattr(os, "getuid") else "unknown"


def code_commit(project: Path = PROJECT_DIR) -> str:
    """Commit of the project's checkout, with CHANGED if its code differs; '' without git, or in another's checkout."""
    if Path(_git(project, "rev-parse", "--show-toplevel") or ".") != project.resolve():
        return ""
    commit = _git(project, "rev-parse", "HEAD")
    rooms = [room for room in ROOMS if (project / room).exists()]
    return commit and commit + (CHANGED if _git(project, "status", "--porcelain", "--", *rooms) else "")


def _git(project: Path, *arguments: str) -> str:
    """What git answers; '' if there is no git, no checkout, or no answer."""
    try:
        done = subprocess.run(
            ["git", "-C", str(project), *arguments],
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=_GIT_SECONDS,
            env={**os.environ, "GIT_OPTIONAL_LOCKS": "0"},
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
