"""The environment variables this program reads, and what to say of one that it does not.

Belongs here: their names. A test compares them with the code, so that none is forgotten. What each does: where it is
read, and docs/en/office.md.
"""

from collections.abc import Iterable

from catalog.base import Told
from catalog.key_errors import nearest

PREFIX = "MEDPANEL_"
# Read by commands and services.
READ = frozenset(
    {
        "MEDPANEL_ADVISORIES",
        "MEDPANEL_DAGSTER_POSTGRES",
        "MEDPANEL_DATA",
        "MEDPANEL_EVENT_LOG",
        "MEDPANEL_LANGUAGE",
        "MEDPANEL_LOCK_WAIT",
        "MEDPANEL_PERSON",
        "MEDPANEL_REAL_DATA",
        "MEDPANEL_RETRY_SECONDS",
        "MEDPANEL_SETTLE_SECONDS",
        "MEDPANEL_SOURCES",
        "MEDPANEL_WAREHOUSE",
    }
)
# Set for the commands of `notify:`, which may start this program in turn.
GIVEN = frozenset(
    {"MEDPANEL_OUTCOME", "MEDPANEL_PUBLISHED", "MEDPANEL_RUN_ID", "MEDPANEL_TRIGGER", "MEDPANEL_WORKSPACE"}
)
# Of tests and benchmarks.
TESTS = (
    *("MEDPANEL_TEST_", "MEDPANEL_EXTRAS_", "MEDPANEL_FUZZ", "MEDPANEL_UPDATE_", "MEDPANEL_REFERENCE"),
    "MEDPANEL_CONTRACT",
)


def unknown(names: Iterable[str]) -> list[Told]:
    """A line for each variable that looks like ours and is none, with the nearest that is."""
    ours = sorted(name for name in names if name.startswith(PREFIX) and not name.startswith(TESTS))
    return [_told(name) for name in ours if name not in READ | GIVEN]


def _told(name: str) -> Told:
    near = nearest(name, READ)
    meant = (f"; did you mean {near}?", f"；是否想写 {near}？") if near else ("", "")
    return Told(
        f"the environment variable {name} is read by nothing{meant[0]}", f"没有程序读取环境变量 {name}{meant[1]}"
    )
