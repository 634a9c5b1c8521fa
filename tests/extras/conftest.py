"""What `make extras-test` needs of the machine: programs the distribution packages, found or asked for by name.

Belongs here: which programs a test asks for, and what is said where they are absent. A test asks for one by a fixture
of its name. Absent, it fails and says what to install; on a machine that is not to have it, name it in
MEDPANEL_EXTRAS_WITHOUT (`MEDPANEL_EXTRAS_WITHOUT="java r"`), and its tests are left out with that as the reason.
"""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

WITHOUT = "MEDPANEL_EXTRAS_WITHOUT"


@dataclass(frozen=True)
class Extra:
    """Programs a test needs. `package`: what brings them on Debian and Ubuntu. `folders`: places beside PATH."""

    programs: tuple[str, ...]
    package: str
    folders: tuple[str, ...] = ()


EXTRAS = {
    "postgresql": Extra(("initdb", "pg_ctl", "pg_dump"), "postgresql", ("/usr/lib/postgresql/*/bin",)),
    "systemd": Extra(("systemd-analyze",), "systemd"),
    "java": Extra(("java",), "default-jre-headless"),
    "r": Extra(("Rscript",), "r-base-core"),
    "network_namespace": Extra(("unshare", "ip"), "util-linux iproute2"),
}


def found(name: str) -> Path | None:
    """The folder that has every program of an extra; None where there is no such folder."""
    extra = EXTRAS[name]
    beside = [path for pattern in extra.folders for path in sorted(Path("/").glob(pattern.lstrip("/")), reverse=True)]
    first = shutil.which(extra.programs[0])
    for folder in [*beside, *([Path(first).parent] if first else [])]:
        if all(shutil.which(program, path=f"{folder}{os.pathsep}{os.environ['PATH']}") for program in extra.programs):
            return folder
    return None


def needed(name: str) -> Path:
    """The folder of the programs, or the end of the test with what to do about it."""
    folder = found(name)
    if folder is not None:
        return folder
    extra = EXTRAS[name]
    if name in os.environ.get(WITHOUT, "").split():
        pytest.skip(f"{WITHOUT} names {name}: this machine is not to have {', '.join(extra.programs)}")
    pytest.fail(
        f"{', '.join(extra.programs)} not found: install the distribution's package {extra.package} "
        f"(apt-get install {extra.package}), or set {WITHOUT}={name} to leave these tests out / "
        f"未找到上述程序：请安装软件包{extra.package}，或设 {WITHOUT}={name} 略过这些测试",
        pytrace=False,
    )


@pytest.fixture(scope="session")
def postgresql() -> Path:
    """Folder of PostgreSQL's programs."""
    return needed("postgresql")


@pytest.fixture(scope="session")
def systemd_analyze() -> Path:
    """The program that reads units as systemd does."""
    return needed("systemd") / "systemd-analyze"


@pytest.fixture(scope="session")
def java() -> Path:
    """The Java runtime."""
    return needed("java") / "java"


@pytest.fixture(scope="session")
def rscript() -> Path:
    """The program that runs R scripts."""
    return needed("r") / "Rscript"


@pytest.fixture(scope="session")
def no_network() -> list[str]:
    """Words before a command that take every network but this machine's own from it."""
    if sys.platform != "linux":
        pytest.fail("taking the network away is known for Linux alone", pytrace=False)
    folder = needed("network_namespace")
    return [str(folder / "unshare"), "--map-root-user", "--net", "sh", "-c", 'ip link set lo up; exec "$@"', "sh"]
