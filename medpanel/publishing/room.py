"""No room on the disk: recognising it, and saying what to free.

Does not belong here: making room. Publishing stops before its switch; the last publication is whole and current.
"""

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from medpanel.program import command
from medpanel.publishing.inputs import PublishError

# EFBIG: a limit on the size of files stops a write as a full disk does.
NO_ROOM = frozenset({errno.ENOSPC, errno.EFBIG, *([errno.EDQUOT] if hasattr(errno, "EDQUOT") else [])})
_SAID = ("no space left", "file too large", "quota exceeded")


def no_room(error: BaseException) -> bool:
    """Whether an error, of the system or of DuckDB, is for want of room."""
    return getattr(error, "errno", None) in NO_ROOM or any(words in str(error).lower() for words in _SAID)


@contextmanager
def explained(root: Path) -> Iterator[None]:
    """Turns errors for want of room into a PublishError that says what to free."""
    import duckdb

    try:
        yield
    except (OSError, duckdb.Error) as error:
        if no_room(error):
            # Without its cause: a run shows the root cause, which says nothing of what to free.
            raise PublishError(_what_to_free(root, error)) from None
        raise


def _what_to_free(root: Path, error: BaseException) -> str:
    free = shutil.disk_usage(root).free / 1e6
    # The screen cuts what is long: both languages come before the system's own words.
    return (
        f"the disk of {root} is full ({free:.0f} MB free). The last publication is whole and still current. Free some "
        f"room: `{command('prune', '--keep', '1', '--data', str(root))}` removes older publications, `cache --clear` "
        f"with the same --data results kept for reuse; then run again. / "
        f"磁盘空间不足（剩余{free:.0f} MB）。原有发布完好，仍为当前发布。"
        f"请用上述 prune 命令清理旧发布，或用 cache --clear 清除保留结果，然后重新运行。 ({error})"
    )
