"""What every test may use: two folders and a contract that lie outside the project, and no usage reporting; a test
that tries to connect beyond this machine fails; and how tests are shared out over the cores.

`real_data`, `reference` and `contract` are never copied into the project. Where they are absent the test is skipped
with the reason; in continuous integration (CI set) with ../shared present, that skip would hide a fault and fails.
"""

import os
import runpy
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).resolve().parent.parent
SHARED = PROJECT.parent / "shared"
# Folders whose tests share whole runs, longest first: one worker makes each run once, and starts with the long ones.
ONE_WORKER = ("pipeline", "safety", "dbt")
# Files of these folders whose runs no other file shares.
APART = ("pipeline/test_three_years.py", "pipeline/test_adding.py")


def pytest_configure() -> None:
    """Set the switches `make test` sets, for people who start pytest themselves; property tests try the same examples
    in every run (`make fuzz` searches further)."""
    from hypothesis import settings

    import bootstrap

    os.environ.update(bootstrap.SWITCHES)
    _watch_connections()
    settings.register_profile("same_examples", derandomize=True, database=None)
    settings.load_profile("same_examples")


def _watch_connections() -> None:
    """Refuse connections beyond this machine, here and in every Python process a test starts; each has its notes."""
    folder = PROJECT / "tests" / "no_network"
    runpy.run_path(str(folder / "sitecustomize.py"))
    others = [one for one in os.environ.get("PYTHONPATH", "").split(os.pathsep) if one and one != str(folder)]
    os.environ["PYTHONPATH"] = os.pathsep.join([str(folder), *others])
    handle, path = tempfile.mkstemp(prefix="medpanel-connections-")
    os.close(handle)
    os.environ["MEDPANEL_TEST_CONNECTIONS"] = path


@pytest.fixture(autouse=True)
def nothing_is_sent() -> Iterator[None]:
    """Fails the test during which something tried to connect beyond this machine, also if that was then ignored."""
    path = Path(os.environ["MEDPANEL_TEST_CONNECTIONS"])
    before = path.stat().st_size
    yield
    if path.stat().st_size > before:
        pytest.fail(
            "tried to connect beyond this machine:\n" + path.read_text(encoding="utf-8", errors="replace")[before:]
        )


def pytest_unconfigure() -> None:
    """Take the notes away."""
    Path(os.environ.get("MEDPANEL_TEST_CONNECTIONS", "")).unlink(missing_ok=True)


def _group(path: str) -> str:
    """What stays on one worker: a folder of ONE_WORKER, else a file. `path` is that of a test below tests/."""
    folder = path.split("/")[0]
    return folder if folder in ONE_WORKER and path not in APART else path


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long groups first, so that none is begun when everything else has ended."""
    order = (ONE_WORKER[0], *APART, *ONE_WORKER[1:])

    def place(item: pytest.Item) -> int:
        group = _group(item.path.relative_to(PROJECT / "tests").as_posix())
        return order.index(group) if group in order else len(order)

    items.sort(key=place)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Groups of tests, in order of collection (xdist's own marks of groups have no effect under pytest 9.2)."""
    from xdist.scheduler import LoadScopeScheduling

    class Groups(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return _group(nodeid.split("::")[0].removeprefix("tests/"))

    return Groups(config, log)


def _outside(variable: str, default: Path) -> Path:
    """What an environment variable names (relative to the project), or the default."""
    path = PROJECT / os.environ[variable] if os.environ.get(variable) else default
    if path.exists():
        return path
    reason = f"{variable}: {path} is absent; set {variable} to where it lies to run this test"
    if os.environ.get("CI") and SHARED.is_dir():
        pytest.fail(f"{reason} (not skipped: CI is set and {SHARED} is there)")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Real files as received; MEDPANEL_REAL_DATA, by default ../shared/data."""
    return _outside("MEDPANEL_REAL_DATA", SHARED / "data")


@pytest.fixture(scope="session")
def reference() -> Path:
    """Reference cases of published and peer results; MEDPANEL_REFERENCE, by default ../shared/reference."""
    return _outside("MEDPANEL_REFERENCE", SHARED / "reference")


@pytest.fixture(scope="session")
def contract() -> Path:
    """What analysts were promised of the published tables; MEDPANEL_CONTRACT, by default ../shared/contract.md."""
    return _outside("MEDPANEL_CONTRACT", SHARED / "contract.md")
