"""How much memory and time reading one file may take, and how a process is held to that by the system itself.

Belongs here: the numbers, and what the reading process can do against itself. Watching it from outside: helper.py.

Memory is what the process really occupies (its resident set), looked at twenty times a second from outside on every
system. That alone would let a fast reader run far beyond the bound between two looks, so Linux also gets a limit on
the data the process may map (RLIMIT_DATA), set anew for each file to just what is left: an allocation beyond it fails
at once, mostly as a MemoryError that refuses the file and harms nothing else. RLIMIT_AS would not do: libraries reserve
address space by the gigabyte and never touch it.
"""

import time
from dataclasses import dataclass

import psutil
import pyarrow as pa

from ingestion.formats.limits import MEMORY_BYTES

try:
    import resource
except ImportError:  # Windows has none: there the bounds are watched from outside only
    resource = None  # type: ignore[assignment]

# A process that holds more than this between two files gives way to a new one, so that each file finds as much room.
REST_BYTES = 400 * 2**20
# The largest ordinary file takes some ten seconds; computers under load are slower, and large tables take longer.
SECONDS = 120.0
SECONDS_A_MIB = 1.0
# Waiting for the disk and for other programs counts here, but not as work.
WALL_TIMES = 5
_GRACE_SECONDS = 5


@dataclass(frozen=True)
class Bounds:
    """What one call may take: bytes of memory, seconds of work of all its threads, seconds by the clock."""

    memory: int
    cpu_seconds: float
    wall_seconds: float


def bounds_for(size: int) -> Bounds:
    """The bounds of reading a file of so many bytes."""
    seconds = SECONDS + SECONDS_A_MIB * size / 2**20
    return Bounds(MEMORY_BYTES, seconds, WALL_TIMES * seconds)


def hold(bounds: Bounds) -> None:
    """Have the system hold this process to the bounds from now on; those of an earlier call end."""
    # Arrow's own allocator reserves a gigabyte at once, of which the limit could not tell what is used.
    pa.set_memory_pool(pa.system_memory_pool())
    if resource is None:
        return
    _limit(resource.RLIMIT_CORE, 0)
    # The process is stopped from outside before; this is for one whose parent has died.
    _limit(resource.RLIMIT_CPU, int(time.process_time() + bounds.cpu_seconds) + _GRACE_SECONDS)
    taken = psutil.Process().memory_info()
    if hasattr(taken, "data"):
        _limit(resource.RLIMIT_DATA, taken.data + max(0, bounds.memory - taken.rss))


def _limit(kind: int, most: int) -> None:
    _, hard = resource.getrlimit(kind)
    resource.setrlimit(kind, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
